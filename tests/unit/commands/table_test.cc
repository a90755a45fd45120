// The command table: it holds together, every name is found in any case, and keys are where the table says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "commands/command_docs.h"
#include "commands/command_names.h"
#include "commands/command_spec.h"
#include "commands/folded_name.h"
#include "commands/resolve.h"
#include "commands/words.h"

namespace tidemark::commands {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<const CommandSpec*> AllSpecs() {
  std::vector<const CommandSpec*> all;
  for (const CommandSpec& spec : CommandTable()) {
    all.push_back(&spec);
    for (const CommandSpec& subcommand : spec.subcommands) all.push_back(&subcommand);
  }
  return all;
}

std::string MixedCase(std::string_view name) {
  std::string mixed(name);
  for (size_t i = 0; i < mixed.size(); i += 2) mixed[i] = ToUpper(mixed[i]);
  return mixed;
}

TEST(CommandTable, IsSortedAndNamesAreUnique) {
  EXPECT_TRUE(std::ranges::is_sorted(CommandTable(), {}, &CommandSpec::name));
  std::set<std::string_view> names;
  for (const CommandSpec* spec : AllSpecs()) EXPECT_TRUE(names.insert(spec->name).second) << spec->name;
}

TEST(CommandTable, EverySpecIsComplete) {
  for (const CommandSpec* spec : AllSpecs()) {
    SCOPED_TRACE(spec->name);
    EXPECT_EQ(spec->name, Lower(spec->name));
    EXPECT_TRUE(spec->function != nullptr || !spec->subcommands.empty());
    EXPECT_NE(spec->arity, 0);
    EXPECT_FALSE(spec->summary.empty());
    EXPECT_FALSE(spec->group.empty());
    EXPECT_FALSE(spec->since.empty());
    EXPECT_FALSE(spec->flags.Has(Flag::kWrite) && spec->flags.Has(Flag::kReadonly));
    for (const CommandSpec& subcommand : spec->subcommands) {
      EXPECT_TRUE(subcommand.name.starts_with(std::string(spec->name) + "|")) << subcommand.name;
      EXPECT_TRUE(subcommand.subcommands.empty());
    }
    // Redis gave HIMPORT none.
    if (!spec->subcommands.empty() && spec->name != "himport") {
      EXPECT_NE(FindSubcommand(*spec, "help"), nullptr);
    }
  }
}

// Fewest and most arguments that the documented syntax allows; `unbounded` if there is no most.
struct ArgumentCount {
  size_t least = 0;
  size_t most = 0;
  bool unbounded = false;
};

ArgumentCount CountOf(const ArgumentDoc& argument);

ArgumentCount CountOfAll(const std::vector<ArgumentDoc>& arguments) {
  ArgumentCount total;
  for (const ArgumentDoc& argument : arguments) {
    const ArgumentCount one = CountOf(argument);
    total.least += one.least;
    total.most += one.most;
    total.unbounded = total.unbounded || one.unbounded;
  }
  return total;
}

ArgumentCount CountOf(const ArgumentDoc& argument) {
  ArgumentCount count{1, 1, false};
  if (argument.type == "block") {
    count = CountOfAll(argument.parts);
  } else if (argument.type == "oneof") {
    count = CountOf(argument.parts[0]);
    for (const ArgumentDoc& part : argument.parts) {
      const ArgumentCount one = CountOf(part);
      count.least = std::min(count.least, one.least);
      count.most = std::max(count.most, one.most);
      count.unbounded = count.unbounded || one.unbounded;
    }
  }
  if (!argument.token.empty() && argument.type != "pure-token") {
    ++count.least;
    ++count.most;
  }
  if (argument.optional) count.least = 0;
  if (argument.multiple) count.unbounded = true;
  return count;
}

TEST(CommandTable, ArityAgreesWithTheSyntax) {
  // The arity of these says less than their syntax: the function looks closer. Those of COMMAND want a command that has
  // an argument, since one without has no keys. GEOSEARCH needs no center for the longest of its shapes alone.
  const std::set<std::string_view> loose = {
      "auth",        "ping",      "quit",          "debug", "command|getkeys", "command|getkeysandflags",
      "client|kill", "geosearch", "geosearchstore"};
  for (const CommandSpec* spec : AllSpecs()) {
    if (loose.contains(spec->name)) continue;
    SCOPED_TRACE(spec->name);
    const auto arguments = ParseSyntax(spec->syntax);
    ASSERT_TRUE(arguments.has_value()) << spec->syntax;
    const ArgumentCount count = CountOfAll(*arguments);
    const size_t words = 1 + static_cast<size_t>(std::ranges::count(spec->name, '|'));
    if (!spec->subcommands.empty()) {
      EXPECT_EQ(spec->arity, spec->function == nullptr ? -2 : -1);
    } else if (count.least == count.most && !count.unbounded) {
      EXPECT_EQ(spec->arity, static_cast<int>(count.least + words));
    } else {
      EXPECT_EQ(spec->arity, -static_cast<int>(count.least + words));
    }
  }
}

TEST(CommandTable, KeysAreWithinTheArity) {
  for (const CommandSpec* spec : AllSpecs()) {
    SCOPED_TRACE(spec->name);
    for (const KeyRange& range : spec->keys) {
      EXPECT_FALSE(range.flags.empty());
      EXPECT_EQ(range.search == KeySearch::kKeyword, !range.keyword.empty());
      // Words are looked for wherever they may be.
      if (range.search == KeySearch::kKeyword || range.search == KeySearch::kUnknown) continue;
      EXPECT_GE(range.first, 1);
      EXPECT_GE(range.step, 1);
      // A range up to the last argument may be empty.
      EXPECT_LT(range.first, std::abs(spec->arity) + (range.last < 0 ? 1 : 0));
      EXPECT_LT(range.last, std::abs(spec->arity));
    }
    const bool touches_data = spec->flags.Has(Flag::kWrite) || spec->flags.Has(Flag::kReadonly);
    // WATCH names keys and looks at none.
    EXPECT_TRUE(spec->keys.empty() || touches_data || spec->name == "watch");
  }
}

TEST(FindCommand, FindsEveryNameInAnyCase) {
  for (const CommandSpec& spec : CommandTable()) {
    EXPECT_EQ(FindCommand(spec.name), &spec);
    EXPECT_EQ(FindCommand(Upper(spec.name)), &spec);
    EXPECT_EQ(FindCommand(MixedCase(spec.name)), &spec);
    for (const CommandSpec& subcommand : spec.subcommands) {
      const std::string_view word = subcommand.name.substr(spec.name.size() + 1);
      EXPECT_EQ(FindSubcommand(spec, word), &subcommand);
      EXPECT_EQ(FindSubcommand(spec, MixedCase(word)), &subcommand);
    }
  }
}

TEST(FindCommand, FindsNothingElse) {
  EXPECT_EQ(FindCommand(""), nullptr);
  EXPECT_EQ(FindCommand("ge"), nullptr);
  EXPECT_EQ(FindCommand("gett"), nullptr);
  EXPECT_EQ(FindCommand("client|kill"), nullptr);
  EXPECT_EQ(FindCommand(std::string_view("get\0", 4)), nullptr);
  EXPECT_EQ(FindCommand(std::string_view("\0", 1)), nullptr);
  EXPECT_EQ(FindCommand(std::string(1000, 'g')), nullptr);
  EXPECT_EQ(FindCommand("GE\xd4"), nullptr);  // 'T' with the top bit set
  EXPECT_EQ(FindSubcommand(*FindCommand("client"), ""), nullptr);
  EXPECT_EQ(FindSubcommand(*FindCommand("client"), "client|kill"), nullptr);
  EXPECT_EQ(FindSubcommand(*FindCommand("get"), "x"), nullptr);
}

TEST(FoldedName, FoldsLettersAndNothingElse) {
  for (int c = 0; c < 256; ++c) {
    for (const size_t bytes : {1u, 2u, 3u, 4u, 7u, 8u, 11u, 16u, 17u, 24u}) {
      const std::string name(bytes, static_cast<char>(c));
      const std::string lower = Lower(name);
      EXPECT_EQ(FoldedName::Of(name), FoldedName::Of(lower)) << c;
      const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      EXPECT_EQ(FoldedName::Of(name) == FoldedName::Of(std::string(bytes, static_cast<char>(c ^ 0x20))), letter) << c;
    }
  }
}

std::vector<std::pair<size_t, KeyNeed>> KeysOf(const std::vector<std::string_view>& args) {
  std::string error;
  const CommandSpec* spec = Resolve(args, error);
  EXPECT_NE(spec, nullptr) << error;
  std::vector<KeyArgument> keys;
  CollectKeys(*spec, args, keys);
  std::vector<std::pair<size_t, KeyNeed>> pairs;
  for (const KeyArgument key : keys) pairs.emplace_back(key.index, key.need);
  return pairs;
}

auto Key(size_t index, KeyNeed need) {
  return ::testing::Pair(index, need);
}

TEST(CollectKeys, FollowsRanges) {
  EXPECT_THAT(KeysOf({"PING"}), IsEmpty());
  EXPECT_THAT(KeysOf({"GET", "a"}), ElementsAre(Key(1, KeyNeed::kString)));
  EXPECT_THAT(KeysOf({"MGET", "a", "b", "c"}),
              ElementsAre(Key(1, KeyNeed::kString), Key(2, KeyNeed::kString), Key(3, KeyNeed::kString)));
  EXPECT_THAT(KeysOf({"MSET", "a", "1", "b", "2"}), ElementsAre(Key(1, KeyNeed::kNothing), Key(3, KeyNeed::kNothing)));
  EXPECT_THAT(KeysOf({"MSETNX", "a", "1", "b"}), ElementsAre(Key(1, KeyNeed::kMetadata), Key(3, KeyNeed::kMetadata)));
  EXPECT_THAT(KeysOf({"MSETEX", "2", "a", "1", "b", "2", "EX", "9"}),
              ElementsAre(Key(2, KeyNeed::kNothing), Key(4, KeyNeed::kNothing)));
  EXPECT_THAT(KeysOf({"MSETEX", "1", "a", "1", "EX", "9", "nx"}), ElementsAre(Key(2, KeyNeed::kMetadata)));
  EXPECT_THAT(KeysOf({"MSETEX", "2", "a", "1", "b"}), IsEmpty());
  EXPECT_THAT(KeysOf({"HIMPORT", "SET", "k", "f", "v"}), ElementsAre(Key(2, KeyNeed::kMetadata)));
  EXPECT_THAT(KeysOf({"DEL", "a", "b"}), ElementsAre(Key(1, KeyNeed::kNothing), Key(2, KeyNeed::kNothing)));
  EXPECT_THAT(KeysOf({"COPY", "a", "b"}), ElementsAre(Key(1, KeyNeed::kValue), Key(2, KeyNeed::kNothing)));
  EXPECT_THAT(KeysOf({"RENAME", "a", "b"}), ElementsAre(Key(1, KeyNeed::kMetadata), Key(2, KeyNeed::kNothing)));
  EXPECT_THAT(KeysOf({"LCS", "a", "b", "LEN"}), ElementsAre(Key(1, KeyNeed::kString), Key(2, KeyNeed::kString)));
  EXPECT_THAT(KeysOf({"OBJECT", "FREQ", "k"}), ElementsAre(Key(2, KeyNeed::kMetadata)));
  EXPECT_THAT(KeysOf({"memory", "usage", "k", "SAMPLES", "5"}), ElementsAre(Key(2, KeyNeed::kMetadata)));
  EXPECT_THAT(KeysOf({"TIER", "LOAD", "a", "b"}), ElementsAre(Key(2, KeyNeed::kValue), Key(3, KeyNeed::kValue)));
  EXPECT_THAT(KeysOf({"APPEND", "a", "b"}), ElementsAre(Key(1, KeyNeed::kValue)));
}

TEST(CollectKeys, SetNeedsTheOldValueOnlyIfItAnswersOrComparesIt) {
  EXPECT_THAT(KeysOf({"SET", "k", "get"}), ElementsAre(Key(1, KeyNeed::kNothing)));
  EXPECT_THAT(KeysOf({"SET", "k", "v", "EX", "10"}), ElementsAre(Key(1, KeyNeed::kNothing)));
  EXPECT_THAT(KeysOf({"SET", "k", "v", "nx"}), ElementsAre(Key(1, KeyNeed::kMetadata)));
  EXPECT_THAT(KeysOf({"SET", "k", "v", "EX", "10", "XX"}), ElementsAre(Key(1, KeyNeed::kMetadata)));
  EXPECT_THAT(KeysOf({"SET", "k", "v", "NX", "Get"}), ElementsAre(Key(1, KeyNeed::kValue)));
  for (const std::string_view condition : {"IFEQ", "IFNE", "IFDEQ", "IFDNE"}) {
    EXPECT_THAT(KeysOf({"SET", "k", "v", condition, "nx"}), ElementsAre(Key(1, KeyNeed::kValue)));
  }
  EXPECT_THAT(KeysOf({"DELEX", "k"}), ElementsAre(Key(1, KeyNeed::kNothing)));
  EXPECT_THAT(KeysOf({"DELEX", "k", "ifdeq", "0"}), ElementsAre(Key(1, KeyNeed::kValue)));
}

TEST(CollectKeys, AppendsBehindWhatIsThere) {
  const std::vector<std::string_view> args = {"SET", "k", "v", "GET"};
  std::vector<KeyArgument> keys = {{5, KeyNeed::kNothing}};
  CollectKeys(*FindCommand("set"), args, keys);
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].need, KeyNeed::kNothing);
  EXPECT_EQ(keys[1].need, KeyNeed::kValue);
}

TEST(AclCategories, AddsThoseThatFlagsImply) {
  EXPECT_THAT(AclCategories(*FindCommand("get")), ElementsAre("read", "string", "fast"));
  EXPECT_THAT(AclCategories(*FindCommand("shutdown")), ElementsAre("admin", "slow", "dangerous"));
  EXPECT_THAT(AclCategories(*FindCommand("flushall")), ElementsAre("keyspace", "write", "slow", "dangerous"));
}

}  // namespace
}  // namespace tidemark::commands
