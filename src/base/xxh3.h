// XXH3 with 64 bits and no seed (Y. Collet), where a protocol asks for it. Not for secrets, nor against chosen keys.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark {

uint64_t Xxh3(std::string_view bytes);

}  // namespace tidemark
