#include "commands/geo/places.h"

#include <cstdio>
#include <string>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/errors.h"

namespace tidemark::commands {

using geo::Point;

std::optional<Point> PointArgument(Context& ctx, size_t index) {
  const std::optional<double> longitude = ParseDouble(ctx.args[index]);
  const std::optional<double> latitude = longitude ? ParseDouble(ctx.args[index + 1]) : std::nullopt;
  if (!latitude) {
    ctx.reply.Error(errors::kNotFloat);
    return std::nullopt;
  }
  const Point point{*longitude, *latitude};
  if (geo::IsValid(point)) return point;
  // Doubles in fixed notation have up to 309 digits in front of the point.
  char text[800];
  std::snprintf(text, sizeof(text), "ERR invalid longitude,latitude pair %f,%f", *longitude, *latitude);
  ctx.reply.Error(text);
  return std::nullopt;
}

std::optional<double> UnitArgument(Context& ctx, size_t index) {
  const std::string_view word = ctx.args[index];
  if (IsWord(word, "m")) return 1;
  if (IsWord(word, "km")) return 1000;
  if (IsWord(word, "ft")) return 0.3048;
  if (IsWord(word, "mi")) return 1609.34;
  ctx.reply.Error(errors::kGeoUnit);
  return std::nullopt;
}

std::optional<Point> PlaceOf(const values::SortedSetView& set, std::string_view member) {
  const std::optional<double> score = set.Score(member);
  return score ? std::optional(geo::DecodeScore(*score)) : std::nullopt;
}

void ReplyPoint(Context& ctx, const Point& point) {
  ctx.reply.Array(2);
  for (const double degrees : {point.longitude, point.latitude}) {
    const std::string text = FormatLongDouble(degrees);
    if (ctx.reply.resp3()) {
      ctx.reply.Raw("," + text + "\r\n");
    } else {
      ctx.reply.Bulk(text);
    }
  }
}

void ReplyDistance(Context& ctx, double distance) {
  char text[400];
  const int length = std::snprintf(text, sizeof(text), "%.4f", distance);
  ctx.reply.Bulk({text, static_cast<size_t>(length)});
}

}  // namespace tidemark::commands
