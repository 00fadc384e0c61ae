// SPDX-License-Identifier: Apache-2.0
//! The plan's binary form: little endian, tables in a fixed order, each with its count in front.
//!
//! `src/component/plan_reader.cc` is the other half. Any change of layout or meaning raises [`VERSION`].

use super::model::*;

pub const MAGIC: [u8; 4] = *b"NPLN";
pub const VERSION: u32 = 1;

pub fn encode(plan: &Plan) -> Vec<u8> {
    let mut w = Writer(Vec::new());
    w.0.extend(MAGIC);
    w.u32(VERSION);
    w.u8(u8::from(plan.concurrent) | u8::from(plan.bypassed) << 1);
    w.counts(&plan.counts);
    w.list(&plan.modules, Writer::module);
    w.list(&plan.types, Writer::ty);
    w.list(&plan.functions, Writer::function);
    w.list(&plan.resources, |w, r| {
        w.string(&r.name);
        w.u32s(&[r.import, r.instance]);
    });
    w.list(&plan.resource_tables, |w, t| w.u32s(&[t.resource, t.instance]));
    w.list(&plan.stream_tables, |w, t| w.u32s(&[t.payload, t.instance]));
    w.list(&plan.future_tables, |w, t| w.u32s(&[t.payload, t.instance]));
    w.list(&plan.error_context_tables, |w, instance| w.u32(*instance));
    w.list(&plan.imports, |w, i| {
        w.string(&i.instance_name);
        w.string(&i.interface);
        w.string(&i.name);
        w.u32(i.function);
    });
    w.list(&plan.options, |w, o| {
        w.u8(o.encoding as u8);
        w.u8(u8::from(o.is_async) | u8::from(o.cancellable) << 1);
        w.u32s(&[o.instance, o.memory, o.realloc, o.callback, o.post_return]);
        w.string(&o.core_type);
    });
    w.list(&plan.trampolines, |w, t| {
        w.u8(t.kind as u8);
        w.u8(u8::from(t.is_async) | u8::from(t.cancellable) << 1);
        w.u32s(&[t.instance, t.options, t.ty, t.a, t.b]);
        w.string(&t.core_type);
    });
    w.list(&plan.initializers, Writer::initializer);
    w.list(&plan.exports, Writer::export);
    w.list(&plan.root_exports, Writer::named_export);
    let producers: Vec<_> = plan.producers.iter().collect();
    w.list(&producers, |w, (field, name, version)| {
        w.string(field);
        w.string(name);
        w.string(version);
    });
    w.0
}

struct Writer(Vec<u8>);

impl Writer {
    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    fn u32s(&mut self, values: &[u32]) {
        values.iter().for_each(|value| self.u32(*value));
    }

    fn len(&mut self, len: usize) {
        // A component's binary has 32-bit sizes, so every table made from it has too.
        self.u32(u32::try_from(len).expect("tables of a plan have fewer than 2^32 entries"));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.len(bytes.len());
        self.0.extend(bytes);
    }

    fn string(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.len(items.len());
        items.iter().for_each(|item| each(self, item));
    }

    fn counts(&mut self, c: &Counts) {
        self.u32s(&[c.core_instances, c.component_instances, c.memories, c.reallocs]);
        self.u32s(&[c.callbacks, c.post_returns, c.tables, c.lowerings]);
    }

    fn module(&mut self, module: &Module) {
        self.bytes(&module.bytes);
        self.u8(module.has_start.into());
        self.list(&module.imports, |w, (module, name)| {
            w.string(module);
            w.string(name);
        });
        self.list(&module.exports, |w, name| w.string(name));
    }

    fn ty(&mut self, ty: &Type) {
        self.u8(ty.kind as u8);
        self.u32s(&[ty.size, ty.align, ty.discriminant_size, ty.payload_offset]);
        self.u32s(&[ty.length, ty.stride, ty.table]);
        self.u8(ty.flat.is_some().into());
        self.string(ty.flat.as_deref().unwrap_or_default());
        self.list(&ty.fields, |w, field| {
            w.string(&field.name);
            w.u32s(&[field.ty, field.offset]);
        });
    }

    fn function(&mut self, function: &Function) {
        self.u8(function.is_async.into());
        self.u32s(&[function.params, function.results]);
        self.list(&function.param_names, |w, name| w.string(name));
        self.string(&function.signature);
    }

    fn core_def(&mut self, def: &CoreDef) {
        let (tag, a, b) = match def {
            CoreDef::Export { instance, name } => (0, *instance, *name),
            CoreDef::Trampoline(index) => (1, *index, NONE),
            CoreDef::InstanceFlags(instance) => (2, *instance, NONE),
            CoreDef::TaskMayBlock => (3, NONE, NONE),
            CoreDef::Context(which) => (4, *which, NONE),
        };
        self.u8(tag);
        self.u32s(&[a, b]);
    }

    fn initializer(&mut self, initializer: &Initializer) {
        let extract = |w: &mut Self, tag, index: u32, def: &CoreDef| {
            w.u8(tag);
            w.u32(index);
            w.core_def(def);
        };
        match initializer {
            Initializer::Instantiate { module, component_instance, args } => {
                self.u8(0);
                self.u32s(&[*module, *component_instance]);
                self.list(args, Self::core_def);
            }
            Initializer::LowerImport { lowering, import } => {
                self.u8(1);
                self.u32s(&[*lowering, *import]);
            }
            Initializer::ExtractMemory { index, def } => extract(self, 2, *index, def),
            Initializer::ExtractRealloc { index, def } => extract(self, 3, *index, def),
            Initializer::ExtractCallback { index, def } => extract(self, 4, *index, def),
            Initializer::ExtractPostReturn { index, def } => extract(self, 5, *index, def),
            Initializer::ExtractTable { index, def } => extract(self, 6, *index, def),
            Initializer::Resource { resource, dtor } => {
                self.u8(7);
                self.u32(*resource);
                self.u8(dtor.is_some().into());
                dtor.iter().for_each(|def| self.core_def(def));
            }
        }
    }

    fn export(&mut self, export: &Export) {
        match export {
            Export::Function { function, def, options } => {
                self.u8(0);
                self.u32s(&[*function, *options]);
                self.core_def(def);
            }
            Export::Instance(items) => {
                self.u8(1);
                self.list(items, Self::named_export);
            }
            Export::Type { ty, resource } => {
                self.u8(2);
                self.u32s(&[*ty, *resource]);
            }
            Export::Module(module) => {
                self.u8(3);
                self.u32(*module);
            }
        }
    }

    fn named_export(&mut self, item: &NamedExport) {
        self.string(&item.name);
        self.u32(item.export);
    }
}
