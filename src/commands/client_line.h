// One client as CLIENT INFO and CLIENT LIST describe it: "id=3 addr=127.0.0.1:50000 ... resp=2 lib-name= lib-ver=".
#pragma once

#include <cstdint>
#include <string>

#include "commands/services.h"

namespace tidemark::commands {

// Without a line break.
std::string DescribeClient(const ClientView& view, int64_t now_unix_ms);

}  // namespace tidemark::commands
