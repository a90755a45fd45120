#include "commands/geo/query.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/geo_polygon.h"
#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/geo/places.h"

namespace tidemark::commands {

using geo::Point;
using geo::Shape;
using values::SortedSetView;

namespace {

// Reads the options of one call. Every function answers false after having written the error reply.
class QueryParser {
 public:
  // `set` is empty if the key is missing.
  QueryParser(Context& ctx, GeoQuery& query, const std::optional<SortedSetView>& set)
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
      case GeoForm::kRadius:
        next_ = 6;
        return ParseCenter(2) && ParseRadius(4);
      case GeoForm::kRadiusByMember:
        next_ = 5;
        // Without a key the rest is still read: it may name one to store in.
        return !set_ || (ParseMember(2) && ParseRadius(3));
      case GeoForm::kSearch:
        next_ = 2;
        return true;
      case GeoForm::kSearchStore:
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

  // The number of vertices, and behind it the vertices, which are taken too.
  bool ParsePolygon(size_t index) {
    const std::optional<int64_t> count = ParseInt64(ctx_.args[index]);
    if (!count) return Fail(errors::kGeoVertexCount);
    if (*count < 3 || static_cast<uint64_t>(*count) > left() / 2) return Fail(errors::kGeoFewVertices);
    std::vector<Point> vertices;
    for (int64_t i = 0; i < *count; ++i, next_ += 2) {
      const std::optional<Point> vertex = PointArgument(ctx_, next_);
      if (!vertex) return false;
      vertices.push_back(*vertex);
    }
    query_.shape = geo::PolygonShape(std::move(vertices));
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
      query_.sort = GeoSort::kNearest;
    } else if (Take("desc", 0)) {
      query_.sort = GeoSort::kFarthest;
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
    if (query_.storing == GeoStoring::kNever) return Fail(errors::kSyntax);
    const bool distance = IsWord(ctx_.args[next_], "storedist");
    if (!Take(distance ? "storedist" : "store", 1)) return Fail(errors::kSyntax);
    query_.store_index = next_ - 1;
    query_.store_distance = distance;
    return true;
  }

  bool ParseSearchOption() {
    if (!from_place_ && !by_polygon_ && Take("frommember", 1)) {
      from_member_ = query_.has_center = true;
      return ParseMember(next_ - 1);
    }
    if (!from_member_ && !by_polygon_ && Take("fromlonlat", 2)) {
      from_place_ = query_.has_center = true;
      return ParseCenter(next_ - 2);
    }
    if (!by_box_ && !by_polygon_ && Take("byradius", 2)) {
      by_radius_ = query_.has_shape = true;
      return ParseRadius(next_ - 2);
    }
    if (!by_radius_ && !by_polygon_ && Take("bybox", 3)) {
      by_box_ = query_.has_shape = true;
      return ParseBox(next_ - 3);
    }
    // A polygon has a center of its own.
    if (!by_radius_ && !by_box_ && !query_.has_center && left() > 2 && Take("bypolygon", 1)) {
      by_polygon_ = query_.has_shape = true;
      return ParsePolygon(next_ - 1);
    }
    if (query_.form == GeoForm::kSearchStore && Take("storedist", 0)) {
      query_.store_distance = true;
      return true;
    }
    return Fail(errors::kSyntax);
  }

  // What must and must not be given together.
  bool Check() {
    if (query_.store_index != 0 && (query_.with_distance || query_.with_hash || query_.with_place)) {
      return Fail(query_.form == GeoForm::kSearchStore ? errors::kGeoSearchStoreWith : errors::kGeoStoreWith);
    }
    if (query_.is_search() && !query_.has_center && !by_polygon_) {
      return Fail("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + std::string(ctx_.args[0]));
    }
    if (query_.is_search() && !query_.has_shape) {
      return Fail("ERR exactly one of BYRADIUS, BYBOX and BYPOLYGON can be specified for " + std::string(ctx_.args[0]));
    }
    if (query_.any && query_.count == 0) return Fail(errors::kGeoAnyWithoutCount);
    return true;
  }

  Context& ctx_;
  GeoQuery& query_;
  const std::optional<SortedSetView>& set_;
  size_t next_ = 0;
  bool from_member_ = false;
  bool from_place_ = false;
  bool by_radius_ = false;
  bool by_box_ = false;
  bool by_polygon_ = false;
};

}  // namespace

bool ParseGeoQuery(Context& ctx, GeoQuery& query, const std::optional<SortedSetView>& set) {
  return QueryParser(ctx, query, set).Parse();
}

}  // namespace tidemark::commands
