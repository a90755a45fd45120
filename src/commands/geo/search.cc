// Members near a place: GEORADIUS and its forms, GEOSEARCH, GEOSEARCHSTORE. Main thread.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/geohash.h"
#include "commands/container.h"
#include "commands/geo/handlers.h"
#include "commands/geo/places.h"
#include "commands/geo/query.h"
#include "commands/sorted_set/results.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

using geo::Point;
using keyspace::EntryRef;
using values::SortedSetView;

namespace {

struct Found {
  std::string member;
  double score;
  double distance;  // meters
  Point place;
};

// Every member in the shape, cell by cell; with ANY, no more than asked for.
std::vector<Found> Search(const SortedSetView& set, const GeoQuery& query) {
  std::vector<Found> found;
  const uint64_t enough = query.any ? query.count : 0;
  const geo::Cover cover = geo::CoverOf(query.shape);
  for (int i = 0; i < cover.count && (enough == 0 || found.size() < enough); ++i) {
    const geo::Cell& cell = cover.cells[static_cast<size_t>(i)];
    const values::ScoreRange range{.min = static_cast<double>(cell.FirstHash()),
                                   .max = static_cast<double>(cell.EndHash()),
                                   .max_exclusive = true};
    set.ForEach(set.InScores(range), values::Direction::kUp, [&](std::string_view member, double score) {
      const Point place = geo::DecodeScore(score);
      if (const std::optional<double> distance = query.shape.DistanceInside(place)) {
        found.push_back({std::string(member), score, *distance, place});
      }
      return enough == 0 || found.size() < enough;
    });
  }
  return found;
}

// Sorts as asked, and cuts to the count.
void Arrange(std::vector<Found>& found, const GeoQuery& query) {
  GeoSort sort = query.sort;
  if (query.count != 0 && sort == GeoSort::kNone && !query.any) sort = GeoSort::kNearest;
  if (sort == GeoSort::kNearest) {
    std::stable_sort(found.begin(), found.end(),
                     [](const Found& a, const Found& b) { return a.distance < b.distance; });
  } else if (sort == GeoSort::kFarthest) {
    std::stable_sort(found.begin(), found.end(),
                     [](const Found& a, const Found& b) { return a.distance > b.distance; });
  }
  if (query.count != 0 && found.size() > query.count) found.resize(query.count);
}

void ReplyFound(Context& ctx, const std::vector<Found>& found, const GeoQuery& query) {
  const size_t extras = size_t{query.with_distance} + query.with_hash + query.with_place;
  ctx.reply.Array(found.size());
  for (const Found& item : found) {
    if (extras > 0) ctx.reply.Array(1 + extras);
    ctx.reply.Bulk(item.member);
    if (query.with_distance) ReplyDistance(ctx, item.distance / query.unit);
    if (query.with_hash) ctx.reply.Integer(static_cast<int64_t>(item.score));
    if (query.with_place) ReplyPoint(ctx, item.place);
  }
}

void StoreFound(Context& ctx, const std::vector<Found>& found, const GeoQuery& query) {
  ScoredResults results;
  for (const Found& item : found) {
    results.Add(item.member, query.store_distance ? item.distance / query.unit : item.score);
  }
  results.Sort();
  results.Store(ctx, query.store_index, found.size());
  if (query.shape.kind == geo::Shape::Kind::kPolygon) results.AddContentEffects(ctx, query.store_index);
}

void Run(Context& ctx, GeoQuery query) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(query.form == GeoForm::kSearchStore ? 2 : 1));
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  const std::optional<SortedSetView> set = ref ? std::optional(SortedSetView(ref->object())) : std::nullopt;
  if (!ParseGeoQuery(ctx, query, set)) return;
  std::vector<Found> found;
  if (set) found = Search(*set, query);
  Arrange(found, query);
  query.store_index != 0 ? StoreFound(ctx, found, query) : ReplyFound(ctx, found, query);
}

}  // namespace

void GeoradiusCommand(Context& ctx) {
  Run(ctx, {.form = GeoForm::kRadius, .storing = GeoStoring::kAllowed});
}

void GeoradiusRoCommand(Context& ctx) {
  Run(ctx, {.form = GeoForm::kRadius});
}

void GeoradiusbymemberCommand(Context& ctx) {
  Run(ctx, {.form = GeoForm::kRadiusByMember, .storing = GeoStoring::kAllowed});
}

void GeoradiusbymemberRoCommand(Context& ctx) {
  Run(ctx, {.form = GeoForm::kRadiusByMember});
}

void GeosearchCommand(Context& ctx) {
  Run(ctx, {.form = GeoForm::kSearch});
}

void GeosearchstoreCommand(Context& ctx) {
  Run(ctx, {.form = GeoForm::kSearchStore});
}

}  // namespace tidemark::commands
