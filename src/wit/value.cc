// SPDX-License-Identifier: Apache-2.0
#include "wit/value.h"

#include <bit>
#include <cmath>

namespace nacre::wit {

static_assert(sizeof(Value) == 24);

Value::Value(Kind kind, Items items, std::uint32_t index)
    : kind_(kind), index_(index), content_(std::uint64_t{0}) {
  if (!items.empty())
    content_ = Box<Items>{std::move(items)};
}

Value Value::f32(float value) {
  return {Kind::f32, std::uint64_t{std::bit_cast<std::uint32_t>(value)}};
}
Value Value::f64(double value) {
  return {Kind::f64, std::bit_cast<std::uint64_t>(value)};
}

Value Value::with_payload(Kind kind, std::uint32_t index, Value payload) {
  Items items;
  items.push_back(std::move(payload));
  return {kind, std::move(items), index};
}

std::uint64_t Value::bits() const {
  const auto* bits = std::get_if<std::uint64_t>(&content_);
  return bits != nullptr ? *bits : 0;
}
float Value::as_f32() const {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits()));
}
double Value::as_f64() const {
  return std::bit_cast<double>(bits());
}

const std::string& Value::text() const {
  static const std::string kEmpty;
  const auto* text = std::get_if<Box<std::string>>(&content_);
  return text != nullptr ? **text : kEmpty;
}

std::span<const Value> Value::items() const {
  const auto* items = std::get_if<Box<Items>>(&content_);
  return items != nullptr ? std::span<const Value>{**items} : std::span<const Value>{};
}

const std::shared_ptr<Opaque>& Value::resource() const {
  static const std::shared_ptr<Opaque> kNone;
  const auto* handle = std::get_if<Box<Handle>>(&content_);
  return handle != nullptr ? **handle : kNone;
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind_ != b.kind_ || a.index_ != b.index_)
    return false;
  if (a.kind_ == Kind::f32 && std::isnan(a.as_f32()) && std::isnan(b.as_f32()))
    return true;
  if (a.kind_ == Kind::f64 && std::isnan(a.as_f64()) && std::isnan(b.as_f64()))
    return true;
  if (a.bits() != b.bits() || a.text() != b.text() || a.resource() != b.resource())
    return false;
  const std::span<const Value> items_a = a.items();
  const std::span<const Value> items_b = b.items();
  if (items_a.size() != items_b.size())
    return false;
  for (std::size_t i = 0; i < items_a.size(); ++i) {
    if (items_a[i] != items_b[i])
      return false;
  }
  return true;
}

} // namespace nacre::wit
