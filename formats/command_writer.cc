#include "formats/command_writer.h"

#include "base/numbers.h"

namespace tidemark::formats {
namespace {

// The line that says how many words or bytes follow, with the line end of the word before it if there is one.
class Head {
 public:
  Head(bool behind_word, char type, size_t count) {
    char* to = text_;
    if (behind_word) {
      *to++ = '\r';
      *to++ = '\n';
    }
    *to++ = type;
    to += FormatInt64(static_cast<int64_t>(count), to).size();
    *to++ = '\r';
    *to++ = '\n';
    size_ = static_cast<size_t>(to - text_);
  }
  std::string_view text() const { return {text_, size_}; }

 private:
  char text_[kInt64Chars + 5];
  size_t size_;
};

}  // namespace

void AppendCommand(std::string& out, std::span<const std::string_view> words) {
  out.append(Head(false, '*', words.size()).text());
  bool behind_word = false;
  for (const std::string_view word : words) {
    out.append(Head(behind_word, '$', word.size()).text()).append(word);
    behind_word = true;
  }
  out.append("\r\n");
}

void AppendCommandHeader(std::string& out, size_t word_count) {
  out.append(Head(false, '*', word_count).text());
}

void AppendWord(std::string& out, std::string_view word) {
  out.append(Head(false, '$', word.size()).text()).append(word).append("\r\n");
}

void AppendIntegerWord(std::string& out, int64_t value) {
  char scratch[kInt64Chars];
  AppendWord(out, FormatInt64(value, scratch));
}

void AppendTimestamp(std::string& out, int64_t unix_seconds) {
  char scratch[kInt64Chars];
  out.append("#TS:").append(FormatInt64(unix_seconds, scratch)).append("\r\n");
}

}  // namespace tidemark::formats
