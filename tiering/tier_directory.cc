#include "tiering/rocksdb/tier_directory.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace tidemark::tiering {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMarkerName = "TIDEMARK_TIER";
constexpr const char* kMarkerText =
    "This directory belongs to a flash tier. Everything in it is removed when a server starts that uses it.\n";
// What a freshly made file system contains.
constexpr const char* kLostAndFound = "lost+found";

Status Unusable(const std::string& dir, const std::string& why) {
  return Status::IoError("tier-dir " + dir + ": " + why);
}

}  // namespace

Status PrepareTierDirectory(const std::string& dir, const ::rocksdb::Options& options) {
  std::error_code error;
  fs::create_directories(dir, error);
  if (error) return Unusable(dir, "cannot be created: " + error.message());
  const fs::path marker = fs::path(dir) / kMarkerName;
  if (!fs::exists(marker, error)) {
    fs::directory_iterator entries(dir, error);
    if (error) return Unusable(dir, "cannot be listed: " + error.message());
    for (const fs::directory_entry& entry : entries) {
      if (entry.path().filename() == kLostAndFound) continue;
      return Status::InvalidArgument(
          "tier-dir " + dir + " is not empty and holds no " + kMarkerName +
          " file, so it is not a flash tier of ours and will not be wiped: point tier-dir at "
          "an empty directory, or empty this one yourself");
    }
    std::ofstream out(marker);
    out << kMarkerText;
    out.close();
    if (!out) return Unusable(dir, "cannot be written to");
  }
  const ::rocksdb::Status wiped = ::rocksdb::DestroyDB(dir, options);
  if (wiped.ok()) return Status::Ok();
  if (wiped.ToString().find("LOCK") != std::string::npos) {
    return Status::Unavailable("tier-dir " + dir +
                               " is in use by another server: give each server a tier-dir of its own (" +
                               wiped.ToString() + ")");
  }
  return Unusable(dir, "cannot be emptied: " + wiped.ToString());
}

}  // namespace tidemark::tiering
