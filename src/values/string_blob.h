// The bytes of a string too large to live inside its entry: a length and the bytes, in one allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tidemark::values {

class StringBlob {
 public:
  // Room for `capacity` bytes, of which the first `bytes` count; contents are undefined.
  static StringBlob* Create(size_t bytes, size_t capacity);
  static StringBlob* Create(std::string_view text);
  static void Destroy(StringBlob* blob);
  // Makes room for `bytes` and sets the size; keeps the old contents, the new tail is undefined. Grows ahead so that
  // repeated appends cost amortised constant time. Returns the blob, which may have moved.
  static StringBlob* Resize(StringBlob* blob, size_t bytes);

  size_t size() const { return bytes_; }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  char* data() { return reinterpret_cast<char*>(this + 1); }
  std::string_view view() const { return {data(), bytes_}; }
  // What the allocation takes, bytes.
  size_t AllocatedBytes() const;

 private:
  size_t bytes_;
};

}  // namespace tidemark::values
