// The grammar of argument syntax, and COMMAND's replies.
#include "commands/command_docs.h"

#include <gtest/gtest.h>

#include <tuple>

#include "fakes.h"

namespace tidemark::commands {
namespace {

using fakes::Harness;

TEST(ParseSyntax, ReadsNamesTypesAndTokens) {
  const auto arguments = ParseSyntax("key:key value EX=seconds:integer?@2.6.12 KEEPTTL PREFIX=p+ old!1.0");
  ASSERT_TRUE(arguments.has_value());
  ASSERT_EQ(arguments->size(), 6u);
  const auto& [key, value, ex, keep, prefix, old] =
      std::tie((*arguments)[0], (*arguments)[1], (*arguments)[2], (*arguments)[3], (*arguments)[4], (*arguments)[5]);
  EXPECT_EQ(key.name, "key");
  EXPECT_EQ(key.type, "key");
  EXPECT_EQ(value.type, "string");
  EXPECT_EQ(ex.token, "EX");
  EXPECT_EQ(ex.name, "seconds");
  EXPECT_EQ(ex.type, "integer");
  EXPECT_EQ(ex.since, "2.6.12");
  EXPECT_TRUE(ex.optional);
  EXPECT_FALSE(ex.multiple);
  EXPECT_EQ(keep.name, "keepttl");
  EXPECT_EQ(keep.token, "KEEPTTL");
  EXPECT_EQ(keep.type, "pure-token");
  EXPECT_TRUE(prefix.multiple);
  EXPECT_TRUE(prefix.multiple_token);
  EXPECT_EQ(old.deprecated_since, "1.0");
}

TEST(ParseSyntax, ReadsNestedParts) {
  const auto arguments = ParseSyntax("{key:key value}data* ((A|B=b:integer)inner?|C)outer");
  ASSERT_TRUE(arguments.has_value());
  ASSERT_EQ(arguments->size(), 2u);
  const ArgumentDoc& block = (*arguments)[0];
  EXPECT_EQ(block.type, "block");
  EXPECT_TRUE(block.multiple);
  EXPECT_EQ(block.parts.size(), 2u);
  const ArgumentDoc& outer = (*arguments)[1];
  EXPECT_EQ(outer.type, "oneof");
  EXPECT_EQ(outer.name, "outer");
  ASSERT_EQ(outer.parts.size(), 2u);
  EXPECT_EQ(outer.parts[0].name, "inner");
  EXPECT_TRUE(outer.parts[0].optional);
  EXPECT_EQ(outer.parts[0].parts[1].token, "B");
}

TEST(ParseSyntax, RefusesWhatBreaksTheGrammar) {
  for (const char* syntax :
       {"(a|b", "(a|b)", "{a b", "a:nosuchtype", "a  b", "a ", " a", "a)", "A=", "a%", "(a)x)", "key:", "="}) {
    EXPECT_FALSE(ParseSyntax(syntax).has_value()) << syntax;
  }
  EXPECT_TRUE(ParseSyntax("").has_value());
}

TEST(Command, DocsHasTheArgumentsOfACommand) {
  Harness harness;
  const std::string reply = harness.Run("COMMAND DOCS move nosuch");
  EXPECT_TRUE(reply.starts_with("*2\r\n$4\r\nmove\r\n*10\r\n$7\r\nsummary\r\n")) << reply;
  EXPECT_TRUE(reply.ends_with(
      "$9\r\narguments\r\n*2\r\n"
      "*8\r\n$4\r\nname\r\n$3\r\nkey\r\n$4\r\ntype\r\n$3\r\nkey\r\n$12\r\ndisplay_text\r\n$3\r\nkey\r\n"
      "$14\r\nkey_spec_index\r\n:0\r\n"
      "*6\r\n$4\r\nname\r\n$2\r\ndb\r\n$4\r\ntype\r\n$7\r\ninteger\r\n$12\r\ndisplay_text\r\n$2\r\ndb\r\n"))
      << reply;
}

TEST(Command, InfoInResp3) {
  Harness harness;
  harness.Run("HELLO 3");
  EXPECT_EQ(harness.Run("COMMAND INFO get nosuch"),
            "*2\r\n*10\r\n$3\r\nget\r\n:2\r\n~2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n~3\r\n+@read\r\n+@"
            "string\r\n+@fast\r\n"
            "~0\r\n~1\r\n%3\r\n$5\r\nflags\r\n~2\r\n+RO\r\n+access\r\n$12\r\nbegin_search\r\n%2\r\n$4\r\ntype\r\n$"
            "5\r\nindex\r\n"
            "$4\r\nspec\r\n%1\r\n$5\r\nindex\r\n:1\r\n$9\r\nfind_keys\r\n%2\r\n$4\r\ntype\r\n$5\r\nrange\r\n$"
            "4\r\nspec\r\n%3\r\n"
            "$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n~0\r\n_\r\n");
}

TEST(Command, GetKeysAndFlagsOfSetDependOnItsOptions) {
  Harness harness;
  EXPECT_EQ(harness.Run("COMMAND GETKEYSANDFLAGS set a b"), "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+OW\r\n+update\r\n");
  EXPECT_EQ(harness.Run("COMMAND GETKEYSANDFLAGS set a b get"),
            "*1\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+update\r\n");
  EXPECT_EQ(harness.Run("COMMAND GETKEYS mset a 1 b 2"), "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  EXPECT_EQ(harness.Run("COMMAND GETKEYS object help"), "-ERR The command has no key arguments\r\n");
  EXPECT_EQ(harness.Run("COMMAND GETKEYS object nosuch"), "-ERR Invalid command specified\r\n");
  EXPECT_EQ(harness.Run("COMMAND GETKEYS get a b"), "-ERR Invalid number of arguments specified for command\r\n");
}

TEST(Command, ListFilters) {
  Harness harness;
  EXPECT_EQ(harness.Run("COMMAND LIST FILTERBY PATTERN CLIENT|I*"), "*2\r\n$9\r\nclient|id\r\n$11\r\nclient|info\r\n");
  EXPECT_EQ(harness.Run("COMMAND LIST FILTERBY MODULE x"), "*0\r\n");
  EXPECT_EQ(harness.Run("COMMAND LIST FILTERBY ACLCAT nosuch"), "*0\r\n");
  EXPECT_EQ(harness.Run("COMMAND LIST FILTERBY x y"), "-ERR syntax error\r\n");
  EXPECT_EQ(harness.Run("COMMAND LIST FILTERBY"), "-ERR syntax error\r\n");
}

}  // namespace
}  // namespace tidemark::commands
