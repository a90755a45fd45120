#include "commands/blocking.h"

#include <cmath>
#include <utility>

#include "base/numbers.h"
#include "commands/errors.h"

namespace tidemark::commands {
namespace {

std::optional<int64_t> Deadline(Context& ctx, int64_t timeout_ms) {
  if (timeout_ms < 0) {
    ctx.reply.Error(errors::kTimeoutNegative);
    return std::nullopt;
  }
  if (timeout_ms == 0) return 0;
  int64_t deadline;
  if (__builtin_add_overflow(timeout_ms, ctx.now_ms(), &deadline)) {
    ctx.reply.Error(errors::kTimeoutOutOfRange);
    return std::nullopt;
  }
  return deadline;
}

}  // namespace

std::optional<int64_t> TimeoutArgument(Context& ctx, size_t index) {
  const std::optional<long double> seconds = ParseLongDouble(ctx.args[index]);
  if (!seconds || std::isnan(*seconds)) {
    ctx.reply.Error(errors::kTimeoutNotFloat);
    return std::nullopt;
  }
  const long double milliseconds = *seconds * 1000;
  if (milliseconds > static_cast<long double>(INT64_MAX)) {
    ctx.reply.Error(errors::kTimeoutOutOfRange);
    return std::nullopt;
  }
  if (milliseconds < 0) return Deadline(ctx, -1);
  return Deadline(ctx, static_cast<int64_t>(std::ceil(milliseconds)));
}

std::optional<int64_t> MillisecondTimeoutArgument(Context& ctx, size_t index) {
  const std::optional<int64_t> milliseconds = ParseInt64(ctx.args[index]);
  if (!milliseconds) {
    ctx.reply.Error(errors::kTimeoutNotInteger);
    return std::nullopt;
  }
  return Deadline(ctx, *milliseconds);
}

void Context::Block(BlockRequest request) const {
  if (block != nullptr) {
    *block = std::move(request);
  } else if (request.null == BlockRequest::Null::kArray) {
    reply.NullArray();
  } else {
    reply.Null();
  }
}

}  // namespace tidemark::commands
