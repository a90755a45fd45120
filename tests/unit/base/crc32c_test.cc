// Goal: the checksum of flash records is CRC-32C.
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

// Bit by bit, as the polynomial says.
uint32_t ByDefinition(std::string_view bytes) {
  uint32_t state = 0xffffffff;
  for (const char byte : bytes) {
    state ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? 0x82f63b78 : 0);
  }
  return ~state;
}

TEST(Crc32c, AgreesWithItsDefinitionOnEveryLengthAndAlignment) {
  Random random(7);
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    for (size_t skip = 0; skip < std::min<size_t>(bytes.size(), 17); ++skip) {
      const std::string_view part = std::string_view(bytes).substr(skip);
      ASSERT_EQ(Crc32c(part), ByDefinition(part)) << part.size();
    }
    bytes.push_back(static_cast<char>(random.Next()));
  }
  for (const size_t more : {1000, 4096, 70'000}) {
    while (bytes.size() < more) bytes.push_back(static_cast<char>(random.Next()));
    ASSERT_EQ(Crc32c(bytes), ByDefinition(bytes)) << more;
    ASSERT_EQ(ExtendCrc32c(Crc32c(std::string_view(bytes).substr(0, 77)), std::string_view(bytes).substr(77)),
              ByDefinition(bytes));
  }
}

}  // namespace
}  // namespace tidemark
