// Goal: a blob keeps its bytes through resizing, and growing it bit by bit moves it seldom.
#include "values/string_blob.h"

#include <gtest/gtest.h>

#include <string>

namespace tidemark::values {
namespace {

TEST(StringBlob, KeepsBytes) {
  const std::string text(1000, 'x');
  StringBlob* blob = StringBlob::Create(text);
  EXPECT_EQ(blob->view(), text);
  blob = StringBlob::Resize(blob, 2000);
  EXPECT_EQ(blob->size(), 2000u);
  EXPECT_EQ(blob->view().substr(0, 1000), text);
  blob = StringBlob::Resize(blob, 10);
  EXPECT_EQ(blob->view(), "xxxxxxxxxx");
  EXPECT_GE(blob->AllocatedBytes(), sizeof(StringBlob) + 10);
  StringBlob::Destroy(blob);
}

TEST(StringBlob, EmptyAndReserved) {
  StringBlob* empty = StringBlob::Create("");
  EXPECT_EQ(empty->view(), "");
  StringBlob::Destroy(empty);
  StringBlob* reserved = StringBlob::Create(0, 500);
  EXPECT_EQ(reserved->size(), 0u);
  StringBlob* const before = reserved;
  reserved = StringBlob::Resize(reserved, 500);
  EXPECT_EQ(reserved, before);
  StringBlob::Destroy(reserved);
}

TEST(StringBlob, GrowingByteByByteMovesSeldom) {
  constexpr size_t kBytes = 200000;
  StringBlob* blob = StringBlob::Create("");
  int moves = 0;
  size_t room = blob->AllocatedBytes();
  for (size_t bytes = 1; bytes <= kBytes; ++bytes) {
    blob = StringBlob::Resize(blob, bytes);
    blob->data()[bytes - 1] = static_cast<char>(bytes % 251);
    if (blob->AllocatedBytes() != room) ++moves;
    room = blob->AllocatedBytes();
  }
  EXPECT_LE(moves, 40) << "room should double";
  for (size_t i = 0; i < kBytes; ++i) ASSERT_EQ(blob->data()[i], static_cast<char>((i + 1) % 251));
  StringBlob::Destroy(blob);
}

}  // namespace
}  // namespace tidemark::values
