#include "keyspace/lent_strings.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tidemark::keyspace {
namespace {

TEST(LentStrings, AreFoundInAnyOrderAndAgain) {
  LentStrings lent;
  EXPECT_TRUE(lent.empty());
  EXPECT_FALSE(lent.Find(1));
  constexpr uint64_t kCount = 100;
  std::vector<std::string> values(kCount);
  for (uint64_t i = 0; i < kCount; ++i) {
    values[i] = std::to_string(i);
    lent.Lend(1000 + i, values[i]);
  }
  EXPECT_FALSE(lent.empty());
  for (const uint64_t step : {1u, 99u, 37u}) {
    for (uint64_t i = 0; i < kCount; ++i) {
      const uint64_t wanted = i * step % kCount;
      EXPECT_EQ(lent.Find(1000 + wanted), values[wanted]);
      EXPECT_EQ(lent.Find(1000 + wanted), values[wanted]) << "again";
      EXPECT_FALSE(lent.Find(wanted));
    }
  }
  lent.Clear();
  EXPECT_TRUE(lent.empty());
  EXPECT_FALSE(lent.Find(1000));
  lent.Lend(7, "seven");
  EXPECT_EQ(lent.Find(7), "seven");
}

}  // namespace
}  // namespace tidemark::keyspace
