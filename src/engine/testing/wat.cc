// SPDX-License-Identifier: Apache-2.0
#include "engine/testing/wat.h"

#include <wasmtime.h>

#include <stdexcept>
#include <string>

namespace nacre::engine {

std::vector<std::byte> wat(std::string_view text) {
  wasm_byte_vec_t out;
  if (auto* error = wasmtime_wat2wasm(text.data(), text.size(), &out)) {
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    std::string what(message.data, message.size);
    wasm_name_delete(&message);
    wasmtime_error_delete(error);
    throw std::runtime_error(what);
  }
  const auto* begin = reinterpret_cast<const std::byte*>(out.data);
  std::vector<std::byte> bytes(begin, begin + out.size);
  wasm_byte_vec_delete(&out);
  return bytes;
}

} // namespace nacre::engine
