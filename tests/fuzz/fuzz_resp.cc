// Fuzzes the request parser: the input is cut into pieces as a network might, and the pieces must give the same
// requests and the same error as the whole. Replies written from the arguments must not disturb the output buffer's
// account.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/output_buffer.h"
#include "protocol/reply_writer.h"
#include "protocol/request_parser.h"

namespace {

using namespace tidemark::protocol;

void Require(bool condition) {
  if (!condition) std::abort();
}

struct Parsed {
  std::vector<std::vector<std::string>> requests;
  std::string error;
};

// Feeds `bytes` in pieces whose sizes come from `cuts` (in turn, 0 meaning all that is left).
Parsed ParseInPieces(std::string_view bytes, std::string_view cuts, const ParserLimits& limits, size_t max_requests) {
  Parsed parsed;
  RequestParser parser;
  RequestBatch batch;
  std::string pending;
  size_t cut = 0;
  while (!bytes.empty() && !parser.failed()) {
    size_t piece = bytes.size();
    if (!cuts.empty()) {
      const auto wanted = static_cast<unsigned char>(cuts[cut++ % cuts.size()]);
      if (wanted != 0 && wanted < piece) piece = wanted;
    }
    pending.append(bytes.substr(0, piece));
    bytes.remove_prefix(piece);
    for (;;) {
      batch.Clear();
      const size_t done = parser.Parse(pending, limits, max_requests, batch);
      Require(done <= pending.size());
      Require(batch.requests.size() <= max_requests);
      for (const Request& request : batch.requests) {
        Require(request.arg_count > 0 && request.begin <= done);
        std::vector<std::string>& args = parsed.requests.emplace_back();
        for (uint32_t i = 0; i < request.arg_count; ++i) args.emplace_back(batch.args[request.first_arg + i]);
      }
      pending.erase(0, done);
      if (done == 0 || parser.failed()) break;
    }
  }
  parsed.error = parser.error();
  return parsed;
}

void WriteReplies(const Parsed& parsed, RespVersion version) {
  OutputBuffer buffer;
  ReplyWriter reply(buffer, version);
  for (const std::vector<std::string>& args : parsed.requests) {
    reply.Array(args.size());
    for (const std::string& arg : args) reply.Bulk(arg);
    if (!args[0].empty()) reply.Error("ERR " + args[0]);
    reply.Verbatim("txt", args[0]);
  }
  if (!parsed.error.empty()) reply.Error("ERR " + parsed.error);
  size_t gathered = 0;
  while (!buffer.empty()) {
    iovec vectors[3];
    const int count = buffer.Gather(vectors);
    Require(count > 0);
    size_t bytes = 0;
    for (int i = 0; i < count; ++i) bytes += vectors[i].iov_len;
    const size_t take = bytes > 7 ? bytes - bytes / 3 : bytes;
    const size_t before = buffer.bytes();
    buffer.Consume(take);
    Require(buffer.bytes() == before - take);
    gathered += take;
  }
  Require(parsed.requests.empty() || gathered > 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.size() < 2) return 0;
  // The first byte chooses limits and versions, the second how many of the next bytes are cut sizes.
  const auto choice = static_cast<unsigned char>(input[0]);
  size_t cut_count = static_cast<unsigned char>(input[1]) % 9;
  input.remove_prefix(2);
  if (cut_count > input.size()) cut_count = input.size();
  const std::string_view cuts = input.substr(0, cut_count);
  input.remove_prefix(cut_count);

  ParserLimits limits;
  limits.authenticated = (choice & 1) == 0;
  if ((choice & 2) != 0) limits.max_bulk_bytes = 64;
  const size_t max_requests = (choice & 4) != 0 ? 1 : 64;

  const Parsed whole = ParseInPieces(input, {}, limits, max_requests);
  const Parsed pieces = ParseInPieces(input, cuts, limits, max_requests);
  Require(whole.requests == pieces.requests);
  Require(whole.error == pieces.error);
  WriteReplies(whole, (choice & 8) != 0 ? RespVersion::kResp3 : RespVersion::kResp2);
  return 0;
}
