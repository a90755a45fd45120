// A broken invariant stops the process, in every build: TIDEMARK_CHECK. TIDEMARK_DCHECK is for hot loops and vanishes
// in release builds.
#pragma once

namespace tidemark {

[[noreturn]] void CheckFailed(const char* expression, const char* file, int line);

}  // namespace tidemark

#define TIDEMARK_CHECK(expression)                              \
  do {                                                          \
    if (!(expression)) [[unlikely]] {                           \
      ::tidemark::CheckFailed(#expression, __FILE__, __LINE__); \
    }                                                           \
  } while (false)

#ifdef NDEBUG
#define TIDEMARK_DCHECK(expression) \
  do {                              \
  } while (false)
#else
#define TIDEMARK_DCHECK(expression) TIDEMARK_CHECK(expression)
#endif
