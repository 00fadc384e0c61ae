// SPDX-License-Identifier: Apache-2.0
//! How WIT types are spelled in C++, and the few facts about them that decide it.

use crate::config::{Config, Package};
use crate::names;
use anyhow::{Context, Result, bail};
use std::collections::HashMap;
use wit_parser::{Handle, InterfaceId, PackageId, Resolve, Type, TypeDefKind, TypeId, TypeOwner};

/// Who owns what a value refers to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The value itself.
    Owned,
    /// Guest memory or a call's scratch arena.
    View,
    /// The value itself, except that a list<u8> outside of other lists may be lent: results of
    /// host functions.
    Answer,
}

pub struct Types<'a> {
    pub resolve: &'a Resolve,
    packages: HashMap<PackageId, &'a Package>,
    /// C++ names of the types that interfaces define, without namespace and without "View".
    names: HashMap<TypeId, String>,
}

impl<'a> Types<'a> {
    pub fn new(resolve: &'a Resolve, config: &'a Config) -> Result<Types<'a>> {
        let mut types = Types { resolve, packages: HashMap::new(), names: HashMap::new() };
        for package in &config.packages {
            let id = types.find_package(&package.name)?;
            types.packages.insert(id, package);
        }
        for id in types.packages.keys().copied().collect::<Vec<_>>() {
            types.name_types(id);
        }
        Ok(types)
    }

    pub fn find_package(&self, name: &str) -> Result<PackageId> {
        let found = self.resolve.packages.iter().find(|(_, p)| p.name.to_string() == name);
        Ok(found.with_context(|| format!("no WIT package {name}"))?.0)
    }

    pub fn package_of(&self, id: InterfaceId) -> Option<&'a Package> {
        self.packages.get(&self.resolve.interfaces[id].package?).copied()
    }

    /// The interfaces of a package that get bindings, those that others use first.
    pub fn interfaces(&self, id: PackageId) -> Vec<InterfaceId> {
        let package = self.packages[&id];
        let mut rest: Vec<InterfaceId> = self.resolve.packages[id]
            .interfaces
            .iter()
            .filter(|(name, _)| !package.skip.contains(name))
            .map(|(_, id)| *id)
            .collect();
        let mut sorted = Vec::new();
        while !rest.is_empty() {
            let free = |id: &InterfaceId| {
                self.resolve
                    .interface_direct_deps(*id)
                    .all(|dep| dep == *id || !rest.contains(&dep))
            };
            let next = rest.iter().position(free).unwrap_or(0);
            sorted.push(rest.remove(next));
        }
        sorted
    }

    /// Types defined here: neither brought in by `use` nor an alias of such.
    pub fn defined(&self, interface: InterfaceId) -> Vec<TypeId> {
        let types = self.resolve.interfaces[interface].types.values().copied();
        types
            .filter(|id| match self.resolve.types[*id].kind {
                TypeDefKind::Type(Type::Id(target)) => {
                    self.resolve.types[target].owner == TypeOwner::Interface(interface)
                }
                _ => true,
            })
            .collect()
    }

    /// Two interfaces of a package may define the same name: then both carry their interface's.
    fn name_types(&mut self, package: PackageId) {
        let interfaces = self.interfaces(package);
        let all: Vec<(InterfaceId, TypeId, String)> = interfaces
            .iter()
            .flat_map(|interface| {
                self.defined(*interface).into_iter().filter_map(|id| {
                    let name = names::title(self.resolve.types[id].name.as_deref()?);
                    Some((*interface, id, name))
                })
            })
            .collect();
        for (interface, id, name) in &all {
            let clash = all.iter().any(|(_, other, same)| other != id && same == name);
            let prefix = self.resolve.interfaces[*interface].name.as_deref().unwrap_or_default();
            let name = if clash { names::title(prefix) + name } else { name.clone() };
            self.names.insert(*id, name);
        }
    }

    pub fn name(&self, id: TypeId) -> &str {
        &self.names[&id]
    }

    /// Behind all aliases.
    pub fn definition(&self, id: TypeId) -> TypeId {
        match self.resolve.types[id].kind {
            TypeDefKind::Type(Type::Id(target)) => self.definition(target),
            _ => id,
        }
    }

    /// The types a type is made of, handles not opened.
    fn parts(&self, id: TypeId) -> Vec<Type> {
        match &self.resolve.types[id].kind {
            TypeDefKind::Record(record) => record.fields.iter().map(|f| f.ty).collect(),
            TypeDefKind::Variant(variant) => variant.cases.iter().filter_map(|c| c.ty).collect(),
            TypeDefKind::Tuple(tuple) => tuple.types.clone(),
            TypeDefKind::Option(ty) | TypeDefKind::List(ty) | TypeDefKind::Type(ty) => vec![*ty],
            TypeDefKind::Result(result) => [result.ok, result.err].into_iter().flatten().collect(),
            _ => Vec::new(),
        }
    }

    fn any(&self, ty: &Type, test: &dyn Fn(&Type) -> bool) -> bool {
        test(ty)
            || matches!(ty, Type::Id(id) if self.parts(*id).iter().any(|part| self.any(part, test)))
    }

    fn kind_is(&self, ty: &Type, test: fn(&TypeDefKind) -> bool) -> bool {
        matches!(ty, Type::Id(id) if test(&self.resolve.types[*id].kind))
    }

    /// Has strings or lists in it, so that owned values and views are different C++ types.
    pub fn has_view(&self, ty: &Type) -> bool {
        self.any(ty, &|ty| {
            *ty == Type::String || self.kind_is(ty, |kind| matches!(kind, TypeDefKind::List(_)))
        })
    }

    /// Has own handles in it: can be moved, not copied.
    pub fn has_own(&self, ty: &Type) -> bool {
        self.any(ty, &|ty| {
            self.kind_is(ty, |kind| matches!(kind, TypeDefKind::Handle(Handle::Own(_))))
        })
    }

    pub fn has_borrow(&self, ty: &Type) -> bool {
        self.any(ty, &|ty| {
            self.kind_is(ty, |kind| matches!(kind, TypeDefKind::Handle(Handle::Borrow(_))))
        })
    }

    /// How many core values the type flattens to.
    pub fn flat(&self, ty: &Type) -> usize {
        let Type::Id(id) = ty else {
            return if *ty == Type::String { 2 } else { 1 };
        };
        let longest = |types: &mut dyn Iterator<Item = Type>| {
            types.map(|ty| self.flat(&ty)).max().unwrap_or(0)
        };
        match &self.resolve.types[*id].kind {
            TypeDefKind::Type(ty) => self.flat(ty),
            TypeDefKind::List(_) => 2,
            TypeDefKind::Record(_) | TypeDefKind::Tuple(_) => {
                self.parts(*id).iter().map(|ty| self.flat(ty)).sum()
            }
            TypeDefKind::Variant(_) | TypeDefKind::Option(_) | TypeDefKind::Result(_) => {
                1 + longest(&mut self.parts(*id).into_iter())
            }
            _ => 1,
        }
    }

    /// "OutputStream", or "wasi_io_p2::OutputStream" outside of its own namespace.
    pub fn qualified(&self, id: TypeId, from: &str) -> Result<String> {
        let definition = &self.resolve.types[id];
        let name = definition.name.as_deref().unwrap_or("(anonymous)");
        let TypeOwner::Interface(owner) = definition.owner else {
            bail!("{name} belongs to no interface")
        };
        let package = self.package_of(owner);
        let package =
            package.with_context(|| format!("{name} is in a package without bindings"))?;
        let name = self
            .names
            .get(&id)
            .with_context(|| format!("{name} is in an interface without bindings"))?;
        Ok(if package.namespace == from {
            name.clone()
        } else {
            format!("{}::{name}", package.namespace)
        })
    }

    /// The C++ spelling of a type, in the namespace `from`.
    pub fn cpp(&self, ty: &Type, mode: Mode, from: &str) -> Result<String> {
        Ok(match ty {
            Type::Bool => "bool".into(),
            Type::U8 => "std::uint8_t".into(),
            Type::U16 => "std::uint16_t".into(),
            Type::U32 => "std::uint32_t".into(),
            Type::U64 => "std::uint64_t".into(),
            Type::S8 => "std::int8_t".into(),
            Type::S16 => "std::int16_t".into(),
            Type::S32 => "std::int32_t".into(),
            Type::S64 => "std::int64_t".into(),
            Type::F32 => "float".into(),
            Type::F64 => "double".into(),
            Type::Char => "char32_t".into(),
            Type::String if mode == Mode::View => "std::string_view".into(),
            Type::String => "std::string".into(),
            Type::ErrorContext => bail!("error-context has no C++ type yet"),
            Type::Id(id) => self.cpp_of(*id, mode, from)?,
        })
    }

    fn cpp_of(&self, id: TypeId, mode: Mode, from: &str) -> Result<String> {
        let view = self.has_view(&Type::Id(id));
        match &self.resolve.types[id].kind {
            TypeDefKind::Type(Type::Id(target)) => self.cpp_of(*target, mode, from),
            TypeDefKind::Type(Type::String) => self.cpp(&Type::String, mode, from),
            TypeDefKind::Record(_) | TypeDefKind::Variant(_) => {
                let suffix = if mode == Mode::View && view { "View" } else { "" };
                Ok(self.qualified(id, from)? + suffix)
            }
            TypeDefKind::Type(_) | TypeDefKind::Enum(_) | TypeDefKind::Flags(_) => {
                self.qualified(id, from)
            }
            // An alias says more than what it stands for.
            kind if self.names.contains_key(&id)
                && !view
                && !matches!(kind, TypeDefKind::Handle(_)) =>
            {
                self.qualified(id, from)
            }
            kind => self.cpp_kind(kind, mode, from),
        }
    }

    /// The spelling of a type that is made of others.
    pub fn cpp_kind(&self, kind: &TypeDefKind, mode: Mode, from: &str) -> Result<String> {
        let text = |ty: &Type| self.cpp(ty, mode, from);
        Ok(match kind {
            TypeDefKind::Option(ty) => format!("std::optional<{}>", text(ty)?),
            TypeDefKind::Tuple(tuple) => {
                let parts = tuple.types.iter().map(text).collect::<Result<Vec<_>>>()?;
                format!("std::tuple<{}>", parts.join(", "))
            }
            TypeDefKind::Result(result) => {
                let part =
                    |ty: &Option<Type>, none: &str| ty.as_ref().map_or(Ok(none.to_string()), text);
                format!(
                    "std::expected<{}, {}>",
                    part(&result.ok, "void")?,
                    part(&result.err, "component::Unit")?
                )
            }
            TypeDefKind::List(ty) => self.cpp_list(ty, mode, from)?,
            TypeDefKind::Handle(Handle::Own(resource)) => {
                format!("std::unique_ptr<{}>", self.qualified(self.definition(*resource), from)?)
            }
            TypeDefKind::Handle(Handle::Borrow(resource)) => {
                format!("{}*", self.qualified(self.definition(*resource), from)?)
            }
            other => bail!("{} has no C++ type yet", other.as_str()),
        })
    }

    fn cpp_list(&self, element: &Type, mode: Mode, from: &str) -> Result<String> {
        match mode {
            Mode::Answer if *element == Type::U8 => Ok("component::Bytes".into()),
            // The arena destroys nothing, so elements that own something need a real vector.
            Mode::View if !self.has_own(element) => {
                let element = self.cpp(element, Mode::View, from)?;
                Ok(if element.ends_with('*') {
                    format!("std::span<{element} const>")
                } else {
                    format!("std::span<const {element}>")
                })
            }
            Mode::View => Ok(format!("std::vector<{}>", self.cpp(element, Mode::View, from)?)),
            _ => Ok(format!("std::vector<{}>", self.cpp(element, Mode::Owned, from)?)),
        }
    }
}
