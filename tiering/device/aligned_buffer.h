// Memory that a device can read and write: aligned, and kept for the next use.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/check.h"
#include "tiering/device/device.h"

namespace tidemark::tiering {

struct FreeAligned {
  bool is_part = false;  // of a larger block, which frees it
  void operator()(char* bytes) const {
    if (!is_part) std::free(bytes);
  }
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

// Buffers of one size, and larger ones made for the occasion. Not zeroed. The first `kept_max` of that size are parts
// of one block, so that a device can be told of it beforehand.
class BufferPool {
 public:
  BufferPool(size_t bytes, size_t kept_max) : bytes_(bytes), block_(MakeAligned(bytes * kept_max)) {
    parts_.reserve(kept_max);
    for (size_t i = kept_max; i-- > 0;) parts_.push_back(block_.data.get() + i * bytes);
  }

  const AlignedBuffer& block() const { return block_; }

  AlignedBuffer Take(size_t bytes) {
    if (bytes <= bytes_ && !parts_.empty()) {
      char* const part = parts_.back();
      parts_.pop_back();
      return {AlignedBytes(part, FreeAligned{.is_part = true}), bytes_};
    }
    AlignedBuffer made = MakeAligned(std::max(bytes_, AlignUp(bytes)));
    made_bytes_ += made.bytes;
    return made;
  }
  void Give(AlignedBuffer buffer) {
    if (buffer.data.get_deleter().is_part) {
      parts_.push_back(buffer.data.release());
    } else {
      made_bytes_ -= buffer.bytes;
    }
  }
  // Of the parts of the block, those that are not in use.
  size_t spare_parts() const { return parts_.size(); }
  // In use and kept, bytes.
  size_t held_bytes() const { return block_.bytes + made_bytes_; }

 private:
  const size_t bytes_;
  AlignedBuffer block_;
  std::vector<char*> parts_;
  size_t made_bytes_ = 0;
};

// A buffer that goes back to its pool by itself.
class PooledBuffer {
 public:
  PooledBuffer() = default;
  PooledBuffer(BufferPool& pool, size_t bytes) : pool_(&pool), buffer_(pool.Take(bytes)) {}
  PooledBuffer(PooledBuffer&& other) noexcept : pool_(other.pool_), buffer_(std::move(other.buffer_)) {}
  PooledBuffer& operator=(PooledBuffer&& other) noexcept {
    Reset();
    pool_ = other.pool_;
    buffer_ = std::move(other.buffer_);
    return *this;
  }
  ~PooledBuffer() { Reset(); }

  explicit operator bool() const { return static_cast<bool>(buffer_); }
  char* data() const { return buffer_.data.get(); }
  size_t bytes() const { return buffer_.bytes; }
  // Part of the pool's block, which is there whether it is used or not.
  bool of_block() const { return buffer_.data.get_deleter().is_part; }
  void Reset() {
    if (buffer_) pool_->Give(std::move(buffer_));
  }

 private:
  BufferPool* pool_ = nullptr;
  AlignedBuffer buffer_;
};

}  // namespace tidemark::tiering
