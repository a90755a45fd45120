// Directives that say up to which size values keep their compact encodings.
#include <cstdint>

#include "server/directive.h"

namespace tidemark::server {

using values::EncodingLimits;

void AddEncodingDirectives(DirectiveTable& table) {
  table.Integer("hash-max-listpack-entries", "512", {0, INT64_MAX})
      .Alias("hash-max-ziplist-entries")
      .Sets(&EncodingLimits::hash_max_listpack_entries);
  table.Memory("hash-max-listpack-value", "64", {0, INT64_MAX})
      .Alias("hash-max-ziplist-value")
      .Sets(&EncodingLimits::hash_max_listpack_value);
  table.Memory("hll-sparse-max-bytes", "3000", {0, INT64_MAX}).Sets(&EncodingLimits::hll_sparse_max_bytes);
  table.Integer("list-compress-depth", "0", {0, INT32_MAX}).Sets(&EncodingLimits::list_compress_depth);
  table.Integer("list-max-listpack-size", "-2", {INT32_MIN, INT32_MAX})
      .Alias("list-max-ziplist-size")
      .Sets(&EncodingLimits::list_max_listpack_size);
  table.Integer("set-max-intset-entries", "512", {0, INT64_MAX}).Sets(&EncodingLimits::set_max_intset_entries);
  table.Integer("set-max-listpack-entries", "128", {0, INT64_MAX}).Sets(&EncodingLimits::set_max_listpack_entries);
  table.Integer("set-max-listpack-value", "64", {0, INT64_MAX}).Sets(&EncodingLimits::set_max_listpack_value);
  table.Integer("stream-idmp-duration", "100", {1, 86'400}).Sets(&EncodingLimits::stream_idmp_duration);
  table.Integer("stream-idmp-maxsize", "100", {1, 10'000}).Sets(&EncodingLimits::stream_idmp_maxsize);
  table.Memory("stream-node-max-bytes", "4kb", {0, INT64_MAX}).Sets(&EncodingLimits::stream_node_max_bytes);
  table.Integer("stream-node-max-entries", "100", {0, INT64_MAX}).Sets(&EncodingLimits::stream_node_max_entries);
  table.Integer("zset-max-listpack-entries", "128", {0, INT64_MAX})
      .Alias("zset-max-ziplist-entries")
      .Sets(&EncodingLimits::zset_max_listpack_entries);
  table.Memory("zset-max-listpack-value", "64", {0, INT64_MAX})
      .Alias("zset-max-ziplist-value")
      .Sets(&EncodingLimits::zset_max_listpack_value);
}

}  // namespace tidemark::server
