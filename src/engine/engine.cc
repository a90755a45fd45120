#include "engine/engine.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tidemark::engine {

Engine::Engine(const EngineParts& parts)
    : parts_(parts),
      latency_(parts.options.latency_monitor_threshold_ms),
      tier_monitor_(parts.log),
      pager_(parts.keyspace, parts.store, parts.limit, parts.tier_options, *this),
      propagation_(parts.keyspace),
      memory_gate_(parts.limit, parts.keyspace, pager_, latency_, parts.options, parts.tier_options),
      watched_(parts.keyspace),
      active_expiry_(parts.keyspace),
      store_events_(*this),
      read_buffer_(kReadBytes) {
  if (parts_.store.completion_fd() >= 0) parts_.loop.Add(parts_.store.completion_fd(), EPOLLIN, &store_events_);
}

Engine::~Engine() {
  // Closing takes a session out of the map.
  while (!sessions_.empty()) sessions_.begin()->second->Close();
  graveyard_.clear();
  parts_.keyspace.context().change_listener = nullptr;
  if (parts_.store.completion_fd() >= 0) parts_.loop.Remove(parts_.store.completion_fd(), &store_events_);
}

void Engine::NoteParked(Session& session, ParkReason reason) {
  switch (reason) {
    case ParkReason::kMemory:
      delayed_.push_back(session.id());
      stalls_.Begin(parts_.clock.mono_us());
      break;
    case ParkReason::kPause:
      paused_.push_back(session.id());
      break;
    case ParkReason::kTurn:
      ready_.push_back(session.id());
      break;
    case ParkReason::kFetch:
    case ParkReason::kBlocked:
    case ParkReason::kNone:
      break;
  }
}

std::unique_ptr<ParkedBatch> Engine::TakeParkedBatch() {
  if (used_batches_.empty()) return std::make_unique<ParkedBatch>();
  std::unique_ptr<ParkedBatch> batch = std::move(used_batches_.back());
  used_batches_.pop_back();
  return batch;
}

void Engine::GiveParkedBatch(std::unique_ptr<ParkedBatch> batch) {
  const size_t bytes = batch->bytes.capacity() + batch->batch.args.capacity() * sizeof(std::string_view) +
                       batch->batch.requests.capacity() * sizeof(protocol::Request) +
                       batch->prepared.capacity() * sizeof(PreparedRequest);
  if (used_batches_.size() >= kUsedBatchesKept || bytes > kUsedBatchBytesMax || !batch->batch.words.empty()) return;
  batch->bytes.clear();
  batch->batch.Clear();
  batch->next = 0;
  used_batches_.push_back(std::move(batch));
}

void Engine::FlushReplies() {
  for (size_t i = 0; i < to_flush_.size(); ++i) {
    if (!to_flush_[i]->closed()) to_flush_[i]->Flush();
  }
  to_flush_.clear();
}

void Engine::PrefetchReady() {
  std::array<std::pair<const keyspace::EntryDict*, uint64_t>, kPrefetchedSessions> keys;
  size_t count = 0;
  for (; count < std::min(ready_.size(), keys.size()); ++count) {
    const Session* const session = FindSession(ready_[count]);
    if (session == nullptr) break;
    keys[count] = {&parts_.keyspace.database(session->state().database).dict(), session->waiting_key_hash()};
    keys[count].first->PrefetchBucket(keys[count].second);
  }
  for (size_t i = 0; i < count; ++i) keys[i].first->PrefetchItem(keys[i].second);
}

void Engine::ResumeReady() {
  const int64_t deadline_us = Clock::MonotonicUs() + kResumeSliceUs;
  for (size_t resumed = 0; !ready_.empty(); ++resumed) {
    if (resumed % kPrefetchedSessions == 0) PrefetchReady();
    const uint64_t id = ready_.front();
    ready_.pop_front();
    if (Session* session = FindSession(id)) session->Resume();
    if (Clock::MonotonicUs() >= deadline_us) return;
  }
}

bool Engine::MayFetch(uint64_t bytes) const {
  // Also what is on its way for clients that have gone.
  const uint64_t held = std::max(fetched_bytes_, pager_.fetch_bytes_in_flight());
  return held == 0 || held + bytes <= MaxFetchBytes();
}

void Engine::ResumeFetchers() {
  const int64_t deadline_us = Clock::MonotonicUs() + kResumeSliceUs;
  while (!fetch_queue_.empty()) {
    const auto [id, bytes] = fetch_queue_.front();
    Session* const session = FindSession(id);
    if (session != nullptr && !MayFetch(bytes)) return;
    fetch_queue_.pop_front();
    if (session == nullptr) continue;
    fetch_turn_ = id;
    session->Resume();
    fetch_turn_ = 0;
    if (Clock::MonotonicUs() >= deadline_us) return;
  }
}

void Engine::ResumeDelayed() {
  // Each that goes on may use up what was free: the gate is asked again for the next.
  for (size_t left = delayed_.size(); left > 0; --left) {
    if (memory_gate_.Check(fetched_bytes_) == MemoryVerdict::kDelay) return;
    const uint64_t id = delayed_.front();
    delayed_.pop_front();
    if (Session* session = FindSession(id)) session->Resume();
  }
  if (!delayed_.empty()) return;
  if (const auto took_us = stalls_.End(parts_.clock.mono_us())) {
    latency_.Note(LatencyEvent::kTierWriteStall, *took_us, parts_.clock.unix_seconds());
  }
}

void Engine::ReapStore() {
  more_completions_ = pager_.Reap(kReapPerTurn);
  latency_.Note(LatencyEvent::kTierColdRead, pager_.TakeLongestReadUs(), parts_.clock.unix_seconds());
}

void Engine::EndPauseIfDue() {
  if (paused_until_ms_ != 0 && paused_until_ms_ <= parts_.clock.unix_ms()) Unpause();
}

int Engine::NextTimeoutMs() const {
  if (more_completions_ || more_spilling_ || more_expiry_ || !ready_.empty() || FetchTurnDue()) return 0;
  if (!delayed_.empty() || pager_.wants_kick()) return 1;
  int64_t until_us = next_cron_us_ - Clock::MonotonicUs();
  if (paused_until_ms_ != 0) {
    // In milliseconds first: a client may ask for a pause without end.
    const int64_t until_ms = paused_until_ms_ - Clock::UnixUs() / 1000;
    if (until_ms <= until_us / 1000) until_us = until_ms * 1000;
  }
  if (const std::optional<int64_t> event_ms = blocked_.next_event_ms()) {
    const int64_t until_ms = *event_ms - Clock::UnixUs() / 1000;
    if (until_ms <= until_us / 1000) until_us = until_ms * 1000;
  }
  return static_cast<int>(std::max<int64_t>(0, (until_us + 999) / 1000));
}

bool Engine::ShouldWaitForMemory() const {
  const MemoryLimit& limit = parts_.limit;
  return limit.limited() && limit.used() > limit.Mark(parts_.tier_options.delay_watermark_percent) &&
         pager_.CanRelieve();
}

void Engine::TurnPager(int longest_wait_ms) {
  pager_.Kick();
  if (longest_wait_ms > 0) {
    pollfd completions{.fd = parts_.store.completion_fd(), .events = POLLIN, .revents = 0};
    poll(&completions, 1, longest_wait_ms);
  }
  parts_.clock.Refresh();
  while (pager_.Reap(kReapPerTurn)) {
  }
  more_spilling_ = pager_.Tick();
}

void Engine::RunTurn(int longest_wait_ms) {
  parts_.loop.RunOnce(std::min(NextTimeoutMs(), longest_wait_ms));
  const int64_t woke_us = parts_.clock.mono_us();
  FlushReplies();
  parts_.clock.Refresh();
  ++stats_.loop_cycles;
  stats_.loop_us += static_cast<uint64_t>(parts_.clock.mono_us() - woke_us);
  if (more_completions_) ReapStore();
  if (!ready_.empty()) ResumeReady();
  if (!fetch_queue_.empty()) ResumeFetchers();
  {
    const LatencyScope scope(latency_, LatencyEvent::kTierSpillSlice, parts_.clock.unix_seconds());
    more_spilling_ = pager_.Tick();
  }
  if (!delayed_.empty()) ResumeDelayed();
  // What expired or was evicted outside of any command may concern somebody who waits, and so may the time.
  blocked_.MarkDueReady(parts_.clock.unix_ms());
  if (blocked_.has_ready()) ServeReadyKeys();
  EndOverdueWaits();
  FlushReplies();
  EndPauseIfDue();
  if (parts_.clock.mono_us() >= next_cron_us_) Cron();
  if (more_expiry_ && !loading_) {
    const LatencyScope scope(latency_, LatencyEvent::kExpireCycle, parts_.clock.unix_seconds());
    more_expiry_ = active_expiry_.Run(kExpirySliceUs);
  }
  graveyard_.clear();
  // What nobody waits for: expiry and eviction.
  propagation_.Deliver();
  pager_.Kick();
}

void Engine::Cron() {
  const int64_t period_us = 1'000'000 / std::clamp(parts_.options.hz, 1, 500);
  const int64_t now_us = parts_.clock.mono_us();
  next_cron_us_ = now_us + period_us;
  const tiering::FlashStats store = parts_.store.Stats();
  parts_.limit.account().set_excluded_bytes(store.memory_bytes);
  if (pager_.enabled()) ObserveTier(store);
  parts_.limit.Refresh(now_us);
  parts_.keyspace.CollectReleasedLocators();
  // Where the limit was lowered, or the tier can help no more, keys are evicted though nobody writes.
  if (!loading_) static_cast<void>(memory_gate_.Check(fetched_bytes_));
  active_expiry_.Grant(period_us);
  more_expiry_ = true;
  const int64_t now_ms = parts_.clock.mono_ms();
  stats_.commands_rate.Sample(stats_.commands_processed, now_ms);
  stats_.input_rate.Sample(stats_.net_input_bytes, now_ms);
  stats_.output_rate.Sample(stats_.net_output_bytes, now_ms);
  stats_.loop_rate.Sample(stats_.loop_cycles, now_ms);
  if (now_us >= next_session_check_us_) {
    next_session_check_us_ = now_us + 1'000'000;
    CheckSessions();
  }
}

void Engine::ObserveTier(const tiering::FlashStats& store) {
  tier_monitor_.Observe({.room = parts_.store.room(),
                         .store = store,
                         .health = pager_.Health(),
                         .write_budget_bytes_per_second = parts_.tier_options.write_budget_bytes_per_second},
                        parts_.clock.mono_us());
}

void Engine::ResetStats() {
  stats_.Reset();
  stalls_.Reset(parts_.clock.mono_us());
  pager_.ResetStats();
}

void Engine::CheckSessions() {
  const int64_t idle_ms = int64_t{parts_.options.idle_timeout_seconds} * 1000;
  const int64_t now_ms = parts_.clock.unix_ms();
  std::vector<Session*> idle;
  std::vector<Session*> check;
  for (const auto& [id, session] : sessions_) {
    const bool parked = session->park_reason() != ParkReason::kNone;
    if (idle_ms > 0 && !parked && now_ms - session->state().last_active_unix_ms > idle_ms) {
      idle.push_back(session.get());
    } else if (parts_.options.output_limit_normal.soft_bytes != 0) {
      check.push_back(session.get());
    }
  }
  for (Session* session : idle) {
    parts_.log.Log(LogLevel::kVerbose, "Closing idle client id=" + std::to_string(session->id()));
    session->Close();
  }
  for (Session* session : check) session->EnforceOutputLimit();
}

}  // namespace tidemark::engine
