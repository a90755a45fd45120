// The idempotent producers of a stream, as the stream types of Redis 8.6 and later end:
//
//   producers = duration:len iids_max:len count:len { pid:string count:len { iid:string ms:len seq:len } }
//               added:len duplicates:len
//
// The duration is in seconds, iids come oldest first. Redis always has limits; 0 for both says, among Tidemark's own
// records, that there are none but the directives'.
#pragma once

#include <string>
#include <string_view>

#include "formats/value_codec.h"
#include "values/stream.h"

namespace tidemark::formats {

// Whether there is something to write that is not as it would be without.
bool HasProducers(const values::Stream& stream, Audience audience);
void EncodeProducers(const values::Stream& stream, const EncodeOptions& options, std::string& out);
// For a stream that has no producers so far.
Status DecodeProducers(std::string_view& in, values::Stream& stream);

}  // namespace tidemark::formats
