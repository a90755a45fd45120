// The options that XADD and XTRIM share.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "commands/context.h"
#include "commands/stream/ids.h"
#include "values/stream.h"

namespace tidemark::commands {

// Who adds an entry and under which ID, which is to be added once.
struct Idempotency {
  std::string_view pid;
  std::optional<std::string_view> iid;  // empty: the one of the content
};

struct AddOrTrim {
  values::StreamTrim trim;
  // XADD's alone.
  bool make_stream = true;
  std::optional<Idempotency> idempotency;
  std::optional<RequestedId> id;  // empty: the server's choice
  size_t id_index = 0;            // of the ID; behind the arguments if there is none
};

enum class TrimGrammar : uint8_t { kXAdd, kXTrim };

// Parses the arguments from the second on, XADD's up to the ID. Empty after having written the error reply.
std::optional<AddOrTrim> ParseAddOrTrim(Context& ctx, TrimGrammar grammar);

// KEEPREF, DELREF or ACKED; empty if the argument is none of them.
std::optional<values::StreamReferences> ParseReferences(std::string_view argument);

}  // namespace tidemark::commands
