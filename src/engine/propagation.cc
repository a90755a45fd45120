#include "engine/propagation.h"

#include <utility>
#include <vector>

#include "base/numbers.h"
#include "formats/command_writer.h"

namespace tidemark::engine {

void Propagation::set_sink(EffectSink* sink) {
  sink_ = sink;
  stream_.clear();
  selected_ = -1;
  depth_ = 0;
  keyspace_.context().removal_listener = sink == nullptr ? nullptr : this;
}

void Propagation::BeginGroup(int database) {
  if (depth_++ == 0) {
    group_at_ = stream_.size();
    group_size_ = 0;
    accounted_dirty_ = keyspace_.stats().dirty;
  }
  database_ = database;
  replaced_ = false;
}

void Propagation::EndGroup(std::span<const std::string_view> args) {
  // It began before anybody wanted to know.
  if (depth_ == 0) return;
  const uint64_t dirty = keyspace_.stats().dirty;
  if (dirty != accounted_dirty_ && !replaced_) Append(database_, args);
  accounted_dirty_ = dirty;
  replaced_ = false;
  if (--depth_ > 0) return;
  if (group_size_ > 1) {
    std::string head;
    formats::AppendCommand(head, {"MULTI"});
    stream_.insert(group_at_, head);
    formats::AppendCommand(stream_, {"EXEC"});
  }
  if (stream_.size() >= kDeliveredAtOnce) [[unlikely]]
    DeliverNow();
}

void Propagation::Add(std::span<const std::string_view> words) {
  replaced_ = true;
  if (wanted()) Append(database_, words);
}

void Propagation::Append(int database, std::span<const std::string_view> words) {
  if (database != selected_) {
    char digits[kInt64Chars];
    formats::AppendCommand(stream_, {"SELECT", FormatInt64(database, digits)});
    selected_ = database;
  }
  formats::AppendCommand(stream_, words);
  ++group_size_;
}

void Propagation::OnKeyRemoved(int database, std::string_view key, keyspace::RemovalCause cause) {
  const keyspace::KeyspaceOptions& options = keyspace_.options();
  const bool lazy =
      cause == keyspace::RemovalCause::kExpiry ? options.lazyfree_lazy_expire : options.lazyfree_lazy_eviction;
  const std::string_view words[] = {lazy ? "UNLINK" : "DEL", key};
  Append(database, words);
}

void Propagation::OnFieldsExpired(int database, std::string_view key, std::span<const std::string> fields) {
  std::vector<std::string_view> words = {"HDEL", key};
  words.insert(words.end(), fields.begin(), fields.end());
  Append(database, words);
}

void Propagation::DeliverNow() {
  // The group of a command that is running is not whole yet.
  const size_t whole = depth_ > 0 ? group_at_ : stream_.size();
  if (whole == 0) return;
  if (whole < stream_.size()) {
    sink_->OnEffects(stream_.substr(0, whole));
    stream_.erase(0, whole);
  } else {
    sink_->OnEffects(std::move(stream_));
    stream_.clear();
  }
  group_at_ = 0;
  if (stream_.capacity() > kKeptCapacity) stream_.shrink_to_fit();
}

}  // namespace tidemark::engine
