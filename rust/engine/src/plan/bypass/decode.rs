// SPDX-License-Identifier: Apache-2.0
//! Recognizes shim and fixup modules by what they do, not by their names or tools.

use std::collections::HashMap;
use wasmtime_environ::wasmparser::{
    self, ElementItems, ElementKind, ExternalKind, FuncType, FunctionBody, Operator, Parser,
    Payload, TypeRef, ValType,
};

/// A module that only forwards calls through its one table, and exports the functions and the table.
pub struct Shim {
    /// Table slot that each exported function calls, and its type, by export name.
    pub functions: HashMap<String, (u32, FuncType)>,
    pub table: String,
    /// How many slots the table has.
    pub size: u64,
}

/// A module that only fills an imported table from slot 0 on with functions it imports.
pub struct Fixup {
    /// For each slot, which of the module's imports goes there, and its type.
    pub slots: Vec<(usize, FuncType)>,
    /// Which import is the table.
    pub table: usize,
    /// Which import runs at the end, if one does.
    pub start: Option<usize>,
}

/// `None`: the module does anything else, or something that is not looked for.
pub fn shim(wasm: &[u8]) -> Option<Shim> {
    let mut types: Vec<FuncType> = Vec::new();
    let mut functions: Vec<u32> = Vec::new();
    let mut slots: Vec<(u32, FuncType)> = Vec::new();
    let mut size = None;
    let mut exports = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.ok()? {
            Payload::TypeSection(section) => types = plain_types(section)?,
            Payload::FunctionSection(section) => {
                functions = section.into_iter().collect::<Result<_, _>>().ok()?;
            }
            Payload::TableSection(section) if section.count() == 1 => {
                let made = section.into_iter().next()?.ok()?;
                // A table of fixed size whose slots start out as null.
                let fixed = made.ty.maximum == Some(made.ty.initial) && !made.ty.table64;
                if !fixed || !matches!(made.init, wasmparser::TableInit::RefNull) {
                    return None;
                }
                size = Some(made.ty.initial);
            }
            Payload::ExportSection(section) => {
                exports = section.into_iter().collect::<Result<_, _>>().ok()?;
            }
            Payload::CodeSectionEntry(body) => {
                let index = *functions.get(slots.len())?;
                let ty = types.get(index as usize)?;
                slots.push((forwarded_slot(&body, index, ty)?, ty.clone()));
            }
            Payload::Version { .. }
            | Payload::CodeSectionStart { .. }
            | Payload::CustomSection(_)
            | Payload::End(_) => {}
            _ => return None,
        }
    }
    let mut found = Shim { functions: HashMap::new(), table: String::new(), size: size? };
    for export in exports {
        match export.kind {
            ExternalKind::Func => {
                let slot = slots.get(export.index as usize)?.clone();
                found.functions.insert(export.name.into(), slot);
            }
            ExternalKind::Table if found.table.is_empty() => found.table = export.name.into(),
            _ => return None,
        }
    }
    (!found.table.is_empty()).then_some(found)
}

/// Function types of numbers only; others would have to be compared across modules.
fn plain_types(section: wasmparser::TypeSectionReader<'_>) -> Option<Vec<FuncType>> {
    let types: Vec<FuncType> =
        section.into_iter_err_on_gc_types().collect::<Result<_, _>>().ok()?;
    let plain = |ty: &FuncType| {
        !ty.params().iter().chain(ty.results()).any(|ty| matches!(ty, ValType::Ref(_)))
    };
    types.iter().all(plain).then_some(types)
}

/// The body is "push all parameters, push a slot, call it through table 0 as my own type".
fn forwarded_slot(body: &FunctionBody<'_>, index: u32, ty: &FuncType) -> Option<u32> {
    if body.get_locals_reader().ok()?.get_count() != 0 {
        return None;
    }
    let mut operators = body.get_operators_reader().ok()?;
    for param in 0..ty.params().len() as u32 {
        let Operator::LocalGet { local_index } = operators.read().ok()? else { return None };
        if local_index != param {
            return None;
        }
    }
    let Operator::I32Const { value } = operators.read().ok()? else { return None };
    match operators.read().ok()? {
        Operator::CallIndirect { type_index, table_index: 0 }
        | Operator::ReturnCallIndirect { type_index, table_index: 0 }
            if type_index == index => {}
        _ => return None,
    }
    let Operator::End = operators.read().ok()? else { return None };
    (operators.eof()).then_some(value as u32)
}

/// `None`: the module does anything else, or something that is not looked for.
pub fn fixup(wasm: &[u8]) -> Option<Fixup> {
    let mut types: Vec<FuncType> = Vec::new();
    // Of each imported function, which import it is and its type.
    let mut functions = Vec::new();
    let mut tables = Vec::new();
    let mut slots = None;
    let mut start = None;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.ok()? {
            Payload::TypeSection(section) => types = plain_types(section)?,
            Payload::ImportSection(section) => {
                for (index, import) in section.into_imports().enumerate() {
                    match import.ok()?.ty {
                        TypeRef::Func(ty) => {
                            functions.push((index, types.get(ty as usize)?.clone()))
                        }
                        TypeRef::Table(_) => tables.push(index),
                        _ => return None,
                    }
                }
            }
            Payload::ElementSection(section) if section.count() == 1 => {
                let element = section.into_iter().next()?.ok()?;
                slots = Some(filled_slots(element)?);
            }
            Payload::StartSection { func, .. } => start = Some(func),
            Payload::FunctionSection(section) if section.count() == 0 => {}
            Payload::Version { .. } | Payload::CustomSection(_) | Payload::End(_) => {}
            _ => return None,
        }
    }
    let import_of = |function: u32| functions.get(function as usize).cloned();
    let [table] = tables[..] else { return None };
    Some(Fixup {
        slots: slots?.into_iter().map(import_of).collect::<Option<_>>()?,
        table,
        start: match start {
            Some(function) => Some(import_of(function)?.0),
            None => None,
        },
    })
}

/// The functions that an active segment puts into table 0 from slot 0 on.
fn filled_slots(element: wasmparser::Element<'_>) -> Option<Vec<u32>> {
    let ElementKind::Active { table_index: None | Some(0), offset_expr } = element.kind else {
        return None;
    };
    let mut offset = offset_expr.get_operators_reader();
    let Operator::I32Const { value: 0 } = offset.read().ok()? else { return None };
    let Operator::End = offset.read().ok()? else { return None };
    let ElementItems::Functions(functions) = element.items else { return None };
    functions.into_iter().collect::<Result<_, _>>().ok()
}
