#include "engine/engine_stats.h"

#include "commands/command_spec.h"

namespace tidemark::engine {

void RateMeter::Sample(uint64_t total, int64_t mono_ms) {
  const int64_t elapsed = mono_ms - last_ms_;
  if (elapsed <= 0) return;
  const uint64_t grown = total >= last_total_ ? total - last_total_ : 0;
  rates_[next_] = grown * 1000 / static_cast<uint64_t>(elapsed);
  next_ = (next_ + 1) % rates_.size();
  last_total_ = total;
  last_ms_ = mono_ms;
}

uint64_t RateMeter::PerSecond() const {
  uint64_t sum = 0;
  for (const uint64_t rate : rates_) sum += rate;
  return sum / rates_.size();
}

CommandRecord& EngineStats::Of(const commands::CommandSpec* spec) {
  if (spec == last_spec_) [[likely]]
    return *last_record_;
  std::unique_ptr<CommandRecord>& record = commands_[spec];
  if (record == nullptr) {
    record = std::make_unique<CommandRecord>();
    record->full_name = spec->name;
  }
  last_spec_ = spec;
  last_record_ = record.get();
  return *record;
}

void EngineStats::OnErrorReply(std::string_view text) {
  ++error_replies;
  const std::string code(text.substr(0, text.find(' ')));
  if (errors_by_code.size() < kMaxErrorCodes || errors_by_code.contains(code)) ++errors_by_code[code];
}

void EngineStats::Reset() {
  *this = EngineStats();
}

}  // namespace tidemark::engine
