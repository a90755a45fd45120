// The append-only file's part of persistence: when it is rewritten, loaded, turned on and off.
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "persistence/aof_base.h"
#include "persistence/persistence.h"

namespace tidemark::persistence {

using commands::BackgroundSave;
using commands::SaveWhen;
using formats::AofBaseForm;

AofBaseForm Persistence::BaseForm() const {
  if (options().tier_checkpoint && parts_.store.supports_checkpoints() && aof_.state() != AppendOnlyFile::State::kOff) {
    return AofBaseForm::kCheckpoint;
  }
  return options().aof_rdb_preamble ? AofBaseForm::kRdb : AofBaseForm::kCommands;
}

std::string Persistence::TemporaryBase(pid_t pid) const {
  return aof_.directory().PathOf(TemporaryBaseName(pid));
}

// --- rewriting

Result<BackgroundSave> Persistence::RewriteInBackground(SaveWhen when) {
  if (ChildIsAt(ChildTask::kAofBase)) {
    return Status::Unavailable("ERR Background append only file rewriting already in progress");
  }
  if (when == SaveWhen::kLater || child_ != nullptr) {
    rewrite_scheduled_ = true;
    return BackgroundSave::kScheduled;
  }
  const Status started = StartRewrite();
  if (started.ok()) return BackgroundSave::kStarted;
  if (rewrite_scheduled_) return BackgroundSave::kScheduled;
  return Status(started.code(),
                "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.");
}

Result<BackgroundSave> Persistence::CheckpointInBackground(SaveWhen when) {
  if (BaseForm() == AofBaseForm::kCheckpoint) return RewriteInBackground(when);
  return Status::InvalidArgument(
      "ERR Checkpoints need appendonly yes, tier-checkpoint yes and a flash tier with tier-engine valuelog");
}

Status Persistence::StartRewrite() {
  constexpr int64_t kWaitSeconds = 1;
  rewrite_scheduled_ = !MayFork();
  if (rewrite_scheduled_) return Status::Unavailable("put off");
  rewrite_retry_seconds_ = parts_.clock.unix_seconds() + kWaitSeconds;
  Status started = aof_.BeginRewrite();
  if (started.ok()) {
    rewrite_form_ = BaseForm();
    const SaveRequest request = MakeRequest();
    if (rewrite_form_ == AofBaseForm::kCheckpoint) {
      Result<tiering::StoreCheckpoint> checkpoint = parts_.store.BeginCheckpoint();
      if (checkpoint) {
        checkpoint_ = std::move(*checkpoint);
      } else {
        parts_.log.Log(LogLevel::kWarning,
                       "Can't begin a checkpoint of the flash tier, its values are copied instead: " +
                           checkpoint.error().message());
        rewrite_form_ = AofBaseForm::kRdb;
      }
    }
    started = StartChild(ChildTask::kAofBase, "Can't rewrite append only file in background",
                         [&](tiering::ForkedReader& cold, const SaveChild::Tell& tell) {
                           SaveRequest in_child = request;
                           in_child.cold = &cold;
                           in_child.on_progress = tell;
                           formats::CheckpointHead head;
                           if (checkpoint_) {
                             head = {.tier = parts_.store.DescribeCheckpoint(*checkpoint_),
                                     .hash_seed = parts_.keyspace.hash_seed()};
                             in_child.checkpoint = &head;
                           }
                           TIDEMARK_RETURN_IF_ERROR(WriteAofBase(in_child, rewrite_form_, TemporaryBase(getpid())));
                           return checkpoint_ ? SyncCheckpoint(*checkpoint_) : Status::Ok();
                         });
  } else {
    parts_.log.Log(LogLevel::kWarning, "Can't rewrite append only file in background: " + started.message());
  }
  if (!started.ok()) {
    last_rewrite_ok_ = false;
    aof_.FailRewrite();
    EndCheckpoint(false);
    return started;
  }
  parts_.log.Log(LogLevel::kNotice,
                 "Background append only file rewriting started by pid " + std::to_string(child_->pid()));
  return started;
}

void Persistence::TakeInRewrite(pid_t pid, const ChildEnd& end) {
  last_rewrite_seconds_ = parts_.clock.unix_seconds() - child_started_seconds_;
  last_rewrite_cow_bytes_ = end.progress.cow_bytes;
  const std::string temporary = TemporaryBase(pid);
  if (!end.status.ok() || end.by_signal) {
    unlink(temporary.c_str());
    if (end.by_signal) {
      parts_.log.Log(LogLevel::kWarning, "Background AOF rewrite terminated by signal " + std::to_string(end.signal));
    } else {
      if (!end.status.message().empty()) parts_.log.Log(LogLevel::kWarning, end.status.message());
      parts_.log.Log(LogLevel::kWarning, "Background AOF rewrite terminated with error");
    }
    last_rewrite_ok_ = false;
    aof_.FailRewrite();
    EndCheckpoint(false);
    return;
  }
  parts_.log.Log(LogLevel::kNotice, "Background AOF rewrite terminated with success");
  LogCow("AOF rewrite", end.progress);
  const Status adopted = aof_.EndRewrite(temporary, rewrite_form_);
  last_rewrite_ok_ = adopted.ok();
  if (!adopted.ok()) {
    unlink(temporary.c_str());
    parts_.log.Log(LogLevel::kWarning, adopted.message());
    // Which manifest would be found after a crash is not known: what either needs stays as long as this process.
    if (checkpoint_) static_cast<void>(parts_.store.Pin());
    EndCheckpoint(false);
    return;
  }
  EndCheckpoint(true);
  parts_.log.Log(LogLevel::kNotice, "Background AOF rewrite finished successfully");
}

void Persistence::EndCheckpoint(bool landed) {
  if (checkpoint_) {
    if (landed) {
      parts_.store.CheckpointLanded(*checkpoint_);
    } else {
      parts_.store.CheckpointFailed(*checkpoint_);
    }
  } else if (landed && parts_.store.holds_checkpoint()) {
    parts_.store.ForgetCheckpoint();
  }
  checkpoint_.reset();
}

bool Persistence::CheckpointIsDue() const {
  constexpr uint64_t kShareOfTier = 4;
  constexpr uint64_t kLeastBytes = uint64_t{64} << 20;
  if (!parts_.store.holds_checkpoint() || BaseForm() != AofBaseForm::kCheckpoint) return false;
  const tiering::FlashStats stats = parts_.store.Stats();
  const uint64_t all = stats.max_bytes != 0 ? stats.max_bytes : std::max(kLeastBytes * kShareOfTier, stats.disk_bytes);
  return stats.checkpoint_leaves_no_room || stats.pinned_dead_bytes > all / kShareOfTier;
}

bool Persistence::RewriteIfDue() {
  parts_.store.ExpectCheckpoint(BaseForm() == AofBaseForm::kCheckpoint && !aof_.RewriteHasToWait());
  if (parts_.clock.unix_seconds() < rewrite_retry_seconds_) return false;
  if (rewrite_scheduled_ || (aof_.state() == AppendOnlyFile::State::kWaitingForBase && !aof_.RewriteHasToWait())) {
    return StartRewrite().ok();
  }
  if (aof_.RewriteHasToWait()) return false;
  if (CheckpointIsDue()) {
    parts_.log.Log(LogLevel::kNotice, "Starting a checkpoint, to give back what only the last one keeps on flash");
    return StartRewrite().ok();
  }
  const int64_t growth = aof_.GrowthThatAsksForRewrite();
  if (growth == 0) return false;
  parts_.log.Log(LogLevel::kNotice, "Starting automatic rewriting of AOF on " + std::to_string(growth) + "% growth");
  return StartRewrite().ok();
}

// --- on and off

Status Persistence::SetAppendOnly(bool on) {
  if (on) {
    // What it writes lacks the changes since it began, which nobody has taken down.
    if (ChildIsAt(ChildTask::kAofBase)) {
      parts_.log.Log(LogLevel::kWarning,
                     "AOF was enabled but there is already an AOF rewriting in background. Stopping background AOF and "
                     "starting a rewrite now.");
      KillChild();
    }
    const Status turned_on = aof_.TurnOn();
    if (turned_on.ok()) return turned_on;
    parts_.log.Log(LogLevel::kWarning, turned_on.message());
    return Status::IoError("Unable to turn on AOF. Check server logs.");
  }
  if (ChildIsAt(ChildTask::kAofBase)) KillChild();
  rewrite_scheduled_ = false;
  aof_.TurnOff();
  return Status::Ok();
}

Status Persistence::AcceptDirectory() const {
  if (aof_.state() == AppendOnlyFile::State::kOff || options().dir == aof_.directory().dir()) return Status::Ok();
  return Status::Unavailable("The append-only file is in " + aof_.directory().dir() +
                             ": set appendonly to no before changing dir, and to yes again after it");
}

Status Persistence::EndAppending(const commands::ShutdownRequest& request) {
  if (ChildIsAt(ChildTask::kAofBase)) {
    if (aof_.state() == AppendOnlyFile::State::kWaitingForBase) {
      if (!request.force) {
        parts_.log.Log(LogLevel::kWarning, "Writing initial AOF, can't exit.");
        return Status::Unavailable("Writing initial AOF, can't exit.");
      }
      parts_.log.Log(LogLevel::kWarning, "Writing initial AOF. Exit anyway.");
    }
    parts_.log.Log(LogLevel::kWarning, "There is a child rewriting the AOF. Killing it!");
    KillChild();
  }
  if (aof_.state() == AppendOnlyFile::State::kOff) return Status::Ok();
  parts_.log.Log(LogLevel::kNotice, "Calling fsync() on the AOF file.");
  const Status synced = aof_.Sync();
  if (synced.ok()) return synced;
  parts_.log.Log(LogLevel::kWarning, "Fail to fsync the AOF file: " + synced.message() + ".");
  return request.force ? Status::Ok() : synced;
}

// --- loading

Status Persistence::WriteBaseInForeground() {
  const std::string temporary = TemporaryBase(getpid());
  const std::unique_ptr<tiering::BulkReader> cold = parts_.store.OpenBulkReader();
  SaveRequest request = MakeRequest();
  request.cold = cold.get();
  const AofBaseForm form = options().aof_rdb_preamble ? AofBaseForm::kRdb : AofBaseForm::kCommands;
  TIDEMARK_RETURN_IF_ERROR(WriteAofBase(request, form, temporary));
  return aof_.AdoptBase(temporary, form);
}

Status Persistence::LoadAof() {
  AofDirectory& directory = aof_.directory();
  TIDEMARK_RETURN_IF_ERROR(directory.Make());
  TIDEMARK_RETURN_IF_ERROR(directory.Load());
  if (directory.empty()) {
    // A data set that was kept as snapshots so far is not given up.
    const Status loaded = LoadRdb(SameKey::kRefuse);
    if (!loaded.ok() && loaded.code() != StatusCode::kNotFound) return loaded;
    parts_.log.Log(LogLevel::kNotice, loaded.ok() ? "There is no append-only file yet: creating one from the RDB file"
                                                  : "Creating AOF base file on server start");
    TIDEMARK_RETURN_IF_ERROR(WriteBaseInForeground());
    return aof_.GoOn();
  }
  const int64_t start_us = Clock::MonotonicUs();
  BeginLoad(directory.TotalBytes());
  AofLoad load(parts_.keyspace, parts_.store, options(), parts_.load_host, parts_.runner, parts_.log, load_);
  const Status loaded = load.Run(directory);
  load_.loading = false;
  last_load_keys_ = load.result().keys;
  last_load_expired_keys_ = load.result().expired_keys;
  if (!loaded.ok()) return loaded;
  EndLoad(load.result(), start_us, "append only file");
  return aof_.GoOn();
}

Status Persistence::ReloadAppendOnly() {
  if (aof_.state() != AppendOnlyFile::State::kOn || child_ != nullptr) {
    return Status::Unavailable(child_ != nullptr ? "ERR A child process is writing a file, try again later"
                                                 : "ERR The append-only file is off");
  }
  if (parts_.store.holds_checkpoint()) {
    return Status::Unavailable("ERR The append-only file is a checkpoint, which only a start can load");
  }
  const Status synced = aof_.Sync();
  if (!synced.ok()) return Status(synced.code(), "ERR Can't write the append-only file: " + synced.message());
  aof_.TurnOff();
  parts_.keyspace.FlushAll(keyspace::FreeMode::kNow);
  const Status loaded = LoadAof();
  if (!loaded.ok()) {
    // Going on would mean half a data set, to which nothing is appended.
    parts_.log.Log(LogLevel::kWarning, loaded.message());
    parts_.log.Log(LogLevel::kWarning, "Fatal error loading the DB, check server logs. Exiting.");
    _exit(1);
  }
  saved_through_ = parts_.keyspace.stats().dirty;
  parts_.log.Log(LogLevel::kWarning, "Append Only File loaded by DEBUG LOADAOF");
  return Status::Ok();
}

}  // namespace tidemark::persistence
