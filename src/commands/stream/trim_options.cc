#include "commands/stream/trim_options.h"

#include <algorithm>

#include "commands/arguments.h"
#include "commands/errors.h"

namespace tidemark::commands {

using values::StreamReferences;
using values::StreamTrim;

namespace {

class Parser {
 public:
  Parser(Context& ctx, TrimGrammar grammar) : ctx_(ctx), adding_(grammar == TrimGrammar::kXAdd) {}

  std::optional<AddOrTrim> Parse() {
    for (; at_ < ctx_.args.size(); ++at_) {
      const Step step = ParseOne();
      if (step == Step::kFailed) return std::nullopt;
      if (step == Step::kDone) break;
    }
    options_.id_index = at_;
    if (!CheckTogether()) return std::nullopt;
    return options_;
  }

 private:
  enum class Step : uint8_t { kOn, kDone, kFailed };

  Step ParseOne() {
    const std::string_view word = ctx_.args[at_];
    const size_t behind = ctx_.args.size() - 1 - at_;
    if (adding_ && word == "*") return Step::kDone;
    if (IsWord(word, "maxlen") && behind > 0) return ParseThreshold(StreamTrim::By::kLength);
    if (IsWord(word, "minid") && behind > 0) return ParseThreshold(StreamTrim::By::kMinId);
    if (IsWord(word, "limit") && behind > 0) return ParseLimit();
    if (const std::optional<StreamReferences> references = ParseReferences(word)) {
      if (references_given_) return Fail(errors::kSyntax);
      references_given_ = true;
      options_.trim.references = *references;
      return Step::kOn;
    }
    if (!adding_) return Fail(errors::kSyntax);
    if (IsWord(word, "nomkstream")) {
      options_.make_stream = false;
      return Step::kOn;
    }
    if (IsWord(word, "idmp") && behind >= 2) return ParseIdempotency();
    if (IsWord(word, "idmpauto") && behind >= 1) return ParseIdempotencyOfContent();
    options_.id = ParseRequestedId(word);
    if (!options_.id) return Fail(errors::kInvalidStreamId);
    return options_.idempotency ? Fail(errors::kIdmpWithId) : Step::kDone;
  }

  Step ParseIdempotency() {
    if (options_.idempotency) return Fail(errors::kIdmpTwice);
    options_.idempotency = Idempotency{ctx_.args[at_ + 1], ctx_.args[at_ + 2]};
    at_ += 2;
    if (options_.idempotency->pid.empty()) return Fail(errors::kIdmpNoPid);
    return options_.idempotency->iid->empty() ? Fail(errors::kIdmpNoIid) : Step::kOn;
  }

  Step ParseIdempotencyOfContent() {
    if (options_.idempotency) return Fail(errors::kIdmpTwice);
    options_.idempotency = Idempotency{ctx_.args[++at_], {}};
    return options_.idempotency->pid.empty() ? Fail(errors::kIdmpAutoNoPid) : Step::kOn;
  }

  Step ParseThreshold(StreamTrim::By by) {
    StreamTrim& trim = options_.trim;
    if (trim.by != StreamTrim::By::kNothing) return Fail(errors::kTrimConflict);
    const std::string_view next = ctx_.args[at_ + 1];
    if (at_ + 2 < ctx_.args.size() && (next == "~" || next == "=")) {
      trim.approximate = next == "~";
      ++at_;
    }
    ++at_;
    trim.by = by;
    if (by == StreamTrim::By::kMinId) {
      const std::optional<values::StreamId> id = StreamIdArgument(ctx_, at_);
      if (!id) return Step::kFailed;
      trim.min_id = *id;
      return Step::kOn;
    }
    const std::optional<int64_t> length = IntegerArgument(ctx_, at_);
    if (!length) return Step::kFailed;
    if (*length < 0) return Fail(errors::kTrimMaxLenNegative);
    trim.length_max = static_cast<uint64_t>(*length);
    return Step::kOn;
  }

  Step ParseLimit() {
    const std::optional<int64_t> limit = IntegerArgument(ctx_, ++at_);
    if (!limit) return Step::kFailed;
    if (*limit < 0) return Fail(errors::kTrimLimitNegative);
    options_.trim.limit = static_cast<uint64_t>(*limit);
    limit_given_ = true;
    return Step::kOn;
  }

  bool CheckTogether() {
    StreamTrim& trim = options_.trim;
    const bool trims = trim.by != StreamTrim::By::kNothing;
    if (trim.limit != 0 && !trims) return Refuse(errors::kLimitWithoutTrim);
    if (!adding_ && !trims) return Refuse(errors::kNoTrim);
    if (limit_given_ && !trim.approximate) return Refuse(errors::kLimitWithoutTilde);
    if (!limit_given_ && trim.approximate) trim.limit = DefaultLimit();
    return true;
  }

  // So that a trim of a long stream does not keep everybody waiting: a hundred nodes.
  uint64_t DefaultLimit() const {
    constexpr uint64_t kNodes = 100;
    constexpr uint64_t kLimitMax = 1'000'000;
    constexpr uint64_t kLimitOfUnbounded = 10'000;
    const uint64_t entries = ctx_.limits().stream_node_max_entries;
    if (entries == 0) return kLimitOfUnbounded;
    return entries > kLimitMax ? kLimitMax : std::min(kNodes * entries, kLimitMax);
  }

  bool Refuse(std::string_view error) {
    ctx_.reply.Error(error);
    return false;
  }
  Step Fail(std::string_view error) {
    ctx_.reply.Error(error);
    return Step::kFailed;
  }

  Context& ctx_;
  bool adding_;
  AddOrTrim options_;
  size_t at_ = 2;
  bool limit_given_ = false;
  bool references_given_ = false;
};

}  // namespace

std::optional<AddOrTrim> ParseAddOrTrim(Context& ctx, TrimGrammar grammar) {
  return Parser(ctx, grammar).Parse();
}

std::optional<StreamReferences> ParseReferences(std::string_view argument) {
  if (IsWord(argument, "keepref")) return StreamReferences::kKeep;
  if (IsWord(argument, "delref")) return StreamReferences::kDelete;
  if (IsWord(argument, "acked")) return StreamReferences::kAcknowledged;
  return std::nullopt;
}

}  // namespace tidemark::commands
