// What XREAD and XREADGROUP share beside their arguments: the frame of their replies, and waiting.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "commands/context.h"
#include "commands/stream/read_options.h"

namespace tidemark::commands {

// The frame of a reply: streams, each with its entries, no more than MAXCOUNT and MAXSIZE allow.
//
//   StreamsReply reply(ctx, options, stream_count);
//   for (...; !reply.full()) {
//     reply.BeginStream(key_index, entry_count);
//     while (... && reply.TakeEntry()) ...;  // writes an entry
//     reply.EndStream();
//   }
//
// Where there is such a limit the counts that were given are not believed: what is written is held back until it is
// known how much it is. The bytes that MAXSIZE counts are those held back, which is how Redis counts them: a stream's
// own header not before its end, and that of the reply not at all.
class StreamsReply {
 public:
  StreamsReply(Context& ctx, const ReadOptions& options, size_t stream_count);
  ~StreamsReply();
  StreamsReply(const StreamsReply&) = delete;
  StreamsReply& operator=(const StreamsReply&) = delete;

  // No more streams are to be begun.
  bool full() const;
  void BeginStream(size_t key_index, uint64_t entry_count);
  // Whether one more entry may be written. At least one may.
  bool TakeEntry();
  void EndStream();

 private:
  struct Held {
    protocol::OutputBuffer streams;
    protocol::OutputBuffer entries;  // of the stream that was begun
    protocol::OutputBuffer* out = nullptr;
    uint64_t count_max = 0;
    uint64_t bytes_max = 0;
    uint64_t stream_count = 0;
    uint64_t entry_count = 0;
    uint64_t stream_entry_count = 0;
  };

  void WriteHeader(size_t stream_count);

  Context& ctx_;
  std::unique_ptr<Held> held_;  // null if there is no limit
};

// Entries of each stream at most; a client that has waited without having said how many is not given all at once.
uint64_t CountOf(const Context& ctx, const ReadOptions& options);

// What differs between two commands that wait.
struct WaitOptions {
  bool wake_when_gone = false;
  int64_t look_again_ms = 0;  // as BlockRequest
  std::vector<std::pair<size_t, std::string>> rewritten = {};
};
// Nothing is there: waits if the client wants to, else answers so.
void WaitForStreams(Context& ctx, const ReadOptions& options, WaitOptions wait);

}  // namespace tidemark::commands
