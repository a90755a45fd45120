// From a command's key ranges to the key arguments of one call.
#include <algorithm>
#include <optional>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/command_spec.h"
#include "commands/words.h"

namespace tidemark::commands {
namespace {

// Appends the arguments at `first`, then every `step` up to `last`.
void Append(const KeyRange& range, int first, int last, int step, std::vector<KeyArgument>& out) {
  for (int index = first; index <= last; index += step) {
    out.push_back({static_cast<size_t>(index), range.need, &range});
  }
}

void CollectRange(const KeyRange& range, std::span<const std::string_view> args, std::vector<KeyArgument>& out) {
  const auto count = static_cast<int>(args.size());
  switch (range.search) {
    case KeySearch::kIndex:
      Append(range, range.first, range.last < 0 ? count + range.last : std::min(range.last, count - 1), range.step,
             out);
      return;
    case KeySearch::kCount: {
      if (range.first >= count) return;
      const std::optional<int64_t> keys = ParseInt64(args[static_cast<size_t>(range.first)]);
      if (!keys || *keys < 1 || *keys > (count - range.first - 1) / range.step) return;
      Append(range, range.first + 1, range.first + static_cast<int>(*keys) * range.step, range.step, out);
      return;
    }
    case KeySearch::kKeyword: {
      const std::string keyword = Lower(range.keyword);
      for (int i = range.first; i < count; ++i) {
        if (!IsWord(args[static_cast<size_t>(i)], keyword)) continue;
        const int left = count - i - 1;
        int last = i + 1 + range.last;
        if (range.last < 0) last = range.limit > 1 ? i + left / range.limit : count + range.last;
        Append(range, i + 1, std::min(last, count - 1), range.step, out);
        return;
      }
      return;
    }
    case KeySearch::kUnknown:
      return;
  }
}

}  // namespace

void CollectKeys(const CommandSpec& spec, std::span<const std::string_view> args, std::vector<KeyArgument>& out) {
  const size_t before = out.size();
  if (spec.find_keys != nullptr) {
    spec.find_keys(args, spec.keys, out);
  } else {
    for (const KeyRange& range : spec.keys) CollectRange(range, args, out);
  }
  if (spec.refine_keys != nullptr) spec.refine_keys(args, std::span(out).subspan(before));
}

}  // namespace tidemark::commands
