// A value wherever it lives, for commands that look at values without naming their keys.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "commands/context.h"
#include "formats/value_codec.h"
#include "keyspace/entry.h"
#include "values/object.h"

namespace tidemark::commands {

// What to say of a key whose value on flash cannot be read.
Status UnreadableValue(std::string_view key, const Status& cause);

class StoredValue {
 public:
  // A cold value is read from flash, waiting for it, and stays there. The error's message names the key. What is
  // answered is good as long as the entry is not changed.
  static Result<StoredValue> Read(Context& context, int database, const keyspace::Entry& entry);

  bool is_string() const { return type_ == values::Type::kString; }
  // Of a string.
  std::string_view text() const { return read_.text; }
  // Of a container.
  const values::Object& object() const { return object_; }

 private:
  values::Type type_ = values::Type::kString;
  values::Object object_;
  formats::DecodedValue read_;
};

}  // namespace tidemark::commands
