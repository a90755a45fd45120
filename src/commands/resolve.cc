#include "commands/resolve.h"

#include "commands/words.h"

namespace tidemark::commands {
namespace {

constexpr size_t kQuotedBytesMax = 128;

std::string UnknownCommand(std::span<const std::string_view> args) {
  std::string preview;
  for (const std::string_view arg : args.subspan(1)) {
    if (preview.size() >= kQuotedBytesMax) break;
    const size_t room = kQuotedBytesMax - preview.size();
    preview.append("'").append(Quotable(arg, room)).append("' ");
  }
  std::string text = "ERR unknown command '";
  text.append(Quotable(args[0], kQuotedBytesMax)).append("', with args beginning with: ").append(preview);
  return text;
}

std::string UnknownSubcommand(std::span<const std::string_view> args) {
  std::string text = "ERR unknown subcommand '";
  text.append(Quotable(args[1], kQuotedBytesMax)).append("'. Try ").append(Upper(args[0])).append(" HELP.");
  return text;
}

std::string WrongArity(const CommandSpec& spec) {
  std::string text = "ERR wrong number of arguments for '";
  text.append(spec.name).append("' command");
  return text;
}

}  // namespace

const CommandSpec* LookupSpec(std::span<const std::string_view> args) {
  const CommandSpec* spec = FindCommand(args[0]);
  if (spec == nullptr || spec->subcommands.empty() || args.size() < 2) return spec;
  return FindSubcommand(*spec, args[1]);
}

const CommandSpec* Resolve(std::span<const std::string_view> args, std::string& error) {
  const CommandSpec* spec = LookupSpec(args);
  if (spec == nullptr) [[unlikely]] {
    error = FindCommand(args[0]) == nullptr ? UnknownCommand(args) : UnknownSubcommand(args);
    return nullptr;
  }
  if (!ArityFits(*spec, args.size())) [[unlikely]] {
    error = WrongArity(*spec);
    return nullptr;
  }
  return spec;
}

}  // namespace tidemark::commands
