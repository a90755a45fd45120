#include "net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace tidemark::net {
namespace {

// Connections taken in one turn of the event loop, so that a storm of them does not starve the clients that are there.
constexpr int kMaxAcceptsPerTurn = 1000;

std::string AddressText(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    return std::string(text) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
  return "[" + std::string(text) + "]:" + std::to_string(ntohs(v6.sin6_port));
}

bool IsLoopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    return ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24 == 127;
  }
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

}  // namespace

class Listeners::Socket : public EventHandler {
 public:
  Socket(EventLoop& loop, const AcceptFunction& accept, int fd, int keepalive_seconds, std::string unix_path)
      : loop_(loop), accept_(accept), fd_(fd), keepalive_seconds_(keepalive_seconds), unix_path_(std::move(unix_path)) {
    loop_.Add(fd_, EPOLLIN, this);
  }
  ~Socket() override {
    loop_.Remove(fd_, this);
    close(fd_);
    if (!unix_path_.empty()) unlink(unix_path_.c_str());
  }

  void OnEvents(uint32_t) override {
    for (int i = 0; i < kMaxAcceptsPerTurn; ++i) {
      sockaddr_storage peer{};
      socklen_t bytes = sizeof(peer);
      const int fd = accept4(fd_, reinterpret_cast<sockaddr*>(&peer), &bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        if (errno == EINTR || errno == ECONNABORTED) continue;
        return;
      }
      accept_(unix_path_.empty() ? DescribeTcp(fd, peer)
                                 : AcceptedSocket{fd, unix_path_ + ":0", unix_path_ + ":0", true, true});
    }
  }

 private:
  AcceptedSocket DescribeTcp(int fd, const sockaddr_storage& peer) const {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (keepalive_seconds_ > 0) {
      // The first probe after the configured time, three more at a third of it.
      const int interval = keepalive_seconds_ / 3 > 0 ? keepalive_seconds_ / 3 : 1;
      const int count = 3;
      setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
      setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &keepalive_seconds_, sizeof(keepalive_seconds_));
      setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
      setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
    }
    sockaddr_storage local{};
    socklen_t bytes = sizeof(local);
    getsockname(fd, reinterpret_cast<sockaddr*>(&local), &bytes);
    return {fd, AddressText(peer), AddressText(local), false, IsLoopback(peer)};
  }

  EventLoop& loop_;
  const AcceptFunction& accept_;
  int fd_;
  int keepalive_seconds_;
  std::string unix_path_;
};

Listeners::Listeners(EventLoop& loop, AcceptFunction accept) : loop_(loop), accept_(std::move(accept)) {}

Listeners::~Listeners() = default;

Result<std::vector<std::unique_ptr<Listeners::Socket>>> Listeners::OpenTcp(const NetOptions& options,
                                                                           std::vector<std::string>& notices) {
  std::vector<std::unique_ptr<Socket>> sockets;
  if (options.port == 0) return sockets;
  const std::string port = std::to_string(options.port);
  for (const std::string& configured : options.bind) {
    const bool optional = !configured.empty() && configured[0] == '-';
    const std::string address = optional ? configured.substr(1) : configured;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    hints.ai_family = address == "*" ? AF_INET : address.find(':') != std::string::npos ? AF_INET6 : AF_UNSPEC;
    const char* node = address == "*" ? nullptr : address == "::*" ? "::" : address.c_str();
    addrinfo* found = nullptr;
    std::string problem;
    int fd = -1;
    int error = 0;
    if (const int code = getaddrinfo(node, port.c_str(), &hints, &found); code != 0) {
      problem = gai_strerror(code);
    } else {
      fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      const int on = 1;
      if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (found->ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
      }
      if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, options.tcp_backlog) != 0) {
        error = errno;
        problem = std::strerror(error);
        if (fd >= 0) close(fd);
        fd = -1;
      }
      freeaddrinfo(found);
    }
    if (fd >= 0) {
      sockets.push_back(std::make_unique<Socket>(loop_, accept_, fd, options.tcp_keepalive_seconds, std::string()));
      continue;
    }
    std::string line = "Could not create server TCP listening socket " + address + ":" + port + ": " + problem;
    const bool not_available = error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == ENOPROTOOPT ||
                               error == EPROTONOSUPPORT || error == ESOCKTNOSUPPORT || error == EPFNOSUPPORT;
    notices.push_back(std::move(line));
    if (optional && (not_available || error == 0)) continue;
    return Status::IoError("Failed listening on port " + port + " (tcp), aborting.");
  }
  if (sockets.empty() && !options.bind.empty()) {
    return Status::IoError("Failed listening on port " + port + " (tcp), aborting.");
  }
  return sockets;
}

Result<std::unique_ptr<Listeners::Socket>> Listeners::OpenUnix(const NetOptions& options) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (options.unix_socket.size() >= sizeof(address.sun_path)) {
    return Status::InvalidArgument("The path of 'unixsocket' is too long: " + options.unix_socket);
  }
  std::memcpy(address.sun_path, options.unix_socket.c_str(), options.unix_socket.size());
  unlink(options.unix_socket.c_str());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(fd, options.tcp_backlog) != 0) {
    const std::string problem = std::strerror(errno);
    if (fd >= 0) close(fd);
    return Status::IoError("Failed opening Unix socket: " + options.unix_socket + ": " + problem);
  }
  if (options.unix_socket_perm != 0) chmod(options.unix_socket.c_str(), static_cast<mode_t>(options.unix_socket_perm));
  return std::make_unique<Socket>(loop_, accept_, fd, 0, options.unix_socket);
}

Status Listeners::Open(const NetOptions& options, std::vector<std::string>& notices) {
  TIDEMARK_RETURN_IF_ERROR(ReopenTcp(options, notices));
  if (!options.unix_socket.empty()) {
    auto opened = OpenUnix(options);
    if (!opened) {
      tcp_.clear();
      return opened.error();
    }
    unix_ = std::move(*opened);
  }
  return Status::Ok();
}

Status Listeners::ReopenTcp(const NetOptions& options, std::vector<std::string>& notices) {
  // The old sockets hold the very addresses that the new ones may want.
  std::vector<std::unique_ptr<Socket>> old = std::exchange(tcp_, {});
  old.clear();
  auto opened = OpenTcp(options, notices);
  if (!opened) return opened.error();
  tcp_ = std::move(*opened);
  return Status::Ok();
}

void Listeners::Close() {
  tcp_.clear();
  unix_.reset();
}

std::vector<std::string> Listeners::Describe(const NetOptions& options) const {
  std::vector<std::string> lines;
  if (!tcp_.empty()) {
    std::string line = "name=tcp";
    for (const std::string& address : options.bind) line += ",bind=" + address;
    lines.push_back(line + ",port=" + std::to_string(options.port));
  }
  if (unix_ != nullptr) lines.push_back("name=unix,bind=" + options.unix_socket);
  return lines;
}

}  // namespace tidemark::net
