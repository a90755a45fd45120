// Members near a place: GEORADIUS and its forms, GEOSEARCH, GEOSEARCHSTORE. Main thread.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/geohash.h"
#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/container.h"
#include "commands/geo/handlers.h"
#include "commands/geo/places.h"
#include "commands/sorted_set/results.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

using geo::Point;
using geo::Shape;
using keyspace::EntryRef;
using values::SortedSetView;

namespace {

// Which command asks.
enum class Form : uint8_t { kRadius, kRadiusByMember, kSearch, kSearchStore };
enum class Storing : uint8_t { kAllowed, kNever };
enum class Sort : uint8_t { kNone, kNearest, kFarthest };

struct Query {
  Form form;
  Storing storing = Storing::kNever;
  Shape shape = {};
  double unit = 1;  // meters
  bool has_center = false;
  bool has_shape = false;
  bool with_distance = false;
  bool with_hash = false;
  bool with_place = false;
  Sort sort = Sort::kNone;
  bool any = false;
  uint64_t count = 0;      // 0: all
  size_t store_index = 0;  // of the key to store in; 0: none
  bool store_distance = false;

  bool is_search() const { return form == Form::kSearch || form == Form::kSearchStore; }
};

struct Found {
  std::string member;
  double score;
  double distance;  // meters
  Point place;
};

// Reads the options of one call. Every function answers false after having written the error reply.
class QueryParser {
 public:
  // `set` is empty if the key is missing.
  QueryParser(Context& ctx, Query& query, const std::optional<SortedSetView>& set)
      : ctx_(ctx), query_(query), set_(set) {}

  bool Parse() {
    if (!ParseFixed()) return false;
    while (next_ < ctx_.args.size()) {
      if (!ParseOption()) return false;
    }
    return Check();
  }

 private:
  bool Fail(std::string_view error) {
    ctx_.reply.Error(error);
    return false;
  }
  size_t left() const { return ctx_.args.size() - next_; }

  // What stands in front of the options.
  bool ParseFixed() {
    switch (query_.form) {
      case Form::kRadius:
        next_ = 6;
        return ParseCenter(2) && ParseRadius(4);
      case Form::kRadiusByMember:
        next_ = 5;
        // Without a key the rest is still read: it may name one to store in.
        return !set_ || (ParseMember(2) && ParseRadius(3));
      case Form::kSearch:
        next_ = 2;
        return true;
      case Form::kSearchStore:
        next_ = 3;
        query_.store_index = 1;
        return true;
    }
    return false;
  }

  bool ParseCenter(size_t index) {
    const std::optional<Point> point = PointArgument(ctx_, index);
    if (point) query_.shape.center = *point;
    return point.has_value();
  }

  bool ParseMember(size_t index) {
    if (!set_) return true;
    const std::optional<Point> place = PlaceOf(*set_, ctx_.args[index]);
    if (!place) return Fail(errors::kGeoNoMember);
    query_.shape.center = *place;
    return true;
  }

  bool ParseUnit(size_t index) {
    const std::optional<double> unit = UnitArgument(ctx_, index);
    query_.unit = unit.value_or(1);
    return unit.has_value();
  }

  bool ParseRadius(size_t index) {
    const std::optional<double> radius = ParseDouble(ctx_.args[index]);
    if (!radius) return Fail(errors::kGeoRadius);
    if (*radius < 0) return Fail(errors::kGeoRadiusNegative);
    if (!ParseUnit(index + 1)) return false;
    query_.shape.kind = Shape::Kind::kCircle;
    query_.shape.radius = *radius * query_.unit;
    return true;
  }

  bool ParseBox(size_t index) {
    const std::optional<double> width = ParseDouble(ctx_.args[index]);
    if (!width) return Fail(errors::kGeoWidth);
    const std::optional<double> height = ParseDouble(ctx_.args[index + 1]);
    if (!height) return Fail(errors::kGeoHeight);
    if (*width < 0 || *height < 0) return Fail(errors::kGeoBoxNegative);
    if (!ParseUnit(index + 2)) return false;
    query_.shape.kind = Shape::Kind::kBox;
    query_.shape.width = *width * query_.unit;
    query_.shape.height = *height * query_.unit;
    return true;
  }

  // True if the next argument is this word, with so many behind it, which are taken too.
  bool Take(std::string_view word, size_t values) {
    if (!IsWord(ctx_.args[next_], word) || left() <= values) return false;
    next_ += 1 + values;
    return true;
  }

  bool ParseOption() {
    if (Take("withdist", 0)) {
      query_.with_distance = true;
    } else if (Take("withhash", 0)) {
      query_.with_hash = true;
    } else if (Take("withcoord", 0)) {
      query_.with_place = true;
    } else if (Take("any", 0)) {
      query_.any = true;
    } else if (Take("asc", 0)) {
      query_.sort = Sort::kNearest;
    } else if (Take("desc", 0)) {
      query_.sort = Sort::kFarthest;
    } else if (Take("count", 1)) {
      const std::optional<int64_t> count = IntegerArgument(ctx_, next_ - 1);
      if (!count) return false;
      if (*count <= 0) return Fail(errors::kGeoCount);
      query_.count = static_cast<uint64_t>(*count);
    } else {
      return query_.is_search() ? ParseSearchOption() : ParseRadiusOption();
    }
    return true;
  }

  bool ParseRadiusOption() {
    if (query_.storing == Storing::kNever) return Fail(errors::kSyntax);
    const bool distance = IsWord(ctx_.args[next_], "storedist");
    if (!Take(distance ? "storedist" : "store", 1)) return Fail(errors::kSyntax);
    query_.store_index = next_ - 1;
    query_.store_distance = distance;
    return true;
  }

  bool ParseSearchOption() {
    if (!from_place_ && Take("frommember", 1)) {
      from_member_ = query_.has_center = true;
      return ParseMember(next_ - 1);
    }
    if (!from_member_ && Take("fromlonlat", 2)) {
      from_place_ = query_.has_center = true;
      return ParseCenter(next_ - 2);
    }
    if (!by_box_ && Take("byradius", 2)) {
      by_radius_ = query_.has_shape = true;
      return ParseRadius(next_ - 2);
    }
    if (!by_radius_ && Take("bybox", 3)) {
      by_box_ = query_.has_shape = true;
      return ParseBox(next_ - 3);
    }
    if (query_.form == Form::kSearchStore && Take("storedist", 0)) {
      query_.store_distance = true;
      return true;
    }
    return Fail(errors::kSyntax);
  }

  // What must and must not be given together.
  bool Check() {
    if (query_.store_index != 0 && (query_.with_distance || query_.with_hash || query_.with_place)) {
      return Fail(query_.form == Form::kSearchStore ? errors::kGeoSearchStoreWith : errors::kGeoStoreWith);
    }
    if (query_.is_search() && !query_.has_center) {
      return Fail("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + std::string(ctx_.args[0]));
    }
    if (query_.is_search() && !query_.has_shape) {
      return Fail("ERR exactly one of BYRADIUS and BYBOX can be specified for " + std::string(ctx_.args[0]));
    }
    if (query_.any && query_.count == 0) return Fail(errors::kGeoAnyWithoutCount);
    return true;
  }

  Context& ctx_;
  Query& query_;
  const std::optional<SortedSetView>& set_;
  size_t next_ = 0;
  bool from_member_ = false;
  bool from_place_ = false;
  bool by_radius_ = false;
  bool by_box_ = false;
};

// Every member in the shape, cell by cell; with ANY, no more than asked for.
std::vector<Found> Search(const SortedSetView& set, const Query& query) {
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
void Arrange(std::vector<Found>& found, const Query& query) {
  Sort sort = query.sort;
  if (query.count != 0 && sort == Sort::kNone && !query.any) sort = Sort::kNearest;
  if (sort == Sort::kNearest) {
    std::stable_sort(found.begin(), found.end(),
                     [](const Found& a, const Found& b) { return a.distance < b.distance; });
  } else if (sort == Sort::kFarthest) {
    std::stable_sort(found.begin(), found.end(),
                     [](const Found& a, const Found& b) { return a.distance > b.distance; });
  }
  if (query.count != 0 && found.size() > query.count) found.resize(query.count);
}

void ReplyFound(Context& ctx, const std::vector<Found>& found, const Query& query) {
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

void StoreFound(Context& ctx, const std::vector<Found>& found, const Query& query) {
  ScoredResults results;
  for (const Found& item : found) {
    results.Add(item.member, query.store_distance ? item.distance / query.unit : item.score);
  }
  results.Sort();
  results.Store(ctx, query.store_index, found.size());
}

void Run(Context& ctx, Query query) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(query.form == Form::kSearchStore ? 2 : 1));
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  const std::optional<SortedSetView> set = ref ? std::optional(SortedSetView(ref->object())) : std::nullopt;
  if (!QueryParser(ctx, query, set).Parse()) return;
  std::vector<Found> found;
  if (set) found = Search(*set, query);
  Arrange(found, query);
  query.store_index != 0 ? StoreFound(ctx, found, query) : ReplyFound(ctx, found, query);
}

}  // namespace

void GeoradiusCommand(Context& ctx) {
  Run(ctx, {.form = Form::kRadius, .storing = Storing::kAllowed});
}

void GeoradiusRoCommand(Context& ctx) {
  Run(ctx, {.form = Form::kRadius});
}

void GeoradiusbymemberCommand(Context& ctx) {
  Run(ctx, {.form = Form::kRadiusByMember, .storing = Storing::kAllowed});
}

void GeoradiusbymemberRoCommand(Context& ctx) {
  Run(ctx, {.form = Form::kRadiusByMember});
}

void GeosearchCommand(Context& ctx) {
  Run(ctx, {.form = Form::kSearch});
}

void GeosearchstoreCommand(Context& ctx) {
  Run(ctx, {.form = Form::kSearchStore});
}

}  // namespace tidemark::commands
