// What the server remembers of one client between its commands. Sessions own it; commands read and change it.
#pragma once

#include <cstdint>
#include <string>

#include "commands/hash/fieldsets.h"
#include "protocol/reply_writer.h"

namespace tidemark::commands {

// kSkipNext: the next command's reply is not sent.
enum class ReplyMode : uint8_t { kOn, kOff, kSkipNext };

struct ClientState {
  uint64_t id = 0;
  int fd = -1;
  std::string address;  // "127.0.0.1:50000", or the socket's path with ":0"
  std::string local_address;
  bool unix_socket = false;
  bool loopback = false;
  std::string name;
  std::string lib_name;
  std::string lib_version;
  std::string user = "default";
  bool authenticated = false;
  protocol::RespVersion resp = protocol::RespVersion::kResp2;
  int database = 0;
  ReplyMode reply_mode = ReplyMode::kOn;
  bool no_evict = false;
  bool no_touch = false;
  Fieldsets fieldsets;
  // Set by a command to have the connection closed once its reply is sent.
  bool close_after_reply = false;
  // Set by SHUTDOWN: the process is about to end, send nothing.
  bool close_now = false;

  int64_t created_unix_ms = 0;
  int64_t last_active_unix_ms = 0;
  std::string last_command = "NULL";  // lower case, "container|sub" for subcommands

  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  uint64_t commands = 0;
};

}  // namespace tidemark::commands
