// SPDX-License-Identifier: Apache-2.0
//! Declarations of WIT's named types: aliases, enums, flags, records and variants.

use crate::Unit;
use crate::names;
use crate::text::Page;
use crate::types::Mode;
use anyhow::Result;
use wit_parser::{Docs, Enum, Flags, Handle, Record, Type, TypeDefKind, TypeId, Variant};

/// Names the structs of a type: the owned one, and the view if it is another.
pub fn modes(unit: &Unit, id: TypeId) -> Vec<(Mode, String)> {
    let name = unit.types.name(id).to_string();
    if unit.types.has_view(&Type::Id(id)) {
        let view = format!("{name}View");
        vec![(Mode::Owned, name), (Mode::View, view)]
    } else {
        vec![(Mode::Owned, name)]
    }
}

/// Whether the owned struct can be made from the view by copying.
pub fn copies(unit: &Unit, id: TypeId) -> bool {
    let ty = Type::Id(id);
    unit.types.has_view(&ty) && !unit.types.has_own(&ty) && !unit.types.has_borrow(&ty)
}

/// What other declarations may name before it is defined.
pub fn forward(unit: &Unit, id: TypeId, page: &mut Page) {
    match &unit.types.resolve.types[id].kind {
        TypeDefKind::Resource => page.line(&format!("class {};", unit.types.name(id))),
        TypeDefKind::Record(_) | TypeDefKind::Variant(_) => {
            for (_, name) in modes(unit, id) {
                page.line(&format!("struct {name};"));
            }
        }
        _ => {}
    }
}

/// Aliases, enums and flags: nothing in them can be incomplete.
pub fn simple(unit: &Unit, id: TypeId, page: &mut Page) -> Result<()> {
    let definition = &unit.types.resolve.types[id];
    match &definition.kind {
        TypeDefKind::Record(_) | TypeDefKind::Variant(_) | TypeDefKind::Resource => return Ok(()),
        TypeDefKind::Enum(cases) => {
            page.blank();
            page.docs(&definition.docs);
            enumeration(unit.types.name(id), cases, page);
        }
        TypeDefKind::Flags(flags) => {
            page.blank();
            page.docs(&definition.docs);
            flag_set(unit.types.name(id), flags, page);
        }
        _ => alias(unit, id, page)?,
    }
    Ok(())
}

pub fn composite(unit: &Unit, id: TypeId, page: &mut Page) -> Result<()> {
    let definition = &unit.types.resolve.types[id];
    for (mode, name) in modes(unit, id) {
        let docs = |page: &mut Page| {
            match mode {
            Mode::View => page.comment(&format!(
                "{} as a host function receives it: a view, valid until the function returns or first suspends.",
                unit.types.name(id)
            )),
            _ => page.docs(&definition.docs),
        }
        };
        match &definition.kind {
            TypeDefKind::Record(fields) => {
                page.blank();
                docs(page);
                record(unit, id, (mode, &name), fields, page)?;
            }
            TypeDefKind::Variant(cases) => {
                page.blank();
                docs(page);
                variant(unit, id, (mode, &name), cases, page)?;
            }
            _ => return Ok(()),
        }
        if mode == Mode::View && copies(unit, id) {
            page.line(&format!("{} to_owned(const {name}& view);", unit.types.name(id)));
        }
    }
    Ok(())
}

fn alias(unit: &Unit, id: TypeId, page: &mut Page) -> Result<()> {
    let definition = &unit.types.resolve.types[id];
    // A handle type has no spelling of its own, and an alias of a resource is that resource's class.
    let spelled = |mode: Mode| match &definition.kind {
        TypeDefKind::Type(Type::Id(target)) => {
            unit.types.qualified(unit.types.definition(*target), unit.namespace())
        }
        TypeDefKind::Type(ty) => unit.types.cpp(ty, mode, unit.namespace()),
        kind => unit.types.cpp_kind(kind, mode, unit.namespace()),
    };
    page.blank();
    page.docs(&definition.docs);
    let name = unit.types.name(id);
    page.line(&format!("using {name} = {};", spelled(Mode::Owned)?));
    let is_name = matches!(definition.kind, TypeDefKind::Type(Type::Id(_)));
    if unit.types.has_view(&Type::Id(id)) && !is_name {
        page.line(&format!("using {name}View = {};", spelled(Mode::View)?));
    }
    Ok(())
}

fn enumeration(name: &str, cases: &Enum, page: &mut Page) {
    let bits = if cases.cases.len() <= 0x100 { 8 } else { 16 };
    page.block(&format!("enum class {name} : std::uint{bits}_t {{"), "};", |page| {
        for case in &cases.cases {
            page.docs(&case.docs);
            page.line(&format!("{},", names::member(&case.name)));
        }
    });
}

fn flag_set(name: &str, flags: &Flags, page: &mut Page) {
    let count = flags.flags.len();
    let bits = if count <= 8 {
        8
    } else if count <= 16 {
        16
    } else {
        32
    };
    let all = if count == 0 { 0 } else { u32::MAX >> (32 - count as u32) };
    page.block(&format!("struct {name} {{"), "};", |page| {
        page.line(&format!("using Bits = std::uint{bits}_t;"));
        page.line("/// Every bit that has a name.");
        page.line(&format!("static constexpr Bits kAll = {all:#x};"));
        page.blank();
        for flag in &flags.flags {
            page.docs(&flag.docs);
            page.line(&format!("static const {name} {};", names::constant(&flag.name)));
        }
        page.blank();
        page.line("Bits bits = 0;");
        page.blank();
        page.line("/// True if all of `some` are set.");
        page.line(&format!(
            "constexpr bool has({name} some) const {{ return (bits & some.bits) == some.bits; }}"
        ));
        for op in ["|", "&"] {
            page.block(
                &format!("friend constexpr {name} operator{op}({name} a, {name} b) {{"),
                "}",
                |page| {
                    page.line(&format!("return {{static_cast<Bits>(a.bits {op} b.bits)}};"));
                },
            );
        }
        page.line(&format!("friend constexpr bool operator==({name} a, {name} b) = default;"));
    });
    for (bit, flag) in flags.flags.iter().enumerate() {
        let constant = names::constant(&flag.name);
        page.line(&format!("inline constexpr {name} {name}::{constant}{{{:#x}}};", 1u32 << bit));
    }
}

fn comparable(unit: &Unit, ty: TypeId, mode: Mode) -> bool {
    let ty = Type::Id(ty);
    mode == Mode::Owned && !unit.types.has_own(&ty) && !unit.types.has_borrow(&ty)
}

fn record(
    unit: &Unit,
    id: TypeId,
    (mode, name): (Mode, &str),
    record: &Record,
    page: &mut Page,
) -> Result<()> {
    let mut members = Vec::new();
    for field in &record.fields {
        let ty = unit.types.cpp(&field.ty, mode, unit.namespace())?;
        let initial = if is_scalar(unit, &field.ty) { "{}" } else { "" };
        members.push((&field.docs, format!("{ty} {}{initial};", names::member(&field.name))));
    }
    page.block(&format!("struct {name} {{"), "};", |page| {
        for (docs, member) in members {
            if mode == Mode::Owned {
                page.docs(docs);
            }
            page.line(&member);
        }
        if comparable(unit, id, mode) {
            page.blank();
            page.line(&format!("friend bool operator==(const {name}&, const {name}&) = default;"));
        }
    });
    Ok(())
}

/// Values that would start out uninitialised.
fn is_scalar(unit: &Unit, ty: &Type) -> bool {
    let Type::Id(id) = ty else { return *ty != Type::String };
    match &unit.types.resolve.types[*id].kind {
        TypeDefKind::Type(ty) => is_scalar(unit, ty),
        TypeDefKind::Enum(_) | TypeDefKind::Handle(Handle::Borrow(_)) => true,
        _ => false,
    }
}

fn variant(
    unit: &Unit,
    id: TypeId,
    (mode, name): (Mode, &str),
    variant: &Variant,
    page: &mut Page,
) -> Result<()> {
    let mut payloads = Vec::new();
    for case in &variant.cases {
        payloads.push(match &case.ty {
            Some(ty) => unit.types.cpp(ty, mode, unit.namespace())?,
            None => "component::Unit".to_string(),
        });
    }
    page.block(&format!("struct {name} {{"), "};", |page| {
        let docs = |page: &mut Page, docs: &Docs| {
            if mode == Mode::Owned {
                page.docs(docs);
            }
        };
        page.block("enum class Case : std::uint8_t {", "};", |page| {
            for case in &variant.cases {
                docs(page, &case.docs);
                page.line(&format!("{},", names::member(&case.name)));
            }
        });
        alternatives(&payloads, page);
        page.line("Payload value;");
        page.blank();
        for (index, (case, payload)) in variant.cases.iter().zip(&payloads).enumerate() {
            constructor(
                name,
                index,
                &names::member(&case.name),
                case.ty.is_some().then_some(payload),
                page,
            );
        }
        page.blank();
        page.line("Case case_() const { return static_cast<Case>(value.index()); }");
        page.line("bool is(Case some) const { return case_() == some; }");
        for (index, (case, payload)) in variant.cases.iter().zip(&payloads).enumerate() {
            if case.ty.is_some() {
                accessor(index, &case.name, payload, page);
            }
        }
        if comparable(unit, id, mode) {
            page.blank();
            page.line(&format!("friend bool operator==(const {name}&, const {name}&) = default;"));
        }
    });
    Ok(())
}

/// One alternative a case, in order; runs of cases without payload share a line.
fn alternatives(payloads: &[String], page: &mut Page) {
    let mut lines: Vec<String> = vec![String::new()];
    for (index, payload) in payloads.iter().enumerate() {
        let end = if index + 1 == payloads.len() { ">;" } else { "," };
        let last = lines.last_mut().unwrap();
        if last.len() + payload.len() > 68 {
            lines.push(format!("{payload}{end}"));
        } else {
            let gap = if last.is_empty() { "" } else { " " };
            last.push_str(&format!("{gap}{payload}{end}"));
        }
    }
    for (index, line) in lines.iter().enumerate() {
        let start = if index == 0 {
            "using Payload = std::variant<"
        } else {
            "                             "
        };
        page.line(&format!("{start}{line}"));
    }
}

fn constructor(name: &str, index: usize, case: &str, payload: Option<&String>, page: &mut Page) {
    let (param, value) = match payload {
        Some(payload) => (format!("{payload} payload"), ", std::move(payload)"),
        None => (String::new(), ""),
    };
    let head = format!("static {name} {case}({param})");
    page.body(&head, &format!("return {{Payload{{std::in_place_index<{index}>{value}}}}};"));
}

fn accessor(index: usize, case: &str, payload: &str, page: &mut Page) {
    let plain = case.replace('-', "_").to_lowercase();
    let body = format!("return std::get_if<{index}>(&value);");
    let constant = if payload.ends_with('*') {
        format!("{payload} const")
    } else {
        format!("const {payload}")
    };
    page.line(&format!("/// The payload of `{case}`, or null."));
    page.body(&format!("{payload}* if_{plain}()"), &body);
    page.body(&format!("{constant}* if_{plain}() const"), &body);
}
