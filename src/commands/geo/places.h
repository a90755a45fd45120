// Arguments and replies that the commands on places share.
#pragma once

#include <optional>
#include <string_view>

#include "base/geohash.h"
#include "commands/context.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

// Longitude and latitude in two arguments. Empty after having written the error reply.
std::optional<geo::Point> PointArgument(Context& ctx, size_t index);
// Meters in a unit: m, km, ft, mi. Empty after having written the error reply.
std::optional<double> UnitArgument(Context& ctx, size_t index);
// Where a member is; empty if there is no such member.
std::optional<geo::Point> PlaceOf(const values::SortedSetView& set, std::string_view member);

// An array of longitude and latitude.
void ReplyPoint(Context& ctx, const geo::Point& point);
// Text with four digits after the point.
void ReplyDistance(Context& ctx, double distance);

}  // namespace tidemark::commands
