// Goal: a hash holds what was put into it through every encoding, converts at the limits and only there, hides and
// erases fields whose time has come, walks and draws from all the others, and frees what it takes.
#include "values/hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/memory.h"
#include "support/seed.h"

namespace tidemark::values {
namespace {

constexpr int64_t kNow = 1'000'000;

// A hash with its object and its limits.
class Owned {
 public:
  explicit Owned(const Object& object = NewHash(), EncodingLimits limits = {}) : object_(object), limits_(limits) {}
  ~Owned() { FreeObject(object_); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;

  Hash hash(int64_t now_ms = kNow) { return {object_, limits_, now_ms}; }
  HashView view(int64_t now_ms = kNow) const { return {object_, now_ms}; }
  const Object& object() const { return object_; }
  Encoding encoding() const { return object_.encoding; }
  void set_limits(EncodingLimits limits) { limits_ = limits; }
  void SetExpiry(const std::string& field, int64_t expiry_ms) {
    Hash at_start = hash(0);
    at_start.SetExpiry(at_start.Find(field), expiry_ms);
  }

 private:
  Object object_;
  EncodingLimits limits_;
};

struct ModelValue {
  std::string value;
  int64_t expiry_ms = 0;
  bool operator==(const ModelValue&) const = default;
};
using Model = std::map<std::string, ModelValue>;

Model ModelOf(const HashView& hash) {
  Model model;
  hash.ForEachWithExpiry([&](const PackedItem& field, const PackedItem& value, int64_t expiry_ms) {
    EXPECT_TRUE(model.insert({field.ToString(), {value.ToString(), expiry_ms}}).second) << "a field is there twice";
  });
  return model;
}

std::set<std::string> LiveFieldsOf(const HashView& hash) {
  std::set<std::string> fields;
  hash.ForEach([&](const PackedItem& field, const PackedItem&) { fields.insert(field.ToString()); });
  return fields;
}

int64_t NextExpiryOf(const Model& model) {
  int64_t next = kNeverExpires;
  for (const auto& [field, value] : model) {
    if (value.expiry_ms != 0) next = std::min(next, value.expiry_ms);
  }
  return next;
}

std::string RandomText(Random& random) {
  switch (random.Below(5)) {
    case 0:
      return std::to_string(static_cast<int64_t>(random.Next()) >> random.Below(64));
    case 1:
      return "0" + std::to_string(random.Below(100));
    case 2:
      return std::string(random.Below(400), static_cast<char>(random.Below(256)));
    default:
      return "text:" + std::to_string(random.Below(60));
  }
}

// One random change, to both. `now_ms` never goes back.
void Change(Random& random, int64_t now_ms, Owned& owned, Model& model) {
  Hash hash = owned.hash(now_ms);
  const std::string field = RandomText(random);
  const std::string value = RandomText(random);
  const auto expired = [&](const auto& entry) {
    return entry.second.expiry_ms != 0 && entry.second.expiry_ms < now_ms;
  };
  const auto found = model.find(field);
  const bool was_there = found != model.end() && !expired(*found);
  switch (random.Below(6)) {
    case 0:
    case 1:
      ASSERT_EQ(hash.Set(field, value), !was_there);
      model[field] = {value, 0};
      break;
    case 2: {
      const HashView::Place place = hash.Find(field);
      ASSERT_EQ(static_cast<bool>(place), was_there);
      if (!was_there) model.erase(field);
      if (was_there) {
        hash.Replace(place, field, value);
        model[field].value = value;
      }
      break;
    }
    case 3: {
      const HashView::Place place = hash.Find(field);
      const int64_t expiry_ms = random.Below(4) == 0 ? 0 : now_ms + static_cast<int64_t>(random.Below(300));
      if (!was_there) {
        hash.Insert(place, field, value, expiry_ms);
        model[field] = {value, expiry_ms};
      } else {
        hash.SetExpiry(place, expiry_ms);
        model[field].expiry_ms = expiry_ms;
      }
      break;
    }
    case 4:
      ASSERT_EQ(hash.Erase(field), was_there);
      model.erase(field);
      break;
    default: {
      const size_t most = random.Below(4);
      const auto due = static_cast<size_t>(std::count_if(model.begin(), model.end(), expired));
      const size_t erased = hash.EraseExpired(most);
      ASSERT_EQ(erased, std::min(most, due));
      ASSERT_EQ(hash.erased_expired(), erased);
      if (due <= most) std::erase_if(model, expired);
      // Which of them went nobody promises but that it was the oldest.
      if (erased > 0 && due > most) model = ModelOf(owned.view(now_ms));
    }
  }
}

void ExpectSame(const Owned& owned, const Model& model, int64_t now_ms) {
  const HashView view = owned.view(now_ms);
  ASSERT_EQ(ModelOf(view), model);
  ASSERT_EQ(HashSize(owned.object()), model.size());
  ASSERT_EQ(HashNextExpiry(owned.object()), NextExpiryOf(model));
  std::set<std::string> live;
  for (const auto& [field, value] : model) {
    const HashView::Place place = view.Find(field);
    const bool hidden = value.expiry_ms != 0 && value.expiry_ms < now_ms;
    ASSERT_EQ(static_cast<bool>(place), !hidden) << field;
    if (hidden) continue;
    live.insert(field);
    ASSERT_EQ(view.ValueAt(place).ToString(), value.value);
    ASSERT_EQ(view.ExpiryAt(place), value.expiry_ms);
  }
  ASSERT_EQ(view.LiveSize(), live.size());
  ASSERT_EQ(LiveFieldsOf(view), live);
}

TEST(HashTest, IsAMapWhateverIsDone) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Random random(seed);
  for (int round = 0; round < 60; ++round) {
    const EncodingLimits limits{.hash_max_listpack_entries = random.Below(100),
                                .hash_max_listpack_value = random.Below(500)};
    Owned owned(round % 3 == 0 ? NewTableHash() : NewHash(), limits);
    Model model;
    int64_t now_ms = kNow;
    for (int i = 0; i < 400; ++i) {
      ASSERT_NO_FATAL_FAILURE(Change(random, now_ms, owned, model));
      now_ms += static_cast<int64_t>(random.Below(5));
      if (i % 20 == 0) ASSERT_NO_FATAL_FAILURE(ExpectSame(owned, model, now_ms));
    }
    ASSERT_NO_FATAL_FAILURE(ExpectSame(owned, model, now_ms));
    const Owned copy(CloneObject(owned.object()));
    EXPECT_EQ(copy.encoding(), owned.encoding());
    EXPECT_NO_FATAL_FAILURE(ExpectSame(copy, model, now_ms));
  }
}

TEST(HashTest, ConvertsBeyondItsLimitsAndNotBefore) {
  Owned owned(NewHash(), {.hash_max_listpack_entries = 4, .hash_max_listpack_value = 8});
  for (const char* field : {"a", "b", "c", "d"}) owned.hash().Set(field, "12345678");
  EXPECT_EQ(owned.encoding(), Encoding::kListpack);
  owned.hash().Set("a", "87654321");
  EXPECT_EQ(owned.encoding(), Encoding::kListpack);
  owned.hash().Set("e", "1");
  EXPECT_EQ(owned.encoding(), Encoding::kHashtable);
  EXPECT_EQ(owned.hash().Get("a")->ToString(), "87654321");

  Owned long_value(NewHash(), {.hash_max_listpack_value = 8});
  long_value.hash().Set("a", "123456789");
  EXPECT_EQ(long_value.encoding(), Encoding::kHashtable);
  Owned long_field(NewHash(), {.hash_max_listpack_value = 8});
  long_field.hash().Set("123456789", "a");
  EXPECT_EQ(long_field.encoding(), Encoding::kHashtable);

  // A limit that was lowered shows at the next change, even if that adds nothing.
  Owned lowered;
  for (const char* field : {"a", "b", "c"}) lowered.hash().Set(field, "1");
  lowered.set_limits({.hash_max_listpack_entries = 2});
  lowered.hash().Set("a", "2");
  EXPECT_EQ(lowered.encoding(), Encoding::kHashtable);
}

TEST(HashTest, TakesAnotherListpackForFieldsThatExpire) {
  Owned owned;
  for (const char* field : {"a", "b", "c"}) owned.hash().Set(field, "1");
  owned.SetExpiry("b", 0);
  EXPECT_EQ(owned.encoding(), Encoding::kListpack);
  EXPECT_EQ(HashNextExpiry(owned.object()), kNeverExpires);
  owned.SetExpiry("b", 700);
  owned.SetExpiry("c", 500);
  EXPECT_EQ(owned.encoding(), Encoding::kListpackEx);
  EXPECT_EQ(HashNextExpiry(owned.object()), 500);
  EXPECT_TRUE(IsHashListpackEx(owned.view().PackedBytes()));
  EXPECT_FALSE(IsHashListpack(owned.view().PackedBytes()));
  owned.SetExpiry("c", 900);
  EXPECT_EQ(HashNextExpiry(owned.object()), 700);
  EXPECT_TRUE(IsHashListpackEx(owned.view().PackedBytes()));

  // Setting a value takes the expiry away; nothing is hidden at the very moment.
  EXPECT_FALSE(owned.hash(700).Set("b", "2"));
  EXPECT_EQ(HashNextExpiry(owned.object()), 900);
  EXPECT_TRUE(owned.view(900).Find("c"));
  EXPECT_FALSE(owned.view(901).Find("c"));
}

TEST(HashTest, AnExpiredFieldIsAsIfItWereNotThere) {
  for (const size_t entries : {size_t{512}, size_t{0}}) {
    Owned owned(NewHash(), {.hash_max_listpack_entries = entries});
    owned.hash().Set("a", "1");
    owned.hash().Set("b", "2");
    owned.SetExpiry("a", kNow - 1);
    EXPECT_FALSE(owned.view().Get("a"));
    EXPECT_EQ(owned.view().LiveSize(), 1u);
    Hash hash = owned.hash();
    EXPECT_TRUE(hash.Set("a", "3"));
    EXPECT_EQ(hash.erased_expired(), 1u);
    EXPECT_EQ(owned.view().Get("a")->ToString(), "3");
    EXPECT_EQ(owned.view().size(), 2u);
  }
}

TEST(HashTest, EveryFieldIsDrawnAndNoneThatIsHidden) {
  Random random(7);
  for (const size_t entries : {size_t{512}, size_t{0}}) {
    Owned owned(NewHash(), {.hash_max_listpack_entries = entries});
    for (int i = 0; i < 40; ++i) owned.hash().Set("f" + std::to_string(i), std::to_string(i));
    for (const int hidden : {0, 20}) {
      for (int i = 0; i < hidden; ++i) owned.SetExpiry("f" + std::to_string(i), kNow - 1);
      const auto live = static_cast<size_t>(40 - hidden);
      std::set<std::string> drawn;
      for (int i = 0; i < 2000; ++i) drawn.insert(owned.view().Pick(random)->field.ToString());
      EXPECT_EQ(drawn, LiveFieldsOf(owned.view()));
      drawn.clear();
      for (const HashPair& pair : owned.view().Draw(2000, random)) {
        drawn.insert(pair.field.ToString());
        EXPECT_EQ(pair.field.ToString(), "f" + pair.value.ToString());
      }
      EXPECT_EQ(drawn, LiveFieldsOf(owned.view()));
      for (const size_t count : {size_t{0}, size_t{1}, size_t{5}, live - 1, live, size_t{100}}) {
        std::map<std::string, int> seen;
        for (int i = 0; i < 300; ++i) {
          std::set<std::string> distinct;
          for (const HashPair& pair : owned.view().Sample(count, random)) distinct.insert(pair.field.ToString());
          ASSERT_EQ(distinct.size(), std::min(count, live));
          for (const std::string& field : distinct) ++seen[field];
        }
        EXPECT_EQ(seen.size(), count == 0 ? 0 : live);
      }
    }
  }
}

TEST(HashTest, AnEmptyDrawIsNoDraw) {
  Random random(7);
  const Owned owned;
  EXPECT_FALSE(owned.view().Pick(random));
  EXPECT_TRUE(owned.view().Draw(5, random).empty());
  EXPECT_TRUE(owned.view().Sample(5, random).empty());
}

TEST(HashTest, ScanComesByEverything) {
  Owned owned;
  for (int i = 0; i < 3000; ++i) owned.hash().Set("f" + std::to_string(i), "v");
  std::set<std::string> seen;
  uint64_t cursor = 0;
  int steps = 0;
  do {
    cursor =
        owned.view().Scan(cursor, [&](const PackedItem& field, const PackedItem&) { seen.insert(field.ToString()); });
    ++steps;
  } while (cursor != 0);
  EXPECT_EQ(seen.size(), 3000u);
  EXPECT_GT(steps, 100);
}

TEST(HashTest, TellsWhichListpacksAreHashes) {
  Listpack list = Listpack::Create();
  EXPECT_TRUE(IsHashListpack(list.view()));
  for (const char* text : {"a", "1", "b", "2"}) list.Append(text);
  EXPECT_TRUE(IsHashListpack(list.view()));
  EXPECT_FALSE(IsHashListpackEx(list.view()));
  const Object made = HashFromListpack(list.view());
  EXPECT_EQ(HashView(made, kNow).Get("b")->ToString(), "2");
  FreeObject(made);
  list.Append("a");
  EXPECT_FALSE(IsHashListpack(list.view())) << "an odd number of elements";
  list.Append("3");
  EXPECT_FALSE(IsHashListpack(list.view())) << "a field twice";
  list.Destroy();

  for (const auto& [expiries, good] : std::vector<std::pair<std::vector<std::string>, bool>>{{{"5", "7", "0"}, true},
                                                                                             {{"7", "5", "0"}, false},
                                                                                             {{"0", "5"}, false},
                                                                                             {{"-1", "5"}, false},
                                                                                             {{"x"}, false}}) {
    Listpack triplets = Listpack::Create();
    for (size_t i = 0; i < expiries.size(); ++i) {
      triplets.Append("f" + std::to_string(i));
      triplets.Append("v");
      triplets.Append(expiries[i]);
    }
    EXPECT_EQ(IsHashListpackEx(triplets.view()), good) << testing::PrintToString(expiries);
    triplets.Destroy();
  }
}

TEST(HashTest, TakenOverBytesAreFittedToTheLimits) {
  Listpack list = Listpack::Create();
  for (const char* text : {"a", "1", "b", "2"}) list.Append(text);
  Owned small(HashFromListpack(list.view()), {.hash_max_listpack_entries = 2});
  small.hash().FitLimits();
  EXPECT_EQ(small.encoding(), Encoding::kListpack);
  Owned large(HashFromListpack(list.view()), {.hash_max_listpack_entries = 1});
  large.hash().FitLimits();
  EXPECT_EQ(large.encoding(), Encoding::kHashtable);
  EXPECT_EQ(ModelOf(large.view()), ModelOf(small.view()));
  list.Destroy();
}

TEST(HashTest, LongAndShortItemsChangeIntoEachOther) {
  Owned owned(NewTableHash());
  for (const size_t field_bytes : {0, 1, 63, 64, 70000}) {
    const std::string field(field_bytes, 'f');
    for (const size_t value_bytes : {0, 1, 255, 256, 255, 13, 14, 70000, 0}) {
      const std::string value(value_bytes, static_cast<char>('a' + value_bytes % 26));
      owned.hash().Set(field, value);
      ASSERT_EQ(owned.view().Get(field)->ToString(), value);
      owned.SetExpiry(field, kNow + 5);
      ASSERT_EQ(owned.view().Get(field)->ToString(), value);
      ASSERT_EQ(HashNextExpiry(owned.object()), kNow + 5);
    }
  }
}

TEST(HashTest, AccountsForWhatItTakes) {
  Owned owned(NewTableHash());
  const size_t empty = HashBytes(owned.object());
  for (int i = 0; i < 1000; ++i) owned.hash().Set("f" + std::to_string(i), std::string(static_cast<size_t>(i), 'x'));
  for (int i = 0; i < 1000; i += 2) owned.SetExpiry("f" + std::to_string(i), kNow + i);
  EXPECT_GT(HashBytes(owned.object()), 500u * 1000u);
  for (int i = 0; i < 1000; ++i) owned.hash().Set("f" + std::to_string(i), "");
  EXPECT_LT(HashBytes(owned.object()), empty + 60u * 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(owned.hash().Erase("f" + std::to_string(i)));
  // The table keeps its buckets.
  EXPECT_LT(HashBytes(owned.object()), empty + 32u * 1000u);
}

// The goal of the small form: ten fields of two characters with values of ten fit in a block of 192 bytes.
TEST(HashTest, ASmallHashIsOneSmallBlock) {
  Owned owned;
  for (int i = 0; i < 10; ++i) owned.hash().Set("f" + std::to_string(i), "value" + std::to_string(10000 + i));
  EXPECT_LE(Listpack(owned.object().pointer).bytes(), 192u);
}

}  // namespace
}  // namespace tidemark::values
