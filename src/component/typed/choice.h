// SPDX-License-Identifier: Apache-2.0
// Abi of option (std::optional), result (std::expected), generated variants, enums and flags.
#pragma once

#include "component/typed/abi.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace nacre::component {

/// Writes the flat form of one case: its number, its payload, and zeros where longer cases have
/// more.
template <class Layout, class Payload, class V>
bool lower_case(CallContext& call, FlatWriter& out, std::uint32_t tag, V& payload) {
  out.i32(tag);
  if (!Abi<Payload>::lower(call, out, payload))
    return false;
  out.zeros(Layout::kPayloadFlat - Abi<Payload>::kFlat);
  return true;
}

template <class Layout, class Payload, class V>
bool store_case(CallContext& call, std::uint32_t addr, std::uint32_t tag, V& payload) {
  store_tag<Layout::kTagSize>(call, addr, tag);
  return Abi<Payload>::store(call, addr + Layout::kPayload, payload);
}

/// Reads the flat payload of one case and skips what only longer cases have.
template <class Layout, class Payload>
bool lift_case(CallContext& call, FlatReader& in, Payload& out) {
  if (!Abi<Payload>::lift(call, in, out))
    return false;
  in.skip(Layout::kPayloadFlat - Abi<Payload>::kFlat);
  return true;
}

template <class T> struct Abi<std::optional<T>> {
  using Layout = Choice<Unit, T>;
  static constexpr std::uint32_t kSize = Layout::kSize;
  static constexpr std::uint32_t kAlign = Layout::kAlign;
  static constexpr std::uint32_t kFlat = Layout::kFlat;

  static bool lift(CallContext& call, FlatReader& in, std::optional<T>& out) {
    const std::uint32_t tag = in.i32();
    if (tag > 1) [[unlikely]]
      return fail_option_tag(call, tag);
    if (tag == 1)
      return lift_case<Layout>(call, in, out.emplace());
    in.skip(Layout::kPayloadFlat);
    out.reset();
    return true;
  }
  template <class V> static bool lower(CallContext& call, FlatWriter& out, V& value) {
    if (value)
      return lower_case<Layout, T>(call, out, 1, *value);
    out.zeros(kFlat);
    return true;
  }
  static bool load(CallContext& call, std::uint32_t addr, std::optional<T>& out) {
    const std::uint32_t tag = load_tag<1>(call, addr);
    if (tag > 1) [[unlikely]]
      return fail_option_tag(call, tag);
    if (tag == 1)
      return Abi<T>::load(call, addr + Layout::kPayload, out.emplace());
    out.reset();
    return true;
  }
  template <class V> static bool store(CallContext& call, std::uint32_t addr, V& value) {
    if (value)
      return store_case<Layout, T>(call, addr, 1, *value);
    store_tag<1>(call, addr, 0);
    return true;
  }
};

/// The unit error of `result<T>` is Unit, its unit value is void.
template <class T, class E> struct Abi<std::expected<T, E>> {
  using Value = std::conditional_t<std::is_void_v<T>, Unit, T>;
  using Layout = Choice<Value, E>;
  static constexpr std::uint32_t kSize = Layout::kSize;
  static constexpr std::uint32_t kAlign = Layout::kAlign;
  static constexpr std::uint32_t kFlat = Layout::kFlat;

  static bool lift(CallContext& call, FlatReader& in, std::expected<T, E>& out) {
    const std::uint32_t tag = in.i32();
    if (tag > 1) [[unlikely]]
      return fail_result_tag(call, tag);
    if (tag == 1) {
      out = std::unexpected<E>{E{}};
      return lift_case<Layout>(call, in, out.error());
    }
    if constexpr (std::is_void_v<T>) {
      out = {};
      in.skip(Layout::kPayloadFlat);
      return true;
    } else {
      out = T{};
      return lift_case<Layout>(call, in, *out);
    }
  }
  template <class V> static bool lower(CallContext& call, FlatWriter& out, V& value) {
    if (!value)
      return lower_case<Layout, E>(call, out, 1, value.error());
    if constexpr (std::is_void_v<T>) {
      out.zeros(kFlat);
      return true;
    } else {
      return lower_case<Layout, T>(call, out, 0, *value);
    }
  }
  static bool load(CallContext& call, std::uint32_t addr, std::expected<T, E>& out) {
    const std::uint32_t tag = load_tag<1>(call, addr);
    if (tag > 1) [[unlikely]]
      return fail_result_tag(call, tag);
    if (tag == 1) {
      out = std::unexpected<E>{E{}};
      return Abi<E>::load(call, addr + Layout::kPayload, out.error());
    }
    if constexpr (std::is_void_v<T>) {
      out = {};
      return true;
    } else {
      out = T{};
      return Abi<T>::load(call, addr + Layout::kPayload, *out);
    }
  }
  template <class V> static bool store(CallContext& call, std::uint32_t addr, V& value) {
    if (!value)
      return store_case<Layout, E>(call, addr, 1, value.error());
    if constexpr (std::is_void_v<T>) {
      store_tag<1>(call, addr, 0);
      return true;
    } else {
      return store_case<Layout, T>(call, addr, 0, *value);
    }
  }
};

/// A generated variant: `Case` names the cases, `value` is a std::variant with one alternative
/// each.
template <class T>
concept VariantType = requires(T value) {
  typename T::Case;
  typename T::Payload;
  value.value;
};

template <class Payload> struct PayloadAbi;
template <class... Ts> struct PayloadAbi<std::variant<Ts...>> {
  using Layout = Choice<Ts...>;

  /// Calls `body(index_constant)` for the case `tag`; a chain that the compiler turns into a table.
  template <class Body> static bool dispatch(CallContext& call, std::uint32_t tag, Body&& body) {
    bool ok = false;
    const bool known = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return ((tag == I && (ok = body(std::integral_constant<std::size_t, I>{}), true)) || ...);
    }(std::index_sequence_for<Ts...>{});
    return known ? ok : fail_variant_tag(call, tag);
  }
};

template <VariantType T> struct Abi<T> {
  using Payloads = PayloadAbi<typename T::Payload>;
  using Layout = Payloads::Layout;
  static constexpr std::uint32_t kSize = Layout::kSize;
  static constexpr std::uint32_t kAlign = Layout::kAlign;
  static constexpr std::uint32_t kFlat = Layout::kFlat;

  static bool lift(CallContext& call, FlatReader& in, T& out) {
    return Payloads::dispatch(call, in.i32(), [&](auto index) {
      return lift_case<Layout>(call, in, out.value.template emplace<index>());
    });
  }
  template <class V> static bool lower(CallContext& call, FlatWriter& out, V& value) {
    const auto tag = static_cast<std::uint32_t>(value.value.index());
    return Payloads::dispatch(call, tag, [&](auto index) {
      using Payload = std::variant_alternative_t<index, typename T::Payload>;
      return lower_case<Layout, Payload>(call, out, tag, *std::get_if<index>(&value.value));
    });
  }
  static bool load(CallContext& call, std::uint32_t addr, T& out) {
    return Payloads::dispatch(call, load_tag<Layout::kTagSize>(call, addr), [&](auto index) {
      using Payload = std::variant_alternative_t<index, typename T::Payload>;
      return Abi<Payload>::load(call, addr + Layout::kPayload, out.value.template emplace<index>());
    });
  }
  template <class V> static bool store(CallContext& call, std::uint32_t addr, V& value) {
    const auto tag = static_cast<std::uint32_t>(value.value.index());
    return Payloads::dispatch(call, tag, [&](auto index) {
      using Payload = std::variant_alternative_t<index, typename T::Payload>;
      return store_case<Layout, Payload>(call, addr, tag, *std::get_if<index>(&value.value));
    });
  }
};

/// How many cases a generated enum has; specialised beside it.
template <class T> inline constexpr std::uint32_t kEnumCases = 0;

template <class T>
concept EnumType = std::is_enum_v<T> && (kEnumCases<T> > 0);

template <EnumType T> struct Abi<T> {
  static constexpr std::uint32_t kSize = kEnumCases<T> <= 0x100     ? 1
                                         : kEnumCases<T> <= 0x10000 ? 2
                                                                    : 4;
  static constexpr std::uint32_t kAlign = kSize;
  static constexpr std::uint32_t kFlat = 1;

  static bool check(CallContext& call, std::uint32_t tag, T& out) {
    if (tag >= kEnumCases<T>) [[unlikely]]
      return fail_variant_tag(call, tag);
    out = static_cast<T>(tag);
    return true;
  }
  static bool lift(CallContext& call, FlatReader& in, T& out) { return check(call, in.i32(), out); }
  static bool lower(CallContext& /*call*/, FlatWriter& out, const T& value) {
    out.i32(static_cast<std::uint32_t>(value));
    return true;
  }
  static bool load(CallContext& call, std::uint32_t addr, T& out) {
    return check(call, load_tag<kSize>(call, addr), out);
  }
  static bool store(CallContext& call, std::uint32_t addr, const T& value) {
    store_tag<kSize>(call, addr, static_cast<std::uint32_t>(value));
    return true;
  }
};

/// A generated set of flags: `bits`, and `kAll` with every bit that has a name.
template <class T>
concept FlagsType = requires(T value) {
  value.bits;
  T::kAll;
};

template <FlagsType T> struct Abi<T> {
  using Bits = decltype(T::bits);
  static constexpr std::uint32_t kSize = sizeof(Bits);
  static constexpr std::uint32_t kAlign = kSize;
  static constexpr std::uint32_t kFlat = 1;

  static bool lift(CallContext& /*call*/, FlatReader& in, T& out) {
    out.bits = static_cast<Bits>(in.i32() & T::kAll); // bits without a name are ignored
    return true;
  }
  static bool lower(CallContext& /*call*/, FlatWriter& out, const T& value) {
    out.i32(value.bits);
    return true;
  }
  static bool load(CallContext& call, std::uint32_t addr, T& out) {
    out.bits = static_cast<Bits>(call.memory().template read<Bits>(addr) & T::kAll);
    return true;
  }
  static bool store(CallContext& call, std::uint32_t addr, const T& value) {
    call.memory().write(addr, value.bits);
    return true;
  }
};

} // namespace nacre::component
