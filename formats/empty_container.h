// Containers of nothing: some servers of old wrote them into their files, though no command can make one.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::formats {

// Whether the body is that of a list, set, sorted set or hash without elements. False where it is damaged. A stream may
// be empty, and is no such thing.
bool IsEmptyContainer(uint8_t type_tag, std::string_view body);

}  // namespace tidemark::formats
