// Members drawn at random: ZRANDMEMBER. Main thread.
#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "commands/arguments.h"
#include "commands/container.h"
#include "commands/sorted_set/handlers.h"
#include "commands/sorted_set/replies.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using values::SortedSetView;

namespace {

// Answers members by rank; a listpack is unpacked once if many are asked for.
class MembersByRank {
 public:
  enum class Calls : uint8_t { kOne, kMany };
  MembersByRank(const SortedSetView& set, Calls calls) : set_(set) {
    if (!set.packed() || calls == Calls::kOne) return;
    set.ForEach([&](std::string_view member, double score) { unpacked_.emplace_back(member, score); });
  }

  void Reply(Context& ctx, uint64_t rank, Scores scores) const {
    if (!unpacked_.empty()) {
      ReplyMember(ctx, unpacked_[rank].first, unpacked_[rank].second, scores);
      return;
    }
    set_.ForEach({rank, 1}, values::Direction::kUp,
                 [&](std::string_view member, double score) { ReplyMember(ctx, member, score, scores); });
  }

 private:
  const SortedSetView& set_;
  std::vector<std::pair<std::string, double>> unpacked_;
};

// `count` different ranks below `size`, by R. W. Floyd's method ("A sample of brilliance", 1987), in rising order.
std::vector<uint64_t> DistinctRanks(Random& random, uint64_t size, uint64_t count) {
  std::unordered_set<uint64_t> drawn;
  for (uint64_t top = size - count; top < size; ++top) {
    if (!drawn.insert(random.Below(top + 1)).second) drawn.insert(top);
  }
  std::vector<uint64_t> ranks(drawn.begin(), drawn.end());
  std::sort(ranks.begin(), ranks.end());
  return ranks;
}

void ReplyRandomMembers(Context& ctx, int64_t count, Scores scores) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  if (!ref || count == 0) {
    ctx.reply.Array(0);
    return;
  }
  const SortedSetView set(ref->object());
  const uint64_t size = set.size();
  if (count > 0 && static_cast<uint64_t>(count) >= size) {
    ReplyMembersHeader(ctx, size, scores);
    set.ForEach({0, size}, values::Direction::kDown,
                [&](std::string_view member, double score) { ReplyMember(ctx, member, score, scores); });
    return;
  }
  Random& random = ctx.keyspace.random();
  const MembersByRank members(set, MembersByRank::Calls::kMany);
  if (count > 0) {
    const std::vector<uint64_t> ranks = DistinctRanks(random, size, static_cast<uint64_t>(count));
    ReplyMembersHeader(ctx, ranks.size(), scores);
    for (const uint64_t rank : ranks) members.Reply(ctx, rank, scores);
    return;
  }
  const auto draws = static_cast<uint64_t>(-count);
  ReplyMembersHeader(ctx, draws, scores);
  for (uint64_t i = 0; i < draws; ++i) members.Reply(ctx, random.Below(size), scores);
}

void ReplyRandomMember(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  if (!ref) {
    ctx.reply.Null();
    return;
  }
  const SortedSetView set(ref->object());
  MembersByRank(set, MembersByRank::Calls::kOne).Reply(ctx, ctx.keyspace.random().Below(set.size()), Scores::kNo);
}

}  // namespace

void ZrandmemberCommand(Context& ctx) {
  if (ctx.args.size() == 2) return ReplyRandomMember(ctx);
  const std::optional<int64_t> count = IntegerArgument(ctx, 2);
  if (!count) return;
  if (*count == std::numeric_limits<int64_t>::min()) {
    ctx.reply.Error(errors::kLongNotInRange);
    return;
  }
  if (ctx.args.size() > 4 || (ctx.args.size() == 4 && !IsWord(ctx.args[3], "withscores"))) {
    ctx.reply.Error(errors::kSyntax);
    return;
  }
  const Scores scores = ctx.args.size() == 4 ? Scores::kYes : Scores::kNo;
  constexpr int64_t kHalf = std::numeric_limits<int64_t>::max() / 2;
  if (scores == Scores::kYes && (*count < -kHalf || *count > kHalf)) {
    ctx.reply.Error(errors::kValueOutOfRange);
    return;
  }
  ReplyRandomMembers(ctx, *count, scores);
}

}  // namespace tidemark::commands
