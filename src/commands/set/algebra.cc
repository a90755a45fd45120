// SINTER, SUNION, SDIFF and their STORE and CARD forms. Main thread.
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/container.h"
#include "commands/errors.h"
#include "commands/set/handlers.h"
#include "commands/set/operations.h"
#include "commands/set/replies.h"
#include "values/set.h"

namespace tidemark::commands {

using keyspace::DeleteCause;
using keyspace::EntryRef;
using keyspace::HashedKey;
using values::PackedItem;
using values::SetView;
using values::Type;

namespace {

// The sets in `count` arguments from `first` on. Empty after having written the error reply if one holds another type.
std::optional<SetSources> LookupSets(Context& ctx, size_t first, size_t count) {
  SetSources sources;
  sources.reserve(count);
  for (size_t i = first; i < first + count; ++i) {
    const EntryRef ref = ctx.db().LookupRead(ctx.Key(i));
    if (!CheckType(ctx, ref, Type::kSet)) return std::nullopt;
    // The container stays where it is even if a later lookup moves its entry.
    sources.push_back(ref ? std::optional(SetView(ref->object())) : std::nullopt);
  }
  return sources;
}

std::optional<SetSources> LookupSetsFrom(Context& ctx, size_t first) {
  return LookupSets(ctx, first, ctx.args.size() - first);
}

// Puts the result in the key of the first argument, or deletes the key if nothing is in it; answers the size.
void Store(Context& ctx, ResultSet& result) {
  const HashedKey key = ctx.Key(1);
  const EntryRef existing = ctx.db().LookupWrite(key);
  const auto size = static_cast<int64_t>(result.set().size());
  if (size > 0) {
    ctx.db().SetObject(existing, key, result.Take());
    ctx.MarkDirty();
  } else if (existing) {
    ctx.db().Delete(existing, DeleteCause::kServer);
    ctx.MarkDirty();
  }
  ctx.reply.Integer(size);
}

using AddResult = void (*)(const SetSources&, values::Set&);

void ReplyOperation(Context& ctx, AddResult add) {
  const std::optional<SetSources> sources = LookupSetsFrom(ctx, 1);
  if (!sources) return;
  ResultSet result(values::NewTableSet(), ctx.limits());
  add(*sources, result.set());
  ReplyMembers(ctx, result.set());
}

void StoreOperation(Context& ctx, AddResult add) {
  const std::optional<SetSources> sources = LookupSetsFrom(ctx, 2);
  if (!sources) return;
  ResultSet result(values::NewIntsetSet(), ctx.limits());
  add(*sources, result.set());
  Store(ctx, result);
}

// The arguments of the commands that answer only a number: numkeys key [key ...] [LIMIT limit].
struct CountRequest {
  SetSources sources;
  uint64_t limit = std::numeric_limits<uint64_t>::max();
};

enum class Approximation : uint8_t { kUnknownWord, kAllowed };

std::optional<CountRequest> ParseCountRequest(Context& ctx, Approximation approximation) {
  const auto refuse = [&](std::string_view error) {
    ctx.reply.Error(error);
    return std::nullopt;
  };
  const std::optional<int64_t> keys = ParseInt64(ctx.args[1]);
  if (!keys || *keys < 1) return refuse(errors::kNumKeysNotPositive);
  if (static_cast<uint64_t>(*keys) > ctx.args.size() - 2) return refuse(errors::kTooManyKeys);
  CountRequest request;
  const auto key_count = static_cast<size_t>(*keys);
  for (size_t i = 2 + key_count; i < ctx.args.size(); ++i) {
    if (IsWord(ctx.args[i], "limit") && i + 1 < ctx.args.size()) {
      const std::optional<int64_t> limit = ParseInt64(ctx.args[++i]);
      if (!limit || *limit < 0) return refuse(errors::kLimitNegative);
      request.limit = *limit == 0 ? std::numeric_limits<uint64_t>::max() : static_cast<uint64_t>(*limit);
    } else if (approximation != Approximation::kAllowed || !IsWord(ctx.args[i], "approx")) {
      return refuse(errors::kSyntax);
    }
  }
  std::optional<SetSources> sources = LookupSets(ctx, 2, key_count);
  if (!sources) return std::nullopt;
  request.sources = std::move(*sources);
  return request;
}

void CountOperation(Context& ctx, AddResult add, Approximation approximation) {
  const std::optional<CountRequest> request = ParseCountRequest(ctx, approximation);
  if (!request) return;
  ResultSet result(values::NewTableSet(), ctx.limits());
  add(request->sources, result.set());
  ctx.reply.Integer(static_cast<int64_t>(std::min(result.set().size(), request->limit)));
}

}  // namespace

void SInterCommand(Context& ctx) {
  const std::optional<SetSources> sources = LookupSetsFrom(ctx, 1);
  if (!sources) return;
  std::vector<PackedItem> members;
  VisitIntersection(*sources, [&](const PackedItem& member) {
    members.push_back(member);
    return true;
  });
  ctx.reply.Set(members.size());
  for (const PackedItem& member : members) ReplyMember(ctx, member);
}

void SInterCardCommand(Context& ctx) {
  const std::optional<CountRequest> request = ParseCountRequest(ctx, Approximation::kUnknownWord);
  if (!request) return;
  uint64_t count = 0;
  VisitIntersection(request->sources, [&](const PackedItem&) { return ++count < request->limit; });
  ctx.reply.Integer(static_cast<int64_t>(count));
}

void SInterStoreCommand(Context& ctx) {
  const std::optional<SetSources> sources = LookupSetsFrom(ctx, 2);
  if (!sources) return;
  ResultSet result(IntersectionStart(*sources), ctx.limits());
  StoreIntersection(*sources, result);
  Store(ctx, result);
}

void SUnionCommand(Context& ctx) {
  ReplyOperation(ctx, AddUnion);
}

void SUnionStoreCommand(Context& ctx) {
  StoreOperation(ctx, AddUnion);
}

// An exact number is as good as an approximate one, so APPROX changes nothing.
void SUnionCardCommand(Context& ctx) {
  CountOperation(ctx, AddUnion, Approximation::kAllowed);
}

void SDiffCommand(Context& ctx) {
  ReplyOperation(ctx, AddDifference);
}

void SDiffStoreCommand(Context& ctx) {
  StoreOperation(ctx, AddDifference);
}

void SDiffCardCommand(Context& ctx) {
  CountOperation(ctx, AddDifference, Approximation::kUnknownWord);
}

}  // namespace tidemark::commands
