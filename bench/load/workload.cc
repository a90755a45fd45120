#include "workload.h"

#include "container_workload.h"
#include "string_workload.h"

namespace tidemark::bench {

std::unique_ptr<Workload> MakeWorkload(const WorkloadOptions& options) {
  switch (options.command) {
    case Command::kGet:
    case Command::kMGet:
    case Command::kSet:
    case Command::kMixed:
      return std::make_unique<StringWorkload>(options);
    default:
      return std::make_unique<ContainerWorkload>(options);
  }
}

}  // namespace tidemark::bench
