#include "engine/watched_keys.h"

#include <algorithm>

namespace tidemark::engine {

bool WatchedKeys::Exists(int database, std::string_view key) const {
  const keyspace::HashedKey hashed = keyspace_.Hash(key);
  return static_cast<bool>(keyspace_.database(database).dict().Find(hashed.hash, hashed.bytes));
}

bool WatchedKeys::Expired(int database, std::string_view key) const {
  const keyspace::HashedKey hashed = keyspace_.Hash(key);
  const keyspace::Database& db = keyspace_.database(database);
  const keyspace::EntryDict::Slot slot = db.dict().Find(hashed.hash, hashed.bytes);
  return slot && db.HasExpired(*db.dict().Get(slot));
}

size_t WatchedKeys::CountOf(uint64_t client) const {
  const auto it = watches_.find(client);
  return it == watches_.end() ? 0 : it->second.keys.size();
}

void WatchedKeys::Watch(uint64_t client, int database, std::string_view key) {
  std::vector<Watched>& watchers = watchers_[KeyName{database, std::string(key)}];
  if (std::ranges::any_of(watchers, [client](const Watched& watched) { return watched.client == client; })) return;
  watchers.push_back({client, Expired(database, key)});
  watches_[client].keys.push_back({database, std::string(key)});
}

void WatchedKeys::Unwatch(uint64_t client) {
  const auto node = watches_.extract(client);
  if (node.empty()) return;
  for (const KeyName& name : node.mapped().keys) {
    const auto it = watchers_.find(KeyNameView(name));
    std::erase_if(it->second, [client](const Watched& watched) { return watched.client == client; });
    if (it->second.empty()) watchers_.erase(it);
  }
}

bool WatchedKeys::IsBroken(uint64_t client) const {
  const auto it = watches_.find(client);
  if (it == watches_.end()) return false;
  if (it->second.broken) return true;
  return std::ranges::any_of(it->second.keys, [&](const KeyName& name) {
    if (!Expired(name.database, name.key)) return false;
    return std::ranges::any_of(watchers_.find(KeyNameView(name))->second, [client](const Watched& watched) {
      return watched.client == client && !watched.expired;
    });
  });
}

void WatchedKeys::Break(uint64_t client) {
  watches_.find(client)->second.broken = true;
}

void WatchedKeys::OnChanged(int database, std::string_view key) {
  const auto it = watchers_.find(KeyNameView{database, key});
  if (it == watchers_.end()) return;
  // What was past its expiry from the start can only be deleted for it, or be replaced later: the first change is its
  // going.
  const bool is_expired = Expired(database, key);
  for (Watched& watched : it->second) {
    if (watched.expired && is_expired) {
      watched.expired = false;
    } else {
      Break(watched.client);
    }
  }
}

void WatchedKeys::OnFlush(int database) {
  for (auto& [name, watchers] : watchers_) {
    if (name.database == database && Exists(database, name.key)) OnChanged(database, name.key);
  }
}

void WatchedKeys::OnSwapped(int first, int second) {
  for (auto& [name, watchers] : watchers_) {
    if (name.database != first && name.database != second) continue;
    const int other = name.database == first ? second : first;
    if (!Exists(first, name.key) && !Exists(second, name.key)) continue;
    for (Watched& watched : watchers) {
      // Gone for being past its expiry, and nothing came in its place.
      if (watched.expired && !Exists(name.database, name.key) && Expired(other, name.key)) {
        watched.expired = false;
      } else {
        Break(watched.client);
      }
    }
  }
}

}  // namespace tidemark::engine
