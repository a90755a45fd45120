// What the tests of flash stores share: records to write, waiting for completions with a deadline, a directory of one's
// own.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "tiering/flash_store.h"

namespace tidemark::tiering {

inline constexpr auto kTestDeadline = std::chrono::seconds(60);

// True as soon as the condition holds, false if it never did before the deadline.
inline bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kTestDeadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

// Waits for exactly `count` completions by the descriptor an event loop would watch.
inline std::vector<FlashCompletion> Await(FlashStore& store, size_t count) {
  std::vector<FlashCompletion> done;
  const auto deadline = std::chrono::steady_clock::now() + kTestDeadline;
  while (done.size() < count && std::chrono::steady_clock::now() < deadline) {
    store.Kick();
    pollfd waiting{.fd = store.completion_fd(), .events = POLLIN, .revents = 0};
    poll(&waiting, 1, store.wants_kick() ? 1 : 1000);
    if ((waiting.revents & POLLIN) != 0) store.Reap(done, count - done.size());
  }
  EXPECT_EQ(done.size(), count);
  return done;
}

inline std::string RandomPayload(Random& random, size_t bytes) {
  std::string payload(bytes, '\0');
  for (char& byte : payload) byte = static_cast<char>(random.Next() >> 32);
  return payload;
}

inline std::string CompressiblePayload(Random& random, size_t bytes) {
  std::string payload;
  while (payload.size() < bytes) payload += "field:" + std::to_string(random.Below(100)) + ";value=";
  payload.resize(bytes);
  return payload;
}

// Writes the records and waits until all are kept.
inline std::vector<Locator> WriteAll(FlashStore& store, std::vector<FlashRecord> records) {
  const std::vector<Locator> locators = store.SubmitWrites(std::move(records));
  for (const FlashCompletion& completion : Await(store, locators.size())) {
    EXPECT_EQ(completion.kind, FlashCompletion::Kind::kWrite);
    EXPECT_TRUE(completion.status.ok()) << completion.status.message();
  }
  return locators;
}

inline std::map<uint64_t, FlashCompletion> ReadAll(FlashStore& store, const std::vector<Locator>& locators) {
  store.SubmitReads(locators, ReadPriority::kClient);
  std::map<uint64_t, FlashCompletion> by_locator;
  for (FlashCompletion& completion : Await(store, locators.size())) {
    EXPECT_EQ(completion.kind, FlashCompletion::Kind::kRead);
    by_locator.emplace(completion.locator.raw(), std::move(completion));
  }
  return by_locator;
}

inline StatusCode ReadCode(FlashStore& store, Locator locator) {
  return ReadAll(store, {locator}).at(locator.raw()).status.code();
}

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-store-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Sum of the sizes of the files in it.
  uint64_t FileBytes() const {
    uint64_t bytes = 0;
    std::error_code vanished;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      const uint64_t size = entry.is_regular_file(vanished) ? entry.file_size(vanished) : 0;
      if (!vanished) bytes += size;
    }
    return bytes;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace tidemark::tiering
