// SPDX-License-Identifier: Apache-2.0
// Abi of tuples (std::tuple) and of generated records, told by a list of member pointers.
#pragma once

#include "component/typed/abi.h"

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace nacre::component {

/// The fields of a record in WIT order. A generated record specialises it with
/// `static constexpr std::tuple kMembers{&Record::a, &Record::b};`
template <class T> struct Fields;

template <class T>
concept RecordType = requires { Fields<T>::kMembers; };

/// Lifts, lowers, loads and stores a row of fields that `get(index)` gives access to.
template <class... Ts> struct RowAbi {
  using Layout = Sequence<Ts...>;
  static constexpr std::uint32_t kSize = Layout::kSize;
  static constexpr std::uint32_t kAlign = Layout::kAlign;
  static constexpr std::uint32_t kFlat = Layout::kFlat;

  template <std::size_t I> using Field = std::tuple_element_t<I, std::tuple<Ts...>>;
  template <std::size_t I> using Index = std::integral_constant<std::size_t, I>;

  template <class Get> static bool lift_row(CallContext& call, FlatReader& in, Get get) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (Abi<Field<I>>::lift(call, in, get(Index<I>{})) && ...);
    }(std::index_sequence_for<Ts...>{});
  }
  template <class Get> static bool lower_row(CallContext& call, FlatWriter& out, Get get) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (Abi<Field<I>>::lower(call, out, get(Index<I>{})) && ...);
    }(std::index_sequence_for<Ts...>{});
  }
  template <class Get> static bool load_row(CallContext& call, std::uint32_t addr, Get get) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (Abi<Field<I>>::load(call, addr + Layout::kOffsets[I], get(Index<I>{})) && ...);
    }(std::index_sequence_for<Ts...>{});
  }
  template <class Get> static bool store_row(CallContext& call, std::uint32_t addr, Get get) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (Abi<Field<I>>::store(call, addr + Layout::kOffsets[I], get(Index<I>{})) && ...);
    }(std::index_sequence_for<Ts...>{});
  }
};

template <class... Ts> struct Abi<std::tuple<Ts...>> : RowAbi<Ts...> {
  using Row = RowAbi<Ts...>;
  static bool lift(CallContext& call, FlatReader& in, std::tuple<Ts...>& out) {
    return Row::lift_row(call, in, [&](auto i) -> auto& { return std::get<i>(out); });
  }
  template <class V> static bool lower(CallContext& call, FlatWriter& out, V& value) {
    return Row::lower_row(call, out, [&](auto i) -> auto& { return std::get<i>(value); });
  }
  static bool load(CallContext& call, std::uint32_t addr, std::tuple<Ts...>& out) {
    return Row::load_row(call, addr, [&](auto i) -> auto& { return std::get<i>(out); });
  }
  template <class V> static bool store(CallContext& call, std::uint32_t addr, V& value) {
    return Row::store_row(call, addr, [&](auto i) -> auto& { return std::get<i>(value); });
  }
};

template <class Members> struct MemberRow;
template <class T, class... Ts> struct MemberRow<const std::tuple<Ts T::*...>> {
  using Row = RowAbi<Ts...>;
};

template <RecordType T> struct Abi<T> : MemberRow<decltype(Fields<T>::kMembers)>::Row {
  using Row = MemberRow<decltype(Fields<T>::kMembers)>::Row;
  static bool lift(CallContext& call, FlatReader& in, T& out) {
    return Row::lift_row(call, in,
                         [&](auto i) -> auto& { return out.*std::get<i>(Fields<T>::kMembers); });
  }
  template <class V> static bool lower(CallContext& call, FlatWriter& out, V& value) {
    return Row::lower_row(call, out,
                          [&](auto i) -> auto& { return value.*std::get<i>(Fields<T>::kMembers); });
  }
  static bool load(CallContext& call, std::uint32_t addr, T& out) {
    return Row::load_row(call, addr,
                         [&](auto i) -> auto& { return out.*std::get<i>(Fields<T>::kMembers); });
  }
  template <class V> static bool store(CallContext& call, std::uint32_t addr, V& value) {
    return Row::store_row(call, addr,
                          [&](auto i) -> auto& { return value.*std::get<i>(Fields<T>::kMembers); });
  }
};

} // namespace nacre::component
