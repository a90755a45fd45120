// What every thread of the engine does first.
#pragma once

namespace tidemark::tiering {

// Names the calling thread (at most 15 characters) and lowers its priority by `nice_increment`.
void SetUpThread(const char* thread_name, int nice_increment);

}  // namespace tidemark::tiering
