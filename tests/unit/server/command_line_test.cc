// Goal: the command line of redis-server is understood: file or dash first, options with several values, values that
// look like options, name and value in one argument.
#include "server/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tidemark::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Words = std::vector<std::string>;

Result<StartupArguments> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "tidemark-server");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

std::vector<Words> OptionsOf(std::vector<const char*> arguments) {
  const Result<StartupArguments> parsed = Parse(std::move(arguments));
  EXPECT_TRUE(parsed.has_value());
  std::vector<Words> options;
  if (!parsed || parsed->sources.empty()) return options;
  for (const ConfigLine& line : parsed->sources.back().lines) options.push_back(line.words);
  return options;
}

TEST(CommandLine, AsksForVersionOrHelp) {
  for (const char* flag : {"-v", "--version"}) EXPECT_EQ(Parse({flag})->action, StartupAction::kShowVersion);
  for (const char* flag : {"-h", "--help"}) EXPECT_EQ(Parse({flag})->action, StartupAction::kShowHelp);
  EXPECT_THAT(VersionText(), HasSubstr(" v="));
  EXPECT_THAT(HelpText(), HasSubstr("Usage: tidemark-server"));
  EXPECT_THAT(HelpText(), HasSubstr("--port"));
}

TEST(CommandLine, NamesItsSources) {
  EXPECT_THAT(Parse({})->sources, IsEmpty());
  const auto file = Parse({"x.conf", "--port", "1"});
  ASSERT_EQ(file->sources.size(), 2u);
  EXPECT_EQ(file->sources[0].kind, SourceKind::kFile);
  EXPECT_EQ(file->sources[0].path, "x.conf");
  EXPECT_EQ(file->sources[1].kind, SourceKind::kCommandLine);
  const auto dash = Parse({"-", "--port", "1"});
  ASSERT_EQ(dash->sources.size(), 2u);
  EXPECT_EQ(dash->sources[0].kind, SourceKind::kStandardInput);
  const auto both = Parse({"x.conf", "--port", "1", "-"});
  ASSERT_EQ(both->sources.size(), 3u);
  EXPECT_EQ(both->sources[1].kind, SourceKind::kStandardInput);
  EXPECT_THAT(Parse({"x.conf", "y"}).error().message(), HasSubstr("Unexpected argument 'y'"));
}

TEST(CommandLine, GathersTheValuesOfOptions) {
  EXPECT_THAT(OptionsOf({"--port", "7000", "--bind", "127.0.0.1", "::1", "--maxmemory", "1gb"}),
              ElementsAre(Words{"port", "7000"}, Words{"bind", "127.0.0.1", "::1"}, Words{"maxmemory", "1gb"}));
  EXPECT_THAT(OptionsOf({"--save", "", "--port", "1"}), ElementsAre(Words{"save", ""}, Words{"port", "1"}));
  EXPECT_THAT(OptionsOf({"--save", "--port", "1"}), ElementsAre(Words{"save", ""}, Words{"port", "1"}));
  EXPECT_THAT(OptionsOf({"--port", "1", "--save"}), ElementsAre(Words{"port", "1"}, Words{"save", ""}));
  EXPECT_THAT(OptionsOf({"--port 7000", "--hz", "5"}), ElementsAre(Words{"port", "7000"}, Words{"hz", "5"}));
  EXPECT_THAT(OptionsOf({"--requirepass", "--secret", "--hz", "5"}),
              ElementsAre(Words{"requirepass", "--secret"}, Words{"hz", "5"}));
  EXPECT_THAT(OptionsOf({"--requirepass", "a b\"c"}), ElementsAre(Words{"requirepass", "a b\"c"}));
  EXPECT_THAT(OptionsOf({"--tcp-keepalive", "-1"}), ElementsAre(Words{"tcp-keepalive", "-1"}));
  EXPECT_THAT(OptionsOf({"--databases"}), ElementsAre(Words{"databases"}));
}

}  // namespace
}  // namespace tidemark::server
