// The server's log: lines as Redis writes them, `pid:role day month year time level message`, to standard output or to
// a file, and to syslog if wanted. One Logger is made at start and handed to whoever has something to say. Any thread
// may log; each line is written whole. The file is opened anew for each line, so that it may be moved away while the
// server runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/status.h"

namespace tidemark {

enum class LogLevel : uint8_t { kDebug, kVerbose, kNotice, kWarning, kNothing };

// The letter after the pid: what the writing process is.
enum class LogRole : char { kMaster = 'M', kReplica = 'S', kChild = 'C', kSentinel = 'X' };

struct LogOptions {
  LogLevel level = LogLevel::kNotice;
  std::string file = {};  // empty: standard output
  bool syslog = false;
  std::string syslog_ident = "redis";
  int syslog_facility = 0;  // LOG_LOCAL0 and so on, of <syslog.h>; 0: what the system takes
};

class Logger {
 public:
  Logger() = default;
  explicit Logger(LogOptions options);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  // Replaces where and what is logged. An error, and no change, if the file cannot be opened for appending.
  Status Configure(LogOptions options);

  LogLevel level() const { return level_.load(std::memory_order_relaxed); }
  void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
  void set_role(LogRole role) { role_.store(role, std::memory_order_relaxed); }
  bool Logs(LogLevel level) const { return level >= this->level() && level < LogLevel::kNothing; }

  // One line; lines below the level are dropped. A log that cannot be written is no reason to fail.
  void Log(LogLevel level, std::string_view message);
  // As Log, without the stamp in front; `text` brings its own line breaks (the banner at start).
  void LogRaw(LogLevel level, std::string_view text);

 private:
  void Write(LogLevel level, std::string_view line, std::string_view message);

  std::atomic<LogLevel> level_{LogLevel::kNotice};
  std::atomic<LogRole> role_{LogRole::kMaster};
  std::mutex mutex_;
  LogOptions options_;  // its level is not used
};

}  // namespace tidemark
