#include "commands/dataset_digest.h"

#include <string_view>

#include "base/numbers.h"
#include "commands/stored_value.h"

namespace tidemark::commands {
namespace {

using keyspace::Database;
using keyspace::Entry;

constexpr std::string_view kExpiryMark = "!!expire!!";

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

void MixNumber(Sha1Digest& digest, uint32_t number) {
  const char bytes[] = {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
                        static_cast<char>(number >> 8), static_cast<char>(number)};
  Mix(digest, {bytes, sizeof(bytes)});
}

Status MixValue(Context& context, int database, const Entry& entry, Sha1Digest& digest) {
  std::string value;
  TIDEMARK_RETURN_IF_ERROR(ReadStoredString(context, database, entry, value));
  MixNumber(digest, static_cast<uint32_t>(entry.type()));
  Mix(digest, value);
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
