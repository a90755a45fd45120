#include "values/object.h"

#include "base/check.h"
#include "values/hash.h"
#include "values/list.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/stream.h"
#include "values/string_blob.h"

namespace tidemark::values {

void FreeObject(const Object& object) {
  switch (object.type) {
    case Type::kString:
      return StringBlob::Destroy(static_cast<StringBlob*>(object.pointer));
    case Type::kList:
      return FreeList(object);
    case Type::kSet:
      return FreeSet(object);
    case Type::kZSet:
      return FreeSortedSet(object);
    case Type::kHash:
      return FreeHash(object);
    case Type::kStream:
      return FreeStream(object);
  }
}

Object CloneObject(const Object& object) {
  switch (object.type) {
    case Type::kString:
      break;
    case Type::kList:
      return CloneList(object);
    case Type::kSet:
      return CloneSet(object);
    case Type::kZSet:
      return CloneSortedSet(object);
    case Type::kHash:
      return CloneHash(object);
    case Type::kStream:
      return CloneStream(object);
  }
  TIDEMARK_CHECK(false);
  return {};
}

size_t ObjectBytes(const Object& object) {
  switch (object.type) {
    case Type::kString:
      return static_cast<const StringBlob*>(object.pointer)->AllocatedBytes();
    case Type::kList:
      return ListBytes(object);
    case Type::kSet:
      return SetBytes(object);
    case Type::kZSet:
      return SortedSetBytes(object);
    case Type::kHash:
      return HashBytes(object);
    case Type::kStream:
      return StreamBytes(object);
  }
  return 0;
}

uint64_t ObjectSize(const Object& object) {
  switch (object.type) {
    case Type::kString:
      return static_cast<const StringBlob*>(object.pointer)->size();
    case Type::kList:
      return ListSize(object);
    case Type::kSet:
      return SetSize(object);
    case Type::kZSet:
      return SortedSetSize(object);
    case Type::kHash:
      return HashSize(object);
    case Type::kStream:
      return StreamSize(object);
  }
  return 0;
}

size_t FreeEffort(const Object& object) {
  switch (object.type) {
    case Type::kString:
      return 1;
    case Type::kList:
      return ListFreeEffort(object);
    case Type::kSet:
      return SetFreeEffort(object);
    case Type::kZSet:
      return SortedSetFreeEffort(object);
    case Type::kHash:
      return HashFreeEffort(object);
    case Type::kStream:
      return StreamFreeEffort(object);
  }
  return 1;
}

}  // namespace tidemark::values
