// Effects put together by commands that are not to be repeated as they were sent, and the forms that many of them
// share. No text is made while nobody repeats anything.
#pragma once

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands/context.h"

namespace tidemark::commands {

// A command that grows word by word:
//
//   if (ctx.effects.wanted()) ComposedEffect({"LPOP", key}).Number(count).AddTo(ctx);
class ComposedEffect {
 public:
  // Words are views: they stay where they are until AddTo.
  ComposedEffect(std::initializer_list<std::string_view> words) : words_(words) {}
  ComposedEffect(ComposedEffect&&) = default;

  ComposedEffect& Word(std::string_view word) {
    words_.push_back(word);
    return *this;
  }
  ComposedEffect& Words(std::span<const std::string_view> words) {
    words_.insert(words_.end(), words.begin(), words.end());
    return *this;
  }
  // A word that nobody else keeps.
  ComposedEffect& Text(std::string text) { return Word(texts_.emplace_back(std::move(text))); }
  ComposedEffect& Number(int64_t number) { return Text(std::to_string(number)); }

  size_t size() const { return words_.size(); }
  void AddTo(const Context& ctx) const { ctx.effects.Add(words_); }

 private:
  std::vector<std::string_view> words_;
  std::deque<std::string> texts_;
};

// The key has been deleted: UNLINK where the directive of that cause asks for it, else DEL.
void AddDeletionEffect(const Context& ctx, std::string_view key, keyspace::DeleteCause cause);
// The key holds this string: SET key value [PXAT expiry_ms | KEEPTTL].
void AddStringEffect(const Context& ctx, std::string_view key, std::string_view value,
                     std::optional<int64_t> expiry_ms = {}, keyspace::KeepExpiry keep = keyspace::KeepExpiry::kNo);
// The key expires then (Unix time in milliseconds): PEXPIREAT.
void AddExpiryEffect(const Context& ctx, std::string_view key, int64_t expiry_ms);

}  // namespace tidemark::commands
