// Goal: a keyspace whose values, of every type, move to flash and back at random ends with the same contents as a
// std::map, whatever the operations and however slowly, and with what failures, the store works.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "../formats/contents.h"
#include "base/random.h"
#include "keyspace/container_edit.h"
#include "pager_rig.h"
#include "support/seed.h"

namespace tidemark::tiering {
namespace {

using keyspace::EntryRef;
using keyspace::FreeMode;

constexpr int kDatabases = 3;
constexpr int kKeys = 60;
constexpr int kSteps = 20'000;

struct Expected {
  std::string value;  // of a string
  std::optional<values::Type> container = {};
  values::Encoding encoding = values::Encoding::kRaw;  // of a container
  formats::Contents contents = {};                     // of a container
  int64_t expiry_ms = keyspace::Entry::kNoExpiry;
};
using Model = std::vector<std::map<std::string, Expected>>;

class RandomRun {
 public:
  explicit RandomRun(uint64_t seed) : random_(seed), rig_({.databases = kDatabases}, seed), model_(kDatabases) {}

  void Step() {
    const int db = static_cast<int>(random_.Below(kDatabases));
    const std::string key = "key:" + std::to_string(random_.Below(kKeys));
    ForgetExpired();
    switch (random_.Below(30)) {
      case 24:
      case 25:
        return SetContainer(db, key);
      case 26:
      case 27:
        return ChangeContainer(db, key);
      case 0:
      case 1:
      case 2:
      case 3:
        return Set(db, key);
      case 4:
      case 5:
        return Append(db, key);
      case 6:
      case 7:
      case 8:
        return Compare(db, key);
      case 9:
        return Delete(db, key);
      case 10:
        return Transfer(db, key, /*keep_source=*/std::false_type{});
      case 11:
        return Transfer(db, key, /*keep_source=*/std::true_type{});
      case 12:
        return Expire(db, key);
      case 13:
        return Persist(db, key);
      case 14:
        if (random_.Below(10) == 0) Swap();
        return;
      case 15:
        if (random_.Below(50) == 0) Flush(db);
        return;
      case 16:
        return rig_.base.clock.AdvanceMs(static_cast<int64_t>(random_.Below(500)));
      case 17:
        if (random_.Below(10) == 0) {
          rig_.simulated.FailNextWrites(random_.Below(4),
                                        random_.Below(2) == 0 ? StatusCode::kIoError : StatusCode::kNoSpace);
        }
        return;
      case 18:
        rig_.limit.set_max_bytes(random_.Below(4) == 0 ? PagerRig::kShort : PagerRig::kRoomy);
        rig_.pager.Tick();
        return;
      case 19:
        rig_.base.keyspace.CollectReleasedLocators();
        return;
      case 22: {
        const EntryRef ref = rig_.Find(key, db);
        if (ref && ref->locator() != 0) rig_.simulated.Move(Locator(ref->locator()));
        return;
      }
      case 20:
      case 21:
        if (const EntryRef ref = rig_.Find(key, db)) rig_.pager.SpillKey(rig_.db(db), ref);
        return;
      default:
        rig_.simulated.Step(random_.Below(8));
        rig_.pager.Reap(random_.Below(8) + 1);
        return;
    }
  }

  void ExpectSame() {
    ForgetExpired();
    rig_.simulated.FailNextWrites(0, StatusCode::kIoError);
    rig_.ExpectConsistent();
    for (int db = 0; db < kDatabases; ++db) {
      const auto& expected = model_[static_cast<size_t>(db)];
      size_t size = 0;
      rig_.db(db).ForEach([&](const keyspace::Entry&) { ++size; });
      EXPECT_EQ(size, expected.size());
      for (const auto& [key, value] : expected) Compare(db, key);
    }
    rig_.ExpectConsistent();
  }
  uint64_t spills() const { return rig_.pager.stats().spills; }
  uint64_t stale_writes() const { return rig_.pager.stats().stale_writes; }

 private:
  std::map<std::string, Expected>& Of(int db) { return model_[static_cast<size_t>(db)]; }
  int64_t now_ms() const { return rig_.base.clock.unix_ms(); }

  void ForgetExpired() {
    for (auto& database : model_) {
      std::erase_if(database, [&](const auto& item) {
        return item.second.expiry_ms != keyspace::Entry::kNoExpiry && item.second.expiry_ms < now_ms();
      });
    }
  }

  std::string RandomValue() {
    static constexpr size_t kSizes[] = {0, 10, 44, 70, 150, 192, 193, 500, 5000};
    if (random_.Below(8) == 0) return std::to_string(random_.Below(1'000'000));
    std::string value(kSizes[random_.Below(std::size(kSizes))], static_cast<char>('a' + random_.Below(26)));
    return value;
  }

  // The entry with its value in RAM, as a command is given it; what is transient goes back when `use` is done.
  template <typename Use>
  void WithValue(int db, const std::string& key, Use&& use) {
    EntryRef ref = rig_.db(db).LookupWrite(rig_.base.Key(key));
    if (!ref) return use(ref);
    if (!ref->cold()) return use(ref);
    const uint64_t locator = ref->locator();
    const auto installed = rig_.Bring(key, db);
    ASSERT_TRUE(installed) << installed.error().message();
    ref = rig_.Find(key, db);
    use(ref);
    if (*installed == Pager::Installed::kTransient) rig_.pager.Settle(rig_.db(db), rig_.base.Key(key), locator);
  }

  void Set(int db, const std::string& key) {
    const std::string value = RandomValue();
    const keyspace::HashedKey hashed = rig_.base.Key(key);
    rig_.db(db).SetString(rig_.db(db).LookupWrite(hashed), hashed, value);
    Of(db)[key] = {value};
  }
  // What the container now holds is what is expected of it from now on: that it is right, the tests of values/ say.
  void Expect(int db, const std::string& key, const EntryRef& ref) {
    Expected& expected = Of(db)[key];
    expected.container = ref->type();
    expected.encoding = ref->encoding();
    expected.contents = formats::ContentsOf(ref->object());
  }
  // Adds what makes it a little larger, or much, so that encodings change.
  void Grow(values::Object& object) {
    const values::EncodingLimits& limits = rig_.base.keyspace.options().encoding_limits;
    const size_t count = random_.Below(8) == 0 ? 200 + random_.Below(400) : 1 + random_.Below(5);
    for (size_t i = 0; i < count; ++i) {
      const std::string number = std::to_string(random_.Below(1'000'000));
      const std::string text = random_.Below(2) == 0 ? number : "text " + number + std::string(random_.Below(30), '.');
      switch (object.type) {
        case values::Type::kString:
          break;
        case values::Type::kList:
          values::List(object, limits)
              .Push(values::ListEnd::kTail, random_.Below(50) == 0 ? std::string(9000, 'l') : text);
          break;
        case values::Type::kSet:
          values::Set(object, limits).Add(i % 2 == 0 ? number : text);
          break;
        case values::Type::kZSet:
          values::SortedSet(object, limits).Set(text, static_cast<double>(random_.Below(100)) / 3);
          break;
        case values::Type::kHash: {
          values::Hash hash(object, limits, values::HashView::kNoTime);
          hash.Set(text, number);
          if (random_.Below(10) == 0)
            hash.SetExpiry(hash.Find(text), static_cast<int64_t>(1 + random_.Below(1'000'000)));
          break;
        }
        case values::Type::kStream: {
          values::Stream& stream = values::Stream::Of(object);
          const std::string_view pairs[] = {"field", text};
          stream.Append(*stream.last_id().Next(), pairs, limits);
          if (stream.groups().empty()) stream.AddGroup("group", {}, 0);
          values::ConsumerGroup& group = *stream.groups().front();
          if (group.consumers().empty()) group.AddConsumer("consumer");
          values::PendingEntry& pending = group.AddPending({stream.last_id(), rig_.base.clock.unix_ms(), 1, nullptr});
          group.Assign(pending, *group.consumers().front());
          break;
        }
      }
    }
  }
  void SetContainer(int db, const std::string& key) {
    values::Object object;
    switch (random_.Below(5)) {
      case 0:
        object = values::NewList();
        break;
      case 1:
        object = values::NewIntsetSet();
        break;
      case 2:
        object = values::NewSortedSet();
        break;
      case 3:
        object = values::NewHash();
        break;
      default:
        object = values::NewStream();
    }
    Grow(object);
    const keyspace::HashedKey hashed = rig_.base.Key(key);
    const EntryRef ref = rig_.db(db).SetObject(rig_.db(db).LookupWrite(hashed), hashed, object);
    Of(db)[key] = {};
    Expect(db, key, ref);
  }
  void ChangeContainer(int db, const std::string& key) {
    WithValue(db, key, [&](EntryRef& ref) {
      if (!ref || ref->type() == values::Type::kString) return;
      keyspace::ContainerEdit edit(rig_.db(db), rig_.base.Key(key), ref);
      Grow(edit.object());
      edit.MarkChanged();
      Expect(db, key, edit.Finish());
    });
  }
  void Append(int db, const std::string& key) {
    WithValue(db, key, [&](EntryRef& ref) {
      if (!ref) return;
      Expected& expected = Of(db).at(key);
      if (expected.container) return;
      const size_t before = expected.value.size();
      char* bytes = rig_.db(db).ResizeString(ref, before + 3);
      std::memcpy(bytes + before, "end", 3);
      expected.value += "end";
    });
  }
  void Compare(int db, const std::string& key) {
    const auto expected = Of(db).find(key);
    WithValue(db, key, [&](const EntryRef& ref) {
      ASSERT_EQ(static_cast<bool>(ref), expected != Of(db).end()) << key;
      if (!ref) return;
      EXPECT_EQ(ref->expiry_ms(), expected->second.expiry_ms) << key;
      ASSERT_EQ(ref->type(), expected->second.container.value_or(values::Type::kString)) << key;
      if (expected->second.container) {
        EXPECT_EQ(ref->encoding(), expected->second.encoding) << key;
        EXPECT_EQ(formats::ContentsOf(ref->object()), expected->second.contents) << key;
        return;
      }
      char scratch[keyspace::TestKeyspace::kScratchBytes];
      EXPECT_EQ(ref->StringView(scratch), expected->second.value) << key;
    });
  }
  void Delete(int db, const std::string& key) {
    if (const EntryRef ref = rig_.db(db).LookupWrite(rig_.base.Key(key))) {
      rig_.db(db).Delete(ref, random_.Below(2) == 0 ? FreeMode::kNow : FreeMode::kLazy);
    }
    Of(db).erase(key);
  }
  template <bool kKeep>
  void Transfer(int db, const std::string& key, std::bool_constant<kKeep>) {
    const int to = static_cast<int>(random_.Below(kDatabases));
    const std::string name = "key:" + std::to_string(random_.Below(kKeys));
    if (to == db && name == key) return;
    if (!rig_.Find(key, db)) return;
    Delete(to, name);
    const keyspace::HashedKey target = rig_.base.Key(name);
    if constexpr (kKeep) {
      WithValue(db, key, [&](const EntryRef& ref) { rig_.db(db).CopyTo(ref, rig_.db(to), target); });
      Of(to)[name] = Of(db).at(key);
    } else {
      rig_.db(db).MoveTo(rig_.Find(key, db), rig_.db(to), target);
      Of(to)[name] = Of(db).at(key);
      Of(db).erase(key);
    }
  }
  void Expire(int db, const std::string& key) {
    EntryRef ref = rig_.db(db).LookupWrite(rig_.base.Key(key));
    if (!ref) return;
    const int64_t until_ms = now_ms() + static_cast<int64_t>(random_.Below(200'000));
    rig_.db(db).SetExpiry(ref, until_ms);
    Of(db).at(key).expiry_ms = until_ms;
  }
  void Persist(int db, const std::string& key) {
    EntryRef ref = rig_.db(db).LookupWrite(rig_.base.Key(key));
    if (!ref) return;
    rig_.db(db).ClearExpiry(ref);
    Of(db).at(key).expiry_ms = keyspace::Entry::kNoExpiry;
  }
  void Swap() {
    const int first = static_cast<int>(random_.Below(kDatabases));
    const int second = static_cast<int>(random_.Below(kDatabases));
    rig_.base.keyspace.SwapDatabases(first, second);
    if (first != second) std::swap(Of(first), Of(second));
  }
  void Flush(int db) {
    rig_.db(db).Flush(random_.Below(2) == 0 ? FreeMode::kNow : FreeMode::kLazy);
    Of(db).clear();
  }

  Random random_;
  PagerRig rig_;
  Model model_;
};

TEST(PagerRandom, EndsWithTheContentsOfTheModel) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("TIDEMARK_TEST_SEED=" + std::to_string(seed));
  std::printf("TIDEMARK_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  RandomRun run(seed);
  for (int step = 0; step < kSteps && !testing::Test::HasFatalFailure() && !testing::Test::HasNonfatalFailure();
       ++step) {
    run.Step();
    if (step % 2000 == 1999) run.ExpectSame();
  }
  run.ExpectSame();
  EXPECT_GT(run.spills(), 100u) << "the run did not test what it is for";
  EXPECT_GT(run.stale_writes(), 10u);
}

}  // namespace
}  // namespace tidemark::tiering
