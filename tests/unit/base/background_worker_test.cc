// Goal: jobs run in order on another thread, Drain waits for all of them, and the destructor runs what is queued.
#include "base/background_worker.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

namespace tidemark {
namespace {

TEST(BackgroundWorker, RunsInOrderOnAnotherThread) {
  BackgroundWorker worker("test");
  std::vector<int> order;
  std::thread::id thread;
  for (int i = 0; i < 100; ++i) {
    worker.Post([&order, &thread, i] {
      order.push_back(i);
      thread = std::this_thread::get_id();
    });
  }
  worker.Drain();
  EXPECT_EQ(worker.pending(), 0u);
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
  EXPECT_NE(thread, std::this_thread::get_id());
}

TEST(BackgroundWorker, PendingCountsTheRunningJob) {
  BackgroundWorker worker("test");
  std::promise<void> started;
  std::promise<void> release;
  worker.Post([&] {
    started.set_value();
    release.get_future().wait();
  });
  worker.Post([] {});
  started.get_future().wait();
  EXPECT_EQ(worker.pending(), 2u);
  release.set_value();
  worker.Drain();
  EXPECT_EQ(worker.pending(), 0u);
}

TEST(BackgroundWorker, DestructorRunsWhatIsQueued) {
  int ran = 0;
  {
    BackgroundWorker worker("a name that is longer than a thread's may be");
    for (int i = 0; i < 50; ++i) worker.Post([&ran] { ++ran; });
  }
  EXPECT_EQ(ran, 50);
}

TEST(BackgroundWorker, DrainOfNothingReturns) {
  BackgroundWorker worker("test");
  worker.Drain();
  EXPECT_EQ(worker.pending(), 0u);
}

}  // namespace
}  // namespace tidemark
