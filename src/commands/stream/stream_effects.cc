#include "commands/stream/stream_effects.h"

#include "commands/composed_effect.h"

namespace tidemark::commands {

using values::StreamId;

void ClaimEffects::Add(const values::PendingEntry& entry) {
  if (!ctx_.effects.wanted()) return;
  const bool alike = entry.delivered_ms == delivered_ms_ && entry.delivery_count == delivery_count_;
  if (!alike || ids_.size() == kIdsMax) Flush();
  delivered_ms_ = entry.delivered_ms;
  delivery_count_ = entry.delivery_count;
  ids_.push_back(entry.id);
}

void ClaimEffects::Flush() {
  if (ids_.empty()) return;
  ComposedEffect xclaim({"XCLAIM", names_.key, names_.group, consumer_, "0"});
  for (const StreamId& id : ids_) xclaim.Text(id.ToString());
  xclaim.Word("TIME").Number(delivered_ms_);
  xclaim.Word("RETRYCOUNT").Number(static_cast<int64_t>(delivery_count_));
  xclaim.Word("FORCE").Word("JUSTID").Word("LASTID").Text(group_.last_id.ToString()).AddTo(ctx_);
  ids_.clear();
}

namespace {

void AddWithIds(const Context& ctx, ComposedEffect effect, const std::vector<StreamId>& ids) {
  if (ids.empty()) return;
  for (const StreamId& id : ids) effect.Text(id.ToString());
  effect.AddTo(ctx);
}

}  // namespace

void AddAcknowledgementEffect(const Context& ctx, const GroupNames& names, const std::vector<StreamId>& ids) {
  if (ctx.effects.wanted()) AddWithIds(ctx, {"XACK", names.key, names.group}, ids);
}

void AddGroupPositionEffect(const Context& ctx, const GroupNames& names, const values::ConsumerGroup& group) {
  if (!ctx.effects.wanted()) return;
  ComposedEffect setid({"XGROUP", "SETID", names.key, names.group});
  setid.Text(group.last_id.ToString()).Word("ENTRIESREAD").Number(group.entries_read).AddTo(ctx);
}

void AddEntryDeletionEffect(const Context& ctx, std::string_view key, const std::vector<StreamId>& ids) {
  if (ctx.effects.wanted()) AddWithIds(ctx, {"XDEL", key}, ids);
}

}  // namespace tidemark::commands
