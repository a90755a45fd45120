#include "commands/sort/request.h"

#include <algorithm>

#include "commands/arguments.h"
#include "commands/errors.h"

namespace tidemark::commands {

SortWindow SortRequest::WindowOf(size_t elements) const {
  const auto all = static_cast<int64_t>(elements);
  const int64_t first = std::clamp<int64_t>(offset, 0, all);
  const int64_t left = all - first;
  return {static_cast<size_t>(first), static_cast<size_t>(count < 0 ? left : std::min(count, left))};
}

namespace {

class Parser {
 public:
  Parser(Context& ctx, SortStore store) : ctx_(ctx), store_(store) {}

  std::optional<SortRequest> Parse() {
    for (size_t i = 2; i < ctx_.args.size();) {
      const size_t taken = ParseOption(i);
      if (taken == 0) return std::nullopt;
      i += taken;
    }
    return std::move(request_);
  }

 private:
  // Arguments that the option at `i` takes; 0 after having written the error reply.
  size_t ParseOption(size_t i) {
    const std::string_view word = ctx_.args[i];
    const size_t left = ctx_.args.size() - i - 1;
    if (IsWord(word, "asc")) {
      request_.order = SortOrder::kAscending;
      return 1;
    }
    if (IsWord(word, "desc")) {
      request_.order = SortOrder::kDescending;
      return 1;
    }
    if (IsWord(word, "alpha")) {
      request_.weights = SortWeights::kTexts;
      return 1;
    }
    if (IsWord(word, "limit") && left >= 2) return ParseLimit(i);
    if (IsWord(word, "store") && left >= 1 && store_ == SortStore::kAllowed) {
      request_.store = i + 1;
      return 2;
    }
    if (IsWord(word, "by") && left >= 1) {
      SetBy(SortPattern(ctx_.args[i + 1]));
      return 2;
    }
    if (IsWord(word, "get") && left >= 1) {
      request_.gets.emplace_back(ctx_.args[i + 1]);
      return 2;
    }
    ctx_.reply.Error(errors::kSyntax);
    return 0;
  }

  size_t ParseLimit(size_t i) {
    const std::optional<int64_t> offset = IntegerArgument(ctx_, i + 1);
    if (!offset) return 0;
    const std::optional<int64_t> count = IntegerArgument(ctx_, i + 2);
    if (!count) return 0;
    request_.offset = *offset;
    request_.count = *count;
    return 3;
  }

  // Once a BY has named no key, no other makes the command sort again.
  void SetBy(const SortPattern& by) {
    request_.by = by;
    if (!by.HasStar()) request_.sorts = false;
  }

  Context& ctx_;
  SortStore store_;
  SortRequest request_;
};

}  // namespace

std::optional<SortRequest> ParseSortRequest(Context& ctx, SortStore store) {
  return Parser(ctx, store).Parse();
}

}  // namespace tidemark::commands
