// Who hears of what goes by itself, without a command that names it: keys and fields past their expiry, keys that are
// evicted.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tidemark::keyspace {

enum class RemovalCause : uint8_t { kExpiry, kEviction };

class RemovalListener {
 public:
  virtual ~RemovalListener() = default;
  virtual void OnKeyRemoved(int database, std::string_view key, RemovalCause cause) = 0;
  // Of a hash; the key goes with the last field.
  virtual void OnFieldsExpired(int database, std::string_view key, std::span<const std::string> fields) = 0;
};

}  // namespace tidemark::keyspace
