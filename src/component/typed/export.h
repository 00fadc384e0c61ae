// SPDX-License-Identifier: Apache-2.0
// call_export: calls an exported function with C++ values; what generated classes of exports are
// made of.
#pragma once

#include "base/result.h"
#include "component/guest.h"
#include "component/typed/thunk.h"
#include "loop/task.h"

#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace nacre::component {

/// Lowers parameters, as flat values or, if they are too many, through memory of the guest's own.
template <class... Ts>
bool lower_params(CallContext& call, Raw* values, std::tuple<Ts...>& params) {
  using Row = Abi<std::tuple<Ts...>>;
  FlatWriter out{values};
  if constexpr (Row::kFlat <= kMaxFlatParams) {
    return Row::lower(call, out, params);
  } else {
    std::uint32_t addr = 0;
    if (!call.realloc(0, 0, Row::kAlign, Row::kSize, addr) || !Row::store(call, addr, params))
      return false;
    out.i32(addr);
    return true;
  }
}

/// Lifts a result, from its flat value or from where the returned pointer points.
template <class T> bool lift_result(CallContext& call, const Raw* values, T& out) {
  FlatReader in{values};
  if constexpr (Abi<T>::kFlat <= kMaxFlatResults) {
    return Abi<T>::lift(call, in, out);
  } else {
    const std::uint32_t addr = in.i32();
    return check_pointer(call, addr, Abi<T>::kSize, Abi<T>::kAlign) &&
           Abi<T>::load(call, addr, out);
  }
}

template <class R, class... Ts> class TypedExportCall final : public ExportCall {
public:
  using Value = std::conditional_t<std::is_void_v<R>, Unit, R>;

  explicit TypedExportCall(Ts... params) : params_(std::move(params)...) {}

  bool lower(CallContext& call, Raw* values) override {
    return lower_params(call, values, params_);
  }
  bool lift(CallContext& call, const Raw* values) override {
    return lift_result(call, values, result_);
  }
  Result<R> take_result() {
    if constexpr (std::is_void_v<R>)
      return {};
    else
      return std::move(result_);
  }

private:
  std::tuple<Ts...> params_;
  Value result_{};
};

template <class R, class... Ts> Task<R> call_on(Guest* guest, ExportFunc func, Ts... params) {
  TypedExportCall<R, Ts...> call{std::move(params)...};
  CO_TRY_OK(co_await guest->call(func, call));
  co_return call.take_result();
}

/// Calls `func` on `guest`, which must outlive the task.
template <class R, class... Ts> Task<R> call_export(Guest& guest, ExportFunc func, Ts... params) {
  return call_on<R>(&guest, func, std::move(params)...);
}

} // namespace nacre::component
