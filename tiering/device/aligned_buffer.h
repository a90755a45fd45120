// Memory that a device can read and write: aligned, and kept for the next use.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/check.h"
#include "tiering/device/device.h"

namespace tidemark::tiering {

struct FreeAligned {
  void operator()(char* bytes) const { std::free(bytes); }
};
using AlignedBytes = std::unique_ptr<char[], FreeAligned>;

constexpr uint64_t AlignDown(uint64_t bytes) {
  return bytes / Device::kAlignment * Device::kAlignment;
}
constexpr uint64_t AlignUp(uint64_t bytes) {
  return AlignDown(bytes + Device::kAlignment - 1);
}

struct AlignedBuffer {
  AlignedBytes data;
  size_t bytes = 0;

  explicit operator bool() const { return data != nullptr; }
};

// Not zeroed; `bytes` is a multiple of the alignment.
inline AlignedBuffer MakeAligned(size_t bytes) {
  auto* const data = static_cast<char*>(std::aligned_alloc(Device::kAlignment, bytes));
  TIDEMARK_CHECK(data != nullptr);
  return {AlignedBytes(data), bytes};
}

// Buffers of one size, and larger ones made for the occasion. Not zeroed.
class BufferPool {
 public:
  BufferPool(size_t bytes, size_t kept_max) : bytes_(bytes), kept_max_(kept_max) {}

  AlignedBuffer Take(size_t bytes) {
    if (bytes > bytes_) return Make(AlignUp(bytes));
    if (kept_.empty()) return Make(bytes_);
    AlignedBuffer buffer = std::move(kept_.back());
    kept_.pop_back();
    return buffer;
  }
  void Give(AlignedBuffer buffer) {
    held_bytes_ -= buffer.bytes;
    if (buffer.bytes == bytes_ && kept_.size() < kept_max_) {
      held_bytes_ += buffer.bytes;
      kept_.push_back(std::move(buffer));
    }
  }
  // Taken and kept, bytes.
  size_t held_bytes() const { return held_bytes_; }

 private:
  AlignedBuffer Make(size_t bytes) {
    held_bytes_ += bytes;
    return MakeAligned(bytes);
  }

  const size_t bytes_;
  const size_t kept_max_;
  size_t held_bytes_ = 0;
  std::vector<AlignedBuffer> kept_;
};

}  // namespace tidemark::tiering
