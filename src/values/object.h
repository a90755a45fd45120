// A container in RAM, as an entry of the keyspace holds it: which type, laid out how, and where. The type's own header
// (list.h, set.h, sorted_set.h, hash.h, stream.h) says what `pointer` means for each encoding and has a handle class
// that works on an Object in place, changing its pointer and encoding as the container grows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "values/types.h"

namespace tidemark::values {

struct Object {
  Type type = Type::kString;
  Encoding encoding = Encoding::kRaw;
  void* pointer = nullptr;
};

// Up to which size containers keep their compact encodings, and what streams without limits of their own remember of
// idempotent producers; the directives of the same names.
struct EncodingLimits {
  size_t hash_max_listpack_entries = 512;
  size_t hash_max_listpack_value = 64;
  int list_compress_depth = 0;
  int list_max_listpack_size = -2;
  size_t set_max_intset_entries = 512;
  size_t set_max_listpack_entries = 128;
  size_t set_max_listpack_value = 64;
  int64_t stream_idmp_duration = 100;
  int64_t stream_idmp_maxsize = 100;
  size_t stream_node_max_bytes = 4096;
  size_t stream_node_max_entries = 100;
  size_t zset_max_listpack_entries = 128;
  size_t zset_max_listpack_value = 64;
  size_t hll_sparse_max_bytes = 3000;
};

// Frees the value. Thread-safe, strings (StringBlob) included: the lazy-free thread calls it.
void FreeObject(const Object& object);
// A deep copy; containers only.
Object CloneObject(const Object& object);
// What the allocator set aside for the value, bytes: an estimate that takes constant time.
size_t ObjectBytes(const Object& object);
// Elements: of a list, a set, a sorted set, a stream; fields of a hash. Constant time. Containers only.
uint64_t ObjectSize(const Object& object);
// Allocations that freeing the value takes, roughly: what says if it is worth a thread (LazyFree).
size_t FreeEffort(const Object& object);

}  // namespace tidemark::values
