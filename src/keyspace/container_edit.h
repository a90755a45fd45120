// The one way in which commands change a container: they take its Object from a ContainerEdit, change it, and say so.
//
//   ContainerEdit edit(db, key, db.LookupWrite(key), values::NewHash());
//   values::Hash hash(edit.object(), limits);
//   if (hash.Set(field, value)) edit.MarkChanged();
//   edit.Finish();
//
// A key that was missing is made when the edit finishes, if there is something in it by then; a container that has
// become empty is deleted with its key (but for streams). Nothing may be inserted into or deleted from the database
// between construction and Finish.
#pragma once

#include <algorithm>

#include "keyspace/database.h"
#include "values/object.h"

namespace tidemark::keyspace {

class ContainerEdit {
 public:
  // `existing` is what LookupWrite answered for `key`. If it is empty the edit begins with `fresh`, which it owns;
  // otherwise `fresh` is not looked at: pass a function's result only if it costs nothing, else use the other form.
  ContainerEdit(Database& database, const HashedKey& key, EntryRef existing, const values::Object& fresh)
      : database_(database), key_(key), ref_(existing), object_(existing ? existing->object() : fresh) {}
  // An edit of a container that is there.
  ContainerEdit(Database& database, const HashedKey& key, EntryRef existing)
      : ContainerEdit(database, key, existing, {}) {}
  ~ContainerEdit() { Finish(); }
  ContainerEdit(const ContainerEdit&) = delete;
  ContainerEdit& operator=(const ContainerEdit&) = delete;

  values::Object& object() { return object_; }
  // The value has changed: its copy on flash is stale, and whoever watches or waits for the key is told. What a
  // container only keeps account of, such as who was given an entry of a stream, changes silently.
  void MarkChanged(ValueChange change = ValueChange::kToldToAll) { change_ = std::max(change_, change); }
  // Puts the object back. Answers the entry, empty if the key does not exist (any more). The second call does nothing.
  EntryRef Finish();

 private:
  Database& database_;
  HashedKey key_;
  EntryRef ref_;
  values::Object object_;
  ValueChange change_ = ValueChange::kNone;
  bool finished_ = false;
};

}  // namespace tidemark::keyspace
