// The one stream of effects: what commands, expiry and eviction have changed, as commands that make the same changes
// anywhere (RESP arrays, a SELECT in front where the database changes). What one command of a client has done together,
// or one EXEC, stands between MULTI and EXEC if it is more than one. Nothing else writes to the append-only file.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "commands/effects.h"
#include "keyspace/keyspace.h"
#include "keyspace/removal_listener.h"

namespace tidemark::engine {

// Who repeats the changes.
class EffectSink {
 public:
  virtual ~EffectSink() = default;
  // A row of whole commands, of which no client has had a reply yet. The string may be taken, or another left in its
  // place, whose memory serves again.
  virtual void OnEffects(std::string&& stream) = 0;
};

class Propagation final : public commands::Effects, private keyspace::RemovalListener {
 public:
  explicit Propagation(keyspace::Keyspace& keyspace) : keyspace_(keyspace) {}
  ~Propagation() override { set_sink(nullptr); }

  // Null: nobody wants the stream. Not within a group.
  void set_sink(EffectSink* sink);
  // What comes next may be the beginning of a file: it says which database it is for.
  void ForgetDatabase() { selected_ = -1; }

  // Around a command of a client, which may run others in between (EXEC): what all of them do is one group.
  void Begin(int database) {
    if (wanted()) BeginGroup(database);
  }
  void End(std::span<const std::string_view> args) {
    if (wanted()) EndGroup(args);
  }
  bool in_group() const { return depth_ > 0; }

  // Hands over what has gathered.
  void Deliver() {
    if (!stream_.empty()) [[unlikely]]
      DeliverNow();
  }
  size_t gathered_bytes() const { return stream_.capacity(); }

  // commands::Effects
  bool wanted() const override { return sink_ != nullptr; }
  using Effects::Add;
  void Add(std::span<const std::string_view> words) override;
  void AddNothing() override { replaced_ = true; }

 private:
  static constexpr size_t kKeptCapacity = 256 * 1024;
  static constexpr size_t kDeliveredAtOnce = 1024 * 1024;  // though no reply is about to leave

  // keyspace::RemovalListener
  void OnKeyRemoved(int database, std::string_view key, keyspace::RemovalCause cause) override;
  void OnFieldsExpired(int database, std::string_view key, std::span<const std::string> fields) override;

  void BeginGroup(int database);
  void EndGroup(std::span<const std::string_view> args);
  void Append(int database, std::span<const std::string_view> words);
  void DeliverNow();

  keyspace::Keyspace& keyspace_;
  EffectSink* sink_ = nullptr;
  std::string stream_;
  int selected_ = -1;  // the database that `stream_` has selected; -1: none
  int depth_ = 0;
  size_t group_at_ = 0;  // where in `stream_` the group begins
  size_t group_size_ = 0;
  int database_ = 0;              // of the command that is running
  bool replaced_ = false;         // it has said itself what is to be repeated
  uint64_t accounted_dirty_ = 0;  // changes up to this are in the stream
};

}  // namespace tidemark::engine
