#include "engine/session.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "engine/engine.h"

namespace tidemark::engine {

Session::Session(Engine& engine, uint64_t id, net::AcceptedSocket socket)
    : engine_(engine), reply_(output_, protocol::RespVersion::kResp2, &engine.stats()) {
  state_.id = id;
  state_.fd = socket.fd;
  state_.address = std::move(socket.address);
  state_.local_address = std::move(socket.local_address);
  state_.unix_socket = socket.unix_socket;
  state_.loopback = socket.loopback;
  state_.created_unix_ms = engine.clock().unix_ms();
  state_.last_active_unix_ms = state_.created_unix_ms;
  state_.authenticated = engine.options().requirepass.empty();
  wanted_events_ = EPOLLIN;
  engine_.loop().Add(state_.fd, wanted_events_, this);
}

Session::~Session() {
  if (!closed_) Close();
}

void Session::Close() {
  if (closed_) return;
  closed_ = true;
  engine_.loop().Remove(state_.fd, this);
  close(state_.fd);
  output_.Clear();
  engine_.Bury(*this);
}

void Session::WantEvents(uint32_t events) {
  if (closed_ || events == wanted_events_) return;
  wanted_events_ = events;
  engine_.loop().Modify(state_.fd, events, this);
}

void Session::OnEvents(uint32_t events) {
  if ((events & EPOLLOUT) != 0) Flush();
  if (closed_) return;
  if (park_reason_ != ParkReason::kNone) {
    OnEventsWhileParked(events);
    return;
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) ReadInput();
}

// What comes in while a command waits stays in the socket. A client that has gone is not waited for, unless only flash
// stands between it and its reply: it may have closed just its sending half.
void Session::OnEventsWhileParked(uint32_t events) {
  const bool long_wait =
      park_reason_ == ParkReason::kPause || park_reason_ == ParkReason::kMemory || park_reason_ == ParkReason::kBlocked;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0 || (long_wait && (events & EPOLLRDHUP) != 0)) {
    Close();
    return;
  }
  const uint32_t quiet = wanted_events_ & ~static_cast<uint32_t>(EPOLLIN);
  WantEvents(long_wait ? quiet | EPOLLRDHUP : quiet);
}

void Session::ReadInput() {
  EngineStats& stats = engine_.stats();
  ssize_t n = 0;
  if (pending_.empty()) {
    std::vector<char>& buffer = engine_.read_buffer();
    n = read(state_.fd, buffer.data(), buffer.size());
    if (n > 0) {
      const std::string_view bytes(buffer.data(), static_cast<size_t>(n));
      const size_t done = Process(bytes);
      // Parking keeps its own copy of what it parked.
      if (!closed_ && done < bytes.size()) pending_.assign(bytes.substr(done));
    }
  } else {
    const size_t before = pending_.size();
    const size_t room = std::clamp(parser_.missing_bytes(), kMinPrivateRead, kMaxPrivateRead);
    // Growing by halves keeps the copying linear, whatever length the client announced.
    if (pending_.capacity() < before + room) pending_.reserve(std::max(before + room, before + before / 2));
    pending_.resize(before + room);
    n = read(state_.fd, pending_.data() + before, room);
    pending_.resize(before + (n > 0 ? static_cast<size_t>(n) : 0));
    if (n > 0) ProcessPending();
  }
  if (n > 0) {
    ++stats.reads_processed;
    stats.net_input_bytes += static_cast<uint64_t>(n);
    state_.bytes_in += static_cast<uint64_t>(n);
    state_.last_active_unix_ms = engine_.clock().unix_ms();
    if (closed_) return;
    if (pending_.size() > engine_.options().query_buffer_limit_bytes) {
      ++stats.query_buffer_limit_disconnections;
      engine_.log().Log(LogLevel::kWarning,
                        "Closing client that reached max query buffer length: id=" + std::to_string(id()) +
                            " addr=" + state_.address + " qbuf=" + std::to_string(pending_.size()));
      Close();
      return;
    }
    FlushSoon();
    return;
  }
  if (n == 0) {
    Close();
  } else if (errno != EAGAIN && errno != EINTR) {
    Close();
  }
}

void Session::ProcessPending() {
  const size_t done = Process(pending_);
  if (closed_) return;
  pending_.erase(0, done);
  // A buffer that held something large is not kept.
  if (pending_.empty() && pending_.capacity() > kMinPrivateRead * 4) pending_.shrink_to_fit();
}

size_t Session::Process(std::string_view bytes) {
  size_t done = 0;
  while (done < bytes.size() && !closed_ && !state_.close_after_reply) {
    const std::string_view rest = bytes.substr(done);
    protocol::RequestBatch& batch = engine_.scratch_batch();
    batch.Clear();
    // A client that is not authenticated yet may become so by its next request, which changes what it may send.
    const protocol::ParserLimits limits{engine_.options().proto_max_bulk_bytes, state_.authenticated};
    const size_t parsed = parser_.Parse(rest, limits, state_.authenticated ? kWindow : 1, batch);
    done += parsed;
    if (!batch.requests.empty()) {
      engine_.ApplyRenames(batch);
      ParkReason reason = ParkReason::kNone;
      const size_t ran = engine_.RunFresh(*this, batch, reason);
      if (closed_) return done;
      if (reason != ParkReason::kNone) {
        Park(batch, ran, rest.substr(0, parsed), reason);
        return done;
      }
      EnforceOutputLimit();
    }
    if (parser_.failed()) {
      FailProtocol();
      return bytes.size();
    }
    if (parsed == 0) break;
  }
  return state_.close_after_reply ? bytes.size() : done;
}

void Session::FailProtocol() {
  engine_.log().Log(LogLevel::kVerbose, "Protocol error from client: " + parser_.error() +
                                            " id=" + std::to_string(id()) + " addr=" + state_.address);
  reply_.Error("ERR " + parser_.error());
  state_.close_after_reply = true;
}

void Session::Park(protocol::RequestBatch& batch, size_t ran, std::string_view bytes, ParkReason reason) {
  std::unique_ptr<ParkedBatch> parked = engine_.TakeParkedBatch();
  const std::span<const PreparedRequest> prepared = engine_.PreparedFrom(ran);
  parked->prepared.assign(prepared.begin(), prepared.end());
  const size_t from = batch.requests[ran].begin;
  parked->bytes.assign(bytes.substr(from));
  const char* const old_begin = bytes.data() + from;
  const char* const old_end = bytes.data() + bytes.size();
  for (size_t i = ran; i < batch.requests.size(); ++i) {
    protocol::Request request = batch.requests[i];
    const auto first = static_cast<uint32_t>(parked->batch.args.size());
    for (uint32_t a = 0; a < request.arg_count; ++a) {
      const std::string_view arg = batch.args[request.first_arg + a];
      if (arg.data() >= old_begin && arg.data() < old_end) {
        parked->batch.args.emplace_back(parked->bytes.data() + (arg.data() - old_begin), arg.size());
      } else {
        // A word of an inline request, which the batch keeps.
        parked->batch.args.push_back(parked->batch.words.emplace_back(arg));
      }
    }
    request.first_arg = first;
    request.begin = 0;
    parked->batch.requests.push_back(request);
  }
  parked_ = std::move(parked);
  park_reason_ = reason;
  engine_.NoteParked(*this, reason);
}

std::span<const std::string_view> Session::ParkedArgs() const {
  const protocol::Request& request = parked_->batch.requests[parked_->next];
  return {&parked_->batch.args[request.first_arg], request.arg_count};
}

void Session::EndWait() {
  ++parked_->next;
  park_reason_ = ParkReason::kTurn;
  engine_.NoteParked(*this, park_reason_);
  FlushSoon();
}

void Session::Resume() {
  if (closed_ || parked_ == nullptr) return;
  park_reason_ = ParkReason::kNone;
  ParkReason reason = ParkReason::kNone;
  parked_->next = engine_.RunParked(*this, *parked_, reason);
  if (closed_) return;
  if (reason != ParkReason::kNone) {
    park_reason_ = reason;
    // This may be a long wait, which others who need room for their reads, or who wait for memory, must not share.
    if (reason != ParkReason::kFetch && reason != ParkReason::kTurn) engine_.GiveUpFetched(*this);
    engine_.NoteParked(*this, reason);
  } else {
    engine_.GiveParkedBatch(std::move(parked_));
    engine_.GiveUpFetched(*this);
    EnforceOutputLimit();
    if (!pending_.empty() && !closed_) ProcessPending();
    if (!closed_ && park_reason_ == ParkReason::kNone)
      WantEvents((wanted_events_ | EPOLLIN) & ~static_cast<uint32_t>(EPOLLRDHUP));
  }
  // A batch that goes on soon sends its replies together.
  const bool goes_on_soon =
      park_reason_ == ParkReason::kTurn || (park_reason_ == ParkReason::kFetch && output_.bytes() < kHeldWhileFetching);
  if (!closed_ && !goes_on_soon) FlushSoon();
}

void Session::FlushSoon() {
  if (flush_scheduled_) return;
  flush_scheduled_ = true;
  engine_.ScheduleFlush(*this);
}

void Session::Flush() {
  flush_scheduled_ = false;
  // No reply leaves before the change it speaks of is recorded.
  engine_.propagation().Deliver();
  EngineStats& stats = engine_.stats();
  while (!closed_ && !output_.empty()) {
    std::array<iovec, 32> vectors;
    const int count = output_.Gather(vectors);
    // One piece is the rule, and a plain write is cheaper than a gathered one.
    const ssize_t n = count == 1 ? write(state_.fd, vectors[0].iov_base, vectors[0].iov_len)
                                 : writev(state_.fd, vectors.data(), count);
    if (n > 0) {
      ++stats.writes_processed;
      stats.net_output_bytes += static_cast<uint64_t>(n);
      state_.bytes_out += static_cast<uint64_t>(n);
      output_.Consume(static_cast<size_t>(n));
    } else if (n < 0 && errno == EINTR) {
      continue;
    } else if (n < 0 && errno == EAGAIN) {
      WantEvents(wanted_events_ | EPOLLOUT);
      return;
    } else {
      Close();
      return;
    }
  }
  if (closed_) return;
  // An idle connection holds no chunk.
  output_.Clear();
  if (state_.close_after_reply && park_reason_ == ParkReason::kNone) {
    Close();
    return;
  }
  if ((wanted_events_ & EPOLLOUT) != 0) WantEvents(wanted_events_ & ~static_cast<uint32_t>(EPOLLOUT));
}

void Session::EnforceOutputLimit() {
  if (closed_) return;
  const OutputLimit& limit = engine_.options().output_limit_normal;
  const uint64_t bytes = output_.memory_bytes();
  bool over = limit.hard_bytes != 0 && bytes > limit.hard_bytes;
  if (limit.soft_bytes != 0 && bytes > limit.soft_bytes) {
    const int64_t now_ms = engine_.clock().mono_ms();
    if (over_soft_limit_since_ms_ == 0) {
      over_soft_limit_since_ms_ = now_ms;
    } else if (now_ms - over_soft_limit_since_ms_ > limit.soft_seconds * 1000) {
      over = true;
    }
  } else {
    over_soft_limit_since_ms_ = 0;
  }
  if (!over) return;
  // What the socket takes at once is not held against the client.
  Flush();
  if (closed_ || output_.memory_bytes() < bytes) return;
  ++engine_.stats().output_buffer_limit_disconnections;
  engine_.log().Log(LogLevel::kWarning, "Client id=" + std::to_string(id()) + " addr=" + state_.address + " omem=" +
                                            std::to_string(bytes) + " closed for overcoming of output buffer limits.");
  Close();
}

uint64_t Session::memory_bytes() const {
  return sizeof(Session) + pending_.capacity() + output_.memory_bytes() + parser_.memory_bytes() +
         (parked_ == nullptr ? 0 : parked_->bytes.capacity()) + transaction_.queue_bytes +
         state_.fieldsets.memory_bytes();
}

commands::ClientView Session::View() const {
  commands::ClientView view;
  view.state = &state_;
  view.query_buffer_bytes = pending_.size();
  view.query_buffer_free = pending_.capacity() - pending_.size();
  view.args_bytes = parked_ == nullptr ? 0 : parked_->bytes.size();
  view.output_bytes = output_.bytes();
  view.output_chunks = output_.chunk_count();
  view.output_memory_bytes = output_.memory_bytes();
  view.total_memory_bytes = memory_bytes();
  // A read of flash is a part of running a command.
  view.blocked =
      park_reason_ == ParkReason::kBlocked || park_reason_ == ParkReason::kPause || park_reason_ == ParkReason::kMemory;
  if (transaction_.open) view.queued_commands = static_cast<int64_t>(transaction_.queue.size());
  view.queued_bytes = transaction_.queue_bytes;
  view.watched_keys = engine_.WatchedKeyCount(id());
  view.closing = state_.close_after_reply;
  view.wants_write = (wanted_events_ & EPOLLOUT) != 0;
  return view;
}

}  // namespace tidemark::engine
