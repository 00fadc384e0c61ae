// SPDX-License-Identifier: Apache-2.0
// WAVE: values as text that people read and type: `f("x", {a: 1, b: some([1, 2])})`.
#pragma once

#include "base/result.h"
#include "wit/type.h"
#include "wit/value.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::wit {

/// Text of a value of this type; a value of another type is a Bug. Fields that are `none` are left
/// out of records, maps print as lists of pairs, handles as "<own name>", which cannot be parsed.
std::string to_wave(const TypeTable& types, TypeIndex type, const Value& value);

/// The value of this type that `text` spells, and nothing after it. Errors are Code::invalid and
/// say where, counting characters from 1: "at 5: expected u32, found string". Values nest at most
/// 100 deep.
Result<Value> parse_wave(const TypeTable& types, TypeIndex type, std::string_view text);

/// The name in front of a call's arguments, which may need looking up before these can be parsed.
struct CallText {
  std::string_view function; ///< "f", "ns:pkg/iface@1.2.3#f": not checked further.
  std::size_t arguments = 0; ///< Offset of what follows the name.
};
Result<CallText> split_call(std::string_view text);

/// The arguments of a call that `split_call` took apart: "(1, \"x\")" from `offset` on, or nothing
/// for a function without parameters. Options at the end may be left out.
Result<std::vector<Value>> parse_arguments(const TypeTable& types, std::span<const Field> params,
                                           std::string_view text, std::size_t offset);

} // namespace nacre::wit
