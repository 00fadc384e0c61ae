// SPDX-License-Identifier: Apache-2.0
//! Validation of a binary, with sentences for the mistakes people make.

use crate::ffi::{Buffer, guard, slice};
use crate::{features, value_size};
use std::collections::BTreeSet;
use wasmtime_environ::wasmparser::{
    self, BinaryReader, Encoding, FuncValidatorAllocations, Parser, Payload,
    ProducersSectionReader, ValidPayload, Validator, WasmFeatures,
};

/// `NACRE_THREADING` of the header: cooperative threads may be used.
pub const THREADING: u32 = 1;

/// Why a binary was refused, and which feature would help (if one is known to).
pub struct Refusal {
    pub message: String,
    pub missing: Option<WasmFeatures>,
}

impl From<wasmparser::Error> for Refusal {
    fn from(error: wasmparser::Error) -> Self {
        let message = match error.message() {
            "unexpected end-of-file" | "unexpected end" => {
                format!("the file is cut short: {error}")
            }
            _ => format!("not valid: {error}"),
        };
        Refusal { message, missing: error.missing_wasm_feature() }
    }
}

impl From<String> for Refusal {
    fn from(message: String) -> Self {
        Refusal { message, missing: None }
    }
}

/// What validation learns on its way.
#[derive(Default)]
pub struct Findings {
    /// (field, name, version) of all `producers` sections, those of core modules included.
    pub producers: BTreeSet<(String, String, String)>,
}

/// What the first eight bytes say. Errors tell what the file is instead.
pub fn encoding(bytes: &[u8]) -> Result<Encoding, String> {
    if bytes.is_empty() {
        return Err("the file is empty".into());
    }
    if !bytes.starts_with(b"\0asm") {
        return Err("not WebAssembly: the file does not start with \\0asm".into());
    }
    match bytes.get(4..8) {
        None => Err("the file is cut short: it ends within its first eight bytes".into()),
        Some([1, 0, 0, 0]) => Ok(Encoding::Module),
        Some([13, 0, 1, 0]) => Ok(Encoding::Component),
        Some([a, b, 1, 0]) => Err(format!(
            "a component of an unknown binary version ({}); version 13 is supported",
            u16::from_le_bytes([*a, *b])
        )),
        Some(_) => Err("WebAssembly of an unknown binary version".into()),
    }
}

/// Validates a module or component; with `bodies`, also what functions do.
pub fn check(bytes: &[u8], features: WasmFeatures, bodies: bool) -> Result<Findings, Refusal> {
    let mut validator = Validator::new_with_features(features);
    let mut sizes = value_size::Checker::default();
    let mut findings = Findings::default();
    let mut functions = FuncValidatorAllocations::default();
    let mut parser = Parser::new(0);
    parser.set_features(features);
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        match validator.payload(&payload)? {
            ValidPayload::Func(function, body) if bodies => {
                let mut function = function.into_validator(functions);
                function.validate(&body)?;
                functions = function.into_allocations();
            }
            _ => {}
        }
        match payload {
            Payload::ComponentTypeSection(_)
            | Payload::ComponentImportSection(_)
            | Payload::ComponentExportSection(_) => {
                sizes.section(validator.types(0).expect("inside a component"))?;
            }
            Payload::ComponentSection { .. } => sizes.enter(),
            Payload::ModuleSection { .. } => sizes.enter(),
            Payload::End(_) => sizes.leave(),
            Payload::CustomSection(custom) if custom.name() == "producers" => {
                let reader = BinaryReader::new(custom.data(), custom.data_offset());
                findings.add_producers(reader);
            }
            _ => {}
        }
    }
    Ok(findings)
}

impl Findings {
    /// The section is informative, so a malformed one is passed over.
    fn add_producers(&mut self, reader: BinaryReader<'_>) {
        let Ok(fields) = ProducersSectionReader::new(reader) else { return };
        for field in fields.into_iter().flatten() {
            for value in field.values.into_iter().flatten() {
                let entry = (field.name.into(), value.name.into(), value.version.into());
                self.producers.insert(entry);
            }
        }
    }
}

/// Every feature that `flags` allows.
pub fn allowed(flags: u32) -> WasmFeatures {
    let mut allowed = features::core() | features::component_async();
    allowed.set(features::component_threading(), flags & THREADING != 0);
    allowed
}

/// # Safety
/// `bytes` points to `len` bytes; `error` is a buffer or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nacre_validate(
    bytes: *const u8,
    len: usize,
    flags: u32,
    error: *mut Buffer,
) -> bool {
    unsafe {
        guard(&mut (), error, || {
            let bytes = slice(bytes, len);
            encoding(bytes)?;
            check(bytes, allowed(flags), true).map(drop).map_err(|refusal| refusal.message)
        })
    }
}
