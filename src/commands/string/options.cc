#include "commands/string/options.h"

#include "commands/arguments.h"
#include "commands/errors.h"

namespace tidemark::commands {
namespace {

struct ExpiryWord {
  std::string_view word;
  ExpiryOption option;
};
constexpr ExpiryWord kDeadlineWords[] = {{"ex", ExpiryOption::kSeconds},
                                         {"px", ExpiryOption::kMilliseconds},
                                         {"exat", ExpiryOption::kUnixSeconds},
                                         {"pxat", ExpiryOption::kUnixMilliseconds}};

// An option may be given twice (the last one counts) but not together with another of its kind.
bool Choose(ExpiryOption& chosen, ExpiryOption option) {
  if (chosen != ExpiryOption::kNone && chosen != option) return false;
  chosen = option;
  return true;
}

bool Choose(SetCondition& chosen, SetCondition condition) {
  if (chosen != SetCondition::kAlways && chosen != condition) return false;
  chosen = condition;
  return true;
}

// Each of these reads the option at `at`; returns how many arguments it takes, 0 if it is none.
size_t ParseStoringOption(const Context& ctx, size_t at, StringOptions& options) {
  const std::string_view word = ctx.args[at];
  if (IsWord(word, "nx")) return Choose(options.condition, SetCondition::kIfAbsent) ? 1 : 0;
  if (IsWord(word, "xx")) return Choose(options.condition, SetCondition::kIfPresent) ? 1 : 0;
  if (IsWord(word, "keepttl")) return Choose(options.expiry, ExpiryOption::kKeep) ? 1 : 0;
  return 0;
}

size_t ParseSetOption(const Context& ctx, size_t at, StringOptions& options) {
  if (IsWord(ctx.args[at], "get")) {
    options.answer_old_value = true;
    return 1;
  }
  const std::optional<ValueCondition::Kind> kind = ValueConditionKind(ctx.args[at]);
  if (!kind) return ParseStoringOption(ctx, at, options);
  // Of two values to compare with, none would be the right one.
  if (at + 1 >= ctx.args.size() || options.condition != SetCondition::kAlways) return 0;
  options.condition = SetCondition::kByValue;
  options.value_condition = {*kind, ctx.args[at + 1]};
  return 2;
}

size_t ParseOption(const Context& ctx, size_t at, OptionGrammar grammar, StringOptions& options) {
  const ExpiryOption deadline = DeadlineOption(ctx.args[at]);
  if (deadline != ExpiryOption::kNone) {
    if (at + 1 >= ctx.args.size() || !Choose(options.expiry, deadline)) return 0;
    options.expiry_index = at + 1;
    return 2;
  }
  switch (grammar) {
    case OptionGrammar::kSet:
      return ParseSetOption(ctx, at, options);
    case OptionGrammar::kMSetEx:
      return ParseStoringOption(ctx, at, options);
    case OptionGrammar::kGetEx:
      return IsWord(ctx.args[at], "persist") && Choose(options.expiry, ExpiryOption::kPersist) ? 1 : 0;
  }
  return 0;
}

}  // namespace

ExpiryOption DeadlineOption(std::string_view argument) {
  for (const ExpiryWord& candidate : kDeadlineWords) {
    if (IsWord(argument, candidate.word)) return candidate.option;
  }
  return ExpiryOption::kNone;
}

std::optional<StringOptions> ParseStringOptions(Context& ctx, size_t first, OptionGrammar grammar) {
  StringOptions options;
  for (size_t at = first; at < ctx.args.size();) {
    const size_t taken = ParseOption(ctx, at, grammar, options);
    if (taken == 0) {
      ctx.reply.Error(errors::kSyntax);
      return std::nullopt;
    }
    at += taken;
  }
  return options;
}

std::optional<int64_t> DeadlineOf(Context& ctx, ExpiryOption option, size_t index) {
  std::optional<int64_t> number = IntegerArgument(ctx, index);
  if (!number) return std::nullopt;
  int64_t deadline = *number;
  bool valid = deadline > 0;
  if (option == ExpiryOption::kSeconds || option == ExpiryOption::kUnixSeconds) {
    valid = valid && !__builtin_mul_overflow(deadline, int64_t{1000}, &deadline);
  }
  if (option == ExpiryOption::kSeconds || option == ExpiryOption::kMilliseconds) {
    valid = valid && !__builtin_add_overflow(deadline, ctx.now_ms(), &deadline);
  }
  if (!valid) {
    ReplyInvalidExpireTime(ctx);
    return std::nullopt;
  }
  return deadline;
}

}  // namespace tidemark::commands
