// Scored members that a command has gathered: to be answered, or stored under a key.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "commands/context.h"
#include "commands/sorted_set/replies.h"
#include "values/sorted_set.h"
#include "values/table_hash.h"

namespace tidemark::commands {

// Stores a sorted set, which becomes the database's, in the key of argument `key_index`, and answers its size. If it is
// empty the key is deleted. Counts as `changes` to the data set.
void StoreSortedSet(Context& ctx, size_t key_index, const values::Object& object, uint64_t changes = 1);

class ScoredResults {
 public:
  // Copies the bytes: they may lie in a walk's scratch, or in a value that Store replaces.
  void Add(std::string_view member, double score) { elements_.push_back({Keep(member), score}); }
  // The score of a member added by this function before, else null after having added it with `score`.
  double* FindOrAdd(std::string_view member, double score);
  size_t size() const { return elements_.size(); }
  // Puts the elements in the order of sorted sets.
  void Sort();

  void Reply(Context& ctx, Scores scores) const;
  // Stores the elements, which are in order; see StoreSortedSet.
  void Store(Context& ctx, size_t key_index, uint64_t changes = 1) const;
  // After Store: tells the elements themselves, for what not every server can compute.
  void AddContentEffects(const Context& ctx, size_t key_index) const;

 private:
  struct BytesHash {
    size_t operator()(std::string_view bytes) const { return values::TableHash(bytes); }
  };

  std::string_view Keep(std::string_view bytes);

  static constexpr size_t kChunkBytes = 16 * 1024;

  std::deque<std::string> chunks_;  // never grown beyond what is reserved, so that views stay
  std::vector<values::ScoredMember> elements_;
  std::unordered_map<std::string_view, size_t, BytesHash> index_;
};

}  // namespace tidemark::commands
