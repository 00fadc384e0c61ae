// SPDX-License-Identifier: Apache-2.0
// ChunkDecoder: takes the chunked coding (RFC 9112 7.1) off a byte stream, strictly and in bounds.
#pragma once

#include "http/fields.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace nacre::http {

/// Bounds of what surrounds the data: an endless extension or trailer must not feed on us.
struct ChunkLimits {
  std::size_t extension_bytes = 256;     // per chunk
  std::size_t all_extensions = 8 * 1024; // per body
  std::size_t trailer_bytes = 16 * 1024;
  std::size_t trailer_count = 100;
};

/// Fed with raw bytes in pieces of any size; says how many of them are framing. The caller takes
/// the data bytes itself.
class ChunkDecoder {
public:
  explicit ChunkDecoder(ChunkLimits limits = {}) : limits_(limits) {}

  /// Steps over framing bytes at the front of `raw`; stops at data, at the end of the body, at a
  /// fault, or when `raw` is used up. Returns how many bytes it used.
  std::size_t skip_framing(std::span<const std::byte> raw);

  /// Data bytes of the current chunk that are still to come; 0 between chunks.
  std::uint64_t data_left() const { return state_ == State::data ? left_ : 0; }
  /// The caller took so many data bytes.
  void take_data(std::uint64_t count) {
    left_ -= count;
    if (left_ == 0)
      state_ = State::data_cr;
  }

  bool done() const { return state_ == State::done; }
  /// What is wrong with the framing; null while all is well.
  const char* fault() const { return fault_; }
  /// After done(): null when there were none. Fields that would change the framing or the routing
  /// of the message are left out (RFC 9110 6.5.1).
  const Fields* trailers() const { return trailers_.empty() ? nullptr : &trailers_; }

private:
  enum class State : std::uint8_t {
    size_first,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer,
    done,
    bad
  };
  void step(char c);
  void refuse(const char* what);
  void add_size_digit(char c);
  void add_trailer_byte(char c);
  void read_trailers();

  ChunkLimits limits_;
  State state_ = State::size_first;
  std::uint64_t left_ = 0;
  unsigned digits_ = 0;
  std::size_t extension_ = 0;
  std::size_t extensions_ = 0;
  const char* fault_ = nullptr;
  std::string trailer_text_;
  Fields trailers_;
};

} // namespace nacre::http
