#include "persistence/function_libraries.h"

#include <algorithm>
#include <optional>

#include "base/quoting.h"
#include "formats/dump_payload.h"
#include "formats/rdb_opcodes.h"
#include "formats/rdb_string.h"

namespace tidemark::persistence {
namespace {

Status Malformed(std::string_view what) {
  return Status::InvalidArgument("Malformed FUNCTION " + std::string(what));
}

// From the first line, "#!lua name=mylib"; empty if there is none.
std::string NameOf(std::string_view source) {
  constexpr std::string_view kName = "name=";
  const std::optional<std::vector<std::string>> words = SplitWords(source.substr(0, source.find('\n')));
  for (const std::string& word : words.value_or(std::vector<std::string>())) {
    if (word.size() > kName.size() && SameWord(std::string_view(word).substr(0, kName.size()), kName))
      return word.substr(kName.size());
  }
  return {};
}

void Remove(std::string_view name, std::vector<std::string>& libraries) {
  std::erase_if(libraries, [&](const std::string& library) { return NameOf(library) == name; });
}

void Put(std::string_view source, std::vector<std::string>& libraries) {
  Remove(NameOf(source), libraries);
  libraries.emplace_back(source);
}

// What FUNCTION DUMP gives: each library as in an RDB file, and the footer of DUMP.
Status Restore(std::string_view payload, std::vector<std::string>& libraries) {
  if (!formats::OpenDump(payload)) return Malformed("RESTORE");
  payload.remove_suffix(formats::kDumpFooterBytes);
  std::string scratch;
  while (!payload.empty()) {
    if (static_cast<uint8_t>(payload.front()) != static_cast<uint8_t>(formats::RdbOpcode::kFunction)) {
      return Malformed("RESTORE");
    }
    payload.remove_prefix(1);
    const Result<std::string_view> library = formats::DecodeString(payload, scratch);
    if (!library) return Malformed("RESTORE");
    Put(*library, libraries);
  }
  return Status::Ok();
}

}  // namespace

Status ApplyFunctionCommand(std::span<const std::string_view> words, std::vector<std::string>& libraries) {
  const std::string_view what = words.size() > 1 ? words[1] : std::string_view();
  const std::string_view last = words.back();
  if (SameWord(what, "load")) {
    const bool replace = words.size() == 4 && SameWord(words[2], "replace");
    if ((words.size() != 3 && !replace) || NameOf(last).empty()) return Malformed("LOAD");
    Put(last, libraries);
  } else if (SameWord(what, "delete") && words.size() == 3) {
    Remove(last, libraries);
  } else if (SameWord(what, "flush")) {
    libraries.clear();
  } else if (SameWord(what, "restore") && words.size() >= 3) {
    if (words.size() == 4 && SameWord(last, "flush")) libraries.clear();
    return Restore(words[2], libraries);
  } else {
    return Malformed("command");
  }
  return Status::Ok();
}

}  // namespace tidemark::persistence
