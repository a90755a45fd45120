// The patterns of SORT's BY and GET: `weight_*` names a string, `object_*->field` a field of a hash, `#` the element
// itself; the star stands for the element. Without a star a pattern means nothing.
#pragma once

#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "commands/context.h"

namespace tidemark::commands {

// Texts that last as long as one SORT.
class TextArena {
 public:
  // A copy, with a zero byte behind it.
  std::string_view Copy(std::string_view text);

 private:
  std::pmr::monotonic_buffer_resource memory_;
};

class SortPattern {
 public:
  // Views into `text`.
  explicit SortPattern(std::string_view text);

  bool HasStar() const { return form_ == Form::kKey; }
  // What the pattern means for this element, copied to `arena`; empty if there is no such value. A value that is on
  // flash is waited for: correct but slow. The error is that it cannot be read. May expire keys, and so move entries.
  Result<std::optional<std::string_view>> Find(Context& ctx, std::string_view element, TextArena& arena) const;

 private:
  enum class Form : uint8_t { kElement, kKey, kNothing };

  Form form_ = Form::kNothing;
  std::string_view before_star_;
  std::string_view behind_star_;
  std::string_view field_;  // empty: the key holds a string
};

}  // namespace tidemark::commands
