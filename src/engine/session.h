// One client connection: bytes in, requests run by the engine, bytes out. A session whose next command must wait (for
// flash, for memory, for the end of a pause) is parked with the requests it has parsed; others go on. Main thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "commands/client_state.h"
#include "commands/services.h"
#include "engine/transaction.h"
#include "net/event_loop.h"
#include "net/listener.h"
#include "protocol/output_buffer.h"
#include "protocol/reply_writer.h"
#include "protocol/request_parser.h"
#include "tiering/pager/pager.h"

namespace tidemark::engine {

class Engine;

// kTurn: nothing to wait for but other clients' turn. kBlocked: a blocking command waits for a key.
enum class ParkReason : uint8_t { kNone, kFetch, kMemory, kPause, kTurn, kBlocked };

// What is known of a request before it runs.
struct PreparedRequest {
  const commands::CommandSpec* spec = nullptr;  // null: the error is made when its turn comes
  uint64_t first_key_hash = 0;
  uint32_t first_key_index = 0;
};

// The rest of a batch whose next request has to wait.
struct ParkedBatch {
  std::string bytes;  // what the arguments point into
  protocol::RequestBatch batch;
  std::vector<PreparedRequest> prepared;
  size_t next = 0;
};

class Session : public net::EventHandler {
 public:
  Session(Engine& engine, uint64_t id, net::AcceptedSocket socket);
  ~Session() override;

  uint64_t id() const { return state_.id; }
  commands::ClientState& state() { return state_; }
  const commands::ClientState& state() const { return state_; }
  protocol::ReplyWriter& reply() { return reply_; }
  bool closed() const { return closed_; }
  const commands::CommandSpec* last_spec() const { return last_spec_; }
  void set_last_spec(const commands::CommandSpec* spec) { last_spec_ = spec; }
  ParkReason park_reason() const { return park_reason_; }
  commands::ClientView View() const;
  uint64_t memory_bytes() const;

  Transaction& transaction() { return transaction_; }
  const Transaction& transaction() const { return transaction_; }

  // The arguments of the request that a parked session waits with.
  std::span<const std::string_view> ParkedArgs() const;
  // The request is answered; what is behind it has its turn as soon as the engine resumes the session.
  void EndWait();

  // Goes on with what was parked, then with what came in meanwhile.
  void Resume();
  // Sends what can be sent, closes if that was the last thing to do.
  void Flush();
  // Drops the connection; the engine deletes the session at the end of the turn.
  void Close();
  // Closes as soon as the replies written so far are sent.
  void CloseAfterReply() { state_.close_after_reply = true; }
  // Checks what may wait for a slow reader; closes the connection if it is too much.
  void EnforceOutputLimit();

  // Values fetched for the parked batch, by locator; null: asked for, and not there yet.
  using FetchedMap = std::unordered_map<uint64_t, std::shared_ptr<const tiering::FetchedValue>>;
  FetchedMap& fetched() { return fetched_; }
  // Of what the engine bounds, the share of this session.
  uint64_t& fetched_bytes() { return fetched_bytes_; }
  // Whether the command in front was let past the memory gate before its values were read; no longer so afterwards.
  bool TakeAdmission() { return std::exchange(admitted_, false); }
  void set_admitted(bool admitted) { admitted_ = admitted; }
  // Those that the command in front still lacks.
  std::vector<uint64_t>& awaited() { return awaited_; }
  // Hash of that command's first key.
  uint64_t waiting_key_hash() const { return waiting_key_hash_; }
  void set_waiting_key_hash(uint64_t hash) { waiting_key_hash_ = hash; }

  void OnEvents(uint32_t events) override;

 private:
  static constexpr size_t kMinPrivateRead = 16 * 1024;
  static constexpr size_t kHeldWhileFetching = 16 * 1024;  // of replies
  static constexpr size_t kMaxPrivateRead = 1024 * 1024;
  // Requests run before other clients get their turn.
  static constexpr size_t kWindow = 128;

  // Has the engine call Flush before it waits for events again.
  void FlushSoon();
  void OnEventsWhileParked(uint32_t events);
  void ReadInput();
  // Parses and runs requests at the front of `bytes`; returns how many bytes are done with.
  size_t Process(std::string_view bytes);
  void ProcessPending();
  void Park(protocol::RequestBatch& batch, size_t ran, std::string_view bytes, ParkReason reason);
  void FailProtocol();
  void WantEvents(uint32_t events);

  Engine& engine_;
  commands::ClientState state_;
  protocol::OutputBuffer output_;
  protocol::ReplyWriter reply_;
  protocol::RequestParser parser_;
  std::string pending_;  // input not yet parsed, in front of what comes next
  std::unique_ptr<ParkedBatch> parked_;
  ParkReason park_reason_ = ParkReason::kNone;
  FetchedMap fetched_;
  uint64_t fetched_bytes_ = 0;
  std::vector<uint64_t> awaited_;
  uint64_t waiting_key_hash_ = 0;
  const commands::CommandSpec* last_spec_ = nullptr;
  Transaction transaction_;
  uint32_t wanted_events_ = 0;
  int64_t over_soft_limit_since_ms_ = 0;
  bool admitted_ = false;
  bool closed_ = false;
  bool flush_scheduled_ = false;
};

}  // namespace tidemark::engine
