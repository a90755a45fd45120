// What commands tell of the changes they make, for those who repeat them elsewhere or later: the append-only file and
// replicas. A command that changes the data set (Context::MarkDirty) is repeated as it was sent, unless it adds what is
// to be repeated in its place: where it depends on the time, on chance, on floating point, or on what it waited for.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

namespace tidemark::commands {

class Effects {
 public:
  virtual ~Effects() = default;
  // False while nobody repeats anything: then nothing need be added.
  virtual bool wanted() const = 0;
  // Adds a command that stands in place of the one that is running; several are repeated together, in order.
  virtual void Add(std::span<const std::string_view> words) = 0;
  void Add(std::initializer_list<std::string_view> words) { Add(std::span(words.begin(), words.size())); }
  // Nothing is to be repeated, though the data set has changed.
  virtual void AddNothing() = 0;
};

}  // namespace tidemark::commands
