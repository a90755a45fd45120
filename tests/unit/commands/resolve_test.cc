// From words to a command: the errors that clients see when there is none.
#include "commands/resolve.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::commands {
namespace {

std::string ErrorOf(const std::vector<std::string_view>& args) {
  std::string error;
  EXPECT_EQ(Resolve(args, error), nullptr);
  return error;
}

TEST(Resolve, FindsCommandsAndSubcommands) {
  std::string error;
  const auto name_of = [&](const std::vector<std::string_view>& args) { return Resolve(args, error)->name; };
  EXPECT_EQ(name_of({"gEt", "k"}), "get");
  EXPECT_EQ(name_of({"client", "KILL", "x"}), "client|kill");
  EXPECT_EQ(name_of({"COMMAND"}), "command");
  EXPECT_EQ(name_of({"DEBUG", "anything"}), "debug");
  EXPECT_EQ(error, "");
}

TEST(Resolve, UnknownCommandShowsTheFirstArguments) {
  EXPECT_EQ(ErrorOf({"FOO"}), "ERR unknown command 'FOO', with args beginning with: ");
  EXPECT_EQ(ErrorOf({"FOO", "a", "b"}), "ERR unknown command 'FOO', with args beginning with: 'a' 'b' ");
  EXPECT_EQ(ErrorOf({"client|kill", "a"}), "ERR unknown command 'client|kill', with args beginning with: 'a' ");
}

TEST(Resolve, UnknownCommandCutsLongTexts) {
  const std::string long_text(200, 'x');
  const std::string cut(128, 'x');
  EXPECT_EQ(ErrorOf({long_text}), "ERR unknown command '" + cut + "', with args beginning with: ");
  EXPECT_EQ(ErrorOf({"f", long_text, "b"}), "ERR unknown command 'f', with args beginning with: '" + cut + "' ");
  const std::string hundred(100, 'a');
  EXPECT_EQ(ErrorOf({"f", hundred, long_text, "c"}),
            "ERR unknown command 'f', with args beginning with: '" + hundred + "' '" + std::string(25, 'x') + "' ");
}

TEST(Resolve, TextsEndAtAZeroByte) {
  EXPECT_EQ(ErrorOf({std::string_view("a\0b", 3), std::string_view("\0", 1)}),
            "ERR unknown command 'a', with args beginning with: '' ");
}

TEST(Resolve, UnknownSubcommandPointsToHelp) {
  EXPECT_EQ(ErrorOf({"cLient", "foo", "x"}), "ERR unknown subcommand 'foo'. Try CLIENT HELP.");
  EXPECT_EQ(ErrorOf({"tier", ""}), "ERR unknown subcommand ''. Try TIER HELP.");
}

TEST(Resolve, WrongArityNamesTheSubcommand) {
  EXPECT_EQ(ErrorOf({"GET"}), "ERR wrong number of arguments for 'get' command");
  EXPECT_EQ(ErrorOf({"CLIENT"}), "ERR wrong number of arguments for 'client' command");
  EXPECT_EQ(ErrorOf({"CLIENT", "KILL"}), "ERR wrong number of arguments for 'client|kill' command");
  EXPECT_EQ(ErrorOf({"OBJECT", "HELP", "x"}), "ERR wrong number of arguments for 'object|help' command");
}

}  // namespace
}  // namespace tidemark::commands
