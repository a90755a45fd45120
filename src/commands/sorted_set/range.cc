// Parts of sorted sets in order: ZRANGE and its older forms, ZRANGESTORE. Main thread.
#include <algorithm>
#include <optional>
#include <vector>

#include "commands/arguments.h"
#include "commands/container.h"
#include "commands/sorted_set/bounds.h"
#include "commands/sorted_set/handlers.h"
#include "commands/sorted_set/replies.h"
#include "commands/sorted_set/results.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using values::Direction;
using values::LexRange;
using values::RankRange;
using values::ScoreRange;
using values::SortedSetView;

namespace {

enum class By : uint8_t { kRank, kScore, kLex };
enum class Target : uint8_t { kReply, kStore };

// What is asked for. `by` and `direction` are empty where the options say.
struct RangeQuery {
  size_t key_index = 1;
  Target target = Target::kReply;
  std::optional<By> by = {};
  std::optional<Direction> direction = {};
  Scores scores = Scores::kNo;
  int64_t offset = 0;
  int64_t limit = -1;
  RankBounds ranks = {};
  ScoreRange score_range = {};
  LexRange lex_range = {};
};

// LIMIT, WITHSCORES, REV, BYLEX, BYSCORE. False after having written the error reply.
bool ParseOptions(Context& ctx, RangeQuery& query) {
  for (size_t i = query.key_index + 3; i < ctx.args.size(); ++i) {
    const std::string_view word = ctx.args[i];
    if (query.target == Target::kReply && IsWord(word, "withscores")) {
      query.scores = Scores::kYes;
    } else if (IsWord(word, "limit") && i + 2 < ctx.args.size()) {
      const std::optional<RankBounds> limit = RankArguments(ctx, i + 1, i + 2);
      if (!limit) return false;
      query.offset = limit->start;
      query.limit = limit->stop;
      i += 2;
    } else if (!query.direction && IsWord(word, "rev")) {
      query.direction = Direction::kDown;
    } else if (!query.by && IsWord(word, "bylex")) {
      query.by = By::kLex;
    } else if (!query.by && IsWord(word, "byscore")) {
      query.by = By::kScore;
    } else {
      ctx.reply.Error(errors::kSyntax);
      return false;
    }
  }
  query.direction = query.direction.value_or(Direction::kUp);
  query.by = query.by.value_or(By::kRank);
  if (query.limit != -1 && query.by == By::kRank) {
    ctx.reply.Error(errors::kZrangeLimit);
    return false;
  }
  if (query.scores == Scores::kYes && query.by == By::kLex) {
    ctx.reply.Error(errors::kZrangeLexScores);
    return false;
  }
  return true;
}

bool ParseBounds(Context& ctx, RangeQuery& query) {
  size_t min_index = query.key_index + 1;
  size_t max_index = query.key_index + 2;
  if (*query.direction == Direction::kDown && query.by != By::kRank) std::swap(min_index, max_index);
  switch (*query.by) {
    case By::kRank: {
      const std::optional<RankBounds> ranks = RankArguments(ctx, min_index, max_index);
      query.ranks = ranks.value_or(RankBounds{});
      return ranks.has_value();
    }
    case By::kScore: {
      const std::optional<ScoreRange> range = ScoreRangeArguments(ctx, min_index, max_index);
      query.score_range = range.value_or(ScoreRange{});
      return range.has_value();
    }
    case By::kLex: {
      const std::optional<LexRange> range = LexRangeArguments(ctx, min_index, max_index);
      query.lex_range = range.value_or(LexRange{});
      return range.has_value();
    }
  }
  return false;
}

// Cuts `range`, which is walked in `direction`, to what LIMIT leaves of it.
RankRange Limited(RankRange range, Direction direction, int64_t offset, int64_t limit) {
  if (offset < 0 || static_cast<uint64_t>(offset) >= range.count) return {};
  const auto skipped = static_cast<uint64_t>(offset);
  uint64_t count = range.count - skipped;
  if (limit >= 0) count = std::min(count, static_cast<uint64_t>(limit));
  if (direction == Direction::kUp) return {range.first + skipped, count};
  return {range.first + range.count - skipped - count, count};
}

RankRange Select(const SortedSetView& set, const RangeQuery& query) {
  switch (*query.by) {
    case By::kRank: {
      RankRange range = query.ranks.Within(set.size());
      // Ranks count from the end where the walk goes down.
      if (query.direction == Direction::kDown) range.first = set.size() - range.first - range.count;
      return range;
    }
    case By::kScore:
      return Limited(set.InScores(query.score_range), *query.direction, query.offset, query.limit);
    case By::kLex:
      return Limited(set.InMembers(query.lex_range), *query.direction, query.offset, query.limit);
  }
  return {};
}

void StoreRange(Context& ctx, const EntryRef& ref, const RangeQuery& query) {
  if (!ref) return StoreSortedSet(ctx, 1, values::NewSortedSet());
  const SortedSetView set(ref->object());
  const RankRange range = Select(set, query);
  // One by one in the order of the walk, as Redis does: the sign of a zero is lost while the copy is a listpack. Only
  // of a range of ranks does Redis know beforehand how many come.
  const size_t foreseen = query.by == By::kRank ? range.count : 0;
  values::Object stored = values::NewSortedSetFor(foreseen, ctx.limits());
  values::SortedSet copy(stored, ctx.limits());
  set.ForEach(range, *query.direction, [&](std::string_view member, double score) { copy.Set(member, score); });
  StoreSortedSet(ctx, 1, stored);
}

void RunQuery(Context& ctx, RangeQuery query) {
  if (!ParseOptions(ctx, query) || !ParseBounds(ctx, query)) return;
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(query.key_index));
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  if (query.target == Target::kStore) return StoreRange(ctx, ref, query);
  if (!ref) {
    ctx.reply.Array(0);
    return;
  }
  const SortedSetView set(ref->object());
  const RankRange range = Select(set, query);
  ReplyMembersHeader(ctx, range.count, query.scores);
  set.ForEach(range, *query.direction,
              [&](std::string_view member, double score) { ReplyMember(ctx, member, score, query.scores); });
}

}  // namespace

void ZrangeCommand(Context& ctx) {
  RunQuery(ctx, {});
}

void ZrangestoreCommand(Context& ctx) {
  RunQuery(ctx, {.key_index = 2, .target = Target::kStore});
}

void ZrevrangeCommand(Context& ctx) {
  RunQuery(ctx, {.by = By::kRank, .direction = Direction::kDown});
}

void ZrangebyscoreCommand(Context& ctx) {
  RunQuery(ctx, {.by = By::kScore, .direction = Direction::kUp});
}

void ZrevrangebyscoreCommand(Context& ctx) {
  RunQuery(ctx, {.by = By::kScore, .direction = Direction::kDown});
}

void ZrangebylexCommand(Context& ctx) {
  RunQuery(ctx, {.by = By::kLex, .direction = Direction::kUp});
}

void ZrevrangebylexCommand(Context& ctx) {
  RunQuery(ctx, {.by = By::kLex, .direction = Direction::kDown});
}

}  // namespace tidemark::commands
