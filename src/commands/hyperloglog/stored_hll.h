// What the HyperLogLog commands have in common: the check of what a key holds.
#pragma once

#include <string_view>

#include "commands/context.h"
#include "commands/errors.h"
#include "commands/string/values.h"
#include "keyspace/database.h"
#include "values/hyperloglog.h"

namespace tidemark::commands {

// The bytes of a string. Numbers have none of their own, and are no HyperLogLogs.
inline std::string_view HllBytes(const keyspace::EntryRef& ref) {
  return ref->is_integer() ? std::string_view() : ref->StringView(nullptr);
}

// False, after having written the error reply, if there is a value and it is no HyperLogLog.
inline bool CheckHll(Context& ctx, const keyspace::EntryRef& ref) {
  if (!CheckString(ctx, ref)) return false;
  if (!ref || values::LooksLikeHll(HllBytes(ref))) return true;
  ctx.reply.Error(errors::kNotHyperLogLog);
  return false;
}

}  // namespace tidemark::commands
