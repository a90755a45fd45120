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
  // Notes, until told otherwise, that the manifest of this path names values in here.
  Status NoteCheckpoint(const std::string& manifest) const;
  // To be asked by who would remove them, as that manifest does not, or no more: an error if another one is noted.
  Status CheckCheckpoint(const std::string& manifest) const;
  void ForgetCheckpoint() const;
  // Removes everything but the marker, the lock, that note and the files of these names. `notices` are told what that
  // was.
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
