#include "persistence/save_child.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace tidemark::persistence {

// What goes over the pipe: small enough to be written whole or not at all.
struct SaveChild::Report {
  enum class Kind : uint8_t { kProgress, kSaved, kFailed };
  Kind kind = Kind::kProgress;
  StatusCode code = StatusCode::kOk;
  uint64_t keys = 0;
  uint64_t cow_bytes = 0;
  char text[1024] = {};
};

namespace {

constexpr int64_t kReportEveryUs = 1'000'000;
// Looking at the memory takes at most this share of the time.
constexpr int64_t kLookShare = 100;

// Memory of this process that is no longer shared, bytes.
uint64_t PrivateDirtyBytes() {
  const int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[4096];
  const ssize_t bytes = read(fd, text, sizeof(text) - 1);
  close(fd);
  if (bytes <= 0) return 0;
  text[bytes] = '\0';
  const char* const line = std::strstr(text, "Private_Dirty:");
  if (line == nullptr) return 0;
  return std::strtoull(line + std::strlen("Private_Dirty:"), nullptr, 10) * 1024;
}

// Of this process, which is a child; a handler of signals can get at nothing else.
char temporary_path[4096];

void ClearUpAndEnd(int) {
  unlink(temporary_path);
  _exit(1);
}

// Nobody waits for what a child does whose parent is gone, and a new server may be at the same files by then.
void EndWithParent(pid_t parent, const std::string& temporary) {
  constexpr int kParentIsGone = SIGUSR1;
  if (temporary.size() < sizeof(temporary_path)) temporary.copy(temporary_path, temporary.size());
  std::signal(kParentIsGone, ClearUpAndEnd);
  prctl(PR_SET_PDEATHSIG, kParentIsGone);
  if (getppid() != parent) _exit(1);
}

// Clients are the parent's: what it closes must be closed, though a child has copies of the descriptors.
void CloseSockets(int keep) {
  DIR* const dir = opendir("/proc/self/fd");
  if (dir == nullptr) return;
  std::vector<int> sockets;
  while (const dirent* const entry = readdir(dir)) {
    const int fd = std::atoi(entry->d_name);
    struct stat about {};
    if (fd > STDERR_FILENO && fd != keep && fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode)) sockets.push_back(fd);
  }
  closedir(dir);
  for (const int fd : sockets) close(fd);
}

}  // namespace

void SaveChild::RunChild(pid_t parent, const std::string& temporary, int pipe_fd, tiering::ForkedReader& cold,
                         const Work& work) {
  static_assert(sizeof(Report) <= 4096 && std::is_trivially_copyable_v<Report>);
  EndWithParent(parent, temporary);
  // A signal to the whole group is the parent's to answer, which then ends its child.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  cold.InChild();
  CloseSockets(cold.child_fd());

  const auto send = [pipe_fd](const Report& report) { return write(pipe_fd, &report, sizeof(report)) >= 0; };
  Report last;
  int64_t next_us = Clock::MonotonicUs() + kReportEveryUs;
  const Tell tell = [&](uint64_t keys) {
    last.keys = keys;
    const int64_t now_us = Clock::MonotonicUs();
    if (now_us < next_us) return Status::Ok();
    last.cow_bytes = PrivateDirtyBytes();
    const int64_t took_us = Clock::MonotonicUs() - now_us;
    next_us = now_us + std::max(kReportEveryUs, took_us * kLookShare);
    return send(last) ? Status::Ok() : Status::Unavailable("the parent process is gone");
  };
  const Status done = work(cold, tell);
  last.kind = done.ok() ? Report::Kind::kSaved : Report::Kind::kFailed;
  last.code = done.code();
  last.cow_bytes = PrivateDirtyBytes();
  std::strncpy(last.text, done.message().c_str(), sizeof(last.text) - 1);
  send(last);
  _exit(done.ok() ? 0 : 1);
}

Result<std::unique_ptr<SaveChild>> SaveChild::Start(tiering::FlashStore& store, const TemporaryOf& temporary,
                                                    const Work& work) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Status::IoError(std::generic_category().message(errno));
  std::unique_ptr<SaveChild> child(new SaveChild(store, store.Pin()));
  child->pipe_fd_ = ends[0];
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  child->cold_ = store.PrepareFork(child->pin_);
  const int64_t start_us = Clock::MonotonicUs();
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    RunChild(parent, temporary(getpid()), ends[1], *child->cold_, work);
  }
  const int error = errno;
  close(ends[1]);
  if (pid < 0) return Status::Unavailable(std::generic_category().message(error));
  child->cold_->InParent();
  child->pid_ = pid;
  child->fork_us_ = Clock::MonotonicUs() - start_us;
  return child;
}

SaveChild::~SaveChild() {
  close(pipe_fd_);
  cold_.reset();
  store_.Unpin(pin_);
}

void SaveChild::TakeReports() {
  Report report;
  while (read(pipe_fd_, &report, sizeof(report)) == static_cast<ssize_t>(sizeof(report))) {
    progress_.keys = report.keys;
    progress_.cow_bytes = report.cow_bytes;
    progress_.cow_peak_bytes = std::max(progress_.cow_peak_bytes, report.cow_bytes);
    progress_.cow_mono_us = Clock::MonotonicUs();
    if (report.kind != Report::Kind::kProgress) result_ = Status(report.code, report.text);
  }
}

std::optional<ChildEnd> SaveChild::Poll() {
  TakeReports();
  int how = 0;
  const pid_t ended = waitpid(pid_, &how, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return std::nullopt;
  TakeReports();
  ChildEnd end;
  end.progress = progress_;
  end.by_signal = ended == pid_ && WIFSIGNALED(how);
  if (end.by_signal) end.signal = WTERMSIG(how);
  const bool saved = ended == pid_ && WIFEXITED(how) && WEXITSTATUS(how) == 0 && result_ && result_->ok();
  if (!saved) end.status = result_ && !result_->ok() ? *result_ : Status::IoError("");
  return end;
}

void SaveChild::Kill() {
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace tidemark::persistence
