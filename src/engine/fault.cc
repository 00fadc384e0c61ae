// SPDX-License-Identifier: Apache-2.0
#include "engine/fault.h"

#include "engine/handles.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace nacre::engine {
namespace {

constexpr std::size_t kMaxFrames = 64;
constexpr std::size_t kFramesInError = 8;

/// The engine prints "error while executing at wasm backtrace: … Caused by: CAUSE": the cause is
/// what we keep.
std::string cause_of(std::string_view text) {
  constexpr std::string_view kCausedBy = "Caused by:";
  if (const auto at = text.rfind(kCausedBy); at != std::string_view::npos) {
    text.remove_prefix(at + kCausedBy.size());
    // Several causes are numbered from the outside in: the last one is the root.
    std::string_view last = text;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool line_start = i == 0 || text[i - 1] == '\n';
      if (!line_start)
        continue;
      const auto colon = text.find(": ", i);
      const auto digits = text.find_first_not_of(' ', i);
      if (colon == std::string_view::npos || digits >= colon)
        continue;
      const auto number = text.substr(digits, colon - digits);
      if (std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; }))
        last = text.substr(colon + 2);
    }
    text = last;
  }
  constexpr std::string_view kBlank{" \n\0", 3};
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos)
    return {};
  const auto end = text.find_last_not_of(kBlank);
  std::string out;
  for (const char c : text.substr(first, end - first + 1)) {
    if (c == '\n') {
      out.push_back(' ');
    } else if (c != ' ' || out.empty() || out.back() != ' ') {
      out.push_back(c);
    }
  }
  return out;
}

std::vector<std::string> names_of(const wasm_frame_vec_t& frames) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min(frames.size, kMaxFrames); ++i) {
    const wasm_name_t* name = wasmtime_frame_func_name(frames.data[i]);
    out.emplace_back(name != nullptr ? std::string(name->data, name->size)
                                     : std::string("<unknown>"));
  }
  return out;
}

} // namespace

Error Fault::to_error() const {
  std::string text = message;
  for (std::size_t i = 0; i < std::min(frames.size(), kFramesInError); ++i) {
    text.append(i == 0 ? "; at " : " < ").append(frames[i]);
  }
  if (frames.size() > kFramesInError)
    text.append(fmt::format(" < … ({} more)", frames.size() - kFramesInError));
  return Error{Code::internal, std::move(text)};
}

Fault fault_of(wasmtime_error_t* error) {
  wasm_name_t text;
  wasmtime_error_message(error, &text);
  wasm_frame_vec_t frames;
  wasmtime_error_wasm_trace(error, &frames);
  Fault fault{cause_of({text.data, text.size}), names_of(frames)};
  wasm_frame_vec_delete(&frames);
  wasm_name_delete(&text);
  wasmtime_error_delete(error);
  return fault;
}

Fault fault_of(wasm_trap_t* trap) {
  wasm_message_t text;
  wasm_trap_message(trap, &text);
  wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  Fault fault{cause_of({text.data, text.size}), names_of(frames)};
  wasm_frame_vec_delete(&frames);
  wasm_name_delete(&text);
  wasm_trap_delete(trap);
  return fault;
}

Error to_error(Code code, wasmtime_error_t* error) {
  wasm_name_t text;
  wasmtime_error_message(error, &text);
  Error out{code, std::string(text.data, text.size)};
  wasm_name_delete(&text);
  wasmtime_error_delete(error);
  return out;
}

Trap* make_trap(const std::string& message) {
  return reinterpret_cast<Trap*>(wasmtime_trap_new(message.data(), message.size()));
}

Trap* make_trap_code(std::uint8_t code) {
  return reinterpret_cast<Trap*>(wasmtime_trap_new_code(code));
}

} // namespace nacre::engine
