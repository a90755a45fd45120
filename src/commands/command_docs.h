// The documentation of a command as COMMAND DOCS answers it. Its tree of arguments is written in the table in a compact
// syntax:
//
//   arguments = argument { " " argument }
//   argument  = [ TOKEN "=" ] shape { suffix }
//             | "'" characters "'" name { suffix }     a pure token that is no capital word, with its name
//   shape     = TOKEN                                  a pure token, named like itself in lower case
//             | name [ ":" type ]                      type: string (if left out), key, integer, double, pattern,
//             unix-time, pure-token (CH=change:pure-token: one with a name of its own) | "(" argument { "|" argument }
//             ")" name one of several | "{" arguments "}" name several that go together
//   suffix    = "?"                                    optional
//             | "*"                                    may be repeated
//             | "+"                                    may be repeated, the token with it
//             | "@" version                            known since that version
//             | "!" version                            deprecated since that version
//   TOKEN     = capital letters, digits and dashes
//
// As in "key:key value (EX=seconds:integer|KEEPTTL@6.0.0)expiration?".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/command_spec.h"
#include "protocol/reply_writer.h"

namespace tidemark::commands {

struct ArgumentDoc {
  std::string name;
  std::string_view type;
  std::string_view token;
  std::string_view since;
  std::string_view deprecated_since;
  bool optional = false;
  bool multiple = false;
  bool multiple_token = false;
  std::vector<ArgumentDoc> parts;  // of "oneof" and "block"
};

// Empty if `syntax` breaks the grammar. The views are into `syntax`.
std::optional<std::vector<ArgumentDoc>> ParseSyntax(std::string_view syntax);

// Writes the name of `spec` and its documentation: one pair of a map.
void WriteCommandDocs(protocol::ReplyWriter& reply, const CommandSpec& spec);

}  // namespace tidemark::commands
