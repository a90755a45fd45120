#include "commands/sort/pattern.h"

#include <algorithm>
#include <limits>

#include "base/numbers.h"
#include "commands/stored_value.h"
#include "values/hash.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using keyspace::HashedKey;
using values::Type;

std::string_view TextArena::Copy(std::string_view text) {
  auto* const copy = static_cast<char*>(memory_.allocate(text.size() + 1, 1));
  *std::ranges::copy(text, copy).out = '\0';
  return {copy, text.size()};
}

SortPattern::SortPattern(std::string_view text) {
  constexpr std::string_view kArrow = "->";
  // As C strings end.
  const std::string_view visible = text.substr(0, text.find('\0'));
  if (visible == "#") {
    form_ = Form::kElement;
    return;
  }
  const size_t star = visible.find('*');
  if (star == std::string_view::npos) return;
  form_ = Form::kKey;
  before_star_ = text.substr(0, star);
  behind_star_ = text.substr(star + 1);
  const size_t arrow = visible.find(kArrow, star + 1);
  if (arrow == std::string_view::npos || arrow + kArrow.size() == visible.size()) return;
  behind_star_ = text.substr(star + 1, arrow - star - 1);
  field_ = text.substr(arrow + kArrow.size());
}

Result<std::optional<std::string_view>> SortPattern::Find(Context& ctx, std::string_view element,
                                                          TextArena& arena) const {
  using Found = std::optional<std::string_view>;
  if (form_ == Form::kElement) return Found(element);
  if (form_ == Form::kNothing) return Found();
  std::string name;
  name.reserve(before_star_.size() + element.size() + behind_star_.size());
  name.append(before_star_).append(element).append(behind_star_);
  const HashedKey key = ctx.keyspace.Hash(name);
  EntryRef ref = ctx.db().LookupRead(key);
  if (!ref || ref->type() != (field_.empty() ? Type::kString : Type::kHash)) return Found();
  if (ref->cold()) {
    const Status loaded = ctx.tier.Load(ctx.db().index(), name);
    if (!loaded.ok()) return UnreadableValue(name, loaded);
    ref = ctx.db().Find(key);
    if (!ref) return Found();
  }
  char scratch[kInt64Chars];
  if (field_.empty()) return Found(arena.Copy(ref->StringView(scratch)));
  // Where the command is repeated no field has expired that nobody has named.
  if (ctx.effects.wanted() && values::HashNextExpiry(ref->object()) < ctx.expiry_now_ms()) {
    ref = ctx.db().EraseExpiredFields(ref, std::numeric_limits<size_t>::max());
    if (!ref) return Found();
  }
  const auto value = values::HashView(ref->object(), ctx.expiry_now_ms()).Get(field_);
  return value ? Found(arena.Copy(value->View(scratch))) : Found();
}

}  // namespace tidemark::commands
