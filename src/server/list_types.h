// The types of directives whose value is several words, each with a grammar of its own.
#pragma once

#include "server/value_type.h"

namespace tidemark::server {

class WordsType : public ValueType {
 public:
  bool takes_words() const final { return true; }
};

// `save`: pairs of seconds and changes; one pair a line in the file. "" is none.
class SaveType : public WordsType {
 public:
  Result<std::string> Parse(const GivenValue& given) const override;
  std::vector<std::string> FileForms(const std::string& value) const override;
};

// `bind`: up to sixteen addresses.
class AddressesType : public WordsType {
 public:
  static constexpr size_t kMaxAddresses = 16;
  Result<std::string> Parse(const GivenValue& given) const override;
  std::vector<std::string> FileForms(const std::string& value) const override;
};

// `client-output-buffer-limit`: class, hard limit, soft limit, soft seconds, and so on; classes not named stay.
class OutputLimitsType : public WordsType {
 public:
  Result<std::string> Parse(const GivenValue& given) const override;
  std::vector<std::string> FileForms(const std::string& value) const override;
};

// `latency-tracking-info-percentiles`: numbers from 0 to 100.
class PercentilesType : public WordsType {
 public:
  Result<std::string> Parse(const GivenValue& given) const override;
  std::vector<std::string> FileForms(const std::string& value) const override;
};

// `oom-score-adj-values`: three numbers, for the master, a replica and a background child.
class OomScoresType : public WordsType {
 public:
  Result<std::string> Parse(const GivenValue& given) const override;
};

// `shutdown-on-sigterm`: any of default, save, nosave, now, force.
class ShutdownOptionsType : public WordsType {
 public:
  Result<std::string> Parse(const GivenValue& given) const override;
};

// `replicaof`: host and port; "no one" is none.
class ReplicaOfType : public WordsType {
 public:
  Result<std::string> Parse(const GivenValue& given) const override;
  std::vector<std::string> FileForms(const std::string& value) const override;
};

// `notify-keyspace-events`: a word of class letters.
class EventClassesType : public OneWordType {
 public:
  std::vector<std::string> FileForms(const std::string& value) const override;

 private:
  Result<std::string> ParseWord(const std::string& word) const override;
};

// `dir`: a directory that is there, kept as an absolute path.
class DirectoryType : public OneWordType {
 public:
  std::vector<std::string> FileForms(const std::string& value) const override;

 private:
  Result<std::string> ParseWord(const std::string& word) const override;
};

}  // namespace tidemark::server
