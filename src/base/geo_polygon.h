// Polygons on the map: their sides are straight in degrees, the last vertex is joined to the first one. A side does not
// cross the edges of the map. Vertices are valid places, three at least.
#pragma once

#include <span>
#include <vector>

#include "base/geohash.h"

namespace tidemark::geo {

// The smallest box around the vertices.
Box PolygonBounds(std::span<const Point> vertices);
// Where the sum of the vertices, as vectors from the middle of the earth, points to.
Point PolygonCenter(std::span<const Point> vertices);
// By the even-odd rule: whether a ray from the place to the east meets an odd number of sides.
bool PolygonEncloses(std::span<const Point> vertices, const Point& point);

// The polygon as a shape around its center.
Shape PolygonShape(std::vector<Point> vertices);

}  // namespace tidemark::geo
