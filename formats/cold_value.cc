#include "formats/cold_value.h"

#include "formats/rdb_opcodes.h"
#include "formats/rdb_string.h"
#include "formats/rdb_types.h"

namespace tidemark::formats {
namespace {

using values::Encoding;
using values::Type;

static_assert(kRdbTypeCold > kRdbTypeStream5 && kRdbTypeCold < static_cast<uint8_t>(RdbOpcode::kSlotImport),
              "far from what others use or will");

constexpr uint8_t kTypeMask = 0x0f;
// Of earlier versions, and without a meaning now.
constexpr uint8_t kWasTouched = 0x10;
constexpr uint8_t kRenamed = 0x20;

// The numbers are in files.
static_assert(static_cast<int>(Type::kString) == 0 && static_cast<int>(Type::kList) == 1 &&
              static_cast<int>(Type::kSet) == 2 && static_cast<int>(Type::kZSet) == 3 &&
              static_cast<int>(Type::kHash) == 4 && static_cast<int>(Type::kStream) == 5);
static_assert(static_cast<int>(Encoding::kInt) == 0 && static_cast<int>(Encoding::kEmbstr) == 1 &&
              static_cast<int>(Encoding::kRaw) == 2 && static_cast<int>(Encoding::kListpack) == 3 &&
              static_cast<int>(Encoding::kQuicklist) == 4 && static_cast<int>(Encoding::kIntset) == 5 &&
              static_cast<int>(Encoding::kHashtable) == 6 && static_cast<int>(Encoding::kSkiplist) == 7 &&
              static_cast<int>(Encoding::kStream) == 8 && static_cast<int>(Encoding::kListpackEx) == 9);

// Integers are never spilled.
bool CanHave(Type type, Encoding encoding) {
  switch (type) {
    case Type::kString:
      return encoding == Encoding::kEmbstr || encoding == Encoding::kRaw;
    case Type::kList:
      return encoding == Encoding::kListpack || encoding == Encoding::kQuicklist;
    case Type::kSet:
      return encoding == Encoding::kIntset || encoding == Encoding::kListpack || encoding == Encoding::kHashtable;
    case Type::kZSet:
      return encoding == Encoding::kListpack || encoding == Encoding::kSkiplist;
    case Type::kHash:
      return encoding == Encoding::kListpack || encoding == Encoding::kHashtable || encoding == Encoding::kListpackEx;
    case Type::kStream:
      return encoding == Encoding::kStream;
  }
  return false;
}

}  // namespace

void EncodeColdValue(const ColdValue& value, std::string& out) {
  EncodeLittle64(value.locator, out);
  const int flags = value.renamed ? kRenamed : 0;
  out.push_back(static_cast<char>(static_cast<int>(value.type) | flags));
  out.push_back(static_cast<char>(value.encoding));
  out.push_back(static_cast<char>(value.size));
}

Result<ColdValue> DecodeColdValue(std::string_view body) {
  if (body.size() != kColdValueBytes) return Status::Corruption("a cold value of a wrong length");
  ColdValue value;
  value.locator = *DecodeLittle64(body);
  const auto type_and_flags = static_cast<uint8_t>(body[0]);
  value.type = static_cast<Type>(type_and_flags & kTypeMask);
  value.renamed = (type_and_flags & kRenamed) != 0;
  value.encoding = static_cast<Encoding>(body[1]);
  value.size = static_cast<uint8_t>(body[2]);
  const bool known = (type_and_flags & ~(kTypeMask | kWasTouched | kRenamed)) == 0;
  if (!known || value.locator == 0 || !CanHave(value.type, value.encoding)) {
    return Status::Corruption("a cold value that cannot be");
  }
  return value;
}

}  // namespace tidemark::formats
