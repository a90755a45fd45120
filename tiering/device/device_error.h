// What the errnos of devices mean to those who use a store.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include "base/status.h"

namespace tidemark::tiering {

inline bool LacksSpace(int error) {
  return error == ENOSPC || error == EDQUOT;
}

// `what` was being done: "reading from", "writing to", "syncing".
inline Status DeviceFailed(const char* what, int error) {
  const StatusCode code = LacksSpace(error) ? StatusCode::kNoSpace : StatusCode::kIoError;
  return {code, std::string(what) + " the flash device failed: " + std::generic_category().message(error)};
}

}  // namespace tidemark::tiering
