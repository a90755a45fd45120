// Goal: every kind of reply in both versions of the protocol, byte for byte.
#include "protocol/reply_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace tidemark::protocol {
namespace {

struct Observer : ErrorObserver {
  void OnErrorReply(std::string_view text) override { heard.emplace_back(text); }
  std::vector<std::string> heard;
};

std::string Bytes(const OutputBuffer& out) {
  std::array<iovec, 16> vectors;
  std::string bytes;
  const int count = out.Gather(vectors);
  for (int i = 0; i < count; ++i) {
    const iovec& vector = vectors[static_cast<size_t>(i)];
    bytes.append(static_cast<const char*>(vector.iov_base), vector.iov_len);
  }
  return bytes;
}

std::string Written(RespVersion version, const std::function<void(ReplyWriter&)>& write) {
  OutputBuffer out;
  ReplyWriter writer(out, version);
  write(writer);
  return Bytes(out);
}

TEST(ReplyWriter, WritesWhereItIsTold) {
  OutputBuffer out;
  OutputBuffer other;
  ReplyWriter writer(out, RespVersion::kResp2);
  writer.Ok();
  EXPECT_EQ(&writer.Redirect(other), &out);
  writer.Integer(7);
  EXPECT_EQ(&writer.Redirect(out), &other);
  writer.Null();
  EXPECT_EQ(Bytes(out), "+OK\r\n$-1\r\n");
  EXPECT_EQ(Bytes(other), ":7\r\n");
}

TEST(ReplyWriter, EachKindInBothVersions) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  struct Case {
    std::function<void(ReplyWriter&)> write;
    std::string resp2;
    std::string resp3;
  };
  const std::vector<Case> cases = {
      {[](auto& w) { w.Ok(); }, "+OK\r\n", "+OK\r\n"},
      {[](auto& w) { w.Simple("PONG"); }, "+PONG\r\n", "+PONG\r\n"},
      {[](auto& w) { w.Error("ERR no"); }, "-ERR no\r\n", "-ERR no\r\n"},
      {[](auto& w) { w.Integer(0); }, ":0\r\n", ":0\r\n"},
      {[](auto& w) { w.Integer(INT64_MIN); }, ":-9223372036854775808\r\n", ":-9223372036854775808\r\n"},
      {[](auto& w) { w.Bulk(""); }, "$0\r\n\r\n", "$0\r\n\r\n"},
      {[](auto& w) { w.Bulk("a\r\nb"); }, "$4\r\na\r\nb\r\n", "$4\r\na\r\nb\r\n"},
      {[](auto& w) { w.BulkInteger(-12); }, "$3\r\n-12\r\n", "$3\r\n-12\r\n"},
      {[](auto& w) { w.Null(); }, "$-1\r\n", "_\r\n"},
      {[](auto& w) { w.NullArray(); }, "*-1\r\n", "_\r\n"},
      {[](auto& w) { w.Bool(true); }, ":1\r\n", "#t\r\n"},
      {[](auto& w) { w.Bool(false); }, ":0\r\n", "#f\r\n"},
      {[](auto& w) { w.Double(1.5); }, "$3\r\n1.5\r\n", ",1.5\r\n"},
      {[](auto& w) { w.Double(kInfinity); }, "$3\r\ninf\r\n", ",inf\r\n"},
      {[](auto& w) { w.Double(-kInfinity); }, "$4\r\n-inf\r\n", ",-inf\r\n"},
      {[](auto& w) { w.Verbatim("txt", "text"); }, "$4\r\ntext\r\n", "=8\r\ntxt:text\r\n"},
      {[](auto& w) { w.Array(3); }, "*3\r\n", "*3\r\n"},
      {[](auto& w) { w.Map(3); }, "*6\r\n", "%3\r\n"},
      {[](auto& w) { w.Set(3); }, "*3\r\n", "~3\r\n"},
      {[](auto& w) { w.Push(3); }, "*3\r\n", ">3\r\n"},
      {[](auto& w) { w.Raw("raw"); }, "raw", "raw"}};
  for (const Case& test : cases) {
    EXPECT_EQ(Written(RespVersion::kResp2, test.write), test.resp2);
    EXPECT_EQ(Written(RespVersion::kResp3, test.write), test.resp3);
    const auto muted = [&](ReplyWriter& writer) {
      writer.set_muted(true);
      test.write(writer);
    };
    EXPECT_EQ(Written(RespVersion::kResp2, muted), "");
    EXPECT_EQ(Written(RespVersion::kResp3, muted), "");
  }
}

TEST(ReplyWriter, AnErrorIsOneLineAndIsHeardOf) {
  OutputBuffer out;
  Observer observer;
  ReplyWriter writer(out, RespVersion::kResp2, &observer);
  writer.Error("ERR unknown command 'a\r\nb'");
  EXPECT_EQ(Bytes(out), "-ERR unknown command 'a  b'\r\n");
  writer.set_muted(true);
  writer.Error("ERR second");
  EXPECT_EQ(writer.error_count(), 2u) << "what is not sent counts as well";
  ASSERT_EQ(observer.heard.size(), 2u);
  EXPECT_EQ(observer.heard[1], "ERR second");
}

TEST(ReplyWriter, VersionMayChangeBetweenReplies) {
  OutputBuffer out;
  ReplyWriter writer(out, RespVersion::kResp2);
  writer.Null();
  writer.set_version(RespVersion::kResp3);
  EXPECT_TRUE(writer.resp3());
  writer.Null();
  EXPECT_EQ(Bytes(out), "$-1\r\n_\r\n");
}

}  // namespace
}  // namespace tidemark::protocol
