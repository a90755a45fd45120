#include "persistence/rdb_save.h"

#include <unistd.h>

#include <optional>
#include <string>

#include "base/numbers.h"
#include "commands/identity.h"
#include "formats/portable_body.h"
#include "formats/rdb_writer.h"
#include "formats/value_codec.h"
#include "keyspace/access_clock.h"
#include "persistence/delay.h"
#include "persistence/file_stream.h"

namespace tidemark::persistence {

using formats::Audience;
using formats::RdbAttributes;
using formats::RdbWriter;
using formats::StringForm;
using keyspace::AccessClock;
using keyspace::AccessMode;
using keyspace::Database;
using keyspace::Entry;

namespace {

constexpr uint64_t kKeysPerProgress = 256;
constexpr size_t kGatheredKeys = 256;
constexpr uint64_t kGatheredColdBytes = 4 << 20;

class DatasetWriter {
 public:
  DatasetWriter(const SaveRequest& request, formats::ByteSink& sink)
      : request_(request),
        strings_(request.options.rdb_compression ? StringForm::kCompressed : StringForm::kIntegers),
        writer_(sink, {.checksum = request.options.rdb_checksum, .strings = strings_}) {}

  Status Run() {
    WriteHead();
    for (int i = 0; i < request_.keyspace.database_count(); ++i) {
      TIDEMARK_RETURN_IF_ERROR(WriteDatabase(request_.keyspace.database(i)));
    }
    TIDEMARK_RETURN_IF_ERROR(writer_.End());
    return request_.on_progress ? request_.on_progress(keys_) : Status::Ok();
  }

 private:
  void WriteHead() {
    writer_.Begin();
    writer_.AddAux("redis-ver", commands::kRedisVersion);
    writer_.AddAux("redis-bits", "64");
    writer_.AddAux("ctime", std::to_string(request_.keyspace.clock().unix_seconds()));
    writer_.AddAux("used-mem", std::to_string(request_.used_memory));
    writer_.AddAux("aof-base", request_.aof_base ? "1" : "0");
    for (const std::string& library : request_.functions) writer_.AddFunction(library);
  }

  Status WriteDatabase(const Database& database) {
    if (database.size() == 0) return Status::Ok();
    writer_.SelectDatabase(static_cast<uint64_t>(database.index()), database.size(), database.volatile_count());
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

  // Keys are written a few at a time, so that their cold values are read at once.
  void Gather(const Entry& entry) {
    gathered_.push_back(&entry);
    if (!entry.cold()) return;
    cold_.push_back(tiering::Locator(entry.locator()));
    cold_bytes_ += cold_.back().max_payload_bytes();
  }

  Status WriteGathered() {
    std::vector<Result<tiering::FlashRecord>> records;
    if (!cold_.empty()) records = request_.cold->Read(cold_);
    size_t next_record = 0;
    for (const Entry* const entry : gathered_) {
      const Result<tiering::FlashRecord>* const record = entry->cold() ? &records[next_record++] : nullptr;
      TIDEMARK_RETURN_IF_ERROR(WriteKey(*entry, record));
    }
    gathered_.clear();
    cold_.clear();
    cold_bytes_ = 0;
    return Status::Ok();
  }

  Status WriteKey(const Entry& entry, const Result<tiering::FlashRecord>* record) {
    TIDEMARK_RETURN_IF_ERROR(writer_.AddKey(entry.key(), AttributesOf(entry), [&](std::string& out) {
      return record == nullptr ? EncodeHotBody(entry, out) : EncodeColdBody(entry, *record, out);
    }));
    DelayForTests(request_.options.key_save_delay);
    if (++keys_ % kKeysPerProgress != 0 || !request_.on_progress) return Status::Ok();
    return request_.on_progress(keys_);
  }

  RdbAttributes AttributesOf(const Entry& entry) const {
    RdbAttributes attributes;
    if (entry.has_expiry()) attributes.expiry_ms = entry.expiry_ms();
    const keyspace::AccessOptions& access = request_.keyspace.options().access;
    const int64_t now = request_.keyspace.clock().unix_seconds();
    if (access.mode == AccessMode::kLfu) {
      attributes.frequency = AccessClock::Frequency(access, entry.access(), now);
    } else if (request_.with_idle_times) {
      attributes.idle_seconds = AccessClock::IdleSeconds(entry.access(), now);
    }
    return attributes;
  }

  Result<uint8_t> EncodeHotBody(const Entry& entry, std::string& out) const {
    if (entry.type() == values::Type::kString) {
      char scratch[kInt64Chars];
      return formats::EncodeText(entry.StringView(scratch), strings_, out);
    }
    return formats::EncodeObject(entry.object(), {.strings = strings_, .audience = Audience::kRedis7}, out);
  }

  Result<uint8_t> EncodeColdBody(const Entry& entry, const Result<tiering::FlashRecord>& record,
                                 std::string& out) const {
    const auto unreadable = [&](const Status& why) {
      return Status(why.code(), "the value of '" + std::string(entry.key()) + "' on flash: " + why.message());
    };
    if (!record) return unreadable(record.error());
    Result<uint8_t> type_tag = formats::MakePortable(record->type_tag, record->payload, entry.encoding(), strings_,
                                                     request_.keyspace.options().encoding_limits, out);
    return type_tag ? type_tag : unreadable(type_tag.error());
  }

  const SaveRequest& request_;
  const StringForm strings_;
  RdbWriter writer_;
  uint64_t keys_ = 0;
  std::vector<const Entry*> gathered_;
  std::vector<tiering::Locator> cold_;  // of those
  uint64_t cold_bytes_ = 0;
};

}  // namespace

Status WriteRdb(const SaveRequest& request, formats::ByteSink& sink) {
  return DatasetWriter(request, sink).Run();
}

std::string TemporaryRdbName(int64_t pid) {
  return "temp-" + std::to_string(pid) + ".rdb";
}

Status SaveRdbFile(const SaveRequest& request, int64_t pid) {
  const PersistenceOptions& options = request.options;
  const std::string temporary_name = TemporaryRdbName(pid);
  const std::string temporary = options.dir + "/" + temporary_name;
  FileSink sink(options.incremental_fsync);
  if (const Status created = sink.Create(temporary); !created.ok()) {
    return Status(created.code(), "Failed opening the temp RDB file " + temporary_name + " (in server root dir " +
                                      options.dir + ") for saving: " + created.message());
  }
  Status written = WriteRdb(request, sink);
  if (written.ok()) written = sink.Finish();
  if (!written.ok()) {
    unlink(temporary.c_str());
    return Status(written.code(), "Write error while saving DB to the disk: " + written.message());
  }
  const Status named = ReplaceFile(temporary, options.dir + "/" + options.dbfilename, options.dir);
  if (named.ok()) return Status::Ok();
  unlink(temporary.c_str());
  return Status(named.code(), "Error moving temp DB file " + temporary_name + " on the final destination " +
                                  options.dbfilename + " (in server root dir " + options.dir + "): " + named.message());
}

}  // namespace tidemark::persistence
