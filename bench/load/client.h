// One connection that sends a batch of requests, waits for all its replies, checks them, and sends the next batch.
// Raw sockets and one thread: the owner calls OnReadable and OnWritable when epoll says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "histogram.h"
#include "workload.h"

namespace tidemark::bench {

// What all connections of a run count together.
struct Tally {
  Histogram latency;
  uint64_t replies = 0;
  uint64_t errors = 0;  // error replies
  uint64_t misses = 0;  // null replies
  uint64_t wrong = 0;   // a reply of another type, length or value than the request must get
  std::string first_error;

  void Reset() { *this = Tally(); }
};

class Client {
 public:
  struct Options {
    std::string host;
    uint16_t port;
    uint32_t pipeline;
    Verify verify;
  };

  // Connects; `workload` and `tally` outlive the client. Ends the process if the server cannot be reached.
  Client(const Options& options, Workload* workload, Tally* tally);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  int fd() const { return fd_; }
  bool idle() const { return next_reply_ == batch_.size(); }
  bool wants_write() const { return sent_bytes_ < out_.size(); }

  // Sends `count` requests. Only when idle.
  void SendBatch(uint32_t count, uint64_t now_ns);

  void OnWritable();
  // Reads what has come and counts the replies that are whole. Ends the process if the server closed the connection.
  void OnReadable();

 private:
  // Takes one reply off the front of `data`; returns the bytes it took, 0 if it is not whole yet.
  size_t ConsumeReply(std::string_view data);
  void Count(const Request& request, std::string_view reply);

  const Options options_;
  Workload* const workload_;
  Tally* const tally_;
  int fd_ = -1;
  std::vector<Request> batch_;
  size_t next_reply_ = 0;  // index in batch_ of the request whose reply comes next
  std::string out_;
  size_t sent_bytes_ = 0;
  uint64_t sent_at_ns_ = 0;
  std::vector<char> in_;
  size_t in_bytes_ = 0;
};

uint64_t NowNs();

// Prints to standard error and exits with status 1: a load generator that lost its server has nothing left to do.
[[noreturn]] void Die(const std::string& message);

}  // namespace tidemark::bench
