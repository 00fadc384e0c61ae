// SPDX-License-Identifier: Apache-2.0
//! Interfaces that components export: a class per interface, bound to a component, called on its guests.

use crate::text::Page;
use crate::types::Mode;
use crate::{Unit, names, signature};
use anyhow::{Result, bail};
use wit_parser::{Function, FunctionKind, InterfaceId};

struct ExportFunction<'a> {
    function: &'a Function,
    name: String,
    result: String,
    /// (type, name)
    params: Vec<(String, String)>,
}

fn functions<'a>(unit: &Unit<'a>, id: InterfaceId) -> Result<Vec<ExportFunction<'a>>> {
    let mut all = Vec::new();
    for function in unit.types.resolve.interfaces[id].functions.values() {
        if function.kind != FunctionKind::Freestanding {
            bail!("{}: only plain functions of exported interfaces have bindings", function.name);
        }
        let spelled = |ty| unit.types.cpp(ty, Mode::Owned, unit.namespace());
        let mut params = Vec::new();
        for param in &function.params {
            if unit.types.has_borrow(&param.ty) {
                bail!("{}: borrows cannot be passed to a call that outlives them", function.name);
            }
            params.push((spelled(&param.ty)?, names::param(&param.name)));
        }
        let result = function.result.as_ref().map(spelled).transpose()?.unwrap_or_default();
        all.push(ExportFunction { function, name: names::member(&function.name), result, params });
    }
    Ok(all)
}

pub fn declare(unit: &Unit, id: InterfaceId, page: &mut Page) -> Result<()> {
    let functions = functions(unit, id)?;
    let class = names::title(unit.interface_name(id));
    let interface = &unit.types.resolve.interfaces[id];
    page.blank();
    page.docs(&interface.docs);
    page.remark(
        &interface.docs,
        &format!(
            "The export `{}` of one component. Cheap to copy; lives no longer than the component.",
            signature::interface_name(unit.types.resolve, id)?
        ),
    );
    page.block(&format!("class {class} {{"), "};", |page| {
        page.access("public:");
        page.comment("`not_found` or `invalid` if the component exports no such interface, or another shape of it.");
        page.line(&format!("static Result<{class}> bind(const component::Component& component);"));
        for function in &functions {
            page.blank();
            page.docs(&function.function.docs);
            page.remark(&function.function.docs, "The guest must outlive the task; the guest's traps are errors.");
            page.function(&returns(function), &function.name, &params(function), " const;");
        }
        page.blank();
        page.access("private:");
        for function in &functions {
            page.line(&format!("component::ExportFunc {}_;", function.name.trim_end_matches('_')));
        }
    });
    Ok(())
}

fn returns(function: &ExportFunction) -> String {
    format!("Task<{}>", function.result)
}

fn params(function: &ExportFunction) -> Vec<String> {
    let mut params = vec!["component::Guest& guest".to_string()];
    params.extend(function.params.iter().map(|(ty, name)| format!("{ty} {name}")));
    params
}

pub fn define(unit: &Unit, id: InterfaceId, page: &mut Page) -> Result<()> {
    let functions = functions(unit, id)?;
    let class = names::title(unit.interface_name(id));
    let interface = signature::interface_name(unit.types.resolve, id)?;
    let mut binds = Vec::new();
    for function in &functions {
        binds.push((function, signature::of_function(unit.types.resolve, function.function)?));
    }
    page.blank();
    page.block(
        &format!("Result<{class}> {class}::bind(const component::Component& component) {{"),
        "}",
        |page| {
            page.line(&format!("{class} bound;"));
            for (function, signature) in binds {
                let member = function.name.trim_end_matches('_');
                page.line(&format!("constexpr std::string_view {member}_type ="));
                page.literal("    ", &signature, ";");
                let args = [
                    "component".to_string(),
                    format!("\"{interface}\""),
                    format!("\"{}\"", unit.version()),
                    format!("\"{}\"", function.function.name),
                    format!("{member}_type"),
                ];
                page.call(&format!("TRY(bound.{member}_, component::find_export"), &args, ");");
            }
            page.line("return bound;");
        },
    );
    for function in &functions {
        page.blank();
        let name = format!("{class}::{}", function.name);
        page.function(&returns(function), &name, &params(function), " const {");
        page.indented(|page| {
            let member = function.name.trim_end_matches('_');
            let mut args = vec!["guest".to_string(), format!("{member}_")];
            args.extend(function.params.iter().map(|(_, name)| format!("std::move({name})")));
            let result = if function.result.is_empty() { "void" } else { &function.result };
            page.call(&format!("return component::call_export<{result}>"), &args, ";");
        });
        page.line("}");
    }
    Ok(())
}
