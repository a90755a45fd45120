#include "persistence/aof_load.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/quoting.h"
#include "formats/rdb_opcodes.h"
#include "persistence/function_libraries.h"

namespace tidemark::persistence {

using formats::CommandReader;
using Item = formats::CommandReader::Item;

namespace {

// While this lives no key and no field expires.
class StillTime {
 public:
  explicit StillTime(keyspace::Keyspace& keyspace) : keyspace_(keyspace) {
    keyspace_.context().time_stands_still = true;
  }
  ~StillTime() { keyspace_.context().time_stands_still = false; }
  StillTime(const StillTime&) = delete;
  StillTime& operator=(const StillTime&) = delete;

 private:
  keyspace::Keyspace& keyspace_;
};

Result<bool> BeginsAsRdb(const std::string& path) {
  FileSource source;
  TIDEMARK_RETURN_IF_ERROR(source.Open(path));
  std::string head(formats::kValkeyMagic.size(), '\0');
  size_t bytes = 0;
  while (bytes < head.size()) {
    const Result<size_t> got = source.Read(head.data() + bytes, head.size() - bytes);
    if (!got) return got.error();
    if (*got == 0) break;
    bytes += *got;
  }
  head.resize(bytes);
  return head.starts_with(formats::kRedisMagic) || head.starts_with(formats::kValkeyMagic);
}

}  // namespace

Status AofLoad::Run(const AofDirectory& directory) {
  const StillTime still(keyspace_);
  const formats::AofManifest& manifest = directory.manifest();
  std::vector<std::string> names;
  if (manifest.base) names.push_back(manifest.base->name);
  for (const formats::AofFile& file : manifest.increments) names.push_back(file.name);
  for (size_t i = 0; i < names.size(); ++i) {
    const int64_t start_us = Clock::MonotonicUs();
    const Place place = i + 1 == names.size() ? Place::kLast : Place::kInner;
    TIDEMARK_RETURN_IF_ERROR(LoadFile(directory.PathOf(names[i]), place));
    // From here on values are changed and given up.
    if (i == 0) tier_.EndAdoption();
    char text[64];
    std::snprintf(text, sizeof(text), "%.3f seconds", static_cast<double>(Clock::MonotonicUs() - start_us) / 1e6);
    const bool base = manifest.base && i == 0;
    log_.Log(LogLevel::kNotice,
             "DB loaded from " + std::string(base ? "base" : "incr") + " file " + names[i] + ": " + text);
  }
  return Status::Ok();
}

Status AofLoad::LoadFile(const std::string& path, Place place) {
  const auto unreadable = [&](const Status& why) {
    return Status(why.code(), "Fatal error: can't open the append log file " + path + " for reading: " + why.message());
  };
  const Result<bool> rdb = BeginsAsRdb(path);
  if (!rdb) return unreadable(rdb.error());
  FileSource source;
  if (const Status opened = source.Open(path); !opened.ok()) return unreadable(opened);
  // No RDB file is empty, so what was in it is lost; commands may be none.
  if (source.total_bytes() == 0 && (path.ends_with(".base.rdb") || formats::IsCheckpointBaseName(path))) {
    return Status::Corruption("Fatal error: the base file " + path + " is empty, at offset 0");
  }
  CommandReader::Options options;
  std::string rest;
  if (*rdb) {
    log_.Log(LogLevel::kNotice, "Reading RDB base file on AOF loading...");
    RdbLoad load(keyspace_, options_, host_, log_, figures_);
    load.set_progress_offset(loaded_before_);
    load.set_tier(tier_);
    const Status loaded = load.Run(path, source, SameKey::kRefuse);
    result_.keys += load.result().keys;
    result_.empty_keys += load.result().empty_keys;
    for (std::string& library : load.result().functions) result_.functions.push_back(std::move(library));
    if (!loaded.ok()) return loaded;
    // A file of its own, or the head of one that goes on with commands.
    rest = load.rest();
    options.prefix = rest;
    options.offset = load.end_offset();
  }
  TIDEMARK_RETURN_IF_ERROR(LoadCommands(path, source, options, place));
  loaded_before_ += source.total_bytes();
  figures_.loaded_bytes = loaded_before_;
  return Status::Ok();
}

Status AofLoad::LoadCommands(const std::string& path, FileSource& source, const CommandReader::Options& options,
                             Place place) {
  CommandReader reader(source, options);
  transaction_ = {};
  batch_.Clear();
  runner_.BeginFile();
  for (;;) {
    const Item item = reader.Next();
    // However it ends, what is in front of that has been done.
    if (item != Item::kCommand && item != Item::kAnnotation) {
      TIDEMARK_RETURN_IF_ERROR(RunBatch(path, batch_));
      batch_.Clear();
    }
    switch (item) {
      case Item::kCommand:
        TIDEMARK_RETURN_IF_ERROR(Take(path, reader.words(), reader.begin_offset()));
        figures_.loaded_bytes = loaded_before_ + reader.end_offset();
        if (batch_.size() < kBatchCommands && batch_.bytes() < kBatchBytes) break;
        TIDEMARK_RETURN_IF_ERROR(RunBatch(path, batch_));
        batch_.Clear();
        TIDEMARK_RETURN_IF_ERROR(LookAround());
        break;
      case Item::kAnnotation:
        break;
      case Item::kEnd:
        if (!transaction_.open) return Status::Ok();
        log_.Log(LogLevel::kWarning, "Revert incomplete MULTI/EXEC transaction in AOF file " + path);
        return CutShort(path, transaction_.begin, place);
      case Item::kTruncated:
        return CutShort(path, transaction_.open ? transaction_.begin : reader.begin_offset(), place);
      case Item::kMalformed:
        return Status::Corruption("Bad file format reading the append only file " + path + ": " + reader.error() +
                                  ". Make a backup of your AOF file, then use tidemark-check-aof --fix "
                                  "<filename.manifest>");
      case Item::kFailed:
        return Status(reader.status().code(),
                      "Unrecoverable error reading the append only file " + path + ": " + reader.status().message());
    }
  }
}

Status AofLoad::Take(const std::string& path, std::span<const std::string_view> words, uint64_t offset) {
  if (SameWord(words[0], "multi")) {
    // Within another one it is an error that changes nothing.
    if (!transaction_.open) transaction_ = {.open = true, .begin = offset, .queue = {}, .functions = {}};
    return Status::Ok();
  }
  if (SameWord(words[0], "function")) return TakeFunction(path, words, offset);
  if (!transaction_.open) {
    batch_.Add(words, offset);
    return Status::Ok();
  }
  if (!SameWord(words[0], "exec")) {
    transaction_.queue.Add(words, offset);
    return Status::Ok();
  }
  const OpenTransaction whole = std::exchange(transaction_, {});
  for (const std::vector<std::string>& function : whole.functions) {
    const std::vector<std::string_view> function_words(function.begin(), function.end());
    TIDEMARK_RETURN_IF_ERROR(TakeFunction(path, function_words, whole.begin));
  }
  TIDEMARK_RETURN_IF_ERROR(RunBatch(path, batch_));
  batch_.Clear();
  TIDEMARK_RETURN_IF_ERROR(RunBatch(path, whole.queue));
  return LookAround();
}

Status AofLoad::TakeFunction(const std::string& path, std::span<const std::string_view> words, uint64_t offset) {
  if (transaction_.open) {
    transaction_.functions.emplace_back(words.begin(), words.end());
    return Status::Ok();
  }
  const Status applied = ApplyFunctionCommand(words, result_.functions);
  if (applied.ok()) return applied;
  return Status::Corruption(applied.message() + " at offset " + std::to_string(offset) +
                            " reading the append only file " + path);
}

Status AofLoad::RunBatch(const std::string& path, const commands::CommandBatch& batch) {
  commands_ += batch.size();
  const Status run = runner_.Run(batch);
  if (run.ok()) return run;
  const StatusCode code = run.code() == StatusCode::kInvalidArgument ? StatusCode::kCorruption : run.code();
  return Status(code, run.message() + " reading the append only file " + path);
}

Status AofLoad::CutShort(const std::string& path, uint64_t at, Place place) {
  if (place == Place::kInner) {
    return Status::Corruption("Fatal error: the AOF file " + path + " ends within a command, behind offset " +
                              std::to_string(at) +
                              ", and is not the last one of the manifest. Make a backup of the "
                              "directory, then use tidemark-check-aof <filename.manifest> to see what can be saved.");
  }
  if (!options_.aof_load_truncated) {
    return Status::Corruption("Unexpected end of file reading the append only file " + path + ", behind offset " +
                              std::to_string(at) +
                              ". You can: 1) Make a backup of your AOF file, then use "
                              "tidemark-check-aof --fix <filename.manifest>. 2) Alternatively you can set the "
                              "'aof-load-truncated' configuration option to yes and restart the server.");
  }
  log_.Log(LogLevel::kWarning, "!!! Warning: short read while loading the AOF file " + path + "!!!");
  log_.Log(LogLevel::kWarning, "AOF " + path + " loaded anyway because aof-load-truncated is enabled");
  log_.Log(LogLevel::kWarning, "Truncating the AOF " + path + " at offset " + std::to_string(at));
  if (truncate(path.c_str(), static_cast<off_t>(at)) == 0) return Status::Ok();
  return Status::IoError("Error truncating the AOF file " + path + ": " + std::generic_category().message(errno));
}

Status AofLoad::LookAround() {
  TIDEMARK_RETURN_IF_ERROR(host_.MakeRoom());
  if (figures_.loaded_bytes < next_events_at_) return Status::Ok();
  next_events_at_ = figures_.loaded_bytes + options_.events_interval_bytes;
  const int64_t now_us = Clock::MonotonicUs();
  if (next_log_us_ == 0) next_log_us_ = now_us + kLogEveryUs;
  if (now_us >= next_log_us_) {
    next_log_us_ = now_us + kLogEveryUs;
    log_.Log(LogLevel::kNotice, "Loading AOF: " + std::to_string(figures_.loaded_bytes) + " of " +
                                    std::to_string(figures_.total_bytes) + " bytes, " + std::to_string(commands_) +
                                    " commands");
  }
  return host_.OnLoadProgress();
}

}  // namespace tidemark::persistence
