#include "values/string_blob.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/memory.h"

namespace tidemark::values {
namespace {

// Appending doubles the room up to this much, then adds this much at a time.
constexpr size_t kMaxGrowAhead = 1 << 20;

}  // namespace

StringBlob* StringBlob::Create(size_t bytes, size_t capacity) {
  auto* blob = static_cast<StringBlob*>(Allocate(sizeof(StringBlob) + std::max(bytes, capacity)));
  blob->bytes_ = bytes;
  return blob;
}

StringBlob* StringBlob::Create(std::string_view text) {
  StringBlob* blob = Create(text.size(), text.size());
  std::memcpy(blob->data(), text.data(), text.size());
  return blob;
}

void StringBlob::Destroy(StringBlob* blob) {
  Release(blob);
}

StringBlob* StringBlob::Resize(StringBlob* blob, size_t bytes) {
  const size_t room = blob->AllocatedBytes() - sizeof(StringBlob);
  if (bytes > room) {
    const size_t ahead = std::min(bytes, kMaxGrowAhead);
    blob = static_cast<StringBlob*>(Reallocate(blob, sizeof(StringBlob) + bytes + ahead));
  }
  blob->bytes_ = bytes;
  return blob;
}

size_t StringBlob::AllocatedBytes() const {
  return tidemark::AllocatedBytes(this);
}

}  // namespace tidemark::values
