#include "persistence/aof_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "persistence/aof_base.h"
#include "persistence/file_stream.h"

namespace tidemark::persistence {

using formats::AofFile;
using formats::AofManifest;

namespace {

std::string ErrorText(int error) {
  return std::generic_category().message(error);
}

bool Exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

}  // namespace

Status AofDirectory::Make() {
  if (mkdir(path().c_str(), 0755) == 0 || errno == EEXIST) return Status::Ok();
  return Status::IoError("Can't open or create append-only dir " + path() + ": " + ErrorText(errno));
}

Status AofDirectory::Load() {
  manifest_ = {};
  dir_ = options_.dir;
  const std::string manifest_path = PathOf(formats::AofManifestName(options_.append_filename));
  const std::string single = options_.dir + "/" + options_.append_filename;
  const Result<std::string> text = ReadWholeFile(manifest_path);
  if (!text && text.error().code() != StatusCode::kNotFound) {
    return Status(text.error().code(), "Fatal error: can't open the AOF manifest file " + manifest_path +
                                           " for reading: " + text.error().message());
  }
  if (text) {
    Result<AofManifest> manifest = AofManifest::Parse(*text);
    if (!manifest) {
      return Status(manifest.error().code(),
                    "*** FATAL AOF MANIFEST FILE ERROR *** " + manifest_path + ": " + manifest.error().message());
    }
    manifest_ = std::move(*manifest);
  }
  struct stat about {};
  if (stat(single.c_str(), &about) == 0 && S_ISREG(about.st_mode)) {
    const bool begun = manifest_.base && manifest_.base->name == options_.append_filename &&
                       manifest_.increments.empty() && !Exists(PathOf(options_.append_filename));
    if (!text || begun) TIDEMARK_RETURN_IF_ERROR(TakeOverSingleFile(single));
  }
  DeleteTemporaryFiles();
  return CheckFiles();
}

void AofDirectory::DeleteTemporaryFiles() {
  std::error_code error;
  std::filesystem::directory_iterator files(path(), error);
  for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) {
    const std::string name = files->path().filename().string();
    if (!IsTemporaryBaseName(name) && name != formats::AofTemporaryName(options_.append_filename + ".incr")) continue;
    log_.Log(LogLevel::kNotice, "Removing " + name + ", which an earlier server had not finished");
    unlink(files->path().c_str());
  }
}

Status AofDirectory::TakeOverSingleFile(const std::string& single) {
  log_.Log(LogLevel::kNotice, "Taking over the append-only file " + single + " of an older server into " + path());
  TIDEMARK_RETURN_IF_ERROR(Make());
  // First the manifest: should the server end in between, the next start goes on from here.
  AofManifest whole;
  whole.base = AofFile{.name = options_.append_filename, .seq = 1};
  TIDEMARK_RETURN_IF_ERROR(Publish(whole));
  if (const Status moved = ReplaceFile(single, PathOf(options_.append_filename), path()); !moved.ok()) {
    return Status(moved.code(), "Can't move the append-only file " + single + " to " + path() + ": " + moved.message());
  }
  log_.Log(LogLevel::kNotice, "Successfully migrated an old-style AOF configuration");
  return Status::Ok();
}

Status AofDirectory::CheckFiles() const {
  const auto check = [&](const AofFile& file) {
    if (Exists(PathOf(file.name))) return Status::Ok();
    return Status::Corruption("The AOF file " + file.name + ", which the manifest lists, is missing in " + path() +
                              ": " + ErrorText(errno));
  };
  if (manifest_.base) TIDEMARK_RETURN_IF_ERROR(check(*manifest_.base));
  for (const AofFile& file : manifest_.increments) TIDEMARK_RETURN_IF_ERROR(check(file));
  return Status::Ok();
}

Status AofDirectory::Publish(const AofManifest& next) {
  const std::string name = formats::AofManifestName(options_.append_filename);
  const std::string temporary = PathOf(formats::AofTemporaryName(name));
  FileSink sink(false);
  Status written = sink.Create(temporary);
  if (written.ok()) written = sink.Write(next.Render());
  if (written.ok()) written = sink.Finish();
  if (written.ok()) written = ReplaceFile(temporary, PathOf(name), path());
  if (!written.ok()) {
    unlink(temporary.c_str());
    return Status(written.code(), "Fail to write the AOF manifest " + PathOf(name) + ": " + written.message());
  }
  manifest_ = next;
  return Status::Ok();
}

void AofDirectory::DeleteHistory() {
  if (options_.aof_disable_auto_gc || manifest_.history.empty()) return;
  for (const AofFile& file : manifest_.history) {
    log_.Log(LogLevel::kNotice, "Removing the history file " + file.name + " in the background");
    worker_.Post([path = PathOf(file.name)] { unlink(path.c_str()); });
  }
  AofManifest next = manifest_;
  next.history.clear();
  // Files that are listed for deletion and gone are no harm.
  if (const Status published = Publish(next); !published.ok()) log_.Log(LogLevel::kWarning, published.message());
}

uint64_t AofDirectory::NextBaseSeq() const {
  if (manifest_.base) return manifest_.base->seq + 1;
  uint64_t last = 0;
  for (const AofFile& file : manifest_.history) last = std::max(last, file.seq);
  return last + 1;
}

uint64_t AofDirectory::NextIncrementSeq() const {
  if (!manifest_.increments.empty()) return manifest_.increments.back().seq + 1;
  uint64_t last = 0;
  for (const AofFile& file : manifest_.history) last = std::max(last, file.seq);
  return last + 1;
}

uint64_t AofDirectory::SizeOf(const std::string& name) const {
  struct stat about {};
  return stat(PathOf(name).c_str(), &about) == 0 ? static_cast<uint64_t>(about.st_size) : 0;
}

uint64_t AofDirectory::BaseBytes() const {
  return manifest_.base ? SizeOf(manifest_.base->name) : 0;
}

uint64_t AofDirectory::TotalBytes() const {
  uint64_t bytes = BaseBytes();
  for (const AofFile& file : manifest_.increments) bytes += SizeOf(file.name);
  return bytes;
}

}  // namespace tidemark::persistence
