// Goal: words and quotes are those of Redis, and what is quoted is read back unchanged.
#include "base/quoting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace tidemark {
namespace {

using Words = std::vector<std::string>;

TEST(Quoting, SplitsWords) {
  EXPECT_EQ(SplitWords("a  b\tc"), (Words{"a", "b", "c"}));
  EXPECT_EQ(SplitWords("  "), Words{});
  EXPECT_EQ(SplitWords("a \"\" ''"), (Words{"a", "", ""}));
  EXPECT_EQ(SplitWords("\"a b\" 'c \"d'"), (Words{"a b", "c \"d"}));
  EXPECT_EQ(SplitWords(R"("\x41\n\"\\\q" 'it\'s \n')"), (Words{"A\n\"\\q", "it's \\n"}));
  EXPECT_EQ(SplitWords("x\"y\""), (Words{"xy"}));
  for (const char* unbalanced : {"\"a", "'a", "\"a\"b", "'a'b", "a\"", "\"a\\\""}) {
    EXPECT_EQ(SplitWords(unbalanced), std::nullopt) << unbalanced;
  }
}

TEST(Quoting, EscapesAndUnbalancedQuotes) {
  struct Case {
    std::string line;
    Words words;
  };
  for (const Case& test :
       {Case{"", {}}, Case{"  \t ", {}}, Case{"one", {"one"}}, Case{" one  two\tthree ", {"one", "two", "three"}},
        Case{R"("two words" 'and two')", {"two words", "and two"}}, Case{R"("" '')", {"", ""}},
        Case{R"("\n\r\t\b\a\\\"\q")", {"\n\r\t\b\a\\\"q"}}, Case{R"("\x00\xfF\x4")", {std::string("\0\xff", 2) + "x4"}},
        Case{R"('\'' '\n' '\x41')", {"'", "\\n", "\\x41"}}, Case{R"(half"quoted")", {"halfquoted"}},
        Case{R"(a\nb)", {"a\\nb"}}}) {
    EXPECT_EQ(SplitWords(test.line), test.words) << test.line;
  }
  for (const std::string line : {"\"", "'", "\"a", "'a", "\"a\"b", "'a'b", "\"a\\\"", "'a\\'"}) {
    EXPECT_EQ(SplitWords(line), std::nullopt) << line;
  }
}

TEST(Quoting, WhatIsQuotedIsReadBack) {
  constexpr uint64_t kSeed = 7;
  Random random(kSeed);
  for (int round = 0; round < 1000; ++round) {
    std::string text;
    for (uint64_t i = random.Below(20); i > 0; --i) text.push_back(static_cast<char>(random.Next()));
    EXPECT_EQ(SplitWords(QuoteWord(text)), Words{text}) << "seed " << kSeed << " round " << round;
  }
}

}  // namespace
}  // namespace tidemark
