#include "formats/value_commands.h"

#include <algorithm>
#include <initializer_list>

#include "base/numbers.h"
#include "formats/command_writer.h"
#include "values/hash.h"
#include "values/list.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/stream.h"

namespace tidemark::formats {
namespace {

using values::ConsumerGroup;
using values::PackedItem;
using values::Stream;
using values::StreamId;

void AppendItem(std::string& out, const PackedItem& item) {
  char scratch[kInt64Chars];
  AppendWord(out, item.View(scratch));
}

void AppendId(std::string& out, const StreamId& id) {
  char scratch[StreamId::kChars];
  AppendWord(out, id.Format(scratch));
}

void AppendWords(std::string& out, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) AppendWord(out, word);
}

// Begins a new command whenever the one before is full.
class Pieces {
 public:
  Pieces(std::string& out, std::string_view command, std::string_view key, uint64_t items, size_t words_per_item)
      : out_(out), command_(command), key_(key), items_left_(items), words_per_item_(words_per_item) {}

  // Call it in front of the words of each item.
  void BeginItem() {
    if (room_ == 0) {
      room_ = std::min<uint64_t>(items_left_, kItemsPerCommand);
      AppendCommandHeader(out_, 2 + room_ * words_per_item_);
      AppendWords(out_, {command_, key_});
    }
    --room_;
    --items_left_;
  }

 private:
  std::string& out_;
  const std::string_view command_;
  const std::string_view key_;
  uint64_t items_left_;
  const size_t words_per_item_;
  uint64_t room_ = 0;  // items that the command under way still gets
};

void AppendList(std::string& out, std::string_view key, const values::Object& object) {
  const values::ListView list(object);
  Pieces pieces(out, "RPUSH", key, list.size(), 1);
  list.ForEach([&](const PackedItem& item) {
    pieces.BeginItem();
    AppendItem(out, item);
  });
}

void AppendSet(std::string& out, std::string_view key, const values::Object& object) {
  const values::SetView set(object);
  Pieces pieces(out, "SADD", key, set.size(), 1);
  set.ForEach([&](const PackedItem& member) {
    pieces.BeginItem();
    AppendItem(out, member);
  });
}

void AppendSortedSet(std::string& out, std::string_view key, const values::Object& object) {
  const values::SortedSetView set(object);
  Pieces pieces(out, "ZADD", key, set.size(), 2);
  char scratch[kDoubleChars];
  set.ForEach([&](std::string_view member, double score) {
    pieces.BeginItem();
    AppendWords(out, {FormatDouble(score, scratch), member});
  });
}

void AppendHash(std::string& out, std::string_view key, const values::Object& object) {
  const values::HashView hash(object, values::HashView::kNoTime);
  Pieces pieces(out, "HMSET", key, hash.size(), 2);
  hash.ForEach([&](const PackedItem& field, const PackedItem& value) {
    pieces.BeginItem();
    AppendItem(out, field);
    AppendItem(out, value);
  });
  if (values::HashNextExpiry(object) == values::kNeverExpires) return;
  hash.ForEachWithExpiry([&](const PackedItem& field, const PackedItem&, int64_t expiry_ms) {
    if (expiry_ms == 0) return;
    AppendCommandHeader(out, 6);
    AppendWords(out, {"HPEXPIREAT", key});
    AppendIntegerWord(out, expiry_ms);
    AppendWords(out, {"FIELDS", "1"});
    AppendItem(out, field);
  });
}

void AppendEntries(std::string& out, std::string_view key, const Stream& stream) {
  // An entry that goes at once makes a stream without entries.
  if (stream.length() == 0) AppendCommand(out, {"XADD", key, "MAXLEN", "0", "0-1", "x", "y"});
  values::StreamIterator entries = stream.Range({}, StreamId::Max());
  while (entries.Next()) {
    AppendCommandHeader(out, 3 + entries.field_count() * 2);
    AppendWords(out, {"XADD", key});
    AppendId(out, entries.id());
    entries.ForEachField([&](const PackedItem& field, const PackedItem& value) {
      AppendItem(out, field);
      AppendItem(out, value);
    });
  }
  AppendCommandHeader(out, 7);
  AppendWords(out, {"XSETID", key});
  AppendId(out, stream.last_id());
  AppendWord(out, "ENTRIESADDED");
  AppendIntegerWord(out, static_cast<int64_t>(stream.entries_added()));
  AppendWord(out, "MAXDELETEDID");
  AppendId(out, stream.max_deleted_id());
}

void AppendPending(std::string& out, std::string_view key, const ConsumerGroup& group,
                   const values::PendingEntry& pending) {
  AppendCommandHeader(out, 12);
  AppendWords(out, {"XCLAIM", key, group.name(), pending.consumer->name(), "0"});
  AppendId(out, pending.id);
  AppendWord(out, "TIME");
  AppendIntegerWord(out, pending.delivered_ms);
  AppendWord(out, "RETRYCOUNT");
  AppendIntegerWord(out, static_cast<int64_t>(pending.delivery_count));
  AppendWords(out, {"JUSTID", "FORCE"});
}

void AppendReleased(std::string& out, std::string_view key, const ConsumerGroup& group, const StreamId& id) {
  AppendCommandHeader(out, 10);
  AppendWords(out, {"XNACK", key, group.name(), "FAIL", "IDS", "1"});
  AppendId(out, id);
  AppendWord(out, "RETRYCOUNT");
  AppendIntegerWord(out, static_cast<int64_t>(group.pending().Find(id)->delivery_count));
  AppendWord(out, "FORCE");
}

void AppendGroup(std::string& out, std::string_view key, const ConsumerGroup& group) {
  AppendCommandHeader(out, 7);
  AppendWords(out, {"XGROUP", "CREATE", key, group.name()});
  AppendId(out, group.last_id);
  AppendWord(out, "ENTRIESREAD");
  AppendIntegerWord(out, group.entries_read);
  for (const auto& consumer : group.consumers()) {
    AppendCommand(out, {"XGROUP", "CREATECONSUMER", key, group.name(), consumer->name()});
    consumer->pending().ForEach(
        [&](const values::PendingId& of) { AppendPending(out, key, group, *group.pending().Find(of.id)); });
  }
  for (const StreamId& id : group.ReleasedIds()) AppendReleased(out, key, group, id);
}

void AppendProducers(std::string& out, std::string_view key, const Stream& stream) {
  const values::IdempotentProducers* const producers = stream.producers();
  if (producers == nullptr) return;
  if (producers->limits() == values::IdempotencyLimits{} && producers->iid_count() == 0) return;
  AppendCommandHeader(out, 6);
  AppendWords(out, {"XCFGSET", key, "IDMP-DURATION"});
  AppendIntegerWord(out, producers->limits().duration_seconds);
  AppendWord(out, "IDMP-MAXSIZE");
  AppendIntegerWord(out, producers->limits().iids_max);
  std::string_view pid;
  producers->ForEach([&](std::string_view of, size_t) { pid = of; },
                     [&](const values::IdempotentProducers::Iid& iid) {
                       if (!stream.Contains(iid.id)) return;
                       AppendCommandHeader(out, 5);
                       AppendWords(out, {"XIDMPRECORD", key, pid, iid.text});
                       AppendId(out, iid.id);
                     });
}

void AppendStream(std::string& out, std::string_view key, const Stream& stream) {
  AppendEntries(out, key, stream);
  for (const auto& group : stream.groups()) AppendGroup(out, key, *group);
  AppendProducers(out, key, stream);
}

}  // namespace

void AppendTextCommands(std::string& out, std::string_view key, std::string_view text) {
  AppendCommand(out, {"SET", key, text});
}

void AppendObjectCommands(std::string& out, std::string_view key, const values::Object& object) {
  switch (object.type) {
    case values::Type::kString:
      break;
    case values::Type::kList:
      return AppendList(out, key, object);
    case values::Type::kSet:
      return AppendSet(out, key, object);
    case values::Type::kZSet:
      return AppendSortedSet(out, key, object);
    case values::Type::kHash:
      return AppendHash(out, key, object);
    case values::Type::kStream:
      return AppendStream(out, key, Stream::Of(object));
  }
}

void AppendValueCommands(std::string& out, std::string_view key, const DecodedValue& value) {
  if (value.type == values::Type::kString) return AppendTextCommands(out, key, value.text);
  AppendObjectCommands(out, key, *value.object);
}

void AppendExpiryCommand(std::string& out, std::string_view key, int64_t expiry_ms) {
  AppendCommandHeader(out, 3);
  AppendWords(out, {"PEXPIREAT", key});
  AppendIntegerWord(out, expiry_ms);
}

}  // namespace tidemark::formats
