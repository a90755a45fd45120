// Directives of the flash tier.
#include <cstdint>
#include <memory>
#include <string>

#include "server/directive.h"

namespace tidemark::server {
namespace {

using tiering::TierOptions;

// Writers wait from somewhere above the spill watermark on, at 92% unless that is too near to it or below.
void SetWatermarks(Options& options, const std::string& value) {
  constexpr int kUsualDelayPercent = 92;
  const int spill = static_cast<int>(*ParseInt64(value));
  options.tier.spill_watermark_percent = spill;
  options.tier.delay_watermark_percent =
      spill + 2 <= kUsualDelayPercent ? kUsualDelayPercent : spill + (100 - spill + 1) / 2;
}

}  // namespace

void AddTierDirectives(DirectiveTable& table) {
  table.Bool("tier-enabled", "no").AtStart().Sets(&TierOptions::enabled);
  table.Text("tier-dir", "tier").AtStart().Sets(&TierOptions::dir);
  table.Choice("tier-engine", "valuelog", {"valuelog", "rocksdb"}).AtStart().Sets(&TierOptions::engine);
  // A quarter of it, the two segments that the cleaner needs, is then never filled; with less, next to nothing is.
  table.Memory("tier-max-size", "0", {.low = 8 << 20, .high = INT64_MAX, .or_zero = true})
      .Sets(&TierOptions::max_bytes);
  table.Memory("tier-min-value-size", "64", {1, INT64_MAX}).Sets(&TierOptions::min_value_bytes);
  table.Memory("tier-max-record", "512mb", {1024, INT64_MAX}).Sets(&TierOptions::max_record_bytes);
  table.Bool("tier-compression", "yes").Sets(&TierOptions::compression);
  table.Of(std::make_shared<NumberType>(Unit::kPercent, Bounds{10, 98}), "tier-spill-watermark", {"85"})
      .Calls(SetWatermarks);
  table.Choice("tier-promote", "second-touch", {"second-touch", "always", "never"}).Sets(&TierOptions::promote);
  table.Integer("tier-io-threads", "2", {1, 64}).AtStart().Sets(&TierOptions::io_threads);
  table.Memory("tier-write-budget", "0", {0, INT64_MAX}).Sets(&TierOptions::write_budget_bytes_per_second);

  table.Memory("tier-segment-size", "32mb", {16 << 20, 64 << 20}).AtStart().Sets(&TierOptions::segment_bytes);
  table.Choice("tier-io", "auto", {"auto", "uring", "threads"}, {.word = "io_uring", .name = "uring"})
      .AtStart()
      .Sets(&TierOptions::device);
  table.Bool("tier-checkpoint", "no").Sets(&persistence::PersistenceOptions::tier_checkpoint);
}

}  // namespace tidemark::server
