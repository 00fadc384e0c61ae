// SPDX-License-Identifier: Apache-2.0
#include "http/chunk_decoder.h"

#include "http/chars.h"
#include "http/head_parser.h"

#include <array>

namespace nacre::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

constexpr std::array<std::string_view, 8> kNotInTrailers{
    "transfer-encoding", "content-length",   "host",   "connection",
    "trailer",           "content-encoding", "expect", "authorization"};

} // namespace

void ChunkDecoder::refuse(const char* what) {
  state_ = State::bad;
  fault_ = what;
}

std::size_t ChunkDecoder::skip_framing(std::span<const std::byte> raw) {
  std::size_t used = 0;
  while (used < raw.size() && state_ != State::data && state_ != State::done &&
         state_ != State::bad) {
    step(static_cast<char>(raw[used]));
    ++used;
  }
  return used;
}

void ChunkDecoder::add_size_digit(char c) {
  const int digit = hex_digit(c);
  // Fifteen digits cannot overflow, and leading zeros have no use.
  if (digit < 0 || ++digits_ > 15)
    return refuse("a chunk size is malformed");
  left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
  state_ = State::size;
}

void ChunkDecoder::step(char c) {
  switch (state_) {
  case State::size_first:
    left_ = 0;
    digits_ = 0;
    extension_ = 0;
    return add_size_digit(c);
  case State::size:
    if (c == '\r')
      state_ = State::size_lf;
    else if (c == ';')
      state_ = State::extension;
    else
      add_size_digit(c);
    return;
  case State::extension:
    if (++extension_ > limits_.extension_bytes || ++extensions_ > limits_.all_extensions)
      return refuse("chunk extensions are too long");
    if (c == '\r')
      state_ = State::size_lf;
    else if (!of_byte(kValueByte, c))
      refuse("a chunk extension holds a control character");
    return;
  case State::size_lf:
    if (c != '\n')
      return refuse("a chunk size line does not end in CRLF");
    state_ = left_ == 0 ? State::trailer : State::data;
    return;
  case State::data_cr:
    if (c != '\r')
      return refuse("a chunk is longer than its size says");
    state_ = State::data_lf;
    return;
  case State::data_lf:
    if (c != '\n')
      return refuse("a chunk does not end in CRLF");
    state_ = State::size_first;
    return;
  case State::trailer:
    return add_trailer_byte(c);
  case State::data:
  case State::done:
  case State::bad:
    return;
  }
}

void ChunkDecoder::add_trailer_byte(char c) {
  if (trailer_text_.size() == limits_.trailer_bytes)
    return refuse("the trailers are too long");
  trailer_text_.push_back(c);
  if (c != '\n')
    return;
  const std::string_view text = trailer_text_;
  if (!text.ends_with("\r\n"))
    return refuse("a trailer line ends without CR");
  if (text == "\r\n" || text.ends_with("\r\n\r\n"))
    read_trailers();
}

void ChunkDecoder::read_trailers() {
  state_ = State::done;
  if (auto problem = parse_field_lines(trailer_text_, limits_.trailer_count, trailers_))
    return refuse(problem.what);
  for (const auto name : kNotInTrailers)
    trailers_.remove(name);
}

} // namespace nacre::http
