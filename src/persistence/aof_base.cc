#include "persistence/aof_base.h"

#include <unistd.h>

#include <string_view>

#include "base/numbers.h"
#include "formats/command_writer.h"
#include "formats/record_body.h"
#include "formats/value_commands.h"
#include "persistence/file_stream.h"
#include "persistence/rdb_save.h"

namespace tidemark::persistence {

using keyspace::Database;
using keyspace::Entry;

namespace {

constexpr std::string_view kTemporaryPrefix = "temp-rewriteaof-bg-";
constexpr std::string_view kTemporarySuffix = ".aof";

// As the commands that make every key again.
class CommandForm final : public DatasetForm {
 public:
  CommandForm(const SaveRequest& request, formats::ByteSink& sink) : request_(request), sink_(sink) {}

  Status Run() {
    if (request_.options.aof_timestamps) {
      formats::AppendTimestamp(buffer_, request_.keyspace.clock().unix_seconds());
    }
    for (const std::string& library : request_.functions) {
      formats::AppendCommand(buffer_, {"FUNCTION", "LOAD", library});
    }
    TIDEMARK_RETURN_IF_ERROR(WalkDataset(request_, *this));
    return Flush();
  }

 private:
  static constexpr size_t kBufferBytes = 64 * 1024;

  Status BeginDatabase(const Database& database) override {
    char digits[kInt64Chars];
    formats::AppendCommand(buffer_, {"SELECT", FormatInt64(database.index(), digits)});
    return Status::Ok();
  }

  Status WriteEntry(const Entry& entry) override {
    if (entry.type() == values::Type::kString) {
      char scratch[kInt64Chars];
      formats::AppendTextCommands(buffer_, entry.key(), entry.StringView(scratch));
    } else {
      formats::AppendObjectCommands(buffer_, entry.key(), entry.object());
    }
    return EndKey(entry);
  }

  Status WriteCold(const Entry& entry, const tiering::FlashRecord& record) override {
    const Result<formats::DecodedValue> value = formats::DecodeRecordBody(
        record.type_tag, record.payload,
        {.limits = request_.keyspace.options().encoding_limits, .encoding = entry.encoding()});
    if (!value) return UnreadableCold(entry, value.error());
    formats::AppendValueCommands(buffer_, entry.key(), *value);
    return EndKey(entry);
  }

  Status EndKey(const Entry& entry) {
    if (entry.has_expiry()) formats::AppendExpiryCommand(buffer_, entry.key(), entry.expiry_ms());
    return buffer_.size() < kBufferBytes ? Status::Ok() : Flush();
  }

  Status Flush() {
    const Status written = sink_.Write(buffer_);
    buffer_.clear();
    return written;
  }

  const SaveRequest& request_;
  formats::ByteSink& sink_;
  std::string buffer_;
};

}  // namespace

std::string TemporaryBaseName(int64_t pid) {
  return std::string(kTemporaryPrefix) + std::to_string(pid) + std::string(kTemporarySuffix);
}

bool IsTemporaryBaseName(std::string_view name) {
  return name.starts_with(kTemporaryPrefix) && name.ends_with(kTemporarySuffix);
}

Status WriteAofBase(const SaveRequest& request, formats::AofBaseForm form, const std::string& path) {
  FileSink sink(request.options.aof_incremental_fsync);
  if (const Status created = sink.Create(path); !created.ok()) {
    return Status(created.code(), "Can't open the temporary AOF base file " + path + ": " + created.message());
  }
  SaveRequest as_base = request;
  as_base.aof_base = true;
  Status written = form == formats::AofBaseForm::kCommands ? CommandForm(as_base, sink).Run() : WriteRdb(as_base, sink);
  if (written.ok()) written = sink.Finish();
  if (written.ok()) return written;
  unlink(path.c_str());
  return Status(written.code(), "Write error writing append only file on disk: " + written.message());
}

}  // namespace tidemark::persistence
