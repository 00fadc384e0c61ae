// SPDX-License-Identifier: Apache-2.0
#include "engine/fault.h"

#include "engine/handles.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace nacre::engine {
namespace {

constexpr std::size_t kMaxFrames = 64;
constexpr std::size_t kFramesInError = 16;

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

/// "std::process::abort" of "std[d123b7a1a2ed1472]::process::abort".
std::string without_crate_hashes(std::string_view name) {
  constexpr std::size_t kLength = 18;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  while (!name.empty()) {
    if (name.size() >= kLength && name[0] == '[' && name[kLength - 1] == ']' &&
        name.find_first_not_of(kDigits, 1) == kLength - 1) {
      name.remove_prefix(kLength);
    } else {
      out.push_back(name.front());
      name.remove_prefix(1);
    }
  }
  return out;
}

/// "traps::spin" of "    1:    0x5f5 - traps.wasm!traps::spin::h0123456789abcdef".
std::string name_in(std::string_view line) {
  const auto dash = line.find(" - ");
  if (dash == std::string_view::npos)
    return {};
  std::string_view name = line.substr(dash + 3);
  // The module's name stands first, "<unknown>!" where it has none.
  name.remove_prefix(std::min(name.find('!') + 1, name.size()));
  constexpr std::size_t kHash = 19; // what rustc appends: "::h" and sixteen digits
  if (name.size() > kHash && name.substr(name.size() - kHash).starts_with("::h"))
    name.remove_suffix(kHash);
  return without_crate_hashes(name);
}

/// The engine's own text has the names demangled; where it has none, the frames have theirs.
std::vector<std::string> names_of(std::string_view text, const wasm_frame_vec_t& frames) {
  constexpr std::string_view kHead = "wasm backtrace:\n";
  std::vector<std::string> out;
  const auto head = text.find(kHead);
  std::string_view rest = head == std::string_view::npos ? "" : text.substr(head + kHead.size());
  while (!rest.empty() && rest.front() == ' ' && out.size() < kMaxFrames) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (std::string name = name_in(line); !name.empty())
      out.push_back(std::move(name));
  }
  for (std::size_t i = 0; out.empty() && i < std::min(frames.size, kMaxFrames); ++i) {
    const wasm_name_t* name = wasmtime_frame_func_name(frames.data[i]);
    out.emplace_back(name != nullptr
                         ? std::string(name->data, name->size)
                         : fmt::format("function {}", wasm_frame_func_index(frames.data[i])));
  }
  return out;
}

/// Frames in one line; recursion is told once, with how often.
std::string in_one_line(const std::vector<std::string>& frames) {
  std::string text;
  std::size_t shown = 0;
  std::size_t at = 0;
  for (; at < frames.size() && shown < kFramesInError; ++shown) {
    std::size_t times = 1;
    while (at + times < frames.size() && frames[at + times] == frames[at])
      ++times;
    text.append(shown == 0 ? "; at " : " < ").append(frames[at]);
    if (times > 1)
      text.append(fmt::format(" ({} times)", times));
    at += times;
  }
  if (at < frames.size())
    text.append(fmt::format(" < … ({} more)", frames.size() - at));
  return text;
}

} // namespace

Error Fault::to_error() const {
  return Error{Code::internal, message + in_one_line(frames)};
}

Fault fault_of(wasmtime_error_t* error) {
  wasm_name_t text;
  wasmtime_error_message(error, &text);
  wasm_frame_vec_t frames;
  wasmtime_error_wasm_trace(error, &frames);
  Fault fault{cause_of({text.data, text.size}), names_of({text.data, text.size}, frames)};
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
  Fault fault{cause_of({text.data, text.size}), names_of({text.data, text.size}, frames)};
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
