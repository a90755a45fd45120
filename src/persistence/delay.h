// Slowness on purpose, so that tests can look on.
#pragma once

namespace tidemark::persistence {

// Sleeps so many microseconds; for a negative number -n one microsecond every n calls; not at all for 0.
void DelayForTestsNow(int microseconds);
inline void DelayForTests(int microseconds) {
  if (microseconds != 0) [[unlikely]]
    DelayForTestsNow(microseconds);
}

}  // namespace tidemark::persistence
