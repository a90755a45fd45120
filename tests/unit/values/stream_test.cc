// Streams against a simple model, with random operations; the bytes of nodes; what is known of groups.
#include "values/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::values {
namespace {

using Pairs = std::vector<std::string>;

std::vector<std::string_view> Views(const Pairs& pairs) {
  return {pairs.begin(), pairs.end()};
}

void Add(Stream& stream, const StreamId& id, const Pairs& pairs, const EncodingLimits& limits = {}) {
  stream.Append(id, Views(pairs), limits);
}

using Entries = std::vector<std::pair<StreamId, Pairs>>;

Entries Read(StreamIterator range) {
  Entries entries;
  while (range.Next()) {
    Pairs pairs;
    range.ForEachField([&](const PackedItem& field, const PackedItem& value) {
      pairs.push_back(field.ToString());
      pairs.push_back(value.ToString());
    });
    EXPECT_EQ(pairs.size(), 2 * range.field_count());
    entries.emplace_back(range.id(), pairs);
  }
  return entries;
}

Entries ReadAll(const Stream& stream) {
  return Read(stream.Range({}, StreamId::Max()));
}

StreamTrim ByLength(uint64_t length_max, StreamReferences references = StreamReferences::kKeep) {
  StreamTrim trim;
  trim.by = StreamTrim::By::kLength;
  trim.length_max = length_max;
  trim.references = references;
  return trim;
}

// What the stream says it has allocated must be what a walk over it finds.
size_t CountedNodeBytes(const Stream& stream) {
  size_t bytes = 0;
  stream.nodes().ForEach([&](const StreamNode& node) { bytes += AllocatedBytes(node.block); });
  return bytes;
}

TEST(StreamIdTest, NextAndPreviousStepOverTheSequence) {
  EXPECT_EQ((StreamId{1, 2}.Next()), (StreamId{1, 3}));
  EXPECT_EQ((StreamId{1, UINT64_MAX}.Next()), (StreamId{2, 0}));
  EXPECT_EQ(StreamId::Max().Next(), std::nullopt);
  EXPECT_EQ((StreamId{2, 0}.Previous()), (StreamId{1, UINT64_MAX}));
  EXPECT_EQ((StreamId{}.Previous()), std::nullopt);
  EXPECT_EQ(StreamId::Max().ToString(), "18446744073709551615-18446744073709551615");
}

TEST(StreamTest, NodesHaveTheBytesOfRedis) {
  Stream stream;
  Add(stream, {5, 1}, {"a", "1", "b", "x"});
  Add(stream, {5, 2}, {"a", "2", "b", "y"});
  Add(stream, {6, 0}, {"c", "z"});
  ASSERT_EQ(stream.nodes().size(), 1u);
  const std::string_view bytes = stream.nodes().At(stream.nodes().Begin()).bytes();
  // DUMP of redis-server 7.0.15 after the same commands has this listpack.
  const std::vector<uint8_t> expected = {
      0x40, 0x00, 0x00, 0x00, 0x19, 0x00,                                                  // header: bytes, elements
      0x03, 0x01, 0x00, 0x01, 0x02, 0x01, 0x81, 'a',  0x02, 0x81, 'b',  0x02, 0x00, 0x01,  // master
      0x02, 0x01, 0x00, 0x01, 0x00, 0x01, 0x01, 0x01, 0x81, 'x',  0x02, 0x05, 0x01,        // 5-1
      0x02, 0x01, 0x00, 0x01, 0x01, 0x01, 0x02, 0x01, 0x81, 'y',  0x02, 0x05, 0x01,        // 5-2
      0x00, 0x01, 0x01, 0x01, 0xdf, 0xff, 0x02, 0x01, 0x01, 0x81, 'c',  0x02, 0x81, 'z',  0x02, 0x06, 0x01, 0xff};
  EXPECT_EQ(std::vector<uint8_t>(bytes.begin(), bytes.end()), expected);
}

TEST(StreamTest, ANodeEndsAtItsLimits) {
  EncodingLimits limits;
  limits.stream_node_max_entries = 3;
  Stream by_entries;
  for (uint64_t i = 1; i <= 10; ++i) Add(by_entries, {i, 0}, {"f", "v"}, limits);
  EXPECT_EQ(by_entries.nodes().size(), 4u);

  limits.stream_node_max_entries = 0;
  limits.stream_node_max_bytes = 140;
  Stream by_bytes;
  for (uint64_t i = 1; i <= 10; ++i) Add(by_bytes, {i, 0}, {"f", std::string(40, 'v')}, limits);
  EXPECT_EQ(by_bytes.nodes().size(), 5u);
  EXPECT_EQ(ReadAll(by_bytes).size(), 10u);
}

TEST(StreamTest, CountsOfManyEntriesInANodeGrowInPlace) {
  EncodingLimits limits;
  limits.stream_node_max_entries = 0;
  limits.stream_node_max_bytes = 0;
  Stream stream;
  constexpr uint64_t kEntries = 20000;  // past the one-byte and the two-byte integers
  for (uint64_t i = 1; i <= kEntries; ++i) Add(stream, {i, 0}, {"field", std::to_string(i)}, limits);
  EXPECT_EQ(stream.nodes().size(), 1u);
  EXPECT_EQ(stream.length(), kEntries);
  StreamId last;
  uint64_t live;
  const StreamNode& node = stream.nodes().At(stream.nodes().Begin());
  EXPECT_TRUE(CheckStreamNode(node.id, node.bytes(), last, live));
  EXPECT_EQ(live, kEntries);
  EXPECT_EQ(stream.Range({}, StreamId::Max()).CountAhead(UINT64_MAX), kEntries);
  EXPECT_EQ(Read(stream.Range({19999, 0}, StreamId::Max())).size(), 2u);
}

TEST(StreamTest, RadixTreeNodesAreCountedAsRedisHasThem) {
  EncodingLimits limits;
  limits.stream_node_max_entries = 1;
  const auto count = [&](const std::vector<StreamId>& ids) {
    Stream stream;
    for (const StreamId& id : ids) Add(stream, id, {"f", "v"}, limits);
    return stream.RadixTreeNodeCount();
  };
  EXPECT_EQ(count({}), 1u);
  EXPECT_EQ(count({{1, 1}}), 2u);
  EXPECT_EQ(count({{1, 1}, {1, 2}}), 4u);  // 15 bytes in common, the parting, two ends
  EXPECT_EQ(count({{1, 1}, {2, 1}}), 6u);  // as above, and a run behind each side of the parting
}

// Every operation on both, with limits small enough for many nodes.
class RandomStream : public testing::TestWithParam<uint32_t> {
 protected:
  RandomStream() : random_(GetParam()) {
    limits_.stream_node_max_entries = Below(3) == 0 ? 1 + Below(200) : 1 + Below(12);
    limits_.stream_node_max_bytes = Below(2) == 0 ? 0 : 64 + Below(600);
  }

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  StreamId AnyId() {
    const StreamId last = stream_.last_id();
    return {Below(last.ms + 2), Below(5)};
  }

  Pairs AnyPairs() {
    Pairs pairs;
    const uint64_t kind = Below(4);
    const uint64_t count = kind == 0 ? 1 + Below(4) : 2;
    for (uint64_t i = 0; i < count; ++i) {
      pairs.push_back(kind == 0 ? std::to_string(Below(300)) : "field" + std::to_string(i));
      pairs.push_back(Below(2) == 0 ? std::to_string(static_cast<int64_t>(random_()) >> Below(64))
                                    : std::string(Below(90), 'v'));
    }
    return pairs;
  }

  void Append() {
    StreamId id = stream_.last_id();
    id = Below(2) == 0 ? *id.Next() : StreamId{id.ms + 1 + Below(3), Below(4)};
    const Pairs pairs = AnyPairs();
    Add(stream_, id, pairs, limits_);
    model_[id] = pairs;
  }

  void Delete() {
    std::vector<StreamId> ids;
    for (uint64_t i = 0; i <= Below(3); ++i) {
      StreamId id = AnyId();
      const auto near = model_.lower_bound(id);
      if (near != model_.end() && Below(4) != 0) id = near->first;
      ids.push_back(id);
    }
    uint64_t expected = 0;
    for (const StreamId& id : ids) expected += model_.erase(id);
    EXPECT_EQ(stream_.Delete(ids), expected);
  }

  void Trim() {
    StreamTrim trim;
    if (Below(2) == 0) {
      trim.by = StreamTrim::By::kLength;
      trim.length_max = model_.size() - Below(std::min<uint64_t>(model_.size(), 20) + 1);
    } else {
      trim.by = StreamTrim::By::kMinId;
      trim.min_id =
          model_.empty() ? StreamId{} : std::next(model_.begin(), Below(std::min<uint64_t>(model_.size(), 20)))->first;
    }
    trim.approximate = Below(3) == 0;
    const uint64_t before = model_.size();
    const uint64_t removed = stream_.Trim(trim);
    for (uint64_t i = 0; i < removed; ++i) model_.erase(model_.begin());
    if (trim.by == StreamTrim::By::kLength) {
      EXPECT_GE(model_.size(), std::min(before, trim.length_max));
      if (!trim.approximate) {
        EXPECT_LE(model_.size(), trim.length_max);
      }
    } else if (!trim.approximate) {
      EXPECT_TRUE(model_.empty() || model_.begin()->first >= trim.min_id);
    }
  }

  void CheckRange() {
    StreamId start = AnyId();
    StreamId end = AnyId();
    if (Below(4) == 0) start = {};
    if (Below(4) == 0) end = StreamId::Max();
    Entries expected;
    for (auto at = model_.lower_bound(start); at != model_.end() && at->first <= end; ++at) expected.push_back(*at);
    EXPECT_EQ(Read(stream_.Range(start, end)), expected);
    const uint64_t limit = Below(3) == 0 ? UINT64_MAX : Below(20);
    for (const auto direction : {StreamDirection::kForward, StreamDirection::kBackward}) {
      StreamIterator range = stream_.Range(start, end, direction);
      EXPECT_EQ(range.CountAhead(limit), std::min<uint64_t>(expected.size(), limit));
      for (uint64_t passed = 0; passed < Below(8) && range.Next(); ++passed) {
        EXPECT_EQ(range.CountAhead(limit), std::min<uint64_t>(expected.size() - passed - 1, limit));
      }
    }
    std::reverse(expected.begin(), expected.end());
    EXPECT_EQ(Read(stream_.Range(start, end, StreamDirection::kBackward)), expected);
  }

  void CheckWhole() {
    EXPECT_EQ(stream_.length(), model_.size());
    EXPECT_EQ(stream_.first_id(), model_.empty() ? StreamId{} : model_.begin()->first);
    EXPECT_EQ(ReadAll(stream_), Entries(model_.begin(), model_.end()));
    const auto copy = stream_.Clone();
    EXPECT_EQ(ReadAll(*copy), ReadAll(stream_));
    Stream restored;
    stream_.nodes().ForEach([&](const StreamNode& node) { EXPECT_TRUE(restored.AppendNode(node.id, node.bytes())); });
    EXPECT_TRUE(restored.Restore({.length = stream_.length(),
                                  .last_id = stream_.last_id(),
                                  .max_deleted_id = stream_.max_deleted_id(),
                                  .entries_added = stream_.entries_added()}));
    EXPECT_EQ(ReadAll(restored), ReadAll(stream_));
    EXPECT_GE(stream_.bytes(), CountedNodeBytes(stream_));
    EXPECT_LE(stream_.bytes(), CountedNodeBytes(stream_) + 40 * stream_.nodes().size() + 4096);
  }

  std::mt19937_64 random_;
  EncodingLimits limits_;
  Stream stream_;
  std::map<StreamId, Pairs> model_;
};

TEST_P(RandomStream, EqualsItsModel) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  for (int i = 0; i < 1500 && !HasFailure(); ++i) {
    const uint64_t roll = Below(100);
    if (roll < 70) {
      Append();
    } else if (roll < 84) {
      Delete();
    } else if (roll < 86) {
      Trim();
    } else {
      CheckRange();
    }
    if (i % 100 == 0) CheckWhole();
  }
  CheckWhole();
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomStream, testing::Range(1u, 7u));

TEST(StreamNodeTest, DamagedBytesAreRefused) {
  Stream stream;
  Add(stream, {5, 1}, {"a", "1", "b", "x"});
  Add(stream, {5, 2}, {"a", "2", "b", "y"});
  Add(stream, {6, 0}, {"c", "z"});
  const std::string good(stream.nodes().At(stream.nodes().Begin()).bytes());
  StreamId last;
  uint64_t live;
  ASSERT_TRUE(CheckStreamNode({5, 1}, good, last, live));
  EXPECT_EQ(last, (StreamId{6, 0}));
  EXPECT_EQ(live, 3u);
  std::mt19937 random(7);
  for (int i = 0; i < 50000; ++i) {
    std::string damaged = good;
    for (uint32_t changes = 1 + random() % 3; changes > 0; --changes) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    Stream other;
    // What is not refused can be walked, both ways, changed and copied (under a sanitizer, too).
    if (!other.AppendNode({5, 1}, damaged)) continue;
    EXPECT_EQ(ReadAll(other).size(), other.length());
    EXPECT_EQ(Read(other.Range({}, StreamId::Max(), StreamDirection::kBackward)).size(), other.length());
    other.set_last_id(StreamId::Max());
    other.Trim(ByLength(1));
    EXPECT_LE(other.length(), 1u);
  }
}

TEST(StreamNodeTest, NodesOutOfOrderAreRefused) {
  Stream stream;
  Add(stream, {5, 1}, {"a", "1"});
  Add(stream, {7, 1}, {"a", "1"});
  const std::string bytes(stream.nodes().At(stream.nodes().Begin()).bytes());
  Stream other;
  EXPECT_TRUE(other.AppendNode({5, 1}, bytes));
  EXPECT_FALSE(other.AppendNode({7, 1}, bytes));
  EXPECT_TRUE(other.AppendNode({7, 2}, bytes));
  EXPECT_FALSE(other.Restore({.length = 3, .last_id = {100, 0}, .max_deleted_id = {}, .entries_added = {}}));
  EXPECT_FALSE(other.Restore({.length = 4, .last_id = {8, 0}, .max_deleted_id = {}, .entries_added = {}}));
  EXPECT_TRUE(other.Restore({.length = 4, .last_id = {9, 2}, .max_deleted_id = {}, .entries_added = {}}));
  EXPECT_EQ(other.entries_added(), 4u);
}

TEST(ConsumerGroupTest, PendingEntriesOfGroupAndConsumersAgree) {
  Stream stream;
  const size_t bytes_before = stream.bytes();
  ConsumerGroup& group = *stream.AddGroup("g", {}, 0);
  EXPECT_EQ(stream.AddGroup("g", {}, 0), nullptr);
  StreamConsumer* const consumers[] = {&group.AddConsumer("b"), &group.AddConsumer("a"), &group.AddConsumer("c")};
  EXPECT_EQ(group.consumers()[0]->name(), "a");
  std::map<StreamId, StreamConsumer*> model;
  std::mt19937 random(3);
  for (int i = 0; i < 30000; ++i) {
    // Mostly rising, as deliveries are, at times anywhere.
    const StreamId id = random() % 3 != 0 ? StreamId{static_cast<uint64_t>(i), 0} : StreamId{random() % 30000, 1};
    StreamConsumer* const consumer = consumers[random() % 3];
    if (random() % 3 == 0) {
      const auto some = model.lower_bound({random() % 30000, 0});
      const StreamId gone = some == model.end() ? id : some->first;
      EXPECT_EQ(group.Acknowledge(gone), model.erase(gone) == 1);
    } else if (PendingEntry* const entry = group.FindPending(id)) {
      group.Assign(*entry, *consumer);
      model[id] = consumer;
    } else {
      EXPECT_EQ(model.count(id), 0u);
      group.AddPending({.id = id, .delivered_ms = i, .delivery_count = 1, .consumer = consumer});
      model[id] = consumer;
    }
  }
  const auto check = [&](const ConsumerGroup& checked) {
    std::map<std::string, std::vector<StreamId>> expected;
    for (const auto& [id, consumer] : model) expected[consumer->name()].push_back(id);
    std::vector<StreamId> all;
    checked.pending().ForEach([&](const PendingEntry& entry) {
      all.push_back(entry.id);
      EXPECT_EQ(entry.consumer->name(), model[entry.id]->name());
    });
    EXPECT_EQ(all.size(), model.size());
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
    for (const auto& consumer : checked.consumers()) {
      std::vector<StreamId> own;
      consumer->pending().ForEach([&](const PendingId& pending) { own.push_back(pending.id); });
      EXPECT_EQ(own, expected[consumer->name()]);
    }
  };
  check(group);
  check(*stream.Clone()->groups()[0]);

  const size_t of_a = group.FindConsumer("a")->pending().size();
  EXPECT_EQ(group.RemoveConsumer(*group.FindConsumer("a")), of_a);
  EXPECT_EQ(group.pending().size(), model.size() - of_a);
  while (!group.pending().empty()) group.AcknowledgeAt(group.pending().Begin());
  EXPECT_EQ(group.FindConsumer("b")->pending().size(), 0u);
  EXPECT_TRUE(stream.RemoveGroup("g"));
  EXPECT_FALSE(stream.RemoveGroup("g"));
  // The groups' vector keeps its room.
  EXPECT_LE(stream.bytes(), bytes_before + 64);
}

TEST(StreamTest, TrimsHeedReferencesIfAsked) {
  EncodingLimits limits;
  limits.stream_node_max_entries = 4;
  Stream stream;
  for (uint64_t i = 1; i <= 20; ++i) Add(stream, {i, 0}, {"f", "v"}, limits);
  ConsumerGroup& group = *stream.AddGroup("g", {15, 0}, 15);
  StreamConsumer& consumer = group.AddConsumer("c");
  for (const uint64_t ms : {2u, 5u, 6u}) {
    group.AddPending({.id = {ms, 0}, .delivered_ms = 0, .delivery_count = 1, .consumer = &consumer});
  }
  // Not read: 16 to 20. Pending: three more.
  EXPECT_EQ(
      stream.Trim({.by = StreamTrim::By::kLength, .length_max = 0, .references = StreamReferences::kAcknowledged}),
      12u);
  EXPECT_EQ(stream.length(), 8u);
  EXPECT_EQ(stream.first_id(), (StreamId{2, 0}));
  StreamTrim below_six;
  below_six.by = StreamTrim::By::kMinId;
  below_six.min_id = {6, 0};
  below_six.references = StreamReferences::kDelete;
  EXPECT_EQ(stream.Trim(below_six), 2u);
  EXPECT_EQ(group.pending().size(), 1u);
  EXPECT_EQ(consumer.pending().size(), 1u);
  EXPECT_EQ(stream.first_id(), (StreamId{6, 0}));
}

using Ids = std::vector<StreamId>;

struct ClaimTest : testing::Test {
  ClaimTest() : alice(group.AddConsumer("alice")), bob(group.AddConsumer("bob")) {}
  void Pend(uint64_t ms, StreamConsumer& consumer, int64_t delivered_ms) {
    group.AddPending({.id = {ms, 0}, .delivered_ms = delivered_ms, .delivery_count = 1, .consumer = &consumer});
  }
  void Release(uint64_t ms) { group.Release(*group.FindPending({ms, 0})); }

  size_t account = 0;
  ConsumerGroup group{"g", {}, 0, &account};
  StreamConsumer& alice;
  StreamConsumer& bob;
};

TEST_F(ClaimTest, TheLongestIdleComeFirst) {
  Pend(1, alice, 300);
  Pend(2, bob, 100);
  Pend(3, alice, 200);
  Pend(4, alice, 100);
  EXPECT_EQ(group.ClaimableIds(400, 200, SIZE_MAX), (Ids{{2, 0}, {4, 0}, {3, 0}}));
  EXPECT_EQ(group.ClaimableIds(400, 200, 2), (Ids{{2, 0}, {4, 0}}));
  EXPECT_EQ(group.ClaimableIds(400, 0, SIZE_MAX).size(), 4u);
  EXPECT_EQ(group.ClaimableIds(299, 200, SIZE_MAX), Ids{});
  EXPECT_EQ(group.NextClaimableMs(200), 300);
  group.Deliver(*group.FindPending({2, 0}), alice, 500);
  group.Acknowledge({4, 0});
  EXPECT_EQ(group.ClaimableIds(350, 200, SIZE_MAX), Ids{});
  EXPECT_EQ(group.NextClaimableMs(200), 400);
  EXPECT_EQ(group.NextClaimableMs(INT64_MAX), std::nullopt);
  EXPECT_EQ(bob.pending().size(), 0u);
}

TEST_F(ClaimTest, WhatIsReleasedComesBeforeAll) {
  for (uint64_t i = 1; i <= 5; ++i) Pend(i, i % 2 == 0 ? alice : bob, 100);
  Release(4);
  Release(1);
  EXPECT_EQ(group.released_count(), 2u);
  EXPECT_EQ(group.ReleasedIds(), (Ids{{4, 0}, {1, 0}}));
  EXPECT_EQ(alice.pending().size() + bob.pending().size(), 3u);
  EXPECT_EQ(group.ClaimableIds(100, 1'000'000, SIZE_MAX), (Ids{{4, 0}, {1, 0}}));
  EXPECT_EQ(group.ClaimableIds(200, 100, 3), (Ids{{4, 0}, {1, 0}, {2, 0}}));
  group.Deliver(*group.FindPending({4, 0}), bob, 200);
  EXPECT_EQ(group.ReleasedIds(), (Ids{{1, 0}}));
  EXPECT_EQ(group.FindPending({4, 0})->consumer, &bob);
  group.RemoveConsumer(bob);
  EXPECT_EQ(group.pending().size(), 2u);
  EXPECT_TRUE(group.Acknowledge({1, 0}));
  EXPECT_EQ(group.released_count(), 0u);
}

TEST_F(ClaimTest, DeliveriesAreCountedUpToTheMost) {
  PendingEntry entry;
  entry.delivery_count = PendingEntry::kDeliveriesMax - 1;
  entry.CountDelivery();
  entry.CountDelivery();
  EXPECT_EQ(entry.delivery_count, PendingEntry::kDeliveriesMax);
}

TEST(StreamTest, ACopyHasWhatIsReleased) {
  Stream stream;
  ConsumerGroup& group = *stream.AddGroup("g", {}, 0);
  StreamConsumer& consumer = group.AddConsumer("c");
  for (uint64_t i = 1; i <= 5; ++i) group.AddPending({.id = {i, 0}, .consumer = &consumer});
  for (const uint64_t i : {5, 2, 3}) group.Release(*group.FindPending({i, 0}));
  const std::unique_ptr<Stream> copy = stream.Clone();
  EXPECT_EQ(copy->groups()[0]->ReleasedIds(), (Ids{{5, 0}, {2, 0}, {3, 0}}));
  EXPECT_EQ(copy->groups()[0]->released_count(), 3u);
}

}  // namespace
}  // namespace tidemark::values
