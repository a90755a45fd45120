// The digest of the data set that DEBUG DIGEST answers: the same for equal data, on this server and on Redis, whatever
// the order in which it came.
//
//   mix(d, bytes) = SHA1(d xor SHA1(bytes)); add(d, bytes) = d xor SHA1(bytes)
//   value:   mix(type as 4 bytes, big endian), then its content, then add("!!expire!!") if it has an expiry
//   string:  mix(bytes)
//   list:    mix(element) for each
//   set:     add(member) for each
//   zset:    add(mix(member), mix(score as "%.17g") onto zero) for each
//   hash:    add(mix(field), mix(value) onto zero, then add("!!hexpire!!") if the field has an expiry) for each
//   stream:  mix("ms.seq"), mix(field), mix(value)... for each entry; groups are left out
//   key:     mix(key) onto zero, then the value
//   all:     for each database that is not empty mix(its number as 4 bytes, big endian), add(digest of each key)
#pragma once

#include <string>

#include "base/sha1.h"
#include "base/status.h"
#include "commands/context.h"
#include "keyspace/entry.h"

namespace tidemark::commands {

// Of one value, wherever it lives: a cold one is read from flash.
Result<Sha1Digest> DigestOfValue(Context& context, int database, const keyspace::Entry& entry);
// Of all databases.
Result<Sha1Digest> DigestOfDataSet(Context& context);

// Lower-case hexadecimal.
std::string ToHex(const Sha1Digest& digest);

}  // namespace tidemark::commands
