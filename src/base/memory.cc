#include "base/memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "base/check.h"

#ifdef TIDEMARK_SYSTEM_MALLOC
// Of the sanitizers' runtime; g++ does not bring the header that declares it.
extern "C" size_t __sanitizer_get_current_allocated_bytes();
#else
#include <jemalloc/jemalloc.h>

// A page that is freed goes back to the kernel in less than a second, by jemalloc's own thread, so that the resident
// set follows what is in use. One extra arena beside the main thread's is enough for the few other threads.
const char* malloc_conf =
    "background_thread:true,max_background_threads:1,dirty_decay_ms:300,muzzy_decay_ms:0,narenas:2,metadata_thp:"
    "disabled";
#endif

namespace tidemark {
namespace {

void* Checked(void* block) {
  if (block == nullptr) [[unlikely]] {
    std::fprintf(stderr, "Out of memory: the operating system refuses an allocation.\n");
    std::abort();
  }
  return block;
}

#ifndef TIDEMARK_SYSTEM_MALLOC
template <typename T>
T ReadControl(const char* name, T fallback) {
  T value = fallback;
  size_t bytes = sizeof(value);
  return mallctl(name, &value, &bytes, nullptr, 0) == 0 ? value : fallback;
}

#endif

}  // namespace

void* Allocate(size_t bytes) {
  return Checked(std::malloc(bytes));
}

void* AllocateZeroed(size_t bytes, size_t alignment) {
  void* block = nullptr;
  if (posix_memalign(&block, alignment, bytes) != 0) block = nullptr;
  return std::memset(Checked(block), 0, bytes);
}

void* Reallocate(void* block, size_t bytes) {
  return Checked(std::realloc(block, bytes));
}

void Release(void* block) {
  std::free(block);
}

size_t AllocatedBytes(const void* block) {
  return malloc_usable_size(const_cast<void*>(block));
}

size_t HeapBytes(const std::string& text) {
  const bool inside = text.capacity() <= std::string().capacity();
  return inside ? 0 : GoodSize(text.capacity() + 1);
}

size_t GoodSize(size_t bytes) {
#ifndef TIDEMARK_SYSTEM_MALLOC
  return nallocx(bytes, 0);
#else
  return bytes;
#endif
}

MemoryAccount::MemoryAccount() {
#ifndef TIDEMARK_SYSTEM_MALLOC
  unsigned arena = 0;
  size_t bytes = sizeof(arena);
  TIDEMARK_CHECK(mallctl("arenas.create", &arena, &bytes, nullptr, 0) == 0);
  TIDEMARK_CHECK(mallctl("thread.arena", nullptr, nullptr, &arena, sizeof(arena)) == 0);
  thread_allocated_ = ReadControl<uint64_t*>("thread.allocatedp", nullptr);
  thread_freed_ = ReadControl<uint64_t*>("thread.deallocatedp", nullptr);
  TIDEMARK_CHECK(thread_allocated_ != nullptr && thread_freed_ != nullptr);
#endif
  Sample();
}

int64_t MemoryAccount::NetOfThread() const {
  if (thread_allocated_ == nullptr) return 0;
  return static_cast<int64_t>(*thread_allocated_ - *thread_freed_);
}

uint64_t MemoryAccount::used() const {
#ifdef TIDEMARK_SYSTEM_MALLOC
  // The sanitizers' allocator counts exactly and at once, for all threads.
  const uint64_t all = __sanitizer_get_current_allocated_bytes();
  const int64_t now = static_cast<int64_t>(all) - static_cast<int64_t>(excluded_);
#else
  const int64_t now = static_cast<int64_t>(sample_.used) + NetOfThread() - net_at_sample_;
#endif
  const uint64_t used = now > 0 ? static_cast<uint64_t>(now) : 0;
  peak_ = std::max(peak_, used);
  return used;
}

void MemoryAccount::Sample() {
#ifndef TIDEMARK_SYSTEM_MALLOC
  uint64_t epoch = 1;
  size_t bytes = sizeof(epoch);
  mallctl("epoch", &epoch, &bytes, &epoch, sizeof(epoch));
  sample_.allocated = ReadControl<size_t>("stats.allocated", 0);
  sample_.active = ReadControl<size_t>("stats.active", 0);
  sample_.resident = ReadControl<size_t>("stats.resident", 0);
  sample_.retained = ReadControl<size_t>("stats.retained", 0);
  sample_.metadata = ReadControl<size_t>("stats.metadata", 0);
#else
  sample_.allocated = sample_.active = __sanitizer_get_current_allocated_bytes();
  sample_.resident = ProcessRssBytes();
#endif
  sample_.excluded = excluded_;
  sample_.used = sample_.allocated > excluded_ ? sample_.allocated - excluded_ : 0;
  net_at_sample_ = NetOfThread();
  peak_ = std::max(peak_, sample_.used);
}

MemorySnapshot MemoryAccount::Snapshot() const {
  MemorySnapshot snapshot = sample_;
  snapshot.used = used();
  snapshot.rss = ProcessRssBytes();
  return snapshot;
}

void MemoryAccount::Purge() {
#ifndef TIDEMARK_SYSTEM_MALLOC
  mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
  char name[64];
  std::snprintf(name, sizeof(name), "arena.%u.purge", static_cast<unsigned>(MALLCTL_ARENAS_ALL));
  mallctl(name, nullptr, nullptr, nullptr, 0);
#endif
  Sample();
}

std::string MemoryAccount::AllocatorReport() {
#ifndef TIDEMARK_SYSTEM_MALLOC
  std::string report;
  malloc_stats_print([](void* out, const char* text) { static_cast<std::string*>(out)->append(text); }, &report, "");
  return report;
#else
  return "Stats not supported for the current allocator";
#endif
}

std::string MemoryAccount::AllocatorName() {
#ifndef TIDEMARK_SYSTEM_MALLOC
  const std::string version = ReadControl<const char*>("version", "unknown");
  return "jemalloc-" + version.substr(0, version.find('-'));
#else
  return "libc";
#endif
}

uint64_t ProcessRssBytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t total_pages = 0;
  uint64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

uint64_t SystemMemoryBytes() {
  uint64_t bytes = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  // The limit of the control group: version 2 first, then version 1. "max" and absent files leave the machine's figure.
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file(path);
    uint64_t limit = 0;
    if (file >> limit && limit > 0) bytes = std::min(bytes, limit);
  }
  return bytes;
}

}  // namespace tidemark
