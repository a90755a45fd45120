#include "base/geo_polygon.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace tidemark::geo {
namespace {

constexpr double kRadiansPerDegree = std::numbers::pi / 180;

}  // namespace

Box PolygonBounds(std::span<const Point> vertices) {
  Box box{vertices[0], vertices[0]};
  for (const Point& vertex : vertices) {
    box.min.longitude = std::min(box.min.longitude, vertex.longitude);
    box.min.latitude = std::min(box.min.latitude, vertex.latitude);
    box.max.longitude = std::max(box.max.longitude, vertex.longitude);
    box.max.latitude = std::max(box.max.latitude, vertex.latitude);
  }
  return box;
}

Point PolygonCenter(std::span<const Point> vertices) {
  double x = 0;
  double y = 0;
  double z = 0;
  for (const Point& vertex : vertices) {
    const double longitude = vertex.longitude * kRadiansPerDegree;
    const double latitude = vertex.latitude * kRadiansPerDegree;
    x += std::cos(latitude) * std::cos(longitude);
    y += std::cos(latitude) * std::sin(longitude);
    z += std::sin(latitude);
  }
  return {std::atan2(y, x) / kRadiansPerDegree, std::atan2(z, std::hypot(x, y)) / kRadiansPerDegree};
}

bool PolygonEncloses(std::span<const Point> vertices, const Point& point) {
  bool inside = false;
  const Point* from = &vertices.back();
  for (const Point& to : vertices) {
    if ((to.latitude > point.latitude) != (from->latitude > point.latitude)) {
      const double slope = (from->longitude - to.longitude) / (from->latitude - to.latitude);
      if (point.longitude < to.longitude + slope * (point.latitude - to.latitude)) inside = !inside;
    }
    from = &to;
  }
  return inside;
}

Shape PolygonShape(std::vector<Point> vertices) {
  Shape shape{.kind = Shape::Kind::kPolygon, .center = PolygonCenter(vertices)};
  shape.vertices = std::move(vertices);
  return shape;
}

}  // namespace tidemark::geo
