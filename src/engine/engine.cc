// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include "engine/call_room.h"
#include "engine/handles.h"

#include <fmt/format.h>
#include <nacre_engine.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

namespace nacre::engine {
namespace {

Error take_error(Code code, nacre_buffer_t& buffer) {
  Error error{code, std::string(reinterpret_cast<const char*>(buffer.data), buffer.len)};
  nacre_buffer_free(&buffer);
  return error;
}

nacre_engine_config_t to_config(const Settings& settings) {
  nacre_engine_config_t config;
  nacre_engine_config_init(&config);
  config.pooling = settings.pooling;
  config.epoch_interruption = settings.epochs;
  config.total_core_instances = settings.instances;
  config.total_memories = settings.memories;
  config.total_tables = settings.tables;
  config.total_stacks = settings.stacks;
  config.max_memory_size = settings.max_memory;
  config.memory_keep_resident = settings.memory_keep_resident;
  config.table_keep_resident = settings.table_keep_resident;
  config.async_stack_size = settings.stack_size;
  config.max_wasm_stack = CallRoom::guest_share(settings.stack_size);
  config.max_unused_warm_slots = std::min<std::uint32_t>(settings.memories, 1000);
  config.pagemap_scan = static_cast<std::uint8_t>(settings.pagemap_scan);
  config.opt_level = settings.optimize ? 0 : 1;
  return config;
}

Result<Module> adopt(wasmtime_error_t* error, wasmtime_module_t* module) {
  if (error != nullptr)
    return to_error(Code::invalid, error);
  return Module{std::shared_ptr<void>(
      module, [](void* m) { wasmtime_module_delete(static_cast<wasmtime_module_t*>(m)); })};
}

} // namespace

Engine::Engine(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}

Engine::~Engine() {
  wasmtime_linker_delete(handles_->helpers);
  wasm_engine_delete(handles_->engine);
}

Result<std::unique_ptr<Engine>> Engine::create(const Settings& settings) {
  const nacre_engine_config_t config = to_config(settings);
  auto handles = std::make_unique<Handles>();
  nacre_buffer_t error{};
  if (!nacre_engine_new(&config, &handles->engine, &error))
    return take_error(Code::internal, error);
  std::uint8_t hash[16];
  nacre_engine_compat_hash(handles->engine, hash);
  std::memcpy(&handles->fingerprint, hash, sizeof handles->fingerprint);
  handles->stack_size = settings.stack_size;
  handles->helpers = make_fiber_helpers(handles->engine);
  return std::unique_ptr<Engine>(new Engine(std::move(handles)));
}

Result<std::vector<std::byte>> Engine::compile(std::span<const std::byte> wasm) const {
  nacre_buffer_t out{};
  nacre_buffer_t error{};
  if (!nacre_compile(handles_->engine, reinterpret_cast<const std::uint8_t*>(wasm.data()),
                     wasm.size(), &out, &error)) {
    return take_error(Code::invalid, error);
  }
  const auto* begin = reinterpret_cast<const std::byte*>(out.data);
  std::vector<std::byte> bytes(begin, begin + out.len);
  nacre_buffer_free(&out);
  return bytes;
}

Result<Module> Engine::compile_and_load(std::span<const std::byte> wasm) const {
  wasmtime_module_t* module = nullptr;
  auto* error = wasmtime_module_new(
      handles_->engine, reinterpret_cast<const std::uint8_t*>(wasm.data()), wasm.size(), &module);
  return adopt(error, module);
}

Result<Module> Engine::load(std::span<const std::byte> compiled) const {
  wasmtime_module_t* module = nullptr;
  auto* error = wasmtime_module_deserialize(handles_->engine,
                                            reinterpret_cast<const std::uint8_t*>(compiled.data()),
                                            compiled.size(), &module);
  return adopt(error, module);
}

Result<Module> Engine::load_file(const std::string& path) const {
  wasmtime_module_t* module = nullptr;
  auto* error = wasmtime_module_deserialize_file(handles_->engine, path.c_str(), &module);
  return adopt(error, module);
}

std::uint64_t Engine::fingerprint() const {
  return handles_->fingerprint;
}
void Engine::tick() const {
  wasmtime_engine_increment_epoch(handles_->engine);
}

Result<Prepared> Prepared::make(const Engine& engine, const Module& module,
                                std::span<const HostFunc> functions) {
  wasm_importtype_vec_t imports;
  wasmtime_module_imports(vendor(module), &imports);
  const std::shared_ptr<void> free_imports(&imports, [](void* v) {
    wasm_importtype_vec_delete(static_cast<wasm_importtype_vec_t*>(v));
  });
  if (imports.size != functions.size()) {
    return Error{Code::internal, fmt::format("module has {} imports, {} functions were given",
                                             imports.size, functions.size())};
  }
  const std::shared_ptr<wasmtime_linker_t> linker(wasmtime_linker_new(engine.handles().engine),
                                                  wasmtime_linker_delete);
  std::set<std::pair<std::string, std::string>> seen;
  for (std::size_t i = 0; i < imports.size; ++i) {
    const wasm_name_t* from = wasm_importtype_module(imports.data[i]);
    const wasm_name_t* name = wasm_importtype_name(imports.data[i]);
    const wasm_functype_t* type =
        wasm_externtype_as_functype_const(wasm_importtype_type(imports.data[i]));
    if (type == nullptr)
      return Error{Code::unsupported, "module imports something else than functions"};
    if (!seen.emplace(std::string(from->data, from->size), std::string(name->data, name->size))
             .second) {
      return Error{Code::unsupported, "module imports one name twice"};
    }
    auto* error = wasmtime_linker_define_func_unchecked(
        linker.get(), from->data, from->size, name->data, name->size, type,
        vendor(functions[i].function), functions[i].env, nullptr);
    if (error != nullptr)
      return to_error(Code::internal, error);
  }
  wasmtime_instance_pre_t* pre = nullptr;
  if (auto* error = wasmtime_linker_instantiate_pre(linker.get(), vendor(module), &pre)) {
    return to_error(Code::invalid, error);
  }
  Prepared prepared;
  prepared.handle_ = std::shared_ptr<void>(
      pre, [](void* p) { wasmtime_instance_pre_delete(static_cast<wasmtime_instance_pre_t*>(p)); });
  return prepared;
}

} // namespace nacre::engine
