// SPDX-License-Identifier: Apache-2.0
// The tokens of WAVE text, and the decoding of what stands between quotes.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nacre::wit {

enum class Token : std::uint8_t {
  end,
  bad, ///< See Lexer::error.
  symbol,
  number,
  label,
  character,
  string,
  multiline,
};

/// A token and where it stands in the text.
struct Lexeme {
  Token token = Token::end;
  std::size_t start = 0;
  std::size_t end = 0;
};

/// Cuts valid UTF-8 into tokens. Lives no longer than the text.
class Lexer {
public:
  explicit Lexer(std::string_view text, std::size_t offset = 0) : text_(text), at_(offset) {}

  /// The next token after white space and comments; `end` for ever at the end, `bad` for what is
  /// no token.
  Lexeme next();
  /// What is wrong with the last bad lexeme.
  Error error() const { return fail(bad_at_, why_); }

  std::string_view slice(const Lexeme& lexeme) const {
    return text_.substr(lexeme.start, lexeme.end - lexeme.start);
  }
  /// "string", "number 1.5", "'none'", "end of text".
  std::string describe(const Lexeme& lexeme) const;
  /// An error that says where.
  Error fail(std::size_t offset, std::string_view what) const;

  /// The content of a `string` or `multiline` lexeme.
  Result<std::string> decode_string(const Lexeme& lexeme) const;
  /// The content of a `character` lexeme.
  Result<char32_t> decode_character(const Lexeme& lexeme) const;

private:
  void skip_space();
  Lexeme finish(Token token, std::size_t start) const { return {token, start, at_}; }
  Lexeme bad(std::size_t at, std::string why);
  Lexeme number();
  Lexeme label();
  Lexeme quoted(char quote, Token token);
  Lexeme multiline();
  void digits();
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  Result<> decode_into(std::string& out, std::size_t start, std::size_t end) const;
  Result<char32_t> decode_escape(std::size_t& at, std::size_t end) const;
  Result<std::string> decode_multiline(std::size_t start, std::size_t end) const;

  std::string_view text_;
  std::size_t at_;
  std::size_t bad_at_ = 0;
  std::string why_;
};

/// Words that a case must be marked for with '%'.
bool is_keyword(std::string_view label);

} // namespace nacre::wit
