// The tier's directory: made, recognised as ours, kept from a second server, and emptied of what is not to be kept.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"

namespace tidemark::tiering {

// Held as long as the directory is used. The lock goes with the process, however it ends.
class TierDirectory {
 public:
  // Leaves `dir` existing, marked and locked. Refuses a directory that holds anything and does not carry our marker,
  // and one that another server uses; the message says what to do.
  static Result<std::unique_ptr<TierDirectory>> Claim(const std::string& dir);
  // The same for one who only looks: a directory that is not there or not ours is refused, and nothing is changed.
  static Result<std::unique_ptr<TierDirectory>> ClaimExisting(const std::string& dir);
  // Removes everything but the marker, the lock and the files of these names. `notices` are told what that was.
  Status RemoveAllBut(const std::set<std::string>& kept, std::vector<std::string>* notices) const;
  ~TierDirectory();
  TierDirectory(const TierDirectory&) = delete;
  TierDirectory& operator=(const TierDirectory&) = delete;

 private:
  TierDirectory(std::string dir, int lock_fd) : dir_(std::move(dir)), lock_fd_(lock_fd) {}
  static Result<std::unique_ptr<TierDirectory>> Lock(const std::string& dir, int flags);

  const std::string dir_;
  const int lock_fd_;
};

}  // namespace tidemark::tiering
