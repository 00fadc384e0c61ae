// SPDX-License-Identifier: Apache-2.0
// Sends values through the canonical ABI and back: lower, then lift; store, then load.
#pragma once

#include "component/testing/fake_guest.h"
#include "component/typed/abi.h"

#include <gtest/gtest.h>

#include <array>

namespace nacre::component {

/// Lowers `value` flat and lifts it as `Out`.
template <class Out, class T> void through_flat(HostCall& call, T& value, Out& out) {
  std::array<Raw, 64> values{};
  FlatWriter writer{values.data()};
  ASSERT_TRUE(Abi<T>::lower(call, writer, value)) << call.error();
  EXPECT_EQ(writer.position() - values.data(), Abi<T>::kFlat);
  FlatReader reader{values.data()};
  ASSERT_TRUE(Abi<Out>::lift(call, reader, out)) << call.error();
  EXPECT_EQ(reader.position() - values.data(), Abi<Out>::kFlat);
}

/// Stores `value` in the guest's memory and loads it as `Out`.
template <class Out, class T> void through_memory(HostCall& call, T& value, Out& out) {
  std::uint32_t addr = 0;
  ASSERT_TRUE(call.realloc(0, 0, Abi<T>::kAlign, Abi<T>::kSize, addr)) << call.error();
  ASSERT_TRUE(Abi<T>::store(call, addr, value)) << call.error();
  ASSERT_TRUE(Abi<Out>::load(call, addr, out)) << call.error();
}

/// Both ways, for values that can be copied and compared.
template <class T> void expect_round_trip(T value) {
  FakeGuest guest;
  HostCall& call = guest.call();
  T flat{};
  through_flat(call, value, flat);
  EXPECT_EQ(flat, value);
  T stored{};
  through_memory(call, value, stored);
  EXPECT_EQ(stored, value);
}

/// Lifting `T` from these flat values fails with `message` in the error.
template <class T>
void expect_lift_fails(FakeGuest& guest, std::initializer_list<std::uint64_t> flat,
                       std::string_view message, StringEncoding encoding = StringEncoding::utf8) {
  HostCall& call = guest.call(encoding);
  std::array<Raw, 64> values{};
  FlatWriter writer{values.data()};
  for (const std::uint64_t value : flat)
    writer.i64(value);
  FlatReader reader{values.data()};
  T out{};
  EXPECT_FALSE(Abi<T>::lift(call, reader, out));
  EXPECT_NE(call.error().find(message), std::string::npos) << call.error();
}

/// Lifts `T` from these flat values.
template <class T>
void lift_from(HostCall& call, std::initializer_list<std::uint64_t> flat, T& out) {
  std::array<Raw, 64> values{};
  FlatWriter writer{values.data()};
  for (const std::uint64_t value : flat)
    writer.i64(value);
  FlatReader reader{values.data()};
  ASSERT_TRUE(Abi<T>::lift(call, reader, out)) << call.error();
}

} // namespace nacre::component
