// Who hears of changes to the data: watches and blocked clients.
#pragma once

#include "keyspace/hashed_key.h"

namespace tidemark::keyspace {

class ChangeListener {
 public:
  virtual ~ChangeListener() = default;
  // The key was made, changed, given another expiry, or deleted (by a command, expiry or eviction). Spilling and
  // fetching are no changes. Called while the database is being changed: look, do not touch.
  virtual void OnChanged(int database, const HashedKey& key) = 0;
  // Clients that wait for the key should look again, though those who watch it have nothing to see: a group of the
  // stream is gone.
  virtual void OnConcernsWaiters(int database, const HashedKey& key) = 0;
  // All keys of the database are about to go.
  virtual void OnFlush(int database) = 0;
  // The two databases have exchanged their contents.
  virtual void OnSwapped(int first, int second) = 0;
};

}  // namespace tidemark::keyspace
