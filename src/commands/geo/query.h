// What one call of GEORADIUS, GEORADIUSBYMEMBER, GEOSEARCH or GEOSEARCHSTORE asks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/geohash.h"
#include "commands/context.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

// Which command asks.
enum class GeoForm : uint8_t { kRadius, kRadiusByMember, kSearch, kSearchStore };
enum class GeoStoring : uint8_t { kAllowed, kNever };
enum class GeoSort : uint8_t { kNone, kNearest, kFarthest };

struct GeoQuery {
  GeoForm form;
  GeoStoring storing = GeoStoring::kNever;
  geo::Shape shape = {};
  double unit = 1;  // meters
  bool has_center = false;
  bool has_shape = false;
  bool with_distance = false;
  bool with_hash = false;
  bool with_place = false;
  GeoSort sort = GeoSort::kNone;
  bool any = false;
  uint64_t count = 0;      // 0: all
  size_t store_index = 0;  // of the key to store in; 0: none
  bool store_distance = false;

  bool is_search() const { return form == GeoForm::kSearch || form == GeoForm::kSearchStore; }
};

// Reads the arguments into `query`, of which form and storing are set. `set` is where members are looked for, empty if
// the key is missing. False after having written the error reply.
bool ParseGeoQuery(Context& ctx, GeoQuery& query, const std::optional<values::SortedSetView>& set);

}  // namespace tidemark::commands
