#include "commands/help.h"

#include <string>

#include "commands/words.h"

namespace tidemark::commands {

void ReplyHelp(Context& context, std::string_view container, std::initializer_list<std::string_view> lines) {
  context.reply.Array(lines.size() + 3);
  context.reply.Simple(std::string(container) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  for (const std::string_view line : lines) context.reply.Simple(line);
  context.reply.Simple("HELP");
  context.reply.Simple("    Show this text.");
}

void ReplySubcommandSyntaxError(Context& context) {
  std::string text = "ERR unknown subcommand or wrong number of arguments for '";
  text += Quotable(context.args[1], 128);
  text += "'. Try ";
  text += Quotable(Upper(context.args[0]));
  text += " HELP.";
  context.reply.Error(text);
}

}  // namespace tidemark::commands
