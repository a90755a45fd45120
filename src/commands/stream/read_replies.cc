#include "commands/stream/read_replies.h"

#include "values/types.h"

namespace tidemark::commands {

StreamsReply::StreamsReply(Context& ctx, const ReadOptions&, size_t stream_count) : ctx_(ctx) {
  if (ctx.reply.resp3()) {
    ctx.reply.Map(stream_count);
  } else {
    ctx.reply.Array(stream_count);
  }
}

void StreamsReply::BeginStream(size_t key_index, uint64_t entry_count) {
  if (!ctx_.reply.resp3()) ctx_.reply.Array(2);
  ctx_.reply.Bulk(ctx_.args[key_index]);
  ctx_.reply.Array(entry_count);
}

uint64_t CountOf(const Context& ctx, const ReadOptions& options) {
  constexpr uint64_t kCountOfWoken = 1000;
  return options.count == 0 && ctx.woken_key ? kCountOfWoken : options.count;
}

void WaitForStreams(Context& ctx, const ReadOptions& options, WaitOptions wait) {
  if (!options.deadline_ms) return ctx.reply.NullArray();
  BlockRequest request;
  for (size_t i = 0; i < options.key_count; ++i) request.keys.push_back(options.first_key + i);
  request.type = values::Type::kStream;
  request.wake_when_gone = wait.wake_when_gone;
  request.look_again_ms = wait.look_again_ms;
  request.deadline_ms = *options.deadline_ms;
  request.null = BlockRequest::Null::kArray;
  request.rewritten = std::move(wait.rewritten);
  ctx.Block(std::move(request));
}

}  // namespace tidemark::commands
