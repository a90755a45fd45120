// LZF compression (Marc Lehmann's liblzf): what RDB files, DUMP and the inner nodes of lists are compressed with.
#pragma once

#include <cstddef>
#include <string_view>

namespace tidemark {

// Compresses `in` into at most `room` bytes at `out`. Answers how many it took; 0 if they do not suffice.
size_t LzfCompress(std::string_view in, char* out, size_t room);
// Decompresses `in`, which may come from outside, into exactly `bytes` bytes at `out`. False if it is damaged or holds
// more or less.
bool LzfDecompress(std::string_view in, char* out, size_t bytes);

}  // namespace tidemark
