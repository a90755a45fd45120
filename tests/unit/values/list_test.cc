// Goal: a list behaves as a deque of strings under any sequence of changes, in every shape that the directives give it;
// it changes its encoding where it should, and its nodes make the same list again.
#include "values/list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "base/memory.h"
#include "support/seed.h"

namespace tidemark::values {
namespace {

using Model = std::deque<std::string>;
using Direction = ListView::Direction;

struct Shape {
  int max_listpack_size;
  int compress_depth;
};

EncodingLimits LimitsOf(const Shape& shape) {
  EncodingLimits limits;
  limits.list_max_listpack_size = shape.max_listpack_size;
  limits.list_compress_depth = shape.compress_depth;
  return limits;
}

class Owner {
 public:
  explicit Owner(EncodingLimits limits) : limits_(limits) {}
  ~Owner() { FreeList(object); }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  List list() { return {object, limits_}; }
  ListView view() const { return ListView(object); }

  Object object = NewList();

 private:
  EncodingLimits limits_;
};

std::string RandomText(std::mt19937_64& random) {
  switch (random() % 12) {
    case 0:
      return std::to_string(static_cast<int64_t>(random()) >> (random() % 64));
    case 1:
      return random() % 20 == 0 ? std::string(3000 + random() % 7000, 'L') : std::string();
    case 2: {
      std::string noise(random() % 300, '\0');
      for (char& c : noise) c = static_cast<char>(random());
      return noise;
    }
    case 3:
      return std::string(random() % 900, 'z');
    default:
      return std::to_string(random() % 5);
  }
}

Model Contents(const ListView& list) {
  Model found;
  list.ForEach([&](const PackedItem& item) { found.push_back(item.ToString()); });
  return found;
}

Model ContentsBackwards(const ListView& list) {
  Model found;
  if (list.size() == 0) return found;
  list.ForRange(list.size() - 1, list.size(), Direction::kBackward,
                [&](const PackedItem& item) { found.push_front(item.ToString()); });
  return found;
}

// The account, counted anew from the nodes.
size_t CountedBytes(const Object& object) {
  if (object.encoding == Encoding::kListpack) return ListBytes(object);
  const auto& list = *static_cast<const Quicklist*>(object.pointer);
  size_t bytes = GoodSize(sizeof(Quicklist));
  for (const QuicklistNode* node = list.head(); node != nullptr; node = node->next) bytes += node->AllocatedBytes();
  return bytes;
}

void ExpectSoundNodes(const Object& object, int compress_depth) {
  if (object.encoding == Encoding::kListpack) return;
  const auto& list = *static_cast<const Quicklist*>(object.pointer);
  size_t nodes = 0;
  const QuicklistNode* previous = nullptr;
  for (const QuicklistNode* node = list.head(); node != nullptr; node = node->next) {
    ASSERT_EQ(node->previous, previous);
    ASSERT_GT(node->count(), 0u);
    const size_t from_end = std::min(nodes, list.node_count() - 1 - nodes);
    if (from_end < static_cast<size_t>(compress_depth) || compress_depth == 0) {
      ASSERT_FALSE(node->compressed()) << "node " << nodes << " of " << list.node_count();
    } else if (!node->compressed()) {
      QuicklistNode* const copy = node->Clone();
      copy->Compress();
      ASSERT_FALSE(copy->compressed()) << "node " << nodes << " of " << list.node_count() << " could be compressed";
      QuicklistNode::Destroy(copy);
    }
    previous = node;
    ++nodes;
  }
  ASSERT_EQ(list.tail(), previous);
  ASSERT_EQ(list.node_count(), nodes);
}

uint64_t RemoveFromModel(Model& model, ListEnd end, const std::string& text, uint64_t count_max) {
  uint64_t removed = 0;
  const auto size = static_cast<std::ptrdiff_t>(model.size());
  std::ptrdiff_t i = end == ListEnd::kHead ? 0 : size - 1;
  while (i >= 0 && i < static_cast<std::ptrdiff_t>(model.size()) && removed < count_max) {
    if (model[static_cast<size_t>(i)] == text) {
      model.erase(model.begin() + i);
      ++removed;
      if (end == ListEnd::kTail) --i;
    } else {
      i += end == ListEnd::kHead ? 1 : -1;
    }
  }
  return removed;
}

void PushSome(Owner& owner, Model& model, std::mt19937_64& random) {
  const ListEnd end = random() % 2 == 0 ? ListEnd::kHead : ListEnd::kTail;
  std::vector<std::string> texts;
  for (size_t i = 0, count = 1 + random() % 4; i < count; ++i) texts.push_back(RandomText(random));
  owner.list().Push(end, std::vector<std::string_view>(texts.begin(), texts.end()));
  for (const std::string& text : texts) end == ListEnd::kHead ? model.push_front(text) : model.push_back(text);
}

void PopSome(Owner& owner, Model& model, std::mt19937_64& random) {
  const ListEnd end = random() % 2 == 0 ? ListEnd::kHead : ListEnd::kTail;
  const uint64_t count = random() % 20 == 0 ? 100 : random() % 4;
  std::vector<std::string> popped;
  owner.list().Pop(end, count, [&](const PackedItem& item) { popped.push_back(item.ToString()); });
  ASSERT_EQ(popped.size(), std::min<uint64_t>(count, model.size()));
  for (const std::string& text : popped) {
    ASSERT_EQ(text, end == ListEnd::kHead ? model.front() : model.back());
    end == ListEnd::kHead ? model.pop_front() : model.pop_back();
  }
}

void Change(Owner& owner, Model& model, std::mt19937_64& random, int growth) {
  const std::string text = RandomText(random);
  const size_t place = random() % (model.size() + 1);
  const auto at = [&](size_t index) { return model.begin() + static_cast<std::ptrdiff_t>(index); };
  switch (std::max(0, static_cast<int>(random() % 20) + growth)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return PopSome(owner, model, random);
    case 4: {
      const ListEnd end = random() % 2 == 0 ? ListEnd::kHead : ListEnd::kTail;
      const uint64_t count_max = random() % 3 == 0 ? UINT64_MAX : random() % 4;
      ASSERT_EQ(owner.list().Remove(end, text, count_max), RemoveFromModel(model, end, text, count_max));
      return;
    }
    case 5: {
      const size_t count = std::min<size_t>(random() % 30, model.size() - place);
      owner.list().EraseRange(place, count);
      model.erase(at(place), at(place + count));
      return;
    }
    case 6:
    case 7:
    case 8:
    case 9:
      if (place == model.size()) return;
      owner.list().Replace(place, text);
      model[place] = text;
      return;
    case 10:
    case 11:
    case 12:
    case 13:
      owner.list().Insert(place, text);
      model.insert(at(place), text);
      return;
    default:
      return PushSome(owner, model, random);
  }
}

void ExpectSame(const Owner& owner, const Model& model) {
  ASSERT_EQ(owner.view().size(), model.size());
  ASSERT_EQ(Contents(owner.view()), model);
  ASSERT_EQ(ContentsBackwards(owner.view()), model);
  ASSERT_EQ(ListBytes(owner.object), CountedBytes(owner.object));
}

void ExpectSameFromNodes(const Owner& owner, const Model& model, const Shape& shape) {
  Owner again(LimitsOf(shape));
  owner.view().ForEachNode([&](const ListView::Node& node) {
    if (node.form == QuicklistNode::Form::kPlain) {
      EXPECT_EQ(node.count, 1u);
      again.list().AppendPlainNode(node.bytes);
    } else {
      EXPECT_TRUE(Listpack::Validate(node.bytes));
      again.list().AppendPackedNode(node.bytes);
    }
  });
  ExpectSame(again, model);
  ExpectSoundNodes(again.object, shape.compress_depth);
  Owner copy(LimitsOf(shape));
  copy.object = CloneList(owner.object);
  ExpectSame(copy, model);
}

class ListShapes : public testing::TestWithParam<Shape> {};

TEST_P(ListShapes, BehavesAsADeque) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  Owner owner(LimitsOf(GetParam()));
  Model model;
  for (int i = 0; i < 3000; ++i) {
    // Grows for a while, then shrinks.
    ASSERT_NO_FATAL_FAILURE(Change(owner, model, random, i / 300 % 2 == 0 ? 3 : -3)) << "step " << i;
    ASSERT_NO_FATAL_FAILURE(ExpectSame(owner, model)) << "step " << i;
    ASSERT_NO_FATAL_FAILURE(ExpectSoundNodes(owner.object, GetParam().compress_depth)) << "step " << i;
    if (i % 100 != 0) continue;
    ASSERT_NO_FATAL_FAILURE(ExpectSameFromNodes(owner, model, GetParam())) << "step " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Directives, ListShapes,
                         testing::Values(Shape{-2, 0}, Shape{-1, 1}, Shape{-1, 2}, Shape{4, 0}, Shape{4, 1},
                                         Shape{1, 3}, Shape{0, 0}, Shape{-5, 0}, Shape{100, 1}),
                         [](const auto& test) {
                           return "Size" + std::string(test.param.max_listpack_size < 0 ? "Minus" : "") +
                                  std::to_string(std::abs(test.param.max_listpack_size)) + "Depth" +
                                  std::to_string(test.param.compress_depth);
                         });

TEST(List, AnEmptyListCostsNothing) {
  Owner owner{EncodingLimits()};
  EXPECT_EQ(owner.object.pointer, nullptr);
  EXPECT_EQ(ListSize(owner.object), 0u);
  EXPECT_EQ(ListBytes(owner.object), 0u);
  EXPECT_EQ(owner.list().Remove(ListEnd::kHead, "x", 1), 0u);
}

TEST(List, GoesToQuicklistAndBackAtHalf) {
  Owner owner(LimitsOf({10, 0}));
  for (int i = 0; i < 10; ++i) owner.list().Push(ListEnd::kTail, "x");
  EXPECT_EQ(owner.object.encoding, Encoding::kListpack);
  owner.list().Push(ListEnd::kTail, "x");
  EXPECT_EQ(owner.object.encoding, Encoding::kQuicklist);
  const auto pop = [&] { owner.list().Pop(ListEnd::kTail, 1, [](const PackedItem&) {}); };
  while (owner.view().size() > 6) pop();
  EXPECT_EQ(owner.object.encoding, Encoding::kQuicklist);
  pop();
  EXPECT_EQ(owner.object.encoding, Encoding::kListpack);
  EXPECT_EQ(Contents(owner.view()), Model(5, "x"));
}

TEST(List, GoesToQuicklistBySize) {
  Owner owner(LimitsOf({-1, 0}));
  owner.list().Push(ListEnd::kTail, std::string(4096 - Listpack::kEmptyBytes, 'a'));
  EXPECT_EQ(owner.object.encoding, Encoding::kListpack);
  owner.list().Push(ListEnd::kTail, "b");
  EXPECT_EQ(owner.object.encoding, Encoding::kQuicklist);
  owner.list().Remove(ListEnd::kTail, std::string(4096 - Listpack::kEmptyBytes, 'a'), 1);
  EXPECT_EQ(owner.object.encoding, Encoding::kListpack);
}

TEST(List, ALargeElementHasANodeOfItsOwn) {
  Owner owner(LimitsOf({-1, 0}));
  const std::string large(5000, 'l');
  owner.list().Push(ListEnd::kTail, "a");
  owner.list().Push(ListEnd::kTail, "b");
  owner.list().Insert(1, large);
  std::vector<QuicklistNode::Form> forms;
  owner.view().ForEachNode([&](const ListView::Node& node) { forms.push_back(node.form); });
  using enum QuicklistNode::Form;
  EXPECT_EQ(forms, (std::vector<QuicklistNode::Form>{kPacked, kPlain, kPacked}));
  owner.list().Replace(1, "small");
  EXPECT_EQ(Contents(owner.view()), (Model{"a", "small", "b"}));
}

TEST(List, PushingAtTheEndsFillsNodes) {
  for (const ListEnd end : {ListEnd::kHead, ListEnd::kTail}) {
    Owner owner{EncodingLimits()};
    constexpr size_t kCount = 10000;
    const std::string text(100, 't');
    for (size_t i = 0; i < kCount; ++i) owner.list().Push(end, text);
    EXPECT_LE(owner.view().node_count(), kCount * 102 / 8000 + 2);
    EXPECT_LE(static_cast<double>(ListBytes(owner.object)), 1.05 * kCount * 103);
  }
}

TEST(List, InsertingInTheMiddleLeavesNoCrumbs) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  Owner owner{EncodingLimits()};
  constexpr size_t kCount = 5000;
  const std::string text(100, 'm');
  for (size_t i = 0; i < kCount; ++i) owner.list().Insert(random() % (owner.view().size() + 1), text);
  EXPECT_LE(owner.view().node_count(), 3 * kCount * 102 / 8192) << "nodes should be at least a third full";
}

TEST(List, SplittingTheLastNodeCompressesWhatThenLiesFurtherIn) {
  for (const int depth : {1, 2, 3, 4}) {
    Owner owner(LimitsOf({-1, depth}));
    for (int i = 0; i < 400; ++i) owner.list().Push(ListEnd::kTail, std::string(100, 's'));
    ASSERT_GT(owner.view().node_count(), 9u);
    ASSERT_NO_FATAL_FAILURE(ExpectSoundNodes(owner.object, depth));
    owner.list().Insert(owner.view().size() - 2, std::string(5000, 'l'));
    ASSERT_NO_FATAL_FAILURE(ExpectSoundNodes(owner.object, depth));
    owner.list().Insert(2, std::string(5000, 'l'));
    ASSERT_NO_FATAL_FAILURE(ExpectSoundNodes(owner.object, depth));
    EXPECT_EQ(ListBytes(owner.object), CountedBytes(owner.object));
  }
}

TEST(List, InnerNodesAreCompressed) {
  Owner plain(LimitsOf({-1, 0}));
  Owner compressed(LimitsOf({-1, 1}));
  const std::string text(100, 'c');
  for (int i = 0; i < 5000; ++i) {
    plain.list().Push(ListEnd::kTail, text);
    compressed.list().Push(ListEnd::kTail, text);
  }
  EXPECT_LT(ListBytes(compressed.object) * 5, ListBytes(plain.object));
}

}  // namespace
}  // namespace tidemark::values
