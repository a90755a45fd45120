// The command table: the families put together, sorted and indexed while the program is compiled. Read by every thread,
// changed by none.
#include "commands/bitmap/table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "commands/arguments.h"
#include "commands/command_spec.h"
#include "commands/folded_name.h"
#include "commands/geo/table.h"
#include "commands/hash/table.h"
#include "commands/hyperloglog/table.h"
#include "commands/list/table.h"
#include "commands/set/table.h"
#include "commands/sort/table.h"
#include "commands/sorted_set/table.h"
#include "commands/stream/table.h"
#include "commands/string/table.h"
#include "commands/table_connection.h"
#include "commands/table_generic.h"
#include "commands/table_server.h"
#include "commands/table_tier.h"
#include "commands/transaction/table.h"

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

// clang-format off
constexpr auto kTable = Join(
    bitmap_table::kBitmapCommands,
    connection_table::kConnectionCommands,
    generic_table::kGenericCommands,
    geo_table::kGeoCommands,
    hash_table::kHashCommands,
    hyperloglog_table::kHyperLogLogCommands,
    list_table::kListCommands,
    server_table::kServerCommands,
    set_table::kSetCommands,
    sort_table::kSortCommands,
    sorted_set_table::kSortedSetCommands,
    stream_table::kStreamCommands,
    string_table::kStringCommands,
    tier_table::kTierCommands,
    transaction_table::kTransactionCommands);
// clang-format on

// Open addressing over the names. At most a quarter is used, so that a look-up rarely takes a second step.
struct Index {
  static constexpr int kBits = 11;
  static constexpr size_t kSlots = size_t{1} << kBits;
  static constexpr uint16_t kFree = UINT16_MAX;

  std::array<uint16_t, kSlots> slots;
  std::array<FoldedName, kTable.size()> names;
};
static_assert(kTable.size() < Index::kFree, "a slot names a command with two bytes");
static_assert(kTable.size() <= Index::kSlots / 4, "a fuller index needs more slots");

constexpr Index BuildIndex() {
  Index index;
  index.slots.fill(Index::kFree);
  for (size_t i = 0; i < kTable.size(); ++i) {
    index.names[i] = FoldedName::Of(kTable[i].name);
    size_t slot = index.names[i].Hash(Index::kBits);
    while (index.slots[slot] != Index::kFree) slot = (slot + 1) % Index::kSlots;
    index.slots[slot] = static_cast<uint16_t>(i);
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
    const uint16_t i = kIndex.slots[slot];
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

}  // namespace tidemark::commands
