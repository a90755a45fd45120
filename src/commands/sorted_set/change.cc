// Members come, change their scores and go: ZADD, ZINCRBY, ZREM, ZREMRANGEBY*. Main thread.
#include <optional>
#include <vector>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/container.h"
#include "commands/sorted_set/add.h"
#include "commands/sorted_set/bounds.h"
#include "commands/sorted_set/handlers.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using values::RankRange;
using values::SortedSet;
using values::SortedSetView;
using Presence = SortedSet::Rule::Presence;
using Order = SortedSet::Rule::Order;

namespace {

// Options stand in front of the first score, whose index is left in `i`. Empty after having written the error reply.
std::optional<AddOptions> ParseAddOptions(Context& ctx, bool increment, size_t& i) {
  AddOptions options;
  bool nx = false;
  bool xx = false;
  bool gt = false;
  bool lt = false;
  for (i = 2; i < ctx.args.size(); ++i) {
    const std::string_view word = ctx.args[i];
    if (IsWord(word, "nx")) {
      nx = true;
    } else if (IsWord(word, "xx")) {
      xx = true;
    } else if (IsWord(word, "ch")) {
      options.count_changes = true;
    } else if (IsWord(word, "incr")) {
      increment = true;
    } else if (IsWord(word, "gt")) {
      gt = true;
    } else if (IsWord(word, "lt")) {
      lt = true;
    } else {
      break;
    }
  }
  const size_t left = ctx.args.size() - i;
  std::string_view error;
  if (left == 0 || left % 2 != 0) {
    error = errors::kSyntax;
  } else if (nx && xx) {
    error = errors::kZaddNxXx;
  } else if ((gt && nx) || (lt && nx) || (gt && lt)) {
    error = errors::kZaddGtLtNx;
  } else if (increment && left > 2) {
    error = errors::kZaddIncrPairs;
  }
  if (!error.empty()) {
    ctx.reply.Error(error);
    return std::nullopt;
  }
  options.rule.increment = increment;
  if (nx || xx) options.rule.presence = nx ? Presence::kMissing : Presence::kPresent;
  if (gt || lt) options.rule.order = gt ? Order::kGreater : Order::kLess;
  return options;
}

// All scores are read before anything is changed. False after having written the error reply.
bool ParseElements(Context& ctx, size_t first, std::vector<values::ScoredMember>& elements) {
  elements.reserve((ctx.args.size() - first) / 2);
  for (size_t i = first; i < ctx.args.size(); i += 2) {
    const std::optional<double> score = ParseDouble(ctx.args[i]);
    if (!score) {
      ctx.reply.Error(errors::kNotFloat);
      return false;
    }
    elements.push_back({ctx.args[i + 1], *score});
  }
  return true;
}

struct AddCounts {
  uint64_t added = 0;
  uint64_t updated = 0;
  std::optional<double> score;  // of the last member that no condition refused
  bool nan = false;
};

AddCounts Update(SortedSet& set, const SortedSet::Rule& rule, std::span<const values::ScoredMember> elements) {
  AddCounts counts;
  for (const values::ScoredMember& element : elements) {
    const SortedSet::Outcome outcome = set.Update(element, rule);
    if (outcome.nan) {
      counts.nan = true;
      break;
    }
    if (!outcome.refused) counts.score = outcome.score;
    counts.added += outcome.change == SortedSet::Change::kAdded;
    counts.updated += outcome.change == SortedSet::Change::kScore;
  }
  return counts;
}

void Add(Context& ctx, bool increment) {
  size_t first = 0;
  const std::optional<AddOptions> options = ParseAddOptions(ctx, increment, first);
  if (!options) return;
  std::vector<values::ScoredMember> elements;
  if (ParseElements(ctx, first, elements)) AddScored(ctx, *options, elements);
}

// Takes out the part of the set that find(const SortedSetView&) tells.
template <typename Find>
void RemoveRange(Context& ctx, Find&& find) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  RankRange range;
  if (ref) {
    ContainerEdit edit(ctx.db(), key, ref);
    SortedSet set(edit.object(), ctx.limits());
    range = find(set.view());
    set.EraseRange(range);
    if (range.count > 0) edit.MarkChanged();
  }
  ctx.MarkDirty(range.count);
  ctx.reply.Integer(static_cast<int64_t>(range.count));
}

}  // namespace

uint64_t AddScored(Context& ctx, const AddOptions& options, std::span<const values::ScoredMember> elements) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckType(ctx, ref, values::Type::kZSet)) return 0;
  AddCounts counts;
  if (ref || options.rule.presence != Presence::kPresent) {
    ContainerEdit edit(ctx.db(), key, ref, ref ? values::Object{} : values::NewSortedSet());
    SortedSet set(edit.object(), ctx.limits());
    counts = Update(set, options.rule, elements);
    if (counts.added + counts.updated > 0) edit.MarkChanged();
  }
  const uint64_t changes = counts.added + counts.updated;
  ctx.MarkDirty(changes);
  if (counts.nan) {
    ctx.reply.Error(errors::kScoreNan);
  } else if (!options.rule.increment) {
    ctx.reply.Integer(static_cast<int64_t>(counts.added + (options.count_changes ? counts.updated : 0)));
  } else if (counts.score) {
    ctx.reply.Double(*counts.score);
  } else {
    ctx.reply.Null();
  }
  return changes;
}

void ZaddCommand(Context& ctx) {
  Add(ctx, false);
}

void ZincrbyCommand(Context& ctx) {
  Add(ctx, true);
}

void ZremCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  uint64_t removed = 0;
  if (ref) {
    ContainerEdit edit(ctx.db(), key, ref);
    SortedSet set(edit.object(), ctx.limits());
    for (const std::string_view member : ctx.args.subspan(2)) removed += set.Erase(member);
    if (removed > 0) edit.MarkChanged();
  }
  ctx.MarkDirty(removed);
  ctx.reply.Integer(static_cast<int64_t>(removed));
}

void ZremrangebyrankCommand(Context& ctx) {
  const std::optional<RankBounds> bounds = RankArguments(ctx, 2, 3);
  if (bounds) RemoveRange(ctx, [&](const SortedSetView& set) { return bounds->Within(set.size()); });
}

void ZremrangebyscoreCommand(Context& ctx) {
  const std::optional<values::ScoreRange> range = ScoreRangeArguments(ctx, 2, 3);
  if (range) RemoveRange(ctx, [&](const SortedSetView& set) { return set.InScores(*range); });
}

void ZremrangebylexCommand(Context& ctx) {
  const std::optional<values::LexRange> range = LexRangeArguments(ctx, 2, 3);
  if (range) RemoveRange(ctx, [&](const SortedSetView& set) { return set.InMembers(*range); });
}

}  // namespace tidemark::commands
