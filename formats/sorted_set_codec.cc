#include <algorithm>
#include <cmath>
#include <vector>

#include "base/numbers.h"
#include "formats/packed_input.h"
#include "formats/type_codecs.h"
#include "formats/ziplist.h"
#include "values/sorted_set.h"

namespace tidemark::formats {

using values::Encoding;
using values::Listpack;
using values::OwnedObject;
using values::PackedItem;
using values::ScoredMember;
using values::SortedSet;
using values::SortedSetView;

namespace {

Status Duplicate() {
  return Status::Corruption("a member of a sorted set is there twice");
}

Status NoScore() {
  return Status::Corruption("a score is no number");
}

std::optional<double> ScoreOf(const PackedItem& item) {
  if (item.is_integer) return static_cast<double>(item.integer);
  const std::optional<double> score = ParseDouble(item.text);
  return score && !std::isnan(*score) ? score : std::nullopt;
}

Result<uint64_t> DecodeCount(std::string_view& in) {
  Result<uint64_t> count = DecodeLength(in);
  // A member and a score take at least two bytes.
  if (count && (*count == 0 || *count > in.size() / 2)) {
    return Status::Corruption("a sorted set of a length that cannot be");
  }
  return count;
}

DecodedObject DecodeMembers(uint8_t type_tag, std::string_view& in, const DecodeOptions& options) {
  const Result<uint64_t> count = DecodeCount(in);
  if (!count) return count.error();
  OwnedObject object(values::NewSortedSet());
  SortedSet set(*object, options.limits);
  std::string scratch;
  for (uint64_t i = 0; i < *count; ++i) {
    const Result<std::string_view> member = DecodeString(in, scratch);
    if (!member) return member.error();
    const Result<double> score = type_tag == kRdbTypeZSet ? DecodeOldDouble(in) : DecodeDouble(in);
    if (!score) return score.error();
    if (std::isnan(*score)) return NoScore();
    if (set.Set(*member, *score) != SortedSet::Change::kAdded) return Duplicate();
  }
  return object;
}

// A tree that was written here: members in descending order, as they are.
DecodedObject DecodeOwnTree(std::string_view& in, const DecodeOptions& options) {
  const Result<uint64_t> count = DecodeCount(in);
  if (!count) return count.error();
  std::vector<ScoredMember> elements(*count);
  for (auto element = elements.rbegin(); element != elements.rend(); ++element) {
    const Result<std::string_view> member = DecodeRawString(in);
    if (!member) return member.error();
    const Result<double> score = DecodeDouble(in);
    if (!score) return score.error();
    *element = {*member, *score};
  }
  values::EncodingLimits limits = options.limits;
  limits.zset_max_listpack_entries = 0;
  return OwnedObject(values::NewSortedSet(elements, limits));
}

// Redis asks only for the number of elements whether what comes packed stays packed.
values::EncodingLimits CountLimits(values::EncodingLimits limits) {
  limits.zset_max_listpack_value = SIZE_MAX;
  return limits;
}

DecodedObject DecodeZiplist(std::string_view& in, const DecodeOptions& options) {
  std::string scratch;
  const Result<std::string_view> bytes = DecodeString(in, scratch);
  if (!bytes) return bytes.error();
  ZiplistReader reader(*bytes);
  OwnedObject object(values::NewSortedSet());
  const values::EncodingLimits limits = CountLimits(options.limits);
  SortedSet set(*object, limits);
  char text[kInt64Chars];
  while (const std::optional<PackedItem> member = reader.Next()) {
    const std::optional<PackedItem> score_item = reader.Next();
    if (!score_item) return Status::Corruption("a member of a sorted set without a score");
    const std::optional<double> score = ScoreOf(*score_item);
    if (!score) return NoScore();
    if (set.Set(member->View(text), *score) != SortedSet::Change::kAdded) return Duplicate();
  }
  if (reader.damaged()) return Status::Corruption("a damaged packed list of old");
  if (set.size() == 0) return Status::Corruption("a sorted set of nothing");
  return object;
}

// A packed list of members and scores, looked at but not yet believed.
struct Survey {
  size_t count = 0;
  bool ascending = true;
};

Result<Survey> SurveyPairs(const Listpack& pack) {
  Survey survey;
  std::string previous;
  double previous_score = 0;
  for (Listpack::Position at = pack.First(); at != nullptr; ++survey.count) {
    const std::string member = Listpack::Get(at).ToString();
    at = pack.Next(at);
    if (at == nullptr) return Status::Corruption("a member of a sorted set without a score");
    const std::optional<double> score = ScoreOf(Listpack::Get(at));
    if (!score) return NoScore();
    if (survey.count > 0 && (*score < previous_score || (*score == previous_score && member <= previous))) {
      survey.ascending = false;
    }
    previous = member;
    previous_score = *score;
    at = pack.Next(at);
  }
  return survey;
}

DecodedObject Rebuild(const Listpack& pack, const DecodeOptions& options) {
  OwnedObject object(values::NewSortedSet());
  const values::EncodingLimits limits = CountLimits(options.limits);
  SortedSet set(*object, limits);
  char text[kInt64Chars];
  for (Listpack::Position at = pack.First(); at != nullptr; at = pack.Next(pack.Next(at))) {
    const double score = *ScoreOf(Listpack::Get(pack.Next(at)));
    if (set.Set(Listpack::Get(at).View(text), score) != SortedSet::Change::kAdded) return Duplicate();
  }
  return object;
}

DecodedObject DecodeListpack(std::string_view& in, const DecodeOptions& options) {
  std::string scratch;
  const Result<std::string_view> bytes = DecodePacked(in, scratch);
  if (!bytes) return bytes.error();
  const Listpack pack = ReadOnlyPack(*bytes);
  const auto copy = [&] {
    return OwnedObject({values::Type::kZSet, Encoding::kListpack, Listpack::CopyOf(*bytes).block()});
  };
  if (options.encoding) return copy();
  const Result<Survey> survey = SurveyPairs(pack);
  if (!survey) return survey.error();
  const bool as_it_is =
      survey->ascending && survey->count <= options.limits.zset_max_listpack_entries && IsCanonicalPack(*bytes);
  if (!as_it_is) return Rebuild(pack, options);
  if (!AllDiffer(*bytes, 2)) return Duplicate();
  return copy();
}

}  // namespace

uint8_t EncodeSortedSet(const values::Object& object, const EncodeOptions& options, std::string& out) {
  const SortedSetView set(object);
  if (set.packed()) {
    EncodeString(set.listpack().view(), options.strings, out);
    return kRdbTypeZSetListpack;
  }
  EncodeLength(set.size(), out);
  // Highest first, so that a reader with a skiplist always inserts at its head.
  set.ForEach({0, set.size()}, values::Direction::kDown, [&](std::string_view member, double score) {
    EncodeString(member, options.strings, out);
    EncodeDouble(score, out);
  });
  return kRdbTypeZSet2;
}

DecodedObject DecodeSortedSet(uint8_t type_tag, std::string_view& in, const DecodeOptions& options) {
  switch (type_tag) {
    case kRdbTypeZSetListpack:
      return DecodeListpack(in, options);
    case kRdbTypeZSetZiplist:
      return DecodeZiplist(in, options);
    default:
      return options.encoding ? DecodeOwnTree(in, options) : DecodeMembers(type_tag, in, options);
  }
}

}  // namespace tidemark::formats
