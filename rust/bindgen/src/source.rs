// SPDX-License-Identifier: Apache-2.0
//! The source of a package: a thunk per host function, the tables of the linker, exported functions.

use crate::header::{self, HostFunction};
use crate::text::Page;
use crate::{Unit, decl, exports, names, signature};
use anyhow::Result;
use wit_parser::{InterfaceId, TypeDefKind};

/// As in the canonical ABI: more flat parameters than this go through memory.
const MAX_FLAT_PARAMS: usize = 16;

pub fn write(unit: &Unit) -> Result<String> {
    let mut page = Page::new(&unit.types.resolve.packages[unit.id].name.to_string());
    let namespace = unit.namespace();
    page.line(&format!("#include \"bindings/{namespace}.h\""));
    page.blank();
    page.line(&format!("#include \"bindings/{namespace}_abi.h\""));
    page.line("#include \"component/linker.h\"");
    page.line("#include \"component/typed/owned.h\"");
    page.line("#include \"component/typed/thunk.h\"");
    if unit.interfaces.iter().any(|id| unit.is_export(*id)) {
        page.line("#include \"component/typed/export.h\"");
    }
    page.blank();
    page.line(&format!("namespace nacre::{namespace} {{"));
    for id in &unit.interfaces {
        page.blank();
        page.line(&format!("// {}", signature::interface_name(unit.types.resolve, *id)?));
        if unit.is_export(*id) {
            exports::define(unit, *id, &mut page)?;
        } else {
            interface(unit, *id, &mut page)?;
        }
    }
    for id in header::all_types(unit) {
        let composite = matches!(
            unit.types.resolve.types[id].kind,
            TypeDefKind::Record(_) | TypeDefKind::Variant(_)
        );
        if composite && decl::copies(unit, id) {
            let name = unit.types.name(id);
            page.blank();
            page.block(&format!("{name} to_owned(const {name}View& view) {{"), "}", |page| {
                page.line(&format!("return component::own<{name}>(view);"));
            });
        }
    }
    page.blank();
    page.line(&format!("}} // namespace nacre::{namespace}"));
    Ok(page.finish())
}

fn interface(unit: &Unit, id: InterfaceId, page: &mut Page) -> Result<()> {
    let functions = header::functions(unit, id)?;
    let resources: Vec<_> = unit
        .types
        .defined(id)
        .into_iter()
        .filter(|ty| matches!(unit.types.resolve.types[*ty].kind, TypeDefKind::Resource))
        .collect();
    if functions.is_empty() && resources.is_empty() {
        return Ok(());
    }
    if !functions.is_empty() {
        page.line("namespace {");
        for function in &functions {
            thunk(unit, id, function, page);
        }
        table(unit, id, &functions, page)?;
        page.blank();
        page.line("} // namespace");
    }
    page.blank();
    page.block(&format!("{} {{", header::link_head(unit, id, &functions)), "}", |page| {
        let name = signature::interface_name(unit.types.resolve, id).unwrap_or_default();
        let version = unit.version();
        for resource in &resources {
            let wit = unit.types.resolve.types[*resource].name.as_deref().unwrap_or_default();
            let tag = format!("{}::kTag", unit.types.name(*resource));
            let args = [format!("\"{name}\""), format!("\"{version}\""), format!("\"{wit}\""), tag];
            page.call("linker.define_resource", &args, ";");
        }
        if !functions.is_empty() {
            let host = if header::needs_host(&functions) { "&host" } else { "nullptr" };
            let args = [
                format!("\"{name}\""),
                format!("\"{version}\""),
                table_name(unit, id),
                host.to_string(),
            ];
            page.call("linker.define", &args, ";");
        }
    });
    Ok(())
}

fn thunk_name(unit: &Unit, id: InterfaceId, function: &HostFunction) -> String {
    let interface = unit.interface_name(id);
    let name = match function.method_of {
        Some(resource) => {
            let resource = unit.types.resolve.types[resource].name.as_deref().unwrap_or_default();
            format!("call-{interface}-{resource}-{}", function.function.item_name())
        }
        None => format!("call-{interface}-{}", function.name),
    };
    name.replace('-', "_").to_lowercase()
}

fn table_name(unit: &Unit, id: InterfaceId) -> String {
    names::constant(unit.interface_name(id)) + "Funcs"
}

fn thunk(unit: &Unit, id: InterfaceId, function: &HostFunction, page: &mut Page) {
    let flat: usize = function.function.params.iter().map(|param| unit.types.flat(&param.ty)).sum();
    let out = if flat > MAX_FLAT_PARAMS { 1 } else { flat };
    let self_name = if function.method_of.is_some() { "/*host*/" } else { "host" };
    page.blank();
    let head = format!("bool {}", thunk_name(unit, id, function));
    let params = [
        format!("void* {self_name}"),
        "component::HostCall& call".into(),
        "component::Raw* values".into(),
    ];
    page.call(&head, &params, " {");
    page.indented(|page| {
        let mut lifted = vec!["call".to_string(), "values".to_string()];
        if let Some(resource) = function.method_of {
            page.line(&format!("{}* self = nullptr;", unit.types.name(resource)));
            lifted.push("self".into());
        }
        for param in &function.params {
            page.line(&format!("{} {}{{}};", param.lifted, param.name));
            lifted.push(param.name.clone());
        }
        if lifted.len() > 2 {
            page.call("if (!component::lift_params", &lifted, ")");
            page.line("  return false;");
        }
        if function.method_of.is_none() {
            page.line(&format!(
                "auto* const self = static_cast<{}*>(host);",
                header::host_class(unit, id)
            ));
        }
        let mut args = vec!["call".to_string()];
        args.extend(function.params.iter().map(|param| param.passed.clone()));
        page.call(&format!("auto result = self->{}", function.name), &args, ";");
        page.line(&format!("return component::answer<{out}>(call, values, std::move(result));"));
    });
    page.line("}");
}

fn table(unit: &Unit, id: InterfaceId, functions: &[HostFunction], page: &mut Page) -> Result<()> {
    let mut rows = Vec::new();
    for function in functions {
        let signature = signature::of_function(unit.types.resolve, function.function)?;
        rows.push((function, signature));
    }
    page.blank();
    page.block(
        &format!("constexpr component::HostFunc {}[] = {{", table_name(unit, id)),
        "};",
        |page| {
            for (function, signature) in rows {
                page.indented(|page| {
                    page.line(&format!("{{.name = \"{}\",", function.function.name));
                    page.literal(" .signature = ", &signature, ",");
                    let suspends = function.suspends;
                    page.line(&format!(" .thunk = {},", thunk_name(unit, id, function)));
                    page.line(&format!(" .suspends = {suspends}}},"));
                });
            }
        },
    );
    Ok(())
}
