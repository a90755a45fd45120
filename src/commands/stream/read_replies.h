// What XREAD and XREADGROUP share beside their arguments: the frame of their replies, and waiting.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "commands/context.h"
#include "commands/stream/read_options.h"

namespace tidemark::commands {

// The header of a reply of so many streams, and of one of them.
void BeginStreams(Context& ctx, size_t count);
void BeginStream(Context& ctx, size_t key_index);

// Entries of each stream at most; a client that has waited without having said how many is not given all at once.
uint64_t CountOf(const Context& ctx, const ReadOptions& options);

// Nothing is there: waits if the client wants to, else answers so.
void WaitForStreams(Context& ctx, const ReadOptions& options, ReadGrammar grammar,
                    std::vector<std::pair<size_t, std::string>> rewritten);

}  // namespace tidemark::commands
