#include "commands/stream/read_replies.h"

#include "values/types.h"

namespace tidemark::commands {

void BeginStreams(Context& ctx, size_t count) {
  if (ctx.reply.resp3()) {
    ctx.reply.Map(count);
  } else {
    ctx.reply.Array(count);
  }
}

void BeginStream(Context& ctx, size_t key_index) {
  if (!ctx.reply.resp3()) ctx.reply.Array(2);
  ctx.reply.Bulk(ctx.args[key_index]);
}

uint64_t CountOf(const Context& ctx, const ReadOptions& options) {
  constexpr uint64_t kCountOfWoken = 1000;
  return options.count == 0 && ctx.woken_key ? kCountOfWoken : options.count;
}

void WaitForStreams(Context& ctx, const ReadOptions& options, ReadGrammar grammar,
                    std::vector<std::pair<size_t, std::string>> rewritten) {
  if (!options.deadline_ms) return ctx.reply.NullArray();
  BlockRequest request;
  for (size_t i = 0; i < options.key_count; ++i) request.keys.push_back(options.first_key + i);
  request.type = values::Type::kStream;
  request.wake_when_gone = grammar == ReadGrammar::kXReadGroup;
  request.deadline_ms = *options.deadline_ms;
  request.null = BlockRequest::Null::kArray;
  request.rewritten = std::move(rewritten);
  ctx.Block(std::move(request));
}

}  // namespace tidemark::commands
