#include "base/version.h"

namespace tidemark {

std::string_view Version() {
  return TIDEMARK_VERSION;
}

}  // namespace tidemark
