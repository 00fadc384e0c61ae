// SPDX-License-Identifier: Apache-2.0
// Flat core values of a call, and the cursors that read and write them.
#pragma once

#include "engine/raw.h"

#include <bit>
#include <cstdint>

namespace nacre::component {

/// One core value in the engine's raw calling convention: 16 bytes, no type tag.
using Raw = engine::Raw;
static_assert(std::endian::native == std::endian::little,
              "guest memory is little endian; so are we");

/// Reads flat values front to back. The caller knows how many there are.
class FlatReader {
public:
  explicit FlatReader(const Raw* values) : next_(values) {}

  std::uint32_t i32() { return static_cast<std::uint32_t>((next_++)->i32); }
  std::uint64_t i64() { return static_cast<std::uint64_t>((next_++)->i64); }
  float f32() { return (next_++)->f32; }
  double f64() { return (next_++)->f64; }

  void skip(std::uint32_t count) { next_ += count; }
  const Raw* position() const { return next_; }

private:
  const Raw* next_;
};

/// Writes flat values front to back; every write sets 64 bits, so that joined variants may widen in
/// place.
class FlatWriter {
public:
  explicit FlatWriter(Raw* values) : next_(values) {}

  void i32(std::uint32_t value) {
    (next_++)->i64 = static_cast<std::int64_t>(std::uint64_t{value});
  }
  void i64(std::uint64_t value) { (next_++)->i64 = static_cast<std::int64_t>(value); }
  void f32(float value) { i32(std::bit_cast<std::uint32_t>(value)); }
  void f64(double value) { i64(std::bit_cast<std::uint64_t>(value)); }

  void zeros(std::uint32_t count) {
    while (count-- > 0)
      i64(0);
  }
  Raw* position() const { return next_; }

private:
  Raw* next_;
};

} // namespace nacre::component
