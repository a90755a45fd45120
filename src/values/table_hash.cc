#include "values/table_hash.h"

namespace tidemark::values {

const HashSeed& TableSeed() {
  static const HashSeed seed = HashSeed::FromSystem();
  return seed;
}

}  // namespace tidemark::values
