// The fieldsets that one connection has prepared (HIMPORT PREPARE): names of fields under a name of their own, so that
// only values need to be sent.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::commands {

class Fieldsets {
 public:
  struct Field {
    std::string name;
    size_t value_index;  // which of the values belongs to it
  };
  // Shorter names first, those of one length in the order of their bytes.
  using Fieldset = std::vector<Field>;

  // Defines or replaces a fieldset. False if a field is named twice: then nothing changes.
  bool Prepare(std::string_view name, std::span<const std::string_view> fields);
  // Null if there is none.
  const Fieldset* Find(std::string_view name) const;
  // False if there is none.
  bool Discard(std::string_view name);
  // How many there were.
  size_t DiscardAll();

  // Of heap memory, about.
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  std::map<std::string, Fieldset, std::less<>> fieldsets_;
  size_t memory_bytes_ = 0;
};

}  // namespace tidemark::commands
