// SPDX-License-Identifier: Apache-2.0
// own<T>(view): copies what a host function received as a view into a value of its own.
#pragma once

#include "component/typed/choice.h"
#include "component/typed/record.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace nacre::component {

/// How an owned type T is made from its view; scalars and plain types are their own views.
template <class T> struct Own {
  template <class View> static T from(const View& view) {
    if constexpr (std::is_same_v<T, View>) {
      return view;
    } else if constexpr (VariantType<T>) {
      return from_variant(view,
                          std::make_index_sequence<std::variant_size_v<typename T::Payload>>{});
    } else {
      T out;
      from_record(view, out,
                  std::make_index_sequence<std::tuple_size_v<decltype(Fields<T>::kMembers)>>{});
      return out;
    }
  }

private:
  template <class View, std::size_t... I>
  static T from_variant(const View& view, std::index_sequence<I...>) {
    T out;
    const auto take = [&]<std::size_t J>(std::integral_constant<std::size_t, J>) {
      using Payload = std::variant_alternative_t<J, typename T::Payload>;
      if (view.value.index() == J)
        out.value.template emplace<J>(Own<Payload>::from(*std::get_if<J>(&view.value)));
    };
    (take(std::integral_constant<std::size_t, I>{}), ...);
    return out;
  }
  template <class View, std::size_t... I>
  static void from_record(const View& view, T& out, std::index_sequence<I...>) {
    ((out.*std::get<I>(Fields<T>::kMembers) =
          Own<std::remove_cvref_t<decltype(out.*std::get<I>(Fields<T>::kMembers))>>::from(
              view.*std::get<I>(Fields<View>::kMembers))),
     ...);
  }
};

template <> struct Own<std::string> {
  static std::string from(std::string_view view) { return std::string{view}; }
};

template <class T> struct Own<std::vector<T>> {
  template <class View> static std::vector<T> from(const View& view) {
    if constexpr (std::is_same_v<T, std::remove_cv_t<typename View::value_type>>) {
      return {view.begin(), view.end()};
    } else {
      std::vector<T> out;
      out.reserve(view.size());
      for (const auto& element : view)
        out.push_back(Own<T>::from(element));
      return out;
    }
  }
};

template <class T> struct Own<std::optional<T>> {
  template <class View> static std::optional<T> from(const std::optional<View>& view) {
    if (!view)
      return std::nullopt;
    return Own<T>::from(*view);
  }
};

template <class T, class E> struct Own<std::expected<T, E>> {
  template <class View, class ViewError>
  static std::expected<T, E> from(const std::expected<View, ViewError>& view) {
    if (!view)
      return std::unexpected<E>{Own<E>::from(view.error())};
    if constexpr (std::is_void_v<T>)
      return {};
    else
      return Own<T>::from(*view);
  }
};

template <class... Ts> struct Own<std::tuple<Ts...>> {
  template <class... Views> static std::tuple<Ts...> from(const std::tuple<Views...>& view) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::tuple<Ts...>{Own<Ts>::from(std::get<I>(view))...};
    }(std::index_sequence_for<Ts...>{});
  }
};

template <class T, class View> T own(const View& view) {
  return Own<T>::from(view);
}

} // namespace nacre::component
