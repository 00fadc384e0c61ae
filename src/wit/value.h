// SPDX-License-Identifier: Apache-2.0
// Value: any value of the component model, without its type: for tools, tests and scripts.
// Compiled code uses generated bindings instead.
#pragma once

#include "wit/type.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace nacre::wit {

/// A resource as a Value holds it: something only its maker can look into.
class Opaque {
public:
  Opaque() = default;
  Opaque(const Opaque&) = delete;
  Opaque& operator=(const Opaque&) = delete;
  virtual ~Opaque() = default;
};

/// Compact (24 bytes): scalars lie inside, everything else behind one pointer. Names of fields and
/// cases are in the type, not here. Copies are deep, but for handles, which are shared. A value
/// does not check its children: that is done where it meets a type.
class Value {
public:
  Value() = default; ///< false

  static Value boolean(bool value) { return {Kind::boolean, std::uint64_t{value}}; }
  static Value s8(std::int8_t value) { return signed_of(Kind::s8, value); }
  static Value s16(std::int16_t value) { return signed_of(Kind::s16, value); }
  static Value s32(std::int32_t value) { return signed_of(Kind::s32, value); }
  static Value s64(std::int64_t value) { return signed_of(Kind::s64, value); }
  static Value u8(std::uint8_t value) { return {Kind::u8, std::uint64_t{value}}; }
  static Value u16(std::uint16_t value) { return {Kind::u16, std::uint64_t{value}}; }
  static Value u32(std::uint32_t value) { return {Kind::u32, std::uint64_t{value}}; }
  static Value u64(std::uint64_t value) { return {Kind::u64, value}; }
  static Value f32(float value);
  static Value f64(double value);
  /// A Unicode scalar value.
  static Value character(char32_t value) { return {Kind::character, std::uint64_t{value}}; }
  /// Valid UTF-8.
  static Value string(std::string value) { return {Kind::string, std::move(value)}; }

  static Value list(std::vector<Value> items) { return {Kind::list, std::move(items)}; }
  static Value fixed_list(std::vector<Value> items) { return {Kind::fixed_list, std::move(items)}; }
  /// Each item is a tuple of a key and a value.
  static Value map(std::vector<Value> items) { return {Kind::map, std::move(items)}; }
  static Value tuple(std::vector<Value> items) { return {Kind::tuple, std::move(items)}; }
  /// Fields in the order of the type.
  static Value record(std::vector<Value> fields) { return {Kind::record, std::move(fields)}; }

  static Value enumeration(std::uint32_t index) {
    return {Kind::enumeration, std::uint64_t{0}, index};
  }
  static Value variant(std::uint32_t index) { return choice(Kind::variant, index, {}); }
  static Value variant(std::uint32_t index, Value payload) {
    return with_payload(Kind::variant, index, std::move(payload));
  }
  static Value none() { return choice(Kind::option, 0, {}); }
  static Value some(Value value) { return with_payload(Kind::option, 1, std::move(value)); }
  static Value ok() { return choice(Kind::result, 0, {}); }
  static Value ok(Value value) { return with_payload(Kind::result, 0, std::move(value)); }
  static Value error() { return choice(Kind::result, 1, {}); }
  static Value error(Value value) { return with_payload(Kind::result, 1, std::move(value)); }
  /// A variant, option or result by its parts; `payload` holds one value or none.
  static Value choice(Kind kind, std::uint32_t index, std::vector<Value> payload) {
    return {kind, std::move(payload), index};
  }
  /// Bit n is the n-th name.
  static Value flags(std::uint64_t bits) { return {Kind::flags, bits}; }
  /// own, borrow, stream, future or error_context.
  static Value handle(Kind kind, std::shared_ptr<Opaque> resource) {
    return {kind, std::move(resource)};
  }
  /// A boolean, integer, float, character or flags from its bits: integers extended by their sign,
  /// f32 in the lower half.
  static Value scalar(Kind kind, std::uint64_t bits) { return {kind, bits}; }

  Kind kind() const { return kind_; }
  /// Scalars and flags: see `scalar`. Zero for all others.
  std::uint64_t bits() const;
  std::int64_t integer() const { return static_cast<std::int64_t>(bits()); }
  float as_f32() const;
  double as_f64() const;
  /// Empty for all but strings.
  const std::string& text() const;
  /// Elements, fields, or the payload of a variant, option or result (one item or none).
  std::span<const Value> items() const;
  /// Which case of an enumeration, variant, option (1: some) or result (1: error).
  std::uint32_t index() const { return index_; }
  /// Null for all but handles.
  const std::shared_ptr<Opaque>& resource() const;

  /// Equal kinds and contents; all NaNs are equal, 0.0 and -0.0 are not; handles are equal if they
  /// are the same.
  friend bool operator==(const Value& a, const Value& b);

private:
  /// A heap cell that copies its content.
  template <class T> class Box {
  public:
    explicit Box(T value) : cell_(std::make_unique<T>(std::move(value))) {}
    Box(const Box& other) : cell_(std::make_unique<T>(*other.cell_)) {}
    Box(Box&&) noexcept = default;
    Box& operator=(const Box& other) {
      Box copy{other};
      cell_.swap(copy.cell_);
      return *this;
    }
    Box& operator=(Box&&) noexcept = default;
    ~Box() = default;
    const T& operator*() const { return *cell_; }

  private:
    std::unique_ptr<T> cell_;
  };
  using Items = std::vector<Value>;
  using Handle = std::shared_ptr<Opaque>;

  Value(Kind kind, std::uint64_t bits, std::uint32_t index = 0)
      : kind_(kind), index_(index), content_(bits) {}
  Value(Kind kind, std::string text) : kind_(kind), content_(Box<std::string>{std::move(text)}) {}
  Value(Kind kind, Handle handle) : kind_(kind), content_(Box<Handle>{std::move(handle)}) {}
  Value(Kind kind, Items items, std::uint32_t index = 0);

  static Value signed_of(Kind kind, std::int64_t value) {
    return {kind, static_cast<std::uint64_t>(value)};
  }
  static Value with_payload(Kind kind, std::uint32_t index, Value payload);

  Kind kind_ = Kind::boolean;
  std::uint32_t index_ = 0;
  /// No items are zero bits: a value without payload costs nothing.
  std::variant<std::uint64_t, Box<std::string>, Box<Items>, Box<Handle>> content_;
};

} // namespace nacre::wit
