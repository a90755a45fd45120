// GET and SET. Keys are `key:` and twelve digits (16 bytes); a value is a function of its key's index alone.
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
  size_t reply_bytes_max() const override { return options_.value_bytes; }

 private:
  const WorkloadOptions options_;
  const std::string get_prefix_;
  const std::string set_prefix_;
  const std::string set_middle_;
  IndexSequence keys_;
};

}  // namespace tidemark::bench
