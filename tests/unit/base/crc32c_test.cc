// Goal: the checksum of flash records is CRC-32C, and both ways to compute it agree on every length and alignment.
#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/random.h"

namespace tidemark {
namespace {

TEST(Crc32c, KnownVectors) {
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

TEST(Crc32c, ExtendEqualsWhole) {
  EXPECT_EQ(ExtendCrc32c(Crc32c("12345"), "6789"), 0xe3069283u);
}

TEST(Crc32c, PortableAgrees) {
  Random random(7);
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    for (size_t skip = 0; skip < std::min<size_t>(bytes.size(), 9); ++skip) {
      const std::string_view part = std::string_view(bytes).substr(skip);
      ASSERT_EQ(ExtendCrc32c(5, part), ExtendCrc32cPortable(5, part)) << part.size();
    }
    bytes.push_back(static_cast<char>(random.Next()));
  }
}

}  // namespace
}  // namespace tidemark
