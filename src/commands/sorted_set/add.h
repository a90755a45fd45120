// Adding members with scores to the sorted set of a command's first key, as ZADD and GEOADD do.
#pragma once

#include <span>

#include "commands/context.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

struct AddOptions {
  values::SortedSet::Rule rule = {};
  bool count_changes = false;  // CH: answer the changed ones too
};

// Adds the elements or changes their scores, and answers the client: how many were added, or with an increment the new
// score. How many were added or changed.
uint64_t AddScored(Context& ctx, const AddOptions& options, std::span<const values::ScoredMember> elements);

}  // namespace tidemark::commands
