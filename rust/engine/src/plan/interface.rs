// SPDX-License-Identifier: Apache-2.0
//! A component's outside: what it imports from the host and what it exports, by name.

use super::build::Builder;
use super::model::*;
use super::signature::unversioned;
use wasmtime_environ::collections::TryString;
use wasmtime_environ::component::{
    self as env, ComponentExternData, ExportIndex, NameMap, RuntimeImportIndex, TypeDef,
    TypeFutureTableIndex, TypeStreamTableIndex,
};

impl Builder<'_> {
    pub fn imports(&mut self) -> Result<(), String> {
        for (index, (root, path)) in &self.component().imports {
            let function = match self.imported_type(index)? {
                TypeDef::ComponentFunc(ty) => self.function(ty)?,
                TypeDef::Resource(_) => NONE,
                other => {
                    let name = self.import_name(index).join("/");
                    return Err(format!(
                        "the component imports the {} \"{name}\"; only functions and resources can be imported",
                        other.desc()
                    ));
                }
            };
            let (root_name, root_extern) = &self.component().import_types[*root];
            let import = match path.as_slice() {
                [] => Import {
                    instance_name: String::new(),
                    interface: String::new(),
                    name: root_name.clone(),
                    function,
                },
                path => Import {
                    instance_name: root_name.clone(),
                    interface: root_extern.data.implements.clone().unwrap_or(root_name.clone()),
                    name: path.join("/"),
                    function,
                },
            };
            self.plan().imports.push(import);
        }
        Ok(())
    }

    /// Canonical name of an imported resource: `wasi:io/streams/output-stream`.
    pub fn resource_name(&self, import: RuntimeImportIndex) -> String {
        let (root, path) = &self.component().imports[import];
        let (root_name, root_extern) = &self.component().import_types[*root];
        let interface = root_extern.data.implements.as_ref().unwrap_or(root_name);
        let mut name = unversioned(interface).to_string();
        path.iter().for_each(|item| name = format!("{name}/{item}"));
        name
    }

    fn import_name(&self, import: RuntimeImportIndex) -> Vec<String> {
        let (root, path) = &self.component().imports[import];
        let mut name = vec![self.component().import_types[*root].0.clone()];
        name.extend(path.iter().cloned());
        name
    }

    fn imported_type(&self, import: RuntimeImportIndex) -> Result<TypeDef, String> {
        let (root, path) = &self.component().imports[import];
        let mut ty = self.component().import_types[*root].1.ty;
        for item in path {
            let TypeDef::ComponentInstance(instance) = ty else {
                return Err(format!("the import \"{item}\" is not in an instance"));
            };
            let exports = &self.types()[instance].exports;
            ty = exports.get(item).ok_or_else(|| format!("the import \"{item}\" has no type"))?.ty;
        }
        Ok(ty)
    }

    /// Tables of streams, futures and error contexts.
    pub fn payload_tables(&mut self) {
        let types = self.types();
        for i in 0..self.tables.streams {
            let table = &types[TypeStreamTableIndex::from_u32(i)];
            let payload = types[table.ty].payload.as_ref();
            let payload = payload.map_or(NONE, |ty| self.value_type(ty));
            let instance = table.instance.as_u32();
            self.plan().stream_tables.push(PayloadTable { payload, instance });
        }
        for i in 0..self.tables.futures {
            let table = &types[TypeFutureTableIndex::from_u32(i)];
            let payload = types[table.ty].payload.as_ref();
            let payload = payload.map_or(NONE, |ty| self.value_type(ty));
            let instance = table.instance.as_u32();
            self.plan().future_tables.push(PayloadTable { payload, instance });
        }
        for i in 0..self.tables.error_contexts {
            let table = env::TypeComponentLocalErrorContextTableIndex::from_u32(i);
            let instance = types[table].instance.as_u32();
            self.plan().error_context_tables.push(instance);
        }
    }

    pub fn root_exports(&mut self) -> Result<(), String> {
        let root = self.named_exports(&self.component().exports)?;
        self.plan().root_exports = root;
        Ok(())
    }

    fn named_exports(
        &mut self,
        items: &NameMap<TryString, (ExportIndex, ComponentExternData)>,
    ) -> Result<Vec<NamedExport>, String> {
        let mut named = Vec::new();
        for (name, (index, _)) in items.raw_iter() {
            named.push(NamedExport { name: name.to_string(), export: self.export_item(*index)? });
        }
        Ok(named)
    }

    fn export_item(&mut self, index: ExportIndex) -> Result<u32, String> {
        if let Some(made) = self.exports.get(&index) {
            return Ok(*made);
        }
        let export = match &self.component().export_items[index] {
            env::Export::LiftedFunction { ty, func, options } => Export::Function {
                function: self.function(*ty)?,
                def: self.def(func)?,
                options: options.as_u32(),
            },
            env::Export::Instance { exports, .. } => Export::Instance(self.named_exports(exports)?),
            env::Export::Type(TypeDef::Interface(ty)) => {
                Export::Type { ty: self.value_type(ty), resource: NONE }
            }
            env::Export::Type(TypeDef::Resource(table)) => {
                let resource = self.plan().resource_tables[table.as_u32() as usize].resource;
                Export::Type { ty: NONE, resource }
            }
            env::Export::Type(_) => Export::Type { ty: NONE, resource: NONE },
            env::Export::ModuleStatic { index, .. } => Export::Module(index.as_u32()),
            env::Export::ModuleImport { .. } => {
                return Err("the component imports a core module".into());
            }
        };
        self.plan().exports.push(export);
        let made = self.plan().exports.len() as u32 - 1;
        self.exports.insert(index, made);
        Ok(made)
    }
}
