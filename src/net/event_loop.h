// epoll, one handler per descriptor. Level-triggered. Owned and run by one thread.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace tidemark::net {

class EventHandler {
 public:
  virtual ~EventHandler() = default;
  // `events` as epoll reports them (EPOLLIN, EPOLLOUT, EPOLLHUP, ...).
  virtual void OnEvents(uint32_t events) = 0;
};

class EventLoop {
 public:
  // `clock` is refreshed after each wait, before the handlers run.
  explicit EventLoop(Clock& clock);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void Add(int fd, uint32_t events, EventHandler* handler);
  void Modify(int fd, uint32_t events, EventHandler* handler);
  // Events already collected for the handler are dropped: it is not called again.
  void Remove(int fd, EventHandler* handler);

  // Waits at most `timeout_ms` (-1: for ever) and calls the handlers of what is ready.
  void RunOnce(int timeout_ms);

 private:
  static constexpr int kMaxEvents = 256;

  Clock& clock_;
  int epoll_fd_;
  std::vector<epoll_event> ready_;
  int ready_count_ = 0;
  int next_ = 0;
};

}  // namespace tidemark::net
