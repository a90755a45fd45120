#include "base/lzf.h"

#include <lzf.h>

#include <climits>

namespace tidemark {

size_t LzfCompress(std::string_view in, char* out, size_t room) {
  // The library counts in unsigned int, and reads a little behind an input of less than four bytes.
  if (in.size() < 4 || in.size() > UINT_MAX || room == 0 || room > UINT_MAX) return 0;
  return lzf_compress(in.data(), static_cast<unsigned>(in.size()), out, static_cast<unsigned>(room));
}

bool LzfDecompress(std::string_view in, char* out, size_t bytes) {
  if (in.empty() || bytes == 0 || in.size() > UINT_MAX || bytes > UINT_MAX) return false;
  return lzf_decompress(in.data(), static_cast<unsigned>(in.size()), out, static_cast<unsigned>(bytes)) == bytes;
}

}  // namespace tidemark
