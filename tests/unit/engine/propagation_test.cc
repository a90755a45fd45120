// Goal: the stream of effects has every change once, in order, in the right database and in whole groups, and nothing
// leaves before its group is whole.
#include "engine/propagation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "formats/command_writer.h"
#include "keyspace/keyspace.h"

namespace tidemark::engine {
namespace {

using Words = std::vector<std::string_view>;

std::string Lines(std::initializer_list<Words> commands) {
  std::string text;
  for (const Words& words : commands) formats::AppendCommand(text, words);
  return text;
}

class PropagationTest : public testing::Test, public EffectSink {
 protected:
  PropagationTest() : keyspace_({}, StartClock(), 1), propagation_(keyspace_) { propagation_.set_sink(this); }
  ~PropagationTest() override { propagation_.set_sink(nullptr); }

  void OnEffects(std::string&& stream) override {
    taken_.append(stream);
    ++deliveries_;
  }
  // A command that changes something and says nothing of its own about it.
  void Run(const Words& words, int database = 0, uint64_t changes = 1) {
    propagation_.Begin(database);
    keyspace_.stats().dirty += changes;
    propagation_.End(words);
  }
  std::string Taken() {
    propagation_.Deliver();
    return std::exchange(taken_, {});
  }
  const Clock& StartClock() {
    clock_.Set(1'700'000'000'000'000, 1'000'000);
    return clock_;
  }

  Clock clock_;
  keyspace::Keyspace keyspace_;
  Propagation propagation_;
  std::string taken_;
  int deliveries_ = 0;
};

TEST_F(PropagationTest, WhatChangesSomethingIsRepeatedAsItWasSent) {
  Run({"set", "a", "1"});
  Run({"get", "a"}, 0, 0);
  Run({"Append", "a", "2"});
  EXPECT_EQ(Taken(), Lines({{"SELECT", "0"}, {"set", "a", "1"}, {"Append", "a", "2"}}));
  EXPECT_EQ(deliveries_, 1);
}

TEST_F(PropagationTest, DatabasesAreSelectedWhereTheyChange) {
  Run({"set", "a", "1"}, 3);
  Run({"set", "b", "1"}, 3);
  Run({"set", "c", "1"}, 0);
  EXPECT_EQ(Taken(),
            Lines({{"SELECT", "3"}, {"set", "a", "1"}, {"set", "b", "1"}, {"SELECT", "0"}, {"set", "c", "1"}}));
  Run({"set", "d", "1"});
  EXPECT_EQ(Taken(), Lines({{"set", "d", "1"}}));
  propagation_.ForgetDatabase();
  Run({"set", "e", "1"});
  EXPECT_EQ(Taken(), Lines({{"SELECT", "0"}, {"set", "e", "1"}}));
}

TEST_F(PropagationTest, ACommandMaySayWhatIsRepeatedInItsPlace) {
  propagation_.Begin(0);
  keyspace_.stats().dirty += 2;
  propagation_.Add({"SREM", "s", "a"});
  propagation_.End(Words{"spop", "s"});
  propagation_.Begin(0);
  ++keyspace_.stats().dirty;
  propagation_.AddNothing();
  propagation_.End(Words{"debug", "something"});
  // Also where the account of changes has nothing of it.
  propagation_.Begin(0);
  propagation_.Add({"PERSIST", "k"});
  propagation_.End(Words{"getex", "k", "persist"});
  EXPECT_EQ(Taken(), Lines({{"SELECT", "0"}, {"SREM", "s", "a"}, {"PERSIST", "k"}}));
}

TEST_F(PropagationTest, WhatWasDoneTogetherStandsInATransaction) {
  propagation_.Begin(0);  // EXEC
  Run({"set", "a", "1"});
  Run({"get", "a"}, 0, 0);
  Run({"set", "b", "1"}, 1);
  propagation_.End(Words{"exec"});
  EXPECT_EQ(Taken(),
            Lines({{"MULTI"}, {"SELECT", "0"}, {"set", "a", "1"}, {"SELECT", "1"}, {"set", "b", "1"}, {"EXEC"}}));
  propagation_.Begin(1);
  Run({"set", "c", "1"}, 1);
  propagation_.End(Words{"exec"});
  EXPECT_EQ(Taken(), Lines({{"set", "c", "1"}}));
  propagation_.Begin(1);
  propagation_.Add({"DEL", "x"});
  propagation_.Add({"DEL", "y"});
  propagation_.End(Words{"something"});
  EXPECT_EQ(Taken(), Lines({{"MULTI"}, {"DEL", "x"}, {"DEL", "y"}, {"EXEC"}}));
}

TEST_F(PropagationTest, WhatGoesByItselfIsToldWithTheCommandThatMetIt) {
  keyspace::Database& database = keyspace_.database(2);
  const keyspace::HashedKey key = keyspace_.Hash("k");
  database.SetStringUntil({}, key, "v", clock_.unix_ms() + 5);
  clock_.AdvanceMs(10);
  propagation_.Begin(2);
  EXPECT_FALSE(database.LookupWrite(key));
  ++keyspace_.stats().dirty;
  propagation_.End(Words{"incr", "k"});
  EXPECT_EQ(Taken(), Lines({{"MULTI"}, {"SELECT", "2"}, {"DEL", "k"}, {"incr", "k"}, {"EXEC"}}));
  // And alone where no command did.
  database.SetStringUntil({}, key, "v", clock_.unix_ms() + 5);
  clock_.AdvanceMs(10);
  keyspace_.options().lazyfree_lazy_expire = true;
  EXPECT_FALSE(database.LookupRead(key));
  EXPECT_EQ(Taken(), Lines({{"UNLINK", "k"}}));
}

TEST_F(PropagationTest, NothingOfAnUnfinishedGroupLeaves) {
  Run({"set", "before", "1"});
  propagation_.Begin(0);
  Run({"set", "a", "1"});
  EXPECT_EQ(Taken(), Lines({{"SELECT", "0"}, {"set", "before", "1"}}));
  Run({"set", "b", "1"});
  EXPECT_EQ(Taken(), "");
  propagation_.End(Words{"exec"});
  EXPECT_EQ(Taken(), Lines({{"MULTI"}, {"set", "a", "1"}, {"set", "b", "1"}, {"EXEC"}}));
}

TEST_F(PropagationTest, WhoComesInTheMiddleHearsFromTheNextGroupOn) {
  propagation_.set_sink(nullptr);
  EXPECT_FALSE(propagation_.wanted());
  propagation_.Begin(0);
  propagation_.set_sink(this);
  ++keyspace_.stats().dirty;
  propagation_.End(Words{"config", "set", "appendonly", "yes"});
  EXPECT_EQ(Taken(), "");
  Run({"set", "a", "1"});
  EXPECT_EQ(Taken(), Lines({{"SELECT", "0"}, {"set", "a", "1"}}));
}

TEST_F(PropagationTest, MuchIsDeliveredWithoutWaitingForAReply) {
  const std::string large(700'000, 'x');
  Run({"set", "a", large});
  EXPECT_EQ(deliveries_, 0);
  Run({"set", "b", large});
  EXPECT_EQ(deliveries_, 1);
  EXPECT_EQ(Taken(), Lines({{"SELECT", "0"}, {"set", "a", large}, {"set", "b", large}}));
}

}  // namespace
}  // namespace tidemark::engine
