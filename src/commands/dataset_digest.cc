#include "commands/dataset_digest.h"

#include <cstdio>
#include <string_view>

#include "base/numbers.h"
#include "commands/stored_value.h"
#include "values/hash.h"
#include "values/list.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/stream.h"

namespace tidemark::commands {
namespace {

using keyspace::Database;
using keyspace::Entry;
using values::PackedItem;
using values::Type;

constexpr std::string_view kExpiryMark = "!!expire!!";
constexpr std::string_view kFieldExpiryMark = "!!hexpire!!";

void Add(Sha1Digest& digest, std::string_view bytes) {
  const Sha1Digest hash = Sha1(bytes);
  for (size_t i = 0; i < digest.size(); ++i) digest[i] ^= hash[i];
}

std::string_view View(const Sha1Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

void Mix(Sha1Digest& digest, std::string_view bytes) {
  Add(digest, bytes);
  digest = Sha1(View(digest));
}

void MixItem(Sha1Digest& digest, const PackedItem& item) {
  char scratch[kInt64Chars];
  Mix(digest, item.View(scratch));
}

void MixNumber(Sha1Digest& digest, uint32_t number) {
  const char bytes[] = {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
                        static_cast<char>(number >> 8), static_cast<char>(number)};
  Mix(digest, {bytes, sizeof(bytes)});
}

// The numbers of types in Redis, where modules come before streams.
uint32_t TypeNumber(Type type) {
  constexpr uint32_t kStreamNumber = 6;
  return type == Type::kStream ? kStreamNumber : static_cast<uint32_t>(type);
}

void AddSortedSet(const values::SortedSetView& set, Sha1Digest& digest) {
  set.ForEach([&](std::string_view member, double score) {
    char text[64];
    const int length = std::snprintf(text, sizeof(text), "%.17g", score);
    Sha1Digest element{};
    Mix(element, member);
    Mix(element, std::string_view(text, static_cast<size_t>(length)));
    Add(digest, View(element));
  });
}

void AddHash(const values::Object& object, int64_t now_ms, Sha1Digest& digest) {
  const values::HashView hash(object, values::HashView::kNoTime);
  hash.ForEachWithExpiry([&](const PackedItem& field, const PackedItem& value, int64_t expiry_ms) {
    if (expiry_ms != 0 && expiry_ms < now_ms) return;
    Sha1Digest element{};
    MixItem(element, field);
    MixItem(element, value);
    if (expiry_ms != 0) Add(element, kFieldExpiryMark);
    Add(digest, View(element));
  });
}

void MixStream(const values::Stream& stream, Sha1Digest& digest) {
  values::StreamIterator entries = stream.Range({}, values::StreamId::Max());
  while (entries.Next()) {
    Mix(digest, std::to_string(entries.id().ms) + "." + std::to_string(entries.id().seq));
    entries.ForEachField([&](const PackedItem& field, const PackedItem& value) {
      MixItem(digest, field);
      MixItem(digest, value);
    });
  }
}

void MixObject(const values::Object& object, int64_t now_ms, Sha1Digest& digest) {
  switch (object.type) {
    case Type::kString:
      break;
    case Type::kList:
      return values::ListView(object).ForEach([&](const PackedItem& item) { MixItem(digest, item); });
    case Type::kSet:
      return values::SetView(object).ForEach([&](const PackedItem& member) {
        char scratch[kInt64Chars];
        Add(digest, member.View(scratch));
      });
    case Type::kZSet:
      return AddSortedSet(values::SortedSetView(object), digest);
    case Type::kHash:
      return AddHash(object, now_ms, digest);
    case Type::kStream:
      return MixStream(values::Stream::Of(object), digest);
  }
}

Status MixValue(Context& context, int database, const Entry& entry, Sha1Digest& digest) {
  const Result<StoredValue> value = StoredValue::Read(context, database, entry);
  if (!value) return value.error();
  MixNumber(digest, TypeNumber(entry.type()));
  if (value->is_string()) {
    Mix(digest, value->text());
  } else {
    MixObject(value->object(), context.now_ms(), digest);
  }
  if (entry.has_expiry()) Add(digest, kExpiryMark);
  return Status::Ok();
}

}  // namespace

Result<Sha1Digest> DigestOfValue(Context& context, int database, const Entry& entry) {
  Sha1Digest digest{};
  TIDEMARK_RETURN_IF_ERROR(MixValue(context, database, entry, digest));
  return digest;
}

Result<Sha1Digest> DigestOfDataSet(Context& context) {
  Sha1Digest all{};
  for (int index = 0; index < context.keyspace.database_count(); ++index) {
    const Database& db = context.keyspace.database(index);
    if (db.size() == 0) continue;
    MixNumber(all, static_cast<uint32_t>(index));
    Status failed;
    db.ForEach([&](const Entry& entry) {
      if (!failed.ok()) return;
      Sha1Digest digest{};
      Mix(digest, entry.key());
      failed = MixValue(context, index, entry, digest);
      Add(all, View(digest));
    });
    TIDEMARK_RETURN_IF_ERROR(failed);
  }
  return all;
}

std::string ToHex(const Sha1Digest& digest) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : digest) text += {kDigits[byte >> 4], kDigits[byte & 15]};
  return text;
}

}  // namespace tidemark::commands
