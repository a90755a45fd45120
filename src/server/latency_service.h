// LATENCY's view of the engine: its monitor, its histograms, and the texts made of them. Main thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "commands/latency_control.h"
#include "engine/engine.h"

namespace tidemark::server {

class LatencyService : public commands::LatencyControl {
 public:
  explicit LatencyService(engine::Engine& engine) : engine_(engine) {}

  std::vector<commands::LatencySample> History(std::string_view event) const override {
    return engine_.latency().History(event);
  }
  std::vector<commands::LatencySeries> Latest() const override { return engine_.latency().Latest(); }
  bool Reset(std::string_view event) override { return engine_.latency().Reset(event); }
  std::vector<commands::CommandLatency> Histograms(const std::vector<std::string>& names) const override;
  std::string Doctor() const override;
  std::string Graph(std::string_view event) const override;

 private:
  engine::Engine& engine_;
};

}  // namespace tidemark::server
