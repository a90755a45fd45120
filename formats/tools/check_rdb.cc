// tidemark-check-rdb FILE: reads an RDB file to its end, every value in it, and says what is in it or where it is
// damaged. Exit code 0 if it is whole, 1 if not.
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "formats/tools/rdb_check.h"
#include "formats/tools/stdio_source.h"

int main(int argc, char** argv) {
  if (argc != 2 || argv[1][0] == '-') {
    std::fprintf(stderr, "Usage: %s <rdb-file-name>\n", argv[0]);
    return 1;
  }
  std::FILE* const file = std::fopen(argv[1], "rb");
  if (file == nullptr) {
    std::fprintf(stderr, "Cannot open file %s: %s\n", argv[1], std::strerror(errno));
    return 1;
  }
  tidemark::formats::StdioSource source(file);
  const bool whole = tidemark::formats::CheckRdb(source, argv[1]).has_value();
  std::fclose(file);
  return whole ? 0 : 1;
}
