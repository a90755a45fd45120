#include "base/geohash.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/geo_polygon.h"

namespace tidemark::geo {
namespace {

constexpr double kEarthRadiusM = 6372797.560856;
constexpr double kMercatorMaxM = 20037726.37;
constexpr double kRadiansPerDegree = std::numbers::pi / 180;
constexpr uint64_t kEvenBits = 0x5555555555555555;

double Radians(double degrees) {
  return degrees * kRadiansPerDegree;
}
double Degrees(double radians) {
  return radians / kRadiansPerDegree;
}

// Puts a zero in front of each bit / takes every other bit away (H. S. Warren, "Hacker's Delight", 7-2).
uint64_t Spread(uint32_t bits) {
  uint64_t v = bits;
  v = (v | v << 16) & 0x0000ffff0000ffff;
  v = (v | v << 8) & 0x00ff00ff00ff00ff;
  v = (v | v << 4) & 0x0f0f0f0f0f0f0f0f;
  v = (v | v << 2) & 0x3333333333333333;
  return (v | v << 1) & kEvenBits;
}
uint32_t Gather(uint64_t v) {
  v &= kEvenBits;
  v = (v | v >> 1) & 0x3333333333333333;
  v = (v | v >> 2) & 0x0f0f0f0f0f0f0f0f;
  v = (v | v >> 4) & 0x00ff00ff00ff00ff;
  v = (v | v >> 8) & 0x0000ffff0000ffff;
  return static_cast<uint32_t>(v | v >> 16);
}

uint64_t Interleaved(const Cell& cell) {
  return Spread(cell.y) | Spread(cell.x) << 1;
}

double CellCount(int steps) {
  return static_cast<double>(uint64_t{1} << steps);
}

// The cell of a place on a map that ends at these degrees in both directions.
Cell CellOn(double max_longitude, double max_latitude, const Point& point, int steps) {
  const double east = (point.longitude + max_longitude) / (max_longitude + max_longitude) * CellCount(steps);
  const double north = (point.latitude + max_latitude) / (max_latitude + max_latitude) * CellCount(steps);
  return {static_cast<uint32_t>(east), static_cast<uint32_t>(north), steps};
}

double Edge(double max, uint32_t index, int steps) {
  return -max + (index * 1.0 / CellCount(steps)) * (max + max);
}

double LatitudeDistance(double a, double b) {
  return kEarthRadiusM * std::fabs(Radians(b) - Radians(a));
}

// Half of the shape's extent in each direction, meters.
double HalfHeight(const Shape& shape) {
  return shape.kind == Shape::Kind::kCircle ? shape.radius : shape.height / 2;
}
double HalfWidth(const Shape& shape) {
  return shape.kind == Shape::Kind::kCircle ? shape.radius : shape.width / 2;
}

// Degrees around the shape. Meridians come closer towards the poles: the side that is nearer to one decides.
Box BoundsOf(const Shape& shape) {
  if (shape.kind == Shape::Kind::kPolygon) return PolygonBounds(shape.vertices);
  const Point& center = shape.center;
  const double latitude_delta = Degrees(HalfHeight(shape) / kEarthRadiusM);
  const double nearer_pole = center.latitude < 0 ? center.latitude - latitude_delta : center.latitude + latitude_delta;
  const double longitude_delta = Degrees(HalfWidth(shape) / kEarthRadiusM / std::cos(Radians(nearer_pole)));
  return {{center.longitude - longitude_delta, center.latitude - latitude_delta},
          {center.longitude + longitude_delta, center.latitude + latitude_delta}};
}

// The finest grid of which a cell and those around it should hold a circle.
int StepsFor(double radius, double latitude) {
  if (radius == 0) return kMaxSteps;
  int steps = 1;
  for (; radius < kMercatorMaxM; radius *= 2) ++steps;
  steps -= 2;  // so that the circle fits in most of the cases
  const double from_equator = std::fabs(latitude);
  if (from_equator > 66) --steps;
  if (from_equator > 80) --steps;
  return std::clamp(steps, 1, kMaxSteps);
}

// Whether the cells around this one reach to the bounds on every side.
bool Reaches(const Cell& cell, const Box& bounds) {
  return BoxOf(cell.Moved(0, 1)).max.latitude >= bounds.max.latitude &&
         BoxOf(cell.Moved(0, -1)).min.latitude <= bounds.min.latitude &&
         BoxOf(cell.Moved(1, 0)).max.longitude >= bounds.max.longitude &&
         BoxOf(cell.Moved(-1, 0)).min.longitude <= bounds.min.longitude;
}

// Whether the cell and those around it hold a box, which does not cross the edges of the map.
bool HoldsWithNeighbours(const Cell& cell, const Box& box) {
  const uint32_t end = uint32_t{1} << cell.steps;
  const auto before = [](uint32_t index) { return index == 0 ? 0 : index - 1; };
  const auto behind = [end](uint32_t index) { return std::min(index + 2, end); };
  return Edge(kMaxLongitude, before(cell.x), cell.steps) <= box.min.longitude &&
         Edge(kMaxLongitude, behind(cell.x), cell.steps) >= box.max.longitude &&
         Edge(kMaxLatitude, before(cell.y), cell.steps) <= box.min.latitude &&
         Edge(kMaxLatitude, behind(cell.y), cell.steps) >= box.max.latitude;
}

// Half of the way across a shape, about.
double ReachOf(const Shape& shape, const Box& bounds) {
  switch (shape.kind) {
    case Shape::Kind::kCircle:
      return shape.radius;
    case Shape::Kind::kBox:
      return std::sqrt((shape.width / 2) * (shape.width / 2) + (shape.height / 2) * (shape.height / 2));
    case Shape::Kind::kPolygon:
      return Distance(bounds.min, bounds.max) / 2;
  }
  return 0;
}

// The cell in the middle of the cover.
Cell CenterCell(const Shape& shape, const Box& bounds) {
  int steps = StepsFor(ReachOf(shape, bounds), shape.center.latitude);
  if (shape.kind != Shape::Kind::kPolygon) {
    const Cell cell = CellOf(shape.center, steps);
    return steps > 1 && !Reaches(cell, bounds) ? CellOf(shape.center, steps - 1) : cell;
  }
  // Around the globe or near a pole, the center may lie outside of the bounds.
  const Point inside{std::clamp(shape.center.longitude, bounds.min.longitude, bounds.max.longitude),
                     std::clamp(shape.center.latitude, bounds.min.latitude, bounds.max.latitude)};
  const auto cell_of = [&] {
    const Cell cell = CellOf(inside, steps);
    const uint32_t last = (uint32_t{1} << steps) - 1;
    return Cell{std::min(cell.x, last), std::min(cell.y, last), steps};
  };
  while (steps > 1 && !HoldsWithNeighbours(cell_of(), bounds)) --steps;
  return cell_of();
}

// As the conversion of the processor does it where C++ leaves it open.
uint64_t ToHash(double score) {
  constexpr double k2To63 = 9223372036854775808.0;
  if (score >= 2 * k2To63) return 0;
  if (score >= 0) return static_cast<uint64_t>(score);
  if (score < -k2To63) return uint64_t{1} << 63;
  return static_cast<uint64_t>(static_cast<int64_t>(score));
}

}  // namespace

bool IsValid(const Point& point) {
  return point.longitude >= -kMaxLongitude && point.longitude <= kMaxLongitude && point.latitude >= -kMaxLatitude &&
         point.latitude <= kMaxLatitude;
}

Cell Cell::Moved(int east, int north) const {
  // Places on the last meridian or parallel are in a cell behind the last one, which a move in that direction leaves.
  const auto mask = static_cast<uint32_t>((uint64_t{1} << steps) - 1);
  const auto move = [mask](uint32_t from, int by) {
    return by == 0 ? from : (from + static_cast<uint32_t>(by)) & mask;
  };
  return {move(x, east), move(y, north), steps};
}

uint64_t Cell::FirstHash() const {
  return Interleaved(*this) << (2 * (kMaxSteps - steps));
}

uint64_t Cell::EndHash() const {
  return (Interleaved(*this) + 1) << (2 * (kMaxSteps - steps));
}

Cell CellOf(const Point& point, int steps) {
  return CellOn(kMaxLongitude, kMaxLatitude, point, steps);
}

Box BoxOf(const Cell& cell) {
  return {{Edge(kMaxLongitude, cell.x, cell.steps), Edge(kMaxLatitude, cell.y, cell.steps)},
          {Edge(kMaxLongitude, cell.x + 1, cell.steps), Edge(kMaxLatitude, cell.y + 1, cell.steps)}};
}

uint64_t Encode(const Point& point) {
  return Interleaved(CellOf(point, kMaxSteps));
}

Point Decode(uint64_t hash) {
  const Box box = BoxOf({Gather(hash >> 1), Gather(hash), kMaxSteps});
  return {std::clamp((box.min.longitude + box.max.longitude) / 2, -kMaxLongitude, kMaxLongitude),
          std::clamp((box.min.latitude + box.max.latitude) / 2, -kMaxLatitude, kMaxLatitude)};
}

Point DecodeScore(double score) {
  return Decode(ToHash(score));
}

std::string StandardText(const Point& point) {
  static constexpr char kAlphabet[] = "0123456789bcdefghjkmnpqrstuvwxyz";
  constexpr int kFullCharacters = 10;
  constexpr double kPole = 90;
  const uint64_t hash = Interleaved(CellOn(kMaxLongitude, kPole, point, kMaxSteps));
  std::string text;
  for (int i = 1; i <= kFullCharacters; ++i) text += kAlphabet[hash >> (2 * kMaxSteps - 5 * i) & 31];
  return text + kAlphabet[0];
}

double Distance(const Point& a, const Point& b) {
  const double v = std::sin((Radians(b.longitude) - Radians(a.longitude)) / 2);
  // On one meridian the short way is also the more exact one, and the one that Redis takes.
  if (v == 0) return LatitudeDistance(a.latitude, b.latitude);
  const double latitude_a = Radians(a.latitude);
  const double latitude_b = Radians(b.latitude);
  const double u = std::sin((latitude_b - latitude_a) / 2);
  return 2.0 * kEarthRadiusM * std::asin(std::sqrt(u * u + std::cos(latitude_a) * std::cos(latitude_b) * v * v));
}

std::optional<double> Shape::DistanceInside(const Point& point) const {
  if (kind == Kind::kPolygon) {
    return PolygonEncloses(vertices, point) ? std::optional(Distance(center, point)) : std::nullopt;
  }
  if (kind == Kind::kBox) {
    if (LatitudeDistance(point.latitude, center.latitude) > height / 2) return std::nullopt;
    if (Distance(point, {center.longitude, point.latitude}) > width / 2) return std::nullopt;
    return Distance(center, point);
  }
  const double distance = Distance(center, point);
  return distance <= radius ? std::optional(distance) : std::nullopt;
}

Cover CoverOf(const Shape& shape) {
  const Box bounds = BoundsOf(shape);
  const Cell cell = CenterCell(shape, bounds);

  // What lies in the direction of an edge that the bounds do not cross is not needed; of grids of four cells all are.
  const bool coarse = cell.steps < 2;
  const Box box = BoxOf(cell);
  const bool south = coarse || box.min.latitude >= bounds.min.latitude;
  const bool north = coarse || box.max.latitude <= bounds.max.latitude;
  const bool west = coarse || box.min.longitude >= bounds.min.longitude;
  const bool east = coarse || box.max.longitude <= bounds.max.longitude;
  struct Step {
    bool needed;
    int east;
    int north;
  };
  const Step steps[] = {{true, 0, 0},           {north, 0, 1},          {south, 0, -1},
                        {east, 1, 0},           {west, -1, 0},          {north && east, 1, 1},
                        {north && west, -1, 1}, {south && east, 1, -1}, {south && west, -1, -1}};
  Cover cover;
  int last = 0;
  for (int i = 0; i < 9; ++i) {
    const Cell next = cell.Moved(steps[i].east, steps[i].north);
    // In the coarsest grid opposite neighbours are the same cell.
    if (!steps[i].needed || (last > 0 && next == cover.cells[static_cast<size_t>(cover.count - 1)])) continue;
    cover.cells[static_cast<size_t>(cover.count++)] = next;
    last = i;
  }
  return cover;
}

}  // namespace tidemark::geo
