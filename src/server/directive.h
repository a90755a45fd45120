// The one declaration of a directive: name, type, default, who may change it when, and the component field it sets.
// From the table of them follow the configuration file, CONFIG and the tests of conf/.
#pragma once

#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/numbers.h"
#include "server/server_options.h"
#include "server/value_type.h"

namespace tidemark::server {

// The part of all options that holds fields of this class.
template <typename Part>
Part& PartOf(Options& options) {
  if constexpr (std::is_same_v<Part, ServerOptions>) {
    return options.server;
  } else if constexpr (std::is_same_v<Part, LogOptions>) {
    return options.server.log;
  } else if constexpr (std::is_same_v<Part, keyspace::KeyspaceOptions>) {
    return options.keyspace;
  } else if constexpr (std::is_same_v<Part, keyspace::AccessOptions>) {
    return options.keyspace.access;
  } else if constexpr (std::is_same_v<Part, values::EncodingLimits>) {
    return options.keyspace.encoding_limits;
  } else if constexpr (std::is_same_v<Part, engine::EngineOptions>) {
    return options.engine;
  } else if constexpr (std::is_same_v<Part, net::NetOptions>) {
    return options.net;
  } else if constexpr (std::is_same_v<Part, persistence::PersistenceOptions>) {
    return options.persistence;
  } else {
    static_assert(std::is_same_v<Part, tiering::TierOptions>, "a component's options that no directive can reach");
    return options.tier;
  }
}

struct Directive {
  // Hands a value to the component; `value` is what the type answered.
  using Apply = std::function<void(Options&, const std::string& value)>;

  std::string_view name;
  std::string_view alias = {};  // an older or newer name for the same
  std::shared_ptr<const ValueType> type;
  std::vector<std::string> default_words;
  bool immutable = false;       // set at start only
  bool hidden = false;          // found by CONFIG GET by its full name only
  bool restricted = false;      // changed only where enable-protected-configs allows it
  bool secret = false;          // its value is not shown in the report of a bad line
  bool without_effect = false;  // accepted; the capability that reads it is not there
  bool kept_in_file = false;    // CONFIG REWRITE writes it even at its default: not given, it would be derived
  Apply apply;

  Directive& Alias(std::string_view other) { return Set(alias, other); }
  Directive& AtStart() { return Set(immutable, true); }
  Directive& Hidden() { return Set(hidden, true); }
  Directive& Restricted() { return Set(restricted, true); }
  Directive& Secret() { return Set(secret, true); }
  Directive& WithoutEffect() { return Set(without_effect, true); }
  Directive& KeptInFile() { return Set(kept_in_file, true); }
  Directive& Calls(Apply function) { return Set(apply, std::move(function)); }
  // Calls one more function, after what Sets or Calls named.
  Directive& Also(Apply function);

  // Sets a field: of a number, text, yes or no, or of an enum whose enumerators are in the order of the choices.
  template <typename Part, typename Field>
  Directive& Sets(Field Part::*field) {
    if constexpr (std::is_same_v<Field, bool>) {
      apply = [field](Options& options, const std::string& value) { PartOf<Part>(options).*field = value == "yes"; };
    } else if constexpr (std::is_same_v<Field, std::string>) {
      apply = [field](Options& options, const std::string& value) { PartOf<Part>(options).*field = value; };
    } else if constexpr (std::is_enum_v<Field>) {
      const auto* choices = static_cast<const ChoiceType*>(type.get());
      apply = [field, choices](Options& options, const std::string& value) {
        PartOf<Part>(options).*field = static_cast<Field>(choices->IndexOf(value));
      };
    } else {
      apply = [field](Options& options, const std::string& value) {
        PartOf<Part>(options).*field = static_cast<Field>(
            value.starts_with('-') ? static_cast<uint64_t>(*ParseInt64(value)) : *ParseUint64(value));
      };
    }
    return *this;
  }

 private:
  template <typename T, typename V>
  Directive& Set(T& member, V&& value) {
    member = std::forward<V>(value);
    return *this;
  }
};

class DirectiveTable {
 public:
  Directive& Bool(std::string_view name, std::string_view yes_or_no);
  Directive& Integer(std::string_view name, std::string_view default_value, Bounds bounds);
  Directive& Memory(std::string_view name, std::string_view default_value, Bounds bounds);
  Directive& Choice(std::string_view name, std::string_view default_value,
                    std::initializer_list<std::string_view> names, ChoiceType::Synonym synonym = {});
  Directive& Text(std::string_view name, std::string_view default_value, TextType::Check check = nullptr);
  // Of a type of its own; the default as words of a line.
  Directive& Of(std::shared_ptr<const ValueType> type, std::string_view name, std::vector<std::string> default_words);

  const std::deque<Directive>& directives() const { return directives_; }

 private:
  std::deque<Directive> directives_;
};

// The areas; each adds its directives. Bounds and defaults are those of Redis where Redis has the directive.
void AddGeneralDirectives(DirectiveTable& table);
void AddNetworkDirectives(DirectiveTable& table);
void AddTlsDirectives(DirectiveTable& table);
void AddMemoryDirectives(DirectiveTable& table);
void AddTierDirectives(DirectiveTable& table);
void AddEncodingDirectives(DirectiveTable& table);
void AddPersistenceDirectives(DirectiveTable& table);
void AddReplicationDirectives(DirectiveTable& table);
void AddClusterDirectives(DirectiveTable& table);
void AddObserveDirectives(DirectiveTable& table);

// All of them.
DirectiveTable MakeDirectiveTable();

}  // namespace tidemark::server
