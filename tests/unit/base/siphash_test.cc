// Goal: SipHash-1-3 is the published function: the first vector of its reference key, and values of an independent
// implementation (CPython's hash of bytes under two fixed seeds) for every kind of tail.
#include "base/siphash.h"

#include <gtest/gtest.h>

#include <string>

namespace tidemark {
namespace {

struct Vector {
  size_t bytes;  // of the input 0, 1, 2, ...
  uint64_t hash;
};

std::string Counting(size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text.push_back(static_cast<char>(i));
  return text;
}

TEST(SipHash, ReferenceKey) {
  EXPECT_EQ(SipHash13("", {0x0706050403020100, 0x0f0e0d0c0b0a0908}), 0xabac0158050fc4dcu);
}

TEST(SipHash, ZeroKey) {
  constexpr Vector kVectors[] = {{1, 0x68a914128e01e473}, {7, 0x2f098ab0c751325a},  {8, 0xead411e67ebe2eea},
                                 {9, 0x75927f9d95124362}, {15, 0xf30eb725bb91c9ea}, {16, 0x8972188433a5c5b7},
                                 {63, 0x385d3e39e5f37359}};
  for (const Vector& vector : kVectors) EXPECT_EQ(SipHash13(Counting(vector.bytes), {0, 0}), vector.hash);
}

TEST(SipHash, AnyKey) {
  constexpr HashSeed kSeed{0xaed66ce184be2329, 0xebe9bbf1f1499052};
  constexpr Vector kVectors[] = {{1, 0xecd3e5afcecda4b9}, {7, 0xfd15e78052a69ddf},  {8, 0xc0b5739e7e28dd01},
                                 {9, 0x208a1a5a0cbbf778}, {15, 0xfa87985f39e97a53}, {16, 0x12e9d283f9f37002},
                                 {63, 0x542052345bc68274}};
  for (const Vector& vector : kVectors) EXPECT_EQ(SipHash13(Counting(vector.bytes), kSeed), vector.hash);
}

TEST(SipHash, SeedsOfTheSystemDiffer) {
  EXPECT_NE(SipHash13("key", HashSeed::FromSystem()), SipHash13("key", HashSeed::FromSystem()));
}

}  // namespace
}  // namespace tidemark
