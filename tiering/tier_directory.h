// The tier's directory: made, recognised as ours, kept from a second server, and emptied.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"

namespace tidemark::tiering {

// Held as long as the directory is used. The lock goes with the process, however it ends.
class TierDirectory {
 public:
  // Leaves `dir` existing, marked, locked and with nothing else in it. Refuses a directory that holds anything and does
  // not carry our marker, and one that another server uses; the message says what to do.
  // `notices` are told what an earlier server had left there.
  static Result<std::unique_ptr<TierDirectory>> Claim(const std::string& dir, std::vector<std::string>* notices);
  ~TierDirectory();
  TierDirectory(const TierDirectory&) = delete;
  TierDirectory& operator=(const TierDirectory&) = delete;

 private:
  explicit TierDirectory(int lock_fd) : lock_fd_(lock_fd) {}

  const int lock_fd_;
};

}  // namespace tidemark::tiering
