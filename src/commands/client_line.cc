#include "commands/client_line.h"

#include <algorithm>
#include <string_view>

namespace tidemark::commands {
namespace {

class LineWriter {
 public:
  void Add(std::string_view name, std::string_view text) {
    if (!line_.empty()) line_ += ' ';
    line_.append(name).append("=").append(text);
  }
  void Add(std::string_view name, uint64_t value) { Add(name, std::to_string(value)); }
  std::string Take() { return std::move(line_); }

 private:
  std::string line_;
};

std::string FlagLetters(const ClientView& view) {
  std::string letters;
  if (view.queued_commands >= 0) letters += 'x';
  if (view.blocked) letters += 'b';
  if (view.closing || view.state->close_after_reply) letters += 'c';
  if (view.state->unix_socket) letters += 'U';
  if (view.state->no_evict) letters += 'e';
  if (view.state->no_touch) letters += 'T';
  return letters.empty() ? "N" : letters;
}

uint64_t SecondsSince(int64_t then_unix_ms, int64_t now_unix_ms) {
  return static_cast<uint64_t>(std::max<int64_t>(0, now_unix_ms - then_unix_ms) / 1000);
}

}  // namespace

// Replies wait in chunks that are counted as a list, so the fields of a fixed reply buffer (rbs, rbp, obl) are 0. There
// are no subscriptions or redirections, which their fields say too.
std::string DescribeClient(const ClientView& view, int64_t now_unix_ms) {
  const ClientState& state = *view.state;
  LineWriter line;
  line.Add("id", state.id);
  line.Add("addr", state.address);
  line.Add("laddr", state.local_address);
  line.Add("fd", std::to_string(state.fd));
  line.Add("name", state.name);
  line.Add("age", SecondsSince(state.created_unix_ms, now_unix_ms));
  line.Add("idle", SecondsSince(state.last_active_unix_ms, now_unix_ms));
  line.Add("flags", FlagLetters(view));
  line.Add("db", std::to_string(state.database));
  line.Add("sub", "0");
  line.Add("psub", "0");
  line.Add("ssub", "0");
  line.Add("multi", std::to_string(view.queued_commands));
  line.Add("watch", view.watched_keys);
  line.Add("qbuf", view.query_buffer_bytes);
  line.Add("qbuf-free", view.query_buffer_free);
  line.Add("argv-mem", view.args_bytes);
  line.Add("multi-mem", view.queued_bytes);
  line.Add("rbs", "0");
  line.Add("rbp", "0");
  line.Add("obl", "0");
  line.Add("oll", view.output_chunks);
  line.Add("omem", view.output_memory_bytes);
  line.Add("tot-mem", view.total_memory_bytes);
  line.Add("events", view.wants_write ? "rw" : "r");
  line.Add("cmd", state.last_command);
  line.Add("user", state.user);
  line.Add("redir", "-1");
  line.Add("resp", std::to_string(static_cast<int>(state.resp)));
  line.Add("lib-name", state.lib_name);
  line.Add("lib-ver", state.lib_version);
  return line.Take();
}

}  // namespace tidemark::commands
