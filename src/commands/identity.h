// What the server calls itself to clients that choose their behaviour by it.
#pragma once

#include <string_view>

namespace tidemark::commands {

inline constexpr std::string_view kServerName = "redis";
// The version of Redis whose behaviour clients may count on.
inline constexpr std::string_view kRedisVersion = "7.2.4";
inline constexpr std::string_view kServerMode = "standalone";
inline constexpr std::string_view kServerRole = "master";

}  // namespace tidemark::commands
