#include "persistence/dataset_walk.h"

#include "persistence/delay.h"

namespace tidemark::persistence {

using keyspace::Database;
using keyspace::Entry;

namespace {

constexpr uint64_t kKeysPerProgress = 256;
constexpr size_t kGatheredKeys = 256;
constexpr uint64_t kGatheredColdBytes = 4 << 20;

class Walk {
 public:
  Walk(const SaveRequest& request, DatasetForm& form)
      : request_(request), form_(form), reads_cold_(form.wants_cold_values()) {}

  Status Run() {
    for (int i = 0; i < request_.keyspace.database_count(); ++i) {
      const Database& database = request_.keyspace.database(i);
      if (database.size() != 0) TIDEMARK_RETURN_IF_ERROR(RunDatabase(database));
    }
    return request_.on_progress ? request_.on_progress(keys_) : Status::Ok();
  }

 private:
  Status RunDatabase(const Database& database) {
    TIDEMARK_RETURN_IF_ERROR(form_.BeginDatabase(database));
    const keyspace::EntryDict& dict = database.dict();
    for (size_t bucket = 0; bucket < dict.bucket_count(); ++bucket) {
      dict.VisitChain(bucket, [&](keyspace::EntryDict::Slot slot) {
        const Entry& entry = *dict.Get(slot);
        if (!database.HasExpired(entry)) Gather(entry);
      });
      if (gathered_.size() >= kGatheredKeys || cold_bytes_ >= kGatheredColdBytes) {
        TIDEMARK_RETURN_IF_ERROR(WriteGathered());
      }
    }
    return WriteGathered();
  }

  void Gather(const Entry& entry) {
    gathered_.push_back(&entry);
    if (!entry.cold() || !reads_cold_) return;
    cold_.push_back(tiering::Locator(entry.locator()));
    cold_bytes_ += cold_.back().max_payload_bytes();
  }

  Status WriteGathered() {
    std::vector<Result<tiering::FlashRecord>> records;
    if (!cold_.empty()) records = request_.cold->Read(cold_);
    size_t next_record = 0;
    for (const Entry* const entry : gathered_) {
      if (entry->cold() && reads_cold_) {
        const Result<tiering::FlashRecord>& record = records[next_record++];
        if (!record) return UnreadableCold(*entry, record.error());
        TIDEMARK_RETURN_IF_ERROR(form_.WriteCold(*entry, *record));
      } else {
        TIDEMARK_RETURN_IF_ERROR(form_.WriteEntry(*entry));
      }
      DelayForTests(request_.options.key_save_delay);
      if (++keys_ % kKeysPerProgress == 0 && request_.on_progress) {
        TIDEMARK_RETURN_IF_ERROR(request_.on_progress(keys_));
      }
    }
    gathered_.clear();
    cold_.clear();
    cold_bytes_ = 0;
    return Status::Ok();
  }

  const SaveRequest& request_;
  DatasetForm& form_;
  const bool reads_cold_;
  uint64_t keys_ = 0;
  std::vector<const Entry*> gathered_;
  std::vector<tiering::Locator> cold_;  // of those
  uint64_t cold_bytes_ = 0;
};

}  // namespace

Status WalkDataset(const SaveRequest& request, DatasetForm& form) {
  return Walk(request, form).Run();
}

Status UnreadableCold(const Entry& entry, const Status& why) {
  return {why.code(), "the value of '" + std::string(entry.key()) + "' on flash: " + why.message()};
}

}  // namespace tidemark::persistence
