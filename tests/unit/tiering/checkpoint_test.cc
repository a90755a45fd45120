// Goal: a data set of which most is cold goes through a checkpoint into a later process and is the same there, without
// a value being read: keys, types, encodings, sizes, expiries; and its values, also when segments are cleaned then and
// for keys that were renamed before.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "../keyspace/test_keyspace.h"
#include "base/memory_limit.h"
#include "formats/checkpoint_head.h"
#include "formats/rdb_reader.h"
#include "formats/rdb_writer.h"
#include "store_harness.h"
#include "support/byte_streams.h"
#include "support/seed.h"
#include "tiering/pager/pager.h"
#include "tiering/valuelog/value_log_store.h"
#include "values/hash.h"

namespace tidemark::tiering {
namespace {

namespace fs = std::filesystem;
using keyspace::Database;
using keyspace::Entry;
using keyspace::EntryRef;

// A keyspace whose values are spilled to a value log in a directory.
class World : public FetchListener {
 public:
  World(const std::string& dir, std::optional<HashSeed> seed, std::optional<std::string> keep)
      : base(1, {.hash_seed = seed}),
        store(Open(dir, std::move(keep))),
        limit(Account()),
        pager(base.keyspace, *store, limit, options, *this) {}

  void OnFetched(uint64_t, uint64_t, uint64_t, const std::shared_ptr<const FetchedValue>&) override {}

  void Turn() {
    pager.Tick();
    pager.Kick();
    while (pager.Reap(64)) {
    }
  }
  void SpillAll(Database& database) {
    std::set<std::string> keys;
    database.ForEach([&](const Entry& entry) { keys.emplace(entry.key()); });
    for (const std::string& key : keys) {
      if (key.starts_with("hot")) continue;
      EXPECT_TRUE(Eventually([&] {
        if (pager.SpillKey(database, database.Find(base.Key(key)))) return true;
        Turn();
        return false;
      }));
    }
    EXPECT_TRUE(Eventually([&] {
      Turn();
      return pager.writes_in_flight() == 0;
    }));
  }
  // The body of a value, wherever it is.
  std::string ValueOf(const Entry& entry) {
    std::string body;
    if (!entry.cold()) {
      if (entry.type() != values::Type::kString) {
        formats::EncodeObject(entry.object(), {}, body);
        return body;
      }
      char scratch[kInt64Chars];
      return std::string(entry.StringView(scratch));
    }
    const FetchedValue value = pager.ReadNow(entry.locator());
    Result<formats::DecodedValue> decoded = pager.Decode(entry, value);
    if (!decoded) return "(" + decoded.error().message() + ")";
    if (decoded->type == values::Type::kString) return decoded->text;
    formats::EncodeObject(*decoded->object, {}, body);
    return body;
  }

  keyspace::TestKeyspace base;
  std::unique_ptr<ValueLogStore> store;
  MemoryLimit limit;
  TierOptions options;
  Pager pager;

 private:
  static MemoryAccount& Account() {
    static MemoryAccount account;
    return account;
  }
  static std::unique_ptr<ValueLogStore> Open(const std::string& dir, std::optional<std::string> keep) {
    auto opened = ValueLogStore::Open({.dir = dir,
                                       .segment_bytes = uint64_t{1} << 20,
                                       .compression = Compression::kNone,
                                       .device = DeviceChoice::kThreads,
                                       .keep = std::move(keep)});
    EXPECT_TRUE(opened.has_value()) << opened.error().message();
    return std::move(*opened);
  }
};

// As the child of a rewrite writes it.
std::string WriteBase(World& world, const StoreCheckpoint& checkpoint) {
  formats::StringSink sink;
  formats::RdbWriter writer(sink, {});
  writer.Begin();
  formats::AddCheckpointHead({world.store->DescribeCheckpoint(checkpoint), world.base.keyspace.hash_seed()}, writer);
  for (int i = 0; i < world.base.keyspace.database_count(); ++i) {
    const Database& database = world.base.keyspace.database(i);
    if (database.size() == 0) continue;
    writer.SelectDatabase(static_cast<uint64_t>(i), database.size(), database.volatile_count());
    database.ForEach([&](const Entry& entry) {
      formats::RdbAttributes attributes;
      if (entry.has_expiry()) attributes.expiry_ms = entry.expiry_ms();
      if (entry.cold()) {
        EXPECT_TRUE(writer
                        .AddColdKey(entry.key(), attributes,
                                    {.locator = entry.locator(),
                                     .type = entry.type(),
                                     .encoding = entry.encoding(),
                                     .size = Database::ColdSizeOf(entry),
                                     .renamed = world.pager.Renamed(entry.locator())})
                        .ok());
        return;
      }
      EXPECT_TRUE(writer
                      .AddKey(entry.key(), attributes,
                              [&](std::string& out) -> Result<uint8_t> {
                                return formats::EncodeText(world.ValueOf(entry), formats::StringForm::kRaw, out);
                              })
                      .ok());
    });
  }
  EXPECT_TRUE(writer.End().ok());
  return sink.text;
}

// As a server loads it.
class Loader : public formats::RdbHandler {
 public:
  explicit Loader(World& world) : world_(world) {}
  Status OnAux(std::string_view, std::string_view) override { return Status::Ok(); }
  Status OnDatabase(uint64_t number) override {
    database_ = &world_.base.db(static_cast<int>(number));
    return Status::Ok();
  }
  Status OnFunction(std::string_view) override { return Status::Ok(); }
  Status OnKey(const formats::RdbKey& key) override {
    std::string_view body = key.body;
    const auto value = formats::DecodeValue(key.type_tag, body, {.limits = limits_});
    database_->SetString({}, world_.base.Key(key.name), value->text);
    return Status::Ok();
  }
  Status OnColdKey(const formats::RdbColdKey& key) override {
    const keyspace::HashedKey hashed = world_.base.Key(key.name);
    TIDEMARK_RETURN_IF_ERROR(world_.store->Adopt(Locator(key.value.locator)));
    database_->InsertCold(
        hashed,
        {.type = key.value.type, .encoding = key.value.encoding, .locator = key.value.locator, .size = key.value.size},
        key.attributes.expiry_ms.value_or(Entry::kNoExpiry));
    if (key.value.renamed) world_.pager.RenameLocator(key.value.locator, hashed.hash);
    return Status::Ok();
  }
  void OnSkipped(const std::string&) override {}

 private:
  const values::EncodingLimits limits_;
  World& world_;
  Database* database_ = nullptr;
};

// What a client can ask of a key without its value.
struct Known {
  values::Type type;
  values::Encoding encoding;
  int64_t expiry_ms;
  std::optional<uint64_t> size;
  bool cold;
  std::string value;

  bool operator==(const Known&) const = default;
};
using Dataset = std::map<std::pair<int, std::string>, Known>;

Dataset KnownOf(World& world) {
  Dataset known;
  for (int i = 0; i < world.base.keyspace.database_count(); ++i) {
    world.base.db(i).ForEach([&](const Entry& entry) {
      const bool container = entry.type() != values::Type::kString;
      known[{i, std::string(entry.key())}] = {
          entry.type(), entry.encoding(),     entry.expiry_ms(), container ? entry.ContainerSize() : std::nullopt,
          entry.cold(), world.ValueOf(entry),
      };
    });
  }
  return known;
}

void FillHash(World& world, const std::string& key, size_t fields, bool expiring) {
  values::Object object = values::NewHash();
  values::Hash hash(object, world.base.keyspace.options().encoding_limits, keyspace::TestKeyspace::kStartMs);
  for (size_t i = 0; i < fields; ++i) hash.Set("field" + std::to_string(i), "value" + std::to_string(i));
  if (expiring) hash.SetExpiry(hash.Find("field0"), keyspace::TestKeyspace::kStartMs + 1'000'000);
  world.base.db().SetObject({}, world.base.Key(key), object);
}

void Fill(World& world, Random& random) {
  for (int i = 0; i < 1500; ++i) {
    EntryRef ref = world.base.Set("string" + std::to_string(i), RandomPayload(random, 20 + random.Below(3000)));
    if (i % 5 == 0) world.base.db().SetExpiry(ref, keyspace::TestKeyspace::kStartMs + 1'000'000 + i);
  }
  for (const size_t fields : {1, 2, 254, 255, 256, 600})
    FillHash(world, "hash" + std::to_string(fields), fields, false);
  FillHash(world, "expiring", 10, true);
  FillHash(world, "many expiring", 600, true);
  for (int i = 0; i < 20; ++i) world.base.Set("hot" + std::to_string(i), "in RAM");
  world.SpillAll(world.base.db());
}

TEST(Checkpoint, ADataSetIsTheSameInALaterProcess) {
  Random random(TestSeed());
  const ScratchDirectory dir;
  const ScratchDirectory copies;
  World first(dir.path(), std::nullopt, std::nullopt);
  Fill(first, random);
  Database& db = first.base.db();
  for (int i = 0; i < 100; ++i) {
    const std::string name = "string" + std::to_string(i);
    db.MoveTo(db.Find(first.base.Key(name)), first.base.db(i % 2), first.base.Key("renamed" + std::to_string(i)));
  }
  const Result<StoreCheckpoint> checkpoint = first.store->BeginCheckpoint();
  ASSERT_TRUE(checkpoint.has_value());
  const Dataset before = KnownOf(first);
  const std::string file = WriteBase(first, *checkpoint);
  ASSERT_TRUE(SyncCheckpoint(*checkpoint).ok());
  first.store->CheckpointLanded(*checkpoint);
  // What comes after it is lost, and takes nothing of it away.
  for (int i = 100; i < 1400; ++i)
    db.Delete(db.Find(first.base.Key("string" + std::to_string(i))), keyspace::FreeMode::kNow);
  first.store->Compact();
  for (int i = 0; i < 200; ++i) {
    first.base.Set("later" + std::to_string(i), RandomPayload(random, 1000));
    first.Turn();
  }
  first.SpillAll(db);
  const fs::path copy = fs::path(copies.path()) / "tier";
  fs::copy(dir.path(), copy);

  formats::StringSource head_source(file);
  const auto head = formats::ReadCheckpointHead(head_source);
  ASSERT_TRUE(head.has_value() && head->has_value());
  World second(copy, (*head)->hash_seed, (*head)->tier);
  Loader loader(second);
  formats::StringSource source(file);
  const Status loaded = formats::RdbReader(source, loader, {}).Run();
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  second.store->EndAdoption();
  EXPECT_EQ(second.store->Stats().reads, 0u) << "nothing is read to load";
  EXPECT_EQ(second.store->Stats().records, before.size() - 20);
  EXPECT_TRUE(KnownOf(second) == before);

  // Cleaning finds the owners by the hashes in the records: most of what a segment held goes, the rest is moved.
  for (int i = 100; i < 1500; ++i) {
    if (i % 4 == 0) continue;
    Database& now = second.base.db();
    now.Delete(now.Find(second.base.Key("string" + std::to_string(i))), keyspace::FreeMode::kNow);
  }
  second.Turn();
  const Dataset left = KnownOf(second);
  second.store->Compact();
  ASSERT_TRUE(Eventually([&] {
    second.Turn();
    return second.store->Stats().pinned_dead_bytes >= uint64_t{1} << 20;
  }));
  for (const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
       std::chrono::steady_clock::now() < until;) {
    second.Turn();
  }
  EXPECT_GT(second.store->Stats().moved_bytes, 0u);
  const Result<StoreCheckpoint> next = second.store->BeginCheckpoint();
  ASSERT_TRUE(next.has_value());
  second.store->CheckpointLanded(*next);
  EXPECT_EQ(second.store->Stats().pinned_dead_bytes, 0u);
  EXPECT_EQ(second.store->Stats().records, left.size() - 20);
  EXPECT_LT(second.store->Stats().disk_bytes - second.store->Stats().spare_bytes,
            2 * second.store->Stats().live_payload_bytes);
  EXPECT_TRUE(KnownOf(second) == left);
  for (int i = 0; i < 2; ++i) second.base.db(i).Flush(keyspace::FreeMode::kNow);
  second.Turn();
  EXPECT_EQ(second.store->Stats().records, 0u);
  EXPECT_EQ(second.store->Stats().live_payload_bytes, 0u);
}

}  // namespace
}  // namespace tidemark::tiering
