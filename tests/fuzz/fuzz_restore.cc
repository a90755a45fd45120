// Fuzzes the value codec and the value classes behind it: the input is decoded as a value of the type it names. What is
// accepted must hold together: it can be read in full, copied, written and read again in both ways with the same
// contents, and changed.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

#include "../unit/formats/contents.h"
#include "formats/value_codec.h"

namespace {

using namespace tidemark;
using formats::ContentsOf;
using values::OwnedObject;

void Require(bool condition, int line = __builtin_LINE()) {
  if (condition) return;
  std::fprintf(stderr, "line %d: does not hold\n", line);
  std::abort();
}

values::EncodingLimits LimitsOf(uint8_t choice) {
  values::EncodingLimits limits;
  if ((choice & 1) != 0) {
    limits.hash_max_listpack_entries = limits.set_max_intset_entries = 3;
    limits.set_max_listpack_entries = limits.zset_max_listpack_entries = 3;
    limits.list_max_listpack_size = 2;
  }
  if ((choice & 2) != 0) {
    limits.hash_max_listpack_value = limits.set_max_listpack_value = limits.zset_max_listpack_value = 4;
  }
  if ((choice & 4) != 0) limits.list_compress_depth = 1;
  return limits;
}

void WriteAndReadAgain(const values::Object& object, const values::EncodingLimits& limits) {
  const formats::Contents contents = ContentsOf(object);
  std::string own;
  const uint8_t own_tag = formats::EncodeObject(object, {}, own);
  std::string_view in = own;
  const auto back = formats::DecodeValue(own_tag, in, {.limits = limits, .encoding = object.encoding});
  Require(back && in.empty() && back->object->encoding == object.encoding && ContentsOf(*back) == contents);

  std::string dumped;
  const uint8_t tag = formats::EncodeObject(
      object, {.strings = formats::StringForm::kCompressed, .audience = formats::Audience::kRedis7}, dumped);
  in = dumped;
  const auto restored = formats::DecodeValue(tag, in, {.limits = limits});
  Require(restored && in.empty() && ContentsOf(*restored) == contents);

  const OwnedObject copy(values::CloneObject(object));
  Require(ContentsOf(*copy) == contents);
  Require(values::ObjectSize(*copy) == values::ObjectSize(object) && values::ObjectBytes(*copy) > 0);
}

void ChangeList(values::Object& object, const values::EncodingLimits& limits) {
  values::List list(object, limits);
  list.Push(values::ListEnd::kTail, "new tail");
  list.Push(values::ListEnd::kHead, "-17");
  list.Insert(list.size() / 2, std::string(100, 'x'));
  list.Replace(list.size() / 2, "12345");
  list.Remove(values::ListEnd::kTail, "new tail", 1);
  list.EraseRange(list.size() / 3, list.size() / 3);
}

void ChangeSet(values::Object& object, const values::EncodingLimits& limits) {
  values::Set set(object, limits);
  std::string first;
  set.VisitWhile([&](const values::PackedItem& item) {
    first = item.ToString();
    return false;
  });
  Require(set.Contains(first) && set.Remove(first) && !set.Contains(first) && set.Add(first));
  set.Add("123456789012");
  set.Add("a new member");
}

void ChangeSortedSet(values::Object& object, const values::EncodingLimits& limits) {
  values::SortedSet set(object, limits);
  std::string first;
  double first_score = 0;
  set.view().ForEach({0, 1}, values::Direction::kUp, [&](std::string_view member, double score) {
    first = member;
    first_score = score;
  });
  Require(set.view().Score(first) == first_score && set.view().Find(first)->rank == 0);
  Require(set.Erase(first) && !set.view().Score(first));
  set.Set(first, -first_score);
  set.Set("a new member", 2.5);
  set.Set("17", std::numeric_limits<double>::infinity());
}

void ChangeHash(values::Object& object, const values::EncodingLimits& limits) {
  values::Hash hash(object, limits, values::HashView::kNoTime);
  std::string first;
  hash.ForEach([&](const values::PackedItem& field, const values::PackedItem&) { first = field.ToString(); });
  Require(static_cast<bool>(hash.Find(first)) && !hash.Set(first, "another value"));
  hash.SetExpiry(hash.Find(first), 12345);
  hash.Set("a new field", "1");
  Require(hash.Erase(first) && !hash.Find(first));
  hash.Set(first, "7");
}

void ChangeStream(values::Object& object, const values::EncodingLimits& limits) {
  values::Stream& stream = values::Stream::Of(object);
  if (const auto next = stream.last_id().Next()) {
    const std::string_view pairs[] = {"field", "value"};
    stream.Append(*next, pairs, limits);
    Require(stream.Contains(*next));
  }
  std::vector<values::StreamId> ids;
  values::StreamIterator entries = stream.Range({}, values::StreamId::Max(), values::StreamDirection::kBackward);
  while (entries.Next()) {
    entries.ForEachField([](const values::PackedItem&, const values::PackedItem&) {});
    ids.push_back(entries.id());
  }
  Require(ids.size() == stream.length());
  if (!ids.empty()) {
    const values::StreamId middle = ids[ids.size() / 2];
    Require(stream.Delete({&middle, 1}) == 1 && !stream.Contains(middle));
  }
  stream.Trim({.by = values::StreamTrim::By::kLength, .length_max = stream.length() / 2});
  values::IdempotentProducers& producers = stream.GetProducers({});
  const int64_t now_ms = static_cast<int64_t>(stream.last_id().ms / 2);
  if (!producers.Find("a producer", "an entry", now_ms)) producers.Record("a producer", "an entry", {}, 0);
  Require(producers.Find("a producer", "an entry", 0).has_value());
  Require(producers.CountTracked(now_ms).iids <= producers.iid_count());
  for (const auto& group : stream.groups()) {
    stream.LagOf(*group);
    std::vector<values::StreamId> pending;
    group->pending().ForEach([&](const values::PendingEntry& entry) { pending.push_back(entry.id); });
    for (size_t i = 0; i < pending.size(); i += 2) group->Release(*group->FindPending(pending[i]));
    Require(group->ReleasedIds().size() == group->released_count());
    if (!group->consumers().empty()) group->RemoveConsumer(*group->consumers().front());
  }
}

void Change(values::Object& object, const values::EncodingLimits& limits) {
  switch (object.type) {
    case values::Type::kString:
      return;
    case values::Type::kList:
      return ChangeList(object, limits);
    case values::Type::kSet:
      return ChangeSet(object, limits);
    case values::Type::kZSet:
      return ChangeSortedSet(object, limits);
    case values::Type::kHash:
      return ChangeHash(object, limits);
    case values::Type::kStream:
      return ChangeStream(object, limits);
  }
}

}  // namespace

// The first byte is the type, the second chooses limits and dialect.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const values::EncodingLimits limits = LimitsOf(data[1]);
  std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto dialect = (data[1] & 8) != 0 ? formats::Dialect::kValkey : formats::Dialect::kRedis;
  auto value = formats::DecodeValue(data[0], body, {.limits = limits, .dialect = dialect});
  if (!value) return 0;
  if (value->type == values::Type::kString) {
    std::string again;
    formats::EncodeText(value->text, formats::StringForm::kCompressed, again);
    std::string_view in = again;
    const auto back = formats::DecodeValue(formats::kRdbTypeString, in, {.limits = limits});
    Require(back && in.empty() && back->text == value->text);
    return 0;
  }
  WriteAndReadAgain(*value->object, limits);
  Change(*value->object, limits);
  WriteAndReadAgain(*value->object, limits);
  return 0;
}
