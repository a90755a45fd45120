#include "persistence/checkpoint_start.h"

#include <string>

#include "formats/aof_manifest.h"
#include "persistence/file_stream.h"

namespace tidemark::persistence {

Result<std::optional<formats::CheckpointHead>> FindCheckpoint(const PersistenceOptions& options) {
  const std::string dir = options.dir + "/" + options.append_dir_name + "/";
  const Result<std::string> text = ReadWholeFile(dir + formats::AofManifestName(options.append_filename));
  if (!text) return std::optional<formats::CheckpointHead>();
  const Result<formats::AofManifest> manifest = formats::AofManifest::Parse(*text);
  if (!manifest || !manifest->base) return std::optional<formats::CheckpointHead>();
  FileSource base;
  if (!base.Open(dir + manifest->base->name).ok()) return std::optional<formats::CheckpointHead>();
  Result<std::optional<formats::CheckpointHead>> head = formats::ReadCheckpointHead(base);
  if (head) return head;
  return Status(head.error().code(), dir + manifest->base->name + ": " + head.error().message());
}

}  // namespace tidemark::persistence
