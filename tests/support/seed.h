// The seed of a random test.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "base/random.h"

namespace tidemark {

// TIDEMARK_TEST_SEED from the environment, or a fresh seed. Put it into a SCOPED_TRACE, so that a failure names it.
inline uint64_t TestSeed() {
  const char* const given = std::getenv("TIDEMARK_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : SystemSeed() % 1'000'000;
}

}  // namespace tidemark
