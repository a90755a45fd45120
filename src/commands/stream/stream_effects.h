// What the stream commands tell of pending entries and groups, where a consumer was given or lost entries.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "commands/context.h"
#include "values/stream.h"

namespace tidemark::commands {

struct GroupNames {
  std::string_view key;
  std::string_view group;
};

// Entries that a consumer holds now, as XCLAIMs that make them its own with the same time and count.
class ClaimEffects {
 public:
  // Tells what is left at its end, while `group` is there.
  ClaimEffects(const Context& ctx, const GroupNames& names, const values::ConsumerGroup& group,
               std::string_view consumer)
      : ctx_(ctx), names_(names), group_(group), consumer_(consumer) {}
  ~ClaimEffects() { Flush(); }
  ClaimEffects(const ClaimEffects&) = delete;
  ClaimEffects& operator=(const ClaimEffects&) = delete;

  void Add(const values::PendingEntry& entry);

 private:
  // Of one command.
  static constexpr size_t kIdsMax = 1024;

  void Flush();

  const Context& ctx_;
  GroupNames names_;
  const values::ConsumerGroup& group_;
  std::string_view consumer_;
  std::vector<values::StreamId> ids_;
  int64_t delivered_ms_ = 0;
  uint64_t delivery_count_ = 0;
};

// The entries are no longer pending: XACK. Nothing if there are none.
void AddAcknowledgementEffect(const Context& ctx, const GroupNames& names, const std::vector<values::StreamId>& ids);
// Where the group reads on: XGROUP SETID.
void AddGroupPositionEffect(const Context& ctx, const GroupNames& names, const values::ConsumerGroup& group);
// The entries are no longer in the stream: XDEL. Nothing if there are none.
void AddEntryDeletionEffect(const Context& ctx, std::string_view key, const std::vector<values::StreamId>& ids);

}  // namespace tidemark::commands
