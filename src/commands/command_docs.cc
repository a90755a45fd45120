#include "commands/command_docs.h"

#include <algorithm>
#include <initializer_list>

#include "base/check.h"
#include "commands/words.h"

namespace tidemark::commands {
namespace {

constexpr std::string_view kPureToken = "pure-token";
constexpr std::string_view kTypes[] = {"string", "key", "integer", "double", "pattern", "unix-time", kPureToken};
constexpr std::string_view kOneOf = "oneof";
constexpr std::string_view kBlock = "block";

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}
bool IsTokenChar(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}
bool IsQuotedChar(char c) {
  return c != '\'';
}
bool IsVersionChar(char c) {
  return (c >= '0' && c <= '9') || c == '.';
}

// Recursive descent. Each Parse function consumes what it recognises and answers false where the grammar is broken.
class SyntaxParser {
 public:
  explicit SyntaxParser(std::string_view syntax) : rest_(syntax) {}

  bool ParseAll(std::vector<ArgumentDoc>& arguments) {
    return rest_.empty() || (ParseList(' ', arguments) && rest_.empty());
  }

 private:
  bool ParseList(char separator, std::vector<ArgumentDoc>& arguments) {
    do {
      if (!ParseArgument(arguments.emplace_back())) return false;
    } while (Accept(separator));
    return true;
  }

  bool ParseArgument(ArgumentDoc& argument) {
    if (Accept('\'')) {
      argument.token = TakeWhile(IsQuotedChar);
      argument.type = kPureToken;
      return Accept('\'') && ParseName(argument) && ParseSuffixes(argument);
    }
    if (!rest_.empty() && rest_[0] >= 'A' && rest_[0] <= 'Z') {
      argument.token = TakeWhile(IsTokenChar);
      if (!Accept('=')) {
        argument.type = kPureToken;
        argument.name = Lower(argument.token);
        return ParseSuffixes(argument);
      }
    }
    return ParseShape(argument) && ParseSuffixes(argument);
  }

  bool ParseShape(ArgumentDoc& argument) {
    if (Accept('(')) {
      argument.type = kOneOf;
      if (!ParseList('|', argument.parts) || !Accept(')')) return false;
    } else if (Accept('{')) {
      argument.type = kBlock;
      if (!ParseList(' ', argument.parts) || !Accept('}')) return false;
    }
    if (!ParseName(argument)) return false;
    if (!argument.type.empty()) return true;
    argument.type = Accept(':') ? TakeWhile(IsNameChar) : kTypes[0];
    return std::ranges::find(kTypes, argument.type) != std::end(kTypes);
  }

  bool ParseName(ArgumentDoc& argument) {
    argument.name = TakeWhile(IsNameChar);
    return !argument.name.empty();
  }

  bool ParseSuffixes(ArgumentDoc& argument) {
    for (;;) {
      if (Accept('?')) {
        argument.optional = true;
      } else if (Accept('*')) {
        argument.multiple = true;
      } else if (Accept('+')) {
        argument.multiple = argument.multiple_token = true;
      } else if (Accept('@')) {
        argument.since = TakeWhile(IsVersionChar);
      } else if (Accept('!')) {
        argument.deprecated_since = TakeWhile(IsVersionChar);
      } else {
        return rest_.empty() || std::string_view(" |)}").find(rest_[0]) != std::string_view::npos;
      }
    }
  }

  bool Accept(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  template <typename Predicate>
  std::string_view TakeWhile(Predicate accepts) {
    size_t bytes = 0;
    while (bytes < rest_.size() && accepts(rest_[bytes])) ++bytes;
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

  std::string_view rest_;
};

size_t CountNotEmpty(std::initializer_list<std::string_view> texts) {
  return static_cast<size_t>(std::ranges::count_if(texts, [](std::string_view text) { return !text.empty(); }));
}

class DocsWriter {
 public:
  explicit DocsWriter(protocol::ReplyWriter& reply) : reply_(reply) {}

  void WriteCommand(const CommandSpec& spec) {
    const auto arguments = ParseSyntax(spec.syntax);
    TIDEMARK_CHECK(arguments.has_value());
    const size_t bar = spec.deprecated.find('|');
    const std::string_view deprecated_since = spec.deprecated.substr(0, bar);
    const std::string_view replaced_by = spec.deprecated.empty() ? "" : spec.deprecated.substr(bar + 1);
    std::vector<std::string_view> flags;
    if (!spec.deprecated.empty()) flags.push_back("deprecated");
    ForEachItem(spec.doc_flags, ',', [&](std::string_view flag) { flags.push_back(flag); });

    reply_.Bulk(spec.name);
    reply_.Map(CountNotEmpty({spec.summary, spec.since, spec.group, spec.complexity, deprecated_since, replaced_by}) +
               !flags.empty() + !spec.history.empty() + !arguments->empty() + !spec.subcommands.empty());
    WriteText("summary", spec.summary);
    WriteText("since", spec.since);
    WriteText("group", spec.group);
    WriteText("complexity", spec.complexity);
    if (!flags.empty()) WriteFlags("doc_flags", flags);
    WriteText("deprecated_since", deprecated_since);
    WriteText("replaced_by", replaced_by);
    if (!spec.history.empty()) WriteHistory(spec.history);
    key_specs_ = spec.keys.size();
    next_key_spec_ = 0;
    if (!arguments->empty()) WriteArguments(*arguments);
    if (!spec.subcommands.empty()) {
      reply_.Bulk("subcommands");
      reply_.Map(spec.subcommands.size());
      for (const CommandSpec& subcommand : spec.subcommands) WriteCommand(subcommand);
    }
  }

 private:
  void WriteFlags(std::string_view field, const std::vector<std::string_view>& flags) {
    reply_.Bulk(field);
    reply_.Set(flags.size());
    for (const std::string_view flag : flags) reply_.Simple(flag);
  }

  void WriteHistory(std::string_view history) {
    reply_.Bulk("history");
    reply_.Set(static_cast<size_t>(std::ranges::count(history, '\n')) + 1);
    ForEachItem(history, '\n', [&](std::string_view line) {
      const size_t colon = line.find(": ");
      reply_.Array(2);
      reply_.Bulk(line.substr(0, colon));
      reply_.Bulk(line.substr(colon + 2));
    });
  }

  void WriteArguments(const std::vector<ArgumentDoc>& arguments) {
    reply_.Bulk("arguments");
    reply_.Array(arguments.size());
    for (const ArgumentDoc& argument : arguments) WriteArgument(argument);
  }

  void WriteArgument(const ArgumentDoc& argument) {
    const bool key = argument.type == "key";
    std::vector<std::string_view> flags;
    if (argument.optional) flags.push_back("optional");
    if (argument.multiple) flags.push_back("multiple");
    if (argument.multiple_token) flags.push_back("multiple_token");

    const std::string_view display_text = argument.parts.empty() ? std::string_view(argument.name) : "";
    reply_.Map(CountNotEmpty({argument.name, argument.type, display_text, argument.token, argument.since,
                              argument.deprecated_since}) +
               key + !flags.empty() + !argument.parts.empty());
    WriteText("name", argument.name);
    WriteText("type", argument.type);
    WriteText("display_text", display_text);
    if (key) {
      reply_.Bulk("key_spec_index");
      // Key arguments and key ranges go in the same order; the last range may hold several arguments.
      reply_.Integer(static_cast<int64_t>(std::min(next_key_spec_++, key_specs_ - 1)));
    }
    WriteText("token", argument.token);
    WriteText("since", argument.since);
    WriteText("deprecated_since", argument.deprecated_since);
    if (!flags.empty()) WriteFlags("flags", flags);
    if (!argument.parts.empty()) WriteArguments(argument.parts);
  }

  void WriteText(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    reply_.Bulk(name);
    reply_.Bulk(text);
  }

  protocol::ReplyWriter& reply_;
  size_t key_specs_ = 0;
  size_t next_key_spec_ = 0;
};

}  // namespace

std::optional<std::vector<ArgumentDoc>> ParseSyntax(std::string_view syntax) {
  std::vector<ArgumentDoc> arguments;
  if (!SyntaxParser(syntax).ParseAll(arguments)) return std::nullopt;
  return arguments;
}

void WriteCommandDocs(protocol::ReplyWriter& reply, const CommandSpec& spec) {
  DocsWriter(reply).WriteCommand(spec);
}

}  // namespace tidemark::commands
