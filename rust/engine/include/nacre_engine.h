// SPDX-License-Identifier: Apache-2.0
// What nacre's static library adds to Wasmtime's C API: engine settings, compilation to bytes, the
// component planner, test support.
//
// Rules for every function: no panic crosses the border (it becomes an error text); functions that
// return bool return true and fill `out` on success, or return false, leave `out` alone and put a
// sentence (UTF-8, not terminated) into `error`, which may be null. Buffers given to the caller are
// freed with nacre_buffer_free. All functions may be called from any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasm_engine_t wasm_engine_t;

/// Bytes owned by the library; empty is {NULL, 0}.
typedef struct nacre_buffer_t {
  uint8_t* data;
  size_t len;
} nacre_buffer_t;

/// Frees a buffer and sets it to {NULL, 0}. Null and empty buffers are fine.
void nacre_buffer_free(nacre_buffer_t* buffer);

/// Settings of one engine. Always start from nacre_engine_config_init; then every field is taken
/// literally (zero is zero).
typedef struct nacre_engine_config_t {
  // Bytes.
  uint64_t max_memory_size;      ///< Largest linear memory (pooling; at most memory_reservation).
  uint64_t memory_keep_resident; ///< Of each memory slot, what is reset by writing instead of by
                                 ///< giving pages back (pooling).
  uint64_t table_keep_resident;  ///< The same for tables.
  uint64_t stack_keep_resident;  ///< The same for fiber stacks.
  uint64_t table_elements;       ///< Largest table, in elements (pooling).
  uint64_t max_wasm_stack;       ///< Stack a guest may use; a deeper one traps.
  uint64_t
      async_stack_size; ///< Whole fiber stack; the rest above max_wasm_stack is for host functions.
  uint64_t
      max_core_instance_size;  ///< Largest instance record, without memories and tables (pooling).
  uint64_t memory_reservation; ///< Address space per memory; 4 GiB lets compiled code skip bounds
                               ///< checks.
  uint64_t memory_guard_size;  ///< Unmapped space after each memory.
  uint64_t memory_guaranteed_dense_image_size; ///< Up to here a memory's initial contents always
                                               ///< become a copy-on-write image.
  uint64_t decommit_batch_size; ///< Freed slots (pooling) given back to the system at once.
  // Counts (pooling): what may be alive at one time in the process. More is an error of the
  // allocation, never a wait.
  uint32_t total_core_instances;
  uint32_t total_memories;
  uint32_t total_tables;
  uint32_t total_stacks;
  uint32_t total_gc_heaps;
  uint32_t max_memories_per_module;
  uint32_t max_tables_per_module;
  uint32_t max_unused_warm_slots; ///< Free slots that keep their last module's image.
  bool pooling;                   ///< false: every allocation asks the system.
  bool epoch_interruption;        ///< Guests check the epoch at loops and calls
                                  ///< (wasmtime_engine_increment_epoch).
  bool parallel_compilation;
  bool native_unwind_info; ///< Only for debuggers and profilers of the process.
  bool wasm_backtrace;     ///< Traps carry frames with function names.
  bool backtrace_details;  ///< Frames carry file and line where the guest has debug information
                           ///< (slow).
  uint8_t pagemap_scan; ///< Reset of memories by PAGEMAP_SCAN (Linux 6.7): 0 if the kernel has it,
                        ///< 1 always, 2 never.
  uint8_t opt_level;    ///< Compiler: 0 speed, 1 none, 2 speed and size.
} nacre_engine_config_t;

/// Fills in the defaults (pooling on, epochs on).
void nacre_engine_config_init(nacre_engine_config_t* config);

/// Makes an engine with the core features that the planner relies on. Free it with
/// wasm_engine_delete.
bool nacre_engine_new(const nacre_engine_config_t* config, wasm_engine_t** out,
                      nacre_buffer_t* error);

/// Compiles one core module to what wasmtime_module_deserialize takes in an engine with the same
/// compat hash. Validates fully.
bool nacre_compile(const wasm_engine_t* engine, const uint8_t* wasm, size_t len,
                   nacre_buffer_t* out, nacre_buffer_t* error);

/// Writes 16 bytes that change whenever compiled bytes of this engine stop being usable by another
/// (version, settings, CPU).
void nacre_engine_compat_hash(const wasm_engine_t* engine, uint8_t out[16]);

/// Flags of nacre_plan and nacre_validate.
enum {
  NACRE_THREADING = 1, ///< Cooperative threads (`thread.*` built-ins, context slot 1) may be used.
  NACRE_PLAN_CONCURRENT = 2, ///< Plan: do not try without concurrency first.
  NACRE_PLAN_NO_BYPASS = 4,  ///< Plan: leave a shim module in place.
};

/// Flattens a component into a plan (binary; src/component/plan_reader.h reads it). First without
/// concurrency, then with it. Validates everything but the bodies of core functions; compiling the
/// plan's modules does the rest.
bool nacre_plan(const uint8_t* component, size_t len, uint32_t flags, nacre_buffer_t* out,
                nacre_buffer_t* error);

/// Validates a component or core module entirely, with every feature that exists here.
bool nacre_validate(const uint8_t* wasm, size_t len, uint32_t flags, nacre_buffer_t* error);

/// WIT of a component's world, or with `whole` also of every package it names.
bool nacre_component_wit(const uint8_t* component, size_t len, bool whole, nacre_buffer_t* out,
                         nacre_buffer_t* error);

/// Text format (module or component) to binary.
bool nacre_wat_to_wasm(const uint8_t* text, size_t len, nacre_buffer_t* out, nacre_buffer_t* error);

/// A test script (.wast) as JSON. The commands and values are json-from-wast's; beside each
/// "filename" is "wasm" (the binary in hexadecimal) or, where "module_type" is "text", "text" (and
/// "wasm" too if the text is one a parser takes).
bool nacre_wast_to_json(const char* name, const uint8_t* text, size_t len, nacre_buffer_t* out,
                        nacre_buffer_t* error);

#ifdef __cplusplus
}
#endif
