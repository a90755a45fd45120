#include "client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "reply.h"

namespace tidemark::bench {
namespace {

constexpr size_t kLineRoom = 512;  // room per reply beside its value: header, line ends, error text

int Connect(const std::string& host, uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) Die("not an IPv4 address: " + host);
  if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    Die("cannot connect to " + host + ":" + std::to_string(port) + ": " + std::strerror(errno));
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

}  // namespace

uint64_t NowNs() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1000000000 + static_cast<uint64_t>(time.tv_nsec);
}

void Die(const std::string& message) {
  std::fprintf(stderr, "bench_load: %s\n", message.c_str());
  std::exit(1);
}

Client::Client(const Options& options, Workload* workload, Tally* tally)
    : options_(options),
      workload_(workload),
      tally_(tally),
      fd_(Connect(options.host, options.port)),
      in_(options.pipeline * (workload->reply_bytes_max() + kLineRoom)) {}

Client::~Client() {
  close(fd_);
}

void Client::SendBatch(uint32_t count, uint64_t now_ns) {
  batch_.clear();
  out_.clear();
  for (uint32_t i = 0; i < count; ++i) batch_.push_back(workload_->AppendNext(&out_));
  next_reply_ = 0;
  sent_bytes_ = 0;
  sent_at_ns_ = now_ns;
  OnWritable();
}

void Client::OnWritable() {
  while (wants_write()) {
    const ssize_t n = send(fd_, out_.data() + sent_bytes_, out_.size() - sent_bytes_, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EAGAIN) return;
      if (errno == EINTR) continue;
      Die(std::string("send: ") + std::strerror(errno));
    }
    sent_bytes_ += static_cast<size_t>(n);
  }
}

void Client::OnReadable() {
  const ssize_t n = recv(fd_, in_.data() + in_bytes_, in_.size() - in_bytes_, 0);
  if (n < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    Die(std::string("recv: ") + std::strerror(errno));
  }
  if (n == 0) Die("the server closed the connection");
  in_bytes_ += static_cast<size_t>(n);

  const uint64_t latency_ns = NowNs() - sent_at_ns_;
  size_t taken = 0;
  while (const size_t bytes = ConsumeReply({in_.data() + taken, in_bytes_ - taken})) {
    taken += bytes;
    ++tally_->replies;
    tally_->latency.Record(latency_ns);
  }
  std::memmove(in_.data(), in_.data() + taken, in_bytes_ - taken);
  in_bytes_ -= taken;
  if (in_bytes_ == in_.size()) Die("a reply is longer than any this load can get");
}

size_t Client::ConsumeReply(std::string_view data) {
  if (data.empty()) return 0;
  if (idle()) Die("a reply that nothing asked for: " + std::string(data.substr(0, 60)));
  const size_t bytes = ReplyBytes(data);
  if (bytes > 0) Count(batch_[next_reply_++], data.substr(0, bytes));
  return bytes;
}

void Client::Count(const Request& request, std::string_view reply) {
  if (reply[0] == '-') {
    ++tally_->errors;
    if (tally_->first_error.empty()) tally_->first_error = reply.substr(0, reply.size() - 2);
    return;
  }
  switch (workload_->Judge(request, reply, options_.verify)) {
    case Verdict::kRight:
      return;
    case Verdict::kMiss:
      ++tally_->misses;
      return;
    case Verdict::kWrong:
      ++tally_->wrong;
      return;
  }
}

}  // namespace tidemark::bench
