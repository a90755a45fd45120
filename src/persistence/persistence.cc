#include "persistence/persistence.h"

#include <unistd.h>

#include <cstdio>
#include <optional>
#include <utility>

#include "persistence/file_stream.h"
#include "persistence/rdb_save.h"

namespace tidemark::persistence {

using commands::BackgroundSave;
using commands::SaveWhen;

Persistence::Persistence(const PersistenceParts& parts)
    : parts_(parts),
      aof_(parts.options, parts.effects, parts.clock, parts.latency, parts.log),
      last_save_unix_seconds_(parts.clock.unix_seconds()) {}

Persistence::~Persistence() {
  if (child_ != nullptr) KillChild();
}

SaveRequest Persistence::MakeRequest() const {
  return {.keyspace = parts_.keyspace,
          .options = options(),
          .functions = functions_,
          .used_memory = parts_.memory.used(),
          .with_idle_times = options().save_idle_times || parts_.store.enabled()};
}

Status Persistence::SaveInForeground() {
  const std::unique_ptr<tiering::BulkReader> cold = parts_.store.OpenBulkReader();
  SaveRequest request = MakeRequest();
  request.cold = cold.get();
  const Status saved = SaveRdbFile(request, getpid());
  if (!saved.ok()) {
    parts_.log.Log(LogLevel::kWarning, saved.message());
    return Status(saved.code(), "ERR");
  }
  NoteSaved(parts_.keyspace.stats().dirty);
  parts_.log.Log(LogLevel::kNotice, "DB saved on disk");
  return Status::Ok();
}

void Persistence::NoteSaved(uint64_t through) {
  saved_through_ = through;
  last_save_unix_seconds_ = parts_.clock.unix_seconds();
  last_save_ok_ = true;
  ++saves_;
}

// --- in the foreground

Status Persistence::Save() {
  if (ChildIsAt(ChildTask::kSnapshot)) return Status::Unavailable("ERR Background save already in progress");
  return SaveInForeground();
}

void Persistence::OnFlushAll() {
  if (ChildIsAt(ChildTask::kSnapshot)) KillChild();
  // What is in the file is not wanted any more: it is not to come back at the next start.
  if (!options().save_points.empty()) static_cast<void>(Save().ok());
}

Status Persistence::SaveAtEnd(const commands::ShutdownRequest& request) {
  if (ChildIsAt(ChildTask::kSnapshot)) {
    parts_.log.Log(LogLevel::kWarning, "There is a child saving an .rdb. Killing it!");
    KillChild();
  }
  TIDEMARK_RETURN_IF_ERROR(EndAppending(request));
  if (request.no_save || (options().save_points.empty() && !request.save)) return Status::Ok();
  parts_.log.Log(LogLevel::kNotice, "Saving the final RDB snapshot before exiting.");
  const Status saved = Save();
  if (saved.ok()) return saved;
  if (request.force) {
    parts_.log.Log(LogLevel::kWarning, "Error trying to save the DB. Exiting anyway.");
    return Status::Ok();
  }
  parts_.log.Log(LogLevel::kWarning, "Error trying to save the DB, can't exit.");
  return saved;
}

// --- in the background

Result<BackgroundSave> Persistence::SaveInBackground(SaveWhen when) {
  if (ChildIsAt(ChildTask::kSnapshot)) return Status::Unavailable("ERR Background save already in progress");
  if (when == SaveWhen::kLater || (when == SaveWhen::kNowOrLater && child_ != nullptr)) {
    scheduled_ = true;
    return BackgroundSave::kScheduled;
  }
  if (child_ != nullptr) {
    return Status::Unavailable(
        "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule "
        "a "
        "BGSAVE whenever possible.");
  }
  const Status started = StartSnapshot();
  if (started.ok()) return BackgroundSave::kStarted;
  if (scheduled_) return BackgroundSave::kScheduled;
  return Status(started.code(), "ERR");
}

bool Persistence::MayFork() {
  constexpr int64_t kWaitUs = 100'000;
  constexpr int64_t kRetryUs = 1'000'000;
  if (parts_.clock.mono_us() < next_fork_us_) return false;
  if (parts_.store.SettleWithin(kWaitUs)) {
    fork_waits_ = false;
    return true;
  }
  next_fork_us_ = Clock::MonotonicUs() + kRetryUs;
  if (!std::exchange(fork_waits_, true)) {
    parts_.log.Log(LogLevel::kWarning, "The flash tier does not answer: saving in the background begins when it does");
  }
  return false;
}

Status Persistence::StartChild(ChildTask task, const char* what, const SaveChild::Work& work) {
  Result<std::unique_ptr<SaveChild>> child = SaveChild::Start(
      parts_.store, [&](pid_t pid) { return TemporaryOf(task, pid); }, work);
  if (!child) {
    parts_.log.Log(LogLevel::kWarning, std::string(what) + ": fork: " + child.error().message());
    return child.error();
  }
  child_ = std::move(*child);
  child_task_ = task;
  ++forks_;
  last_fork_us_ = child_->fork_us();
  parts_.latency.NoteLatency("fork", last_fork_us_);
  child_keys_total_ = parts_.keyspace.total_keys();
  child_started_seconds_ = parts_.clock.unix_seconds();
  return Status::Ok();
}

Status Persistence::StartSnapshot() {
  scheduled_ = !MayFork();
  if (scheduled_) return Status::Unavailable("put off");
  last_try_seconds_ = parts_.clock.unix_seconds();
  const SaveRequest request = MakeRequest();
  const Status started = StartChild(ChildTask::kSnapshot, "Can't save in background",
                                    [&request](tiering::ForkedReader& cold, const SaveChild::Tell& tell) {
                                      SaveRequest in_child = request;
                                      in_child.cold = &cold;
                                      in_child.on_progress = tell;
                                      return SaveRdbFile(in_child, getpid());
                                    });
  if (!started.ok()) {
    last_save_ok_ = false;
    return started;
  }
  child_through_ = parts_.keyspace.stats().dirty;
  parts_.log.Log(LogLevel::kNotice, "Background saving started by pid " + std::to_string(child_->pid()));
  return Status::Ok();
}

void Persistence::LogCow(const char* what, const ChildProgress& progress) {
  constexpr uint64_t kMegabyte = 1 << 20;
  parts_.log.Log(LogLevel::kNotice, std::string("Fork CoW for ") + what + ": current " +
                                        std::to_string(progress.cow_bytes / kMegabyte) + " MB, peak " +
                                        std::to_string(progress.cow_peak_bytes / kMegabyte) + " MB");
}

void Persistence::TakeInChild(const ChildEnd& end) {
  const pid_t pid = child_->pid();
  child_.reset();
  if (child_task_ == ChildTask::kSnapshot) {
    TakeInSnapshot(pid, end);
  } else {
    TakeInRewrite(pid, end);
  }
}

void Persistence::TakeInSnapshot(pid_t pid, const ChildEnd& end) {
  last_duration_seconds_ = parts_.clock.unix_seconds() - child_started_seconds_;
  last_cow_bytes_ = end.progress.cow_bytes;
  if (end.by_signal) {
    parts_.log.Log(LogLevel::kWarning, "Background saving terminated by signal " + std::to_string(end.signal));
    unlink(TemporaryOf(ChildTask::kSnapshot, pid).c_str());
    last_save_ok_ = false;
    return;
  }
  if (!end.status.ok()) {
    if (!end.status.message().empty()) parts_.log.Log(LogLevel::kWarning, end.status.message());
    parts_.log.Log(LogLevel::kWarning, "Background saving error");
    last_save_ok_ = false;
    return;
  }
  NoteSaved(child_through_);
  parts_.log.Log(LogLevel::kNotice, "DB saved on disk");
  LogCow("RDB", end.progress);
  parts_.log.Log(LogLevel::kNotice, "Background saving terminated with success");
}

std::string Persistence::TemporaryOf(ChildTask task, pid_t pid) const {
  return task == ChildTask::kSnapshot ? options().dir + "/" + TemporaryRdbName(pid) : TemporaryBase(pid);
}

void Persistence::KillChild() {
  const std::string temporary = TemporaryOf(child_task_, child_->pid());
  child_->Kill();
  child_.reset();
  unlink(temporary.c_str());
  if (child_task_ == ChildTask::kSnapshot) return;
  EndCheckpoint(false);
}

void Persistence::Cron() {
  const int64_t now_us = parts_.clock.mono_us();
  if (now_us < next_cron_us_) return;
  next_cron_us_ = now_us + kCronUs;
  aof_.set_child_writes(child_ != nullptr);
  aof_.Cron();
  if (child_ != nullptr) {
    if (const std::optional<ChildEnd> end = child_->Poll()) TakeInChild(*end);
  } else if (!RewriteIfDue()) {
    SaveIfDue();
  }
}

bool Persistence::SaveIfDue() {
  const int64_t now = parts_.clock.unix_seconds();
  const bool may_try = last_save_ok_ || now - last_try_seconds_ > kRetrySeconds;
  if (scheduled_ && may_try) return StartSnapshot().ok();
  for (const SavePoint& point : options().save_points) {
    const uint64_t changes = changes_since_save();
    if (changes < static_cast<uint64_t>(point.changes) || now - last_save_unix_seconds_ <= point.seconds || !may_try) {
      continue;
    }
    parts_.log.Log(LogLevel::kNotice, std::to_string(point.changes) + " changes in " + std::to_string(point.seconds) +
                                          " seconds. Saving...");
    return StartSnapshot().ok();
  }
  return false;
}

// --- loading

void Persistence::BeginLoad(uint64_t total_bytes) {
  load_ = {.loading = true, .start_unix_seconds = parts_.clock.unix_seconds(), .total_bytes = total_bytes};
}

void Persistence::EndLoad(LoadResult result, int64_t start_us, const char* from) {
  functions_ = std::move(result.functions);
  if (!functions_.empty()) {
    parts_.log.Log(LogLevel::kWarning, "The file has " + std::to_string(functions_.size()) +
                                           " libraries of functions. They cannot be called, and are kept for the next "
                                           "file.");
  }
  char text[64];
  std::snprintf(text, sizeof(text), "DB loaded from %s: %.3f seconds", from,
                static_cast<double>(Clock::MonotonicUs() - start_us) / 1e6);
  parts_.log.Log(LogLevel::kNotice, text);
}

Status Persistence::LoadRdb(SameKey same_key) {
  FileSource source;
  const std::string path = options().dir + "/" + options().dbfilename;
  const Status opened = source.Open(path);
  if (opened.code() == StatusCode::kNotFound) return opened;
  if (!opened.ok())
    return Status(opened.code(), "Fatal error: can't open the RDB file " + path + " for reading: " + opened.message());
  const int64_t start_us = Clock::MonotonicUs();
  BeginLoad(source.total_bytes());
  RdbLoad load(parts_.keyspace, options(), parts_.load_host, parts_.log, load_);
  const Status loaded = load.Run(path, source, same_key);
  load_.loading = false;
  last_load_keys_ = load.result().keys;
  last_load_expired_keys_ = load.result().expired_keys;
  if (!loaded.ok()) return loaded;
  EndLoad(std::move(load.result()), start_us, "disk");
  return Status::Ok();
}

Status Persistence::LoadAtStart() {
  Status loaded;
  if (options().append_only) {
    loaded = LoadAof();
  } else {
    loaded = LoadRdb(SameKey::kRefuse);
    if (loaded.code() == StatusCode::kNotFound) loaded = Status::Ok();
  }
  saved_through_ = parts_.keyspace.stats().dirty;
  return loaded;
}

Status Persistence::Reload(const commands::ReloadRequest& request) {
  if (request.save) TIDEMARK_RETURN_IF_ERROR(SaveInForeground());
  if (request.flush) parts_.keyspace.FlushAll(keyspace::FreeMode::kNow);
  const Status loaded = LoadRdb(request.merge ? SameKey::kReplace : SameKey::kRefuse);
  if (!loaded.ok()) {
    parts_.log.Log(LogLevel::kWarning, loaded.message());
    return Status(loaded.code(), "ERR Error trying to load the RDB dump, check server logs");
  }
  saved_through_ = parts_.keyspace.stats().dirty;
  // What was in the file need not be what was appended.
  if (aof_.state() != AppendOnlyFile::State::kOff) rewrite_scheduled_ = true;
  parts_.log.Log(LogLevel::kWarning, "DB reloaded by DEBUG RELOAD");
  return Status::Ok();
}

// --- INFO

PersistenceFigures Persistence::Figures() const {
  PersistenceFigures figures;
  figures.changes_since_save = changes_since_save();
  figures.last_save_unix_seconds = last_save_unix_seconds_;
  figures.last_save_ok = last_save_ok_;
  figures.last_save_seconds = last_duration_seconds_;
  figures.saves = saves_;
  figures.last_cow_bytes = last_cow_bytes_;
  figures.last_load_keys = last_load_keys_;
  figures.last_load_expired_keys = last_load_expired_keys_;
  figures.forks = forks_;
  figures.last_fork_us = last_fork_us_;
  figures.load = load_;
  figures.load.elapsed_seconds = parts_.clock.unix_seconds() - load_.start_unix_seconds;
  aof_.AddFigures(figures.aof);
  figures.aof.rewriting = ChildIsAt(ChildTask::kAofBase);
  figures.aof.rewrite_scheduled =
      rewrite_scheduled_ || (aof_.state() == AppendOnlyFile::State::kWaitingForBase && !figures.aof.rewriting);
  figures.aof.last_rewrite_seconds = last_rewrite_seconds_;
  figures.aof.last_rewrite_ok = last_rewrite_ok_;
  figures.aof.last_cow_bytes = last_rewrite_cow_bytes_;
  if (child_ == nullptr) return figures;
  const ChildProgress& progress = child_->progress();
  const int64_t child_seconds = parts_.clock.unix_seconds() - child_started_seconds_;
  figures.saving = child_task_ == ChildTask::kSnapshot;
  (figures.saving ? figures.current_save_seconds : figures.aof.current_rewrite_seconds) = child_seconds;
  figures.current_keys = progress.keys;
  figures.current_keys_total = child_keys_total_;
  figures.current_cow_bytes = progress.cow_bytes;
  figures.current_cow_peak_bytes = progress.cow_peak_bytes;
  if (progress.cow_mono_us != 0) {
    figures.current_cow_age_seconds = (parts_.clock.mono_us() - progress.cow_mono_us) / 1'000'000;
  }
  return figures;
}

void Persistence::ResetStats() {
  aof_.ResetStats();
  forks_ = 0;
  last_fork_us_ = 0;
}

}  // namespace tidemark::persistence
