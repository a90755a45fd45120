// What the engine counts for INFO.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/latency_histogram.h"
#include "commands/services.h"
#include "protocol/reply_writer.h"

namespace tidemark::engine {

struct CommandRecord {
  commands::CommandStats stats;
  std::string full_name;  // "get", "client|list"
  uint64_t nanoseconds = 0;
  LatencyHistogram latency;
};

// Rates over the last sixteen samples, taken ten times a second.
class RateMeter {
 public:
  void Sample(uint64_t total, int64_t mono_ms);
  uint64_t PerSecond() const;

 private:
  std::array<uint64_t, 16> rates_{};
  size_t next_ = 0;
  uint64_t last_total_ = 0;
  int64_t last_ms_ = 0;
};

class EngineStats : public protocol::ErrorObserver {
 public:
  uint64_t connections_received = 0;
  uint64_t connections_rejected = 0;
  uint64_t commands_processed = 0;
  uint64_t net_input_bytes = 0;
  uint64_t net_output_bytes = 0;
  uint64_t reads_processed = 0;
  uint64_t writes_processed = 0;
  uint64_t error_replies = 0;
  uint64_t auth_denied = 0;
  uint64_t query_buffer_limit_disconnections = 0;
  uint64_t output_buffer_limit_disconnections = 0;
  uint64_t delayed_commands = 0;  // waited for memory
  uint64_t fetch_parks = 0;       // waited for flash
  uint64_t cold_hits = 0;         // of the keyspace's hits, those whose value came from flash
  uint64_t loop_cycles = 0;
  uint64_t loop_us = 0;  // handling what came in, without the waiting
  RateMeter loop_rate;
  RateMeter commands_rate;
  RateMeter input_rate;
  RateMeter output_rate;
  std::map<std::string, uint64_t> errors_by_code;

  CommandRecord& Of(const commands::CommandSpec* spec);
  const std::unordered_map<const commands::CommandSpec*, std::unique_ptr<CommandRecord>>& commands() const {
    return commands_;
  }
  void OnErrorReply(std::string_view text) override;
  void Reset();

 private:
  static constexpr size_t kMaxErrorCodes = 128;

  std::unordered_map<const commands::CommandSpec*, std::unique_ptr<CommandRecord>> commands_;
  const commands::CommandSpec* last_spec_ = nullptr;
  CommandRecord* last_record_ = nullptr;
};

}  // namespace tidemark::engine
