#include "commands/stored_value.h"

#include "base/numbers.h"
#include "commands/words.h"

namespace tidemark::commands {

Status ReadStoredString(Context& context, int database, const keyspace::Entry& entry, std::string& value) {
  if (!entry.cold()) {
    char scratch[kInt64Chars];
    value = entry.StringView(scratch);
    return Status::Ok();
  }
  constexpr size_t kShownBytes = 128;
  const Status read = context.tier.ReadCold(database, entry.key(), value);
  if (read.ok()) return read;
  return {read.code(), "the value of key '" + std::string(Quotable(entry.key(), kShownBytes)) +
                           "' cannot be read from the flash tier: " + read.message()};
}

}  // namespace tidemark::commands
