// SPDX-License-Identifier: Apache-2.0
#include "wit/wave_lexer.h"

#include "wit/name.h"
#include "wit/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace nacre::wit {
namespace {

constexpr std::string_view kTriple = "\"\"\"";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
int hex_digit(char c) {
  if (is_digit(c))
    return c - '0';
  const int lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace

bool is_keyword(std::string_view label) {
  constexpr std::array<std::string_view, 8> kKeywords{"true", "false", "some", "none",
                                                      "ok",   "err",   "inf",  "nan"};
  return std::ranges::find(kKeywords, label) != kKeywords.end();
}

Error Lexer::fail(std::size_t offset, std::string_view what) const {
  const auto starts_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  };
  const auto before = std::ranges::count_if(text_.substr(0, offset), starts_character);
  return Error{Code::invalid, fmt::format("at {}: {}", before + 1, what)};
}

Lexeme Lexer::bad(std::size_t at, std::string why) {
  bad_at_ = at;
  why_ = std::move(why);
  at_ = text_.size();
  return {Token::bad, at, at};
}

std::string Lexer::describe(const Lexeme& lexeme) const {
  switch (lexeme.token) {
  case Token::end:
    return "end of text";
  case Token::number:
    return fmt::format("number {}", slice(lexeme));
  case Token::character:
    return "char";
  case Token::string:
  case Token::multiline:
    return "string";
  case Token::bad:
  case Token::symbol:
  case Token::label:
    break;
  }
  return fmt::format("'{}'", slice(lexeme));
}

void Lexer::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
      ++at_;
    else if (c == '/' && peek(1) == '/')
      at_ = std::min(text_.find('\n', at_), text_.size());
    else
      return;
  }
}

Lexeme Lexer::next() {
  skip_space();
  if (at_ >= text_.size())
    return {Token::end, text_.size(), text_.size()};
  const std::size_t start = at_;
  const char c = text_[at_];
  if (std::string_view{"{}()[]:,"}.find(c) != std::string_view::npos) {
    ++at_;
    return finish(Token::symbol, start);
  }
  if (c == '-' || is_digit(c))
    return number();
  if (c == '%' || is_letter(c))
    return label();
  if (text_.substr(at_).starts_with(kTriple))
    return multiline();
  if (c == '"')
    return quoted('"', Token::string);
  if (c == '\'')
    return quoted('\'', Token::character);
  std::size_t end = at_;
  take_scalar(text_, end);
  return bad(start, fmt::format("'{}' starts no value", text_.substr(start, end - start)));
}

void Lexer::digits() {
  while (is_digit(peek()))
    ++at_;
}

Lexeme Lexer::number() {
  const std::size_t start = at_;
  if (peek() == '-')
    ++at_;
  if (text_.substr(at_).starts_with("inf") && !is_letter(peek(3)) && !is_digit(peek(3))) {
    at_ += 3;
    return finish(Token::number, start);
  }
  if (!is_digit(peek()))
    return bad(start, "expected digits or inf after '-'");
  if (peek() == '0' && is_digit(peek(1)))
    return bad(start, "a number does not start with zeros");
  digits();
  if (peek() == '.') {
    ++at_;
    if (!is_digit(peek()))
      return bad(at_, "expected digits after '.'");
    digits();
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (peek() == '-' || peek() == '+')
      ++at_;
    if (!is_digit(peek()))
      return bad(at_, "expected digits in the exponent");
    digits();
  }
  return finish(Token::number, start);
}

Lexeme Lexer::label() {
  const std::size_t start = at_;
  if (peek() == '%')
    ++at_;
  const std::size_t word = at_;
  while (is_letter(peek()) || is_digit(peek()) || peek() == '-')
    ++at_;
  const std::string_view text = text_.substr(word, at_ - word);
  if (!is_label(text))
    return bad(start, fmt::format("'{}' is not a label: words of one case joined by hyphens",
                                  text_.substr(start, at_ - start)));
  return finish(Token::label, start);
}

Lexeme Lexer::quoted(char quote, Token token) {
  const std::size_t start = at_++;
  while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n')
    at_ += text_[at_] == '\\' ? 2 : 1;
  if (at_ >= text_.size() || text_[at_] != quote)
    return bad(start, fmt::format("the closing {} is missing on this line", quote));
  ++at_;
  return finish(token, start);
}

Lexeme Lexer::multiline() {
  const std::size_t start = at_;
  const std::size_t close = text_.find(kTriple, start + kTriple.size());
  if (close == std::string_view::npos)
    return bad(start, "the closing \"\"\" is missing");
  at_ = close + kTriple.size();
  return finish(Token::multiline, start);
}

Result<std::string> Lexer::decode_string(const Lexeme& lexeme) const {
  if (lexeme.token == Token::multiline)
    return decode_multiline(lexeme.start + kTriple.size(), lexeme.end - kTriple.size());
  std::string out;
  TRY_OK(decode_into(out, lexeme.start + 1, lexeme.end - 1));
  return out;
}

Result<char32_t> Lexer::decode_character(const Lexeme& lexeme) const {
  std::string out;
  TRY_OK(decode_into(out, lexeme.start + 1, lexeme.end - 1));
  std::size_t at = 0;
  const char32_t value = out.empty() ? 0 : take_scalar(out, at);
  if (out.empty() || at != out.size())
    return fail(lexeme.start, "a char is exactly one character between quotes");
  return value;
}

Result<> Lexer::decode_into(std::string& out, std::size_t start, std::size_t end) const {
  for (std::size_t at = start; at < end;) {
    if (text_[at] != '\\') {
      out += text_[at++];
      continue;
    }
    TRY(const char32_t value, decode_escape(at, end));
    append_scalar(out, value);
  }
  return {};
}

/// `at` stands on the backslash, and is moved behind the escape.
Result<char32_t> Lexer::decode_escape(std::size_t& at, std::size_t end) const {
  constexpr std::string_view kLetters = "\\'\"tnr";
  constexpr std::string_view kMeanings = "\\'\"\t\n\r";
  const std::size_t start = at;
  const char letter = at + 1 < end ? text_[at + 1] : '\0';
  at += 2;
  if (const std::size_t index = kLetters.find(letter); index != std::string_view::npos)
    return static_cast<char32_t>(kMeanings[index]);
  if (letter != 'u' || at >= end || text_[at] != '{')
    return fail(start, R"(unknown escape: there are \\ \' \" \t \n \r and \u{…})");
  ++at;
  char32_t value = 0;
  std::size_t count = 0;
  for (; at < end && hex_digit(text_[at]) >= 0; ++at) {
    if (++count > 6)
      break;
    value = value * 16 + static_cast<char32_t>(hex_digit(text_[at]));
  }
  if (count == 0 || count > 6 || at >= end || text_[at] != '}')
    return fail(start, R"(expected one to six hexadecimal digits in \u{…})");
  if (!is_scalar_value(value))
    return fail(start, fmt::format("{:x} is not a Unicode scalar value", std::uint32_t{value}));
  ++at;
  return value;
}

Result<std::string> Lexer::decode_multiline(std::size_t start, std::size_t end) const {
  const std::string_view body = text_.substr(start, end - start);
  const std::size_t last_break = body.rfind('\n');
  const std::size_t first = body.starts_with("\r\n") ? 2 : body.starts_with('\n') ? 1 : 0;
  if (first == 0)
    return fail(start, "the opening \"\"\" must be followed by a line break");
  const std::string_view indent = body.substr(last_break + 1);
  if (indent.find_first_not_of(' ') != std::string_view::npos)
    return fail(end, "the closing \"\"\" must stand on a line of its own, after spaces only");
  std::string out;
  // From behind the first line break to the last one, which is not part of the string.
  for (std::size_t at = first; at <= last_break;) {
    const std::size_t line_break = body.find('\n', at);
    std::string_view line = body.substr(at, line_break - at);
    if (!line.starts_with(indent))
      return fail(start + at, "this line is indented less than the closing \"\"\"");
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    const std::size_t from = start + at + indent.size();
    if (at != first)
      out += '\n';
    TRY_OK(decode_into(out, from, start + at + line.size()));
    at = line_break + 1;
  }
  return out;
}

} // namespace nacre::wit
