// What can be configured of listening and of connections.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tidemark::net {

struct NetOptions {
  int port = 6379;
  // As given: "*", "-::*", "127.0.0.1". A leading '-' lets an address that is not available be passed over.
  std::vector<std::string> bind = {"*", "-::*"};
  std::string unix_socket;        // path; empty: none
  unsigned unix_socket_perm = 0;  // 0: leave as created
  int tcp_backlog = 511;
  int tcp_keepalive_seconds = 300;
};

}  // namespace tidemark::net
