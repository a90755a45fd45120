#include "commands/sorted_set/results.h"

#include <algorithm>

#include "base/numbers.h"
#include "commands/composed_effect.h"
#include "keyspace/database.h"

namespace tidemark::commands {

std::string_view ScoredResults::Keep(std::string_view bytes) {
  if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < bytes.size()) {
    chunks_.emplace_back().reserve(std::max(kChunkBytes, bytes.size()));
  }
  std::string& chunk = chunks_.back();
  const size_t start = chunk.size();
  chunk.append(bytes);
  return std::string_view(chunk).substr(start);
}

double* ScoredResults::FindOrAdd(std::string_view member, double score) {
  if (const auto at = index_.find(member); at != index_.end()) return &elements_[at->second].score;
  Add(member, score);
  index_.emplace(elements_.back().member, elements_.size() - 1);
  return nullptr;
}

void ScoredResults::Sort() {
  index_.clear();
  std::sort(elements_.begin(), elements_.end());
}

void ScoredResults::Reply(Context& ctx, Scores scores) const {
  ReplyMembersHeader(ctx, elements_.size(), scores);
  for (const values::ScoredMember& element : elements_) ReplyMember(ctx, element.member, element.score, scores);
}

void ScoredResults::Store(Context& ctx, size_t key_index, uint64_t changes) const {
  StoreSortedSet(ctx, key_index, values::NewSortedSet(elements_, ctx.limits()), changes);
}

void ScoredResults::AddContentEffects(const Context& ctx, size_t key_index) const {
  if (!ctx.effects.wanted()) return;
  AddDeletionEffect(ctx, ctx.args[key_index], keyspace::DeleteCause::kServer);
  if (elements_.empty()) return;
  ComposedEffect zadd({"ZADD", ctx.args[key_index]});
  for (const values::ScoredMember& element : elements_) zadd.Text(FormatDouble(element.score)).Word(element.member);
  zadd.AddTo(ctx);
}

void StoreSortedSet(Context& ctx, size_t key_index, const values::Object& object, uint64_t changes) {
  keyspace::Database& db = ctx.db();
  const keyspace::HashedKey key = ctx.Key(key_index);
  const keyspace::EntryRef existing = db.LookupWrite(key);
  const uint64_t size = values::ObjectSize(object);
  ctx.reply.Integer(static_cast<int64_t>(size));
  if (size > 0) {
    db.SetObject(existing, key, object);
    ctx.MarkDirty(changes);
    return;
  }
  values::FreeObject(object);
  if (!existing) return;
  db.Delete(existing, keyspace::DeleteCause::kServer);
  ctx.MarkDirty();
}

}  // namespace tidemark::commands
