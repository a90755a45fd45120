// BITOP: strings combined bit by bit. Main thread.
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "commands/arguments.h"
#include "commands/bitmap/handlers.h"
#include "commands/composed_effect.h"
#include "commands/errors.h"
#include "commands/string/values.h"
#include "commands/words.h"
#include "values/bitmap.h"

namespace tidemark::commands {

using keyspace::Database;
using keyspace::DeleteCause;
using keyspace::EntryRef;
using keyspace::HashedKey;
using values::BitOperation;

namespace {

constexpr size_t kFirstSource = 3;

std::optional<BitOperation> OperationOf(std::string_view word) {
  struct Name {
    std::string_view word;
    BitOperation operation;
  };
  static constexpr Name kNames[] = {{"and", BitOperation::kAnd},     {"or", BitOperation::kOr},
                                    {"xor", BitOperation::kXor},     {"not", BitOperation::kNot},
                                    {"diff", BitOperation::kDiff},   {"diff1", BitOperation::kDiff1},
                                    {"andor", BitOperation::kAndOr}, {"one", BitOperation::kOne}};
  for (const Name& name : kNames) {
    if (IsWord(word, name.word)) return name.operation;
  }
  return std::nullopt;
}

// Whether there are servers that know BITOP but not this: they are told the result.
bool IsNewer(BitOperation operation) {
  return operation == BitOperation::kDiff || operation == BitOperation::kDiff1 || operation == BitOperation::kAndOr ||
         operation == BitOperation::kOne;
}

// False, with the error written, if the operation wants another number of sources.
bool CheckSourceCount(Context& ctx, BitOperation operation, size_t count) {
  switch (operation) {
    case BitOperation::kNot:
      if (count == 1) return true;
      ctx.reply.Error(errors::kBitOpNotOneSource);
      return false;
    case BitOperation::kDiff:
    case BitOperation::kDiff1:
    case BitOperation::kAndOr:
      if (count >= 2) return true;
      ctx.reply.Error("ERR BITOP " + Upper(ctx.args[1]) + " must be called with at least two source keys.");
      return false;
    case BitOperation::kAnd:
    case BitOperation::kOr:
    case BitOperation::kXor:
    case BitOperation::kOne:
      return true;
  }
  return true;
}

// The length of the longest source. Empty, with the error written, if one is no string.
std::optional<size_t> LongestSource(Context& ctx, std::span<const HashedKey> sources) {
  size_t longest = 0;
  for (const HashedKey& key : sources) {
    const EntryRef ref = ctx.db().LookupRead(key);
    if (!CheckString(ctx, ref)) return std::nullopt;
    if (ref) longest = std::max(longest, ref->StringBytes());
  }
  return longest;
}

// Makes the destination a raw string of `bytes` without an expiry. If it is a source as well its bytes stay, with zeros
// behind them, which to every operation is the same source.
char* PrepareDestination(Database& db, const HashedKey& key, bool is_source, size_t bytes) {
  EntryRef ref = db.LookupWrite(key);
  if (ref && is_source) {
    db.ClearExpiry(ref);
  } else {
    ref = db.SetString(ref, key, "");
  }
  return db.ResizeString(ref, bytes);
}

void Combine(Database& db, BitOperation operation, std::span<const HashedKey> sources, std::span<char> out) {
  std::vector<std::array<char, kInt64Chars>> scratch(sources.size());
  std::vector<std::string_view> inputs(sources.size());
  for (size_t i = 0; i < sources.size(); ++i) {
    const EntryRef ref = db.Find(sources[i]);
    if (ref) inputs[i] = ref->StringView(scratch[i].data());
  }
  values::CombineBits(operation, inputs, out);
}

}  // namespace

void BitOpCommand(Context& ctx) {
  const std::optional<BitOperation> operation = OperationOf(ctx.args[1]);
  if (!operation) {
    ctx.reply.Error(errors::kSyntax);
    return;
  }
  if (!CheckSourceCount(ctx, *operation, ctx.args.size() - kFirstSource)) return;
  std::vector<HashedKey> sources;
  sources.reserve(ctx.args.size() - kFirstSource);
  for (size_t i = kFirstSource; i < ctx.args.size(); ++i) sources.push_back(ctx.Key(i));
  const std::optional<size_t> bytes = LongestSource(ctx, sources);
  if (!bytes) return;

  Database& db = ctx.db();
  const HashedKey destination = ctx.Key(2);
  if (*bytes == 0) {
    const EntryRef old = db.LookupWrite(destination);
    if (old) {
      db.Delete(old, DeleteCause::kServer);
      ctx.MarkDirty();
      if (IsNewer(*operation)) AddDeletionEffect(ctx, ctx.args[2], DeleteCause::kServer);
    }
  } else {
    const std::span<const std::string_view> source_names = ctx.args.subspan(kFirstSource);
    const bool is_source = std::ranges::find(source_names, ctx.args[2]) != source_names.end();
    char* const out = PrepareDestination(db, destination, is_source, *bytes);
    Combine(db, *operation, sources, {out, *bytes});
    ctx.MarkDirty();
    if (IsNewer(*operation)) AddStringEffect(ctx, ctx.args[2], {out, *bytes});
  }
  ctx.reply.Integer(static_cast<int64_t>(*bytes));
}

}  // namespace tidemark::commands
