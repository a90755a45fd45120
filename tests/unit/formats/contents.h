// What is in a value, as text, so that tests can compare values however they are laid out.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/numbers.h"
#include "formats/value_codec.h"
#include "values/hash.h"
#include "values/list.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/stream.h"

namespace tidemark::formats {

using Contents = std::vector<std::string>;

inline void AddStreamContents(const values::Stream& stream, Contents& out) {
  const auto id = [](const values::StreamId& of) { return of.ToString(); };
  out.push_back("length " + std::to_string(stream.length()) + " last " + id(stream.last_id()) + " first " +
                id(stream.first_id()) + " deleted " + id(stream.max_deleted_id()) + " added " +
                std::to_string(stream.entries_added()));
  // Those that have nothing to tell may get lost.
  const values::IdempotentProducers* const producers = stream.producers();
  if (producers != nullptr && (producers->limits() != values::IdempotencyLimits{} || producers->iid_count() > 0 ||
                               producers->iids_added > 0 || producers->iids_duplicates > 0)) {
    out.push_back("producers " + std::to_string(producers->limits().duration_seconds) + " " +
                  std::to_string(producers->limits().iids_max) + " added " + std::to_string(producers->iids_added) +
                  " duplicates " + std::to_string(producers->iids_duplicates));
    producers->ForEach(
        [&](std::string_view pid, size_t) { out.push_back("producer " + std::string(pid)); },
        [&](const values::IdempotentProducers::Iid& iid) { out.push_back(iid.text + " " + id(iid.id)); });
  }
  values::StreamIterator entries = stream.Range({}, values::StreamId::Max());
  while (entries.Next()) {
    std::string entry = id(entries.id());
    entries.ForEachField([&](const values::PackedItem& field, const values::PackedItem& value) {
      entry += " " + field.ToString() + "=" + value.ToString();
    });
    out.push_back(entry);
  }
  for (const auto& group : stream.groups()) {
    out.push_back("group " + group->name() + " last " + id(group->last_id) + " read " +
                  std::to_string(group->entries_read));
    group->pending().ForEach([&](const values::PendingEntry& pending) {
      const std::string whose = pending.released()
                                    ? std::string("released")
                                    : pending.consumer->name() + " " + std::to_string(pending.delivered_ms);
      out.push_back("pending " + id(pending.id) + " " + whose + " " + std::to_string(pending.delivery_count));
    });
    for (const values::StreamId& of : group->ReleasedIds()) out.push_back("released " + id(of));
    for (const auto& consumer : group->consumers()) {
      std::string line = "consumer " + consumer->name() + " " + std::to_string(consumer->seen_ms);
      consumer->pending().ForEach([&](const values::PendingId& pending) { line += " " + id(pending.id); });
      out.push_back(line);
    }
  }
}

inline Contents ContentsOf(const values::Object& object) {
  Contents out;
  switch (object.type) {
    case values::Type::kString:
      break;
    case values::Type::kList:
      values::ListView(object).ForEach([&](const values::PackedItem& item) { out.push_back(item.ToString()); });
      return out;
    case values::Type::kSet:
      values::SetView(object).ForEach([&](const values::PackedItem& item) { out.push_back(item.ToString()); });
      break;
    case values::Type::kZSet:
      values::SortedSetView(object).ForEach([&](std::string_view member, double score) {
        // A listpack loses the sign of zero, as in Redis, and a set may have been one while it was built.
        out.push_back(std::string(member) + " " + FormatDouble(score == 0 ? 0 : score));
      });
      return out;
    case values::Type::kHash:
      values::HashView(object, values::HashView::kNoTime)
          .ForEachWithExpiry([&](const values::PackedItem& field, const values::PackedItem& value, int64_t expiry_ms) {
            out.push_back(field.ToString() + "=" + value.ToString() +
                          (expiry_ms == 0 ? "" : " until " + std::to_string(expiry_ms)));
          });
      break;
    case values::Type::kStream:
      AddStreamContents(values::Stream::Of(object), out);
      return out;
  }
  std::sort(out.begin(), out.end());
  return out;
}

inline Contents ContentsOf(const DecodedValue& value) {
  return value.type == values::Type::kString ? Contents{value.text} : ContentsOf(*value.object);
}

}  // namespace tidemark::formats
