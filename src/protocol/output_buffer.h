// Bytes on their way to a client: a list of chunks, written with one gathered write.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstring>
#include <deque>
#include <memory>
#include <span>
#include <string_view>

namespace tidemark::protocol {

class OutputBuffer {
 public:
  static constexpr size_t kChunkBytes = 16 * 1024;

  OutputBuffer() = default;
  ~OutputBuffer();
  OutputBuffer(const OutputBuffer&) = delete;
  OutputBuffer& operator=(const OutputBuffer&) = delete;

  void Append(std::string_view bytes) {
    if (bytes.empty()) return;
    if (bytes.size() <= static_cast<size_t>(room_end_ - room_)) [[likely]] {
      std::memcpy(room_, bytes.data(), bytes.size());
      room_ += bytes.size();
    } else {
      AppendSlow(bytes);
    }
  }
  // At least `bytes` (no more than kChunkBytes) contiguous bytes to write to; Commit says how many were.
  char* Reserve(size_t bytes) {
    if (bytes > static_cast<size_t>(room_end_ - room_)) AddChunk(kChunkBytes);
    return room_;
  }
  void Commit(size_t bytes) { room_ += bytes; }

  bool empty() const { return bytes() == 0; }
  // Appends what is in `other`, which is then empty.
  void Take(OutputBuffer& other);

  // Bytes not yet consumed.
  size_t bytes() const;
  // Bytes of memory held.
  size_t memory_bytes() const { return memory_bytes_; }
  size_t chunk_count() const { return chunks_.size(); }

  // Fills `vectors` with the front of the buffer; returns how many were filled.
  int Gather(std::span<iovec> vectors) const;
  // Forgets the first `bytes`, which have been written.
  void Consume(size_t bytes);
  void Clear();

 private:
  struct Chunk {
    std::unique_ptr<char[]> data;
    size_t capacity = 0;
    size_t used = 0;  // settled when the next chunk is added
  };

  void AppendSlow(std::string_view bytes);
  void AddChunk(size_t capacity);
  size_t UsedOf(size_t index) const;

  std::deque<Chunk> chunks_;
  char* room_ = nullptr;  // next free byte of the last chunk
  char* room_end_ = nullptr;
  size_t consumed_ = 0;       // of the first chunk
  size_t settled_bytes_ = 0;  // in all chunks but the last
  size_t memory_bytes_ = 0;
};

}  // namespace tidemark::protocol
