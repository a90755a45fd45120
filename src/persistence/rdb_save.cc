#include "persistence/rdb_save.h"

#include <unistd.h>

#include <optional>
#include <string>

#include "base/numbers.h"
#include "commands/identity.h"
#include "formats/rdb_writer.h"
#include "formats/record_body.h"
#include "formats/value_codec.h"
#include "keyspace/access_clock.h"
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

class RdbForm final : public DatasetForm {
 public:
  RdbForm(const SaveRequest& request, formats::ByteSink& sink)
      : request_(request),
        strings_(request.options.rdb_compression ? StringForm::kCompressed : StringForm::kIntegers),
        writer_(sink, {.checksum = request.options.rdb_checksum, .strings = strings_}) {}

  Status Run() {
    WriteHead();
    TIDEMARK_RETURN_IF_ERROR(WalkDataset(request_, *this));
    return writer_.End();
  }

 private:
  void WriteHead() {
    writer_.Begin();
    writer_.AddAux("redis-ver", commands::kRedisVersion);
    writer_.AddAux("redis-bits", "64");
    writer_.AddAux("ctime", std::to_string(request_.keyspace.clock().unix_seconds()));
    writer_.AddAux("used-mem", std::to_string(request_.used_memory));
    writer_.AddAux("aof-base", request_.aof_base ? "1" : "0");
    if (request_.checkpoint != nullptr) formats::AddCheckpointHead(*request_.checkpoint, writer_);
    for (const std::string& library : request_.functions) writer_.AddFunction(library);
  }

  Status BeginDatabase(const Database& database) override {
    writer_.SelectDatabase(static_cast<uint64_t>(database.index()), database.size(), database.volatile_count());
    return Status::Ok();
  }

  bool wants_cold_values() const override { return request_.checkpoint == nullptr; }

  Status WriteEntry(const Entry& entry) override {
    if (entry.cold()) return writer_.AddColdKey(entry.key(), AttributesOf(entry), ColdValueOf(entry));
    return writer_.AddKey(entry.key(), AttributesOf(entry), [&](std::string& out) -> Result<uint8_t> {
      if (entry.type() == values::Type::kString) {
        char scratch[kInt64Chars];
        return formats::EncodeText(entry.StringView(scratch), strings_, out);
      }
      return formats::EncodeObject(entry.object(), {.strings = strings_, .audience = Audience::kRedis7}, out);
    });
  }

  Status WriteCold(const Entry& entry, const tiering::FlashRecord& record) override {
    return writer_.AddKey(entry.key(), AttributesOf(entry), [&](std::string& out) -> Result<uint8_t> {
      Result<uint8_t> type_tag = formats::MakePortable(record.type_tag, record.payload, entry.encoding(), strings_,
                                                       request_.keyspace.options().encoding_limits, out);
      if (!type_tag) return UnreadableCold(entry, type_tag.error());
      return type_tag;
    });
  }

  formats::ColdValue ColdValueOf(const Entry& entry) const {
    const keyspace::LocatorSink* const names = request_.keyspace.context().locator_sink;
    return {.locator = entry.locator(),
            .type = entry.type(),
            .encoding = entry.encoding(),
            .size = Database::ColdSizeOf(entry),
            .renamed = names != nullptr && names->Renamed(entry.locator())};
  }

  RdbAttributes AttributesOf(const Entry& entry) const {
    RdbAttributes attributes;
    if (entry.has_expiry()) attributes.expiry_ms = entry.expiry_ms();
    const keyspace::AccessOptions& access = request_.keyspace.options().access;
    const int64_t now = request_.keyspace.clock().unix_us();
    if (access.mode == AccessMode::kLfu) {
      attributes.frequency = AccessClock::Frequency(access, entry.access(), now);
    } else if (request_.with_idle_times) {
      attributes.idle_seconds = AccessClock::IdleSeconds(entry.access(), now);
    }
    return attributes;
  }

  const SaveRequest& request_;
  const StringForm strings_;
  RdbWriter writer_;
};

}  // namespace

Status WriteRdb(const SaveRequest& request, formats::ByteSink& sink) {
  return RdbForm(request, sink).Run();
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
