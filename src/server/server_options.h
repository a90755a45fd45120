// What can be configured of the process itself: where it runs, where it logs; and Options, the sum of
// what all components can be told. Main thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "engine/engine_options.h"
#include "keyspace/keyspace.h"
#include "net/net_options.h"
#include "persistence/persistence_options.h"
#include "tiering/tier_options.h"

namespace tidemark::server {

enum class Supervision : uint8_t { kUpstart, kSystemd, kAuto, kNone };

// What a signal that ends the server asks for.
struct ShutdownPolicy {
  bool save = false;
  bool no_save = false;
  bool now = false;
  bool force = false;
};

struct ServerOptions {
  std::string dir;  // absolute
  std::string pidfile;
  bool daemonize = false;
  Supervision supervised = Supervision::kNone;
  bool always_show_logo = false;
  bool set_proc_title = true;
  std::string proc_title_template;
  LogOptions log;
  ShutdownPolicy on_sigint;
  ShutdownPolicy on_sigterm;
  engine::DebugAccess protected_configs = engine::DebugAccess::kNo;
  std::vector<double> latency_percentiles;
};

struct Options {
  ServerOptions server;
  keyspace::KeyspaceOptions keyspace;
  engine::EngineOptions engine;
  net::NetOptions net;
  tiering::TierOptions tier;
  persistence::PersistenceOptions persistence;
  // A new name for a command, empty to take it away.
  std::vector<std::pair<std::string, std::string>> renamed_commands;
};

}  // namespace tidemark::server
