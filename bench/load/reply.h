// Where replies (RESP2) end, and what is in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tidemark::bench {

// Bytes of the reply at the start of `data`; 0 if it is not whole yet.
size_t ReplyBytes(std::string_view data);

// The functions below want one whole reply.
bool IsNull(std::string_view reply);
// The number of an integer, of an array's length or of a bulk's; -1 if there is none.
int64_t NumberOf(std::string_view reply);
// The bytes of a bulk that is not null.
std::string_view BulkOf(std::string_view reply);
// The replies inside an array, one behind the other.
std::string_view ElementsOf(std::string_view array);

}  // namespace tidemark::bench
