// A key of a numbered database as the key of a hash map, looked up without a copy.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace tidemark::engine {

struct KeyNameView {
  int database = 0;
  std::string_view key;
};

struct KeyName {
  int database = 0;
  std::string key;

  operator KeyNameView() const { return {database, key}; }
};

struct KeyNameHash {
  using is_transparent = void;
  size_t operator()(const KeyNameView& name) const {
    return std::hash<std::string_view>()(name.key) + static_cast<size_t>(name.database);
  }
};

struct KeyNameEqual {
  using is_transparent = void;
  bool operator()(const KeyNameView& a, const KeyNameView& b) const {
    return a.database == b.database && a.key == b.key;
  }
};

}  // namespace tidemark::engine
