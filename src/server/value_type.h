// The types of directives: how the words of a configuration line become a value, and how a value is written back. A
// value is held as the text that CONFIG GET shows.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace tidemark::server {

// Words given for a directive, without its name.
struct GivenValue {
  std::span<const std::string> words;
  std::string_view current;  // the value in force
  // Another line of the same configuration has set the directive: one that may stand on several lines adds to it.
  bool adds = false;
};

class ValueType {
 public:
  virtual ~ValueType() = default;
  // The value as text. The error's message is the sentence that CONFIG SET and the report at start show.
  virtual Result<std::string> Parse(const GivenValue& given) const = 0;
  // True if a value may be several words.
  virtual bool takes_words() const { return false; }
  // The lines of a configuration file that give `value`, without the directive's name.
  virtual std::vector<std::string> FileForms(const std::string& value) const { return {value}; }
};

// A type whose value is one word.
class OneWordType : public ValueType {
 public:
  Result<std::string> Parse(const GivenValue& given) const final;

 private:
  virtual Result<std::string> ParseWord(const std::string& word) const = 0;
};

class BoolType : public OneWordType {
 private:
  Result<std::string> ParseWord(const std::string& word) const override;
};

enum class Unit : uint8_t { kPlain, kMemory, kOctal, kPercent };

struct Bounds {
  int64_t low = INT64_MIN;
  uint64_t high = INT64_MAX;
  bool or_zero = false;  // memory only: 0 stands for none
};

class NumberType : public OneWordType {
 public:
  NumberType(Unit unit, Bounds bounds) : unit_(unit), bounds_(bounds) {}
  std::vector<std::string> FileForms(const std::string& value) const override;

 private:
  Result<std::string> ParseWord(const std::string& word) const override;
  Status OutOfBounds() const;

  Unit unit_;
  Bounds bounds_;
};

// A number that is brought within its bounds instead of being refused.
class ClampedType : public OneWordType {
 public:
  ClampedType(int64_t low, int64_t high) : low_(low), high_(high) {}

 private:
  Result<std::string> ParseWord(const std::string& word) const override;

  int64_t low_;
  int64_t high_;
};

// Bytes, or a share of maxmemory: "20%".
class MemoryOrPercentType : public OneWordType {
 private:
  Result<std::string> ParseWord(const std::string& word) const override;
};

class ChoiceType : public OneWordType {
 public:
  // One more word that is accepted, and the name that it becomes.
  struct Synonym {
    std::string_view word;
    std::string_view name;
  };

  explicit ChoiceType(std::initializer_list<std::string_view> names, Synonym synonym = {})
      : names_(names), synonym_(synonym) {}
  // Position of a value among the names.
  size_t IndexOf(std::string_view value) const;

 private:
  Result<std::string> ParseWord(const std::string& word) const override;

  std::vector<std::string_view> names_;
  Synonym synonym_;
};

// Any text; `check` answers what is wrong with it, empty if nothing.
class TextType : public OneWordType {
 public:
  using Check = std::string_view (*)(std::string_view);
  explicit TextType(Check check = nullptr) : check_(check) {}
  std::vector<std::string> FileForms(const std::string& value) const override;

 private:
  Result<std::string> ParseWord(const std::string& word) const override;

  Check check_;
};

// "argument(s) must be one of the following: a, b".
Status NotAmong(std::span<const std::string_view> names);

}  // namespace tidemark::server
