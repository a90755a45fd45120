// GET, MGET and SET. Keys are `key:` and twelve digits (16 bytes); a value is a function of its key's index alone.
#pragma once

#include <string>

#include "index_sequence.h"
#include "workload.h"

namespace tidemark::bench {

class StringWorkload : public Workload {
 public:
  explicit StringWorkload(const WorkloadOptions& options);

  Request AppendNext(std::string* out) override;
  Verdict Judge(const Request& request, std::string_view reply, Verify verify) const override;
  size_t reply_bytes_max() const override { return (options_.value_bytes + kBulkOverhead) * options_.keys_per_request; }

 private:
  static constexpr size_t kBulkOverhead = 24;  // header and line ends

  // The key of an MGET at `position`; the first is that of the request.
  uint64_t KeyAt(const Request& request, uint32_t position) const;
  Verdict JudgeValue(uint64_t key_index, std::string_view reply, Verify verify) const;

  const WorkloadOptions options_;
  const std::string mget_prefix_;
  const std::string get_prefix_;
  const std::string set_prefix_;
  const std::string set_middle_;
  IndexSequence keys_;
};

}  // namespace tidemark::bench
