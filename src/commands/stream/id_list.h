// What XDELEX and XACKDEL share: their arguments, and deletion that heeds the groups.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "commands/context.h"
#include "values/stream.h"

namespace tidemark::commands {

struct IdList {
  values::StreamReferences references = values::StreamReferences::kKeep;
  std::vector<values::StreamId> ids;
};

// "[KEEPREF | DELREF | ACKED] IDS count id ..." from the argument `first` on. Empty after having written the error
// reply.
std::optional<IdList> ParseIdList(Context& ctx, size_t first);

// What is answered for each ID.
enum IdOutcome : int { kIdMissing = -1, kIdDeleted = 1, kIdStillReferenced = 2 };

// Deletes an entry that is there, unless groups still refer to it and `references` asks to heed that. Leaves the
// stream's first ID to be refreshed.
IdOutcome DeleteEntry(values::Stream& stream, const values::StreamId& id, values::StreamReferences references);

}  // namespace tidemark::commands
