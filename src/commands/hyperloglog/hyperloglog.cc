// PFADD, PFCOUNT, PFMERGE. Main thread.
#include "values/hyperloglog.h"

#include <memory>
#include <optional>
#include <string>

#include "commands/errors.h"
#include "commands/hyperloglog/handlers.h"
#include "commands/hyperloglog/stored_hll.h"
#include "commands/string/changing_string.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using keyspace::HashedKey;
using values::HllChange;
using values::HllElement;
using values::HllForm;
using values::HllRegisters;
using values::HllStatus;

namespace {

constexpr size_t kFirstElement = 2;

// How many elements raised a register; empty if the value was found to be corrupted on the way.
using Raised = std::optional<uint64_t>;

// In place: a dense value is too large to be copied for each command.
Raised AddToDense(Context& ctx, ChangingString& string) {
  uint64_t raised = 0;
  for (const std::string_view text : ctx.args.subspan(kFirstElement)) {
    const HllElement element = values::HashHllElement(text);
    if (values::DenseHllRegister(string.view(), element.index) >= element.rank) continue;
    values::AddToDenseHll(string.Writable(), element);
    ++raised;
  }
  if (raised > 0) values::InvalidateHllCount(string.Writable());
  return raised;
}

// On a copy, which may become dense. What was added before damage was met stays.
Raised AddToSparse(Context& ctx, ChangingString& string) {
  std::string hll(string.view());
  uint64_t raised = 0;
  bool corrupted = false;
  for (const std::string_view text : ctx.args.subspan(kFirstElement)) {
    const HllChange change = values::AddToHll(hll, values::HashHllElement(text), ctx.limits().hll_sparse_max_bytes);
    corrupted = change == HllChange::kCorrupted;
    if (corrupted) break;
    if (change == HllChange::kRaised) ++raised;
  }
  if (raised > 0) {
    if (!corrupted) values::InvalidateHllCount(hll);
    if (corrupted) ctx.MarkDirty(raised);
    string.Assign(hll);
  }
  return corrupted ? std::nullopt : Raised(raised);
}

// The estimate over several keys together.
void CountUnion(Context& ctx) {
  const auto registers = std::make_unique<HllRegisters>();
  for (size_t i = 1; i < ctx.args.size(); ++i) {
    const EntryRef ref = ctx.db().LookupRead(ctx.Key(i));
    if (!CheckHll(ctx, ref)) return;
    if (ref && values::MergeHll(HllBytes(ref), *registers) == HllStatus::kCorrupted) {
      ctx.reply.Error(errors::kCorruptedHyperLogLog);
      return;
    }
  }
  ctx.reply.Integer(static_cast<int64_t>(values::EstimateHll(*registers)));
}

// The estimate of one key, which then is kept in it.
void CountOne(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupRead(key);
  if (!CheckHll(ctx, ref)) return;
  if (!ref) {
    ctx.reply.Integer(0);
    return;
  }
  ChangingString string(ctx, key, ref);
  string.Grow(0);
  if (const std::optional<uint64_t> cached = values::CachedHllCount(string.view())) {
    ctx.reply.Integer(static_cast<int64_t>(*cached));
    return;
  }
  const std::optional<uint64_t> count = values::EstimateHll(string.view());
  if (!count) {
    ctx.reply.Error(errors::kCorruptedHyperLogLog);
    return;
  }
  values::StoreHllCount(string.Writable(), *count);
  ctx.MarkDirty();
  ctx.reply.Integer(static_cast<int64_t>(*count));
}

// The union of what PFMERGE's keys hold, the destination among them.
struct Union {
  HllRegisters registers = {};
  bool has_dense = false;
};

// False after having written the error reply.
bool CollectUnion(Context& ctx, Union& all) {
  for (size_t i = 1; i < ctx.args.size(); ++i) {
    const EntryRef ref = ctx.db().LookupRead(ctx.Key(i));
    if (!CheckHll(ctx, ref)) return false;
    if (!ref) continue;
    all.has_dense = all.has_dense || values::FormOf(HllBytes(ref)) == HllForm::kDense;
    if (values::MergeHll(HllBytes(ref), all.registers) == HllStatus::kCorrupted) {
      ctx.reply.Error(errors::kCorruptedHyperLogLog);
      return false;
    }
  }
  return true;
}

}  // namespace

void PfAddCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckHll(ctx, ref)) return;
  ChangingString string(ctx, key, ref);
  string.Grow(0);
  if (!ref) string.Assign(values::NewHll());
  const bool dense = values::FormOf(string.view()) == HllForm::kDense;
  Raised raised = dense ? AddToDense(ctx, string) : AddToSparse(ctx, string);
  if (!raised) {
    ctx.reply.Error(errors::kCorruptedHyperLogLog);
    return;
  }
  if (!ref) {
    // A new key is a change, even without an element.
    if (*raised == 0) values::InvalidateHllCount(string.Writable());
    ++*raised;
  }
  ctx.MarkDirty(*raised);
  ctx.reply.Integer(*raised > 0 ? 1 : 0);
}

void PfCountCommand(Context& ctx) {
  if (ctx.args.size() > 2) {
    CountUnion(ctx);
  } else {
    CountOne(ctx);
  }
}

void PfMergeCommand(Context& ctx) {
  const auto all = std::make_unique<Union>();
  if (!CollectUnion(ctx, *all)) return;
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  std::string hll = ref ? std::string(HllBytes(ref)) : values::NewHll();
  // The destination has passed the merge, so it is whole, and nothing below can find it corrupted.
  if (all->has_dense) values::MakeHllDense(hll);
  for (size_t i = 0; i < values::kHllRegisters; ++i) {
    const HllElement element{static_cast<uint16_t>(i), all->registers[i]};
    if (element.rank > 0) values::AddToHll(hll, element, ctx.limits().hll_sparse_max_bytes);
  }
  values::InvalidateHllCount(hll);
  ChangingString string(ctx, key, ref);
  string.Grow(0);
  string.Assign(hll);
  ctx.MarkDirty();
  ctx.reply.Ok();
}

}  // namespace tidemark::commands
