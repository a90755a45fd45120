// The bytes of a value that was read from flash: a copy, or still in the buffer that they were read into.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "tiering/device/aligned_buffer.h"

namespace tidemark::tiering {

class Payload {
 public:
  Payload() = default;
  Payload(std::string copy) : copy_(std::move(copy)) {}
  // `bytes` lie in `buffer`, which goes back to its pool with this.
  Payload(std::string_view bytes, PooledBuffer buffer) : bytes_(bytes), buffer_(std::move(buffer)) {}

  operator std::string_view() const { return buffer_ ? bytes_ : std::string_view(copy_); }
  size_t size() const { return std::string_view(*this).size(); }

  friend bool operator==(const Payload& a, std::string_view b) { return std::string_view(a) == b; }

 private:
  std::string copy_;
  std::string_view bytes_;
  PooledBuffer buffer_;
};

}  // namespace tidemark::tiering
