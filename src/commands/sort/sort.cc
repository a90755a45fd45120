// SORT and SORT_RO. Main thread.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/container.h"
#include "commands/errors.h"
#include "commands/sort/elements.h"
#include "commands/sort/handlers.h"
#include "commands/sort/request.h"
#include "values/list.h"

namespace tidemark::commands {

using keyspace::DeleteCause;
using keyspace::EntryRef;
using keyspace::HashedKey;
using values::Type;

namespace {

// A value that a pattern did not find is empty.
using SortResults = std::vector<std::optional<std::string_view>>;

bool CanBeSorted(Type type) {
  return type == Type::kList || type == Type::kSet || type == Type::kZSet;
}

// What the GETs find for each element, or the elements themselves.
Result<SortResults> Gather(Context& ctx, const SortRequest& request, std::span<const SortElement> elements,
                           TextArena& arena) {
  SortResults results;
  results.reserve(elements.size() * std::max<size_t>(1, request.gets.size()));
  for (const SortElement& element : elements) {
    if (request.gets.empty()) results.emplace_back(element.text);
    for (const SortPattern& pattern : request.gets) {
      auto found = pattern.Find(ctx, element.text, arena);
      if (!found) return found.error();
      results.push_back(*found);
    }
  }
  return results;
}

void ReplyResults(Context& ctx, const SortResults& results) {
  ctx.reply.Array(results.size());
  for (const std::optional<std::string_view>& result : results) {
    if (result) {
      ctx.reply.Bulk(*result);
    } else {
      ctx.reply.Null();
    }
  }
}

// A value that a pattern led to is on flash and cannot be read.
void ReplyUnreadable(Context& ctx, const Status& error) {
  std::string text = "ERR ";
  ctx.reply.Error(text.append(error.message()));
}

// What is repeated elsewhere: the command, or its result.
enum class Told : uint8_t { kCommand, kResult };

void AddResultEffects(const Context& ctx, std::string_view destination, const SortResults& results) {
  if (!ctx.effects.wanted()) return;
  AddDeletionEffect(ctx, destination, DeleteCause::kServer);
  ComposedEffect push({"RPUSH", destination});
  for (const std::optional<std::string_view>& result : results) push.Word(result.value_or(std::string_view("")));
  push.AddTo(ctx);
}

void StoreResults(Context& ctx, size_t destination, const SortResults& results, Told told) {
  const HashedKey key = ctx.Key(destination);
  const EntryRef existing = ctx.db().LookupWrite(key);
  if (!results.empty()) {
    values::Object object = values::NewList();
    values::List list(object, ctx.limits());
    for (const std::optional<std::string_view>& result : results) {
      list.Push(values::ListEnd::kTail, result.value_or(std::string_view("")));
    }
    ctx.db().SetObject(existing, key, object);
    ctx.MarkDirty(results.size());
    if (told == Told::kResult) AddResultEffects(ctx, ctx.args[destination], results);
  } else if (existing) {
    ctx.db().Delete(existing, DeleteCause::kServer);
    ctx.MarkDirty();
  }
  ctx.reply.Integer(static_cast<int64_t>(results.size()));
}

void Sort(Context& ctx, SortStore store) {
  std::optional<SortRequest> request = ParseSortRequest(ctx, store);
  if (!request) return;
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (ref && !CanBeSorted(ref->type())) {
    ctx.reply.Error(errors::kWrongType);
    return;
  }
  // The order of a set means nothing; what is stored must be the same wherever the command runs.
  if (ref && ref->type() == Type::kSet && !request->sorts && request->store) {
    request->sorts = true;
    request->by.reset();
    request->weights = SortWeights::kTexts;
  }

  // Members of a set that weigh the same as text stand as the set happens to hold them.
  const bool by_layout = ref && ref->type() == Type::kSet && request->by && request->weights == SortWeights::kTexts;
  const Told told = by_layout ? Told::kResult : Told::kCommand;

  // From here on values may be read from flash, and the source may go there: only the copies count.
  TextArena arena;
  std::vector<SortElement> elements;
  SortWindow window;
  if (ref) {
    window = request->WindowOf(values::ObjectSize(ref->object()));
    elements = LoadSortElements(ref->object(), *request, window, arena);
  }
  if (request->sorts) {
    const Result<Weighing> weighing = WeighSortElements(ctx, *request, elements, arena);
    if (!weighing) {
      ReplyUnreadable(ctx, weighing.error());
      return;
    }
    if (*weighing == Weighing::kNotNumbers) {
      ctx.reply.Error(errors::kSortNotNumbers);
      return;
    }
    OrderSortElements(*request, window, elements);
  }
  const auto answered = std::span(elements).subspan(window.first, window.count);
  const Result<SortResults> results = Gather(ctx, *request, answered, arena);
  if (!results) {
    ReplyUnreadable(ctx, results.error());
  } else if (request->store) {
    StoreResults(ctx, *request->store, *results, told);
  } else {
    ReplyResults(ctx, *results);
  }
}

}  // namespace

void SortCommand(Context& ctx) {
  Sort(ctx, SortStore::kAllowed);
}

void SortRoCommand(Context& ctx) {
  Sort(ctx, SortStore::kForbidden);
}

}  // namespace tidemark::commands
