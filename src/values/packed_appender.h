// Adds several elements to the end of a packed list whose block has the room: no reallocation, no function call and no
// bookkeeping an element. The list is a list again only after Finish.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "values/packed_element.h"

namespace tidemark::values {

class PackedAppender {
 public:
  // What an element takes at most, beside the bytes of its text.
  static constexpr size_t kOverheadBytes = 10;

  // `block` is a packed list; whoever holds it answers for the room behind it.
  explicit PackedAppender(uint8_t* block)
      : block_(block), at_(block + packed_element::LoadLittle(block, sizeof(uint32_t)) - 1) {}

  void Integer(int64_t value) { CloseElement(packed_element::IntegerHead(value, at_)); }

  // Kept as an integer if it is the text of one.
  void Text(std::string_view text) {
    if (const std::optional<int64_t> integer = packed_element::AsInteger(text)) {
      Integer(*integer);
      return;
    }
    const size_t head_bytes = packed_element::StringHead(text.size(), at_);
    if (!text.empty()) std::memcpy(at_ + head_bytes, text.data(), text.size());
    CloseElement(head_bytes + text.size());
  }

  void Finish() {
    *at_++ = 0xff;
    const auto bytes = static_cast<uint32_t>(at_ - block_);
    std::memcpy(block_, &bytes, sizeof(bytes));
    // The highest count means "walk to know" and stays.
    const uint64_t count = packed_element::LoadLittle(block_ + 4, sizeof(uint16_t)) + added_;
    const auto stored = static_cast<uint16_t>(std::min<uint64_t>(count, UINT16_MAX));
    std::memcpy(block_ + 4, &stored, sizeof(stored));
  }

 private:
  void CloseElement(size_t size) {
    at_ += size;
    packed_element::WriteBack(at_, size);
    at_ += packed_element::BackBytes(size);
    ++added_;
  }

  uint8_t* block_;
  uint8_t* at_;
  size_t added_ = 0;
};

}  // namespace tidemark::values
