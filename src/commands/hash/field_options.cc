#include "commands/hash/field_options.h"

#include <string>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/errors.h"

namespace tidemark::commands {
namespace {

// Later than this no field may expire: 46 bits of milliseconds, as in Redis.
constexpr int64_t kLatestMs = (int64_t{1} << 46) - 1;

struct DeadlineWord {
  std::string_view word;
  TimeUnit unit;
  TimeBase base;
};
constexpr DeadlineWord kDeadlineWords[] = {{"ex", TimeUnit::kSeconds, TimeBase::kNow},
                                           {"px", TimeUnit::kMilliseconds, TimeBase::kNow},
                                           {"exat", TimeUnit::kSeconds, TimeBase::kEpoch},
                                           {"pxat", TimeUnit::kMilliseconds, TimeBase::kEpoch}};

const DeadlineWord* FindDeadlineWord(std::string_view argument) {
  for (const DeadlineWord& candidate : kDeadlineWords) {
    if (IsWord(argument, candidate.word)) return &candidate;
  }
  return nullptr;
}

// Parses the arguments of one call, one option after the other.
class Parser {
 public:
  Parser(Context& ctx, FieldGrammar grammar) : ctx_(ctx), grammar_(grammar) {}

  // False after having written the error reply.
  bool Parse(FieldOptions& options) {
    for (size_t at = 2; at < ctx_.args.size();) {
      if (IsWord(ctx_.args[at], "fields")) return ParseElements(at, options);
      const size_t taken = ParseOption(at, options);
      if (taken == 0) return false;
      at += taken;
    }
    ctx_.reply.Error(errors::kFieldsMissing);
    return false;
  }

 private:
  size_t Fail(std::string_view error) {
    ctx_.reply.Error(error);
    return 0;
  }

  // How many arguments the option takes; 0 after having written the error reply.
  size_t ParseOption(size_t at, FieldOptions& options) {
    const std::string_view word = ctx_.args[at];
    if (const DeadlineWord* deadline = FindDeadlineWord(word)) return ParseDeadline(at, *deadline, options);
    if (grammar_ == FieldGrammar::kGetEx) {
      if (IsWord(word, "persist")) return ChooseExpiry(FieldExpiry::kPersist, options);
    } else {
      if (IsWord(word, "keepttl")) return ChooseExpiry(FieldExpiry::kKeep, options);
      if (IsWord(word, "fnx")) return ChooseCondition(options.fields, Condition::kIfAbsent);
      if (IsWord(word, "fxx")) return ChooseCondition(options.fields, Condition::kIfPresent);
      if (IsWord(word, "nx")) return ChooseCondition(options.key, Condition::kIfAbsent, errors::kOneKeyCondition);
      if (IsWord(word, "xx")) return ChooseCondition(options.key, Condition::kIfPresent, errors::kOneKeyCondition);
    }
    return Fail("ERR unknown argument: " + std::string(word));
  }

  size_t ChooseExpiry(FieldExpiry expiry, FieldOptions& options) {
    if (options.expiry != FieldExpiry::kNone) {
      return Fail(grammar_ == FieldGrammar::kGetEx ? errors::kOneGetExpiry : errors::kOneSetExpiry);
    }
    options.expiry = expiry;
    return 1;
  }

  size_t ChooseCondition(Condition& chosen, Condition condition, std::string_view error = errors::kOneFieldCondition) {
    if (chosen != Condition::kAlways) return Fail(error);
    chosen = condition;
    return 1;
  }

  size_t ParseDeadline(size_t at, const DeadlineWord& word, FieldOptions& options) {
    if (ChooseExpiry(FieldExpiry::kDeadline, options) == 0) return 0;
    if (at + 1 >= ctx_.args.size()) return Fail(errors::kMissingExpireTime);
    const std::optional<int64_t> deadline = FieldDeadlineArgument(ctx_, at + 1, word.unit, word.base);
    if (!deadline) return 0;
    options.deadline_ms = *deadline;
    return 2;
  }

  bool ParseElements(size_t at, FieldOptions& options) {
    if (grammar_ == FieldGrammar::kGetEx) {
      const auto fields = FieldArguments(ctx_, at, errors::kNumFieldsNotPositive);
      if (!fields) return false;
      options.elements = *fields;
      return true;
    }
    if (at + 3 >= ctx_.args.size()) {
      ReplyWrongArity(ctx_);
      return false;
    }
    const std::optional<int64_t> count = ParseInt64(ctx_.args[at + 1]);
    if (!count || *count < 1 || *count > INT32_MAX) return Fail(errors::kInvalidFieldCount) != 0;
    options.elements = ctx_.args.subspan(at + 2);
    if (options.elements.size() == static_cast<size_t>(*count) * 2) return true;
    ReplyWrongArity(ctx_);
    return false;
  }

  Context& ctx_;
  FieldGrammar grammar_;
};

}  // namespace

std::optional<int64_t> FieldDeadlineArgument(Context& ctx, size_t index, TimeUnit unit, TimeBase base) {
  const std::optional<int64_t> number = IntegerArgument(ctx, index);
  if (!number) return std::nullopt;
  if (*number < 0) {
    ctx.reply.Error(errors::kNegativeExpireTime);
    return std::nullopt;
  }
  const int64_t scale = unit == TimeUnit::kSeconds ? 1000 : 1;
  const int64_t start_ms = base == TimeBase::kNow ? ctx.now_ms() : 0;
  if (*number > kLatestMs / scale || *number * scale > kLatestMs - start_ms) {
    ReplyInvalidExpireTime(ctx);
    return std::nullopt;
  }
  return *number * scale + start_ms;
}

std::optional<std::span<const std::string_view>> FieldArguments(Context& ctx, size_t index,
                                                                std::string_view bad_count) {
  std::string_view error;
  if (index + 1 >= ctx.args.size() || !IsWord(ctx.args[index], "fields")) {
    error = errors::kFieldsMissing;
  } else {
    const std::optional<int64_t> count = ParseInt64(ctx.args[index + 1]);
    if (!count || *count < 1) {
      error = bad_count;
    } else if (static_cast<size_t>(*count) != ctx.args.size() - index - 2) {
      error = errors::kNumFieldsMismatch;
    } else {
      return ctx.args.subspan(index + 2);
    }
  }
  ctx.reply.Error(error);
  return std::nullopt;
}

std::optional<FieldOptions> ParseFieldOptions(Context& ctx, FieldGrammar grammar) {
  FieldOptions options;
  if (!Parser(ctx, grammar).Parse(options)) return std::nullopt;
  return options;
}

}  // namespace tidemark::commands
