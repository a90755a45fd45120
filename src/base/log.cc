#include "base/log.h"

#include <fcntl.h>
#include <sys/time.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

namespace tidemark {
namespace {

constexpr char kMarks[] = {'.', '-', '*', '#'};
constexpr int kPriorities[] = {LOG_DEBUG, LOG_INFO, LOG_NOTICE, LOG_WARNING};
// Not strftime: the log's months are English in every locale.
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr mode_t kFileMode = 0644;

int OpenForAppend(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kFileMode);
}

void WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

std::string Stamp(LogRole role, LogLevel level) {
  timeval now;
  gettimeofday(&now, nullptr);
  tm local;
  localtime_r(&now.tv_sec, &local);
  char text[96];
  std::snprintf(text, sizeof(text), "%d:%c %02d %s %04d %02d:%02d:%02d.%03d %c ", static_cast<int>(getpid()),
                static_cast<char>(role), local.tm_mday, kMonths[local.tm_mon], local.tm_year + 1900, local.tm_hour,
                local.tm_min, local.tm_sec, static_cast<int>(now.tv_usec / 1000), kMarks[static_cast<size_t>(level)]);
  return text;
}

}  // namespace

Logger::Logger(LogOptions options) : level_(options.level), options_(std::move(options)) {
  if (options_.syslog) openlog(options_.syslog_ident.c_str(), LOG_PID | LOG_NDELAY, options_.syslog_facility);
}

Logger::~Logger() {
  if (options_.syslog) closelog();
}

Status Logger::Configure(LogOptions options) {
  if (!options.file.empty()) {
    const int fd = OpenForAppend(options.file);
    if (fd < 0) {
      return Status::IoError("Can't open the log file '" + options.file + "': " + std::strerror(errno));
    }
    close(fd);
  }
  const std::lock_guard lock(mutex_);
  if (options_.syslog) closelog();
  options_ = std::move(options);
  set_level(options_.level);
  // openlog keeps the pointer: options_ owns the text from now on.
  if (options_.syslog) openlog(options_.syslog_ident.c_str(), LOG_PID | LOG_NDELAY, options_.syslog_facility);
  return Status::Ok();
}

void Logger::Log(LogLevel level, std::string_view message) {
  if (!Logs(level)) return;
  std::string line = Stamp(role_.load(std::memory_order_relaxed), level);
  line.append(message);
  line.push_back('\n');
  Write(level, line, message);
}

void Logger::LogRaw(LogLevel level, std::string_view text) {
  if (Logs(level)) Write(level, text, text);
}

void Logger::Write(LogLevel level, std::string_view line, std::string_view message) {
  const std::lock_guard lock(mutex_);
  if (options_.file.empty()) {
    WriteAll(STDOUT_FILENO, line);
  } else if (const int fd = OpenForAppend(options_.file); fd >= 0) {
    WriteAll(fd, line);
    close(fd);
  }
  if (options_.syslog) {
    syslog(kPriorities[static_cast<size_t>(level)], "%.*s", static_cast<int>(message.size()), message.data());
  }
}

}  // namespace tidemark
