// Commands about the server as a whole: INFO, TIME, SHUTDOWN, LOLWUT.
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/version.h"
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/words.h"

namespace tidemark::commands {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

// A tide coming in: rows of water under a shore line of three waves, each seed another sea.
std::string DrawTide(uint64_t seed) {
  constexpr int kColumns = 64;
  constexpr int kRows = 8;
  static constexpr std::string_view kWater[] = {"~", "-", ".", " "};
  const double phase = static_cast<double>(seed % 1000) / 1000 * 2 * M_PI;
  std::string picture;
  for (int row = 0; row < kRows; ++row) {
    std::string line;
    for (int column = 0; column < kColumns; ++column) {
      const double x = column;
      const double shore = kRows / 2.5 + 1.6 * std::sin(x / 9 + phase) + 0.9 * std::sin(x / 4 - 2 * phase) +
                           0.4 * std::sin(x / 2 + 3 * phase);
      const int depth = static_cast<int>(std::floor(row - shore));
      line += depth < 0 ? " " : kWater[static_cast<size_t>(depth / 2) % std::size(kWater)];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    picture += line + "\n";
  }
  return picture;
}

}  // namespace

void InfoCommand(Context& ctx) {
  std::vector<std::string> sections;
  for (const std::string_view section : ctx.args.subspan(1)) sections.push_back(Lower(section));
  if (sections.empty()) sections.emplace_back("default");
  ctx.reply.Verbatim("txt", ctx.server.Info(sections));
}

void TimeCommand(Context& ctx) {
  const int64_t now_us = ctx.keyspace.clock().unix_us();
  ctx.reply.Array(2);
  ctx.reply.BulkInteger(now_us / kMicrosPerSecond);
  ctx.reply.BulkInteger(now_us % kMicrosPerSecond);
}

void ShutdownCommand(Context& ctx) {
  ShutdownRequest request;
  for (const std::string_view option : ctx.args.subspan(1)) {
    if (IsWord(option, "nosave")) {
      request.no_save = true;
    } else if (IsWord(option, "save")) {
      request.save = true;
    } else if (IsWord(option, "now")) {
      request.now = true;
    } else if (IsWord(option, "force")) {
      request.force = true;
    } else if (IsWord(option, "abort")) {
      request.abort = true;
    } else {
      return ctx.reply.Error(errors::kSyntax);
    }
  }
  const bool other_option = request.no_save || request.save || request.now || request.force;
  if ((request.abort && other_option) || (request.save && request.no_save)) return ctx.reply.Error(errors::kSyntax);
  const Status done = ctx.server.Shutdown(request);
  if (!done.ok()) return ctx.reply.Error(done.message());
  if (request.abort) return ctx.reply.Ok();
  ctx.client.close_now = true;
}

// VERSION and the numbers after it choose among the pictures of Redis; here there is one, and they are checked only.
void LolwutCommand(Context& ctx) {
  uint64_t seed = ctx.keyspace.random().Next();
  if (ctx.args.size() > 2 && IsWord(ctx.args[1], "version")) {
    for (size_t i = 2; i < ctx.args.size(); ++i) {
      const std::optional<int> number = IntArgument(ctx, i);
      if (!number) return;
      if (i > 2) seed = static_cast<uint64_t>(*number);
    }
  }
  ctx.reply.Verbatim("txt", DrawTide(seed) + "\nThe tide comes in. Tidemark ver. " + std::string(Version()) + "\n");
}

}  // namespace tidemark::commands
