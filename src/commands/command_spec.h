// The one declaration of a command, from which arity checks, key routing, cold reads, COMMAND and its documentation
// follow.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "commands/context.h"

namespace tidemark::commands {

// Flags, as COMMAND INFO names them (write, readonly, denyoom, ...).
enum class Flag : uint32_t {
  kWrite = 1u << 0,
  kReadonly = 1u << 1,
  kDenyOom = 1u << 2,
  kAdmin = 1u << 3,
  kPubsub = 1u << 4,
  kNoScript = 1u << 5,
  kBlocking = 1u << 6,
  kLoading = 1u << 7,
  kStale = 1u << 8,
  kSkipMonitor = 1u << 9,
  kSkipSlowlog = 1u << 10,
  kAsking = 1u << 11,
  kFast = 1u << 12,
  kNoAuth = 1u << 13,
  kMayReplicate = 1u << 14,
  kNoMandatoryKeys = 1u << 15,
  kNoAsyncLoading = 1u << 16,
  kAllowBusy = 1u << 17,
  kNoMulti = 1u << 18,
  kMovableKeys = 1u << 19,
};

class Flags {
 public:
  constexpr Flags() = default;
  constexpr Flags(Flag flag) : bits_(static_cast<uint32_t>(flag)) {}
  constexpr bool Has(Flag flag) const { return (bits_ & static_cast<uint32_t>(flag)) != 0; }
  constexpr bool HasAny(Flags flags) const { return (bits_ & flags.bits_) != 0; }
  friend constexpr Flags operator|(Flags a, Flags b) { return Flags(a.bits_ | b.bits_); }

 private:
  constexpr explicit Flags(uint32_t bits) : bits_(bits) {}
  uint32_t bits_ = 0;
};
constexpr Flags operator|(Flag a, Flag b) {
  return Flags(a) | Flags(b);
}

// What a command needs of a key it names before it may run.
enum class KeyNeed : uint8_t {
  kNothing,   // it will be overwritten or deleted
  kMetadata,  // existence, type, expiry, access
  kSize,      // the number of elements: a cold value is fetched if its entry does not know (Entry::ContainerSize)
  kString,    // the bytes of a string, read by Database::StringOf: a cold one is fetched and need not stay in RAM
  kValue,     // the value itself: a cold one is fetched first
  kCopy,      // as kValue, for a copy of it: a cold one stays cold
};

// How the keys of a range are found.
enum class KeySearch : uint8_t {
  kIndex,    // at `first`, then every `step` up to `last` (negative: from the end)
  kCount,    // argument `first` says how many follow it, every `step`
  kKeyword,  // behind the word `keyword`, looked for from `first` on; `last` counts from the first key
  kUnknown,  // not from the arguments alone: the command's find_keys tells what it can
};

// Where keys stand among the arguments.
struct KeyRange {
  int first = 0;
  int last = 0;
  int step = 1;
  KeyNeed need = KeyNeed::kValue;
  std::string_view flags = {};  // as COMMAND INFO shows them, comma separated: "RO,access"
  std::string_view notes = {};  // as COMMAND INFO shows them
  KeySearch search = KeySearch::kIndex;
  std::string_view keyword = {};  // upper case
  int limit = 0;                  // with `last` -1: only the first 1/limit of the arguments that are left
};

// One key argument of a call.
struct KeyArgument {
  size_t index;
  KeyNeed need;
  const KeyRange* range = nullptr;
};
// The keys of one call, for commands whose ranges cannot tell all (SORT ... STORE).
using FindKeys = void (*)(std::span<const std::string_view> args, std::span<const KeyRange> ranges,
                          std::vector<KeyArgument>& out);
// Corrects the needs of the keys of one call (as the ranges give them) to what its options ask for.
using RefineKeys = void (*)(std::span<const std::string_view> args, std::span<KeyArgument> keys);

struct CommandSpec {
  std::string_view name;               // lower case; of a subcommand "container|subcommand"
  CommandFunction function = nullptr;  // null for a container without a form of its own
  int arity = 0;                       // with the name(s); negative: at least that many
  Flags flags = {};
  std::string_view acl_categories = {};  // comma separated, without '@', beyond those that the flags imply
  std::span<const KeyRange> keys = {};
  RefineKeys refine_keys = nullptr;
  FindKeys find_keys = nullptr;
  std::span<const CommandSpec> subcommands = {};
  std::string_view group = {};
  std::string_view since = {};
  std::string_view complexity = {};
  std::string_view summary = {};
  std::string_view syntax = {};      // compact argument syntax, see command_docs.h
  std::string_view tips = {};        // comma separated
  std::string_view history = {};     // "version: change" lines, separated by '\n'
  std::string_view deprecated = {};  // "since|replaced by", empty if not
  std::string_view doc_flags = {};   // comma separated, beside "deprecated"
};

// Every top-level command, sorted by name.
std::span<const CommandSpec> CommandTable();
// Any case. Null if there is no such command.
const CommandSpec* FindCommand(std::string_view name);
// `name` is the subcommand's own word, without the container's.
const CommandSpec* FindSubcommand(const CommandSpec& container, std::string_view name);

// Appends the key arguments of a call to `out`. `args` satisfies the arity of `spec` (the resolved subcommand's spec
// where there is one; indexes count from the container's name).
void CollectKeys(const CommandSpec& spec, std::span<const std::string_view> args, std::vector<KeyArgument>& out);

}  // namespace tidemark::commands
