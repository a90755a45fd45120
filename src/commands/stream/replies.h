// What the stream commands share: looking a stream up, and replies made of entries.
#pragma once

#include <cstdint>
#include <string_view>

#include "commands/container.h"
#include "commands/context.h"
#include "values/stream.h"

namespace tidemark::commands {

// The stream of a key that exists and has passed the type check.
inline const values::Stream& StreamOf(const keyspace::EntryRef& ref) {
  return values::Stream::Of(ref->object());
}

// An edit of the stream in `key`, an empty one if `ref` is empty.
inline keyspace::ContainerEdit EditStream(Context& ctx, const keyspace::HashedKey& key, keyspace::EntryRef ref) {
  return {ctx.db(), key, ref, ref ? values::Object{} : values::NewStream()};
}

void ReplyStreamId(Context& ctx, const values::StreamId& id);
// The entry that `entry` stands on: an array of its ID, and of its fields and values; or these two alone.
void ReplyStreamEntry(Context& ctx, values::StreamIterator& entry);
void ReplyStreamEntryParts(Context& ctx, values::StreamIterator& entry);
// The entries of the range, as an array; `count_max` of them at most, 0: all.
void ReplyStreamRange(Context& ctx, values::StreamIterator range, uint64_t count_max);
// The entry of this ID; false, with nothing written, if there is none.
bool ReplyEntryOf(Context& ctx, const values::Stream& stream, const values::StreamId& id);

// "NOGROUP No such key ... or consumer group ...", with what follows in `tail`.
void ReplyNoKeyOrGroup(Context& ctx, std::string_view key, std::string_view group, std::string_view tail = {});
// "NOGROUP No such consumer group ... for key name ...".
void ReplyNoGroup(Context& ctx, std::string_view key, std::string_view group);

}  // namespace tidemark::commands
