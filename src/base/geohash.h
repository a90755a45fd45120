// Places on earth as 52-bit geohashes: latitude and longitude halved 26 times each, their bits interleaved (G.
// Niemeyer's geohash, with latitudes cut at the bounds of the web Mercator projection, EPSG:3857). Distances are those
// of the haversine formula on a sphere.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tidemark::geo {

inline constexpr double kMaxLongitude = 180;
inline constexpr double kMaxLatitude = 85.05112878;
inline constexpr int kMaxSteps = 26;

// Degrees.
struct Point {
  double longitude = 0;
  double latitude = 0;
};

// Whether a place can be encoded.
bool IsValid(const Point& point);

// The cells of a grid of 2^steps by 2^steps over the map.
struct Cell {
  uint32_t x = 0;  // of the longitude
  uint32_t y = 0;  // of the latitude
  int steps = 0;

  friend bool operator==(const Cell&, const Cell&) = default;
  // The cell so many columns to the east and rows to the north, around the edges.
  Cell Moved(int east, int north) const;
  // The first hash in the cell, and the first one behind it.
  uint64_t FirstHash() const;
  uint64_t EndHash() const;
};

struct Box {
  Point min;
  Point max;
};

Cell CellOf(const Point& point, int steps);
Box BoxOf(const Cell& cell);

// The 52-bit hash of a valid place.
uint64_t Encode(const Point& point);
// The middle of what the hash stands for. Any number is taken.
Point Decode(uint64_t hash);
// A hash that is kept as a double. Numbers that are no hashes are taken too, and lead to some place.
Point DecodeScore(double score);
// The text that geohash.org knows, 11 characters; the last is always '0', as 52 bits do not reach that far.
std::string StandardText(const Point& point);

// Meters.
double Distance(const Point& a, const Point& b);

// What is searched: a circle, or a box whose sides follow the parallels and meridians, around a center, in meters; or a
// polygon around the center that it has (geo_polygon.h).
struct Shape {
  enum class Kind : uint8_t { kCircle, kBox, kPolygon } kind = Kind::kCircle;
  Point center;
  double radius = 0;
  double width = 0;
  double height = 0;
  std::vector<Point> vertices = {};

  // The distance from the center if the place lies in the shape.
  std::optional<double> DistanceInside(const Point& point) const;
};

// Cells that cover the shape: its own, then those around it in the order north, south, east, west, northeast,
// northwest, southeast, southwest; the ones that are not needed are left out.
struct Cover {
  std::array<Cell, 9> cells;
  int count = 0;
};
Cover CoverOf(const Shape& shape);

}  // namespace tidemark::geo
