// What XREAD and XREADGROUP share beside their arguments: the frame of their replies, and waiting.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "commands/context.h"
#include "commands/stream/read_options.h"

namespace tidemark::commands {

// The frame of a reply: streams, each with its entries.
//
//   StreamsReply reply(ctx, options, stream_count);
//   reply.BeginStream(key_index, entry_count);
//   while (... && reply.TakeEntry()) ...;  // writes an entry
//   reply.EndStream();
class StreamsReply {
 public:
  StreamsReply(Context& ctx, const ReadOptions& options, size_t stream_count);

  // No more streams are to be begun.
  bool full() const { return false; }
  void BeginStream(size_t key_index, uint64_t entry_count);
  // Whether one more entry may be written.
  bool TakeEntry() { return true; }
  void EndStream() {}

 private:
  Context& ctx_;
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
