// SPDX-License-Identifier: Apache-2.0
//! From Wasmtime's description of a component to our tables.

use super::model::*;
use super::signature::Signatures;
use super::types::TypeTable;
use std::collections::HashMap;
use wasmtime_environ::component::{
    self as env, CanonicalOptionsDataModel, Component, ComponentTranslation, ComponentTypes,
    CoreExport, ExportItem, GlobalInitializer, InstantiateModule, StringEncoding, TypeFuncIndex,
    TypeResourceTable, TypeTupleIndex, UnsafeIntrinsic,
};
use wasmtime_environ::wasmparser::{Parser, Payload};
use wasmtime_environ::{
    EntityIndex, ModuleInternedTypeIndex, ModuleTranslation, PrimaryMap, StaticModuleIndex,
    WasmHeapTopType, WasmValType,
};

pub struct Builder<'a> {
    component: &'a Component,
    types: &'a ComponentTypes,
    modules: &'a PrimaryMap<StaticModuleIndex, ModuleTranslation<'a>>,
    table: TypeTable<'a>,
    signatures: Signatures,
    plan: Plan,
    /// Module of each core instance made so far or later.
    instances: Vec<StaticModuleIndex>,
    /// Import of each lowering.
    lowerings: Vec<u32>,
    pub(super) exports: HashMap<env::ExportIndex, u32>,
    pub(super) tables: TableCounts,
}

/// Lengths of tables that the finished types no longer tell.
pub struct TableCounts {
    pub resources: u32,
    pub streams: u32,
    pub futures: u32,
    pub error_contexts: u32,
}

impl TableCounts {
    pub fn of(types: &env::ComponentTypesBuilder) -> Self {
        TableCounts {
            resources: types.num_resource_tables() as u32,
            streams: types.num_stream_tables() as u32,
            futures: types.num_future_tables() as u32,
            error_contexts: types.num_error_context_tables() as u32,
        }
    }
}

/// Makes the plan. The component has been validated, except for its functions' bodies.
pub fn build<'a>(
    translation: &'a ComponentTranslation,
    types: &'a ComponentTypes,
    tables: TableCounts,
    modules: &'a PrimaryMap<StaticModuleIndex, ModuleTranslation<'a>>,
) -> Result<Plan, String> {
    let component = &translation.component;
    let mut builder = Builder {
        component,
        types,
        modules,
        table: TypeTable::new(types),
        signatures: Signatures::default(),
        plan: Plan::default(),
        instances: instantiated_modules(component)?,
        lowerings: lowered_imports(component),
        exports: HashMap::new(),
        tables,
    };
    builder.counts();
    builder.modules()?;
    builder.resources();
    builder.imports()?;
    builder.payload_tables();
    builder.options()?;
    for (index, trampoline) in &translation.trampolines {
        let core_type = builder.core_type(component.trampolines[index])?;
        let made = builder.trampoline(trampoline, core_type)?;
        builder.plan.trampolines.push(made);
    }
    for initializer in &component.initializers {
        let made = builder.initializer(initializer)?;
        builder.plan.initializers.push(made);
    }
    builder.root_exports()?;
    Ok(builder.plan)
}

fn instantiated_modules(component: &Component) -> Result<Vec<StaticModuleIndex>, String> {
    let made = component.initializers.iter().filter_map(|initializer| match initializer {
        GlobalInitializer::InstantiateModule(InstantiateModule::Static(module, _), _) => {
            Some(Ok(*module))
        }
        GlobalInitializer::InstantiateModule(InstantiateModule::Import(import, _), _) => {
            let (root, path) = &component.imports[*import];
            let mut name = component.import_types[*root].0.clone();
            path.iter().for_each(|item| name = format!("{name}/{item}"));
            Some(Err(format!(
                "the component imports the core module \"{name}\"; only functions and resources can be imported"
            )))
        }
        _ => None,
    });
    made.collect()
}

fn lowered_imports(component: &Component) -> Vec<u32> {
    let lowered = component.initializers.iter().filter_map(|initializer| match initializer {
        GlobalInitializer::LowerImport { import, .. } => Some(import.as_u32()),
        _ => None,
    });
    lowered.collect()
}

impl<'a> Builder<'a> {
    pub fn function(&mut self, ty: TypeFuncIndex) -> Result<u32, String> {
        self.table.function(&mut self.plan, &mut self.signatures, ty)
    }

    pub fn tuple(&mut self, ty: TypeTupleIndex) -> u32 {
        self.table.tuple(&mut self.plan, ty)
    }

    pub fn value_type(&mut self, ty: &env::InterfaceType) -> u32 {
        self.table.intern(&mut self.plan, ty)
    }

    pub fn plan(&mut self) -> &mut Plan {
        &mut self.plan
    }

    pub fn component(&self) -> &'a Component {
        self.component
    }

    pub fn types(&self) -> &'a ComponentTypes {
        self.types
    }

    pub fn lowering(&self, index: u32) -> Result<u32, String> {
        let import = self.lowerings.get(index as usize).copied();
        import.ok_or_else(|| format!("lowering {index} has no import"))
    }

    fn counts(&mut self) {
        let c = self.component;
        self.plan.counts = Counts {
            core_instances: c.num_runtime_instances,
            component_instances: c.num_runtime_component_instances,
            memories: c.num_runtime_memories,
            reallocs: c.num_runtime_reallocs,
            callbacks: c.num_runtime_callbacks,
            post_returns: c.num_runtime_post_returns,
            tables: c.num_runtime_tables,
            lowerings: c.num_lowerings,
        };
    }

    fn modules(&mut self) -> Result<(), String> {
        for (_, module) in self.modules {
            let names = module.module.exports.keys();
            self.plan.modules.push(Module {
                bytes: module.wasm.to_vec(),
                has_start: has_start(module.wasm)?,
                imports: module
                    .module
                    .imports()
                    .map(|(module, name, _)| (module.to_string(), name.to_string()))
                    .collect(),
                exports: names.map(|name| module.module.strings[name].to_string()).collect(),
            });
        }
        Ok(())
    }

    fn resources(&mut self) {
        for (_, import) in &self.component.imported_resources {
            let name = self.resource_name(*import);
            let import = import.as_u32();
            self.plan.resources.push(Resource { name, import, instance: NONE });
        }
        for (defined, instance) in &self.component.defined_resource_instances {
            let name = format!("#{}", defined.as_u32());
            let instance = instance.as_u32();
            self.plan.resources.push(Resource { name, import: NONE, instance });
        }
        for i in 0..self.tables.resources {
            let table = env::TypeResourceTableIndex::from_u32(i);
            self.plan.resource_tables.push(match &self.types[table] {
                TypeResourceTable::Concrete { ty, instance } => {
                    ResourceTable { resource: ty.as_u32(), instance: instance.as_u32() }
                }
                TypeResourceTable::Abstract(_) => ResourceTable { resource: NONE, instance: NONE },
            });
        }
    }

    fn options(&mut self) -> Result<(), String> {
        for (_, options) in &self.component.options {
            let CanonicalOptionsDataModel::LinearMemory(memory) = options.data_model else {
                return Err(
                    "the component passes values as GC objects, which is not supported".into()
                );
            };
            let core_type = self.core_type(options.core_type)?;
            self.plan.options.push(Options {
                instance: options.instance.as_u32(),
                encoding: match options.string_encoding {
                    StringEncoding::Utf8 => Encoding::Utf8,
                    StringEncoding::Utf16 => Encoding::Utf16,
                    StringEncoding::CompactUtf16 => Encoding::CompactUtf16,
                },
                is_async: options.async_,
                cancellable: options.cancellable,
                memory: memory.memory.map_or(NONE, |m| m.as_u32()),
                realloc: memory.realloc.map_or(NONE, |r| r.as_u32()),
                callback: options.callback.map_or(NONE, |c| c.as_u32()),
                post_return: options.post_return.map_or(NONE, |p| p.as_u32()),
                core_type,
            });
        }
        Ok(())
    }

    fn initializer(&mut self, initializer: &GlobalInitializer) -> Result<Initializer, String> {
        Ok(match initializer {
            GlobalInitializer::InstantiateModule(
                InstantiateModule::Static(module, args),
                owner,
            ) => Initializer::Instantiate {
                module: module.as_u32(),
                component_instance: owner.map_or(NONE, |owner| owner.as_u32()),
                args: args.iter().map(|def| self.def(def)).collect::<Result<_, _>>()?,
            },
            GlobalInitializer::InstantiateModule(InstantiateModule::Import(..), _) => {
                return Err("the component imports a core module".into());
            }
            GlobalInitializer::LowerImport { index, import } => {
                Initializer::LowerImport { lowering: index.as_u32(), import: import.as_u32() }
            }
            GlobalInitializer::ExtractMemory(e) => Initializer::ExtractMemory {
                index: e.index.as_u32(),
                def: self.export(&e.export.clone().map_index(EntityIndex::from))?,
            },
            GlobalInitializer::ExtractTable(e) => Initializer::ExtractTable {
                index: e.index.as_u32(),
                def: self.export(&e.export.clone().map_index(EntityIndex::from))?,
            },
            GlobalInitializer::ExtractRealloc(e) => {
                Initializer::ExtractRealloc { index: e.index.as_u32(), def: self.def(&e.def)? }
            }
            GlobalInitializer::ExtractCallback(e) => {
                Initializer::ExtractCallback { index: e.index.as_u32(), def: self.def(&e.def)? }
            }
            GlobalInitializer::ExtractPostReturn(e) => {
                Initializer::ExtractPostReturn { index: e.index.as_u32(), def: self.def(&e.def)? }
            }
            GlobalInitializer::Resource(r) => {
                if r.rep != WasmValType::I32 {
                    return Err("a resource is represented by something else than an i32".into());
                }
                Initializer::Resource {
                    resource: self.component.resource_index(r.index).as_u32(),
                    dtor: r.dtor.as_ref().map(|def| self.def(def)).transpose()?,
                }
            }
        })
    }

    pub fn def(&self, def: &env::CoreDef) -> Result<CoreDef, String> {
        Ok(match def {
            env::CoreDef::Export(export) => self.export(export)?,
            env::CoreDef::InstanceFlags(instance) => CoreDef::InstanceFlags(instance.as_u32()),
            env::CoreDef::Trampoline(index) => CoreDef::Trampoline(index.as_u32()),
            env::CoreDef::TaskMayBlock => CoreDef::TaskMayBlock,
            env::CoreDef::UnsafeIntrinsic(UnsafeIntrinsic::ContextGetI32_0) => CoreDef::Context(0),
            env::CoreDef::UnsafeIntrinsic(UnsafeIntrinsic::ContextSetI32_0) => CoreDef::Context(1),
            env::CoreDef::UnsafeIntrinsic(UnsafeIntrinsic::ContextGetI32_1) => CoreDef::Context(2),
            env::CoreDef::UnsafeIntrinsic(UnsafeIntrinsic::ContextSetI32_1) => CoreDef::Context(3),
            // All others touch host memory and exist only for embedders that ask for them.
            env::CoreDef::UnsafeIntrinsic(other) => {
                return Err(format!("the intrinsic \"{}\" is not supported", other.name()));
            }
        })
    }

    fn export(&self, export: &CoreExport<EntityIndex>) -> Result<CoreDef, String> {
        let instance = export.instance.as_u32();
        let module = self.instances.get(instance as usize).ok_or("an instance that is not made")?;
        let module = &self.modules[*module].module;
        let found = module.exports.iter().position(|(name, index)| match &export.item {
            ExportItem::Index(item) => index == item,
            ExportItem::Name(item) => &module.strings[name] == item.as_str(),
        });
        let name = found.ok_or("an item that its core module does not export")? as u32;
        Ok(CoreDef::Export { instance, name })
    }

    /// Parameters and results of a core function type as letters: `iIfFv`, and `r` for function references.
    pub fn core_type(&self, ty: ModuleInternedTypeIndex) -> Result<String, String> {
        let ty = self.types[ty].unwrap_func();
        let letters =
            |types: &[WasmValType]| types.iter().map(letter).collect::<Result<String, _>>();
        Ok(format!("{}:{}", letters(ty.params())?, letters(ty.results())?))
    }
}

fn letter(ty: &WasmValType) -> Result<char, String> {
    Ok(match ty {
        WasmValType::I32 => 'i',
        WasmValType::I64 => 'I',
        WasmValType::F32 => 'f',
        WasmValType::F64 => 'F',
        WasmValType::V128 => 'v',
        WasmValType::Ref(r) if r.heap_type.top() == WasmHeapTopType::Func => 'r',
        WasmValType::Ref(_) => return Err("a host function takes a reference".into()),
    })
}

/// Whether the module has a start function (Wasmtime's own record does not tell it from table initialization).
fn has_start(wasm: &[u8]) -> Result<bool, String> {
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(|e| e.to_string())? {
            Payload::StartSection { .. } => return Ok(true),
            Payload::CodeSectionStart { .. } => return Ok(false),
            _ => {}
        }
    }
    Ok(false)
}
