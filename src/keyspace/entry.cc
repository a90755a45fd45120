#include "keyspace/entry.h"

#include "base/memory.h"
#include "base/numbers.h"

namespace tidemark::keyspace {

std::string_view ResidencyName(Residency residency) {
  switch (residency) {
    case Residency::kResident:
      return "resident";
    case Residency::kClean:
      return "clean";
    case Residency::kSpilling:
      return "spilling";
    case Residency::kCold:
      return "cold";
    case Residency::kFetching:
      return "fetching";
    case Residency::kMissing:
      return "missing";
  }
  return "unknown";
}

std::string_view Entry::StringView(char* scratch) const {
  switch (storage()) {
    case Storage::kInline:
      return {bytes() + inline_offset(), inline_bytes_};
    case Storage::kInteger:
      return FormatInt64(integer(), scratch);
    case Storage::kPointer:
      return static_cast<const values::StringBlob*>(pointer())->view();
    case Storage::kNone:
      break;
  }
  return {};
}

size_t Entry::StringBytes() const {
  char scratch[kInt64Chars];
  return StringView(scratch).size();
}

std::optional<uint64_t> Entry::ContainerSize() const {
  if (storage() == Storage::kPointer) return values::ObjectSize(object());
  if (storage() == Storage::kNone && inline_bytes_ != kUnknownSize) return inline_bytes_;
  return std::nullopt;
}

size_t Entry::AllocatedBytes() const {
  size_t total = tidemark::AllocatedBytes(this);
  if (storage() == Storage::kPointer) total += values::ObjectBytes(object());
  return total;
}

size_t Entry::ReclaimableBytes() const {
  if (storage() == Storage::kNone || storage() == Storage::kInteger) return 0;
  const size_t when_cold =
      GoodSize(sizeof(Entry) + 8 + (has_expiry_ ? 8 : 0) + (inline_offset() - key_length_offset()));
  const size_t now = AllocatedBytes();
  return now > when_cold ? now - when_cold : 0;
}

}  // namespace tidemark::keyspace
