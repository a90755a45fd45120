// LATENCY: what took long lately, and how long commands take.
#include <string>
#include <string_view>
#include <vector>

#include "commands/handlers.h"
#include "commands/help.h"
#include "commands/latency_control.h"
#include "commands/words.h"

namespace tidemark::commands {

void LatencyHelpCommand(Context& ctx) {
  ReplyHelp(ctx, "LATENCY",
            {"DOCTOR", "    What took long lately, and what may be done about it, for readers.", "GRAPH <event>",
             "    The samples of an event as a picture.", "HISTOGRAM [<command> ...]",
             "    How many calls of each command took at most so many microseconds; of all commands without names.",
             "HISTORY <event>", "    The samples of an event: Unix time, milliseconds.", "LATEST",
             "    Of each event: its name, the time and the duration of its last sample, its longest duration.",
             "RESET [<event> ...]", "    Forget the samples of these events, or of all."});
}

void LatencyHistoryCommand(Context& ctx) {
  const std::vector<LatencySample> history = ctx.server.latency().History(ctx.args[2]);
  ctx.reply.Array(history.size());
  for (const LatencySample& sample : history) {
    ctx.reply.Array(2);
    ctx.reply.Integer(sample.unix_seconds);
    ctx.reply.Integer(sample.milliseconds);
  }
}

void LatencyLatestCommand(Context& ctx) {
  const std::vector<LatencySeries> latest = ctx.server.latency().Latest();
  ctx.reply.Array(latest.size());
  for (const LatencySeries& series : latest) {
    ctx.reply.Array(4);
    ctx.reply.Bulk(series.event);
    ctx.reply.Integer(series.last.unix_seconds);
    ctx.reply.Integer(series.last.milliseconds);
    ctx.reply.Integer(series.worst_ms);
  }
}

void LatencyResetCommand(Context& ctx) {
  LatencyControl& latency = ctx.server.latency();
  int64_t forgotten = 0;
  if (ctx.args.size() == 2) {
    for (const LatencySeries& series : latency.Latest()) forgotten += latency.Reset(series.event) ? 1 : 0;
  }
  for (const std::string_view event : ctx.args.subspan(2)) forgotten += latency.Reset(event) ? 1 : 0;
  ctx.reply.Integer(forgotten);
}

void LatencyDoctorCommand(Context& ctx) {
  ctx.reply.Verbatim("txt", ctx.server.latency().Doctor());
}

void LatencyGraphCommand(Context& ctx) {
  const std::string graph = ctx.server.latency().Graph(ctx.args[2]);
  if (graph.empty()) {
    return ctx.reply.Error("ERR No samples available for event '" + std::string(Quotable(ctx.args[2])) + "'");
  }
  ctx.reply.Verbatim("txt", graph);
}

void LatencyHistogramCommand(Context& ctx) {
  std::vector<std::string> names;
  for (const std::string_view name : ctx.args.subspan(2)) names.push_back(Lower(name));
  const std::vector<CommandLatency> histograms = ctx.server.latency().Histograms(names);
  ctx.reply.Map(histograms.size());
  for (const CommandLatency& command : histograms) {
    ctx.reply.Bulk(command.name);
    ctx.reply.Map(2);
    ctx.reply.Bulk("calls");
    ctx.reply.Integer(static_cast<int64_t>(command.calls));
    ctx.reply.Bulk("histogram_usec");
    ctx.reply.Map(command.below_us.size());
    for (const auto& [microseconds, calls] : command.below_us) {
      ctx.reply.Integer(static_cast<int64_t>(microseconds));
      ctx.reply.Integer(static_cast<int64_t>(calls));
    }
  }
}

}  // namespace tidemark::commands
