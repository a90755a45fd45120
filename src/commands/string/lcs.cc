// LCS: the longest common subsequence of two strings, by the textbook table of prefix lengths (Wagner and Fischer
// 1974), which takes |a| x |b| words for the time of the command. Main thread.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/string/handlers.h"
#include "commands/string/values.h"

namespace tidemark::commands {

using keyspace::EntryRef;

namespace {

struct LcsOptions {
  bool indexes = false;
  bool length = false;
  bool match_lengths = false;
  int64_t min_match_length = 0;
};

// A run of equal bytes: [a, a + length) of the first string, [b, b + length) of the second.
struct Match {
  uint32_t a;
  uint32_t b;
  uint32_t length;
};

// Cell (i, j) is the length of the longest common subsequence of the first i bytes of `a` and the first j of `b`.
class PrefixTable {
 public:
  PrefixTable(std::string_view a, std::string_view b) : width_(b.size() + 1), cells_((a.size() + 1) * width_) {
    for (size_t i = 1; i <= a.size(); ++i) {
      for (size_t j = 1; j <= b.size(); ++j) {
        cells_[i * width_ + j] = a[i - 1] == b[j - 1] ? At(i - 1, j - 1) + 1 : std::max(At(i - 1, j), At(i, j - 1));
      }
    }
  }
  uint32_t At(size_t i, size_t j) const { return cells_[i * width_ + j]; }

 private:
  size_t width_;
  std::vector<uint32_t> cells_;
};

struct Walk {
  std::string common;
  std::vector<Match> matches;  // from the end of the strings to their start
};

// From the last cell back to the first. Where two ways are equally long, the one that keeps more of `a` is taken.
Walk WalkBack(const PrefixTable& table, std::string_view a, std::string_view b) {
  Walk walk;
  size_t i = a.size();
  size_t j = b.size();
  bool in_match = false;
  while (i > 0 && j > 0) {
    if (a[i - 1] != b[j - 1]) {
      table.At(i - 1, j) > table.At(i, j - 1) ? --i : --j;
      in_match = false;
      continue;
    }
    --i;
    --j;
    walk.common.push_back(a[i]);
    if (!in_match) walk.matches.push_back({0, 0, 0});
    in_match = true;
    Match& match = walk.matches.back();
    match = {static_cast<uint32_t>(i), static_cast<uint32_t>(j), match.length + 1};
  }
  std::reverse(walk.common.begin(), walk.common.end());
  return walk;
}

std::optional<LcsOptions> ParseOptions(Context& ctx) {
  LcsOptions options;
  for (size_t i = 3; i < ctx.args.size(); ++i) {
    const std::string_view word = ctx.args[i];
    if (IsWord(word, "idx")) {
      options.indexes = true;
    } else if (IsWord(word, "len")) {
      options.length = true;
    } else if (IsWord(word, "withmatchlen")) {
      options.match_lengths = true;
    } else if (IsWord(word, "minmatchlen") && i + 1 < ctx.args.size()) {
      const std::optional<int64_t> length = IntegerArgument(ctx, ++i);
      if (!length) return std::nullopt;
      options.min_match_length = std::max<int64_t>(*length, 0);
    } else {
      ctx.reply.Error(errors::kSyntax);
      return std::nullopt;
    }
  }
  if (options.indexes && options.length) {
    ctx.reply.Error(errors::kLcsAmbiguous);
    return std::nullopt;
  }
  return options;
}

void ReplySpan(Context& ctx, uint32_t start, uint32_t length) {
  ctx.reply.Array(2);
  ctx.reply.Integer(start);
  ctx.reply.Integer(int64_t{start} + length - 1);
}

void ReplyIndexes(Context& ctx, const LcsOptions& options, std::vector<Match> matches, uint32_t length) {
  std::erase_if(matches, [&](const Match& match) { return match.length < options.min_match_length; });
  ctx.reply.Map(2);
  ctx.reply.Bulk("matches");
  ctx.reply.Array(matches.size());
  for (const Match& match : matches) {
    ctx.reply.Array(options.match_lengths ? 3 : 2);
    ReplySpan(ctx, match.a, match.length);
    ReplySpan(ctx, match.b, match.length);
    if (options.match_lengths) ctx.reply.Integer(match.length);
  }
  ctx.reply.Bulk("len");
  ctx.reply.Integer(length);
}

// False, with the error written, if the table for strings of these lengths would be too large.
bool CheckTableSize(Context& ctx, size_t a_bytes, size_t b_bytes) {
  constexpr size_t kMaxBytes = UINT32_MAX - 1;
  if (a_bytes >= kMaxBytes || b_bytes >= kMaxBytes) {
    ctx.reply.Error(errors::kLcsTooLong);
    return false;
  }
  size_t table_bytes = 0;
  if (__builtin_mul_overflow((a_bytes + 1) * sizeof(uint32_t), b_bytes + 1, &table_bytes) ||
      table_bytes > ctx.server.proto_max_bulk_bytes()) {
    ctx.reply.Error(errors::kLcsMemory);
    return false;
  }
  return true;
}

}  // namespace

void LcsCommand(Context& ctx) {
  keyspace::Database& db = ctx.db();
  db.LookupRead(ctx.Key(1));
  const EntryRef second = db.LookupRead(ctx.Key(2));
  // The second lookup may have deleted a key, after which what the first one answered must not be used.
  const EntryRef first = db.Find(ctx.Key(1));
  if ((first && first->type() != values::Type::kString) || (second && second->type() != values::Type::kString)) {
    ctx.reply.Error(errors::kLcsNotStrings);
    return;
  }
  const std::optional<LcsOptions> options = ParseOptions(ctx);
  if (!options) return;
  char first_scratch[kInt64Chars];
  char second_scratch[kInt64Chars];
  const std::string_view a = first ? ctx.db().StringOf(*first, first_scratch) : "";
  const std::string_view b = second ? ctx.db().StringOf(*second, second_scratch) : "";
  if (!CheckTableSize(ctx, a.size(), b.size())) return;

  const PrefixTable table(a, b);
  const uint32_t length = table.At(a.size(), b.size());
  if (options->length) {
    ctx.reply.Integer(length);
    return;
  }
  Walk walk = WalkBack(table, a, b);
  if (options->indexes) {
    ReplyIndexes(ctx, *options, std::move(walk.matches), length);
  } else {
    ctx.reply.Bulk(walk.common);
  }
}

}  // namespace tidemark::commands
