#include "engine/blocked_clients.h"

namespace tidemark::engine {

const Waiter* BlockedClients::Find(uint64_t client) const {
  const auto it = waiters_.find(client);
  return it == waiters_.end() ? nullptr : &it->second;
}

void BlockedClients::Add(uint64_t client, int database, std::span<const std::string_view> args,
                         commands::BlockRequest request) {
  Waiter waiter{client, next_order_++, database, std::move(request), {}};
  for (const size_t index : waiter.request.keys) {
    KeyName name{database, std::string(args[index])};
    waiter.key_names.push_back(name.key);
    queues_[std::move(name)].clients.emplace(waiter.order, client);
  }
  if (waiter.request.deadline_ms != 0) deadlines_.emplace(waiter.request.deadline_ms, client);
  if (waiter.request.look_again_ms != 0) looks_.emplace(waiter.request.look_again_ms, client);
  waiters_.emplace(client, std::move(waiter));
}

void BlockedClients::Remove(uint64_t client) {
  const auto node = waiters_.extract(client);
  if (node.empty()) return;
  const Waiter& waiter = node.mapped();
  for (const std::string& key : waiter.key_names) {
    const auto it = queues_.find(KeyNameView{waiter.database, key});
    if (it == queues_.end()) continue;  // named twice
    it->second.clients.erase(waiter.order);
    if (it->second.clients.empty()) queues_.erase(it);
  }
  deadlines_.erase({waiter.request.deadline_ms, client});
  looks_.erase({waiter.request.look_again_ms, client});
}

void BlockedClients::LookAgainAt(uint64_t client, int64_t unix_ms) {
  const auto it = waiters_.find(client);
  if (it == waiters_.end()) return;
  looks_.erase({it->second.request.look_again_ms, client});
  it->second.request.look_again_ms = unix_ms;
  if (unix_ms != 0) looks_.emplace(unix_ms, client);
}

void BlockedClients::MarkReady(const KeyNameView& key) {
  const auto it = queues_.find(key);
  if (it == queues_.end() || it->second.ready) return;
  it->second.ready = true;
  ready_.push_back(it->first);
}

void BlockedClients::MarkAllReady(int database) {
  for (auto& [name, queue] : queues_) {
    if (name.database != database || queue.ready) continue;
    queue.ready = true;
    ready_.push_back(name);
  }
}

void BlockedClients::MarkDueReady(int64_t now_ms) {
  while (!looks_.empty() && looks_.begin()->first <= now_ms) {
    const uint64_t client = looks_.begin()->second;
    LookAgainAt(client, 0);
    const Waiter& waiter = waiters_.at(client);
    for (const std::string& key : waiter.key_names) MarkReady({waiter.database, key});
  }
}

KeyName BlockedClients::TakeReady() {
  KeyName name = std::move(ready_.front());
  ready_.pop_front();
  const auto it = queues_.find(KeyNameView(name));
  if (it != queues_.end()) it->second.ready = false;
  return name;
}

const Waiter* BlockedClients::NextWaiter(const KeyNameView& key, uint64_t order) const {
  const auto queue = queues_.find(key);
  if (queue == queues_.end()) return nullptr;
  const auto next = queue->second.clients.upper_bound(order);
  return next == queue->second.clients.end() ? nullptr : Find(next->second);
}

std::optional<int64_t> BlockedClients::next_deadline_ms() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

std::optional<int64_t> BlockedClients::next_event_ms() const {
  std::optional<int64_t> next = next_deadline_ms();
  if (!looks_.empty() && (!next || looks_.begin()->first < *next)) next = looks_.begin()->first;
  return next;
}

std::optional<uint64_t> BlockedClients::FindOverdue(int64_t now_ms) const {
  if (deadlines_.empty() || deadlines_.begin()->first > now_ms) return std::nullopt;
  return deadlines_.begin()->second;
}

}  // namespace tidemark::engine
