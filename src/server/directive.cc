#include "server/directive.h"

#include <utility>

namespace tidemark::server {

Directive& Directive::Also(Apply function) {
  apply = [first = std::move(apply), second = std::move(function)](Options& options, const std::string& value) {
    first(options, value);
    second(options, value);
  };
  return *this;
}

Directive& DirectiveTable::Bool(std::string_view name, std::string_view yes_or_no) {
  return Of(std::make_shared<BoolType>(), name, {std::string(yes_or_no)});
}

Directive& DirectiveTable::Integer(std::string_view name, std::string_view default_value, Bounds bounds) {
  return Of(std::make_shared<NumberType>(Unit::kPlain, bounds), name, {std::string(default_value)});
}

Directive& DirectiveTable::Memory(std::string_view name, std::string_view default_value, Bounds bounds) {
  return Of(std::make_shared<NumberType>(Unit::kMemory, bounds), name, {std::string(default_value)});
}

Directive& DirectiveTable::Choice(std::string_view name, std::string_view default_value,
                                  std::initializer_list<std::string_view> names, ChoiceType::Synonym synonym) {
  return Of(std::make_shared<ChoiceType>(names, synonym), name, {std::string(default_value)});
}

Directive& DirectiveTable::Text(std::string_view name, std::string_view default_value, TextType::Check check) {
  return Of(std::make_shared<TextType>(check), name, {std::string(default_value)});
}

Directive& DirectiveTable::Of(std::shared_ptr<const ValueType> type, std::string_view name,
                              std::vector<std::string> default_words) {
  Directive& directive = directives_.emplace_back();
  directive.name = name;
  directive.type = std::move(type);
  directive.default_words = std::move(default_words);
  return directive;
}

DirectiveTable MakeDirectiveTable() {
  DirectiveTable table;
  AddGeneralDirectives(table);
  AddNetworkDirectives(table);
  AddTlsDirectives(table);
  AddMemoryDirectives(table);
  AddTierDirectives(table);
  AddEncodingDirectives(table);
  AddPersistenceDirectives(table);
  AddReplicationDirectives(table);
  AddClusterDirectives(table);
  AddObserveDirectives(table);
  return table;
}

}  // namespace tidemark::server
