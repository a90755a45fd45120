#include "persistence/delay.h"

#include <chrono>
#include <thread>

namespace tidemark::persistence {

void DelayForTestsNow(int microseconds) {
  static unsigned calls = 0;
  if (microseconds < 0 && ++calls % (0u - static_cast<unsigned>(microseconds)) != 0) return;
  std::this_thread::sleep_for(std::chrono::microseconds(microseconds < 0 ? 1 : microseconds));
}

}  // namespace tidemark::persistence
