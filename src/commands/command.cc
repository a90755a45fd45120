// COMMAND: what the table says of the commands.
#include <algorithm>

#include "base/glob.h"
#include "commands/arguments.h"
#include "commands/command_docs.h"
#include "commands/command_names.h"
#include "commands/command_spec.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/help.h"
#include "commands/resolve.h"
#include "commands/words.h"

namespace tidemark::commands {
namespace {

// The command that "name" or "container|subcommand" means, in any case.
const CommandSpec* FindByFullName(std::string_view name) {
  const size_t bar = name.find('|');
  const CommandSpec* spec = FindCommand(name.substr(0, bar));
  if (spec == nullptr || bar == std::string_view::npos) return spec;
  return FindSubcommand(*spec, name.substr(bar + 1));
}

template <typename Visit>
void ForEachSpec(Visit&& visit) {
  for (const CommandSpec& spec : CommandTable()) {
    visit(spec);
    for (const CommandSpec& subcommand : spec.subcommands) visit(subcommand);
  }
}

class InfoWriter {
 public:
  explicit InfoWriter(protocol::ReplyWriter& reply) : reply_(reply) {}

  void WriteSpec(const CommandSpec& spec) {
    reply_.Array(10);
    reply_.Bulk(spec.name);
    reply_.Integer(spec.arity);
    WriteSimpleSet(FlagNames(spec.flags));
    // The old form knows only keys at fixed places.
    const KeyRange* first = nullptr;
    const KeyRange* last = nullptr;
    for (const KeyRange& range : spec.keys) {
      if (range.search != KeySearch::kIndex) continue;
      if (first == nullptr) first = &range;
      last = &range;
    }
    reply_.Integer(first != nullptr ? first->first : 0);
    reply_.Integer(last != nullptr ? last->last : 0);
    reply_.Integer(first != nullptr ? first->step : 0);
    WriteCategories(spec);
    WriteTips(spec);
    reply_.Set(spec.keys.size());
    for (const KeyRange& range : spec.keys) WriteKeyRange(range);
    reply_.Set(spec.subcommands.size());
    for (const CommandSpec& subcommand : spec.subcommands) WriteSpec(subcommand);
  }

 private:
  void WriteSimpleSet(const std::vector<std::string_view>& items) {
    reply_.Set(items.size());
    for (const std::string_view item : items) reply_.Simple(item);
  }

  void WriteCategories(const CommandSpec& spec) {
    const std::vector<std::string_view> categories = AclCategories(spec);
    reply_.Set(categories.size());
    for (const std::string_view category : categories) reply_.Simple("@" + std::string(category));
  }

  void WriteTips(const CommandSpec& spec) {
    reply_.Set(CountItems(spec.tips));
    ForEachItem(spec.tips, ',', [&](std::string_view tip) { reply_.Bulk(tip); });
  }

  void WriteKeyRange(const KeyRange& range) {
    reply_.Map(range.notes.empty() ? 3 : 4);
    if (!range.notes.empty()) {
      reply_.Bulk("notes");
      reply_.Bulk(range.notes);
    }
    reply_.Bulk("flags");
    reply_.Set(CountItems(range.flags));
    ForEachItem(range.flags, ',', [&](std::string_view flag) { reply_.Simple(flag); });

    WriteBeginSearch(range);
    WriteFindKeys(range);
  }

  void WriteBeginSearch(const KeyRange& range) {
    reply_.Bulk("begin_search");
    switch (range.search) {
      case KeySearch::kIndex:
      case KeySearch::kCount:
        WriteTypeAndSpecHeader("index", 1);
        WriteField("index", range.first);
        return;
      case KeySearch::kKeyword:
        WriteTypeAndSpecHeader("keyword", 2);
        reply_.Bulk("keyword");
        reply_.Bulk(range.keyword);
        WriteField("startfrom", range.first);
        return;
      case KeySearch::kUnknown:
        WriteTypeAndSpecHeader("unknown", 0);
        return;
    }
  }

  void WriteFindKeys(const KeyRange& range) {
    reply_.Bulk("find_keys");
    if (range.search == KeySearch::kUnknown) return WriteTypeAndSpecHeader("unknown", 0);
    if (range.search == KeySearch::kCount) {
      WriteTypeAndSpecHeader("keynum", 3);
      WriteField("keynumidx", 0);
      WriteField("firstkey", 1);
      WriteField("keystep", range.step);
      return;
    }
    WriteTypeAndSpecHeader("range", 3);
    // Relative to the first key, unless counted from the end.
    const bool absolute = range.search == KeySearch::kIndex && range.last >= 0;
    WriteField("lastkey", absolute ? range.last - range.first : range.last);
    WriteField("keystep", range.step);
    WriteField("limit", range.limit);
  }

  void WriteTypeAndSpecHeader(std::string_view type, size_t fields) {
    reply_.Map(2);
    reply_.Bulk("type");
    reply_.Bulk(type);
    reply_.Bulk("spec");
    reply_.Map(fields);
  }

  void WriteField(std::string_view name, int value) {
    reply_.Bulk(name);
    reply_.Integer(value);
  }

  static size_t CountItems(std::string_view list) {
    size_t count = 0;
    ForEachItem(list, ',', [&](std::string_view) { ++count; });
    return count;
  }

  protocol::ReplyWriter& reply_;
};

// The command after COMMAND GETKEYS and its keys. Null after having written the error reply.
const CommandSpec* CollectKeysOfArguments(Context& ctx, std::vector<KeyArgument>& keys) {
  const auto args = ctx.args.subspan(2);
  const CommandSpec* spec = LookupSpec(args);
  if (spec == nullptr) {
    ctx.reply.Error(errors::kBadCommand);
    return nullptr;
  }
  if (spec->keys.empty()) {
    ctx.reply.Error(errors::kNoKeyArguments);
    return nullptr;
  }
  if (!ArityFits(*spec, args.size())) {
    ctx.reply.Error(errors::kBadArgumentCount);
    return nullptr;
  }
  CollectKeys(*spec, args, keys);
  const bool lacks_range = std::ranges::any_of(spec->keys, [&](const KeyRange& range) {
    return range.search == KeySearch::kIndex && static_cast<size_t>(range.first) >= args.size();
  });
  if (keys.empty() || lacks_range) {
    ctx.reply.Error(errors::kBadKeyArguments);
    return nullptr;
  }
  return spec;
}

// What the call does with the key, as COMMAND GETKEYSANDFLAGS says it.
std::string_view AccessFlags(const KeyArgument& key) {
  constexpr std::string_view kVariable = ",variable_flags";
  const std::string_view flags = key.range->flags;
  if (!flags.ends_with(kVariable)) return flags;
  // A call that does not want the old value only overwrites.
  return key.need == KeyNeed::kValue ? flags.substr(0, flags.size() - kVariable.size()) : "OW,update";
}

enum class Filter { kNone, kModule, kAclCategory, kPattern };

bool Passes(const CommandSpec& spec, Filter filter, std::string_view wanted) {
  switch (filter) {
    case Filter::kNone:
      return true;
    case Filter::kModule:
      return false;  // there are none
    case Filter::kAclCategory:
      return std::ranges::any_of(AclCategories(spec),
                                 [&](std::string_view category) { return IsWord(wanted, category); });
    case Filter::kPattern:
      return GlobMatch(wanted, spec.name, CaseRule::kIgnore);
  }
  return false;
}

}  // namespace

void CommandCommand(Context& ctx) {
  ctx.reply.Array(CommandTable().size());
  for (const CommandSpec& spec : CommandTable()) InfoWriter(ctx.reply).WriteSpec(spec);
}

void CommandCountCommand(Context& ctx) {
  ctx.reply.Integer(static_cast<int64_t>(CommandTable().size()));
}

void CommandInfoCommand(Context& ctx) {
  if (ctx.args.size() == 2) return CommandCommand(ctx);
  ctx.reply.Array(ctx.args.size() - 2);
  for (const std::string_view name : ctx.args.subspan(2)) {
    const CommandSpec* spec = FindByFullName(name);
    if (spec == nullptr) {
      ctx.reply.Null();
    } else {
      InfoWriter(ctx.reply).WriteSpec(*spec);
    }
  }
}

void CommandDocsCommand(Context& ctx) {
  std::vector<const CommandSpec*> specs;
  if (ctx.args.size() == 2) {
    for (const CommandSpec& spec : CommandTable()) specs.push_back(&spec);
  } else {
    for (const std::string_view name : ctx.args.subspan(2)) {
      const CommandSpec* spec = FindByFullName(name);
      if (spec != nullptr) specs.push_back(spec);
    }
  }
  ctx.reply.Map(specs.size());
  for (const CommandSpec* spec : specs) WriteCommandDocs(ctx.reply, *spec);
}

void CommandGetKeysCommand(Context& ctx) {
  std::vector<KeyArgument> keys;
  if (CollectKeysOfArguments(ctx, keys) == nullptr) return;
  ctx.reply.Array(keys.size());
  for (const KeyArgument key : keys) ctx.reply.Bulk(ctx.args[key.index + 2]);
}

void CommandGetKeysAndFlagsCommand(Context& ctx) {
  std::vector<KeyArgument> keys;
  if (CollectKeysOfArguments(ctx, keys) == nullptr) return;
  ctx.reply.Array(keys.size());
  for (const KeyArgument& key : keys) {
    const std::string_view flags = AccessFlags(key);
    ctx.reply.Array(2);
    ctx.reply.Bulk(ctx.args[key.index + 2]);
    ctx.reply.Set(static_cast<size_t>(std::ranges::count(flags, ',')) + 1);
    ForEachItem(flags, ',', [&](std::string_view flag) { ctx.reply.Simple(flag); });
  }
}

void CommandListCommand(Context& ctx) {
  Filter filter = Filter::kNone;
  std::string_view wanted;
  if (ctx.args.size() != 2) {
    if (ctx.args.size() != 5 || !IsWord(ctx.args[2], "filterby")) return ctx.reply.Error(errors::kSyntax);
    wanted = ctx.args[4];
    if (IsWord(ctx.args[3], "module")) {
      filter = Filter::kModule;
    } else if (IsWord(ctx.args[3], "aclcat")) {
      filter = Filter::kAclCategory;
    } else if (IsWord(ctx.args[3], "pattern")) {
      filter = Filter::kPattern;
    } else {
      return ctx.reply.Error(errors::kSyntax);
    }
  }
  std::vector<std::string_view> names;
  ForEachSpec([&](const CommandSpec& spec) {
    if (Passes(spec, filter, wanted)) names.push_back(spec.name);
  });
  ctx.reply.Array(names.size());
  for (const std::string_view name : names) ctx.reply.Bulk(name);
}

void CommandHelpCommand(Context& ctx) {
  ReplyHelp(ctx, "COMMAND",
            {
                "(no subcommand)",
                "    Describe every command.",
                "COUNT",
                "    Count the commands.",
                "LIST [FILTERBY (MODULE <module>|ACLCAT <category>|PATTERN <pattern>)]",
                "    List the names of the commands, of all or of those that pass the filter.",
                "INFO [<command-name> ...]",
                "    Describe the named commands, or every command.",
                "DOCS [<command-name> ...]",
                "    Document the named commands, or every command.",
                "GETKEYS <full-command>",
                "    Say which arguments of the command are keys.",
                "GETKEYSANDFLAGS <full-command>",
                "    Say which arguments of the command are keys, and what it does with each.",
            });
}

}  // namespace tidemark::commands
