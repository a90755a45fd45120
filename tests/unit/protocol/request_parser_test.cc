// Goal: however the bytes of requests are cut into pieces, the same requests come out; limits hold, and errors are
// worded as clients know them.
#include "protocol/request_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tidemark::protocol {
namespace {

using Words = std::vector<std::string>;

constexpr size_t kMany = 1000;

// A connection: keeps what the parser has not done with in front of what comes next.
class Stream {
 public:
  explicit Stream(ParserLimits limits = {}, size_t window = kMany) : limits_(limits), window_(window) {}

  void Feed(std::string_view bytes) {
    pending_.append(bytes);
    for (;;) {
      RequestBatch batch;
      const size_t done = parser.Parse(pending_, limits_, window_, batch);
      EXPECT_LE(batch.requests.size(), window_);
      for (const Request& request : batch.requests) {
        Words words;
        for (uint32_t i = 0; i < request.arg_count; ++i) words.emplace_back(batch.args[request.first_arg + i]);
        requests.push_back(std::move(words));
      }
      pending_.erase(0, done);
      if (done == 0 || parser.failed()) return;
    }
  }
  size_t pending_bytes() const { return pending_.size(); }

  RequestParser parser;
  std::vector<Words> requests;

 private:
  ParserLimits limits_;
  size_t window_;
  std::string pending_;
};

std::string Multibulk(const Words& words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return bytes;
}

std::string ErrorOf(std::string_view bytes, ParserLimits limits = {}) {
  Stream stream(limits);
  stream.Feed(bytes);
  return stream.parser.error();
}

struct Sample {
  std::string bytes;
  std::vector<Words> requests;
};

Sample Mixed() {
  const std::vector<Words> requests = {{"GET", "key"},
                                       {"SET", "key", std::string("a\r\n\0b", 5)},
                                       {"SET", "", ""},
                                       {"PING"},
                                       {"inline", "two words", "x"},
                                       {"MSET", std::string(120, 'k'), std::string(1000, 'v'), "a", "b"},
                                       {"ECHO", "*1\r\n$4\r\nPING\r\n"}};
  Sample sample{"", requests};
  for (size_t i = 0; i < requests.size(); ++i) {
    if (i == 3) {
      sample.bytes += "\r\nPING\r\n\n";
    } else if (i == 4) {
      sample.bytes += "  inline \"two words\" 'x' \n*0\r\n*-1\r\n";
    } else {
      sample.bytes += Multibulk(requests[i]);
    }
  }
  return sample;
}

TEST(RequestParser, AnyCutGivesTheSameRequests) {
  const Sample sample = Mixed();
  for (size_t cut = 0; cut <= sample.bytes.size(); ++cut) {
    Stream stream;
    stream.Feed(std::string_view(sample.bytes).substr(0, cut));
    stream.Feed(std::string_view(sample.bytes).substr(cut));
    ASSERT_EQ(stream.requests, sample.requests) << "cut at " << cut;
    EXPECT_EQ(stream.pending_bytes(), 0u);
    EXPECT_FALSE(stream.parser.failed());
  }
}

TEST(RequestParser, AnyPieceSizeGivesTheSameRequests) {
  const Sample sample = Mixed();
  for (const size_t window : {size_t{1}, size_t{2}, kMany}) {
    for (size_t piece = 1; piece < 40; ++piece) {
      Stream stream({}, window);
      for (size_t at = 0; at < sample.bytes.size(); at += piece) {
        stream.Feed(std::string_view(sample.bytes).substr(at, piece));
      }
      ASSERT_EQ(stream.requests, sample.requests) << "pieces of " << piece << ", window " << window;
      EXPECT_EQ(stream.pending_bytes(), 0u);
    }
  }
}

TEST(RequestParser, BeginIsWhereARequestStarts) {
  const std::string first = Multibulk({"GET", "a"});
  const std::string bytes = "\r\n" + first + "PING\r\n" + first;
  RequestParser parser;
  RequestBatch batch;
  EXPECT_EQ(parser.Parse(bytes, {}, kMany, batch), bytes.size());
  ASSERT_EQ(batch.requests.size(), 3u);
  EXPECT_EQ(batch.requests[0].begin, 2u);
  EXPECT_EQ(batch.requests[1].begin, 2 + first.size());
  EXPECT_EQ(batch.requests[2].begin, 2 + first.size() + 6);
}

TEST(RequestParser, SaysHowMuchIsMissing) {
  Stream stream;
  stream.Feed("*2\r\n$3\r\nGET\r\n$1000\r\n");
  EXPECT_EQ(stream.parser.missing_bytes(), 1002u);
  stream.Feed(std::string(600, 'k'));
  EXPECT_EQ(stream.parser.missing_bytes(), 402u);
  stream.Feed(std::string(400, 'k') + "\r\n");
  EXPECT_EQ(stream.requests.size(), 1u);
}

TEST(RequestParser, ManyArgumentsInPiecesTakeLinearTime) {
  constexpr size_t kPairs = 200'000;
  Words words = {"MSET"};
  for (size_t i = 0; i < kPairs; ++i) words.insert(words.end(), {"k" + std::to_string(i), "v"});
  const std::string bytes = Multibulk(words);
  Stream stream;
  for (size_t at = 0; at < bytes.size(); at += 16 * 1024) {
    stream.Feed(std::string_view(bytes).substr(at, 16 * 1024));
  }
  ASSERT_EQ(stream.requests.size(), 1u);
  EXPECT_EQ(stream.requests[0], words);
}

TEST(RequestParser, ErrorsAreWordedAsClientsKnowThem) {
  struct Case {
    std::string bytes;
    const char* error;
  };
  for (const Case& test : {Case{"*a\r\n", "Protocol error: invalid multibulk length"},
                           Case{"*\r\n", "Protocol error: invalid multibulk length"},
                           Case{"*1 \r\n", "Protocol error: invalid multibulk length"},
                           Case{"*2147483648\r\n", "Protocol error: invalid multibulk length"},
                           Case{"*99999999999999999999\r\n", "Protocol error: invalid multibulk length"},
                           Case{"*" + std::string(70'000, '1'), "Protocol error: too big mbulk count string"},
                           Case{"*1\r\nx3\r\nGET\r\n", "Protocol error: expected '$', got 'x'"},
                           Case{"*1\r\n$x\r\n", "Protocol error: invalid bulk length"},
                           Case{"*1\r\n$-1\r\n", "Protocol error: invalid bulk length"},
                           Case{"*1\r\n$536870913\r\n", "Protocol error: invalid bulk length"},
                           Case{"*1\r\n$" + std::string(70'000, '1'), "Protocol error: too big bulk count string"},
                           Case{std::string(70'000, 'x'), "Protocol error: too big inline request"},
                           Case{"GET \"key\r\n", "Protocol error: unbalanced quotes in request"},
                           Case{"GET \"key\"x\r\n", "Protocol error: unbalanced quotes in request"},
                           Case{"GET 'key\r\n", "Protocol error: unbalanced quotes in request"}}) {
    EXPECT_EQ(ErrorOf(test.bytes), test.error) << test.bytes.substr(0, 40);
  }
  EXPECT_EQ(ErrorOf("*1\r\n$536870912\r\n"), "") << "the limit itself is allowed";
}

TEST(RequestParser, UnauthenticatedClientsMaySendLittle) {
  const ParserLimits strict{.authenticated = false};
  EXPECT_EQ(ErrorOf("*10\r\n", strict), "");
  EXPECT_EQ(ErrorOf("*11\r\n", strict), "Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(ErrorOf("*1\r\n$16384\r\n", strict), "");
  EXPECT_EQ(ErrorOf("*1\r\n$16385\r\n", strict), "Protocol error: unauthenticated bulk length");
}

TEST(RequestParser, BulkLimitIsTheConfiguredOne) {
  const ParserLimits limits{.max_bulk_bytes = 10};
  EXPECT_EQ(ErrorOf("*1\r\n$10\r\n", limits), "");
  EXPECT_EQ(ErrorOf("*1\r\n$11\r\n", limits), "Protocol error: invalid bulk length");
}

TEST(RequestParser, RequestsBeforeAnErrorCount) {
  Stream stream;
  stream.Feed(Multibulk({"GET", "a"}) + Multibulk({"GET", "b"}) + "*1\r\n!");
  EXPECT_EQ(stream.requests, (std::vector<Words>{{"GET", "a"}, {"GET", "b"}}));
  EXPECT_TRUE(stream.parser.failed());
}

// A session that had to wait with the requests in front asks again later.
TEST(RequestParser, AnErrorStaysAnError) {
  for (const std::string bad :
       {"*1\r\n$3\r\nGET\r\n*2\r\n$3\r\nGET\r\n!", "*1\r\n$3\r\nGET\r\n*x\r\n", "PING\r\nPING '\r\n"}) {
    RequestParser parser;
    RequestBatch batch;
    const size_t done = parser.Parse(bad, {}, kMany, batch);
    ASSERT_TRUE(parser.failed());
    ASSERT_LT(done, bad.size());
    const std::string error = parser.error();
    RequestBatch again;
    parser.Parse(std::string_view(bad).substr(done), {}, kMany, again);
    EXPECT_TRUE(again.requests.empty());
    EXPECT_EQ(parser.error(), error);
  }
}

}  // namespace
}  // namespace tidemark::protocol
