// SPDX-License-Identifier: Apache-2.0
#include "component/planner.h"

#include <nacre_engine.h>

#include <cstdint>

namespace nacre::component {
namespace {

// A buffer of the library, freed at the end of the scope.
class Buffer {
public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { nacre_buffer_free(&buffer_); }

  nacre_buffer_t* out() { return &buffer_; }
  std::string text() const { return {reinterpret_cast<const char*>(buffer_.data), buffer_.len}; }
  std::vector<std::byte> bytes() const {
    auto* data = reinterpret_cast<const std::byte*>(buffer_.data);
    return {data, data + buffer_.len};
  }

private:
  nacre_buffer_t buffer_{};
};

const std::uint8_t* data_of(std::span<const std::byte> bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

std::uint32_t flags_of(PlannerOptions options) {
  std::uint32_t flags = 0;
  flags |= options.threading ? NACRE_THREADING : 0;
  flags |= options.concurrent ? NACRE_PLAN_CONCURRENT : 0;
  flags |= options.bypass ? 0 : NACRE_PLAN_NO_BYPASS;
  return flags;
}

} // namespace

Result<std::vector<std::byte>> make_plan(std::span<const std::byte> component,
                                         PlannerOptions options) {
  Buffer out;
  Buffer error;
  if (!nacre_plan(data_of(component), component.size(), flags_of(options), out.out(), error.out()))
    return Error{Code::invalid, error.text()};
  return out.bytes();
}

Result<> validate(std::span<const std::byte> wasm, PlannerOptions options) {
  Buffer error;
  if (!nacre_validate(data_of(wasm), wasm.size(), flags_of(options), error.out()))
    return Error{Code::invalid, error.text()};
  return {};
}

Result<std::string> print_wit(std::span<const std::byte> component, bool whole) {
  Buffer out;
  Buffer error;
  if (!nacre_component_wit(data_of(component), component.size(), whole, out.out(), error.out()))
    return Error{Code::invalid, error.text()};
  return out.text();
}

} // namespace nacre::component
