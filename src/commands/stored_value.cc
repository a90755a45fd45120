#include "commands/stored_value.h"

#include <utility>

#include "base/numbers.h"
#include "commands/words.h"

namespace tidemark::commands {

Status UnreadableValue(std::string_view key, const Status& cause) {
  constexpr size_t kShownBytes = 128;
  return Status(cause.code(), "the value of key '" + std::string(Quotable(key, kShownBytes)) +
                                  "' cannot be read from the flash tier: " + cause.message());
}

Result<StoredValue> StoredValue::Read(Context& context, int database, const keyspace::Entry& entry) {
  StoredValue value;
  value.type_ = entry.type();
  if (entry.cold()) {
    Result<formats::DecodedValue> read = context.tier.ReadCold(database, entry.key());
    if (!read) return UnreadableValue(entry.key(), read.error());
    value.read_ = std::move(*read);
    if (!value.is_string()) value.object_ = *value.read_.object;
  } else if (value.is_string()) {
    char scratch[kInt64Chars];
    value.read_.text = entry.StringView(scratch);
  } else {
    value.object_ = entry.object();
  }
  return value;
}

}  // namespace tidemark::commands
