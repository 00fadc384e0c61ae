// SPDX-License-Identifier: Apache-2.0
//! The engine constructor: settings that Wasmtime's C API cannot express.

use crate::features;
use crate::ffi::{Buffer, guard};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    WasmBacktraceDetails,
};
use wasmtime_c_api::wasm_engine_t;

/// `nacre_engine_config_t`; the fields are documented in the header.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct EngineConfig {
    max_memory_size: u64,
    memory_keep_resident: u64,
    table_keep_resident: u64,
    stack_keep_resident: u64,
    table_elements: u64,
    max_wasm_stack: u64,
    async_stack_size: u64,
    max_core_instance_size: u64,
    memory_reservation: u64,
    memory_guard_size: u64,
    memory_guaranteed_dense_image_size: u64,
    decommit_batch_size: u64,
    total_core_instances: u32,
    total_memories: u32,
    total_tables: u32,
    total_stacks: u32,
    total_gc_heaps: u32,
    max_memories_per_module: u32,
    max_tables_per_module: u32,
    max_unused_warm_slots: u32,
    pooling: bool,
    epoch_interruption: bool,
    parallel_compilation: bool,
    native_unwind_info: bool,
    wasm_backtrace: bool,
    backtrace_details: bool,
    pagemap_scan: u8,
    opt_level: u8,
}

const DEFAULTS: EngineConfig = EngineConfig {
    max_memory_size: 4 << 30,
    memory_keep_resident: 1 << 20,
    table_keep_resident: 64 << 10,
    stack_keep_resident: 64 << 10,
    table_elements: 20_000,
    max_wasm_stack: 512 << 10,
    async_stack_size: 1 << 20,
    max_core_instance_size: 1 << 20,
    memory_reservation: 4 << 30,
    memory_guard_size: 32 << 20,
    memory_guaranteed_dense_image_size: 64 << 20,
    decommit_batch_size: 1,
    total_core_instances: 2000,
    total_memories: 1000,
    total_tables: 2000,
    total_stacks: 1000,
    total_gc_heaps: 1000,
    max_memories_per_module: 4,
    max_tables_per_module: 8,
    max_unused_warm_slots: 100,
    pooling: true,
    epoch_interruption: true,
    parallel_compilation: true,
    native_unwind_info: false,
    wasm_backtrace: true,
    backtrace_details: false,
    pagemap_scan: 0,
    opt_level: 0,
};

/// # Safety
/// `config` points to writable storage for a configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nacre_engine_config_init(config: *mut EngineConfig) {
    unsafe { config.write(DEFAULTS) };
}

/// # Safety
/// `config` points to a configuration, `out` to a pointer, `error` to a buffer (or is null).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nacre_engine_new(
    config: *const EngineConfig,
    out: *mut *mut wasm_engine_t,
    error: *mut Buffer,
) -> bool {
    unsafe {
        guard(out, error, || {
            let engine = Engine::new(&to_config(&*config)?).map_err(|e| format!("{e:#}"))?;
            Ok(Box::into_raw(Box::new(wrap(engine))))
        })
    }
}

/// The C API's engine is a `repr(C)` struct whose only field is the engine; the check below notices a change of size.
fn wrap(engine: Engine) -> wasm_engine_t {
    const { assert!(size_of::<Engine>() == size_of::<wasm_engine_t>()) };
    const { assert!(align_of::<Engine>() == align_of::<wasm_engine_t>()) };
    unsafe { std::mem::transmute::<Engine, wasm_engine_t>(engine) }
}

/// The engine inside a C API engine.
///
/// # Safety
/// `engine` came from `nacre_engine_new` or another function of the C API and has not been deleted.
pub unsafe fn unwrap<'a>(engine: *const wasm_engine_t) -> &'a Engine {
    unsafe { &*engine.cast::<Engine>() }
}

fn to_config(c: &EngineConfig) -> Result<Config, String> {
    let mut config = Config::new();
    config
        .wasm_features(features::core(), true)
        .wasm_threads(false)
        .concurrency_support(false)
        .epoch_interruption(c.epoch_interruption)
        .parallel_compilation(c.parallel_compilation)
        .native_unwind_info(c.native_unwind_info)
        .memory_init_cow(true)
        .memory_guaranteed_dense_image_size(c.memory_guaranteed_dense_image_size)
        .memory_reservation(c.memory_reservation)
        .memory_guard_size(c.memory_guard_size)
        .max_wasm_stack(bytes(c.max_wasm_stack)?)
        .async_stack_size(bytes(c.async_stack_size)?)
        .wasm_backtrace_details(match c.backtrace_details {
            true => WasmBacktraceDetails::Enable,
            false => WasmBacktraceDetails::Disable,
        })
        .cranelift_opt_level(match c.opt_level {
            0 => OptLevel::Speed,
            1 => OptLevel::None,
            2 => OptLevel::SpeedAndSize,
            other => return Err(format!("opt_level is {other}; it may be 0, 1 or 2")),
        });
    if !c.wasm_backtrace {
        config.wasm_backtrace_max_frames(None);
    }
    if c.pooling {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(to_pool(c)?));
    }
    Ok(config)
}

fn to_pool(c: &EngineConfig) -> Result<PoolingAllocationConfig, String> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(c.total_core_instances)
        .total_memories(c.total_memories)
        .total_tables(c.total_tables)
        .total_stacks(c.total_stacks)
        .total_gc_heaps(c.total_gc_heaps)
        .max_core_instance_size(bytes(c.max_core_instance_size)?)
        .max_memory_size(bytes(c.max_memory_size)?)
        .max_memories_per_module(c.max_memories_per_module)
        .max_tables_per_module(c.max_tables_per_module)
        .table_elements(bytes(c.table_elements)?)
        .linear_memory_keep_resident(bytes(c.memory_keep_resident)?)
        .table_keep_resident(bytes(c.table_keep_resident)?)
        .async_stack_keep_resident(bytes(c.stack_keep_resident)?)
        .max_unused_warm_slots(c.max_unused_warm_slots)
        .decommit_batch_size(bytes(c.decommit_batch_size)?)
        .pagemap_scan(match c.pagemap_scan {
            0 => Enabled::Auto,
            1 => Enabled::Yes,
            2 => Enabled::No,
            other => return Err(format!("pagemap_scan is {other}; it may be 0, 1 or 2")),
        });
    Ok(pool)
}

fn bytes(value: u64) -> Result<usize, String> {
    usize::try_from(value).map_err(|_| format!("{value} is more than this machine can address"))
}
