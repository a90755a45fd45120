// Who waits for which key: the clients of blocking commands, in the order in which they began to wait. Bookkeeping
// alone: the engine runs their commands again. Main thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "commands/context.h"
#include "engine/key_name.h"

namespace tidemark::engine {

struct Waiter {
  uint64_t client = 0;
  uint64_t order = 0;  // of all waiters; lower began earlier
  int database = 0;
  commands::BlockRequest request;
  std::vector<std::string> key_names;  // as request.keys
};

class BlockedClients {
 public:
  bool empty() const { return waiters_.empty(); }
  size_t size() const { return waiters_.size(); }
  // Keys that somebody waits for.
  size_t key_count() const { return queues_.size(); }
  // Waiters whose wait ends by itself.
  size_t deadline_count() const { return deadlines_.size(); }
  const Waiter* Find(uint64_t client) const;

  void Add(uint64_t client, int database, std::span<const std::string_view> args, commands::BlockRequest request);
  void Remove(uint64_t client);

  // The waiter wants its command to run again at that time, or (0) not before a key changes.
  void LookAgainAt(uint64_t client, int64_t unix_ms);

  // Somebody may have to be woken for this key. Cheap if nobody waits for it.
  void MarkReady(const KeyNameView& key);
  // As MarkReady, for every key of the database that is waited for.
  void MarkAllReady(int database);
  // The keys of those who want their commands to run again by now.
  void MarkDueReady(int64_t now_ms);
  bool has_ready() const { return !ready_.empty(); }
  // The key that was marked first, once.
  KeyName TakeReady();
  // The first client waiting for the key that began after `order`.
  const Waiter* NextWaiter(const KeyNameView& key, uint64_t order) const;

  // Unix time in milliseconds; empty if nobody's wait ends by itself.
  std::optional<int64_t> next_deadline_ms() const;
  // As above, of the next deadline or the next look.
  std::optional<int64_t> next_event_ms() const;
  // A client whose wait has ended by `now_ms`.
  std::optional<uint64_t> FindOverdue(int64_t now_ms) const;

 private:
  struct Queue {
    std::map<uint64_t, uint64_t> clients;  // by order
    bool ready = false;
  };

  std::unordered_map<uint64_t, Waiter> waiters_;
  std::unordered_map<KeyName, Queue, KeyNameHash, KeyNameEqual> queues_;
  std::set<std::pair<int64_t, uint64_t>> deadlines_;  // and clients
  std::set<std::pair<int64_t, uint64_t>> looks_;      // likewise
  std::deque<KeyName> ready_;
  uint64_t next_order_ = 1;
};

}  // namespace tidemark::engine
