// SPDX-License-Identifier: Apache-2.0
//! Text forms: WebAssembly text to binary, test scripts to JSON, and a component's world as WIT.

use crate::check;
use crate::ffi::{Buffer, guard, slice};
use serde_json::Value;
use std::collections::HashMap;
use std::ffi::{CStr, c_char};
use std::path::Path;
use wasmtime_environ::wasmparser::Encoding;
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::{Wast, Wat};
use wit_component::{DecodedWasm, WitPrinter};

/// # Safety
/// `text` points to `len` bytes; `out` to a buffer; `error` to a buffer or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nacre_wat_to_wasm(
    text: *const u8,
    len: usize,
    out: *mut Buffer,
    error: *mut Buffer,
) -> bool {
    unsafe {
        guard(out, error, || {
            let text = utf8(slice(text, len))?;
            wat_to_wasm(text).map(Buffer::from)
        })
    }
}

/// # Safety
/// `name` is a terminated string; `text` points to `len` bytes; `out` to a buffer; `error` to a buffer or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nacre_wast_to_json(
    name: *const c_char,
    text: *const u8,
    len: usize,
    out: *mut Buffer,
    error: *mut Buffer,
) -> bool {
    unsafe {
        guard(out, error, || {
            let name = CStr::from_ptr(name).to_str().map_err(|e| e.to_string())?;
            Ok(wast_to_json(name, utf8(slice(text, len))?)?.into_bytes().into())
        })
    }
}

/// # Safety
/// `bytes` points to `len` bytes; `out` to a buffer; `error` to a buffer or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nacre_component_wit(
    bytes: *const u8,
    len: usize,
    whole: bool,
    out: *mut Buffer,
    error: *mut Buffer,
) -> bool {
    unsafe { guard(out, error, || Ok(wit(slice(bytes, len), whole)?.into_bytes().into())) }
}

fn utf8(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|e| format!("the text is not UTF-8: {e}"))
}

fn located(mut error: wast::Error, text: &str, name: &str) -> String {
    error.set_path(Path::new(name));
    error.set_text(text);
    error.to_string()
}

/// The tokens of `text`. Names may be of any script: tests mean to look confusing.
fn tokens<'a>(text: &'a str, name: &str) -> Result<ParseBuffer<'a>, String> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    ParseBuffer::new_with_lexer(lexer).map_err(|e| located(e, text, name))
}

fn wat_to_wasm(text: &str) -> Result<Vec<u8>, String> {
    let fail = |e| located(e, text, "text");
    let buffer = tokens(text, "text")?;
    parser::parse::<Wat>(&buffer).and_then(|mut wat| wat.encode()).map_err(fail)
}

fn wast_to_json(name: &str, text: &str) -> Result<String, String> {
    let buffer = tokens(text, name)?;
    let script = parser::parse::<Wast>(&buffer).map_err(|e| located(e, text, name))?;
    let script =
        json_from_wast::Wast::from_ast(name, text, script).map_err(|e| format!("{e:#}"))?;
    let mut json = serde_json::to_value(&script).map_err(|e| e.to_string())?;
    inline(&mut json, &script.wasms.into_iter().collect());
    Ok(json.to_string())
}

/// Puts contents where the script names files: `wasm` (hexadecimal) for binaries, `text` for what may not even parse.
fn inline(json: &mut Value, files: &HashMap<String, Vec<u8>>) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(|item| inline(item, files)),
        Value::Object(object) => {
            object.values_mut().for_each(|item| inline(item, files));
            let file = |key| files.get(object.get(key)?.as_str()?);
            let text = object.get("module_type").is_some_and(|ty| ty == "text");
            let (first, binary) = (file("filename").cloned(), file("binary_filename").cloned());
            if text && let Some(text) = &first {
                object.insert("text".into(), String::from_utf8_lossy(text).into());
            }
            if let Some(binary) = if text { binary } else { first } {
                object.insert("wasm".into(), hexadecimal(&binary).into());
            }
        }
        _ => {}
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|d| char::from(DIGITS[usize::from(d)]));
    bytes.iter().flat_map(digits).collect()
}

fn wit(bytes: &[u8], whole: bool) -> Result<String, String> {
    if check::encoding(bytes)? == Encoding::Module {
        return Err("this is a core module, not a component; it has no WIT".into());
    }
    let decoded = wit_component::decode(bytes).map_err(|e| format!("{e:#}"))?;
    let (resolve, package) = match &decoded {
        DecodedWasm::WitPackage(resolve, package) => (resolve, *package),
        DecodedWasm::Component(resolve, world) => {
            let package = resolve.worlds[*world].package;
            (resolve, package.ok_or("the component's world is in no package")?)
        }
    };
    let mut others: Vec<_> = resolve.packages.iter().map(|(id, _)| id).collect();
    others.retain(|id| whole && *id != package);
    let mut printer = WitPrinter::default();
    printer.print(resolve, package, &others).map_err(|e| format!("{e:#}"))?;
    Ok(printer.output.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_become_json_with_binaries_inside() {
        let script = r#"
            (component $c (import "f" (func)))
            (assert_return (invoke "g" (u8.const 7) (str.const "x")) (list.const (bool.const true)))
            (assert_malformed (component quote "(import") "unexpected")
        "#;
        let json: Value = serde_json::from_str(&wast_to_json("t.wast", script).unwrap()).unwrap();
        let commands = json["commands"].as_array().unwrap();
        assert!(commands[0]["wasm"].as_str().unwrap().starts_with("0061736d0d000100"));
        assert_eq!(commands[1]["action"]["args"][0]["type"], "u8");
        assert_eq!(commands[1]["action"]["args"][0]["value"], "7");
        assert_eq!(commands[1]["expected"][0]["type"], "list");
        assert!(commands[2]["text"].is_string());
        assert!(commands[2].get("wasm").is_none());
    }

    #[test]
    fn errors_of_text_name_the_place() {
        let error = wat_to_wasm("(module\n  (fnc))").unwrap_err();
        assert!(error.contains("text:2:"), "{error}");
    }
}
