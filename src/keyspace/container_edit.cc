#include "keyspace/container_edit.h"

#include "values/object.h"

namespace tidemark::keyspace {

EntryRef ContainerEdit::Finish() {
  if (finished_) return ref_;
  finished_ = true;
  const bool keep = object_.type == values::Type::kStream || values::ObjectSize(object_) > 0;
  if (!ref_) {
    // A stream, too, comes to be only by a command that says so.
    if (keep && change_ != ValueChange::kNone) {
      ref_ = database_.SetObject({}, key_, object_);
    } else {
      values::FreeObject(object_);
    }
    return ref_;
  }
  database_.UpdateObject(ref_, object_, change_);
  if (!keep) {
    database_.Delete(ref_, FreeMode::kNow);
    ref_ = {};
  }
  return ref_;
}

}  // namespace tidemark::keyspace
