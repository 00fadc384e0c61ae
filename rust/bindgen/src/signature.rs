// SPDX-License-Identifier: Apache-2.0
//! Canonical text of function types, without versions: the linker compares it with the component's own.

use anyhow::{Result, bail};
use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId, TypeOwner};

/// "func(self: borrow<wasi:io/poll/pollable>, when: u64) -> result<u8,_>".
pub fn of_function(resolve: &Resolve, function: &Function) -> Result<String> {
    let mut params = Vec::new();
    for param in &function.params {
        params.push(format!("{}: {}", param.name, of_type(resolve, &param.ty)?));
    }
    let result = match &function.result {
        Some(ty) => format!(" -> {}", of_type(resolve, ty)?),
        None => String::new(),
    };
    Ok(format!("func({}){result}", params.join(", ")))
}

pub fn of_type(resolve: &Resolve, ty: &Type) -> Result<String> {
    Ok(match ty {
        Type::Bool => "bool".into(),
        Type::U8 => "u8".into(),
        Type::U16 => "u16".into(),
        Type::U32 => "u32".into(),
        Type::U64 => "u64".into(),
        Type::S8 => "s8".into(),
        Type::S16 => "s16".into(),
        Type::S32 => "s32".into(),
        Type::S64 => "s64".into(),
        Type::F32 => "f32".into(),
        Type::F64 => "f64".into(),
        Type::Char => "char".into(),
        Type::String => "string".into(),
        Type::ErrorContext => "error-context".into(),
        Type::Id(id) => of_definition(resolve, *id)?,
    })
}

fn of_definition(resolve: &Resolve, id: TypeId) -> Result<String> {
    let text = |ty: &Type| of_type(resolve, ty);
    let optional = |ty: &Option<Type>| ty.as_ref().map(text).transpose();
    Ok(match &resolve.types[id].kind {
        TypeDefKind::Type(ty) => text(ty)?,
        TypeDefKind::Record(record) => {
            let fields = record.fields.iter().map(|f| named(&f.name, Some(text(&f.ty)?)));
            format!("record{{{}}}", join(fields)?)
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter().map(|c| named(&c.name, optional(&c.ty)?));
            format!("variant{{{}}}", join(cases)?)
        }
        TypeDefKind::Enum(cases) => {
            format!("enum{{{}}}", join(cases.cases.iter().map(|c| Ok(c.name.clone())))?)
        }
        TypeDefKind::Flags(flags) => {
            format!("flags{{{}}}", join(flags.flags.iter().map(|f| Ok(f.name.clone())))?)
        }
        TypeDefKind::Tuple(tuple) => format!("tuple<{}>", join(tuple.types.iter().map(text))?),
        TypeDefKind::Option(ty) => format!("option<{}>", text(ty)?),
        TypeDefKind::List(ty) => format!("list<{}>", text(ty)?),
        TypeDefKind::FixedLengthList(ty, length) => format!("list<{},{length}>", text(ty)?),
        TypeDefKind::Map(key, value) => format!("map<{},{}>", text(key)?, text(value)?),
        TypeDefKind::Result(result) => match (optional(&result.ok)?, optional(&result.err)?) {
            (Some(ok), Some(err)) => format!("result<{ok},{err}>"),
            (Some(ok), None) => format!("result<{ok}>"),
            (None, Some(err)) => format!("result<_,{err}>"),
            (None, None) => "result".into(),
        },
        TypeDefKind::Handle(Handle::Own(id)) => format!("own<{}>", of_resource(resolve, *id)?),
        TypeDefKind::Handle(Handle::Borrow(id)) => {
            format!("borrow<{}>", of_resource(resolve, *id)?)
        }
        TypeDefKind::Stream(ty) => generic("stream", optional(ty)?),
        TypeDefKind::Future(ty) => generic("future", optional(ty)?),
        TypeDefKind::Resource | TypeDefKind::Unknown => bail!("a type that is no value"),
    })
}

fn named(name: &str, ty: Option<String>) -> Result<String> {
    Ok(match ty {
        Some(ty) => format!("{name}:{ty}"),
        None => name.to_string(),
    })
}

fn generic(name: &str, ty: Option<String>) -> String {
    match ty {
        Some(ty) => format!("{name}<{ty}>"),
        None => name.to_string(),
    }
}

fn join(parts: impl Iterator<Item = Result<String>>) -> Result<String> {
    Ok(parts.collect::<Result<Vec<_>>>()?.join(","))
}

/// "wasi:io/streams/output-stream", through any number of `use`s and aliases.
pub fn of_resource(resolve: &Resolve, id: TypeId) -> Result<String> {
    let definition = &resolve.types[id];
    if let TypeDefKind::Type(Type::Id(target)) = definition.kind {
        return of_resource(resolve, target);
    }
    let (TypeOwner::Interface(owner), Some(name)) = (definition.owner, &definition.name) else {
        bail!("a resource outside of any interface");
    };
    Ok(format!("{}/{name}", interface_name(resolve, owner)?))
}

/// "wasi:io/streams".
pub fn interface_name(resolve: &Resolve, id: wit_parser::InterfaceId) -> Result<String> {
    let interface = &resolve.interfaces[id];
    let (Some(package), Some(name)) = (interface.package, &interface.name) else {
        bail!("an interface without a name");
    };
    let package = &resolve.packages[package].name;
    Ok(format!("{}:{}/{name}", package.namespace, package.name))
}
