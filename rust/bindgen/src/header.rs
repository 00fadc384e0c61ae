// SPDX-License-Identifier: Apache-2.0
//! The header of a package: types, resource classes, host interfaces, link functions, exports.

use crate::text::Page;
use crate::types::Mode;
use crate::{Unit, decl, exports, names, signature};
use anyhow::Result;
use wit_parser::{Function, FunctionKind, Handle, InterfaceId, Type, TypeDefKind, TypeId};

/// How a host function looks in C++.
pub struct HostFunction<'a> {
    pub function: &'a Function,
    pub name: String,
    /// The resource it is a method of.
    pub method_of: Option<TypeId>,
    pub suspends: bool,
    /// The result refers to memory of the host's.
    pub views: bool,
    /// "std::uint64_t"; empty for none.
    pub result: String,
    pub params: Vec<HostParam>,
}

pub struct HostParam {
    pub name: String,
    /// What the thunk lifts into: "OutputStream*".
    pub lifted: String,
    /// What the function takes: "OutputStream&".
    pub taken: String,
    /// How the thunk passes it on: "*stream".
    pub passed: String,
}

impl HostFunction<'_> {
    pub fn returns(&self) -> String {
        format!("{}<{}>", if self.suspends { "Async" } else { "Result" }, self.result)
    }
}

pub fn functions<'a>(unit: &Unit<'a>, id: InterfaceId) -> Result<Vec<HostFunction<'a>>> {
    let all = unit.types.resolve.interfaces[id].functions.values();
    all.map(|function| host_function(unit, id, function)).collect()
}

fn host_function<'a>(
    unit: &Unit<'a>,
    id: InterfaceId,
    function: &'a Function,
) -> Result<HostFunction<'a>> {
    let interface = unit.interface_name(id);
    let last = function.item_name();
    let resource_name =
        |resource: TypeId| unit.types.resolve.types[resource].name.clone().unwrap_or_default();
    let (name, method_of) = match function.kind {
        FunctionKind::Method(resource) | FunctionKind::AsyncMethod(resource) => {
            (names::member(last), Some(unit.types.definition(resource)))
        }
        FunctionKind::Static(resource) | FunctionKind::AsyncStatic(resource) => {
            (names::member(&format!("{}-{last}", resource_name(resource))), None)
        }
        FunctionKind::Constructor(resource) => {
            (names::member(&format!("make-{}", resource_name(resource))), None)
        }
        FunctionKind::Freestanding | FunctionKind::AsyncFreestanding => (names::member(last), None),
    };
    let own_params = if method_of.is_some() { &function.params[1..] } else { &function.params[..] };
    let mode = if unit.config.answers_views(interface, &function.name) {
        Mode::View
    } else {
        Mode::Answer
    };
    let result = function.result.as_ref().map(|ty| unit.types.cpp(ty, mode, unit.namespace()));
    Ok(HostFunction {
        function,
        name,
        method_of,
        suspends: unit.config.suspends(interface, &function.name),
        views: mode == Mode::View && function.result.is_some_and(|ty| unit.types.has_view(&ty)),
        result: result.transpose()?.unwrap_or_default(),
        params: own_params
            .iter()
            .map(|p| host_param(unit, &p.name, &p.ty))
            .collect::<Result<_>>()?,
    })
}

fn host_param(unit: &Unit, wit: &str, ty: &Type) -> Result<HostParam> {
    let name = names::param(wit);
    let lifted = unit.types.cpp(ty, Mode::View, unit.namespace())?;
    let is_borrow = matches!(ty, Type::Id(id) if matches!(
        unit.types.resolve.types[unit.types.definition(*id)].kind,
        TypeDefKind::Handle(Handle::Borrow(_))
    ));
    Ok(if is_borrow {
        let taken = lifted.trim_end_matches('*').to_string() + "&";
        HostParam { passed: format!("*{name}"), name, lifted, taken }
    } else if unit.types.has_own(ty) {
        HostParam { passed: format!("std::move({name})"), name, taken: lifted.clone(), lifted }
    } else {
        HostParam { passed: name.clone(), name, taken: lifted.clone(), lifted }
    })
}

pub fn write(unit: &Unit) -> Result<String> {
    let package = &unit.types.resolve.packages[unit.id];
    let mut page = Page::new(&package.name.to_string());
    let has_exports = unit.interfaces.iter().any(|id| unit.is_export(*id));
    page.line("#pragma once");
    page.blank();
    page.line("#include \"base/result.h\"");
    for other in unit.uses() {
        page.line(&format!("#include \"bindings/{other}.h\""));
    }
    if has_exports {
        page.line("#include \"component/guest.h\"");
    }
    page.line("#include \"component/host_call.h\"");
    page.line("#include \"component/resource.h\"");
    page.line("#include \"component/typed/bytes.h\"");
    page.line("#include \"component/typed/err.h\"");
    page.line("#include \"component/typed/unit.h\"");
    page.line("#include \"loop/async.h\"");
    page.blank();
    let std = [
        "cstdint",
        "expected",
        "memory",
        "optional",
        "span",
        "string",
        "string_view",
        "tuple",
        "utility",
        "variant",
        "vector",
    ];
    for header in std {
        page.line(&format!("#include <{header}>"));
    }
    page.blank();
    page.line("namespace nacre::component {");
    page.line("class Linker;");
    page.line("} // namespace nacre::component");
    page.blank();
    page.line(&format!("namespace nacre::{} {{", unit.namespace()));
    page.blank();
    for id in all_types(unit) {
        decl::forward(unit, id, &mut page);
    }
    for id in &unit.interfaces {
        interface(unit, *id, &mut page)?;
    }
    page.blank();
    page.line(&format!("}} // namespace nacre::{}", unit.namespace()));
    Ok(page.finish())
}

pub fn all_types(unit: &Unit) -> Vec<TypeId> {
    unit.interfaces.iter().flat_map(|id| sorted_types(unit, *id)).collect()
}

/// What a type is made of comes before it: the resolver numbers types that way.
fn sorted_types(unit: &Unit, id: InterfaceId) -> Vec<TypeId> {
    let mut types = unit.types.defined(id);
    types.sort_by_key(|id| id.index());
    types
}

fn interface(unit: &Unit, id: InterfaceId, page: &mut Page) -> Result<()> {
    page.blank();
    page.line(&format!("// {}", signature::interface_name(unit.types.resolve, id)?));
    let types = sorted_types(unit, id);
    for ty in &types {
        decl::simple(unit, *ty, page)?;
    }
    if unit.is_export(id) {
        for ty in &types {
            decl::composite(unit, *ty, page)?;
        }
        return exports::declare(unit, id, page);
    }
    let functions = functions(unit, id)?;
    for ty in &types {
        if matches!(unit.types.resolve.types[*ty].kind, TypeDefKind::Resource) {
            resource(unit, *ty, &functions, page)?;
        }
    }
    for ty in &types {
        decl::composite(unit, *ty, page)?;
    }
    host(unit, id, &functions, page);
    link(unit, id, &functions, page);
    Ok(())
}

fn resource(unit: &Unit, id: TypeId, functions: &[HostFunction], page: &mut Page) -> Result<()> {
    let name = unit.types.name(id);
    let full = signature::of_resource(unit.types.resolve, id)?;
    page.blank();
    page.docs(&unit.types.resolve.types[id].docs);
    page.block(&format!("class {name} : public component::Resource {{"), "};", |page| {
        page.access("public:");
        page.line(&format!("static constexpr component::ResourceTag kTag{{\"{full}\"}};"));
        page.line("const component::ResourceTag& tag() const final { return kTag; }");
        for function in functions.iter().filter(|function| function.method_of == Some(id)) {
            pure_virtual(function, page);
        }
    });
    Ok(())
}

fn pure_virtual(function: &HostFunction, page: &mut Page) {
    page.blank();
    page.docs(&function.function.docs);
    if function.views {
        page.remark(
            &function.function.docs,
            "The answer is a view: what it refers to must outlive the call.",
        );
    }
    let mut params = vec!["component::HostCall& call".to_string()];
    params.extend(function.params.iter().map(|param| format!("{} {}", param.taken, param.name)));
    page.function(&format!("virtual {}", function.returns()), &function.name, &params, " = 0;");
}

/// Functions, static functions and constructors need somebody to serve them.
pub fn needs_host(functions: &[HostFunction]) -> bool {
    functions.iter().any(|function| function.method_of.is_none())
}

pub fn host_class(unit: &Unit, id: InterfaceId) -> String {
    names::title(unit.interface_name(id)) + "Host"
}

fn host(unit: &Unit, id: InterfaceId, functions: &[HostFunction], page: &mut Page) {
    if !needs_host(functions) {
        return;
    }
    let class = host_class(unit, id);
    page.blank();
    page.docs(&unit.types.resolve.interfaces[id].docs);
    page.block(&format!("class {class} {{"), "};", |page| {
        page.access("public:");
        page.line(&format!("virtual ~{class}() = default;"));
        for function in functions.iter().filter(|function| function.method_of.is_none()) {
            pure_virtual(function, page);
        }
    });
}

fn link(unit: &Unit, id: InterfaceId, functions: &[HostFunction], page: &mut Page) {
    let has_resources = unit
        .types
        .defined(id)
        .iter()
        .any(|ty| matches!(unit.types.resolve.types[*ty].kind, TypeDefKind::Resource));
    if functions.is_empty() && !has_resources {
        return;
    }
    page.blank();
    if needs_host(functions) {
        page.comment("Offers the interface to components; `host` outlives every guest that was linked with it.");
    } else {
        page.comment("Offers the interface to components.");
    }
    page.line(&format!("{};", link_head(unit, id, functions)));
}

pub fn link_head(unit: &Unit, id: InterfaceId, functions: &[HostFunction]) -> String {
    let name = unit.interface_name(id).replace('-', "_").to_lowercase();
    let host = if needs_host(functions) {
        format!(", {}& host", host_class(unit, id))
    } else {
        String::new()
    };
    format!("void link_{name}(component::Linker& linker{host})")
}
