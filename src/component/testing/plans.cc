// SPDX-License-Identifier: Apache-2.0
#include "component/testing/plans.h"

#include "component/plan_reader.h"

#include <nacre_engine.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace nacre::component {

std::string guest_text(const std::string& name) {
  std::string path = "tests/guests/plan/" + name + ".wat";
  std::ifstream file(path);
  if (!file)
    throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::byte> to_wasm(std::string_view text) {
  nacre_buffer_t out{};
  nacre_buffer_t error{};
  auto* data = reinterpret_cast<const std::uint8_t*>(text.data());
  if (!nacre_wat_to_wasm(data, text.size(), &out, &error)) {
    std::string message(reinterpret_cast<char*>(error.data), error.len);
    nacre_buffer_free(&error);
    throw std::runtime_error(message);
  }
  auto* bytes = reinterpret_cast<std::byte*>(out.data);
  std::vector<std::byte> wasm(bytes, bytes + out.len);
  nacre_buffer_free(&out);
  return wasm;
}

std::vector<std::byte> plan_bytes(const std::vector<std::byte>& component, PlannerOptions options) {
  auto bytes = make_plan(component, options);
  if (!bytes)
    throw std::runtime_error(bytes.error().message());
  return std::move(*bytes);
}

Plan plan_of(const std::vector<std::byte>& component, PlannerOptions options) {
  auto plan = read_plan(plan_bytes(component, options));
  if (!plan)
    throw std::runtime_error(plan.error().message());
  return std::move(*plan);
}

} // namespace nacre::component
