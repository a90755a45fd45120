// SORT and SORT_RO. Part of the command table, see table.cc.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "commands/arguments.h"
#include "commands/command_spec.h"
#include "commands/sort/handlers.h"

namespace tidemark::commands::sort_table {

inline constexpr std::string_view kPatternNotes =
    "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key "
    "we sort";
inline constexpr KeyRange kSort[] = {
    {.first = 1, .last = 1, .need = KeyNeed::kValue, .flags = "RO,access"},
    {.need = KeyNeed::kNothing, .flags = "RO,access", .notes = kPatternNotes, .search = KeySearch::kUnknown},
    {.need = KeyNeed::kNothing,
     .flags = "OW,update",
     .notes = "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the "
              "argument array",
     .search = KeySearch::kUnknown}};
inline constexpr KeyRange kSortRo[] = {
    {.first = 1, .last = 1, .need = KeyNeed::kValue, .flags = "RO,access"},
    {.need = KeyNeed::kNothing, .flags = "RO,access", .notes = kPatternNotes, .search = KeySearch::kUnknown}};

// The source, and the destination if there is one: the last, as the command takes it. The keys that patterns lead to
// are only known once the elements are; the command reads them itself.
inline void FindSortKeys(std::span<const std::string_view> args, std::span<const KeyRange> ranges,
                         std::vector<KeyArgument>& out) {
  out.push_back({1, ranges[0].need, &ranges[0]});
  size_t store = 0;
  for (size_t i = 2; i < args.size(); ++i) {
    if (IsWord(args[i], "limit")) {
      i += 2;
    } else if (IsWord(args[i], "by") || IsWord(args[i], "get")) {
      i += 1;
    } else if (ranges.size() > 2 && IsWord(args[i], "store") && i + 1 < args.size()) {
      store = i + 1;
    }
  }
  if (store != 0) out.push_back({store, ranges[2].need, &ranges[2]});
}

inline constexpr CommandSpec kSortCommands[] = {
    {.name = "sort",
     .function = SortCommand,
     .arity = -2,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kMovableKeys,
     .acl_categories = "set,sortedset,list,dangerous",
     .keys = kSort,
     .find_keys = FindSortKeys,
     .group = "generic",
     .since = "1.0.0",
     .complexity = "O(N+M*log(M)), N elements, M of them answered; O(N) if nothing is sorted",
     .summary = "Answers or stores the elements of a list, a set or a sorted set in order.",
     .syntax = "key:key BY=by-pattern:pattern? LIMIT={offset:integer count:integer}limit? GET=get-pattern:pattern?+ "
               "(ASC|DESC)order? ALPHA? STORE=destination:key?"},
    {.name = "sort_ro",
     .function = SortRoCommand,
     .arity = -2,
     .flags = Flag::kReadonly | Flag::kMovableKeys,
     .acl_categories = "set,sortedset,list,dangerous",
     .keys = kSortRo,
     .find_keys = FindSortKeys,
     .group = "generic",
     .since = "7.0.0",
     .complexity = "O(N+M*log(M)), N elements, M of them answered; O(N) if nothing is sorted",
     .summary = "Answers the elements of a list, a set or a sorted set in order.",
     .syntax = "key:key BY=by-pattern:pattern? LIMIT={offset:integer count:integer}limit? GET=get-pattern:pattern?+ "
               "(ASC|DESC)order? ALPHA?"},
};

}  // namespace tidemark::commands::sort_table
