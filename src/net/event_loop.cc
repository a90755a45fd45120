#include "net/event_loop.h"

#include <unistd.h>

#include "base/check.h"

namespace tidemark::net {

EventLoop::EventLoop(Clock& clock) : clock_(clock), epoll_fd_(epoll_create1(EPOLL_CLOEXEC)), ready_(kMaxEvents) {
  TIDEMARK_CHECK(epoll_fd_ >= 0);
}

EventLoop::~EventLoop() {
  close(epoll_fd_);
}

void EventLoop::Add(int fd, uint32_t events, EventHandler* handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = handler;
  TIDEMARK_CHECK(epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0);
}

void EventLoop::Modify(int fd, uint32_t events, EventHandler* handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = handler;
  TIDEMARK_CHECK(epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event) == 0);
}

void EventLoop::Remove(int fd, EventHandler* handler) {
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  for (int i = next_; i < ready_count_; ++i) {
    if (ready_[static_cast<size_t>(i)].data.ptr == handler) ready_[static_cast<size_t>(i)].data.ptr = nullptr;
  }
}

void EventLoop::RunOnce(int timeout_ms) {
  const int count = epoll_wait(epoll_fd_, ready_.data(), kMaxEvents, timeout_ms);
  clock_.Refresh();
  ready_count_ = count > 0 ? count : 0;
  for (next_ = 0; next_ < ready_count_;) {
    const epoll_event& event = ready_[static_cast<size_t>(next_++)];
    if (event.data.ptr != nullptr) static_cast<EventHandler*>(event.data.ptr)->OnEvents(event.events);
  }
  ready_count_ = 0;
}

}  // namespace tidemark::net
