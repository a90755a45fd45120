#include "persistence/rdb_load.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/numbers.h"
#include "formats/empty_container.h"
#include "formats/value_codec.h"
#include "keyspace/access_clock.h"
#include "persistence/delay.h"
#include "persistence/file_stream.h"

namespace tidemark::persistence {

using formats::DecodedValue;
using formats::RdbAttributes;
using formats::RdbKey;
using keyspace::AccessClock;
using keyspace::AccessMode;
using keyspace::Database;
using keyspace::EntryRef;
using keyspace::HashedKey;

Status RdbLoad::Run(const std::string& path, FileSource& source, SameKey same_key) {
  source_ = &source;
  same_key_ = same_key;
  formats::RdbReader reader(
      source, *this,
      {.verify_checksum = options_.rdb_checksum, .any_version = options_.version_check == RdbVersionCheck::kRelaxed});
  const Status done = reader.Run();
  if (!done.ok()) return Status(done.code(), path + ": " + done.message());
  end_offset_ = reader.offset();
  rest_ = reader.rest();
  if (reader.without_checksum() && options_.rdb_checksum) {
    log_.Log(LogLevel::kNotice, "RDB file was saved with checksum disabled: no check performed.");
  }
  log_.Log(LogLevel::kNotice, "Done loading RDB, keys loaded: " + std::to_string(result_.keys) +
                                  ", keys expired: " + std::to_string(result_.expired_keys) +
                                  ", empty keys skipped: " + std::to_string(result_.empty_keys) + ".");
  return Status::Ok();
}

Status RdbLoad::OnAux(std::string_view name, std::string_view value) {
  if (name == "redis-ver" || name == "valkey-ver") {
    log_.Log(LogLevel::kNotice, "Loading RDB produced by version " + std::string(value));
  } else if (name == "ctime") {
    const std::optional<int64_t> created = ParseInt64(value);
    if (!created) return Status::Ok();
    const int64_t age = std::max<int64_t>(0, keyspace_.clock().unix_seconds() - std::max<int64_t>(0, *created));
    log_.Log(LogLevel::kNotice, "RDB age " + std::to_string(age) + " seconds");
  } else if (name == "used-mem") {
    const std::optional<int64_t> bytes = ParseInt64(value);
    if (!bytes || *bytes < 0) return Status::Ok();
    figures_.used_memory_when_saved = static_cast<uint64_t>(*bytes);
    char text[80];
    std::snprintf(text, sizeof(text), "RDB memory usage when created %.2f Mb",
                  static_cast<double>(*bytes) / (1024 * 1024));
    log_.Log(LogLevel::kNotice, text);
  } else if (name == "aof-base" && value == "1") {
    log_.Log(LogLevel::kNotice, "RDB is base AOF");
  }
  return Status::Ok();
}

Status RdbLoad::OnDatabase(uint64_t number) {
  if (number >= static_cast<uint64_t>(keyspace_.database_count())) {
    return Status::Corruption("Data file was created with a server configured to handle more than " +
                              std::to_string(keyspace_.database_count()) + " databases");
  }
  database_ = static_cast<int>(number);
  return Status::Ok();
}

Status RdbLoad::OnFunction(std::string_view library) {
  result_.functions.emplace_back(library);
  return Status::Ok();
}

void RdbLoad::OnSkipped(const std::string& text) {
  log_.Log(LogLevel::kWarning, text);
}

Status RdbLoad::OnKey(const RdbKey& key) {
  const std::optional<int64_t> expiry_ms = key.attributes.expiry_ms;
  if (expiry_ms && *expiry_ms < keyspace_.context().expiry_now_ms()) {
    ++result_.expired_keys;
  } else {
    TIDEMARK_RETURN_IF_ERROR(Store(key));
  }
  DelayForTests(options_.key_load_delay);
  return LookAround(key.body.size());
}

Status RdbLoad::Store(const RdbKey& key) {
  std::string_view body = key.body;
  Result<DecodedValue> value =
      formats::DecodeValue(key.type_tag, body, {.limits = keyspace_.options().encoding_limits, .dialect = key.dialect});
  if (!value || !body.empty()) {
    if (formats::IsEmptyContainer(key.type_tag, key.body)) {
      ++result_.empty_keys;
      return Status::Ok();
    }
    return Status::Corruption("the value of key '" + std::string(key.name) +
                              "': " + (value ? std::string("something is behind it") : value.error().message()));
  }
  Database& database = keyspace_.database(database_);
  const HashedKey hashed = keyspace_.Hash(key.name);
  TIDEMARK_RETURN_IF_ERROR(MakeWay(key.name, hashed));
  EntryRef ref = value->type == values::Type::kString ? database.SetString({}, hashed, value->text)
                                                      : database.SetObject({}, hashed, value->object.Release());
  if (key.attributes.expiry_ms) database.SetExpiry(ref, *key.attributes.expiry_ms);
  SetAccess(ref, key.attributes);
  ++result_.keys;
  return Status::Ok();
}

Status RdbLoad::MakeWay(std::string_view name, const HashedKey& key) {
  Database& database = keyspace_.database(database_);
  const EntryRef existing = database.LookupWrite(key, keyspace::Touch::kNo);
  if (!existing) return Status::Ok();
  if (same_key_ == SameKey::kRefuse) {
    return Status::Corruption("RDB has duplicated key '" + std::string(name) + "' in DB " + std::to_string(database_));
  }
  database.Delete(existing, keyspace::FreeMode::kNow);
  return Status::Ok();
}

Status RdbLoad::OnColdKey(const formats::RdbColdKey& key) {
  if (tier_ == nullptr) return RdbHandler::OnColdKey(key);
  const tiering::Locator locator(key.value.locator);
  if (const Status adopted = tier_->Adopt(locator); !adopted.ok()) {
    return Status::Corruption("the value of key '" + std::string(key.name) + "' on flash: " + adopted.message());
  }
  const HashedKey hashed = keyspace_.Hash(key.name);
  TIDEMARK_RETURN_IF_ERROR(MakeWay(key.name, hashed));
  const keyspace::ColdValue value{
      .type = key.value.type, .encoding = key.value.encoding, .locator = locator.raw(), .size = key.value.size};
  EntryRef ref = keyspace_.database(database_).InsertCold(
      hashed, value, key.attributes.expiry_ms.value_or(keyspace::Entry::kNoExpiry));
  if (key.value.renamed) keyspace_.context().locator_sink->RenameLocator(locator.raw(), hashed.hash);
  SetAccess(ref, key.attributes);
  ++result_.keys;
  DelayForTests(options_.key_load_delay);
  return LookAround(formats::kColdValueBytes);
}

void RdbLoad::SetAccess(EntryRef& ref, const RdbAttributes& attributes) {
  const int64_t now = keyspace_.clock().unix_us();
  const bool lfu = keyspace_.options().access.mode == AccessMode::kLfu;
  Database& database = keyspace_.database(database_);
  if (lfu && attributes.frequency) {
    database.SetAccess(ref, AccessClock::FromFrequency(*attributes.frequency, now));
  } else if (!lfu && attributes.idle_seconds) {
    database.SetAccess(ref, AccessClock::FromIdleSeconds(*attributes.idle_seconds, now));
  }
}

Status RdbLoad::LookAround(uint64_t bytes) {
  figures_.loaded_bytes = progress_offset_ + source_->read_bytes();
  bytes_since_look_ += bytes;
  if (++keys_since_look_ >= kKeysPerLook || bytes_since_look_ >= kBytesPerLook) {
    keys_since_look_ = bytes_since_look_ = 0;
    TIDEMARK_RETURN_IF_ERROR(host_.MakeRoom());
  }
  if (figures_.loaded_bytes < next_events_at_) return Status::Ok();
  next_events_at_ = figures_.loaded_bytes + options_.events_interval_bytes;
  LogProgress();
  return host_.OnLoadProgress();
}

void RdbLoad::LogProgress() {
  const int64_t now_us = Clock::MonotonicUs();
  if (next_log_us_ == 0) next_log_us_ = now_us + kLogEveryUs;
  if (now_us < next_log_us_) return;
  next_log_us_ = now_us + kLogEveryUs;
  log_.Log(LogLevel::kNotice, "Loading RDB: " + std::to_string(figures_.loaded_bytes) + " of " +
                                  std::to_string(figures_.total_bytes) + " bytes, " + std::to_string(result_.keys) +
                                  " keys");
}

}  // namespace tidemark::persistence
