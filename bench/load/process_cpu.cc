#include "process_cpu.h"

#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

namespace tidemark::bench {
namespace {

// Fields 14 and 15 of /proc/PID/stat; the command name (field 2) may hold spaces, so counting starts after its ')'.
void ReadTicks(pid_t pid, ProcessCpu* cpu) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user_ticks = 0;
  double system_ticks = 0;
  fields >> user_ticks >> system_ticks;
  const double ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  cpu->user_seconds = user_ticks / ticks_per_second;
  cpu->system_seconds = system_ticks / ticks_per_second;
}

}  // namespace

ProcessCpu ReadProcessCpu(pid_t pid) {
  ProcessCpu cpu;
  if (pid == 0) return cpu;
  ReadTicks(pid, &cpu);
  clockid_t clock;
  timespec time;
  if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &time) == 0) {
    cpu.total_seconds = static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  } else {
    cpu.total_seconds = cpu.user_seconds + cpu.system_seconds;
  }
  return cpu;
}

}  // namespace tidemark::bench
