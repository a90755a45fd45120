// Goal: conf/tidemark.conf and the table of directives say the same. Each directive that is not hidden is in the file,
// each directive of the file is in the table, and the default that the file shows is the table's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <map>
#include <string>
#include <vector>

#include "base/quoting.h"
#include "server/config.h"
#include "server/config_source.h"

namespace tidemark::server {
namespace {

const std::string kFile = std::string(TIDEMARK_SOURCE_DIR) + "/conf/tidemark.conf";

// The lines "#name value": directives at their defaults.
std::vector<std::string> DefaultLines() {
  const Result<std::string> text = ReadWholeFile(kFile);
  EXPECT_TRUE(text.has_value());
  std::vector<std::string> lines;
  std::string line;
  for (const char c : *text) {
    if (c != '\n') {
      line.push_back(c);
      continue;
    }
    if (line.size() > 1 && line[0] == '#' && std::isalpha(static_cast<unsigned char>(line[1])) != 0) {
      lines.push_back(line.substr(1));
    }
    line.clear();
  }
  return lines;
}

std::map<std::string, const Directive*> ByName(const ServerConfig& config) {
  std::map<std::string, const Directive*> directives;
  for (const Directive& directive : config.table().directives()) {
    directives.emplace(directive.name, &directive);
  }
  return directives;
}

TEST(ConfFile, ShowsTheDefaultsOfTheTable) {
  const ServerConfig config;
  const auto directives = ByName(config);
  std::map<std::string, std::string> shown;  // a directive may be shown on several lines
  for (const std::string& line : DefaultLines()) {
    const auto words = SplitWords(line);
    ASSERT_TRUE(words.has_value()) << line;
    const auto at = directives.find((*words)[0]);
    ASSERT_NE(at, directives.end()) << "no such directive: " << line;
    const Directive& directive = *at->second;
    const std::vector<std::string> values(words->begin() + 1, words->end());
    const auto value = directive.type->Parse({values, shown[(*words)[0]], true});
    ASSERT_TRUE(value.has_value()) << line << ": " << value.error().message();
    shown[(*words)[0]] = *value;
  }
  for (const auto& [name, value] : shown) {
    EXPECT_EQ(value, ServerConfig::DefaultOf(*directives.at(name)))
        << "conf/tidemark.conf shows another default of " << name;
  }
}

TEST(ConfFile, NamesEveryDirective) {
  const ServerConfig config;
  std::map<std::string, int> named;
  for (const std::string& line : DefaultLines()) ++named[(*SplitWords(line))[0]];
  const Result<std::string> text = ReadWholeFile(kFile);
  ASSERT_TRUE(text.has_value());
  for (const ConfigLine& line : ReadLines(*text)) ++named[line.words[0]];
  std::string missing;
  for (const Directive& directive : config.table().directives()) {
    if (directive.hidden || named.contains(std::string(directive.name))) continue;
    for (const std::string& form : directive.type->FileForms(ServerConfig::DefaultOf(directive))) {
      missing += "#" + std::string(directive.name) + " " + form + "\n";
    }
  }
  EXPECT_EQ(missing, "") << "conf/tidemark.conf lacks these lines";
}

TEST(ConfFile, IsReadWithTheTierOn) {
  ServerConfig config;
  const Status loaded = config.Load({SourceKind::kFile, kFile, {}});
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_TRUE(config.options().tier.enabled);
  EXPECT_FALSE(config.IsGiven("maxmemory"));
  config.ApplyDerivedDefaults(1000 << 20);
  EXPECT_EQ(config.options().engine.maxmemory, uint64_t{600} << 20);
  EXPECT_THAT(config.notices(), testing::ElementsAre(testing::HasSubstr("maxmemory is not set")));
}

}  // namespace
}  // namespace tidemark::server
