#include "persistence/append_only_file.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "persistence/file_stream.h"

namespace tidemark::persistence {

using formats::AofBaseForm;
using formats::AofFile;
using formats::AofManifest;

AppendOnlyFile::AppendOnlyFile(const PersistenceOptions& options, EffectSource& source, const Clock& clock,
                               LatencySink& latency, Logger& log)
    : options_(options),
      source_(source),
      clock_(clock),
      log_(log),
      worker_("aof-sync"),
      directory_(options, worker_, log),
      writer_(options, worker_, clock, latency, log) {}

std::string AppendOnlyFile::TemporaryIncrement() const {
  return directory_.PathOf(formats::AofTemporaryName(options_.append_filename + ".incr"));
}

Status AppendOnlyFile::OpenNextIncrement() {
  AofManifest next = directory_.manifest();
  const uint64_t seq = directory_.NextIncrementSeq();
  next.increments.push_back({.name = formats::AofIncrementName(options_.append_filename, seq), .seq = seq});
  const std::string path = directory_.PathOf(next.increments.back().name);
  // It is there, and empty whoever left one of that name, before the manifest lists it; the manifest lists it before
  // anything is written to it.
  FileSink empty(false);
  Status opened = empty.Create(path);
  if (opened.ok()) opened = empty.Finish();
  if (opened.ok()) {
    TIDEMARK_RETURN_IF_ERROR(directory_.Publish(next));
    const uint64_t closed = writer_.is_open() ? writer_.file_bytes() : 0;
    opened = writer_.Open(path);
    if (opened.ok()) closed_bytes_ += closed;
  }
  if (opened.ok()) return opened;
  return Status(opened.code(), "Can't open the append-only file " + path + ": " + opened.message());
}

Status AppendOnlyFile::GoOn() {
  directory_.DeleteHistory();
  const AofManifest& manifest = directory_.manifest();
  if (manifest.increments.empty()) {
    closed_bytes_ = directory_.TotalBytes();
    TIDEMARK_RETURN_IF_ERROR(OpenNextIncrement());
  } else {
    const std::string path = directory_.PathOf(manifest.increments.back().name);
    const uint64_t total = directory_.TotalBytes();
    const Status opened = writer_.Open(path);
    if (!opened.ok()) return Status(opened.code(), "Can't open the append-only file " + path + ": " + opened.message());
    closed_bytes_ = total - std::min(total, writer_.file_bytes());
    log_.Log(LogLevel::kNotice, "Opening AOF incr file " + manifest.increments.back().name + " on server start");
  }
  base_bytes_ = directory_.BaseBytes();
  state_ = State::kOn;
  source_.WantEffects(true);
  return Status::Ok();
}

Status AppendOnlyFile::AdoptBase(const std::string& temporary, AofBaseForm form) {
  const AofManifest& old = directory_.manifest();
  const uint64_t seq = directory_.NextBaseSeq();
  AofManifest next;
  next.base = AofFile{.name = formats::AofBaseName(options_.append_filename, seq, form), .seq = seq};
  next.history = old.history;
  if (old.base) next.history.push_back(*old.base);
  const std::string path = directory_.PathOf(next.base->name);
  if (const Status named = ReplaceFile(temporary, path, directory_.path()); !named.ok()) {
    return Status(named.code(), "Error trying to rename the temporary AOF base file " + temporary + " into " + path +
                                    ": " + named.message());
  }
  // The increments that this base makes superfluous are all but the one that is written.
  std::vector<AofFile> increments = old.increments;
  if (state_ == State::kOn) {
    next.increments.push_back(increments.back());
    increments.pop_back();
  }
  next.history.insert(next.history.end(), increments.begin(), increments.end());
  if (state_ == State::kWaitingForBase) {
    const uint64_t increment = directory_.NextIncrementSeq();
    next.increments.push_back(
        {.name = formats::AofIncrementName(options_.append_filename, increment), .seq = increment});
    const std::string increment_path = directory_.PathOf(next.increments.back().name);
    if (const Status named = ReplaceFile(TemporaryIncrement(), increment_path, directory_.path()); !named.ok()) {
      return Status(named.code(), "Error trying to rename the temporary AOF incr file into " + increment_path + ": " +
                                      named.message());
    }
  }
  TIDEMARK_RETURN_IF_ERROR(directory_.Publish(next));
  if (state_ == State::kWaitingForBase) state_ = State::kOn;
  closed_bytes_ = directory_.BaseBytes();
  base_bytes_ = CurrentBytes();
  directory_.DeleteHistory();
  return Status::Ok();
}

Status AppendOnlyFile::TurnOn() {
  if (state_ != State::kOff) return Status::Ok();
  TIDEMARK_RETURN_IF_ERROR(directory_.Make());
  TIDEMARK_RETURN_IF_ERROR(directory_.Load());
  state_ = State::kWaitingForBase;
  // Whoever turns it on has mended what made rewrites fail, and until there is a base nothing is kept.
  failures_ = 0;
  return Status::Ok();
}

void AppendOnlyFile::TurnOff() {
  if (state_ == State::kOff) return;
  source_.DeliverEffects();
  if (const Status synced = writer_.Sync(); !synced.ok()) {
    log_.Log(LogLevel::kWarning, "Fail to fsync the AOF file: " + synced.message());
  }
  source_.WantEffects(false);
  writer_.Close();
  if (state_ == State::kWaitingForBase) unlink(TemporaryIncrement().c_str());
  state_ = State::kOff;
}

Status AppendOnlyFile::BeginRewrite() {
  TIDEMARK_RETURN_IF_ERROR(directory_.Make());
  if (state_ == State::kOff) return directory_.Load();
  source_.DeliverEffects();
  writer_.Write(AofWriter::Force::kYes);
  if (const Status written = writer_.status(); !written.ok()) {
    return Status(written.code(), "the append-only file cannot be written: " + written.message());
  }
  if (state_ == State::kOn) {
    TIDEMARK_RETURN_IF_ERROR(OpenNextIncrement());
    source_.RestartEffects();
  } else {
    const std::string path = TemporaryIncrement();
    unlink(path.c_str());
    if (const Status opened = writer_.Open(path); !opened.ok()) {
      return Status(opened.code(), "Can't open the append-only file " + path + ": " + opened.message());
    }
    source_.WantEffects(true);
  }
  return Status::Ok();
}

Status AppendOnlyFile::EndRewrite(const std::string& temporary, AofBaseForm form) {
  Status adopted = AdoptBase(temporary, form);
  if (!adopted.ok()) {
    FailRewrite();
    return adopted;
  }
  ++rewrites_;
  failures_ = 0;
  return Status::Ok();
}

void AppendOnlyFile::FailRewrite() {
  if (++failures_ < kFailuresBeforeWait) return;
  const int doublings = std::min(failures_ - kFailuresBeforeWait, 6);
  const int64_t minutes = std::min(int64_t{1} << doublings, kLongestWaitMinutes);
  wait_until_seconds_ = clock_.unix_seconds() + minutes * 60;
  log_.Log(LogLevel::kWarning, "Background AOF rewrite has repeatedly failed and triggered the limit, will retry in " +
                                   std::to_string(minutes) + " minutes");
}

bool AppendOnlyFile::RewriteHasToWait() {
  return failures_ >= kFailuresBeforeWait && clock_.unix_seconds() < wait_until_seconds_;
}

int64_t AppendOnlyFile::GrowthThatAsksForRewrite() const {
  const uint64_t bytes = CurrentBytes();
  if (state_ != State::kOn || options_.aof_rewrite_percentage == 0 || bytes <= options_.aof_rewrite_min_bytes) return 0;
  const uint64_t base = std::max<uint64_t>(base_bytes_, 1);
  const int64_t growth = static_cast<int64_t>(bytes * 100 / base) - 100;
  return growth >= options_.aof_rewrite_percentage ? growth : 0;
}

void AppendOnlyFile::OnEffects(std::string&& stream) {
  writer_.Append(std::move(stream));
  writer_.Write();
}

void AppendOnlyFile::Cron() {
  if (state_ != State::kOff) writer_.Cron();
}

Status AppendOnlyFile::Sync() {
  if (state_ == State::kOff) return Status::Ok();
  source_.DeliverEffects();
  return writer_.Sync();
}

void AppendOnlyFile::AddFigures(AofFigures& figures) const {
  figures.enabled = state_ != State::kOff;
  figures.rewrites = rewrites_;
  figures.consecutive_failures = static_cast<uint64_t>(failures_);
  figures.last_write_ok = status().ok();
  figures.current_bytes = CurrentBytes();
  figures.base_bytes = base_bytes_;
  figures.buffer_bytes = writer_.buffered_bytes();
  figures.buffer_memory_bytes = writer_.buffer_memory_bytes();
  figures.pending_syncs = writer_.pending_syncs();
  figures.delayed_syncs = writer_.delayed_syncs();
}

}  // namespace tidemark::persistence
