// The directives of the old Redis VM (2.0 to 2.4), said in those of the flash tier.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

namespace tidemark::server {

class OldVmDirectives {
 public:
  using Line = std::vector<std::string>;  // a directive and its words

  // The lines that take the place of `line`, with a notice for the log; nothing if `line` is none of the VM's.
  // vm-page-size and vm-pages mean something only together: the second of the two brings the size of the tier.
  std::optional<Result<std::vector<Line>>> Translate(const Line& line, std::vector<std::string>& notices);

 private:
  std::optional<uint64_t> page_bytes_;
  std::optional<uint64_t> pages_;
};

}  // namespace tidemark::server
