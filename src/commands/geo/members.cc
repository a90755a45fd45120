// Places of members: GEOADD, GEOPOS, GEODIST, GEOHASH. Main thread.
#include <optional>
#include <span>
#include <vector>

#include "base/geohash.h"
#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/container.h"
#include "commands/geo/handlers.h"
#include "commands/geo/places.h"
#include "commands/sorted_set/add.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

using geo::Point;
using keyspace::EntryRef;
using values::SortedSetView;
using Presence = values::SortedSet::Rule::Presence;

namespace {

// Answers an array with reply(place) for each member asked for, missing() where there is none.
template <typename Reply, typename Missing>
void ReplyPlaces(Context& ctx, Reply&& reply, Missing&& missing) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  ctx.reply.Array(ctx.args.size() - 2);
  for (const std::string_view member : ctx.args.subspan(2)) {
    const std::optional<Point> place = ref ? PlaceOf(SortedSetView(ref->object()), member) : std::nullopt;
    if (place) {
      reply(*place);
    } else {
      missing();
    }
  }
}

// The cells as scores, which do not depend on how a server computes them.
void AddZaddEffect(const Context& ctx, const AddOptions& options, std::span<const values::ScoredMember> elements) {
  if (!ctx.effects.wanted()) return;
  ComposedEffect zadd({"ZADD", ctx.args[1]});
  if (options.rule.presence == Presence::kMissing) zadd.Word("NX");
  if (options.rule.presence == Presence::kPresent) zadd.Word("XX");
  for (const values::ScoredMember& element : elements) {
    zadd.Number(static_cast<int64_t>(element.score)).Word(element.member);
  }
  zadd.AddTo(ctx);
}

}  // namespace

void GeoaddCommand(Context& ctx) {
  AddOptions options;
  bool nx = false;
  bool xx = false;
  size_t i = 2;
  for (; i < ctx.args.size(); ++i) {
    if (IsWord(ctx.args[i], "nx")) {
      nx = true;
    } else if (IsWord(ctx.args[i], "xx")) {
      xx = true;
    } else if (IsWord(ctx.args[i], "ch")) {
      options.count_changes = true;
    } else {
      break;
    }
  }
  const size_t left = ctx.args.size() - i;
  if (left == 0 || left % 3 != 0 || (nx && xx)) {
    ctx.reply.Error(errors::kSyntax);
    return;
  }
  if (nx || xx) options.rule.presence = nx ? Presence::kMissing : Presence::kPresent;
  std::vector<values::ScoredMember> elements;
  for (; i < ctx.args.size(); i += 3) {
    const std::optional<Point> point = PointArgument(ctx, i);
    if (!point) return;
    elements.push_back({ctx.args[i + 2], static_cast<double>(geo::Encode(*point))});
  }
  if (AddScored(ctx, options, elements) > 0) AddZaddEffect(ctx, options, elements);
}

void GeoposCommand(Context& ctx) {
  ReplyPlaces(
      ctx, [&](const Point& place) { ReplyPoint(ctx, place); }, [&] { ctx.reply.NullArray(); });
}

void GeohashCommand(Context& ctx) {
  ReplyPlaces(
      ctx, [&](const Point& place) { ctx.reply.Bulk(geo::StandardText(place)); }, [&] { ctx.reply.Null(); });
}

void GeodistCommand(Context& ctx) {
  if (ctx.args.size() > 5) {
    ctx.reply.Error(errors::kSyntax);
    return;
  }
  const std::optional<double> unit = ctx.args.size() == 5 ? UnitArgument(ctx, 4) : 1;
  if (!unit) return;
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  std::optional<Point> from;
  std::optional<Point> to;
  if (ref) {
    from = PlaceOf(SortedSetView(ref->object()), ctx.args[2]);
    to = PlaceOf(SortedSetView(ref->object()), ctx.args[3]);
  }
  if (!from || !to) return ctx.reply.Null();
  ReplyDistance(ctx, geo::Distance(*from, *to) / *unit);
}

}  // namespace tidemark::commands
