// PFDEBUG and PFSELFTEST. Main thread.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "base/random.h"
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/hyperloglog/handlers.h"
#include "commands/hyperloglog/stored_hll.h"
#include "commands/string/changing_string.h"
#include "commands/words.h"
#include "values/hyperloglog.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using keyspace::HashedKey;
using values::HllElement;
using values::HllForm;
using values::HllRegisters;
using values::HllStatus;

namespace {

enum class Conversion : uint8_t { kNone, kDone, kCorrupted };

// The error reply is written if the value is corrupted.
Conversion MakeDense(Context& ctx, ChangingString& string) {
  if (values::FormOf(string.view()) == HllForm::kDense) return Conversion::kNone;
  std::string hll(string.view());
  if (values::MakeHllDense(hll) == HllStatus::kCorrupted) {
    ctx.reply.Error(errors::kCorruptedHyperLogLog);
    return Conversion::kCorrupted;
  }
  string.Assign(hll);
  ctx.MarkDirty();
  return Conversion::kDone;
}

void ReplyRegisters(Context& ctx, std::string_view dense) {
  ctx.reply.Array(values::kHllRegisters);
  for (size_t i = 0; i < values::kHllRegisters; ++i) ctx.reply.Integer(values::DenseHllRegister(dense, i));
}

// Random registers written one by one into the dense form read back as they were.
bool RegistersReadBack(Random& random) {
  std::string hll = values::NewHll();
  if (values::MakeHllDense(hll) != HllStatus::kOk) return false;
  const auto model = std::make_unique<HllRegisters>();
  for (size_t i = 0; i < 4 * values::kHllRegisters; ++i) {
    const HllElement element{static_cast<uint16_t>(random.Below(values::kHllRegisters)),
                             static_cast<uint8_t>(random.Below(64))};
    (*model)[element.index] = std::max((*model)[element.index], element.rank);
    values::AddToDenseHll(hll, element);
    if (values::DenseHllRegister(hll, element.index) != (*model)[element.index]) return false;
  }
  const auto merged = std::make_unique<HllRegisters>();
  values::MergeHll(hll, *merged);
  return *merged == *model;
}

// The sparse and the dense form estimate alike, and stay within six standard errors of the truth.
bool EstimatesAreClose(uint64_t salt, size_t sparse_bytes_max) {
  constexpr uint64_t kElements = 100'000;
  const double relative_error = 1.04 / std::sqrt(static_cast<double>(values::kHllRegisters));
  std::string grown = values::NewHll();
  std::string dense = values::NewHll();
  values::MakeHllDense(dense);
  uint64_t checkpoint = 1;
  for (uint64_t i = 1; i <= kElements; ++i) {
    const uint64_t element = salt ^ i;
    const HllElement hashed = values::HashHllElement({reinterpret_cast<const char*>(&element), sizeof(element)});
    values::AddToHll(grown, hashed, sparse_bytes_max);
    values::AddToDenseHll(dense, hashed);
    if (i != checkpoint) continue;
    checkpoint *= 10;
    const uint64_t estimate = values::EstimateHll(dense).value_or(0);
    const double error = std::abs(static_cast<double>(estimate) - static_cast<double>(i));
    if (values::EstimateHll(grown) != estimate) return false;
    if (error > std::ceil(6 * relative_error * static_cast<double>(i))) return false;
  }
  return true;
}

}  // namespace

void PfDebugCommand(Context& ctx) {
  const HashedKey key = ctx.Key(2);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!ref) {
    ctx.reply.Error(errors::kPfDebugNoKey);
    return;
  }
  if (!CheckHll(ctx, ref)) return;
  ChangingString string(ctx, key, ref);
  string.Grow(0);
  const std::string_view word = ctx.args[1];
  if (IsWord(word, "getreg")) {
    if (MakeDense(ctx, string) != Conversion::kCorrupted) ReplyRegisters(ctx, string.view());
  } else if (IsWord(word, "decode")) {
    if (values::FormOf(string.view()) == HllForm::kSparse) {
      ctx.reply.Bulk(values::DescribeSparseHll(string.view()));
    } else {
      ctx.reply.Error(errors::kPfDebugNotSparse);
    }
  } else if (IsWord(word, "encoding")) {
    ctx.reply.Simple(values::FormOf(string.view()) == HllForm::kSparse ? "sparse" : "dense");
  } else if (IsWord(word, "todense")) {
    const Conversion conversion = MakeDense(ctx, string);
    if (conversion != Conversion::kCorrupted) ctx.reply.Integer(conversion == Conversion::kDone ? 1 : 0);
  } else {
    ctx.reply.Error("ERR Unknown PFDEBUG subcommand '" + std::string(Quotable(word)) + "'");
  }
}

void PfSelfTestCommand(Context& ctx) {
  Random random(static_cast<uint64_t>(ctx.now_ms()));
  if (!RegistersReadBack(random)) {
    ctx.reply.Error("ERR TESTFAILED registers of HyperLogLogs do not read back as they were written");
  } else if (!EstimatesAreClose(random.Next(), ctx.limits().hll_sparse_max_bytes)) {
    ctx.reply.Error("ERR TESTFAILED estimates of HyperLogLogs are too far off");
  } else {
    ctx.reply.Ok();
  }
}

}  // namespace tidemark::commands
