// The groups of a Stream, and what it knows of how far they have read.
#include <algorithm>

#include "values/stream.h"

namespace tidemark::values {
namespace {

auto PlaceOf(const std::vector<std::unique_ptr<ConsumerGroup>>& groups, std::string_view name) {
  return std::lower_bound(groups.begin(), groups.end(), name,
                          [](const auto& group, std::string_view wanted) { return group->name() < wanted; });
}

}  // namespace

ConsumerGroup* Stream::FindGroup(std::string_view name) const {
  const auto at = PlaceOf(groups_, name);
  return at != groups_.end() && (*at)->name() == name ? at->get() : nullptr;
}

ConsumerGroup* Stream::AddGroup(std::string_view name, const StreamId& last_id, int64_t entries_read) {
  const auto at = PlaceOf(groups_, name);
  if (at != groups_.end() && (*at)->name() == name) return nullptr;
  return groups_.insert(at, std::make_unique<ConsumerGroup>(name, last_id, entries_read, &account_))->get();
}

bool Stream::RemoveGroup(std::string_view name) {
  const auto at = PlaceOf(groups_, name);
  if (at == groups_.end() || (*at)->name() != name) return false;
  groups_.erase(at);
  return true;
}

bool Stream::IsReferenced(const StreamId& id) const {
  return std::any_of(groups_.begin(), groups_.end(),
                     [&](const auto& group) { return group->last_id < id || group->pending().Find(id) != nullptr; });
}

size_t Stream::DropReferences(const StreamId& id) {
  size_t dropped = 0;
  for (const auto& group : groups_) dropped += group->Acknowledge(id) ? 1 : 0;
  return dropped;
}

std::optional<uint64_t> Stream::EntriesUpTo(const StreamId& id) const {
  if (entries_added_ == 0) return 0;
  if (length_ == 0 && id <= last_id_) return entries_added_;
  if (id == last_id_) return entries_added_;
  if (id > last_id_) return std::nullopt;
  // With no deletion behind the first entry, all that is missing was trimmed from the front.
  if (max_deleted_id_.zero() || max_deleted_id_ < first_id_) {
    if (id < first_id_) return entries_added_ - length_;
    if (id == first_id_) return entries_added_ - length_ + 1;
  }
  return std::nullopt;
}

bool Stream::HasTombstonesFrom(const StreamId& start) const {
  return length_ > 0 && !max_deleted_id_.zero() && start <= max_deleted_id_;
}

std::optional<int64_t> Stream::LagOf(const ConsumerGroup& group) const {
  if (entries_added_ == 0) return 0;
  const auto added = static_cast<int64_t>(entries_added_);
  if (group.entries_read != ConsumerGroup::kUnknownEntriesRead && !HasTombstonesFrom(group.last_id)) {
    return added - group.entries_read;
  }
  const std::optional<uint64_t> read = EntriesUpTo(group.last_id);
  if (!read) return std::nullopt;
  return added - static_cast<int64_t>(*read);
}

void Stream::AdvanceGroup(ConsumerGroup& group, const StreamId& id) const {
  if (group.entries_read != ConsumerGroup::kUnknownEntriesRead && !HasTombstonesFrom(id)) {
    ++group.entries_read;
  } else if (entries_added_ != 0) {
    const std::optional<uint64_t> read = EntriesUpTo(id);
    group.entries_read = read ? static_cast<int64_t>(*read) : ConsumerGroup::kUnknownEntriesRead;
  }
  group.last_id = id;
}

namespace {

constexpr size_t kKeyBytes = 2 * sizeof(uint64_t);

// Bytes that the keys of two IDs have in common at their front; keys are the numbers with the highest byte first.
size_t CommonBytes(const StreamId& a, const StreamId& b) {
  if (a.ms != b.ms) return static_cast<size_t>(__builtin_clzll(a.ms ^ b.ms)) / 8;
  if (a.seq != b.seq) return sizeof(uint64_t) + static_cast<size_t>(__builtin_clzll(a.seq ^ b.seq)) / 8;
  return kKeyBytes;
}

}  // namespace

// A radix tree has a node for each key's end, one for each place where keys part, and one for each run of bytes between
// two such places, of which the first byte stands in the parting node.
size_t Stream::RadixTreeNodeCount() const {
  if (nodes_.empty()) return 1;
  size_t count = 0;
  size_t partings[kKeyBytes];  // depths of the open ones, rising
  size_t open = 0;
  const auto close_below = [&](size_t depth) {
    while (open > 0 && partings[open - 1] > depth) {
      const size_t closed = partings[--open];
      // The parent is the next open parting or, if that is higher up, the one about to be made at `depth`.
      const size_t parent = std::max(depth, open > 0 ? partings[open - 1] : 0);
      count += 1 + (closed - parent > 1 ? 1 : 0);
    }
    if (open == 0 || partings[open - 1] < depth) partings[open++] = depth;
  };
  const auto leaf = [&](size_t parting) { count += 1 + (kKeyBytes - parting > 1 ? 1 : 0); };

  const StreamNode* before = nullptr;
  size_t common_before = 0;
  nodes_.ForEach([&](const StreamNode& node) {
    if (before != nullptr) {
      const size_t common = CommonBytes(before->id, node.id);
      leaf(std::max(common, common_before));
      close_below(common);
      common_before = common;
    }
    before = &node;
  });
  if (open == 0) return 2;
  leaf(common_before);
  while (open > 0) {
    const size_t closed = partings[--open];
    // The run above the topmost parting begins at the root, which takes no byte of it.
    const size_t run = open > 0 ? closed - partings[open - 1] - 1 : closed;
    count += 1 + (run > 0 ? 1 : 0);
  }
  return count;
}

}  // namespace tidemark::values
