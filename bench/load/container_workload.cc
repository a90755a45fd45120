#include "container_workload.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "random_stream.h"
#include "reply.h"

namespace tidemark::bench {
namespace {

struct Shape {
  std::string_view name;
  size_t fixed_arguments;       // with the name and the key
  size_t arguments_per_member;  // of commands that add
};

Shape ShapeOf(Command command) {
  switch (command) {
    case Command::kHSet:
      return {"HSET", 2, 2};
    case Command::kHGet:
      return {"HGET", 3, 0};
    case Command::kLPush:
      return {"LPUSH", 2, 1};
    case Command::kRPush:
      return {"RPUSH", 2, 1};
    case Command::kLRange:
      return {"LRANGE", 4, 0};
    case Command::kSAdd:
      return {"SADD", 2, 1};
    case Command::kSIsMember:
      return {"SISMEMBER", 3, 0};
    case Command::kZAdd:
      return {"ZADD", 2, 2};
    case Command::kZRangeByScore:
      return {"ZRANGEBYSCORE", 4, 0};
    case Command::kZRank:
      return {"ZRANK", 3, 0};
    case Command::kXAdd:
      return {"XADD", 5, 0};
    case Command::kXRange:
      return {"XRANGE", 6, 0};
    case Command::kGet:
    case Command::kMGet:
    case Command::kSet:
    case Command::kMixed:
      break;
  }
  return {"", 0, 0};
}

// How many members in a row a request is about.
uint64_t SpanOf(Command command) {
  switch (command) {
    case Command::kLRange:
      return ContainerWorkload::kListRange;
    case Command::kZRangeByScore:
      return ContainerWorkload::kScoreRange;
    case Command::kXRange:
      return ContainerWorkload::kEntryRange;
    default:
      return 1;
  }
}

}  // namespace

ContainerWorkload::ContainerWorkload(const WorkloadOptions& options)
    : options_(options),
      indexes_(options.order, options.key_count * options.member_count / options.members_per_request, options.seed) {}

size_t ContainerWorkload::reply_bytes_max() const {
  constexpr size_t kElementRoom = 64;  // headers, identifiers
  return SpanOf(options_.command) * (std::max(options_.member_bytes, options_.value_bytes) + kElementRoom);
}

Request ContainerWorkload::AppendNext(std::string* out) {
  const uint64_t index = indexes_.Next() * options_.members_per_request;
  Request request{.key_index = options_.first_key + index / options_.member_count,
                  .command = options_.command,
                  .member = MemberOf(index % options_.member_count)};
  if (options_.order == Order::kRandom) request.salt = indexes_.Random();
  const Shape shape = ShapeOf(request.command);
  const size_t arguments = shape.fixed_arguments + shape.arguments_per_member * options_.members_per_request;
  AppendNumber(arguments, "*", out);
  AppendBulk(shape.name, out);
  std::string key = options_.key_prefix;
  key += std::to_string(request.key_index);
  AppendBulk(key, out);
  AppendArguments(request, out);
  return request;
}

uint64_t ContainerWorkload::MemberOf(uint64_t index) {
  const uint64_t span = SpanOf(options_.command);
  // A list is asked for near its head, as logs and timelines are.
  if (options_.command == Command::kLRange) return index % kListRange;
  return std::min(index, options_.member_count - std::min(span, options_.member_count));
}

void ContainerWorkload::AppendNumber(uint64_t number, std::string_view head, std::string* out) const {
  char digits[24];
  const char* const end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out->append(head);
  out->append(digits, static_cast<size_t>(end - digits));
  out->append("\r\n");
}

void ContainerWorkload::AppendBulk(std::string_view bytes, std::string* out) const {
  AppendNumber(bytes.size(), "$", out);
  out->append(bytes);
  out->append("\r\n");
}

void ContainerWorkload::AppendMember(uint64_t member, std::string* out) const {
  // Digits of base 32 of the scrambled index. The multiplication keeps different indexes apart up to 2^40.
  static constexpr char kDigits[] = "abcdefghijklmnopqrstuvwxyz234567";
  const bool is_short = options_.member_bytes < 8;
  uint64_t word = is_short ? member : (member * 0x9E3779B97F) & ((uint64_t{1} << 40) - 1);
  for (uint32_t i = 0; i < options_.member_bytes; ++i) {
    out->push_back(kDigits[word & 31]);
    word = (word >> 5) | (is_short ? 0 : (word & 31) << 35);
  }
}

void ContainerWorkload::AppendArguments(const Request& request, std::string* out) const {
  std::string member;
  const auto append_member = [&](uint64_t index) {
    member.clear();
    AppendMember(index, &member);
    AppendBulk(member, out);
  };
  const auto append_text = [&](const std::string& text) { AppendBulk(text, out); };
  const uint64_t first = request.member;
  switch (request.command) {
    case Command::kHSet:
      for (uint32_t i = 0; i < options_.members_per_request; ++i) {
        append_member(first + i);
        std::string value;
        AppendValue(request.salt + request.key_index * options_.member_count + first + i, options_.value_bytes, &value);
        AppendBulk(value, out);
      }
      return;
    case Command::kZAdd:
      for (uint32_t i = 0; i < options_.members_per_request; ++i) {
        append_text(std::to_string(request.salt == 0 ? first + i : request.salt % options_.member_count) + ".5");
        append_member(first + i);
      }
      return;
    case Command::kSAdd:
      for (uint32_t i = 0; i < options_.members_per_request; ++i) {
        append_member(first + i + (request.salt % 2) * options_.member_count);
      }
      return;
    case Command::kLPush:
    case Command::kRPush:
      for (uint32_t i = 0; i < options_.members_per_request; ++i) append_member(first + i);
      return;
    case Command::kHGet:
    case Command::kSIsMember:
    case Command::kZRank:
      append_member(first);
      return;
    case Command::kLRange:
      append_text(std::to_string(first));
      append_text(std::to_string(first + kListRange - 1));
      return;
    case Command::kZRangeByScore:
      append_text(std::to_string(first));
      append_text(std::to_string(first + kScoreRange));
      return;
    case Command::kXAdd:
      append_text(request.salt == 0 ? std::to_string(first + 1) : "*");
      append_text("field");
      append_member(first);
      return;
    case Command::kXRange:
      append_text(std::to_string(first + 1));
      append_text("+");
      append_text("COUNT");
      append_text(std::to_string(kEntryRange));
      return;
    case Command::kGet:
    case Command::kMGet:
    case Command::kSet:
    case Command::kMixed:
      return;
  }
}

bool ContainerWorkload::IsMember(uint64_t member, std::string_view element) const {
  std::string expected;
  AppendMember(member, &expected);
  return element == expected;
}

bool ContainerWorkload::AreMembers(uint64_t first, uint64_t count, std::string_view array, Verify verify) const {
  if (array[0] != '*' || NumberOf(array) != static_cast<int64_t>(count)) return false;
  if (verify == Verify::kShape) return true;
  std::string_view rest = ElementsOf(array);
  for (uint64_t i = 0; i < count; ++i) {
    const size_t bytes = ReplyBytes(rest);
    if (!IsMember(first + i, BulkOf(rest.substr(0, bytes)))) return false;
    rest.remove_prefix(bytes);
  }
  return true;
}

bool ContainerWorkload::AreEntries(uint64_t first, uint64_t count, std::string_view array, Verify verify) const {
  if (array[0] != '*' || NumberOf(array) != static_cast<int64_t>(count)) return false;
  if (verify == Verify::kShape) return true;
  std::string_view rest = ElementsOf(array);
  for (uint64_t i = 0; i < count; ++i) {
    // [id, [field, member]]
    const size_t bytes = ReplyBytes(rest);
    std::string_view entry = ElementsOf(rest.substr(0, bytes));
    entry.remove_prefix(ReplyBytes(entry));
    std::string_view fields = ElementsOf(entry);
    fields.remove_prefix(ReplyBytes(fields));
    if (!IsMember(first + i, BulkOf(fields))) return false;
    rest.remove_prefix(bytes);
  }
  return true;
}

Verdict ContainerWorkload::Judge(const Request& request, std::string_view reply, Verify verify) const {
  if (IsNull(reply)) return Verdict::kMiss;
  const auto verdict = [](bool right) { return right ? Verdict::kRight : Verdict::kWrong; };
  const uint64_t member = request.member;
  switch (request.command) {
    case Command::kHGet: {
      if (reply[0] != '$') return Verdict::kWrong;
      const std::string_view value = BulkOf(reply);
      if (verify == Verify::kShape) return verdict(value.size() == options_.value_bytes);
      return verdict(IsValue(request.key_index * options_.member_count + member, options_.value_bytes, value));
    }
    case Command::kZRank:
      return verdict(reply[0] == ':' && NumberOf(reply) == static_cast<int64_t>(member));
    case Command::kSIsMember:
      return verdict(reply == ":1\r\n");
    case Command::kXAdd:
      return verdict(reply[0] == '$');
    case Command::kLRange:
      return verdict(AreMembers(member, kListRange, reply, verify));
    case Command::kZRangeByScore:
      return verdict(AreMembers(member, kScoreRange, reply, verify));
    case Command::kXRange:
      return verdict(AreEntries(member, kEntryRange, reply, verify));
    default:
      return verdict(reply[0] == ':');
  }
}

}  // namespace tidemark::bench
