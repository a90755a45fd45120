#include "keyspace/database.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/numbers.h"
#include "keyspace/keyspace.h"
#include "values/hash.h"

namespace tidemark::keyspace {

using values::Encoding;
using values::StringBlob;
using values::Type;

Database::Database(int index, KeyspaceContext& context)
    : index_(index), context_(context), dict_(EntryOps{&context.seed}) {}

Database::~Database() {
  Flush(FreeMode::kNow);
}

unsigned Database::FlagsOf(const Entry& entry) {
  const bool fields =
      entry.type() == Type::kHash && !entry.cold() && values::HashNextExpiry(entry.object()) != values::kNeverExpires;
  return (entry.cold() ? kColdFlag : 0u) | (entry.has_expiry() ? kVolatileFlag : 0u) |
         (fields ? kVolatileFieldsFlag : 0u);
}

void Database::SetSlot(const EntryRef& ref) {
  const unsigned flags = FlagsOf(*ref);
  volatile_hash_count_ -= (dict_.Flags(ref.slot) & kVolatileFieldsFlag) != 0 ? 1 : 0;
  volatile_hash_count_ += (flags & kVolatileFieldsFlag) != 0 ? 1 : 0;
  dict_.Set(ref.slot, ref.entry, flags);
}

void Database::EraseSlot(const EntryRef& ref) {
  volatile_hash_count_ -= (dict_.Flags(ref.slot) & kVolatileFieldsFlag) != 0 ? 1 : 0;
  dict_.Erase(ref.hash, ref.slot);
}

void Database::Count(const Entry& entry) {
  volatile_count_ += entry.has_expiry() ? 1 : 0;
  cold_count_ += entry.cold() ? 1 : 0;
  clean_count_ += entry.residency() == Residency::kClean ? 1 : 0;
}

void Database::Uncount(const Entry& entry) {
  volatile_count_ -= entry.has_expiry() ? 1 : 0;
  cold_count_ -= entry.cold() ? 1 : 0;
  clean_count_ -= entry.residency() == Residency::kClean ? 1 : 0;
}

bool Database::HasExpired(const Entry& entry) const {
  return entry.has_expiry() && entry.ExpiredAt(context_.expiry_now_ms());
}

EntryRef Database::RefAt(EntryDict::Slot slot) const {
  Entry* entry = dict_.Get(slot);
  return {entry, slot, SipHash13(entry->key(), context_.seed)};
}

EntryRef Database::RefOf(uint64_t hash, Entry* entry) const {
  const EntryDict::Slot slot = dict_.FindPointer(hash, entry);
  if (!slot) return {};
  return {entry, slot, hash};
}

EntryRef Database::Find(const HashedKey& key) const {
  const EntryDict::Slot slot = dict_.Find(key.hash, key.bytes);
  if (!slot) return {};
  Entry* entry = dict_.Get(slot);
  if (HasExpired(*entry)) return {};
  return {entry, slot, key.hash};
}

std::string_view Database::LentStringOf(const Entry& entry) const {
  const std::optional<std::string_view> bytes = context_.lent.Find(entry.locator());
  TIDEMARK_CHECK(bytes.has_value());
  return *bytes;
}

bool Database::IsLent(const Entry& entry) const {
  return !context_.lent.empty() && context_.lent.Find(entry.locator()).has_value();
}

EntryRef Database::Lookup(const HashedKey& key, Touch touch) {
  const EntryDict::Slot slot = dict_.Find(key.hash, key.bytes);
  if (!slot) return {};
  EntryRef ref{dict_.Get(slot), slot, key.hash};
  if (HasExpired(*ref)) {
    if (context_.expire_on_access) DeleteExpired(ref);
    return {};
  }
  if (touch == Touch::kYes && !context_.no_touch) {
    ref.entry->set_access(
        AccessClock::Touched(context_.options.access, ref->access(), context_.clock.unix_us(), context_.random));
  }
  return ref;
}

EntryRef Database::LookupRead(const HashedKey& key, Touch touch) {
  const EntryRef ref = Lookup(key, touch);
  ++(ref ? context_.stats.hits : context_.stats.misses);
  return ref;
}

EntryRef Database::LookupWrite(const HashedKey& key, Touch touch) {
  return Lookup(key, touch);
}

EntryRef Database::Insert(const HashedKey& key, Entry* entry) {
  Count(*entry);
  const unsigned flags = FlagsOf(*entry);
  volatile_hash_count_ += (flags & kVolatileFieldsFlag) != 0 ? 1 : 0;
  return {entry, dict_.Insert(key.hash, entry, flags), key.hash};
}

EntryRef Database::InsertNew(const HashedKey& key, Entry* entry) {
  const EntryRef ref = Insert(key, entry);
  NotifyChanged(ref);
  return ref;
}

void Database::NotifyChanged(const EntryRef& ref) {
  if (context_.change_listener != nullptr) context_.change_listener->OnChanged(index_, {ref->key(), ref.hash});
}

void Database::Reshape(EntryRef& ref, const EntryParts& parts) {
  Uncount(*ref);
  if (!EntryFactory::TryRewrite(*ref.entry, parts)) {
    Entry* fresh = EntryFactory::Make(parts);
    EntryFactory::Free(std::exchange(ref.entry, fresh));
  }
  SetSlot(ref);
  Count(*ref);
}

void Database::SetResidency(EntryRef& ref, Residency residency) {
  EntryFactory::SetResidency(*ref.entry, residency);
}

EntryParts Database::DescribeForChange(const EntryRef& ref) {
  EntryParts parts = EntryFactory::Describe(*ref);
  if (parts.locator != 0 && context_.locator_sink != nullptr) context_.locator_sink->ReleaseLocator(parts.locator);
  parts.locator = 0;
  parts.residency = Residency::kResident;
  return parts;
}

FreeMode Database::FreeModeOf(DeleteCause cause) const {
  const KeyspaceOptions& options = context_.options;
  bool lazy = false;
  switch (cause) {
    case DeleteCause::kUser:
      lazy = options.lazyfree_lazy_user_del;
      break;
    case DeleteCause::kServer:
      lazy = options.lazyfree_lazy_server_del;
      break;
    case DeleteCause::kExpiry:
      lazy = options.lazyfree_lazy_expire;
      break;
    case DeleteCause::kEviction:
      lazy = options.lazyfree_lazy_eviction;
      break;
  }
  return lazy ? FreeMode::kLazy : FreeMode::kNow;
}

void Database::DropValue(const Entry& entry, FreeMode mode) {
  if (entry.storage() != Entry::Storage::kPointer) return;
  const values::Object object = entry.object();
  if (mode == FreeMode::kLazy && (values::ObjectBytes(object) >= LazyFree::kWorthwhileBytes ||
                                  values::FreeEffort(object) >= LazyFree::kWorthwhileEffort)) {
    context_.lazy_free.FreeLater(object);
  } else {
    values::FreeObject(object);
  }
}

void Database::FillText(EntryParts& parts, std::string_view value, Encoding encoding) {
  parts.encoding = encoding;
  if (value.size() <= Entry::kMaxInlineBytes) {
    parts.storage = Entry::Storage::kInline;
    parts.inline_value = value;
  } else {
    parts.storage = Entry::Storage::kPointer;
    parts.pointer = StringBlob::Create(value);
  }
}

void Database::FillString(EntryParts& parts, std::string_view value, NumberForm form) {
  parts.type = Type::kString;
  // The length and the first byte decide for nearly every text that it is no number.
  if (form == NumberForm::kInteger && value.size() <= 20 && !value.empty() &&
      (value[0] == '-' || (value[0] >= '0' && value[0] <= '9'))) {
    if (const std::optional<int64_t> integer = ParseInt64(value)) {
      parts.encoding = Encoding::kInt;
      parts.storage = Entry::Storage::kInteger;
      parts.integer = *integer;
      return;
    }
  }
  FillText(parts, value, value.size() <= kMaxEmbstrBytes ? Encoding::kEmbstr : Encoding::kRaw);
}

EntryRef Database::SetString(EntryRef existing, const HashedKey& key, std::string_view value, KeepExpiry keep) {
  return Store(existing, key, value, ExpiryAfter(existing, keep), NumberForm::kInteger);
}

EntryRef Database::SetStringUntil(EntryRef existing, const HashedKey& key, std::string_view value, int64_t expiry_ms) {
  return Store(existing, key, value, expiry_ms, NumberForm::kInteger);
}

EntryRef Database::SetText(EntryRef existing, const HashedKey& key, std::string_view value, KeepExpiry keep) {
  return Store(existing, key, value, ExpiryAfter(existing, keep), NumberForm::kText);
}

int64_t Database::ExpiryAfter(const EntryRef& existing, KeepExpiry keep) {
  return existing && keep == KeepExpiry::kYes ? existing->expiry_ms() : Entry::kNoExpiry;
}

EntryRef Database::Store(EntryRef existing, const HashedKey& key, std::string_view value, int64_t expiry_ms,
                         NumberForm form) {
  const AccessOptions& access = context_.options.access;
  const int64_t now = context_.clock.unix_us();
  if (!existing) {
    EntryParts parts;
    parts.key = key.bytes;
    parts.access = AccessClock::Fresh(access, now);
    parts.expiry_ms = expiry_ms;
    FillString(parts, value, form);
    return InsertNew(key, EntryFactory::Make(parts));
  }
  EntryParts parts = DescribeForChange(existing);
  // The counter of an LFU field outlives the value it counted for.
  if (access.mode == AccessMode::kLru) parts.access = AccessClock::Fresh(access, now);
  parts.expiry_ms = expiry_ms;
  DropValue(*existing, FreeModeOf(DeleteCause::kServer));
  FillString(parts, value, form);
  Reshape(existing, parts);
  NotifyChanged(existing);
  return existing;
}

uint8_t Database::ColdSizeOf(const Entry& entry) {
  if (entry.type() == Type::kString) return Entry::kUnknownSize;
  // Fields that expire do so on flash too.
  if (!entry.cold() && entry.type() == Type::kHash && values::HashNextExpiry(entry.object()) != values::kNeverExpires) {
    return Entry::kUnknownSize;
  }
  return static_cast<uint8_t>(
      std::min<uint64_t>(entry.ContainerSize().value_or(Entry::kUnknownSize), Entry::kUnknownSize));
}

EntryRef Database::InsertCold(const HashedKey& key, const ColdValue& value, int64_t expiry_ms) {
  TIDEMARK_CHECK(value.locator != 0);
  EntryParts parts;
  parts.key = key.bytes;
  parts.type = value.type;
  parts.encoding = value.encoding;
  parts.access = AccessClock::Fresh(context_.options.access, context_.clock.unix_us());
  parts.residency = Residency::kCold;
  parts.expiry_ms = expiry_ms;
  parts.locator = value.locator;
  parts.cold_size = value.size;
  return InsertNew(key, EntryFactory::Make(parts));
}

EntryRef Database::SetObject(EntryRef existing, const HashedKey& key, const values::Object& object, KeepExpiry keep) {
  const AccessOptions& access = context_.options.access;
  const int64_t now = context_.clock.unix_us();
  EntryParts parts;
  if (existing) {
    parts = DescribeForChange(existing);
    if (access.mode == AccessMode::kLru) parts.access = AccessClock::Fresh(access, now);
    if (keep == KeepExpiry::kNo) parts.expiry_ms = Entry::kNoExpiry;
    DropValue(*existing, FreeModeOf(DeleteCause::kServer));
  } else {
    parts.key = key.bytes;
    parts.access = AccessClock::Fresh(access, now);
  }
  parts.type = object.type;
  parts.encoding = object.encoding;
  parts.storage = Entry::Storage::kPointer;
  parts.pointer = object.pointer;
  if (!existing) return InsertNew(key, EntryFactory::Make(parts));
  Reshape(existing, parts);
  NotifyChanged(existing);
  return existing;
}

void Database::UpdateObject(EntryRef& ref, const values::Object& object, ValueChange change) {
  const bool changed = change != ValueChange::kNone;
  if (changed && ref->locator() != 0) {
    EntryParts parts = DescribeForChange(ref);
    parts.encoding = object.encoding;
    parts.pointer = object.pointer;
    Reshape(ref, parts);
  } else {
    EntryFactory::SetPointer(*ref.entry, object.pointer);
    EntryFactory::SetEncoding(*ref.entry, object.encoding);
    if (changed) SetResidency(ref, Residency::kResident);
    // A hash of pairs never had a field that expires: encodings only grow.
    if (object.type == Type::kHash && object.encoding != Encoding::kListpack) SetSlot(ref);
  }
  if (change == ValueChange::kToldToAll) NotifyChanged(ref);
  if (change == ValueChange::kToldToWaiters && context_.change_listener != nullptr) {
    context_.change_listener->OnConcernsWaiters(index_, {ref->key(), ref.hash});
  }
}

void Database::SetInteger(EntryRef& ref, int64_t value) {
  if (ref->is_integer() && ref->locator() == 0) {
    EntryFactory::SetInteger(*ref.entry, value);
    SetResidency(ref, Residency::kResident);
    NotifyChanged(ref);
    return;
  }
  EntryParts parts = DescribeForChange(ref);
  DropValue(*ref, FreeMode::kNow);
  parts.encoding = Encoding::kInt;
  parts.storage = Entry::Storage::kInteger;
  parts.integer = value;
  Reshape(ref, parts);
  NotifyChanged(ref);
}

char* Database::ResizeString(EntryRef& ref, size_t bytes) {
  char scratch[kInt64Chars];
  const size_t old_bytes = ref->StringView(scratch).size();
  if (ref->storage() == Entry::Storage::kPointer && ref->locator() == 0) {
    auto* blob = StringBlob::Resize(static_cast<StringBlob*>(ref->pointer()), bytes);
    EntryFactory::SetPointer(*ref.entry, blob);
    EntryFactory::SetEncoding(*ref.entry, Encoding::kRaw);
    SetResidency(ref, Residency::kResident);
    if (bytes > old_bytes) std::memset(blob->data() + old_bytes, 0, bytes - old_bytes);
    NotifyChanged(ref);
    return blob->data();
  }
  EntryParts parts = DescribeForChange(ref);
  StringBlob* blob;
  if (parts.storage == Entry::Storage::kPointer) {
    blob = StringBlob::Resize(static_cast<StringBlob*>(parts.pointer), bytes);
  } else {
    const std::string_view old = ref->StringView(scratch);
    blob = StringBlob::Create(bytes, bytes);
    std::memcpy(blob->data(), old.data(), std::min(old.size(), bytes));
  }
  if (bytes > old_bytes) std::memset(blob->data() + old_bytes, 0, bytes - old_bytes);
  parts.encoding = Encoding::kRaw;
  parts.storage = Entry::Storage::kPointer;
  parts.pointer = blob;
  Reshape(ref, parts);
  NotifyChanged(ref);
  return blob->data();
}

void Database::SetExpiry(EntryRef& ref, int64_t unix_ms) {
  if (ref->has_expiry()) {
    EntryFactory::SetExpiry(*ref.entry, unix_ms);
    NotifyChanged(ref);
    return;
  }
  EntryParts parts = EntryFactory::Describe(*ref);
  if (parts.residency == Residency::kSpilling) parts.residency = Residency::kResident;
  parts.expiry_ms = unix_ms;
  Reshape(ref, parts);
  NotifyChanged(ref);
}

void Database::ClearExpiry(EntryRef& ref) {
  if (!ref->has_expiry()) return;
  EntryParts parts = EntryFactory::Describe(*ref);
  if (parts.residency == Residency::kSpilling) parts.residency = Residency::kResident;
  parts.expiry_ms = Entry::kNoExpiry;
  Reshape(ref, parts);
  NotifyChanged(ref);
}

void Database::Delete(EntryRef ref, FreeMode mode) {
  if (ref->locator() != 0 && context_.locator_sink != nullptr) context_.locator_sink->ReleaseLocator(ref->locator());
  NotifyChanged(ref);
  DropValue(*ref, mode);
  Uncount(*ref);
  EraseSlot(ref);
  EntryFactory::Free(ref.entry);
}

void Database::DeleteExpired(EntryRef ref) {
  ++context_.stats.expired_keys;
  if (context_.removal_listener != nullptr) {
    context_.removal_listener->OnKeyRemoved(index_, ref->key(), RemovalCause::kExpiry);
  }
  Delete(ref, DeleteCause::kExpiry);
}

EntryRef Database::EraseExpiredFields(EntryRef ref, size_t most) {
  values::Object object = ref->object();
  values::Hash hash(object, context_.options.encoding_limits, context_.expiry_now_ms());
  std::vector<std::string> names;
  const size_t erased = hash.EraseExpired(most, context_.removal_listener != nullptr ? &names : nullptr);
  if (erased == 0) return ref;
  if (context_.removal_listener != nullptr) context_.removal_listener->OnFieldsExpired(index_, ref->key(), names);
  context_.stats.expired_fields += erased;
  UpdateObject(ref, object, ValueChange::kToldToAll);
  if (hash.size() > 0) return ref;
  Delete(ref, FreeMode::kNow);
  return {};
}

EntryRef Database::FindByLocator(uint64_t hash, uint64_t locator) const {
  const EntryDict::Slot slot =
      dict_.FindWhere(hash, [locator](const Entry& entry) { return entry.locator() == locator; });
  return slot ? EntryRef{dict_.Get(slot), slot, hash} : EntryRef{};
}

void Database::Relocate(EntryRef& ref, uint64_t locator) {
  TIDEMARK_CHECK(ref->locator() != 0);
  EntryFactory::SetLocator(*ref.entry, locator);
}

EntryRef Database::MoveTo(EntryRef ref, Database& target, const HashedKey& key) {
  EntryParts parts = EntryFactory::Describe(*ref);
  if (parts.residency == Residency::kSpilling) parts.residency = Residency::kResident;
  parts.key = key.bytes;
  Entry* moved = EntryFactory::Make(parts);
  NotifyChanged(ref);
  Uncount(*ref);
  EraseSlot(ref);
  EntryFactory::Free(ref.entry);
  if (parts.locator != 0 && context_.locator_sink != nullptr) {
    context_.locator_sink->RenameLocator(parts.locator, key.hash);
  }
  return target.InsertNew(key, moved);
}

EntryRef Database::CopyTo(EntryRef ref, Database& target, const HashedKey& key) const {
  TIDEMARK_CHECK(!ref->cold());
  EntryParts parts = EntryFactory::Describe(*ref);
  parts.key = key.bytes;
  parts.locator = 0;
  parts.residency = Residency::kResident;
  parts.access = AccessClock::Fresh(context_.options.access, context_.clock.unix_us());
  if (parts.storage == Entry::Storage::kPointer && parts.type == Type::kString) {
    parts.pointer = StringBlob::Create(static_cast<const StringBlob*>(parts.pointer)->view());
  } else if (parts.storage == Entry::Storage::kPointer) {
    const values::Object copy = values::CloneObject(ref->object());
    parts.encoding = copy.encoding;
    parts.pointer = copy.pointer;
  }
  return target.InsertNew(key, EntryFactory::Make(parts));
}

void Database::Flush(FreeMode mode) {
  if (context_.change_listener != nullptr) context_.change_listener->OnFlush(index_);
  if (mode == FreeMode::kLazy && dict_.size() > 0) {
    auto detached = std::make_unique<EntryDict>(EntryOps{&context_.seed});
    detached->Swap(dict_);
    context_.lazy_free.FreeDictLater(std::move(detached));
  } else {
    dict_.Clear([this](Entry* entry) {
      if (entry->locator() != 0 && context_.locator_sink != nullptr) {
        context_.locator_sink->ReleaseLocator(entry->locator());
      }
      DropValue(*entry, FreeMode::kNow);
      EntryFactory::Free(entry);
    });
  }
  volatile_count_ = 0;
  volatile_hash_count_ = 0;
  cold_count_ = 0;
  clean_count_ = 0;
  average_ttl_ms_ = 0;
}

void Database::SwapWith(Database& other) {
  dict_.Swap(other.dict_);
  std::swap(volatile_count_, other.volatile_count_);
  std::swap(volatile_hash_count_, other.volatile_hash_count_);
  std::swap(cold_count_, other.cold_count_);
  std::swap(clean_count_, other.clean_count_);
  std::swap(average_ttl_ms_, other.average_ttl_ms_);
}

EntryRef Database::PickRandom() {
  // Expired keys are deleted on the way, so this ends; when all of a large database has expired, it is cut short as a
  // client would not want to wait for it.
  constexpr int kMaxTries = 100;
  for (int i = 0; i < kMaxTries; ++i) {
    const EntryDict::Slot slot = dict_.Pick(context_.random);
    if (!slot) return {};
    const EntryRef ref = RefAt(slot);
    if (!HasExpired(*ref)) return ref;
    DeleteExpired(ref);
  }
  return {};
}

void Database::MarkSpilling(EntryRef& ref) {
  TIDEMARK_DCHECK(ref->residency() == Residency::kResident);
  SetResidency(ref, Residency::kSpilling);
}

void Database::UnmarkSpilling(EntryRef& ref) {
  TIDEMARK_DCHECK(ref->residency() == Residency::kSpilling);
  SetResidency(ref, Residency::kResident);
}

void Database::MakeCold(EntryRef& ref, uint64_t locator) {
  TIDEMARK_CHECK(ref->residency() == Residency::kSpilling);
  EntryParts parts = EntryFactory::Describe(*ref);
  parts.cold_size = ColdSizeOf(*ref);
  DropValue(*ref, FreeMode::kNow);
  parts.residency = Residency::kCold;
  parts.locator = locator;
  parts.storage = Entry::Storage::kNone;
  Reshape(ref, parts);
}

void Database::DemoteClean(EntryRef& ref) {
  TIDEMARK_CHECK(ref->residency() == Residency::kClean);
  EntryParts parts = EntryFactory::Describe(*ref);
  parts.cold_size = ColdSizeOf(*ref);
  DropValue(*ref, FreeMode::kNow);
  parts.residency = Residency::kCold;
  parts.storage = Entry::Storage::kNone;
  Reshape(ref, parts);
}

void Database::InstallString(EntryRef& ref, std::string_view value, Encoding encoding) {
  TIDEMARK_CHECK(ref->cold());
  EntryParts parts = EntryFactory::Describe(*ref);
  parts.residency = Residency::kClean;
  FillText(parts, value, encoding);
  Reshape(ref, parts);
}

void Database::InstallObject(EntryRef& ref, const values::Object& object) {
  TIDEMARK_CHECK(ref->cold() && object.type == ref->type());
  EntryParts parts = EntryFactory::Describe(*ref);
  parts.residency = Residency::kClean;
  parts.encoding = object.encoding;
  parts.storage = Entry::Storage::kPointer;
  parts.pointer = object.pointer;
  Reshape(ref, parts);
}

void Database::InstallInteger(EntryRef& ref, int64_t value) {
  TIDEMARK_CHECK(ref->cold());
  EntryParts parts = EntryFactory::Describe(*ref);
  parts.residency = Residency::kClean;
  parts.encoding = Encoding::kInt;
  parts.storage = Entry::Storage::kInteger;
  parts.integer = value;
  Reshape(ref, parts);
}

}  // namespace tidemark::keyspace
