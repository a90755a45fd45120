// One numbered database: the dict of entries and every change that can be made to one.
//
// Whatever replaces or changes a value releases its copy on flash, so that commands need not know there is one. An
// EntryRef stays valid until the next insertion into or deletion from the same database; functions that may move the
// entry take the reference by address and mend it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/siphash.h"
#include "keyspace/access_clock.h"
#include "keyspace/entry.h"
#include "keyspace/entry_factory.h"
#include "keyspace/hashed_key.h"
#include "values/dict.h"

namespace tidemark::keyspace {

struct KeyspaceContext;

// What the dict needs to know of entries.
struct EntryOps {
  const HashSeed* seed;
  std::string_view Key(const Entry& entry, unsigned) const { return entry.key(); }
  uint64_t Hash(std::string_view key) const { return SipHash13(key, *seed); }
};
using EntryDict = values::Dict<Entry, EntryOps>;

struct EntryRef {
  Entry* entry = nullptr;
  EntryDict::Slot slot;
  uint64_t hash = 0;

  explicit operator bool() const { return entry != nullptr; }
  const Entry* operator->() const { return entry; }
  const Entry& operator*() const { return *entry; }
};

enum class Touch : uint8_t { kNo, kYes };
enum class FreeMode : uint8_t { kNow, kLazy };
// A value that is on flash from the start, as a checkpoint's base file tells of it.
struct ColdValue {
  values::Type type = values::Type::kString;
  values::Encoding encoding = values::Encoding::kRaw;
  uint64_t locator = 0;
  uint8_t size = Entry::kUnknownSize;  // elements, see Database::ColdSizeOf
};
// Why a key goes. For each there is a lazyfree-lazy-* directive: a command that names it (user-del), another value that
// takes its place or a container that was emptied (server-del), its expiry, a full memory.
enum class DeleteCause : uint8_t { kUser, kServer, kExpiry, kEviction };
enum class KeepExpiry : uint8_t { kNo, kYes };
// What has become of a container's value, and who is told. Any change makes its copy on flash stale.
enum class ValueChange : uint8_t { kNone, kSilent, kToldToWaiters, kToldToAll };

class Database {
 public:
  // Bits in the dict's slots, so that walks can pass over entries without reading them.
  static constexpr unsigned kColdFlag = 1;
  static constexpr unsigned kVolatileFlag = 2;
  // Longer strings have the encoding raw.
  static constexpr size_t kMaxEmbstrBytes = 44;
  static constexpr unsigned kVolatileFieldsFlag = 4;  // a hash in RAM with fields that expire

  Database(int index, KeyspaceContext& context);
  ~Database();

  int index() const { return index_; }
  size_t size() const { return dict_.size(); }
  // Keys with an expiry.
  size_t volatile_count() const { return volatile_count_; }
  // Hashes in RAM with fields that expire.
  size_t volatile_hash_count() const { return volatile_hash_count_; }
  size_t cold_count() const { return cold_count_; }
  size_t clean_count() const { return clean_count_; }
  int64_t average_ttl_ms() const { return average_ttl_ms_; }
  void set_average_ttl_ms(int64_t ms) { average_ttl_ms_ = ms; }
  const EntryDict& dict() const { return dict_; }

  // The entry, or empty if missing or past its expiry. No side effects.
  EntryRef Find(const HashedKey& key) const;
  // For commands that read: deletes the key if it has expired, counts a hit or a miss, notes the access.
  EntryRef LookupRead(const HashedKey& key, Touch touch = Touch::kYes);
  // For commands that write: as LookupRead, without counting.
  EntryRef LookupWrite(const HashedKey& key, Touch touch = Touch::kYes);

  // The bytes of a string that is in RAM or lent to the command that runs. A number is written into `scratch` (at least
  // kInt64Chars).
  std::string_view StringOf(const Entry& entry, char* scratch) const {
    return entry.cold() ? LentStringOf(entry) : entry.StringView(scratch);
  }
  // Whether the string of a cold entry is lent to the command that runs.
  bool IsLent(const Entry& entry) const;

  // Sets `key` to a string. `existing` is what LookupWrite answered for it: an entry of any type to be replaced, or
  // empty. Chooses the encoding: int for canonical 64-bit integers, embstr up to 44 bytes, else raw.
  EntryRef SetString(EntryRef existing, const HashedKey& key, std::string_view value,
                     KeepExpiry keep = KeepExpiry::kNo);
  // As SetString, with an expiry (Unix time in milliseconds).
  EntryRef SetStringUntil(EntryRef existing, const HashedKey& key, std::string_view value, int64_t expiry_ms);
  // As SetString, but a number stays text, as INCRBYFLOAT leaves it.
  EntryRef SetText(EntryRef existing, const HashedKey& key, std::string_view value, KeepExpiry keep = KeepExpiry::kNo);
  // The existing string becomes this integer; its expiry stays.
  void SetInteger(EntryRef& ref, int64_t value);
  // Resizes the existing string, whose encoding becomes raw, and returns its bytes for writing. New bytes are zero.
  char* ResizeString(EntryRef& ref, size_t bytes);

  // Sets `key` to a container, which becomes the database's; `existing` as for SetString.
  EntryRef SetObject(EntryRef existing, const HashedKey& key, const values::Object& object,
                     KeepExpiry keep = KeepExpiry::kNo);
  // Adds `key`, which must be absent, with a value that is on flash. `expiry_ms` is Unix time or Entry::kNoExpiry. The
  // access field is that of a fresh key.
  EntryRef InsertCold(const HashedKey& key, const ColdValue& value, int64_t expiry_ms);
  // What an entry remembers, when it is cold, of the number of its elements: the number itself if it is small and
  // cannot change on flash, else Entry::kUnknownSize.
  static uint8_t ColdSizeOf(const Entry& entry);
  // Puts back the container of an entry, whose address and encoding may have changed. ContainerEdit is what commands
  // use.
  void UpdateObject(EntryRef& ref, const values::Object& object, ValueChange change);

  // Unix time in milliseconds.
  void SetExpiry(EntryRef& ref, int64_t unix_ms);
  void ClearExpiry(EntryRef& ref);
  void SetAccess(EntryRef& ref, uint32_t field) { ref.entry->set_access(field); }

  void Delete(EntryRef ref, FreeMode mode);
  void Delete(EntryRef ref, DeleteCause cause) { Delete(ref, FreeModeOf(cause)); }
  // Moves the value, its expiry and its flash copy to `key`, which must be absent from `target`.
  EntryRef MoveTo(EntryRef ref, Database& target, const HashedKey& key);
  // Copies a value in RAM and its expiry to `key`, which must be absent from `target`.
  EntryRef CopyTo(EntryRef ref, Database& target, const HashedKey& key) const;
  // Deletes every key.
  void Flush(FreeMode mode);
  // Exchanges the contents of two databases.
  void SwapWith(Database& other);

  // An entry that has not expired, each equally likely; empty if there is none.
  EntryRef PickRandom();
  // visit(const Entry&) for the keys of one cursor position, expired ones left out; returns the next cursor.
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, Visit&& visit) const {
    return dict_.Scan(cursor, [&](EntryDict::Slot slot) {
      const Entry& entry = *dict_.Get(slot);
      if (!HasExpired(entry)) visit(entry);
    });
  }
  // visit(const Entry&) for every key, expired ones left out.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    for (size_t index = 0; index < dict_.bucket_count(); ++index) {
      dict_.VisitChain(index, [&](EntryDict::Slot slot) {
        const Entry& entry = *dict_.Get(slot);
        if (!HasExpired(entry)) visit(entry);
      });
    }
  }

  bool HasExpired(const Entry& entry) const;
  // Deletes an entry that has expired and counts it.
  void DeleteExpired(EntryRef ref);
  // Erases fields that have expired, at most so many, from a hash in RAM, and counts them. The key goes with the last
  // field: then the answer is empty.
  EntryRef EraseExpiredFields(EntryRef ref, size_t most);
  EntryRef RefOf(uint64_t hash, Entry* entry) const;
  EntryRef RefAt(EntryDict::Slot slot) const;

  // The entry whose value is behind `locator`, if its key has this hash.
  EntryRef FindByLocator(uint64_t hash, uint64_t locator) const;

  // For the tier. Each is one transition of the residency state machine (tiering/README.md).
  void MarkSpilling(EntryRef& ref);                // resident -> spilling
  void UnmarkSpilling(EntryRef& ref);              // spilling -> resident
  void MakeCold(EntryRef& ref, uint64_t locator);  // spilling -> cold: frees the value
  void Relocate(EntryRef& ref, uint64_t locator);  // clean or cold: the record has been moved
  void DemoteClean(EntryRef& ref);                 // clean -> cold: frees the value
  void InstallString(EntryRef& ref, std::string_view value, values::Encoding encoding);  // cold -> clean
  void InstallInteger(EntryRef& ref, int64_t value);                                     // cold -> clean
  void InstallObject(EntryRef& ref, const values::Object& object);                       // cold -> clean

 private:
  static unsigned FlagsOf(const Entry& entry);
  EntryRef Lookup(const HashedKey& key, Touch touch);
  std::string_view LentStringOf(const Entry& entry) const;
  EntryRef Insert(const HashedKey& key, Entry* entry);
  // As Insert, and tells of it.
  EntryRef InsertNew(const HashedKey& key, Entry* entry);
  void NotifyChanged(const EntryRef& ref);
  // Replaces the entry behind `ref` by one made from `parts`; the old block is freed, the value in `parts` is kept.
  void Reshape(EntryRef& ref, const EntryParts& parts);
  void SetResidency(EntryRef& ref, Residency residency);
  // The value is about to change: what is on flash no longer equals it. Parts for the new shape.
  EntryParts DescribeForChange(const EntryRef& ref);
  FreeMode FreeModeOf(DeleteCause cause) const;
  void DropValue(const Entry& entry, FreeMode mode);
  enum class NumberForm : uint8_t { kInteger, kText };
  static int64_t ExpiryAfter(const EntryRef& existing, KeepExpiry keep);
  EntryRef Store(EntryRef existing, const HashedKey& key, std::string_view value, int64_t expiry_ms, NumberForm form);
  void FillString(EntryParts& parts, std::string_view value, NumberForm form);
  void FillText(EntryParts& parts, std::string_view value, values::Encoding encoding);
  void Uncount(const Entry& entry);
  void Count(const Entry& entry);
  // Brings the flags of the entry's slot up to date, and the entry's address.
  void SetSlot(const EntryRef& ref);
  // Takes the entry's slot out of the dict.
  void EraseSlot(const EntryRef& ref);

  int index_;
  KeyspaceContext& context_;
  EntryDict dict_;
  size_t volatile_count_ = 0;
  size_t volatile_hash_count_ = 0;
  size_t cold_count_ = 0;
  size_t clean_count_ = 0;
  int64_t average_ttl_ms_ = 0;
};

}  // namespace tidemark::keyspace
