// Goal: patterns match as users of KEYS expect, odd ones included, and a hostile pattern takes no long time.
#include "base/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace tidemark {
namespace {

TEST(Glob, Matches) {
  struct Case {
    std::string_view pattern;
    std::string_view text;
    bool matches;
  };
  constexpr Case kCases[] = {
      {"*", "abc", true},
      {"a*c", "abbbc", true},
      {"a*c", "abbbd", false},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"a[bc]d", "acd", true},
      {"a[^bc]d", "acd", false},
      {"a[^bc]d", "axd", true},
      {"[a-c]x", "bx", true},
      {"[c-a]x", "bx", true},
      {"[a-c]x", "dx", false},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"a\\", "a\\", true},
      {"[\\]]", "]", true},
      {"[ab", "b", true},
      {"[ab", "c", false},
      {"[]a]", "a", false},
      {"*a*b*c", "xxaxxbxxc", true},
      {"*a*b*c", "xxaxxbxx", false},
      {"a**", "a", true},
      {"", "", true},
      {"", "a", false},
      {"a", "", false},
      {"*", "", false},
      {"**", "x", true},
      {"h?llo*world", "hello, my world", true},
      {"[a-]", "-", false},
      {"[a-]", "]", true},
  };
  for (const Case& c : kCases) EXPECT_EQ(GlobMatch(c.pattern, c.text), c.matches) << c.pattern << " on " << c.text;
}

TEST(Glob, CaseRule) {
  EXPECT_FALSE(GlobMatch("MAX*", "maxmemory"));
  EXPECT_TRUE(GlobMatch("MAX*", "maxmemory", CaseRule::kIgnore));
  EXPECT_TRUE(GlobMatch("[A-M]ax*", "maxmemory", CaseRule::kIgnore));
}

// The number of steps is at most |pattern| x |text|; a matcher that tried every split would not end.
TEST(Glob, HostilePatternEnds) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "a*";
  pattern += "b";
  EXPECT_FALSE(GlobMatch(pattern, std::string(10000, 'a')));
}

}  // namespace
}  // namespace tidemark
