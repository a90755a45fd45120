// Goal: a polygon knows its center and what lies in it, by the even-odd rule, and its cover holds every place in it.
#include "base/geo_polygon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/random.h"
#include "support/seed.h"

namespace tidemark::geo {
namespace {

bool Covers(const Cover& cover, uint64_t hash) {
  return std::any_of(cover.cells.begin(), cover.cells.begin() + cover.count,
                     [&](const Cell& cell) { return hash >= cell.FirstHash() && hash < cell.EndHash(); });
}

TEST(GeoPolygonTest, CenterLiesBetweenTheVerticesOnTheSphere) {
  const Point square = PolygonCenter(std::vector<Point>{{10, 10}, {12, 10}, {12, -10}, {10, -10}});
  EXPECT_NEAR(square.longitude, 11, 1e-9);
  EXPECT_NEAR(square.latitude, 0, 1e-9);
  // Further north than the mean of the latitudes: the way from one side to the other leads over the pole.
  const Point north = PolygonCenter(std::vector<Point>{{-80, 70}, {80, 70}, {0, 70}});
  EXPECT_GT(north.latitude, 70);
  // Over the meridian of 180 degrees.
  EXPECT_NEAR(std::fabs(PolygonCenter(std::vector<Point>{{179, 1}, {-179, 1}, {180, -2}}).longitude), 180, 1e-9);
}

TEST(GeoPolygonTest, EnclosesByTheEvenOddRule) {
  const std::vector<Point> hook = {{0, 0}, {4, 0}, {4, 4}, {2, 1}, {0, 4}};
  EXPECT_TRUE(PolygonEncloses(hook, {0.5, 2}));
  EXPECT_TRUE(PolygonEncloses(hook, {3.5, 2}));
  EXPECT_FALSE(PolygonEncloses(hook, {2, 2}));
  EXPECT_FALSE(PolygonEncloses(hook, {5, 1}));
  // A star of five crossing sides: its middle is enclosed twice, and so not at all.
  std::vector<Point> star;
  for (int i = 0; i < 5; ++i) {
    const double angle = i * 2 * 2 * M_PI / 5;
    star.push_back({10 * std::sin(angle), 10 * std::cos(angle)});
  }
  EXPECT_FALSE(PolygonEncloses(star, {0, 0}));
  EXPECT_TRUE(PolygonEncloses(star, {0, 8}));
  std::vector<Point> backwards(star.rbegin(), star.rend());
  EXPECT_TRUE(PolygonEncloses(backwards, {0, 8}));
}

TEST(GeoPolygonTest, CoversHoldEveryPlaceInThePolygon) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  const auto between = [&](double low, double high) { return low + random.Unit() * (high - low); };
  for (int i = 0; i < 5'000; ++i) {
    // From a few meters to the whole map, up to its edges.
    const double reach = std::pow(10, between(-4, 2.3));
    const Point middle{between(-kMaxLongitude, kMaxLongitude), between(-kMaxLatitude, kMaxLatitude)};
    const auto near = [&](double center, double max) { return std::clamp(center + between(-reach, reach), -max, max); };
    std::vector<Point> vertices;
    for (uint64_t n = 3 + random.Below(8); n > 0; --n) {
      vertices.push_back({near(middle.longitude, kMaxLongitude), near(middle.latitude, kMaxLatitude)});
    }
    const Shape shape = PolygonShape(vertices);
    const Cover cover = CoverOf(shape);
    for (int p = 0; p < 20; ++p) {
      const Point place = Decode(Encode({near(middle.longitude, kMaxLongitude), near(middle.latitude, kMaxLatitude)}));
      if (!shape.DistanceInside(place)) continue;
      ASSERT_TRUE(Covers(cover, Encode(place))) << place.longitude << ' ' << place.latitude << " around "
                                                << middle.longitude << ' ' << middle.latitude << " within " << reach;
    }
  }
}

TEST(GeoPolygonTest, CoversNoPlaceTwice) {
  Random random(5);
  for (int i = 0; i < 1'000; ++i) {
    std::vector<Point> vertices;
    for (int n = 0; n < 4; ++n) {
      vertices.push_back({(random.Unit() * 2 - 1) * kMaxLongitude, (random.Unit() * 2 - 1) * kMaxLatitude});
    }
    const Cover cover = CoverOf(PolygonShape(vertices));
    for (int a = 0; a < cover.count; ++a) {
      for (int b = 0; b < a; ++b) {
        ASSERT_NE(cover.cells[static_cast<size_t>(a)].FirstHash(), cover.cells[static_cast<size_t>(b)].FirstHash());
      }
    }
  }
}

}  // namespace
}  // namespace tidemark::geo
