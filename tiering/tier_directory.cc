#include "tiering/tier_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace tidemark::tiering {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMarkerName = "TIDEMARK_TIER";
constexpr const char* kMarkerText =
    "This directory belongs to a flash tier. When a server starts that uses it, everything in it is removed but what a "
    "checkpoint names.\n";
constexpr const char* kLockName = "TIDEMARK_LOCK";
constexpr const char* kCheckpointName = "TIDEMARK_CHECKPOINT";
constexpr int kLockTries = 200;
constexpr useconds_t kLockPauseUs = 10'000;
// What a freshly made file system contains.
constexpr const char* kLostAndFound = "lost+found";

Status Unusable(const std::string& dir, const std::string& why) {
  return Status::IoError("tier-dir " + dir + ": " + why);
}

Status Mark(const std::string& dir) {
  std::error_code error;
  fs::create_directories(dir, error);
  if (error) return Unusable(dir, "cannot be created: " + error.message());
  const fs::path marker = fs::path(dir) / kMarkerName;
  if (fs::exists(marker, error)) return Status::Ok();
  fs::directory_iterator entries(dir, error);
  if (error) return Unusable(dir, "cannot be listed: " + error.message());
  for (const fs::directory_entry& entry : entries) {
    if (entry.path().filename() == kLostAndFound) continue;
    return Status::InvalidArgument("tier-dir " + dir + " is not empty and holds no " + kMarkerName +
                                   " file, so it is not a flash tier of ours and will not be wiped: point tier-dir at "
                                   "an empty directory, or empty this one yourself");
  }
  std::ofstream out(marker);
  out << kMarkerText;
  out.close();
  return out ? Status::Ok() : Unusable(dir, "cannot be written to");
}

// Empty if there is no such file.
std::string ReadAll(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

Result<std::unique_ptr<TierDirectory>> TierDirectory::Claim(const std::string& dir) {
  TIDEMARK_RETURN_IF_ERROR(Mark(dir));
  return Lock(dir, O_RDWR | O_CREAT | O_CLOEXEC);
}

Status TierDirectory::CheckCheckpoint(const std::string& manifest) const {
  const fs::path path = fs::path(dir_) / kCheckpointName;
  const std::string noted = ReadAll(path);
  if (noted.empty() || noted == manifest) return Status::Ok();
  return Status::InvalidArgument("tier-dir " + dir_ + " holds the values of the checkpoint that " + noted +
                                 " names, which this start does not use. Start with the dir, appenddirname and "
                                 "appendfilename of then, or with another tier-dir; if those values are not needed any "
                                 "more, remove " +
                                 path.string());
}

Status TierDirectory::NoteCheckpoint(const std::string& manifest) const {
  const fs::path path = fs::path(dir_) / kCheckpointName;
  if (ReadAll(path) == manifest) return Status::Ok();
  std::ofstream out(path);
  out << manifest;
  out.close();
  return out ? Status::Ok() : Unusable(dir_, "cannot be written to");
}

void TierDirectory::ForgetCheckpoint() const {
  std::error_code ignored;
  fs::remove(fs::path(dir_) / kCheckpointName, ignored);
}

Result<std::unique_ptr<TierDirectory>> TierDirectory::ClaimExisting(const std::string& dir) {
  std::error_code error;
  if (!fs::exists(fs::path(dir) / kMarkerName, error)) {
    return Status::InvalidArgument(dir + " holds no " + kMarkerName + " file, so it is not a flash tier");
  }
  return Lock(dir, O_RDWR | O_CLOEXEC);
}

Result<std::unique_ptr<TierDirectory>> TierDirectory::Lock(const std::string& dir, int flags) {
  const std::string lock_path = dir + "/" + kLockName;
  const int fd = open(lock_path.c_str(), flags, 0600);
  if (fd < 0) return Unusable(dir, "cannot be locked: " + std::generic_category().message(errno));
  std::unique_ptr<TierDirectory> claimed(new TierDirectory(dir, fd));
  // A lock of the open file: another one in this process is refused as well.
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  // A child that a killed server had for its snapshot ends with it, but perhaps a moment later.
  bool locked = fcntl(fd, F_OFD_SETLK, &whole) == 0;
  for (int tries = 0; !locked && tries < kLockTries; ++tries) {
    usleep(kLockPauseUs);
    locked = fcntl(fd, F_OFD_SETLK, &whole) == 0;
  }
  if (!locked) {
    return Status::Unavailable("tier-dir " + dir +
                               " is in use by another server: give each server a tier-dir of its own");
  }
  return claimed;
}

Status TierDirectory::RemoveAllBut(const std::set<std::string>& kept, std::vector<std::string>* notices) const {
  std::error_code error;
  uint64_t files = 0;
  uint64_t bytes = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(dir_, error)) {
    const fs::path name = entry.path().filename();
    if (name == kMarkerName || name == kLockName || name == kCheckpointName || name == kLostAndFound ||
        kept.contains(name))
      continue;
    std::error_code ignored;
    const uint64_t size = entry.is_regular_file(ignored) ? entry.file_size(ignored) : 0;
    fs::remove_all(entry.path(), error);
    if (error) break;
    files += 1;
    bytes += ignored ? 0 : size;
  }
  if (error) return Unusable(dir_, "cannot be emptied: " + error.message());
  if (files > 0 && notices != nullptr) {
    notices->push_back("removed " + std::to_string(files) + " files (" + std::to_string(bytes >> 20) +
                       " MB) of an earlier server, " +
                       (kept.empty() ? "whose values do not outlive it" : "which its last checkpoint does not name"));
  } else if (notices != nullptr && kept.empty()) {
    notices->push_back("nothing of an earlier server found");
  }
  return Status::Ok();
}

TierDirectory::~TierDirectory() {
  close(lock_fd_);
}

}  // namespace tidemark::tiering
