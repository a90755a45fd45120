#include "formats/command_writer.h"

#include "base/numbers.h"

namespace tidemark::formats {
namespace {

// Room for the line that says how many words or bytes follow, and for the line end behind a word.
constexpr size_t kHeadBytes = kInt64Chars + 3;
constexpr size_t kLineEndBytes = 2;
// What is smaller is put together on the stack and appended at once, which takes half the time.
constexpr size_t kSmallBytes = 512;

// These write at `to` and answer where they stopped.

char* PutLineEnd(char* to) {
  *to++ = '\r';
  *to++ = '\n';
  return to;
}

char* PutHead(char* to, char type, size_t count) {
  *to++ = type;
  if (count < 10) {
    *to++ = static_cast<char>('0' + count);
  } else {
    to += FormatInt64(static_cast<int64_t>(count), to).size();
  }
  return PutLineEnd(to);
}

char* PutWord(char* to, std::string_view word) {
  to = PutHead(to, '$', word.size());
  word.copy(to, word.size());
  return PutLineEnd(to + word.size());
}

void AppendUpTo(std::string& out, const char* begin, const char* end) {
  out.append(begin, static_cast<size_t>(end - begin));
}

}  // namespace

void AppendCommand(std::string& out, std::span<const std::string_view> words) {
  size_t bytes_max = kHeadBytes + words.size() * (kHeadBytes + kLineEndBytes);
  for (const std::string_view word : words) bytes_max += word.size();
  if (bytes_max > kSmallBytes) {
    AppendCommandHeader(out, words.size());
    for (const std::string_view word : words) AppendWord(out, word);
    return;
  }
  char small[kSmallBytes];
  char* to = PutHead(small, '*', words.size());
  for (const std::string_view word : words) to = PutWord(to, word);
  AppendUpTo(out, small, to);
}

void AppendCommandHeader(std::string& out, size_t word_count) {
  char head[kHeadBytes];
  AppendUpTo(out, head, PutHead(head, '*', word_count));
}

void AppendWord(std::string& out, std::string_view word) {
  char small[kSmallBytes];
  if (word.size() + kHeadBytes + kLineEndBytes <= kSmallBytes) return AppendUpTo(out, small, PutWord(small, word));
  AppendUpTo(out, small, PutHead(small, '$', word.size()));
  out.append(word).append("\r\n");
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
