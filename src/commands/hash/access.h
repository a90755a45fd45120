// How the hash commands come to their hash, which is always that of the first argument.
#pragma once

#include <optional>

#include "commands/container.h"
#include "commands/context.h"
#include "keyspace/container_edit.h"
#include "values/hash.h"

namespace tidemark::commands {

// The entry of the hash, empty if it is missing. No value after having written the error reply: the key holds something
// else. A few of the fields that have expired go on the way, and the key with them if they were all.
std::optional<keyspace::EntryRef> LookupHashToRead(Context& ctx, const keyspace::HashedKey& key);
std::optional<keyspace::EntryRef> LookupHashToWrite(Context& ctx, const keyspace::HashedKey& key);

inline values::HashView ViewHash(const Context& ctx, const keyspace::EntryRef& ref) {
  return {ref->object(), ctx.expiry_now_ms()};
}

// Null if there is none.
void ReplyItem(Context& ctx, const std::optional<values::PackedItem>& item);

// A ContainerEdit of a hash, which also counts what it erased because it had expired.
class HashEdit {
 public:
  // `existing` is what LookupHashToWrite answered.
  HashEdit(Context& ctx, const keyspace::HashedKey& key, const keyspace::EntryRef& existing)
      : ctx_(ctx),
        edit_(ctx.db(), key, existing, existing ? values::Object{} : values::NewHash()),
        hash_(edit_.object(), ctx.limits(), ctx.expiry_now_ms()) {}
  ~HashEdit() { Finish(); }
  HashEdit(const HashEdit&) = delete;
  HashEdit& operator=(const HashEdit&) = delete;

  values::Hash& hash() { return hash_; }
  // The value has changed, in so many places as the account of changes counts them.
  void MarkChanged(uint64_t changes = 1) {
    edit_.MarkChanged();
    ctx_.MarkDirty(changes);
  }
  // Nothing is read from the hash after this. The second call does nothing.
  void Finish();

 private:
  Context& ctx_;
  keyspace::ContainerEdit edit_;
  values::Hash hash_;
  bool finished_ = false;
};

}  // namespace tidemark::commands
