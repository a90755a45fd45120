// A forked child that saves the data set while the server goes on: its life, and what it tells. The child says nothing
// to the log and ends without running any destructor; all it has to say comes over a pipe. Main thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "tiering/flash_store.h"

namespace tidemark::persistence {

// What is known of a child's work.
struct ChildProgress {
  uint64_t keys = 0;
  uint64_t cow_bytes = 0;  // memory that the child no longer shares, when last looked at
  uint64_t cow_peak_bytes = 0;
  int64_t cow_mono_us = 0;  // when that was
};

struct ChildEnd {
  Status status;
  bool by_signal = false;
  int signal = 0;
  ChildProgress progress;
};

class SaveChild {
 public:
  // What the child does; it tells its progress with the function it is given.
  using Tell = std::function<Status(uint64_t keys)>;
  using Work = std::function<Status(tiering::ForkedReader& cold, const Tell& tell)>;

  // The path of the file that a child of that pid writes.
  using TemporaryOf = std::function<std::string(pid_t pid)>;

  // Pins the store and forks. An error if that is not possible. Should this process end, the child deletes its
  // temporary file and ends too.
  static Result<std::unique_ptr<SaveChild>> Start(tiering::FlashStore& store, const TemporaryOf& temporary,
                                                  const Work& work);
  // The child must have ended.
  ~SaveChild();

  pid_t pid() const { return pid_; }
  // How long the fork took.
  int64_t fork_us() const { return fork_us_; }
  const ChildProgress& progress() const { return progress_; }

  // Takes what the child has told; answers once it has ended.
  std::optional<ChildEnd> Poll();
  // Ends it and waits for that.
  void Kill();

 private:
  struct Report;

  SaveChild(tiering::FlashStore& store, tiering::PinToken pin) : store_(store), pin_(pin) {}
  [[noreturn]] static void RunChild(pid_t parent, const std::string& temporary, int pipe_fd,
                                    tiering::ForkedReader& cold, const Work& work);
  void TakeReports();

  tiering::FlashStore& store_;
  const tiering::PinToken pin_;
  std::unique_ptr<tiering::ForkedReader> cold_;
  pid_t pid_ = -1;
  int pipe_fd_ = -1;
  int64_t fork_us_ = 0;
  ChildProgress progress_;
  std::optional<Status> result_;  // as the child told it
};

}  // namespace tidemark::persistence
