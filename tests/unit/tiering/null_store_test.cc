// Goal: a tier that is off keeps nothing and says so, and asking it to keep something is a broken invariant.
#include "tiering/null_store.h"

#include <gtest/gtest.h>

namespace tidemark::tiering {
namespace {

TEST(NullStore, IsOffAndFull) {
  NullStore store;
  EXPECT_FALSE(store.enabled());
  EXPECT_TRUE(store.full());
  EXPECT_EQ(store.completion_fd(), -1);
  std::vector<FlashCompletion> done;
  EXPECT_EQ(store.Reap(done, 10), 0u);
  store.Clear();
  store.Unpin(store.Pin());
  EXPECT_TRUE(store.Sync().ok());
  EXPECT_EQ(store.ReadNow(Locator::Make(1, 1)).error().code(), StatusCode::kNotFound);
}

TEST(NullStoreDeathTest, RefusesWork) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  NullStore store;
  const Locator locator = Locator::Make(1, 1);
  EXPECT_DEATH(store.SubmitWrites({{1, "x"}}), "");
  EXPECT_DEATH(store.SubmitReads({&locator, 1}, ReadPriority::kClient), "");
}

}  // namespace
}  // namespace tidemark::tiering
