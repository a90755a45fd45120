#include "commands/stream/read_replies.h"

#include "values/types.h"

namespace tidemark::commands {

StreamsReply::StreamsReply(Context& ctx, const ReadOptions& options, size_t stream_count) : ctx_(ctx) {
  if (!options.max_count && !options.max_bytes) {
    WriteHeader(stream_count);
    return;
  }
  held_ = std::make_unique<Held>();
  held_->count_max = options.max_count.value_or(UINT64_MAX);
  held_->bytes_max = options.max_bytes.value_or(UINT64_MAX);
  held_->out = &ctx_.reply.Redirect(held_->streams);
}

StreamsReply::~StreamsReply() {
  if (!held_) return;
  ctx_.reply.Redirect(*held_->out);
  WriteHeader(held_->stream_count);
  held_->out->Take(held_->streams);
}

void StreamsReply::WriteHeader(size_t stream_count) {
  if (ctx_.reply.resp3()) {
    ctx_.reply.Map(stream_count);
  } else {
    ctx_.reply.Array(stream_count);
  }
}

bool StreamsReply::full() const {
  if (!held_ || held_->entry_count == 0) return false;
  return held_->entry_count >= held_->count_max || held_->streams.bytes() + held_->entries.bytes() >= held_->bytes_max;
}

void StreamsReply::BeginStream(size_t key_index, uint64_t entry_count) {
  if (!ctx_.reply.resp3()) ctx_.reply.Array(2);
  ctx_.reply.Bulk(ctx_.args[key_index]);
  if (!held_) return ctx_.reply.Array(entry_count);
  held_->stream_entry_count = 0;
  ctx_.reply.Redirect(held_->entries);
}

bool StreamsReply::TakeEntry() {
  if (!held_) return true;
  if (full()) return false;
  ++held_->entry_count;
  ++held_->stream_entry_count;
  return true;
}

void StreamsReply::EndStream() {
  if (!held_) return;
  ctx_.reply.Redirect(held_->streams);
  ctx_.reply.Array(held_->stream_entry_count);
  held_->streams.Take(held_->entries);
  ++held_->stream_count;
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
