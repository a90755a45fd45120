#include "string_workload.h"

#include <array>
#include <cstring>

#include "random_stream.h"
#include "reply.h"

namespace tidemark::bench {
namespace {

std::array<char, 40000> MakeFourDigits() {
  std::array<char, 40000> table;
  for (int n = 0; n < 10000; ++n) {
    for (int digit = 3, rest = n; digit >= 0; --digit, rest /= 10)
      table[n * 4 + digit] = static_cast<char>('0' + rest % 10);
  }
  return table;
}

void AppendKey(uint64_t key_index, std::string* out) {
  static const std::array<char, 40000> four_digits = MakeFourDigits();
  char key[16] = {'k', 'e', 'y', ':'};
  std::memcpy(key + 4, &four_digits[key_index / 100000000 % 10000 * 4], 4);
  std::memcpy(key + 8, &four_digits[key_index / 10000 % 10000 * 4], 4);
  std::memcpy(key + 12, &four_digits[key_index % 10000 * 4], 4);
  out->append(key, sizeof(key));
}

}  // namespace

StringWorkload::StringWorkload(const WorkloadOptions& options)
    : options_(options),
      mget_prefix_("*" + std::to_string(options.keys_per_request + 1) + "\r\n$4\r\nMGET"),
      get_prefix_("*2\r\n$3\r\nGET\r\n$16\r\n"),
      set_prefix_("*3\r\n$3\r\nSET\r\n$16\r\n"),
      set_middle_("\r\n$" + std::to_string(options.value_bytes) + "\r\n"),
      keys_(options.order, options.key_count, options.seed) {}

Request StringWorkload::AppendNext(std::string* out) {
  Request request{.key_index = options_.first_key + keys_.Next(), .command = options_.command};
  if (request.command == Command::kMixed) {
    request.command = keys_.Random() % 100 < options_.set_percent ? Command::kSet : Command::kGet;
  }
  if (request.command == Command::kGet) {
    out->append(get_prefix_);
    AppendKey(request.key_index, out);
  } else if (request.command == Command::kMGet) {
    out->append(mget_prefix_);
    for (uint32_t i = 0; i < options_.keys_per_request; ++i) {
      out->append("\r\n$16\r\n");
      AppendKey(KeyAt(request, i), out);
    }
  } else {
    out->append(set_prefix_);
    AppendKey(request.key_index, out);
    out->append(set_middle_);
    AppendValue(request.key_index, options_.value_bytes, out);
  }
  out->append("\r\n");
  return request;
}

uint64_t StringWorkload::KeyAt(const Request& request, uint32_t position) const {
  const uint64_t first = request.key_index - options_.first_key;
  return options_.first_key + (first + keys_.Scattered(position)) % options_.key_count;
}

Verdict StringWorkload::Judge(const Request& request, std::string_view reply, Verify verify) const {
  if (request.command == Command::kSet) return reply == "+OK\r\n" ? Verdict::kRight : Verdict::kWrong;
  if (request.command == Command::kGet) return JudgeValue(request.key_index, reply, verify);
  if (reply[0] != '*' || NumberOf(reply) != options_.keys_per_request) return Verdict::kWrong;
  std::string_view elements = ElementsOf(reply);
  for (uint32_t i = 0; i < options_.keys_per_request; ++i) {
    const size_t bytes = ReplyBytes(elements);
    const Verdict verdict = JudgeValue(KeyAt(request, i), elements.substr(0, bytes), verify);
    if (verdict != Verdict::kRight) return verdict;
    elements.remove_prefix(bytes);
  }
  return Verdict::kRight;
}

Verdict StringWorkload::JudgeValue(uint64_t key_index, std::string_view reply, Verify verify) const {
  if (IsNull(reply)) return Verdict::kMiss;
  if (reply[0] != '$') return Verdict::kWrong;
  const std::string_view value = BulkOf(reply);
  const bool right =
      verify == Verify::kShape ? value.size() == options_.value_bytes : IsValue(key_index, options_.value_bytes, value);
  return right ? Verdict::kRight : Verdict::kWrong;
}

}  // namespace tidemark::bench
