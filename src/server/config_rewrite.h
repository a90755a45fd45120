// CONFIG REWRITE: a configuration file brought up to date. Comments and the order of lines stay.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace tidemark::server {

// What the file should say of one directive.
struct RewriteEntry {
  std::vector<std::string_view> names;  // under which its lines may stand in the file
  std::vector<std::string> lines;       // that give its value
  bool must_appear = false;             // also if the file does not name it yet
};

// Lines of a directive take the place of its old ones; those too many are taken out, those too few go to the end, as do
// the directives that the file did not name. What is no entry's stays.
std::string RewriteConfigText(std::string_view old_text, const std::vector<RewriteEntry>& entries);

// Replaces a file's contents in one step: a reader, and a crash, see the old ones or the new ones. Keeps its mode.
Status ReplaceFile(const std::string& path, std::string_view contents);

}  // namespace tidemark::server
