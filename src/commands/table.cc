// The command table: the families put together, sorted and indexed while the program is compiled. Read by every thread,
// changed by none.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "commands/arguments.h"
#include "commands/command_spec.h"
#include "commands/folded_name.h"
#include "commands/table_connection.h"
#include "commands/table_generic.h"
#include "commands/table_server.h"
#include "commands/table_string.h"
#include "commands/table_tier.h"

static_assert(std::endian::native == std::endian::little, "FoldedName loads the first byte of a name as the lowest");

namespace tidemark::commands {
namespace {

template <size_t... kSizes>
constexpr auto Join(const CommandSpec (&... families)[kSizes]) {
  std::array<CommandSpec, (kSizes + ...)> all;
  auto end = all.begin();
  ((end = std::copy(families, families + kSizes, end)), ...);
  std::sort(all.begin(), all.end(), [](const CommandSpec& a, const CommandSpec& b) { return a.name < b.name; });
  return all;
}

constexpr auto kTable = Join(connection_table::kConnectionCommands, generic_table::kGenericCommands,
                             server_table::kServerCommands, string_table::kStringCommands, tier_table::kTierCommands);

// Open addressing over the names. At most a quarter is used, so that a look-up rarely takes a second step.
struct Index {
  static constexpr int kBits = 9;
  static constexpr size_t kSlots = size_t{1} << kBits;
  static constexpr uint8_t kFree = 255;

  std::array<uint8_t, kSlots> slots;
  std::array<FoldedName, kTable.size()> names;
};
static_assert(kTable.size() < Index::kFree, "a slot names a command with one byte");
static_assert(kTable.size() <= Index::kSlots / 4, "a fuller index needs more slots");

constexpr Index BuildIndex() {
  Index index;
  index.slots.fill(Index::kFree);
  for (size_t i = 0; i < kTable.size(); ++i) {
    index.names[i] = FoldedName::Of(kTable[i].name);
    size_t slot = index.names[i].Hash(Index::kBits);
    while (index.slots[slot] != Index::kFree) slot = (slot + 1) % Index::kSlots;
    index.slots[slot] = static_cast<uint8_t>(i);
  }
  return index;
}

constexpr bool NamesFit() {
  return std::all_of(kTable.begin(), kTable.end(),
                     [](const CommandSpec& spec) { return spec.name.size() <= FoldedName::kMaxBytes; });
}
static_assert(NamesFit(), "a longer name would never be found");

constexpr Index kIndex = BuildIndex();

}  // namespace

std::span<const CommandSpec> CommandTable() {
  return kTable;
}

const CommandSpec* FindCommand(std::string_view name) {
  if (name.size() > FoldedName::kMaxBytes) return nullptr;
  const FoldedName folded = FoldedName::Of(name);
  for (size_t slot = folded.Hash(Index::kBits);; slot = (slot + 1) % Index::kSlots) {
    const uint8_t i = kIndex.slots[slot];
    if (i == Index::kFree) return nullptr;
    // A name with zero bytes at its end folds like the one without.
    if (kIndex.names[i] == folded) return kTable[i].name.size() == name.size() ? &kTable[i] : nullptr;
  }
}

const CommandSpec* FindSubcommand(const CommandSpec& container, std::string_view name) {
  const size_t prefix_bytes = container.name.size() + 1;
  for (const CommandSpec& spec : container.subcommands) {
    if (IsWord(name, spec.name.substr(prefix_bytes))) return &spec;
  }
  return nullptr;
}

void CollectKeys(const CommandSpec& spec, std::span<const std::string_view> args, std::vector<KeyArgument>& out) {
  const size_t before = out.size();
  for (const KeyRange& range : spec.keys) {
    const int last = range.last < 0 ? static_cast<int>(args.size()) + range.last : range.last;
    for (int index = range.first; index <= last; index += range.step) {
      out.push_back({static_cast<size_t>(index), range.need});
    }
  }
  if (spec.refine_keys != nullptr) spec.refine_keys(args, std::span(out).subspan(before));
}

}  // namespace tidemark::commands
