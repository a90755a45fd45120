// Several sets made into one: ZUNION, ZINTER, ZDIFF, their STORE forms, ZINTERCARD. Main thread.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/command_spec.h"
#include "commands/container.h"
#include "commands/sorted_set/bounds.h"
#include "commands/sorted_set/handlers.h"
#include "commands/sorted_set/results.h"
#include "commands/sorted_set/source.h"

namespace tidemark::commands {

using keyspace::EntryRef;

namespace {

enum class Operation : uint8_t { kUnion, kInter, kDiff };
enum class Outcome : uint8_t { kReply, kStore, kCount };
enum class Aggregate : uint8_t { kSum, kMin, kMax, kCount };

struct Combination {
  Operation operation;
  Outcome outcome = Outcome::kReply;
  size_t numkeys_index = 1;
  std::vector<ScoredSource> sources = {};
  std::vector<double> weights = {};
  Aggregate aggregate = Aggregate::kSum;
  Scores scores = Scores::kNo;
  uint64_t limit = 0;  // of a count; 0: none
};

// What a member of a source with this score gives to the result, before it meets others.
double Contribution(const Combination& combination, double score, double weight) {
  return combination.aggregate == Aggregate::kCount ? weight : weight * score;
}

// Sums of opposite infinities, and infinities that weigh nothing, count as 0.
double ZeroForNan(double value) {
  return std::isnan(value) ? 0 : value;
}

void AddTo(double& total, double value, Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::kSum:
    case Aggregate::kCount:
      total = ZeroForNan(total + value);
      return;
    case Aggregate::kMin:
      if (value < total) total = value;
      return;
    case Aggregate::kMax:
      if (value > total) total = value;
      return;
  }
}

bool ParseKeys(Context& ctx, Combination& combination) {
  const std::optional<int64_t> count = IntegerArgument(ctx, combination.numkeys_index);
  if (!count) return false;
  if (*count < 1) {
    ctx.reply.Error("ERR at least 1 input key is needed for '" + std::string(ctx.spec->name) + "' command");
    return false;
  }
  const size_t first = combination.numkeys_index + 1;
  if (static_cast<uint64_t>(*count) > ctx.args.size() - first) {
    ctx.reply.Error(errors::kSyntax);
    return false;
  }
  for (size_t i = first; i < first + static_cast<size_t>(*count); ++i) {
    const EntryRef ref = ctx.db().LookupRead(ctx.Key(i));
    if (ref && !ScoredSource::Accepts(ref->type())) {
      ctx.reply.Error(errors::kWrongType);
      return false;
    }
    combination.sources.push_back(ref ? ScoredSource(ref->object()) : ScoredSource());
  }
  combination.weights.assign(combination.sources.size(), 1.0);
  return true;
}

std::optional<Aggregate> ParseAggregate(std::string_view word) {
  if (IsWord(word, "sum")) return Aggregate::kSum;
  if (IsWord(word, "min")) return Aggregate::kMin;
  if (IsWord(word, "max")) return Aggregate::kMax;
  if (IsWord(word, "count")) return Aggregate::kCount;
  return std::nullopt;
}

bool ParseWeights(Context& ctx, size_t first, Combination& combination) {
  for (size_t i = 0; i < combination.weights.size(); ++i) {
    const std::optional<double> weight = ParseDouble(ctx.args[first + i]);
    if (!weight) {
      ctx.reply.Error(errors::kWeightNotFloat);
      return false;
    }
    combination.weights[i] = *weight;
  }
  return true;
}

// False after having written the error reply.
bool ParseOptions(Context& ctx, Combination& combination) {
  const size_t key_count = combination.sources.size();
  const bool weighed = combination.operation != Operation::kDiff && combination.outcome != Outcome::kCount;
  size_t i = combination.numkeys_index + 1 + key_count;
  while (i < ctx.args.size()) {
    const std::string_view word = ctx.args[i];
    const size_t left = ctx.args.size() - i;
    if (weighed && left > key_count && IsWord(word, "weights")) {
      if (!ParseWeights(ctx, i + 1, combination)) return false;
      i += 1 + key_count;
      continue;
    }
    if (weighed && left >= 2 && IsWord(word, "aggregate")) {
      if (const std::optional<Aggregate> aggregate = ParseAggregate(ctx.args[i + 1])) {
        combination.aggregate = *aggregate;
        i += 2;
        continue;
      }
    } else if (combination.outcome == Outcome::kReply && IsWord(word, "withscores")) {
      combination.scores = Scores::kYes;
      ++i;
      continue;
    } else if (combination.outcome == Outcome::kCount && left >= 2 && IsWord(word, "limit")) {
      const std::optional<int64_t> limit = BoundedArgument(ctx, i + 1, 0, errors::kLimitNegative);
      if (!limit) return false;
      combination.limit = static_cast<uint64_t>(*limit);
      i += 2;
      continue;
    }
    ctx.reply.Error(errors::kSyntax);
    return false;
  }
  return true;
}

// Smallest first, so that an intersection looks up as little as may be. Sums of floats depend on this order.
void SortBySize(Combination& combination) {
  std::vector<std::pair<ScoredSource, double>> pairs;
  for (size_t i = 0; i < combination.sources.size(); ++i) {
    pairs.emplace_back(combination.sources[i], combination.weights[i]);
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const auto& a, const auto& b) { return a.first.size() < b.first.size(); });
  for (size_t i = 0; i < pairs.size(); ++i) {
    combination.sources[i] = pairs[i].first;
    combination.weights[i] = pairs[i].second;
  }
}

void Unite(const Combination& combination, ScoredResults& results) {
  for (size_t i = 0; i < combination.sources.size(); ++i) {
    combination.sources[i].ForEach([&](std::string_view member, double score) {
      const double value = ZeroForNan(Contribution(combination, score, combination.weights[i]));
      if (double* const total = results.FindOrAdd(member, value)) AddTo(*total, value, combination.aggregate);
      return true;
    });
  }
}

// Calls visit(member, score) for each member of all sources; it answers false to stop.
template <typename Visit>
void Intersect(const Combination& combination, Visit&& visit) {
  const std::vector<ScoredSource>& sources = combination.sources;
  if (sources[0].size() == 0) return;
  sources[0].ForEach([&](std::string_view member, double score) {
    double total = ZeroForNan(Contribution(combination, score, combination.weights[0]));
    for (size_t i = 1; i < sources.size(); ++i) {
      const std::optional<double> other = sources[i].Score(member);
      if (!other) return true;
      AddTo(total, Contribution(combination, *other, combination.weights[i]), combination.aggregate);
    }
    return visit(member, total);
  });
}

void Subtract(const Combination& combination, ScoredResults& results) {
  const std::vector<ScoredSource>& sources = combination.sources;
  sources[0].ForEach([&](std::string_view member, double score) {
    const bool elsewhere = std::any_of(sources.begin() + 1, sources.end(),
                                       [&](const ScoredSource& source) { return source.Score(member).has_value(); });
    if (!elsewhere) results.Add(member, score);
    return true;
  });
}

void ReplyIntersectionSize(Context& ctx, const Combination& combination) {
  uint64_t count = 0;
  Intersect(combination, [&](std::string_view, double) { return ++count != combination.limit; });
  ctx.reply.Integer(static_cast<int64_t>(count));
}

void Run(Context& ctx, Combination combination) {
  if (!ParseKeys(ctx, combination) || !ParseOptions(ctx, combination)) return;
  if (combination.operation != Operation::kDiff) SortBySize(combination);
  if (combination.outcome == Outcome::kCount) return ReplyIntersectionSize(ctx, combination);
  ScoredResults results;
  switch (combination.operation) {
    case Operation::kUnion:
      Unite(combination, results);
      break;
    case Operation::kInter:
      Intersect(combination, [&](std::string_view member, double score) {
        results.Add(member, score);
        return true;
      });
      break;
    case Operation::kDiff:
      Subtract(combination, results);
      break;
  }
  results.Sort();
  if (combination.outcome == Outcome::kStore) {
    results.Store(ctx, 1);
    if (combination.aggregate == Aggregate::kCount) results.AddContentEffects(ctx, 1);
  } else {
    results.Reply(ctx, combination.scores);
  }
}

}  // namespace

void ZunionCommand(Context& ctx) {
  Run(ctx, {.operation = Operation::kUnion});
}

void ZinterCommand(Context& ctx) {
  Run(ctx, {.operation = Operation::kInter});
}

void ZdiffCommand(Context& ctx) {
  Run(ctx, {.operation = Operation::kDiff});
}

void ZintercardCommand(Context& ctx) {
  Run(ctx, {.operation = Operation::kInter, .outcome = Outcome::kCount});
}

void ZunionstoreCommand(Context& ctx) {
  Run(ctx, {.operation = Operation::kUnion, .outcome = Outcome::kStore, .numkeys_index = 2});
}

void ZinterstoreCommand(Context& ctx) {
  Run(ctx, {.operation = Operation::kInter, .outcome = Outcome::kStore, .numkeys_index = 2});
}

void ZdiffstoreCommand(Context& ctx) {
  Run(ctx, {.operation = Operation::kDiff, .outcome = Outcome::kStore, .numkeys_index = 2});
}

}  // namespace tidemark::commands
