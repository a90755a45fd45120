#include "formats/rdb_reader.h"

#include <algorithm>
#include <utility>

#include "formats/body_grammar.h"
#include "formats/rdb_opcodes.h"
#include "formats/rdb_string.h"

namespace tidemark::formats {
namespace {

constexpr uint8_t kModuleValueOld = 6;
constexpr uint8_t kModuleValue = 7;
constexpr uint64_t kSlots = 16384;
constexpr size_t kJobNameBytes = 40;
// Buffers that something large has made larger are not kept.
constexpr size_t kKeptBytes = size_t{1} << 20;

enum class ModuleItem : uint64_t { kEnd, kSigned, kUnsigned, kFloat, kDouble, kString };

// Nine characters of six bits each, in front of a version of ten bits.
std::string ModuleName(uint64_t id) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string name;
  for (int i = 0; i < 9; ++i) name += kAlphabet[(id >> (58 - 6 * i)) & 63];
  return name;
}

void Shrink(std::string& text) {
  if (text.capacity() > kKeptBytes) text = {};
}

Status Damaged(std::string what) {
  return Status::Corruption(std::move(what));
}

}  // namespace

Status RdbHandler::OnColdKey(const RdbColdKey& key) {
  return Status::InvalidArgument("this file is the base of a checkpoint, and the value of key '" +
                                 std::string(key.name) +
                                 "' is in the flash tier that goes with it: it can only be loaded together with that");
}

// Copies what it goes over.
class RdbReader::BodyCopier {
 public:
  BodyCopier(RdbInput& input, uint64_t max_bytes, std::string& out) : input_(input), max_bytes_(max_bytes), out_(out) {}

  Result<uint64_t> Length() {
    bool special = false;
    Result<uint64_t> length = Head(special);
    if (length && special) return Damaged("a string where there should be a length");
    return length;
  }
  Status String() {
    bool special = false;
    const Result<uint64_t> head = Head(special);
    if (!head) return head.error();
    if (!special) return Bytes(*head);
    switch (*head) {
      case 0:
      case 1:
      case 2:
        return Bytes(size_t{1} << *head);
      case 3: {
        const Result<uint64_t> data_bytes = Length();
        if (!data_bytes) return data_bytes.error();
        if (const Result<uint64_t> bytes = Length(); !bytes) return bytes.error();
        return Bytes(*data_bytes);
      }
      default:
        return Damaged("a string in a form that is not known");
    }
  }
  Status Bytes(uint64_t count) {
    if (count > max_bytes_ || out_.size() > max_bytes_ - count) return Damaged("a value that is too large");
    return input_.Copy(count, out_);
  }
  Status OldDouble() {
    constexpr uint8_t kFirstWithoutText = 253;
    const Result<std::string_view> size = input_.Take(1);
    if (!size) return size.error();
    out_.append(*size);
    const auto bytes = static_cast<uint8_t>(out_.back());
    return bytes >= kFirstWithoutText ? Status::Ok() : Bytes(bytes);
  }

 private:
  // A length, or which special form of a string begins here.
  Result<uint64_t> Head(bool& special) {
    const Result<std::string_view> first = input_.Take(1);
    if (!first) return first.error();
    const auto byte = static_cast<uint8_t>((*first)[0]);
    out_.push_back(static_cast<char>(byte));
    special = byte >= 0xc0;
    if (special) return uint64_t{byte} & 0x3f;
    if (byte < 0x40) return uint64_t{byte};
    const size_t more = byte < 0x80 ? 1 : byte == 0x80 ? 4 : byte == 0x81 ? 8 : 0;
    if (more == 0) return Damaged("a length in a form that is not known");
    const Result<std::string_view> rest = input_.Take(more);
    if (!rest) return rest.error();
    out_.append(*rest);
    uint64_t length = byte < 0x80 ? byte & 0x3f : 0;
    for (const char c : *rest) length = length << 8 | static_cast<uint8_t>(c);
    return length;
  }

  RdbInput& input_;
  const uint64_t max_bytes_;
  std::string& out_;
};

RdbReader::RdbReader(ByteSource& source, RdbHandler& handler, const Options& options)
    : input_(source, options.verify_checksum ? RdbInput::Checksum::kCompute : RdbInput::Checksum::kSkip),
      handler_(handler),
      options_(options) {}

Status RdbReader::Run() {
  Status done = ReadMagic();
  if (done.ok()) done = ReadParts();
  if (done.ok() && version_ >= kRdbVersionWithChecksum) done = CheckEnd();
  if (done.code() != StatusCode::kCorruption) return done;
  return Damaged(done.message() + ", at offset " + std::to_string(input_.offset()));
}

Status RdbReader::ReadMagic() {
  const Result<std::string_view> magic = input_.Take(9);
  if (!magic) return magic.error();
  std::string_view digits = magic->substr(kRedisMagic.size());
  if (magic->starts_with(kValkeyMagic)) {
    dialect_ = Dialect::kValkey;
    digits = magic->substr(kValkeyMagic.size());
  } else if (!magic->starts_with(kRedisMagic)) {
    return Damaged("Wrong signature trying to load DB from file");
  }
  const bool all_digits = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  const std::string version(digits);
  version_ = all_digits ? static_cast<unsigned>(std::stoul(version)) : 0;
  const bool valkey = dialect_ == Dialect::kValkey;
  const bool fits = valkey ? version_ >= kRdbVersionValkey : version_ >= 1 && version_ < kRdbVersionValkey;
  const bool known = version_ <= (valkey ? kRdbVersionValkey : kRdbVersionNewest);
  if (fits && (known || options_.any_version)) return Status::Ok();
  return Damaged("Can't handle RDB format version " + version);
}

Result<uint64_t> RdbReader::Length() {
  raw_.clear();
  return BodyCopier(input_, options_.max_value_bytes, raw_).Length();
}

Result<std::string_view> RdbReader::String(std::string& raw, std::string& scratch) {
  raw.clear();
  TIDEMARK_RETURN_IF_ERROR(BodyCopier(input_, options_.max_value_bytes, raw).String());
  std::string_view in = raw;
  return DecodeString(in, scratch);
}

Status RdbReader::ReadParts() {
  for (;;) {
    const Result<std::string_view> byte = input_.Take(1);
    if (!byte) return byte.error();
    const auto opcode = static_cast<uint8_t>((*byte)[0]);
    switch (static_cast<RdbOpcode>(opcode)) {
      case RdbOpcode::kEnd:
        return Status::Ok();
      case RdbOpcode::kExpiryMs: {
        const Result<std::string_view> bytes = input_.Take(8);
        if (!bytes) return bytes.error();
        std::string_view in = *bytes;
        attributes_.expiry_ms = static_cast<int64_t>(*DecodeLittle64(in));
        continue;
      }
      case RdbOpcode::kExpirySeconds: {
        const Result<std::string_view> bytes = input_.Take(4);
        if (!bytes) return bytes.error();
        uint32_t seconds = 0;
        for (size_t i = 0; i < 4; ++i) seconds |= uint32_t{static_cast<uint8_t>((*bytes)[i])} << (8 * i);
        attributes_.expiry_ms = int64_t{static_cast<int32_t>(seconds)} * 1000;
        continue;
      }
      case RdbOpcode::kIdle: {
        const Result<uint64_t> seconds = Length();
        if (!seconds) return seconds.error();
        attributes_.idle_seconds = *seconds;
        continue;
      }
      case RdbOpcode::kFrequency: {
        const Result<std::string_view> frequency = input_.Take(1);
        if (!frequency) return frequency.error();
        attributes_.frequency = static_cast<uint8_t>((*frequency)[0]);
        continue;
      }
      case RdbOpcode::kSelect: {
        const Result<uint64_t> number = Length();
        if (!number) return number.error();
        TIDEMARK_RETURN_IF_ERROR(handler_.OnDatabase(*number));
        continue;
      }
      case RdbOpcode::kResize:
        TIDEMARK_RETURN_IF_ERROR(ReadResize());
        continue;
      case RdbOpcode::kAux:
        TIDEMARK_RETURN_IF_ERROR(ReadAux());
        continue;
      case RdbOpcode::kFunction:
        TIDEMARK_RETURN_IF_ERROR(ReadFunction());
        continue;
      case RdbOpcode::kFunctionOld:
        return Damaged("Pre-release function format not supported");
      case RdbOpcode::kModuleAux:
        TIDEMARK_RETURN_IF_ERROR(ReadModuleAux());
        continue;
      case RdbOpcode::kSlotInfo:
        TIDEMARK_RETURN_IF_ERROR(ReadSlotInfo());
        continue;
      case RdbOpcode::kSlotImport:
        TIDEMARK_RETURN_IF_ERROR(ReadSlotImport());
        continue;
    }
    TIDEMARK_RETURN_IF_ERROR(ReadKey(opcode));
    attributes_ = {};
  }
}

Status RdbReader::ReadKey(uint8_t type_tag) {
  const Result<std::string_view> name = String(raw_, scratch_);
  if (!name) return name.error();
  if (type_tag == kModuleValue || type_tag == kModuleValueOld) {
    std::string id;
    const Result<uint64_t> module = BodyCopier(input_, options_.max_value_bytes, id).Length();
    return Damaged("The RDB file contains module data I can't load: no matching module type '" +
                   (module ? ModuleName(*module) : std::string("?")) + "'");
  }
  if (type_tag == kRdbTypeCold && dialect_ == Dialect::kRedis) return ReadColdKey(*name);
  value_raw_.clear();
  BodyCopier copier(input_, options_.max_value_bytes, value_raw_);
  TIDEMARK_RETURN_IF_ERROR(WalkBody(type_tag, dialect_, copier));
  const Status handled = handler_.OnKey({*name, attributes_, type_tag, value_raw_, dialect_});
  Shrink(value_raw_);
  Shrink(raw_);
  return handled;
}

Status RdbReader::ReadColdKey(std::string_view name) {
  const Result<std::string_view> body = input_.Take(kColdValueBytes);
  if (!body) return body.error();
  const Result<ColdValue> value = DecodeColdValue(*body);
  if (!value) return value.error();
  const Status handled = handler_.OnColdKey({name, attributes_, *value});
  Shrink(raw_);
  return handled;
}

Status RdbReader::ReadAux() {
  const Result<std::string_view> name = String(raw_, scratch_);
  if (!name) return name.error();
  const Result<std::string_view> value = String(value_raw_, value_scratch_);
  if (!value) return value.error();
  return handler_.OnAux(*name, *value);
}

Status RdbReader::ReadFunction() {
  const Result<std::string_view> library = String(raw_, scratch_);
  if (!library) return library.error();
  return handler_.OnFunction(*library);
}

Status RdbReader::ReadResize() {
  for (int i = 0; i < 2; ++i) {
    if (const Result<uint64_t> count = Length(); !count) return count.error();
  }
  return Status::Ok();
}

Status RdbReader::ReadModuleAux() {
  const Result<uint64_t> id = Length();
  if (!id) return id.error();
  const Result<uint64_t> when_form = Length();
  if (!when_form) return when_form.error();
  const Result<uint64_t> when = Length();
  if (!when) return when.error();
  if (static_cast<ModuleItem>(*when_form) != ModuleItem::kUnsigned) return Damaged("damaged data of a module");
  TIDEMARK_RETURN_IF_ERROR(SkipModuleItems());
  handler_.OnSkipped("The RDB file contains AUX module data I can't load: no matching module '" + ModuleName(*id) +
                     "'; it is passed over");
  return Status::Ok();
}

Status RdbReader::SkipModuleItems() {
  for (;;) {
    const Result<uint64_t> item = Length();
    if (!item) return item.error();
    raw_.clear();
    BodyCopier copier(input_, options_.max_value_bytes, raw_);
    Status skipped;
    switch (static_cast<ModuleItem>(*item)) {
      case ModuleItem::kEnd:
        return Status::Ok();
      case ModuleItem::kSigned:
      case ModuleItem::kUnsigned: {
        const Result<uint64_t> number = copier.Length();
        if (!number) skipped = number.error();
        break;
      }
      case ModuleItem::kFloat:
        skipped = copier.Bytes(4);
        break;
      case ModuleItem::kDouble:
        skipped = copier.Bytes(8);
        break;
      case ModuleItem::kString:
        skipped = copier.String();
        break;
      default:
        return Damaged("damaged data of a module");
    }
    if (!skipped.ok()) return skipped;
  }
}

Status RdbReader::ReadSlotInfo() {
  const Result<uint64_t> slot = Length();
  if (!slot) return slot.error();
  if (*slot >= kSlots) return Damaged("a slot that cannot be");
  return ReadResize();
}

Status RdbReader::ReadSlotImport() {
  if (dialect_ == Dialect::kRedis) return Damaged("metadata of keys, which is not known");
  const Result<std::string_view> job = String(raw_, scratch_);
  if (!job) return job.error();
  if (job->size() != kJobNameBytes) return Damaged("an import of slots without a name");
  const Result<uint64_t> count = Length();
  if (!count) return count.error();
  for (uint64_t i = 0; i < *count; ++i) {
    const Result<uint64_t> begin = Length();
    if (!begin) return begin.error();
    const Result<uint64_t> end = Length();
    if (!end) return end.error();
    if (*begin > *end || *end >= kSlots) return Damaged("slots that cannot be");
  }
  handler_.OnSkipped("The RDB file tells of slots that were being imported; that is passed over");
  return Status::Ok();
}

Status RdbReader::CheckEnd() {
  const uint64_t computed = input_.Crc();
  const Result<std::string_view> bytes = input_.Take(8);
  if (!bytes) return bytes.error();
  std::string_view in = *bytes;
  const uint64_t stored = *DecodeLittle64(in);
  without_checksum_ = stored == 0;
  if (!options_.verify_checksum || without_checksum_ || stored == computed) return Status::Ok();
  return Damaged("Wrong RDB checksum expected: (" + std::to_string(computed) + ") but got (" + std::to_string(stored) +
                 ")");
}

}  // namespace tidemark::formats
