#include "protocol/output_buffer.h"

#include <algorithm>

#include "base/check.h"

namespace tidemark::protocol {

OutputBuffer::~OutputBuffer() = default;

size_t OutputBuffer::UsedOf(size_t index) const {
  const Chunk& chunk = chunks_[index];
  return index + 1 == chunks_.size() ? static_cast<size_t>(room_ - chunk.data.get()) : chunk.used;
}

size_t OutputBuffer::bytes() const {
  if (chunks_.empty()) return 0;
  return settled_bytes_ + UsedOf(chunks_.size() - 1) - consumed_;
}

void OutputBuffer::AddChunk(size_t capacity) {
  if (!chunks_.empty()) {
    chunks_.back().used = UsedOf(chunks_.size() - 1);
    settled_bytes_ += chunks_.back().used;
  }
  Chunk chunk;
  chunk.data = std::make_unique_for_overwrite<char[]>(capacity);
  chunk.capacity = capacity;
  room_ = chunk.data.get();
  room_end_ = room_ + capacity;
  memory_bytes_ += capacity;
  chunks_.push_back(std::move(chunk));
}

void OutputBuffer::AppendSlow(std::string_view bytes) {
  const size_t fits = static_cast<size_t>(room_end_ - room_);
  if (fits > 0) {
    std::memcpy(room_, bytes.data(), fits);
    room_ += fits;
    bytes.remove_prefix(fits);
  }
  AddChunk(std::max(kChunkBytes, bytes.size()));
  std::memcpy(room_, bytes.data(), bytes.size());
  room_ += bytes.size();
}

int OutputBuffer::Gather(std::span<iovec> vectors) const {
  int filled = 0;
  size_t skip = consumed_;
  for (size_t i = 0; i < chunks_.size() && filled < static_cast<int>(vectors.size()); ++i) {
    const size_t used = UsedOf(i);
    if (used > skip) vectors[static_cast<size_t>(filled++)] = {chunks_[i].data.get() + skip, used - skip};
    skip = 0;
  }
  return filled;
}

void OutputBuffer::Take(OutputBuffer& other) {
  iovec vectors[16];
  while (const int count = other.Gather(vectors)) {
    size_t taken = 0;
    for (int i = 0; i < count; ++i) {
      Append({static_cast<const char*>(vectors[i].iov_base), vectors[i].iov_len});
      taken += vectors[i].iov_len;
    }
    other.Consume(taken);
  }
}

void OutputBuffer::Consume(size_t bytes) {
  TIDEMARK_DCHECK(bytes <= this->bytes());
  consumed_ += bytes;
  while (chunks_.size() > 1 && consumed_ >= chunks_.front().used) {
    consumed_ -= chunks_.front().used;
    settled_bytes_ -= chunks_.front().used;
    memory_bytes_ -= chunks_.front().capacity;
    chunks_.pop_front();
  }
  if (chunks_.size() == 1 && consumed_ == UsedOf(0)) {
    // An emptied buffer keeps one ordinary chunk for the next reply; the connection drops it when it goes idle.
    if (chunks_.front().capacity > kChunkBytes) {
      Clear();
    } else {
      room_ = chunks_.front().data.get();
      consumed_ = 0;
    }
  }
}

void OutputBuffer::Clear() {
  chunks_.clear();
  room_ = nullptr;
  room_end_ = nullptr;
  consumed_ = 0;
  settled_bytes_ = 0;
  memory_bytes_ = 0;
}

}  // namespace tidemark::protocol
