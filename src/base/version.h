// The version of Tidemark, as the build names it.
#pragma once

#include <string_view>

namespace tidemark {

// "0.1.0"
std::string_view Version();

}  // namespace tidemark
