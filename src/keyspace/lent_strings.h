// Strings that are on flash and have been read for the command that runs. It sees them as if they were in RAM
// (Database::StringOf), while their entries stay cold: nothing is built for a value that is not to stay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tidemark::keyspace {

class LentStrings {
 public:
  bool empty() const { return strings_.empty(); }
  // `bytes` must stay where they are until Clear.
  void Lend(uint64_t locator, std::string_view bytes) { strings_.push_back({locator, bytes}); }
  // Fast in the order in which they were lent; for what is not lent, as slow as there are many.
  std::optional<std::string_view> Find(uint64_t locator) const {
    for (size_t left = strings_.size(); left > 0; --left) {
      if (next_ >= strings_.size()) next_ = 0;
      const Lent& lent = strings_[next_++];
      if (lent.locator == locator) {
        // It may be asked for again: whether it is there, and then for its bytes.
        --next_;
        return lent.bytes;
      }
    }
    return std::nullopt;
  }
  void Clear() {
    strings_.clear();
    next_ = 0;
  }

 private:
  struct Lent {
    uint64_t locator;
    std::string_view bytes;
  };
  std::vector<Lent> strings_;
  mutable size_t next_ = 0;  // where the last was found
};

}  // namespace tidemark::keyspace
