// Directives that say up to which size values keep their compact encodings.
#include <cstdint>

#include "server/directive.h"

namespace tidemark::server {

void AddEncodingDirectives(DirectiveTable& table) {
  table.Integer("hash-max-listpack-entries", "512", {0, INT64_MAX}).Alias("hash-max-ziplist-entries").WithoutEffect();
  table.Memory("hash-max-listpack-value", "64", {0, INT64_MAX}).Alias("hash-max-ziplist-value").WithoutEffect();
  table.Memory("hll-sparse-max-bytes", "3000", {0, INT64_MAX}).WithoutEffect();
  table.Integer("list-compress-depth", "0", {0, INT32_MAX}).WithoutEffect();
  table.Integer("list-max-listpack-size", "-2", {INT32_MIN, INT32_MAX}).Alias("list-max-ziplist-size").WithoutEffect();
  table.Integer("set-max-intset-entries", "512", {0, INT64_MAX}).WithoutEffect();
  table.Integer("set-max-listpack-entries", "128", {0, INT64_MAX}).WithoutEffect();
  table.Integer("set-max-listpack-value", "64", {0, INT64_MAX}).WithoutEffect();
  table.Memory("stream-node-max-bytes", "4kb", {0, INT64_MAX}).WithoutEffect();
  table.Integer("stream-node-max-entries", "100", {0, INT64_MAX}).WithoutEffect();
  table.Integer("zset-max-listpack-entries", "128", {0, INT64_MAX}).Alias("zset-max-ziplist-entries").WithoutEffect();
  table.Memory("zset-max-listpack-value", "64", {0, INT64_MAX}).Alias("zset-max-ziplist-value").WithoutEffect();
}

}  // namespace tidemark::server
