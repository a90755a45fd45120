// A string that a command changes in place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "commands/context.h"
#include "keyspace/database.h"

namespace tidemark::commands {

// A string (or none) that a command is about to change. It is laid out anew, and its flash copy dropped, only when
// there is something to write.
class ChangingString {
 public:
  // `ref` is what LookupWrite answered for `key`.
  ChangingString(Context& ctx, const keyspace::HashedKey& key, keyspace::EntryRef ref)
      : database_(ctx.db()), key_(key), ref_(ref) {}

  // Makes the string (an empty one if there is none) at least this long, with zero bytes, and its encoding raw. Says
  // whether it has grown.
  bool Grow(size_t bytes) {
    const bool missing = !ref_;
    const size_t old = missing ? 0 : ref_->StringBytes();
    if (!missing && bytes <= old && ref_->encoding() == values::Encoding::kRaw) return false;
    if (missing) ref_ = database_.SetString({}, key_, "");
    Resize(std::max(bytes, old));
    return missing || bytes > old;
  }
  // The bytes; until the next call of Writable. Not before Grow.
  std::string_view view() const { return ref_->StringView(nullptr); }
  // The bytes, to be written.
  std::span<char> Writable() {
    if (open_.data() == nullptr) Resize(ref_->StringBytes());
    return open_;
  }

  // Replaces all bytes, by bytes of another string; the encoding becomes raw, the expiry stays.
  void Assign(std::string_view bytes) {
    if (bytes.size() == ref_->StringBytes() || bytes.size() <= keyspace::Database::kMaxEmbstrBytes) {
      Resize(bytes.size());
      std::ranges::copy(bytes, open_.begin());
      return;
    }
    // Exactly as much memory as it takes, where Resize would add room for more.
    ref_ = database_.SetText(ref_, key_, bytes, keyspace::KeepExpiry::kYes);
    open_ = {};
  }

 private:
  void Resize(size_t bytes) { open_ = {database_.ResizeString(ref_, bytes), bytes}; }

  keyspace::Database& database_;
  keyspace::HashedKey key_;
  keyspace::EntryRef ref_;
  std::span<char> open_;
};

}  // namespace tidemark::commands
