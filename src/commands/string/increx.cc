// INCREX: a counter with bounds and an expiry of its own. Main thread.
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/errors.h"
#include "commands/string/bounded_increment.h"
#include "commands/string/handlers.h"
#include "commands/string/options.h"
#include "commands/string/values.h"

namespace tidemark::commands {

using keyspace::DeleteCause;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::KeepExpiry;

namespace {

// Where the options' values stand among the arguments; 0: not given.
struct Options {
  bool floats = false;
  size_t by_index = 0;
  size_t lower_index = 0;
  size_t upper_index = 0;
  bool saturate = false;
  ExpiryOption expiry = ExpiryOption::kNone;
  size_t expiry_index = 0;
  bool keep_expiry = false;  // ENX: an expiry that is there stays
};

bool SetOnce(bool& flag) {
  const bool before = std::exchange(flag, true);
  return !before;
}

bool SetOnce(size_t& index, size_t value) {
  if (index != 0) return false;
  index = value;
  return true;
}

bool SetOnce(ExpiryOption& chosen, ExpiryOption option) {
  if (chosen != ExpiryOption::kNone) return false;
  chosen = option;
  return true;
}

// Reads the option at `at`; returns how many arguments it takes, 0 if it is none or stands there a second time.
size_t ParseOption(const Context& ctx, size_t at, Options& options) {
  const std::string_view word = ctx.args[at];
  if (IsWord(word, "saturate")) return SetOnce(options.saturate) ? 1 : 0;
  if (IsWord(word, "enx")) return SetOnce(options.keep_expiry) ? 1 : 0;
  if (IsWord(word, "persist")) return SetOnce(options.expiry, ExpiryOption::kPersist) ? 1 : 0;
  if (at + 1 >= ctx.args.size()) return 0;
  if (IsWord(word, "byint")) return SetOnce(options.by_index, at + 1) ? 2 : 0;
  if (IsWord(word, "byfloat")) {
    options.floats = true;
    return SetOnce(options.by_index, at + 1) ? 2 : 0;
  }
  if (IsWord(word, "lbound")) return SetOnce(options.lower_index, at + 1) ? 2 : 0;
  if (IsWord(word, "ubound")) return SetOnce(options.upper_index, at + 1) ? 2 : 0;
  const ExpiryOption deadline = DeadlineOption(word);
  if (deadline == ExpiryOption::kNone || !SetOnce(options.expiry, deadline)) return 0;
  options.expiry_index = at + 1;
  return 2;
}

// Empty after having written the error reply.
std::optional<Options> ParseOptions(Context& ctx) {
  Options options;
  for (size_t at = 2; at < ctx.args.size();) {
    const size_t taken = ParseOption(ctx, at, options);
    if (taken == 0) {
      ctx.reply.Error(errors::kSyntax);
      return std::nullopt;
    }
    at += taken;
  }
  if (options.keep_expiry && options.expiry_index == 0) {
    const bool persist = options.expiry == ExpiryOption::kPersist;
    ctx.reply.Error(persist ? errors::kSyntax : errors::kEnxWithoutExpiry);
    return std::nullopt;
  }
  return options;
}

// What is different about counting in integers and in floats.
struct Integers {
  using Number = int64_t;
  static constexpr Number kLowest = std::numeric_limits<int64_t>::min();
  static constexpr Number kHighest = std::numeric_limits<int64_t>::max();
  static constexpr std::string_view kNoNumber = " is not an integer or out of range";
  static constexpr std::string_view kValueNoNumber = errors::kNotInteger;
  static constexpr std::string_view kUnrepresentable = errors::kAppliedOverflow;

  static std::optional<Number> Parse(std::string_view text) { return ParseInt64(text); }
  static std::optional<Number> ValueOf(const EntryRef& ref) { return IntegerOf(ref); }

  static EntryRef Store(Context& ctx, EntryRef ref, const HashedKey& key, Number value) {
    if (ref) {
      ctx.db().SetInteger(ref, value);
      return ref;
    }
    char scratch[kInt64Chars];
    return ctx.db().SetString({}, key, FormatInt64(value, scratch));
  }
  static void Reply(Context& ctx, Number number) { ctx.reply.Integer(number); }
};

struct Floats {
  using Number = long double;
  static constexpr Number kLowest = std::numeric_limits<long double>::lowest();
  static constexpr Number kHighest = std::numeric_limits<long double>::max();
  static constexpr std::string_view kNoNumber = " is not a valid float";
  static constexpr std::string_view kValueNoNumber = errors::kNotFloat;
  static constexpr std::string_view kUnrepresentable = errors::kAppliedInfinite;

  static std::optional<Number> Parse(std::string_view text) {
    const std::optional<Number> number = ParseLongDouble(text);
    return number && std::isnan(*number) ? std::nullopt : number;
  }
  static std::optional<Number> ValueOf(const EntryRef& ref) {
    const std::optional<Number> number = FloatOf(ref);
    return number && std::isnan(*number) ? std::nullopt : number;
  }
  static EntryRef Store(Context& ctx, EntryRef ref, const HashedKey& key, Number value) {
    return ctx.db().SetText(ref, key, FormatLongDouble(value), KeepExpiry::kYes);
  }
  static void Reply(Context& ctx, Number number) {
    const std::string text = FormatLongDouble(number);
    ctx.reply.resp3() ? ctx.reply.Raw("," + text + "\r\n") : ctx.reply.Bulk(text);
  }
};

// The argument at `index`, `otherwise` if that is 0. Empty after having written the error reply, which calls it `name`.
template <typename Kind>
std::optional<typename Kind::Number> Argument(Context& ctx, size_t index, std::string_view name,
                                              typename Kind::Number otherwise) {
  if (index == 0) return otherwise;
  const std::optional<typename Kind::Number> number = Kind::Parse(ctx.args[index]);
  if (!number) ctx.reply.Error("ERR " + std::string(name) + std::string(Kind::kNoNumber));
  return number;
}

template <typename Kind>
std::optional<IncrementBounds<typename Kind::Number>> Bounds(Context& ctx, const Options& options) {
  const auto lower = Argument<Kind>(ctx, options.lower_index, "LBOUND", Kind::kLowest);
  if (!lower) return std::nullopt;
  const auto upper = Argument<Kind>(ctx, options.upper_index, "UBOUND", Kind::kHighest);
  if (!upper) return std::nullopt;
  if (*lower > *upper) {
    ctx.reply.Error(errors::kBoundsCrossed);
    return std::nullopt;
  }
  return IncrementBounds<typename Kind::Number>{*lower, *upper, options.saturate};
}

// False if the key is gone.
bool ChangeExpiry(Context& ctx, EntryRef& ref, const Options& options, std::optional<int64_t> deadline) {
  if (options.expiry == ExpiryOption::kPersist) {
    if (ref->has_expiry()) ctx.db().ClearExpiry(ref);
    return true;
  }
  if (!deadline || (options.keep_expiry && ref->has_expiry())) return true;
  if (*deadline <= ctx.expiry_now_ms()) {
    ctx.db().Delete(ref, DeleteCause::kExpiry);
    return false;
  }
  ctx.db().SetExpiry(ref, *deadline);
  return true;
}

// What the key holds now.
void AddStoredEffect(const Context& ctx, const EntryRef& ref) {
  if (!ctx.effects.wanted()) return;
  char scratch[kInt64Chars];
  const auto expiry_ms = ref->has_expiry() ? std::optional(ref->expiry_ms()) : std::nullopt;
  AddStringEffect(ctx, ctx.args[1], ref->StringView(scratch), expiry_ms);
}

template <typename Kind>
void IncrementKey(Context& ctx, const Options& options) {
  using Number = typename Kind::Number;
  using Outcome = typename Incremented<Number>::Outcome;
  const auto by = Argument<Kind>(ctx, options.by_index, "Increment", Number{1});
  if (!by) return;
  if (!std::isfinite(static_cast<long double>(*by))) return ctx.reply.Error(errors::kIncrementInfinite);
  const auto bounds = Bounds<Kind>(ctx, options);
  if (!bounds) return;
  std::optional<int64_t> deadline;
  if (options.expiry_index != 0) {
    deadline = DeadlineOf(ctx, options.expiry, options.expiry_index);
    if (!deadline) return;
  }
  const HashedKey key = ctx.Key(1);
  EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckString(ctx, ref)) return;
  const std::optional<Number> old = Kind::ValueOf(ref);
  if (!old) return ctx.reply.Error(Kind::kValueNoNumber);
  if (!std::isfinite(static_cast<long double>(*old))) return ctx.reply.Error(errors::kValueInfinite);
  const Incremented<Number> result = Increment(*old, *by, *bounds);
  if (result.outcome == Outcome::kUnrepresentable) return ctx.reply.Error(Kind::kUnrepresentable);
  if (result.outcome == Outcome::kApplied) {
    ref = Kind::Store(ctx, ref, key, result.value);
    const bool lives = ChangeExpiry(ctx, ref, options, deadline);
    ctx.MarkDirty();
    lives ? AddStoredEffect(ctx, ref) : AddDeletionEffect(ctx, ctx.args[1], DeleteCause::kExpiry);
  }
  ctx.reply.Array(2);
  Kind::Reply(ctx, result.value);
  Kind::Reply(ctx, result.applied);
}

}  // namespace

void IncrExCommand(Context& ctx) {
  const std::optional<Options> options = ParseOptions(ctx);
  if (!options) return;
  options->floats ? IncrementKey<Floats>(ctx, *options) : IncrementKey<Integers>(ctx, *options);
}

}  // namespace tidemark::commands
