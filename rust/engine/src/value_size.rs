// SPDX-License-Identifier: Apache-2.0
//! The limit on the static size of value types, which the validator lacks.
//!
//! The component model demands that every value type takes less than 2^28 bytes in a 64-bit memory. Nothing
//! downstream checks it, and layouts are computed with 32-bit arithmetic that wraps, so it is checked first.

use crate::check::Refusal;
use std::collections::{HashMap, HashSet};
use wasmtime_environ::wasmparser::PrimitiveValType;
use wasmtime_environ::wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentItem, ComponentValType,
};
use wasmtime_environ::wasmparser::types::TypesRef;

const LIMIT: u64 = 1 << 28;

/// Sizes are capped far below 2^64, so that sums of them cannot wrap.
const CAP: u64 = 1 << 56;

#[derive(Clone, Copy)]
struct Layout {
    size: u64,
    align: u64,
}

/// Follows a validator through a component and looks at every type that becomes known.
#[derive(Default)]
pub struct Checker {
    layouts: HashMap<ComponentDefinedTypeId, Layout>,
    seen: HashSet<ComponentAnyTypeId>,
    /// How many types were looked at, per component being parsed (core modules count too, and have none).
    levels: Vec<u32>,
    here: u32,
}

impl Checker {
    pub fn enter(&mut self) {
        self.levels.push(std::mem::take(&mut self.here));
    }

    pub fn leave(&mut self) {
        self.here = self.levels.pop().unwrap_or_default();
    }

    /// Looks at the types that the section just validated has added.
    pub fn section(&mut self, types: TypesRef<'_>) -> Result<(), Refusal> {
        for index in self.here..types.component_type_count() {
            self.any(types, types.component_any_type_at(index))?;
        }
        self.here = types.component_type_count();
        Ok(())
    }

    fn any(&mut self, types: TypesRef<'_>, id: ComponentAnyTypeId) -> Result<(), Refusal> {
        if !self.seen.insert(id) {
            return Ok(());
        }
        match id {
            ComponentAnyTypeId::Resource(_) => Ok(()),
            ComponentAnyTypeId::Defined(id) => self.defined(types, id).map(drop),
            ComponentAnyTypeId::Func(id) => self.function(types, id),
            ComponentAnyTypeId::Instance(id) => self.items(types, types[id].exports.values()),
            ComponentAnyTypeId::Component(id) => {
                self.items(types, types[id].imports.values())?;
                self.items(types, types[id].exports.values())
            }
        }
    }

    fn items<'a>(
        &mut self,
        types: TypesRef<'_>,
        items: impl Iterator<Item = &'a ComponentItem>,
    ) -> Result<(), Refusal> {
        for item in items {
            match item.ty {
                ComponentEntityType::Module(_) => {}
                ComponentEntityType::Func(id) => self.any(types, id.into())?,
                ComponentEntityType::Value(ty) => drop(self.value(types, ty)?),
                ComponentEntityType::Type { created, .. } => self.any(types, created)?,
                ComponentEntityType::Instance(id) => self.any(types, id.into())?,
                ComponentEntityType::Component(id) => self.any(types, id.into())?,
            }
        }
        Ok(())
    }

    fn function(&mut self, types: TypesRef<'_>, id: ComponentFuncTypeId) -> Result<(), Refusal> {
        let function = &types[id];
        for ty in function.params.iter().map(|(_, ty)| ty).chain(&function.result) {
            self.value(types, *ty)?;
        }
        Ok(())
    }

    fn value(&mut self, types: TypesRef<'_>, ty: ComponentValType) -> Result<Layout, Refusal> {
        match ty {
            ComponentValType::Primitive(ty) => Ok(primitive(ty)),
            ComponentValType::Type(id) => self.defined(types, id),
        }
    }

    fn defined(
        &mut self,
        types: TypesRef<'_>,
        id: ComponentDefinedTypeId,
    ) -> Result<Layout, Refusal> {
        if let Some(layout) = self.layouts.get(&id) {
            return Ok(*layout);
        }
        let layout = self.layout(types, &types[id])?;
        if layout.size >= LIMIT {
            return Err(Refusal::from(format!(
                "not valid: the size of a value type exceeds maximum byte size {} (it has {} bytes)",
                LIMIT - 1,
                layout.size
            )));
        }
        self.layouts.insert(id, layout);
        Ok(layout)
    }

    fn layout(
        &mut self,
        types: TypesRef<'_>,
        ty: &ComponentDefinedType,
    ) -> Result<Layout, Refusal> {
        use ComponentDefinedType as T;
        Ok(match ty {
            T::Primitive(ty) => primitive(*ty),
            T::Record(record) => self.sequence(types, record.fields.values())?,
            T::Tuple(tuple) => self.sequence(types, tuple.types.iter())?,
            T::Variant(variant) => {
                let cases = variant.cases.values().map(|case| case.ty.as_ref());
                self.variant(types, cases)?
            }
            T::Enum(names) => self.variant(types, names.iter().map(|_| None))?,
            T::Option { ty, .. } => self.variant(types, [None, Some(ty)].into_iter())?,
            T::Result { ok, err, .. } => {
                self.variant(types, [ok.as_ref(), err.as_ref()].into_iter())?
            }
            // Elements lie elsewhere, but must have a size as well.
            T::List { element, .. } => {
                self.value(types, *element)?;
                POINTER_AND_LENGTH
            }
            T::Map { key, value, .. } => {
                self.value(types, *key)?;
                self.value(types, *value)?;
                POINTER_AND_LENGTH
            }
            T::FixedLengthList { element, length, .. } => {
                let element = self.value(types, *element)?;
                let size = element.size.saturating_mul((*length).into()).min(CAP);
                Layout { size, align: element.align }
            }
            T::Flags(names) => {
                let size = [0, 1, 2].into_iter().find(|size| names.len() <= size * 8);
                let size = size.unwrap_or(names.len().div_ceil(32) * 4) as u64;
                Layout { size, align: size.clamp(1, 4) }
            }
            T::Own(_) | T::Borrow(_) => HANDLE,
            T::Future { ty, .. } | T::Stream { ty, .. } => {
                ty.map(|ty| self.value(types, ty)).transpose()?;
                HANDLE
            }
        })
    }

    fn sequence<'a>(
        &mut self,
        types: TypesRef<'_>,
        fields: impl Iterator<Item = &'a ComponentValType>,
    ) -> Result<Layout, Refusal> {
        let mut whole = Layout { size: 0, align: 1 };
        for field in fields {
            let field = self.value(types, *field)?;
            whole.size = (whole.size.next_multiple_of(field.align) + field.size).min(CAP);
            whole.align = whole.align.max(field.align);
        }
        whole.size = whole.size.next_multiple_of(whole.align);
        Ok(whole)
    }

    fn variant<'a>(
        &mut self,
        types: TypesRef<'_>,
        cases: impl ExactSizeIterator<Item = Option<&'a ComponentValType>>,
    ) -> Result<Layout, Refusal> {
        let discriminant = match cases.len() {
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        };
        let mut payload = Layout { size: 0, align: discriminant };
        for case in cases.flatten() {
            let case = self.value(types, *case)?;
            payload.size = payload.size.max(case.size);
            payload.align = payload.align.max(case.align);
        }
        let size = discriminant.next_multiple_of(payload.align) + payload.size;
        Ok(Layout { size: size.next_multiple_of(payload.align), align: payload.align })
    }
}

const HANDLE: Layout = Layout { size: 4, align: 4 };
const POINTER_AND_LENGTH: Layout = Layout { size: 16, align: 8 };

fn primitive(ty: PrimitiveValType) -> Layout {
    use PrimitiveValType as P;
    let size = match ty {
        P::Bool | P::S8 | P::U8 => 1,
        P::S16 | P::U16 => 2,
        P::S32 | P::U32 | P::F32 | P::Char | P::ErrorContext => 4,
        P::S64 | P::U64 | P::F64 => 8,
        P::String => return POINTER_AND_LENGTH,
    };
    Layout { size, align: size }
}
