// Goal: the hash is XXH3 as others compute it, for every length class of the algorithm.
#include "base/xxh3.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tidemark {
namespace {

// The first is the example of Redis' documentation of DIGEST, the others are those of Dragonfly's.
TEST(Xxh3Test, KnowsPublishedDigests) {
  EXPECT_EQ(Xxh3("Hello world"), 0xb6acb9d84a38ff74u);
  EXPECT_EQ(Xxh3("Hello, Dragonfly!"), 0x063b4909128e92b7u);
  EXPECT_EQ(Xxh3("test"), 0x9ec9f7918d7dfc40u);
  EXPECT_EQ(Xxh3("hello"), 0x9555e8555c62dcfdu);
}

TEST(Xxh3Test, LengthsDiffer) {
  std::set<uint64_t> digests;
  const std::string zeros(2000, '\0');
  for (size_t bytes = 0; bytes <= zeros.size(); ++bytes) digests.insert(Xxh3(std::string_view(zeros).substr(0, bytes)));
  EXPECT_EQ(digests.size(), zeros.size() + 1);
}

}  // namespace
}  // namespace tidemark
