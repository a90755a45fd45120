// The request parser and the reply writer, per request.
#include <benchmark/benchmark.h>

#include <string>

#include "protocol/output_buffer.h"
#include "protocol/reply_writer.h"
#include "protocol/request_parser.h"

namespace {

using namespace tidemark::protocol;

std::string Requests(const std::string& one, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += one;
  return bytes;
}

void Parse(benchmark::State& state, const std::string& one) {
  constexpr int kPipeline = 16;
  const std::string bytes = Requests(one, kPipeline);
  RequestParser parser;
  RequestBatch batch;
  for (auto _ : state) {
    batch.Clear();
    benchmark::DoNotOptimize(parser.Parse(bytes, {}, 64, batch));
  }
  state.SetItemsProcessed(state.iterations() * kPipeline);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}

void ParseGet(benchmark::State& state) {
  Parse(state, "*2\r\n$3\r\nGET\r\n$16\r\nkey:000000012345\r\n");
}
BENCHMARK(ParseGet);

void ParseSet(benchmark::State& state) {
  Parse(state, "*3\r\n$3\r\nSET\r\n$16\r\nkey:000000012345\r\n$64\r\n" + std::string(64, 'x') + "\r\n");
}
BENCHMARK(ParseSet);

void ParseInline(benchmark::State& state) {
  Parse(state, "GET key:000000012345\r\n");
}
BENCHMARK(ParseInline);

void WriteBulk(benchmark::State& state) {
  const std::string value(static_cast<size_t>(state.range(0)), 'x');
  OutputBuffer buffer;
  ReplyWriter reply(buffer, RespVersion::kResp2);
  for (auto _ : state) {
    reply.Bulk(value);
    if (buffer.bytes() > 8192) buffer.Consume(buffer.bytes());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(WriteBulk)->Arg(64)->Arg(1024);

}  // namespace
