// SPDX-License-Identifier: Apache-2.0
//! The planner: a component's bytes in, flat tables out.

mod build;
mod bypass;
mod encode;
mod interface;
mod model;
mod signature;
mod trampolines;
mod types;

use crate::check::{self, THREADING, check};
use crate::features;
use crate::ffi::{Buffer, guard, slice};
use wasmtime_environ::component::{ComponentTypesBuilder, Translator};
use wasmtime_environ::wasmparser::{Encoding, Validator, WasmFeatures};
use wasmtime_environ::{ScopeVec, Tunables};

/// `NACRE_PLAN_CONCURRENT` of the header: plan as if the component used concurrency.
const CONCURRENT: u32 = 2;

/// `NACRE_PLAN_NO_BYPASS`: leave shim modules in place.
const NO_BYPASS: u32 = 4;

/// Plans a component.
pub fn plan(bytes: &[u8], flags: u32) -> Result<model::Plan, String> {
    let mut plan = flatten(bytes, flags)?;
    if flags & NO_BYPASS == 0 {
        bypass::bypass(&mut plan);
    }
    Ok(plan)
}

/// Most components are written against WASI 0.2 and need no concurrency; planned without it, calls between
/// their parts carry no task bookkeeping. So that is tried first.
fn flatten(bytes: &[u8], flags: u32) -> Result<model::Plan, String> {
    match check::encoding(bytes)? {
        Encoding::Component => {}
        Encoding::Module => {
            return Err("this is a core module, not a component: make one of it with \
                        `wasm-tools component new` and the adapter its WASI version needs"
                .into());
        }
    }
    if flags & CONCURRENT == 0 {
        let features = features::core() | features::component_sync();
        match check(bytes, features, false) {
            Ok(findings) => return translate(bytes, features, false, findings),
            Err(refusal) if refusal.missing.is_none() => return Err(refusal.message),
            Err(_) => {}
        }
    }
    let features = check::allowed(flags);
    match check(bytes, features, false) {
        Ok(findings) => translate(bytes, features, true, findings),
        Err(refusal) => Err(explain(refusal)),
    }
}

fn explain(refusal: check::Refusal) -> String {
    let Some(missing) = refusal.missing else { return refusal.message };
    let names: Vec<_> = missing.iter_names().map(|(name, _)| name.to_lowercase()).collect();
    format!(
        "the component needs a feature that is not supported ({}): {}",
        names.join(", ").replace('_', "-"),
        refusal.message
    )
}

fn translate(
    bytes: &[u8],
    features: WasmFeatures,
    concurrent: bool,
    findings: check::Findings,
) -> Result<model::Plan, String> {
    let mut tunables = Tunables::default_host();
    tunables.concurrency_support = concurrent;
    let adapters = ScopeVec::new();
    let mut validator = Validator::new_with_features(features);
    let mut types = ComponentTypesBuilder::new(&validator);
    let (translation, modules) = Translator::new(&tunables, &mut validator, &mut types, &adapters)
        .translate(bytes)
        .map_err(|e| format!("{e:#}"))?;
    let tables = build::TableCounts::of(&types);
    let (types, _) = types.finish(&translation.component);
    let mut plan = build::build(&translation, &types, tables, &modules)?;
    plan.concurrent = concurrent;
    plan.producers = findings.producers;
    Ok(plan)
}

/// # Safety
/// `bytes` points to `len` bytes; `out` to a buffer; `error` to a buffer or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nacre_plan(
    bytes: *const u8,
    len: usize,
    flags: u32,
    out: *mut Buffer,
    error: *mut Buffer,
) -> bool {
    unsafe {
        guard(out, error, || {
            debug_assert!(flags & !(THREADING | CONCURRENT | NO_BYPASS) == 0);
            plan(slice(bytes, len), flags).map(|plan| encode::encode(&plan).into())
        })
    }
}
