// SPDX-License-Identifier: Apache-2.0
// What generated thunks are made of: lift all parameters of a call, lower its result.
#pragma once

#include "base/result.h"
#include "component/host_call.h"
#include "component/typed/abi.h"
#include "component/typed/choice.h"
#include "component/typed/handle.h"
#include "component/typed/list.h"
#include "component/typed/record.h"
#include "component/typed/scalar.h"
#include "component/typed/text.h"
#include "loop/async.h"

#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace nacre::component {

/// Lifts the parameters of a host call, from flat values or from the memory they point to.
template <class... Ts> bool lift_params(CallContext& call, const Raw* values, Ts&... out) {
  FlatReader in{values};
  if constexpr (Sequence<Ts...>::kFlat <= kMaxFlatParams) {
    return (Abi<Ts>::lift(call, in, out) && ...);
  } else {
    using Row = Abi<std::tuple<Ts...>>;
    const std::uint32_t addr = in.i32();
    const std::tuple<Ts&...> row{out...};
    return check_pointer(call, addr, Row::kSize, Row::kAlign) &&
           Row::load_row(call, addr, [&](auto i) -> auto& { return std::get<i>(row); });
  }
}

/// The end of a host call: a Finish. `Out` is the index of the out pointer among the values, which
/// is how many the parameters take.
template <std::uint32_t Out, class T>
bool lower_result(HostCall& call, Raw* values, Result<T>& answer) {
  if (!answer) [[unlikely]]
    return call.fail(answer.error().message());
  if constexpr (std::is_void_v<T>) {
    return true;
  } else if constexpr (Abi<T>::kFlat <= kMaxFlatResults) {
    FlatWriter out{values};
    return Abi<T>::lower(call, out, *answer);
  } else {
    const std::uint32_t addr = FlatReader{values + Out}.i32();
    return check_pointer(call, addr, Abi<T>::kSize, Abi<T>::kAlign) &&
           Abi<T>::store(call, addr, *answer);
  }
}

/// Answers a host call: a ready answer at once, any other when it has come.
template <std::uint32_t Out, class T> bool answer(HostCall& call, Raw* values, Result<T> ready) {
  return lower_result<Out>(call, values, ready);
}
template <std::uint32_t Out, class T> bool answer(HostCall& call, Raw* values, Async<T> pending) {
  return call.wait(std::move(pending), values, &lower_result<Out, T>);
}

} // namespace nacre::component
