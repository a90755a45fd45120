// The type check, for the commands of all types.
#pragma once

#include "commands/context.h"
#include "commands/errors.h"
#include "keyspace/container_edit.h"

namespace tidemark::commands {

// False, after having written the error reply, if there is a value and it is of another type.
inline bool CheckType(Context& ctx, const keyspace::EntryRef& ref, values::Type type) {
  if (!ref || ref->type() == type) return true;
  ctx.reply.Error(errors::kWrongType);
  return false;
}

}  // namespace tidemark::commands
