// Goal: places keep their 52-bit hashes, texts and distances, cells move around the map's edges, and a cover holds
// every place in its shape.
#include "base/geohash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/random.h"
#include "support/seed.h"

namespace tidemark::geo {
namespace {

constexpr Point kPalermo{13.361389, 38.115556};
constexpr Point kCatania{15.087269, 37.502669};

TEST(GeohashTest, KnowsSicily) {
  EXPECT_EQ(Encode(kPalermo), 3479099956230698u);
  EXPECT_EQ(StandardText(DecodeScore(3479099956230698.0)), "sqc8b49rny0");
  EXPECT_EQ(StandardText(DecodeScore(static_cast<double>(Encode(kCatania)))), "sqdtr74hyu0");
  EXPECT_NEAR(Distance(kPalermo, kCatania), 166274.15, 1);
}

TEST(GeohashTest, DecodesCloseToWhatWasEncoded) {
  Random random(3);
  for (int i = 0; i < 10'000; ++i) {
    const Point point{(random.Unit() * 2 - 1) * kMaxLongitude, (random.Unit() * 2 - 1) * kMaxLatitude};
    const Point decoded = Decode(Encode(point));
    ASSERT_NEAR(decoded.longitude, point.longitude, 360.0 / (1 << 26));
    ASSERT_NEAR(decoded.latitude, point.latitude, 180.0 / (1 << 26));
    ASSERT_EQ(Encode(decoded), Encode(point));
  }
}

TEST(GeohashTest, TakesNumbersThatAreNoHashes) {
  for (const double score : {-1.0, -1e300, 1e300, HUGE_VAL, -HUGE_VAL, 1e18, 9.3e18}) {
    EXPECT_TRUE(IsValid(DecodeScore(score))) << score;
  }
}

TEST(GeohashTest, CellsMoveAroundTheEdges) {
  const Cell cell{0, 0, 3};
  EXPECT_EQ(cell.Moved(-1, 0), (Cell{7, 0, 3}));
  EXPECT_EQ(cell.Moved(0, -1), (Cell{0, 7, 3}));
  EXPECT_EQ((Cell{7, 7, 3}).Moved(1, 1), (Cell{0, 0, 3}));
}

TEST(GeohashTest, CoversHoldEveryPlaceInTheShape) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int i = 0; i < 20'000; ++i) {
    // Away from the edges of the map, over which no cover reaches as far as it should.
    const Point center{(random.Unit() * 2 - 1) * 120, (random.Unit() * 2 - 1) * 60};
    Shape shape{.center = center};
    if (random.Below(2) == 0) {
      shape.radius = std::pow(10, random.Unit() * 6);
    } else {
      shape.kind = Shape::Kind::kBox;
      shape.width = std::pow(10, random.Unit() * 6);
      shape.height = std::pow(10, random.Unit() * 6);
    }
    const double reach_degrees = std::max({shape.radius, shape.width, shape.height}) / 111'000;
    const Point point =
        Decode(Encode({center.longitude + (random.Unit() * 2 - 1) * reach_degrees * 2,
                       std::clamp(center.latitude + (random.Unit() * 2 - 1) * reach_degrees, -85.0, 85.0)}));
    if (!shape.DistanceInside(point)) continue;
    const Cover cover = CoverOf(shape);
    const uint64_t hash = Encode(point);
    bool covered = false;
    for (int c = 0; c < cover.count; ++c) {
      const Cell& cell = cover.cells[static_cast<size_t>(c)];
      covered = covered || (hash >= cell.FirstHash() && hash < cell.EndHash());
    }
    ASSERT_TRUE(covered) << center.longitude << ' ' << center.latitude << ' ' << shape.radius << ' ' << shape.width
                         << ' ' << shape.height << " point " << point.longitude << ' ' << point.latitude;
  }
}

}  // namespace
}  // namespace tidemark::geo
