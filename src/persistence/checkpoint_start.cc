#include "persistence/checkpoint_start.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "formats/aof_manifest.h"
#include "persistence/file_stream.h"

namespace tidemark::persistence {
namespace {

using Found = Result<std::optional<formats::CheckpointHead>>;

// Nothing says, or wrongly, which file of the directory counts: that is no harm if none can be a checkpoint's.
Found WithoutUsableManifest(const std::string& dir, const std::string& manifest, const Status& why) {
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(dir, ignored)) {
    if (!formats::IsCheckpointBaseName(file.path().filename().string())) continue;
    return Status::Corruption("*** FATAL AOF MANIFEST FILE ERROR *** " + manifest + ": " + why.message() +
                              "\nWithout it nobody knows whether values in the flash tier are still needed by " +
                              file.path().string());
  }
  return std::optional<formats::CheckpointHead>();
}

Found HeadOf(const std::string& path) {
  FileSource base;
  if (const Status opened = base.Open(path); !opened.ok()) return opened;
  return formats::ReadCheckpointHead(base);
}

}  // namespace

Result<std::optional<formats::CheckpointHead>> FindCheckpoint(const PersistenceOptions& options) {
  const std::string dir = options.dir + "/" + options.append_dir_name + "/";
  const std::string path = dir + formats::AofManifestName(options.append_filename);
  const Result<std::string> text = ReadWholeFile(path);
  if (!text) return WithoutUsableManifest(dir, path, text.error());
  const Result<formats::AofManifest> manifest = formats::AofManifest::Parse(*text);
  if (!manifest) return WithoutUsableManifest(dir, path, manifest.error());
  if (!manifest->base) return std::optional<formats::CheckpointHead>();
  const std::string& name = manifest->base->name;
  Found head = HeadOf(dir + name);
  if (head && (*head || !formats::IsCheckpointBaseName(name))) return head;
  if (head) return Status::Corruption(dir + name + " does not begin as the base of a checkpoint does, at offset 0");
  const Status why(head.error().code(), dir + name + ": " + head.error().message());
  const bool missing = why.code() == StatusCode::kNotFound && !formats::IsCheckpointBaseName(name);
  return missing ? WithoutUsableManifest(dir, path, why) : why;
}

}  // namespace tidemark::persistence
