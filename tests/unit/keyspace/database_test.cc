// Goal: whatever the shape of an entry (expiry, locator, storage, long key), every change to it leaves the right value,
// expiry, counts and flags behind, and a locator is released exactly once: when nothing names it any more.
#include "keyspace/database.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/memory.h"
#include "base/random.h"
#include "support/seed.h"
#include "test_keyspace.h"

namespace tidemark::keyspace {
namespace {

using values::Encoding;

constexpr int64_t kDeadline = TestKeyspace::kStartMs + 100000;

struct Value {
  std::string text;
  Encoding encoding;
  Entry::Storage storage;
};

std::vector<Value> Values() {
  return {{"", Encoding::kEmbstr, Entry::Storage::kInline},
          {"short", Encoding::kEmbstr, Entry::Storage::kInline},
          {std::string(44, 'e'), Encoding::kEmbstr, Entry::Storage::kInline},
          {std::string(45, 'r'), Encoding::kRaw, Entry::Storage::kInline},
          {std::string(192, 'i'), Encoding::kRaw, Entry::Storage::kInline},
          {std::string(193, 'p'), Encoding::kRaw, Entry::Storage::kPointer},
          {std::string(100000, 'b'), Encoding::kRaw, Entry::Storage::kPointer},
          {"12345", Encoding::kInt, Entry::Storage::kInteger},
          {"-9223372036854775808", Encoding::kInt, Entry::Storage::kInteger},
          {"007", Encoding::kEmbstr, Entry::Storage::kInline}};
}

std::vector<std::string> Keys() {
  // The last that fits in the header, and what is longer.
  return {"",
          "k",
          "a key of 16 byte",
          std::string(2046, 'x'),
          std::string(2047, 'y'),
          std::string(2048, 'z'),
          std::string(70000, 'l')};
}

struct Shape {
  std::string key;
  Value value;
  bool expires = false;
  Residency residency = Residency::kResident;

  std::string Describe() const {
    return "key of " + std::to_string(key.size()) + " bytes, value of " + std::to_string(value.text.size()) + ", " +
           (expires ? "volatile, " : "persistent, ") + std::string(ResidencyName(residency));
  }
};

std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  for (const std::string& key : Keys()) {
    for (const Value& value : Values()) {
      for (const bool expires : {false, true}) {
        for (const Residency residency :
             {Residency::kResident, Residency::kClean, Residency::kSpilling, Residency::kCold}) {
          shapes.push_back({key, value, expires, residency});
        }
      }
    }
  }
  return shapes;
}

// One entry of a given shape in a keyspace of its own, and what is to be true of it.
class Specimen {
 public:
  explicit Specimen(const Shape& shape) : shape_(shape), key_(world_.Key(shape_.key)) {
    ref_ = db().SetString({}, key_, shape_.value.text);
    if (shape_.expires) db().SetExpiry(ref_, kDeadline);
    switch (shape_.residency) {
      case Residency::kSpilling:
        db().MarkSpilling(ref_);
        break;
      case Residency::kCold:
        locator_ = world_.MakeCold(ref_, db());
        break;
      case Residency::kClean:
        locator_ = world_.MakeCold(ref_, db());
        Install();
        break;
      default:
        break;
    }
    // A neighbour that no change may touch.
    world_.Set("neighbour", "untouched");
    ref_ = db().Find(key_);
  }

  TestKeyspace& world() { return world_; }
  Database& db() { return world_.db(); }
  EntryRef& ref() { return ref_; }
  const HashedKey& key() const { return key_; }
  uint64_t locator() const { return locator_; }

  void Install() {
    if (shape_.value.storage == Entry::Storage::kInteger) {
      db().InstallInteger(ref_, std::stoll(shape_.value.text));
    } else {
      db().InstallString(ref_, shape_.value.text, shape_.value.encoding);
    }
  }

  // Checks the entry under `key` in database `index`. No text: the value is cold.
  void Expect(std::optional<std::string_view> text, Encoding encoding, int64_t expiry_ms, Residency residency,
              std::optional<HashedKey> where = std::nullopt, int index = 0) {
    Database& database = world_.db(index);
    const HashedKey key = where ? *where : key_;
    const EntryRef found = database.Find(key);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->key(), key.bytes);
    EXPECT_EQ(found->type(), values::Type::kString);
    EXPECT_EQ(found->encoding(), encoding);
    EXPECT_EQ(found->expiry_ms(), expiry_ms);
    EXPECT_EQ(found->residency(), residency);
    if (text) {
      char scratch[TestKeyspace::kScratchBytes];
      EXPECT_EQ(found->StringView(scratch), *text);
      EXPECT_EQ(found->StringBytes(), text->size());
    } else {
      EXPECT_EQ(found->storage(), Entry::Storage::kNone);
    }
    const bool has_locator = residency == Residency::kCold || residency == Residency::kClean;
    EXPECT_EQ(found->locator() != 0, has_locator);
    const unsigned flags = (residency == Residency::kCold ? Database::kColdFlag : 0) |
                           (expiry_ms != Entry::kNoExpiry ? Database::kVolatileFlag : 0);
    EXPECT_EQ(database.dict().Flags(found.slot), flags);
    ExpectCounts();
    if (key.bytes != "neighbour") {
      EXPECT_EQ(world_.Get("neighbour"), "untouched");
    }
  }

  // Recounts what the databases claim to have.
  void ExpectCounts() {
    size_t named = 0;
    for (int i = 0; i < world_.keyspace.database_count(); ++i) {
      const Database& database = world_.db(i);
      size_t keys = 0;
      size_t expiring = 0;
      size_t cold = 0;
      size_t clean = 0;
      database.ForEach([&](const Entry& entry) {
        ++keys;
        expiring += entry.has_expiry() ? 1 : 0;
        cold += entry.cold() ? 1 : 0;
        clean += entry.residency() == Residency::kClean ? 1 : 0;
        if (entry.locator() != 0) {
          ++named;
          EXPECT_TRUE(world_.sink.IsLive(entry.locator())) << "an entry names a released locator";
        }
      });
      EXPECT_EQ(database.size(), keys);
      EXPECT_EQ(database.volatile_count(), expiring);
      EXPECT_EQ(database.cold_count(), cold);
      EXPECT_EQ(database.clean_count(), clean);
    }
    EXPECT_EQ(world_.sink.live(), named) << "a locator leaked";
  }

 private:
  Shape shape_;
  TestKeyspace world_;
  HashedKey key_;
  uint64_t locator_ = 0;
  EntryRef ref_;
};

template <typename Check>
void ForEachShape(Check&& check) {
  for (const Shape& shape : Shapes()) {
    SCOPED_TRACE(shape.Describe());
    Specimen specimen(shape);
    check(shape, specimen);
    if (::testing::Test::HasFailure()) return;
  }
}

int64_t ExpiryOf(const Shape& shape) {
  return shape.expires ? kDeadline : Entry::kNoExpiry;
}

std::optional<std::string_view> TextOf(const Shape& shape) {
  if (shape.residency == Residency::kCold) return std::nullopt;
  return shape.value.text;
}

TEST(Database, MakesEveryShape) {
  ForEachShape([](const Shape& shape, Specimen& specimen) {
    specimen.Expect(TextOf(shape), shape.value.encoding, ExpiryOf(shape), shape.residency);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(specimen.ref().entry) % 16, 0u) << "the dict keeps flags in the low bits";
    if (shape.residency != Residency::kCold) {
      EXPECT_EQ(specimen.ref()->storage(), shape.value.storage);
    }
    EXPECT_GE(specimen.ref()->AllocatedBytes(), sizeof(Entry) + shape.key.size());
  });
}

TEST(Database, SetStringOverEveryShape) {
  const std::vector<Value> values = Values();
  for (const Value& value : values) {
    ForEachShape([&](const Shape& shape, Specimen& specimen) {
      if (shape.key.size() > 16 && value.text.size() > 1000) return;
      specimen.db().SetString(specimen.ref(), specimen.key(), value.text, KeepExpiry::kYes);
      specimen.Expect(value.text, value.encoding, ExpiryOf(shape), Residency::kResident);
      if (specimen.locator() != 0) {
        EXPECT_FALSE(specimen.world().sink.IsLive(specimen.locator()));
      }
      EntryRef ref = specimen.db().Find(specimen.key());
      ref = specimen.db().SetString(ref, specimen.key(), value.text);
      specimen.Expect(value.text, value.encoding, Entry::kNoExpiry, Residency::kResident);
      specimen.db().SetStringUntil(ref, specimen.key(), value.text, kDeadline + 1);
      specimen.Expect(value.text, value.encoding, kDeadline + 1, Residency::kResident);
    });
  }
}

TEST(Database, SetTextKeepsANumberText) {
  ForEachShape([](const Shape& shape, Specimen& specimen) {
    specimen.db().SetText(specimen.ref(), specimen.key(), "17", KeepExpiry::kYes);
    specimen.Expect("17", Encoding::kEmbstr, ExpiryOf(shape), Residency::kResident);
  });
}

TEST(Database, SetIntegerOverEveryShape) {
  ForEachShape([](const Shape& shape, Specimen& specimen) {
    if (shape.residency == Residency::kCold) return;
    specimen.db().SetInteger(specimen.ref(), -77);
    specimen.Expect("-77", Encoding::kInt, ExpiryOf(shape), Residency::kResident);
    specimen.db().SetInteger(specimen.ref(), 78);
    specimen.Expect("78", Encoding::kInt, ExpiryOf(shape), Residency::kResident);
  });
}

TEST(Database, ResizeStringOverEveryShape) {
  ForEachShape([](const Shape& shape, Specimen& specimen) {
    if (shape.residency == Residency::kCold) return;
    std::string expected = shape.value.text;
    for (const size_t bytes : {expected.size() + 3, expected.size(), size_t{0}, size_t{500}, size_t{7}}) {
      char* const data = specimen.db().ResizeString(specimen.ref(), bytes);
      expected.resize(bytes, '\0');
      specimen.Expect(expected, Encoding::kRaw, ExpiryOf(shape), Residency::kResident);
      if (bytes > 0) {
        data[bytes - 1] = 'w';
        expected[bytes - 1] = 'w';
      }
      specimen.Expect(expected, Encoding::kRaw, ExpiryOf(shape), Residency::kResident);
    }
  });
}

TEST(Database, ExpiryComesAndGoes) {
  ForEachShape([](const Shape& shape, Specimen& specimen) {
    // The copy on flash stays good: an expiry is no part of the value. A write under way may be dropped, not lost.
    specimen.db().SetExpiry(specimen.ref(), kDeadline + 5);
    const Residency after = specimen.ref()->residency();
    if (after != shape.residency) {
      EXPECT_EQ(shape.residency, Residency::kSpilling);
      EXPECT_EQ(after, Residency::kResident);
    }
    specimen.Expect(TextOf(shape), shape.value.encoding, kDeadline + 5, after);
    specimen.db().ClearExpiry(specimen.ref());
    const Residency last = specimen.ref()->residency();
    specimen.Expect(TextOf(shape), shape.value.encoding, Entry::kNoExpiry, last);
    specimen.db().ClearExpiry(specimen.ref());
    specimen.Expect(TextOf(shape), shape.value.encoding, Entry::kNoExpiry, last);
    if (specimen.locator() != 0) {
      EXPECT_EQ(specimen.ref()->locator(), specimen.locator());
    }
  });
}

TEST(Database, MovesEveryShape) {
  ForEachShape([](const Shape& shape, Specimen& specimen) {
    const Residency after = shape.residency == Residency::kSpilling ? Residency::kResident : shape.residency;
    specimen.db().SetAccess(specimen.ref(), 0xabcdef);
    for (const int target : {3, 0}) {
      const std::string name = "moved to " + std::to_string(target);
      const HashedKey key = specimen.world().Key(name);
      const int source = target == 3 ? 0 : 3;
      const HashedKey old_key = source == 0 ? specimen.key() : specimen.world().Key("moved to 3");
      const EntryRef from = specimen.world().db(source).Find(old_key);
      const EntryRef moved = specimen.world().db(source).MoveTo(from, specimen.world().db(target), key);
      EXPECT_EQ(moved->access(), 0xabcdefu);
      EXPECT_EQ(moved->locator(), specimen.locator());
      EXPECT_FALSE(specimen.world().db(source).Find(old_key));
      specimen.Expect(TextOf(shape), shape.value.encoding, ExpiryOf(shape), after, key, target);
    }
  });
}

TEST(Database, CopiesEveryShapeInRam) {
  ForEachShape([](const Shape& shape, Specimen& specimen) {
    if (shape.residency == Residency::kCold) return;
    const HashedKey key = specimen.world().Key("copy");
    specimen.db().CopyTo(specimen.ref(), specimen.world().db(2), key);
    specimen.Expect(shape.value.text, shape.value.encoding, ExpiryOf(shape), Residency::kResident, key, 2);
    specimen.Expect(shape.value.text, shape.value.encoding, ExpiryOf(shape), shape.residency);
    specimen.db().Delete(specimen.db().Find(specimen.key()), FreeMode::kNow);
    specimen.Expect(shape.value.text, shape.value.encoding, ExpiryOf(shape), Residency::kResident, key, 2);
  });
}

TEST(Database, DeletesEveryShape) {
  for (const FreeMode mode : {FreeMode::kNow, FreeMode::kLazy}) {
    ForEachShape([&](const Shape&, Specimen& specimen) {
      specimen.db().Delete(specimen.ref(), mode);
      EXPECT_FALSE(specimen.db().Find(specimen.key()));
      EXPECT_EQ(specimen.world().sink.live(), 0u);
      specimen.ExpectCounts();
    });
  }
}

// resident -> spilling -> cold -> clean -> cold -> clean, and back out of spilling.
TEST(Database, ResidencyMakesItsRound) {
  ForEachShape([](const Shape& shape, Specimen& specimen) {
    if (shape.residency != Residency::kResident) return;
    Database& db = specimen.db();
    const auto expect = [&](Residency residency) {
      const bool in_ram = residency != Residency::kCold;
      specimen.Expect(in_ram ? std::optional<std::string_view>(shape.value.text) : std::nullopt, shape.value.encoding,
                      ExpiryOf(shape), residency);
    };
    db.MarkSpilling(specimen.ref());
    expect(Residency::kSpilling);
    db.UnmarkSpilling(specimen.ref());
    expect(Residency::kResident);
    const uint64_t locator = specimen.world().MakeCold(specimen.ref(), db);
    expect(Residency::kCold);
    EXPECT_EQ(specimen.ref()->ReclaimableBytes(), 0u);
    specimen.Install();
    expect(Residency::kClean);
    db.DemoteClean(specimen.ref());
    expect(Residency::kCold);
    EXPECT_EQ(specimen.ref()->locator(), locator);
    specimen.Install();
    expect(Residency::kClean);
    EXPECT_EQ(specimen.world().sink.live(), 1u);
  });
}

TEST(Database, ReclaimableIsWhatSpillingGivesBack) {
  ForEachShape([](const Shape& shape, Specimen& specimen) {
    if (shape.residency != Residency::kResident || shape.value.storage == Entry::Storage::kInteger) return;
    const size_t promised = specimen.ref()->ReclaimableBytes();
    const size_t before = specimen.ref()->AllocatedBytes();
    specimen.world().MakeCold(specimen.ref(), specimen.db());
    const size_t after = specimen.ref()->AllocatedBytes();
    // Where the allocator is not jemalloc, what a block will take is known to 16 bytes only.
    const double given = before > after ? static_cast<double>(before - after) : 0;
    EXPECT_NEAR(static_cast<double>(promised), given, 15);
  });
}

TEST(Database, SmallEntriesAreSmall) {
  TestKeyspace world;
  EntryRef ref = world.Set("a key of 16 byte", std::string(32, 'v'));
  EXPECT_LE(ref->AllocatedBytes(), 64u);
  world.MakeCold(ref, world.db());
  EXPECT_LE(ref->AllocatedBytes(), 32u);
}

TEST(Database, LookupsNoticeExpiry) {
  TestKeyspace world;
  EntryRef ref = world.Set("k", "v");
  world.db().SetExpiry(ref, TestKeyspace::kStartMs + 10);
  const uint64_t locator = world.MakeCold(ref, world.db());
  world.clock.AdvanceMs(10);
  EXPECT_TRUE(world.db().LookupRead(world.Key("k"))) << "the last millisecond belongs to the key";
  world.clock.AdvanceMs(1);
  EXPECT_FALSE(world.db().Find(world.Key("k")));
  EXPECT_EQ(world.db().size(), 1u) << "Find has no side effects";
  size_t visited = 0;
  world.db().ForEach([&](const Entry&) { ++visited; });
  world.db().Scan(0, [&](const Entry&) { ++visited; });
  EXPECT_EQ(visited, 0u);
  EXPECT_FALSE(world.db().LookupRead(world.Key("k")));
  EXPECT_EQ(world.db().size(), 0u);
  EXPECT_FALSE(world.sink.IsLive(locator));
  const KeyspaceStats& stats = world.keyspace.stats();
  EXPECT_EQ(stats.expired_keys, 1u);
  EXPECT_EQ(stats.hits, 1u);
  EXPECT_EQ(stats.misses, 1u);
}

TEST(Database, LookupsNoteAccessUnlessToldNotTo) {
  TestKeyspace world;
  world.Set("k", "v");
  const uint32_t made = world.db().Find(world.Key("k"))->access();
  world.clock.AdvanceMs(5000);
  EXPECT_EQ(world.db().LookupRead(world.Key("k"), Touch::kNo)->access(), made);
  world.keyspace.context().no_touch = true;
  EXPECT_EQ(world.db().LookupWrite(world.Key("k"))->access(), made);
  world.keyspace.context().no_touch = false;
  EXPECT_EQ(world.db().LookupWrite(world.Key("k"))->access(), made + (5u << AccessClock::kTickBits));
}

TEST(Database, LfuCounterOutlivesTheValue) {
  KeyspaceOptions options;
  options.access.mode = AccessMode::kLfu;
  TestKeyspace world(1, options);
  EntryRef ref = world.Set("k", "v");
  world.db().SetAccess(ref, AccessClock::FromFrequency(200, TestKeyspace::kStartMs * 1000));
  ref = world.db().SetString(world.db().LookupWrite(world.Key("k"), Touch::kNo), world.Key("k"), "another value");
  EXPECT_EQ(AccessClock::Frequency(options.access, ref->access(), TestKeyspace::kStartMs * 1000), 200);
}

TEST(Database, PickRandomPassesOverTheExpired) {
  TestKeyspace world;
  EXPECT_FALSE(world.db().PickRandom());
  for (int i = 0; i < 20; ++i) {
    const std::string key = "gone " + std::to_string(i);
    EntryRef ref = world.Set(key, "v");
    world.db().SetExpiry(ref, TestKeyspace::kStartMs + 1);
  }
  world.Set("stays", "v");
  world.clock.AdvanceMs(2);
  for (int i = 0; i < 50; ++i) {
    const EntryRef ref = world.db().PickRandom();
    ASSERT_TRUE(ref);
    EXPECT_EQ(ref->key(), "stays");
  }
}

TEST(Database, SwapExchangesContentsAndCounts) {
  TestKeyspace world;
  EntryRef cold = world.Set("cold", "value");
  const uint64_t locator = world.MakeCold(cold, world.db());
  EntryRef clean = world.Set("clean", "value");
  world.MakeCold(clean, world.db());
  world.db().InstallString(clean, "value", Encoding::kEmbstr);
  EntryRef expiring = world.Set("volatile", "value");
  world.db().SetExpiry(expiring, kDeadline);
  world.keyspace.SwapDatabases(0, 5);
  world.keyspace.SwapDatabases(5, 5);
  EXPECT_EQ(world.db(0).size(), 0u);
  EXPECT_EQ(world.db(0).cold_count() + world.db(0).clean_count() + world.db(0).volatile_count(), 0u);
  EXPECT_EQ(world.db(5).size(), 3u);
  EXPECT_EQ(world.db(5).cold_count(), 1u);
  EXPECT_EQ(world.db(5).clean_count(), 1u);
  EXPECT_EQ(world.db(5).volatile_count(), 1u);
  EXPECT_EQ(world.Get("volatile", 5), "value");
  EXPECT_EQ(world.db(5).Find(world.Key("cold"))->locator(), locator);
}

// Waits for the lazy-free thread, with a deadline.
bool LazyFreeIsDone(TestKeyspace& world) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (world.keyspace.lazy_free().pending_objects() > 0) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

class DatabaseFlush : public ::testing::TestWithParam<FreeMode> {};

TEST_P(DatabaseFlush, ReleasesEveryLocatorOnce) {
  constexpr int kKeys = 3000;
  TestKeyspace world;
  for (int index : {0, 7}) {
    for (int i = 0; i < kKeys; ++i) {
      const std::string key = std::to_string(i);
      EntryRef ref = world.db(index).SetString({}, world.Key(key), std::string(static_cast<size_t>(i), 'v'));
      if (i % 2 == 0) world.db(index).SetExpiry(ref, kDeadline);
      if (i % 3 != 0) world.MakeCold(ref, world.db(index));
      if (i % 3 == 2) {
        world.db(index).InstallString(ref, std::string(static_cast<size_t>(i), 'v'), Encoding::kRaw);
      }
    }
  }
  EXPECT_EQ(world.sink.live(), 2u * kKeys / 3 * 2);
  world.keyspace.FlushAll(GetParam());
  for (int index : {0, 7}) {
    EXPECT_EQ(world.db(index).size(), 0u);
    EXPECT_EQ(world.db(index).volatile_count(), 0u);
    EXPECT_EQ(world.db(index).cold_count(), 0u);
    EXPECT_EQ(world.db(index).clean_count(), 0u);
  }
  world.Set("new", "life");
  ASSERT_TRUE(LazyFreeIsDone(world));
  world.keyspace.CollectReleasedLocators();
  EXPECT_EQ(world.sink.live(), 0u);
  world.keyspace.CollectReleasedLocators();
  EXPECT_EQ(world.Get("new"), "life");
  EXPECT_EQ(world.keyspace.lazy_free().freed_objects(), GetParam() == FreeMode::kLazy ? 2u * kKeys : 0u);
}

INSTANTIATE_TEST_SUITE_P(Modes, DatabaseFlush, ::testing::Values(FreeMode::kNow, FreeMode::kLazy));

TEST(Database, LargeValuesAreFreedLazily) {
  TestKeyspace world;
  world.Set("large", std::string(1 << 20, 'x'));
  world.Set("small", std::string(1000, 'x'));
  for (const char* key : {"large", "small"}) {
    world.db().Delete(world.db().LookupWrite(world.Key(key)), FreeMode::kLazy);
  }
  ASSERT_TRUE(LazyFreeIsDone(world));
  EXPECT_EQ(world.keyspace.lazy_free().freed_objects(), 1u);
}

// Every change in random order, against a plain map.
TEST(Database, RandomChangesAgainstAModel) {
  struct Model {
    std::string text;
    int64_t expiry_ms = Entry::kNoExpiry;
  };
  constexpr int kSteps = 40000;
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  TestKeyspace world(seed);
  Database& db = world.db();
  std::unordered_map<std::string, Model> model;
  const std::vector<Value> values = Values();
  for (int step = 0; step < kSteps; ++step) {
    const std::string name = "key " + std::to_string(random.Below(300));
    const HashedKey key = world.Key(name);
    EntryRef ref = db.LookupWrite(key);
    ASSERT_EQ(static_cast<bool>(ref), model.contains(name)) << "step " << step;
    const std::string& text = values[random.Below(values.size())].text;
    const auto action = random.Below(12);
    if (!ref || action == 0) {
      db.SetString(ref, key, text);
      model[name] = {text};
      continue;
    }
    Model& expected = model[name];
    if (!ref->cold()) {
      char scratch[TestKeyspace::kScratchBytes];
      ASSERT_EQ(ref->StringView(scratch), expected.text) << "step " << step;
    }
    ASSERT_EQ(ref->expiry_ms(), expected.expiry_ms);
    const Residency residency = ref->residency();
    switch (action) {
      case 1:
        db.Delete(ref, random.Below(2) == 0 ? FreeMode::kNow : FreeMode::kLazy);
        model.erase(name);
        break;
      case 2:
        expected.expiry_ms = kDeadline + static_cast<int64_t>(random.Below(1000));
        db.SetExpiry(ref, expected.expiry_ms);
        break;
      case 3:
        db.ClearExpiry(ref);
        expected.expiry_ms = Entry::kNoExpiry;
        break;
      case 4:
        if (residency == Residency::kCold) break;
        db.SetInteger(ref, step);
        expected.text = std::to_string(step);
        break;
      case 5: {
        if (residency == Residency::kCold) break;
        const size_t bytes = random.Below(400);
        db.ResizeString(ref, bytes);
        expected.text.resize(bytes, '\0');
        break;
      }
      case 6: {
        const std::string target = "key " + std::to_string(random.Below(300));
        if (model.contains(target)) break;
        db.MoveTo(ref, db, world.Key(target));
        Model moved = std::move(model.at(name));
        model.erase(name);
        model.emplace(target, std::move(moved));
        break;
      }
      case 7:
      case 8:
        if (residency == Residency::kResident) db.MarkSpilling(ref);
        if (residency == Residency::kSpilling) db.MakeCold(ref, world.sink.Issue());
        if (residency == Residency::kClean) db.DemoteClean(ref);
        break;
      case 9:
        if (residency == Residency::kSpilling) db.UnmarkSpilling(ref);
        break;
      default:
        if (residency != Residency::kCold) break;
        if (ref->encoding() == Encoding::kInt) {
          db.InstallInteger(ref, std::stoll(expected.text));
        } else {
          db.InstallString(ref, expected.text, ref->encoding());
        }
        break;
    }
  }
  ASSERT_EQ(db.size(), model.size());
  size_t named = 0;
  db.ForEach([&](const Entry& entry) {
    ASSERT_TRUE(model.contains(std::string(entry.key())));
    named += entry.locator() != 0 ? 1 : 0;
  });
  EXPECT_EQ(world.sink.live(), named);
  db.Flush(FreeMode::kNow);
  EXPECT_EQ(world.sink.live(), 0u);
}

// What a checkpoint's base file tells of a cold key makes the same entry again, without its value being read.
TEST(Database, AnEntryThatIsColdFromTheStartIsLikeOneThatWasSpilled) {
  for (const std::string& key : Keys()) {
    for (const bool expires : {false, true}) {
      SCOPED_TRACE(key.size());
      TestKeyspace world;
      EntryRef spilled = world.Set(key, std::string(300, 'v'));
      if (expires) world.db().SetExpiry(spilled, kDeadline);
      world.MakeCold(spilled, world.db());
      const ColdValue value{.type = spilled->type(),
                            .encoding = spilled->encoding(),
                            .locator = world.sink.Issue(),
                            .size = Database::ColdSizeOf(*spilled)};
      const EntryRef made = world.db(1).InsertCold(world.Key(key), value, spilled->expiry_ms());
      EXPECT_EQ(made->key(), key);
      EXPECT_EQ(made->type(), spilled->type());
      EXPECT_EQ(made->encoding(), spilled->encoding());
      EXPECT_EQ(made->residency(), Residency::kCold);
      EXPECT_EQ(made->locator(), value.locator);
      EXPECT_EQ(made->expiry_ms(), spilled->expiry_ms());
      EXPECT_EQ(made->AllocatedBytes(), spilled->AllocatedBytes());
      EXPECT_EQ(world.db(1).cold_count(), 1u);
      EXPECT_EQ(world.db(1).volatile_count(), expires ? 1u : 0u);
      EXPECT_EQ(world.db(1).dict().Flags(made.slot), world.db(0).dict().Flags(spilled.slot));
      world.db(1).Delete(made, FreeMode::kNow);
      EXPECT_FALSE(world.sink.IsLive(value.locator));
    }
  }
}

TEST(Database, AColdContainerRemembersASmallSize) {
  TestKeyspace world;
  for (const uint8_t size : {uint8_t{0}, uint8_t{7}, uint8_t{254}, Entry::kUnknownSize}) {
    const std::string key = std::to_string(size);
    const EntryRef made = world.db().InsertCold(
        world.Key(key),
        {.type = values::Type::kList, .encoding = Encoding::kListpack, .locator = world.sink.Issue(), .size = size},
        Entry::kNoExpiry);
    EXPECT_EQ(Database::ColdSizeOf(*made), size);
    EXPECT_EQ(made->ContainerSize(), size == Entry::kUnknownSize ? std::nullopt : std::optional<uint64_t>(size));
  }
}

TEST(Keyspace, TakesOverASeed) {
  TestKeyspace first;
  TestKeyspace second(2, {.hash_seed = first.keyspace.hash_seed()});
  TestKeyspace other;
  EXPECT_EQ(first.Key("key").hash, second.Key("key").hash);
  EXPECT_NE(first.Key("key").hash, other.Key("key").hash);
}

}  // namespace
}  // namespace tidemark::keyspace
