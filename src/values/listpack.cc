#include "values/listpack.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/memory.h"
#include "values/packed_element.h"

namespace tidemark::values {

using namespace packed_element;

namespace {

// Heads of strings with a length of more than one byte begin here, those of integers of 16 bits and more too.
constexpr uint8_t kLongForms = 0xe0;

}  // namespace

std::string PackedItem::ToString() const {
  char scratch[kInt64Chars];
  return std::string(View(scratch));
}

bool PackedItem::Equals(std::string_view bytes) const {
  char scratch[kInt64Chars];
  return View(scratch) == bytes;
}

Listpack Listpack::Create(size_t reserve) {
  Listpack list(Allocate(std::max(reserve, kEmptyBytes)));
  list.block_[4] = 0;
  list.block_[5] = 0;
  list.block_[kHeaderBytes] = kEnd;
  list.SetBytes(kEmptyBytes);
  return list;
}

Listpack Listpack::CopyOf(std::string_view bytes) {
  Listpack list(Allocate(bytes.size()));
  std::memcpy(list.block_, bytes.data(), bytes.size());
  return list;
}

void Listpack::Destroy() {
  Release(block_);
  block_ = nullptr;
}

size_t Listpack::bytes() const {
  return LoadLittle(block_, 4);
}

void Listpack::SetBytes(size_t bytes) {
  const auto le = static_cast<uint32_t>(bytes);
  std::memcpy(block_, &le, sizeof(le));
}

size_t Listpack::count() const {
  const auto stored = static_cast<uint16_t>(LoadLittle(block_ + 4, 2));
  if (stored != kManyElements) return stored;
  size_t count = 0;
  for (Position at = First(); at != nullptr; at = Next(at)) ++count;
  return count;
}

void Listpack::ChangeCount(int64_t by) {
  auto stored = static_cast<uint16_t>(LoadLittle(block_ + 4, 2));
  if (stored == kManyElements) {
    // From here on nobody knows without a walk; one is due when elements have gone.
    if (by >= 0) return;
    stored = 0;
    size_t walked = 0;
    for (Position at = First(); at != nullptr; at = Next(at)) ++walked;
    stored = static_cast<uint16_t>(std::min<size_t>(walked, kManyElements));
  } else {
    stored = static_cast<uint16_t>(std::min<int64_t>(stored + by, kManyElements));
  }
  std::memcpy(block_ + 4, &stored, sizeof(stored));
}

size_t Listpack::AllocatedBytes() const {
  return tidemark::AllocatedBytes(block_);
}

Listpack::Position Listpack::Last() const {
  return Previous(block_ + bytes() - 1);
}

Listpack::Position Listpack::Next(Position at) const {
  at += ElementBytes(at);
  return *at == kEnd ? nullptr : at;
}

Listpack::Position Listpack::Previous(Position at) const {
  if (at == block_ + kHeaderBytes) return nullptr;
  const uint8_t* p = at - 1;
  size_t size = 0;
  for (unsigned shift = 0;; shift += 7, --p) {
    size |= static_cast<size_t>(*p & 127) << shift;
    if ((*p & 128) == 0) break;
  }
  return at - BackBytes(size) - size;
}

Listpack::Position Listpack::Seek(int64_t index) const {
  const auto stored = static_cast<int64_t>(LoadLittle(block_ + 4, 2));
  bool forward = index >= 0;
  if (stored != kManyElements) {
    if (index < 0) index += stored;
    if (index < 0 || index >= stored) return nullptr;
    // From the nearer end.
    forward = index < stored / 2;
    if (!forward) index -= stored;
  }
  Position at = forward ? First() : Last();
  if (forward) {
    while (at != nullptr && index-- > 0) at = Next(at);
  } else {
    while (at != nullptr && ++index < 0) at = Previous(at);
  }
  return at;
}

PackedItem Listpack::Get(Position at) {
  PackedItem item;
  const uint8_t first = at[0];
  const auto text = [&](size_t head, size_t length) { item.text = {reinterpret_cast<const char*>(at) + head, length}; };
  const auto integer = [&](int64_t value) {
    item.integer = value;
    item.is_integer = true;
  };
  if (first < 0x80) {
    integer(first);
  } else if (first < 0xc0) {
    text(1, first & 0x3fu);
  } else if (first < 0xe0) {
    integer(SignExtend((first & 0x1fu) << 8 | at[1], 13));
  } else if (first < 0xf0) {
    text(2, (first & 0x0fu) << 8 | at[1]);
  } else if (first == 0xf0) {
    text(5, LoadLittle(at + 1, 4));
  } else {
    const size_t bytes = BodyBytes(at) - 1;
    integer(SignExtend(LoadLittle(at + 1, bytes), static_cast<unsigned>(bytes * 8)));
  }
  return item;
}

size_t Listpack::ElementBytes(Position at) {
  const size_t size = BodyBytes(at);
  return size + BackBytes(size);
}

size_t Listpack::EncodedBytes(std::string_view text) {
  uint8_t head[kMaxHeadBytes];
  const std::optional<int64_t> integer = AsInteger(text);
  const size_t size = integer ? IntegerHead(*integer, head) : StringHead(text.size(), head) + text.size();
  return size + BackBytes(size);
}

Listpack::Position Listpack::Find(Position from, std::string_view text, size_t skip) const {
  const std::optional<int64_t> integer = AsInteger(text);
  uint8_t head[kMaxHeadBytes];
  const size_t head_bytes = integer ? IntegerHead(*integer, head) : StringHead(text.size(), head);
  const std::string_view content = integer ? std::string_view() : text;
  size_t left_out = 0;
  // Lists from outside may hold an integer as a string, or either in a longer form than need be: an integer is compared
  // by value, and the longer forms of a string are looked into.
  for (Position at = from; at != nullptr && *at != kEnd;) {
    const size_t size = BodyBytes(at);
    if (left_out > 0) {
      --left_out;
    } else {
      if (integer) {
        const PackedItem item = Get(at);
        if (item.is_integer ? item.integer == *integer : item.text == text) return at;
      } else if (at[0] == head[0]) {
        const bool same_size = size == head_bytes + content.size();
        if (same_size && std::memcmp(at + head_bytes, content.data(), content.size()) == 0) return at;
      } else if (at[0] >= kLongForms) {
        const PackedItem item = Get(at);
        if (!item.is_integer && item.text == text) return at;
      }
      left_out = skip;
    }
    at += size + BackBytes(size);
  }
  return nullptr;
}

uint8_t* Listpack::Splice(size_t at_offset, size_t old_size, size_t size) {
  const size_t old_bytes = bytes();
  if (size == old_size) return block_ + at_offset;
  const size_t new_bytes = old_bytes - old_size + size;
  TIDEMARK_CHECK(new_bytes <= UINT32_MAX);
  // The allocator is asked only when the block's size class changes: knowing the class is far cheaper.
  const size_t room = AllocatedBytes();
  if (new_bytes > room) block_ = static_cast<uint8_t*>(Reallocate(block_, new_bytes));
  uint8_t* const at = block_ + at_offset;
  std::memmove(at + size, at + old_size, old_bytes - at_offset - old_size);
  if (size < old_size && GoodSize(new_bytes) < room) block_ = static_cast<uint8_t*>(Reallocate(block_, new_bytes));
  SetBytes(new_bytes);
  return block_ + at_offset;
}

Listpack::Position Listpack::Put(Position at, size_t old_size, int64_t count_change, const uint8_t* head,
                                 size_t head_bytes, std::string_view content) {
  const size_t offset = at == nullptr ? bytes() - 1 : static_cast<size_t>(at - block_);
  const size_t size = head_bytes + content.size();
  uint8_t* const to = Splice(offset, old_size, size + BackBytes(size));
  std::memcpy(to, head, head_bytes);
  if (!content.empty()) std::memcpy(to + head_bytes, content.data(), content.size());
  WriteBack(to + size, size);
  if (count_change != 0) ChangeCount(count_change);
  return to;
}

Listpack::Position Listpack::PutText(Position at, size_t old_size, int64_t count_change, std::string_view text) {
  if (const std::optional<int64_t> integer = AsInteger(text)) {
    return PutInteger(at, old_size, count_change, *integer);
  }
  uint8_t head[kMaxHeadBytes];
  const size_t head_bytes = StringHead(text.size(), head);
  return Put(at, old_size, count_change, head, head_bytes, text);
}

Listpack::Position Listpack::PutInteger(Position at, size_t old_size, int64_t count_change, int64_t value) {
  uint8_t head[kMaxHeadBytes];
  const size_t head_bytes = IntegerHead(value, head);
  return Put(at, old_size, count_change, head, head_bytes, {});
}

Listpack::Position Listpack::Insert(Position before, std::string_view text) {
  return PutText(before, 0, 1, text);
}

Listpack::Position Listpack::InsertInteger(Position before, int64_t value) {
  return PutInteger(before, 0, 1, value);
}

Listpack::Position Listpack::Replace(Position at, std::string_view text) {
  return PutText(at, ElementBytes(at), 0, text);
}

Listpack::Position Listpack::ReplaceInteger(Position at, int64_t value) {
  return PutInteger(at, ElementBytes(at), 0, value);
}

Listpack::Position Listpack::Erase(Position at, size_t count) {
  if (count == 0) return at;
  const auto offset = static_cast<size_t>(at - block_);
  size_t size = 0;
  size_t erased = 0;
  while (erased < count && block_[offset + size] != kEnd) {
    size += ElementBytes(block_ + offset + size);
    ++erased;
  }
  const uint8_t* const there = Splice(offset, size, 0);
  ChangeCount(-static_cast<int64_t>(erased));
  return *there == kEnd ? nullptr : there;
}

void Listpack::EraseRange(int64_t start, size_t count) {
  const Position at = Seek(start);
  if (at != nullptr && count > 0) Erase(at, count);
}

size_t Listpack::PrependInto(size_t room, std::string_view text) {
  uint8_t head[kMaxHeadBytes];
  const std::optional<int64_t> integer = AsInteger(text);
  const size_t head_bytes = integer ? IntegerHead(*integer, head) : StringHead(text.size(), head);
  const std::string_view content = integer ? std::string_view() : text;
  const size_t body = head_bytes + content.size();
  const size_t size = body + BackBytes(body);
  if (size > room) return 0;
  const size_t new_bytes = bytes() + size;
  TIDEMARK_CHECK(new_bytes <= UINT32_MAX);
  std::memmove(block_ - size, block_, kHeaderBytes);
  block_ -= size;
  uint8_t* const to = block_ + kHeaderBytes;
  std::memcpy(to, head, head_bytes);
  if (!content.empty()) std::memcpy(to + head_bytes, content.data(), content.size());
  WriteBack(to + body, body);
  SetBytes(new_bytes);
  ChangeCount(1);
  return size;
}

size_t Listpack::DropFirst(size_t count) {
  size_t size = 0;
  for (size_t i = 0; i < count; ++i) size += ElementBytes(block_ + kHeaderBytes + size);
  const size_t new_bytes = bytes() - size;
  std::memmove(block_ + size, block_, kHeaderBytes);
  block_ += size;
  SetBytes(new_bytes);
  ChangeCount(-static_cast<int64_t>(count));
  return size;
}

void Listpack::AppendAll(const Listpack& other) {
  const size_t added = other.bytes() - kEmptyBytes;
  const size_t count_added = other.count();
  const std::string_view elements = other.view().substr(kHeaderBytes, added);
  std::memcpy(Splice(bytes() - 1, 0, added), elements.data(), added);
  ChangeCount(static_cast<int64_t>(count_added));
}

void Listpack::ShrinkToFit() {
  if (GoodSize(bytes()) < AllocatedBytes()) block_ = static_cast<uint8_t*>(Reallocate(block_, bytes()));
}

bool Listpack::Validate(std::string_view bytes) {
  if (bytes.size() < kEmptyBytes || bytes.size() > UINT32_MAX) return false;
  const auto* const block = reinterpret_cast<const uint8_t*>(bytes.data());
  if (LoadLittle(block, 4) != bytes.size()) return false;
  const size_t end = bytes.size() - 1;
  if (block[end] != kEnd) return false;
  size_t count = 0;
  size_t at = kHeaderBytes;
  while (at < end) {
    const uint8_t first = block[at];
    const size_t needed = first < 0xe0 ? 1 : first < 0xf0 ? 2 : first == 0xf0 ? 5 : 1;
    if (at + needed > end) return false;
    const size_t size = BodyBytes(block + at);
    if (size == 0 || size > end - at) return false;
    const size_t back = BackBytes(size);
    if (back > end - at - size) return false;
    if (back == 1) {
      if (block[at + size] != size) return false;
    } else {
      uint8_t expected[5];
      WriteBack(expected, size);
      if (std::memcmp(block + at + size, expected, back) != 0) return false;
    }
    at += size + back;
    ++count;
  }
  const auto stored = static_cast<uint16_t>(LoadLittle(block + 4, 2));
  return stored == kManyElements || stored == count;
}

}  // namespace tidemark::values
