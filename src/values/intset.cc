#include "values/intset.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/memory.h"

namespace tidemark::values {

static_assert(std::endian::native == std::endian::little, "values are loaded and stored as they lie");

namespace {

template <typename T>
T LoadAt(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

template <typename T>
bool Holds(int64_t value) {
  return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

size_t WidthOf(int64_t value) {
  if (Holds<int16_t>(value)) return sizeof(int16_t);
  return Holds<int32_t>(value) ? sizeof(int32_t) : sizeof(int64_t);
}

int64_t LoadValue(const uint8_t* values, size_t width, size_t index) {
  const uint8_t* const at = values + index * width;
  if (width == sizeof(int16_t)) return LoadAt<int16_t>(at);
  return width == sizeof(int32_t) ? LoadAt<int32_t>(at) : LoadAt<int64_t>(at);
}

// The first of `count` values of type T that is not below `value`. Halves without branching on what it reads.
template <typename T>
size_t LowerBound(const uint8_t* values, size_t count, int64_t value) {
  size_t from = 0;
  for (size_t left = count; left > 0;) {
    const size_t half = left / 2;
    const bool below = LoadAt<T>(values + (from + half) * sizeof(T)) < value;
    from = below ? from + half + 1 : from;
    left = below ? left - half - 1 : half;
  }
  return from;
}

}  // namespace

Intset Intset::Create() {
  Intset set(Allocate(kHeaderBytes));
  set.Store32(0, sizeof(int16_t));
  set.Store32(4, 0);
  return set;
}

Intset Intset::CopyOf(std::string_view bytes) {
  Intset set(Allocate(bytes.size()));
  std::memcpy(set.block_, bytes.data(), bytes.size());
  return set;
}

void Intset::Destroy() {
  Release(block_);
  block_ = nullptr;
}

size_t Intset::AllocatedBytes() const {
  return tidemark::AllocatedBytes(block_);
}

uint32_t Intset::Load32(size_t offset) const {
  return LoadAt<uint32_t>(block_ + offset);
}

void Intset::Store32(size_t offset, size_t value) {
  const auto word = static_cast<uint32_t>(value);
  std::memcpy(block_ + offset, &word, sizeof(word));
}

void Intset::Put(size_t index, int64_t value) {
  // The low bytes come first.
  std::memcpy(block_ + kHeaderBytes + index * width(), &value, width());
}

int64_t Intset::At(size_t index) const {
  return LoadValue(block_ + kHeaderBytes, width(), index);
}

Intset::Place Intset::Search(int64_t value) const {
  const size_t n = count();
  const uint8_t* const values = block_ + kHeaderBytes;
  size_t index = 0;
  switch (width()) {
    case sizeof(int16_t):
      index = LowerBound<int16_t>(values, n, value);
      break;
    case sizeof(int32_t):
      index = LowerBound<int32_t>(values, n, value);
      break;
    default:
      index = LowerBound<int64_t>(values, n, value);
  }
  return {index, index < n && At(index) == value};
}

bool Intset::Contains(int64_t value) const {
  return Search(value).found;
}

void Intset::Resize(size_t count) {
  block_ = static_cast<uint8_t*>(Reallocate(block_, kHeaderBytes + count * width()));
  Store32(4, count);
}

void Intset::Widen(size_t new_width, int64_t with) {
  const size_t n = count();
  const size_t old_width = width();
  Store32(0, new_width);
  Resize(n + 1);
  // What needs a wider form is either below or above all others. From the end on, so that nothing is written over
  // before it is read.
  const size_t shift = with < 0 ? 1 : 0;
  for (size_t i = n; i-- > 0;) Put(i + shift, LoadValue(block_ + kHeaderBytes, old_width, i));
  Put(with < 0 ? 0 : n, with);
}

bool Intset::Add(int64_t value) {
  if (const size_t needed = WidthOf(value); needed > width()) {
    Widen(needed, value);
    return true;
  }
  const Place place = Search(value);
  if (place.found) return false;
  const size_t n = count();
  Resize(n + 1);
  uint8_t* const at = block_ + kHeaderBytes + place.index * width();
  std::memmove(at + width(), at, (n - place.index) * width());
  Put(place.index, value);
  return true;
}

bool Intset::Remove(int64_t value) {
  const Place place = Search(value);
  if (!place.found) return false;
  const size_t n = count();
  uint8_t* const at = block_ + kHeaderBytes + place.index * width();
  std::memmove(at, at + width(), (n - place.index - 1) * width());
  Resize(n - 1);
  return true;
}

bool Intset::Validate(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return false;
  const auto* const data = reinterpret_cast<const uint8_t*>(bytes.data());
  const size_t width = LoadAt<uint32_t>(data);
  const size_t count = LoadAt<uint32_t>(data + 4);
  if (width != sizeof(int16_t) && width != sizeof(int32_t) && width != sizeof(int64_t)) return false;
  if ((bytes.size() - kHeaderBytes) / width != count || (bytes.size() - kHeaderBytes) % width != 0) return false;
  for (size_t i = 1; i < count; ++i) {
    if (LoadValue(data + kHeaderBytes, width, i - 1) >= LoadValue(data + kHeaderBytes, width, i)) return false;
  }
  return true;
}

}  // namespace tidemark::values
