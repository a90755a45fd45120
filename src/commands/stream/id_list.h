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

// Deletes entries one by one. Leaves the stream's first ID to be refreshed.
class EntryDeletion {
 public:
  EntryDeletion(values::Stream& stream, values::StreamReferences references)
      : stream_(stream), references_(references), dropped_(stream.groups().size()) {}

  // Deletes an entry that is there, unless groups still refer to it and `references` asks to heed that.
  IdOutcome Delete(const values::StreamId& id);
  // Tells what was deleted, as XDEL and, for each group that had such entries pending, XACK.
  void AddEffects(const Context& ctx, std::string_view key) const;

 private:
  values::Stream& stream_;
  values::StreamReferences references_;
  std::vector<values::StreamId> deleted_;
  std::vector<std::vector<values::StreamId>> dropped_;  // by group
};

}  // namespace tidemark::commands
