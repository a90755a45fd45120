// Goal: what each command tells of its change is what makes the same change anywhere, at any time: tables of command
// lines, run one after the other on one keyspace, and what is to be repeated for each. A second keyspace, where it is
// later and nothing expires, repeats it and must come to hold the same.
#include "commands/effects.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "fakes.h"

namespace tidemark::commands {
namespace {

using fakes::Harness;

// As it was sent.
constexpr const char* kVerbatim = "=";
constexpr const char* kNothing = "";

struct Step {
  std::string line;
  // Commands with " ; " between them. The time at which the test runs is 1700000000000, and stands still.
  std::string repeated;
};

class Told : public ::testing::Test {
 protected:
  std::string Run(std::string_view line) {
    harness_.effects.added.clear();
    harness_.effects.nothing = false;
    return harness_.Run(line);
  }

  // What is repeated of a command, as the engine does it.
  std::string Repeated(std::string_view line) {
    const uint64_t dirty = harness_.keyspace.stats().dirty;
    reply_ = Run(line);
    std::string text;
    for (const std::vector<std::string>& words : harness_.effects.added) {
      if (!text.empty()) text += " ; ";
      for (size_t i = 0; i < words.size(); ++i) text += (i > 0 ? " " : "") + words[i];
    }
    if (!text.empty() || harness_.effects.nothing || harness_.keyspace.stats().dirty == dirty) return text;
    return kVerbatim;
  }

  Told() {
    copy_.clock.AdvanceMs(int64_t{1000} * 3600 * 24);
    copy_.keyspace.context().time_stands_still = true;
  }

  void Check(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      EXPECT_EQ(Repeated(step.line), step.repeated) << step.line << "\nanswered " << reply_;
      if (step.repeated == kVerbatim) harness_.effects.added.push_back(Harness::Split(step.line));
      for (const std::vector<std::string>& words : harness_.effects.added) copy_.RunArgs(words);
      ASSERT_EQ(DigestOf(copy_), DigestOf(harness_)) << step.line;
    }
  }

  // As at the start of the test.
  static std::string DigestOf(Harness& harness) {
    const int64_t now_us = harness.clock.unix_us();
    harness.clock.Set(Harness::kStartUnixMs * 1000, 1'000'000);
    std::string digest = harness.Run("debug digest");
    harness.clock.Set(now_us, 1'000'000);
    return digest;
  }

  Harness harness_;
  Harness copy_;
  std::string reply_;
};

TEST_F(Told, Strings) {
  Check({{"set a 1", kVerbatim},
         {"set a 1 nx", kNothing},
         {"set a 1 xx", kVerbatim},
         {"set a 2 keepttl", kVerbatim},
         {"set a 5 ex 100", "SET a 5 PXAT 1700000100000"},
         {"set a 5 exat 1800000000", "SET a 5 PXAT 1800000000000"},
         {"set a 5 px 100000 get", "SET a 5 PXAT 1700000100000"},
         {"set a 6 keepttl get", "SET a 6 KEEPTTL"},
         {"set a 7 get", "SET a 7"},
         {"set a 8 ifeq 7", "SET a 8"},
         {"set a 9 ifeq 7", kNothing},
         {"set a 9 ifne 7 px 5", "SET a 9 PXAT 1700000000005"},
         {"setnx n1 v", kVerbatim},
         {"setnx n1 v", kNothing},
         {"setex a 100 v", "SET a v PXAT 1700000100000"},
         {"psetex a 100000 v", "SET a v PXAT 1700000100000"},
         {"set k1 v1", kVerbatim},
         {"getset k1 v2", "SET k1 v2"},
         {"getdel k1", "DEL k1"},
         {"getdel k1", kNothing},
         {"getex a ex 50", "PEXPIREAT a 1700000050000"},
         {"getex a", kNothing},
         {"getex a persist", "PERSIST a"},
         {"getex a persist", kNothing},
         {"getex a pxat 1", "DEL a"},
         {"append ap x", kVerbatim},
         {"setrange ap 3 zz", kVerbatim},
         {"setrange nokey 0 \"\"", kNothing},
         {"mset m1 1 m2 2", kVerbatim},
         {"msetnx m1 1 m3 2", kNothing},
         {"msetnx m4 1 m5 2", kVerbatim},
         {"msetex 2 q1 1 q2 2", "MSET q1 1 q2 2"},
         {"msetex 2 q1 1 q2 2 nx", kNothing},
         {"msetex 2 q1 1 q2 2 ex 100", "SET q1 1 PXAT 1700000100000 ; SET q2 2 PXAT 1700000100000"},
         {"msetex 2 q1 1 q2 2 xx keepttl", "SET q1 1 KEEPTTL ; SET q2 2 KEEPTTL"},
         {"delifeq q1 2", kNothing},
         {"delifeq q1 1", "DEL q1"},
         {"delex q2 ifne 2", kNothing},
         {"delex q2 ifeq 2", "DEL q2"},
         {"delex q2", kNothing}});
}

TEST_F(Told, Counters) {
  Check({{"incr c", kVerbatim},
         {"incrby c 5", kVerbatim},
         {"incrbyfloat fl 1.5", "SET fl 1.5 KEEPTTL"},
         {"increx x", "SET x 1"},
         {"increx x byint 5 ex 10", "SET x 6 PXAT 1700000010000"},
         {"increx x byint 1 px 5 enx", "SET x 7 PXAT 1700000010000"},
         {"increx x byfloat 0.5 persist", "SET x 7.5"},
         {"increx x byfloat 1 ubound 8", kNothing},
         {"increx x byfloat 1 ubound 8 saturate", "SET x 8"},
         {"increx x pxat 1", "DEL x"}});
}

TEST_F(Told, Keys) {
  Check({{"set c 1", kVerbatim},
         {"del nokey", kNothing},
         {"expire c 100", "PEXPIREAT c 1700000100000"},
         {"expire c 50 gt", kNothing},
         {"pexpire c 7 lt", "PEXPIREAT c 1700000000007"},
         {"expire c -1", "DEL c"},
         {"expire nokey 100", kNothing},
         {"set m5 1", kVerbatim},
         {"pexpireat m5 1", "DEL m5"},
         {"set e v", kVerbatim},
         {"expireat e 99999999999", "PEXPIREAT e 99999999999000"},
         {"persist e", kVerbatim},
         {"persist e", kNothing},
         {"rename e e2", kVerbatim},
         {"copy e2 e3", kVerbatim},
         {"copy e2 e3", kNothing},
         {"move e2 1", kVerbatim},
         {"del e3 nokey", kVerbatim},
         {"swapdb 0 1", kVerbatim},
         {"unlink e2", kVerbatim},
         {"debug populate 2 p 3", "SET p:0 val ; SET p:1 val"},
         {"flushdb", "flushdb"},
         {"flushdb async", "flushdb async"},
         {"flushall", kVerbatim},
         {"touch c", kNothing}});
}

TEST_F(Told, DeletionsAreUnlinkedAsTheDirectivesSay) {
  harness_.keyspace.options().lazyfree_lazy_expire = true;
  Run("set a 1");
  EXPECT_EQ(Repeated("expire a -1"), "UNLINK a");
  Run("sadd s 1 2");
  EXPECT_EQ(Repeated("spop s 2"), "DEL s");
  harness_.keyspace.options().lazyfree_lazy_server_del = true;
  Run("sadd s 1 2");
  EXPECT_EQ(Repeated("spop s 2"), "UNLINK s");
}

TEST_F(Told, Restore) {
  Run("set vv 1");
  const std::string dump = Run("dump vv");
  const size_t start = dump.find("\r\n") + 2;
  const std::string payload = dump.substr(start, dump.size() - start - 2);
  const auto restore = [&](const std::vector<std::string>& before, const std::vector<std::string>& behind) {
    std::vector<std::string> words = before;
    words.push_back(payload);
    words.insert(words.end(), behind.begin(), behind.end());
    harness_.effects.added.clear();
    harness_.RunArgs(words);
    return harness_.effects.added;
  };
  using Commands = std::vector<std::vector<std::string>>;
  EXPECT_EQ(restore({"restore", "rt", "1000"}, {}), (Commands{{"RESTORE", "rt", "1700000001000", payload, "ABSTTL"}}));
  EXPECT_EQ(restore({"restore", "rt", "1000"}, {"replace"}),
            (Commands{{"RESTORE", "rt", "1700000001000", payload, "replace", "ABSTTL"}}));
  EXPECT_EQ(restore({"restore", "rt2", "0"}, {}), Commands());
  EXPECT_EQ(restore({"restore", "rt2", "5"}, {"absttl", "replace"}), (Commands{{"DEL", "rt2"}}));
}

TEST_F(Told, Lists) {
  Check({{"lpush l a b c d e f g", kVerbatim},
         {"rpop l", kVerbatim},
         {"lpop l 2", kVerbatim},
         {"lpop l 0", kNothing},
         {"lmpop 2 nokey l left count 2", "LPOP l 2"},
         {"blpop nokey l 0", "LPOP l"},
         {"lpush l a b c", kVerbatim},
         {"blmove l l2 left right 0", "LMOVE l l2 left right"},
         {"brpoplpush l l2 0", "RPOPLPUSH l l2"},
         {"lmove l l2 left left", kVerbatim},
         {"rpush l x", kVerbatim},
         {"blmpop 0 1 l right count 9", "RPOP l 2"},
         {"lrem l2 0 nope", kNothing},
         {"ltrim l2 0 -1", kNothing},
         {"linsert l2 before nope z", kNothing},
         {"lset l2 0 q", kVerbatim},
         {"brpop l2 0", "RPOP l2"},
         {"sort l2 alpha store sl", kVerbatim}});
}

TEST_F(Told, ManyListElements) {
  Check({{"rpush l a b c d e f g h", kVerbatim},
         {"lmovem l l2 left right count 2 obo", "LPOP l 2 ; RPUSH l2 a b"},
         {"lmovem l l2 left left count 2 obo", "LPOP l 2 ; LPUSH l2 c d"},
         {"lmovem l l2 right left count 2 bulk", "RPOP l 2 ; LPUSH l2 h g"},
         {"blmovem l l2 left left 0 exactly 2 bulk", "LPOP l 2 ; LPUSH l2 f e"},
         {"lmovem l2 l2 left right exactly 2 bulk", "LMOVE l2 l2 LEFT RIGHT ; LMOVE l2 l2 LEFT RIGHT"},
         {"lmovem l2 l2 left left exactly 2 bulk", kNothing},
         {"lmovem l2 l2 left left exactly 2 obo", "LSET l2 0 h ; LSET l2 1 g"},
         {"lmovem l2 l2 right right exactly 2 obo", "LSET l2 -2 f ; LSET l2 -1 e"},
         {"lmovem l2 l2 left left exactly 99 obo", kNothing}});
  EXPECT_EQ(Run("lrange l2 0 1"), "*2\r\n$1\r\nh\r\n$1\r\ng\r\n");
}

TEST_F(Told, Sets) {
  Check({{"sadd one 7", kVerbatim},
         {"spop one", "SREM one 7"},
         {"sadd s 1 2 3", kVerbatim},
         {"sadd s 1", kNothing},
         {"spop s 100", "DEL s"},
         {"spop s", kNothing},
         {"sadd s 1 2 3", kVerbatim},
         {"smove s s2 1", kVerbatim},
         {"smove s s2 9", kNothing},
         {"sinterstore dst s nokey", kNothing},
         {"sunionstore dst s s2", kVerbatim},
         {"sdiffstore dst nokey", kVerbatim},
         {"sdiffstore dst nokey", kNothing}});
}

// Whatever chance chooses, the set from which what was told is removed is the set that is left.
TEST_F(Told, PoppedMembersAreNamed) {
  for (const int popped : {1, 3, 2900}) {
    Run("del s copy");
    for (int i = 0; i < 3000; ++i) Run("sadd s " + std::string(i % 2 == 0 ? "m" : "") + std::to_string(i));
    Run("copy s copy");
    Run("spop s " + std::to_string(popped));
    const std::vector<std::vector<std::string>> told = harness_.effects.added;
    for (std::vector<std::string> words : told) {
      ASSERT_EQ(words[0] + " " + words[1], "SREM s");
      ASSERT_LE(words.size(), 1024U);
      words[1] = "copy";
      harness_.RunArgs(words);
    }
    EXPECT_EQ(Run("scard copy"), ":" + std::to_string(3000 - popped) + "\r\n");
    EXPECT_EQ(Run("sdiff s copy"), "*0\r\n");
  }
}

TEST_F(Told, SortedSets) {
  Check({{"zadd z 1 a 2 b 3 c 4 d 5 e", kVerbatim},
         {"zadd z 1 a", kNothing},
         {"zadd z incr 2 a", kVerbatim},
         {"zincrby z 1.5 a", kVerbatim},
         {"zpopmin z", kVerbatim},
         {"zpopmax z 0", kNothing},
         {"bzpopmin nokey z 0", "ZPOPMIN z"},
         {"bzmpop 0 1 z max", "ZPOPMAX z 1"},
         {"zmpop 2 nokey z min", "ZPOPMIN z 1"},
         {"zadd z 1 a 2 b 3 c", kVerbatim},
         {"zmpop 1 z max count 2", "ZPOPMAX z 2"},
         {"bzpopmax z 0", "ZPOPMAX z"},
         {"zadd z 1 a 2 b 3 c", kVerbatim},
         {"zrangestore zd z 0 -1", kVerbatim},
         {"zunionstore zu 1 z", kVerbatim},
         {"zunionstore zu 2 z zd weights 0.1 3 aggregate count",
          "DEL zu ; ZADD zu 3.1000000000000001 a "
          "3.1000000000000001 b 3.1000000000000001 c"},
         {"zinterstore zi 2 z nokey", kNothing},
         {"zremrangebyrank z 0 0", kVerbatim},
         {"geoadd g 13 38 p", "ZADD g 3479065152021743 p"},
         {"geoadd g 13 38 p", kNothing},
         {"geoadd g nx ch 13 38 p 13 38 q", "ZADD g NX 3479065152021743 p 3479065152021743 q"},
         {"georadius g 13 38 100 km store gs", kVerbatim},
         {"geosearchstore gs2 g fromlonlat 13 38 byradius 100 km", kVerbatim},
         {"geosearchstore gs2 g bypolygon 3 12 37 14 37 13 40",
          "DEL gs2 ; ZADD gs2 3479065152021743 p "
          "3479065152021743 q"}});
}

TEST_F(Told, Sort) {
  Check({{"sadd s a b", kVerbatim},
         {"set w_a 1", kVerbatim},
         {"set w_b 0", kVerbatim},
         {"sort s by w_* store dst", kVerbatim},
         {"sort s by w_* alpha store dst", "DEL dst ; RPUSH dst b a"},
         {"sort s by w_* alpha", kNothing},
         {"sort nokey by w_* alpha store dst", kVerbatim}});
}

TEST_F(Told, Hashes) {
  Check({{"hset h f 1 g 2", kVerbatim},
         {"hincrby h f 2", kVerbatim},
         {"hincrbyfloat h f 1.5", "HSET h f 4.5"},
         {"hsetnx h f 9", kNothing},
         {"hdel h g", kVerbatim},
         {"hexpire h 100 fields 2 f nofield", "HPEXPIREAT h 1700000100000 FIELDS 1 f"},
         {"hincrbyfloat h f 1", "HSET h f 5.5 ; HPEXPIREAT h 1700000100000 FIELDS 1 f"},
         {"hexpire h 50 gt fields 1 f", kNothing},
         {"hpexpire h 0 fields 2 f nofield", "HDEL h f"},
         {"hset h f 1 g 2", kVerbatim},
         {"hgetex h ex 100 fields 2 f nofield", "HPEXPIREAT h 1700000100000 FIELDS 1 f"},
         {"hgetex h persist fields 2 f g", "HPERSIST h FIELDS 1 f"},
         {"hgetex h fields 1 f", kNothing},
         {"hgetex h pxat 1 fields 1 f", "HDEL h f"},
         {"hgetdel h fields 2 f g", "HDEL h g"},
         {"hgetdel h fields 1 f", kNothing},
         {"hsetex h ex 100 fields 1 x 1", "HSETEX h PXAT 1700000100000 FIELDS 1 x 1"},
         {"hsetex h fxx keepttl fields 1 x 2", "HSETEX h KEEPTTL FIELDS 1 x 2"},
         {"hsetex h fnx fields 1 x 2", kNothing},
         {"hpersist h fields 2 x nofield", kVerbatim},
         {"hpersist h fields 1 x", kNothing},
         {"hsetex h fields 2 x 3 y 4", "HSET h x 3 y 4"},
         {"hsetex h pxat 1 fields 2 x 3 nofield 4", "HDEL h x"},
         {"hsetex h pxat 1 fields 1 nofield 4", kNothing},
         {"himport prepare set1 name x", kNothing},
         {"himport set h set1 v1 v2", "DEL h ; HSET h x v2 name v1"},
         {"himport set h2 set1 v1 v2", "HSET h2 x v2 name v1"}});
}

TEST_F(Told, Bitmaps) {
  Check({{"setbit b 7 1", kVerbatim},
         {"setbit b 7 1", kNothing},
         {"bitfield b set u8 0 255", kVerbatim},
         {"bitfield b get u8 0", kNothing},
         {"bitfield b overflow fail incrby u8 0 1", kNothing},
         {"bitfield long overflow fail set u8 0 256", kVerbatim},
         {"bitop and bd b nokey", kVerbatim},
         {"bitop and bd nokey nokey2", kVerbatim},
         {"set x ab", kVerbatim},
         {"bitop diff bd x nokey", "SET bd ab"},
         {"bitop one bd x nokey", "SET bd ab"},
         {"bitop andor bd nokey nokey2", "DEL bd"},
         {"pfadd hll a b", kVerbatim},
         {"pfadd hll a", kNothing},
         {"pfcount hll", kVerbatim},
         {"pfcount hll", kNothing},
         {"pfmerge hd hll", kVerbatim}});
}

TEST_F(Told, StreamEntries) {
  Check({{"xadd x * f 1", "XADD x 1700000000000-0 f 1"},
         {"xadd x maxlen ~ 2 * f 1", "XADD x MAXLEN = 2 1700000000000-1 f 1"},
         {"xadd x maxlen 1 * f 1", "XADD x MAXLEN = 1 1700000000000-2 f 1"},
         {"xadd x minid = 5 * f 1", "XADD x MINID = 5-0 1700000000000-3 f 1"},
         {"xadd x nomkstream * f 2", "XADD x NOMKSTREAM 1700000000000-4 f 2"},
         {"xadd x 1700000000000-* f 2", "XADD x 1700000000000-5 f 2"},
         {"xadd nokey nomkstream * f 2", kNothing},
         {"xadd x 99999999999999-1 f 1", kVerbatim},
         {"xadd x minid ~ 9 limit 5 99999999999999-2 f 1", "XADD x MAXLEN = 6 99999999999999-2 f 1"},
         {"xadd x keepref maxlen 3 99999999999999-3 f 1", "XADD x MAXLEN = 3 99999999999999-3 f 1"},
         {"xtrim x maxlen ~ 0 limit 1", kNothing},
         {"xtrim x maxlen 2", kVerbatim},
         {"xtrim x maxlen ~ 0", "XTRIM x MAXLEN = 0"},
         {"xsetid x 99999999999999-5", kVerbatim},
         {"xadd x 99999999999999-6 f 1", kVerbatim},
         {"xdel x 99999999999999-6 1-1", kVerbatim},
         {"xdel x 1-1", kNothing}});
}

TEST_F(Told, Groups) {
  Check({{"xadd x 5-1 f 1", kVerbatim},
         {"xadd x 5-2 f 1", kVerbatim},
         {"xadd x 5-3 f 1", kVerbatim},
         {"xgroup create x g 0", kVerbatim},
         {"xgroup createconsumer x g c1", kVerbatim},
         {"xgroup createconsumer x g c1", kNothing},
         {"xreadgroup group g c1 count 1 streams x >",
          "XCLAIM x g c1 0 5-1 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 5-1 ; "
          "XGROUP SETID x g 5-1 ENTRIESREAD 1"},
         {"xreadgroup group g c2 noack count 1 streams x >",
          "XGROUP CREATECONSUMER x g c2 ; XGROUP SETID x g 5-2 ENTRIESREAD 2"},
         {"xreadgroup group g c1 streams x 0",
          "XCLAIM x g c1 0 5-1 TIME 1700000000000 RETRYCOUNT 2 FORCE JUSTID LASTID 5-2"},
         {"xreadgroup group g c1 streams x 5-1", kNothing},
         {"xautoclaim x g c3 0 0", "XCLAIM x g c3 0 5-1 TIME 1700000000000 RETRYCOUNT 3 FORCE JUSTID LASTID 5-2"},
         {"xclaim x g c4 0 5-1 idle 1000 retrycount 8",
          "XCLAIM x g c4 0 5-1 TIME 1699999999000 RETRYCOUNT 8 FORCE JUSTID LASTID 5-2"},
         {"xclaim x g c4 5000 5-1", kNothing},
         {"xclaim x g c4 5000 5-1 lastid 5-1", kNothing},
         {"xreadgroup group g c4 claim 500 count 9 streams x >",
          "XCLAIM x g c4 0 5-1 TIME 1700000000000 RETRYCOUNT 9 FORCE JUSTID LASTID 5-3 ; "
          "XCLAIM x g c4 0 5-3 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 5-3 ; "
          "XGROUP SETID x g 5-3 ENTRIESREAD 3"},
         {"xclaim x g c4 5000 5-1 lastid 5-9", "XGROUP SETID x g 5-9 ENTRIESREAD 3"},
         {"xnack x g fail ids 1 5-1", kVerbatim},
         {"xack x g 5-1", kVerbatim},
         {"xack x g 5-1", kNothing},
         {"xdel x 5-3", kVerbatim},
         {"xautoclaim x g c3 0 0", "XACK x g 5-3"},
         {"xgroup setid x g $", kVerbatim},
         {"xgroup delconsumer x g c3", kVerbatim},
         {"xgroup destroy x g", kVerbatim},
         {"xgroup destroy x g", kNothing}});
}

TEST_F(Told, DeletionsThatHeedGroups) {
  Check({{"xadd x 5-1 f 1", kVerbatim},
         {"xadd x 5-2 f 1", kVerbatim},
         {"xadd x 5-3 f 1", kVerbatim},
         {"xadd x 5-4 f 1", kVerbatim},
         {"xgroup create x g1 0", kVerbatim},
         {"xgroup create x g2 0", kVerbatim}});
  for (const std::string group : {"g1", "g2"}) {
    Check({{"xreadgroup group " + group + " c streams x >",
            "XGROUP CREATECONSUMER x " + group + " c ; XCLAIM x " + group +
                " c 0 5-1 5-2 5-3 5-4 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 5-4 ; XGROUP SETID x " +
                group + " 5-4 ENTRIESREAD 4"}});
  }
  Check({{"xdelex x keepref ids 2 5-1 9-9", "XDEL x 5-1"},
         {"xdelex x delref ids 1 5-2", "XACK x g1 5-2 ; XACK x g2 5-2 ; XDEL x 5-2"},
         {"xdelex x acked ids 1 5-3", kNothing},
         {"xackdel x g1 acked ids 1 5-3", "XACK x g1 5-3"},
         {"xackdel x g2 acked ids 2 5-3 9-9", "XACK x g2 5-3 ; XDEL x 5-3"},
         {"xackdel x g2 delref ids 1 5-4", "XACK x g2 5-4 ; XACK x g1 5-4 ; XDEL x 5-4"},
         {"xackdel x g2 delref ids 1 5-4", kNothing}});
}

TEST_F(Told, IdempotentProducers) {
  Check({{"xadd x idmp p i * f 1",
          "XADD x 1700000000000-0 f 1 ; XCFGSET x IDMP-DURATION 100 IDMP-MAXSIZE 100 ; "
          "XIDMPRECORD x p i 1700000000000-0"},
         {"xadd x idmp p i * f 1", kNothing},
         {"xadd x idmp p j maxlen ~ 5 * f 1",
          "XADD x 1700000000000-1 f 1 ; XIDMPRECORD x p j 1700000000000-1 ; XTRIM x MAXLEN = 2"},
         {"xcfgset x idmp-maxsize 7", "XCFGSET x IDMP-DURATION 100 IDMP-MAXSIZE 7"},
         {"xadd y 5-1 f 1", kVerbatim},
         {"xidmprecord y p i 5-1", "XCFGSET y IDMP-DURATION 100 IDMP-MAXSIZE 100 ; xidmprecord y p i 5-1"},
         {"xadd y 5-2 f 1", kVerbatim},
         {"xidmprecord y p j 5-2", kVerbatim}});
}

}  // namespace
}  // namespace tidemark::commands
