// Commands that wait to be run together: their words in one block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::commands {

class CommandBatch {
 public:
  // `origin`: where the command comes from, for whoever has to tell.
  void Add(std::span<const std::string_view> words, uint64_t origin) {
    for (const std::string_view word : words) {
      bytes_.append(word);
      ends_.push_back(bytes_.size());
    }
    word_counts_.push_back(words.size());
    origins_.push_back(origin);
  }
  void Clear() {
    bytes_.clear();
    ends_.clear();
    word_counts_.clear();
    origins_.clear();
  }
  // Commands.
  size_t size() const { return word_counts_.size(); }
  bool empty() const { return word_counts_.empty(); }
  size_t bytes() const { return bytes_.size(); }
  uint64_t origin(size_t index) const { return origins_[index]; }

  // visit(std::span<const std::string_view> words) for each command in order, until it answers false.
  template <typename Visit>
  void VisitWhile(Visit&& visit) const {
    std::vector<std::string_view> words;
    size_t word = 0;
    size_t begin = 0;
    for (const size_t count : word_counts_) {
      words.clear();
      for (size_t i = 0; i < count; ++i, ++word) {
        words.push_back(std::string_view(bytes_).substr(begin, ends_[word] - begin));
        begin = ends_[word];
      }
      if (!visit(std::span<const std::string_view>(words))) return;
    }
  }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;  // of the words in `bytes_`
  std::vector<size_t> word_counts_;
  std::vector<uint64_t> origins_;
};

}  // namespace tidemark::commands
