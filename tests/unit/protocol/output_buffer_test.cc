// Goal: what goes in comes out in order, however it is appended and however little the socket takes at a time.
#include "protocol/output_buffer.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <string>

#include "base/random.h"
#include "support/seed.h"

namespace tidemark::protocol {
namespace {

// What a gathered write would send: at most `most` bytes from the first few chunks.
std::string Take(OutputBuffer& buffer, size_t most) {
  std::array<iovec, 4> vectors;
  std::string taken;
  const int count = buffer.Gather(vectors);
  for (int i = 0; i < count && taken.size() < most; ++i) {
    const iovec& vector = vectors[static_cast<size_t>(i)];
    taken.append(static_cast<const char*>(vector.iov_base), std::min(vector.iov_len, most - taken.size()));
  }
  buffer.Consume(taken.size());
  return taken;
}

TEST(OutputBuffer, StartsAndEndsEmpty) {
  OutputBuffer buffer;
  std::array<iovec, 4> vectors;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.memory_bytes(), 0u);
  EXPECT_EQ(buffer.Gather(vectors), 0);
  buffer.Append("");
  EXPECT_EQ(buffer.chunk_count(), 0u);
  buffer.Append("bytes");
  EXPECT_EQ(buffer.bytes(), 5u);
  EXPECT_EQ(buffer.memory_bytes(), OutputBuffer::kChunkBytes);
  EXPECT_EQ(Take(buffer, 100), "bytes");
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.chunk_count(), 1u) << "one chunk is kept for the next reply";
  buffer.Clear();
  EXPECT_EQ(buffer.memory_bytes(), 0u);
}

TEST(OutputBuffer, ALargeReplyIsNotKept) {
  OutputBuffer buffer;
  const std::string large(10 * OutputBuffer::kChunkBytes, 'l');
  buffer.Append("small");
  buffer.Append(large);
  std::string sent;
  while (!buffer.empty()) sent += Take(buffer, 7777);
  EXPECT_EQ(sent, "small" + large);
  EXPECT_EQ(buffer.memory_bytes(), 0u);
}

TEST(OutputBuffer, TakesWhatAnotherHolds) {
  OutputBuffer first;
  OutputBuffer second;
  std::string all;
  for (int i = 0; i < 50; ++i) {
    const std::string bytes(static_cast<size_t>(i) * 997, static_cast<char>('a' + i % 26));
    second.Append(bytes);
    all += bytes;
  }
  first.Append("before");
  first.Take(second);
  first.Append("behind");
  EXPECT_TRUE(second.empty());
  first.Take(second);
  std::string sent;
  while (!first.empty()) sent += Take(first, 100'000);
  EXPECT_EQ(sent, "before" + all + "behind");
}

TEST(OutputBuffer, ReserveIsContiguousAcrossChunks) {
  OutputBuffer buffer;
  const std::string nearly(OutputBuffer::kChunkBytes - 10, 'n');
  buffer.Append(nearly);
  char* room = buffer.Reserve(32);
  std::memset(room, 'r', 32);
  buffer.Commit(20);
  buffer.Append("end");
  EXPECT_EQ(buffer.bytes(), nearly.size() + 23);
  EXPECT_EQ(buffer.chunk_count(), 2u);
  std::string sent;
  while (!buffer.empty()) sent += Take(buffer, 5000);
  EXPECT_EQ(sent, nearly + std::string(20, 'r') + "end");
}

TEST(OutputBuffer, KeepsOrderUnderRandomUse) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("TIDEMARK_TEST_SEED=" + std::to_string(seed));
  Random random(seed);
  OutputBuffer buffer;
  std::string expected;
  for (int step = 0; step < 20'000; ++step) {
    switch (random.Below(5)) {
      case 0: {
        const std::string bytes(random.Below(50), static_cast<char>('a' + random.Below(26)));
        buffer.Append(bytes);
        expected += bytes;
        break;
      }
      case 1: {
        const std::string bytes(random.Below(20) == 0 ? random.Below(100'000) : random.Below(9000),
                                static_cast<char>('A' + random.Below(26)));
        buffer.Append(bytes);
        expected += bytes;
        break;
      }
      case 2: {
        char* room = buffer.Reserve(32);
        const size_t used = random.Below(33);
        std::memset(room, '0' + static_cast<int>(random.Below(10)), 32);
        expected.append(room, used);
        buffer.Commit(used);
        break;
      }
      default: {
        const std::string taken = Take(buffer, random.Below(2) == 0 ? random.Below(100) : random.Below(20'000));
        ASSERT_EQ(taken, expected.substr(0, taken.size()));
        expected.erase(0, taken.size());
        break;
      }
    }
    ASSERT_EQ(buffer.bytes(), expected.size());
    ASSERT_EQ(buffer.empty(), expected.empty());
  }
}

}  // namespace
}  // namespace tidemark::protocol
