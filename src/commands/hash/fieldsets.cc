#include "commands/hash/fieldsets.h"

#include <algorithm>
#include <utility>

namespace tidemark::commands {
namespace {

size_t MemoryBytes(std::string_view name, const Fieldsets::Fieldset& fieldset) {
  constexpr size_t kMapNodeBytes = 32 + sizeof(std::string) + sizeof(Fieldsets::Fieldset);
  size_t bytes = kMapNodeBytes + name.size() + fieldset.capacity() * sizeof(Fieldsets::Field);
  for (const Fieldsets::Field& field : fieldset) bytes += field.name.size();
  return bytes;
}

bool Precedes(const Fieldsets::Field& a, const Fieldsets::Field& b) {
  return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
}

}  // namespace

bool Fieldsets::Prepare(std::string_view name, std::span<const std::string_view> fields) {
  Fieldset fieldset;
  fieldset.reserve(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) fieldset.push_back({std::string(fields[i]), i});
  std::sort(fieldset.begin(), fieldset.end(), Precedes);
  const auto same = [](const Field& a, const Field& b) { return a.name == b.name; };
  if (std::adjacent_find(fieldset.begin(), fieldset.end(), same) != fieldset.end()) return false;
  Discard(name);
  memory_bytes_ += MemoryBytes(name, fieldset);
  fieldsets_.emplace(name, std::move(fieldset));
  return true;
}

const Fieldsets::Fieldset* Fieldsets::Find(std::string_view name) const {
  const auto at = fieldsets_.find(name);
  return at == fieldsets_.end() ? nullptr : &at->second;
}

bool Fieldsets::Discard(std::string_view name) {
  const auto at = fieldsets_.find(name);
  if (at == fieldsets_.end()) return false;
  memory_bytes_ -= MemoryBytes(name, at->second);
  fieldsets_.erase(at);
  return true;
}

size_t Fieldsets::DiscardAll() {
  const size_t count = fieldsets_.size();
  fieldsets_.clear();
  memory_bytes_ = 0;
  return count;
}

}  // namespace tidemark::commands
