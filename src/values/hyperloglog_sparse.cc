// Adding to the sparse form of a HyperLogLog. Which runs come of it is fixed to the byte, since Redis' files and
// replicas hold them: the run that covers the register is split into up to three, then equal neighbours are put
// together.
#include <optional>

#include "values/hyperloglog.h"
#include "values/hyperloglog_runs.h"

namespace tidemark::values {
namespace {

// The run that covers a register.
struct Place {
  size_t previous;  // offset of the run before it, or its own if there is none
  size_t offset;
  size_t first;  // the first register it covers
  HllRun run;
};

std::optional<Place> FindPlace(std::string_view hll, size_t index) {
  Place place{.previous = kHllHeaderBytes, .offset = kHllHeaderBytes, .first = 0, .run = {}};
  while (place.offset < hll.size()) {
    place.run = HllRun::Read(hll.substr(place.offset));
    const size_t next = place.offset + place.run.bytes();
    if (index < place.first + place.run.length) {
      // A run whose second byte is missing cannot be split.
      return next <= hll.size() ? std::optional(place) : std::nullopt;
    }
    place.previous = place.offset;
    place.offset = next;
    place.first += place.run.length;
  }
  return std::nullopt;
}

// What the run is to be replaced by, so that one of its registers has the new value.
std::string Split(const Place& place, HllElement element) {
  const auto before = static_cast<unsigned>(element.index - place.first);
  const unsigned after = place.run.length - before - 1;
  std::string runs;
  if (place.run.kind == HllRun::Kind::kValue) {
    AppendHllValue(runs, place.run.value, before);
    AppendHllValue(runs, element.rank, 1);
    AppendHllValue(runs, place.run.value, after);
  } else {
    AppendHllZeros(runs, before);
    AppendHllValue(runs, element.rank, 1);
    AppendHllZeros(runs, after);
  }
  return runs;
}

// Puts together runs of one value among the first five from `offset` on, as far as one run can hold them.
void JoinNeighbours(std::string& hll, size_t offset) {
  for (int steps = 5; steps > 0 && offset < hll.size(); --steps) {
    const HllRun run = HllRun::Read(std::string_view(hll).substr(offset));
    if (run.kind == HllRun::Kind::kValue && offset + 1 < hll.size()) {
      const HllRun next = HllRun::Read(std::string_view(hll).substr(offset + 1));
      const unsigned length = run.length + next.length;
      if (next.value == run.value && length <= HllRun::kMaxValueLength) {
        std::string joined;
        AppendHllValue(joined, run.value, length);
        // The joined run is looked at once more, with its new neighbour.
        hll.replace(offset, 2, joined);
        continue;
      }
    }
    offset += run.bytes();
  }
}

HllChange AddDensely(std::string& hll, HllElement element) {
  if (MakeHllDense(hll) == HllStatus::kCorrupted) return HllChange::kCorrupted;
  return AddToDenseHll(hll, element);
}

}  // namespace

HllChange AddToHll(std::string& hll, HllElement element, size_t sparse_bytes_max) {
  if (FormOf(hll) == HllForm::kDense || element.rank > HllRun::kMaxValue) return AddDensely(hll, element);
  const std::optional<Place> place = FindPlace(hll, element.index);
  if (!place) return HllChange::kCorrupted;
  if (place->run.value >= element.rank) return HllChange::kNone;
  const std::string runs = Split(*place, element);
  const size_t old_bytes = place->run.bytes();
  if (runs.size() > old_bytes && hll.size() + runs.size() - old_bytes > sparse_bytes_max) {
    return AddDensely(hll, element);
  }
  hll.replace(place->offset, old_bytes, runs);
  JoinNeighbours(hll, place->previous);
  InvalidateHllCount(hll);
  return HllChange::kRaised;
}

}  // namespace tidemark::values
