// bench_null_responder: the cheapest server there can be, to show what of a request the kernel costs. It knows that
// every request has the same length, answers each with the same reply, and reads nothing of what it is sent.
//
//   bench_null_responder --port N --request-bytes N --value-bytes N     (--value-bytes 0: the reply is +OK)

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unordered_map>

namespace {

constexpr size_t kReadBytes = 16 * 1024;

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "bench_null_responder: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

int Listen(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 || listen(fd, 511) != 0) Die("listen");
  return fd;
}

// Waits for room when the peer is slow: the load it serves never leaves replies unread for long.
void WriteAll(int fd, const char* data, size_t bytes) {
  while (bytes > 0) {
    const ssize_t n = send(fd, data, bytes, MSG_NOSIGNAL);
    if (n >= 0) {
      data += n;
      bytes -= static_cast<size_t>(n);
    } else if (errno == EAGAIN) {
      pollfd wait{.fd = fd, .events = POLLOUT, .revents = 0};
      poll(&wait, 1, 1000);
    } else if (errno != EINTR) {
      return;  // the peer is gone; its read side says so too
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  uint16_t port = 0;
  size_t request_bytes = 0;
  size_t value_bytes = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const long value = std::atol(argv[i + 1]);
    if (name == "--port") port = static_cast<uint16_t>(value);
    if (name == "--request-bytes") request_bytes = static_cast<size_t>(value);
    if (name == "--value-bytes") value_bytes = static_cast<size_t>(value);
  }
  if (port == 0 || request_bytes == 0) {
    std::fprintf(stderr, "usage: bench_null_responder --port N --request-bytes N --value-bytes N\n");
    return 1;
  }
  const std::string reply = value_bytes == 0
                                ? "+OK\r\n"
                                : "$" + std::to_string(value_bytes) + "\r\n" + std::string(value_bytes, 'x') + "\r\n";
  std::string replies;
  for (size_t i = 0; i <= kReadBytes / request_bytes; ++i) replies += reply;

  const int listener = Listen(port);
  const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  const auto watch = [epoll_fd](int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
  };
  watch(listener);
  std::unordered_map<int, size_t> rest;  // bytes of a request that is not whole yet, per connection
  char buffer[kReadBytes];
  for (;;) {
    epoll_event events[256];
    const int count = epoll_wait(epoll_fd, events, 256, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        const int accepted = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted < 0) continue;
        const int on = 1;
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        rest[accepted] = 0;
        watch(accepted);
        continue;
      }
      const ssize_t n = recv(fd, buffer, kReadBytes, 0);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (n <= 0) {
        close(fd);
        rest.erase(fd);
        continue;
      }
      size_t& left = rest[fd];
      left += static_cast<size_t>(n);
      const size_t whole = left / request_bytes;
      left %= request_bytes;
      if (whole > 0) WriteAll(fd, replies.data(), whole * reply.size());
    }
  }
}
