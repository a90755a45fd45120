// CPU time another process has used so far, all its threads together.
#pragma once

#include <sys/types.h>

namespace tidemark::bench {

struct ProcessCpu {
  double total_seconds = 0;   // from the process CPU clock, in nanoseconds where the kernel has it
  double user_seconds = 0;    // from /proc/PID/stat, in clock ticks (10 ms)
  double system_seconds = 0;  // likewise
};

// All zero if `pid` is 0 or there is no such process.
ProcessCpu ReadProcessCpu(pid_t pid);

}  // namespace tidemark::bench
