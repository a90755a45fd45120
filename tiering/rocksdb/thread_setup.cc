#include "tiering/rocksdb/thread_setup.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace tidemark::tiering {

void SetUpThread(const char* thread_name, int nice_increment) {
  pthread_setname_np(pthread_self(), thread_name);
  if (nice_increment == 0) return;
  // On Linux PRIO_PROCESS with a thread id means that thread. A refusal leaves the priority as it was.
  const auto thread = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + nice_increment);
}

}  // namespace tidemark::tiering
