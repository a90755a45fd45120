// Listening sockets: TCP over IPv4 and IPv6, and a Unix socket. Accepts and hands the descriptors on.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "net/event_loop.h"
#include "net/net_options.h"

namespace tidemark::net {

struct AcceptedSocket {
  int fd = -1;
  std::string address;  // "127.0.0.1:50000", "[::1]:50000", or "<path>:0"
  std::string local_address;
  bool unix_socket = false;
  bool loopback = false;
};

// Takes over the descriptor.
using AcceptFunction = std::function<void(AcceptedSocket)>;

class Listeners {
 public:
  Listeners(EventLoop& loop, AcceptFunction accept);
  ~Listeners();

  // Opens every configured socket. An address that cannot be had is an error unless it starts with '-'.
  // On an error nothing listens. Lines worth logging about addresses that were passed over are appended to `notices`.
  Status Open(const NetOptions& options, std::vector<std::string>& notices);
  // Replaces the TCP listeners (CONFIG SET port, bind). On an error none listens: call again with the old options.
  Status ReopenTcp(const NetOptions& options, std::vector<std::string>& notices);
  void Close();

  // "name=tcp,bind=127.0.0.1,port=6379" for INFO, one each kind.
  std::vector<std::string> Describe(const NetOptions& options) const;

 private:
  class Socket;

  Result<std::vector<std::unique_ptr<Socket>>> OpenTcp(const NetOptions& options, std::vector<std::string>& notices);
  Result<std::unique_ptr<Socket>> OpenUnix(const NetOptions& options);

  EventLoop& loop_;
  AcceptFunction accept_;
  std::vector<std::unique_ptr<Socket>> tcp_;
  std::unique_ptr<Socket> unix_;
};

}  // namespace tidemark::net
