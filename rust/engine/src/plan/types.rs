// SPDX-License-Identifier: Apache-2.0
//! Value types and function types: interned once, children before parents, with everything lift and lower code needs.

use super::model::*;
use super::signature::Signatures;
use std::collections::HashMap;
use wasmtime_environ::component::{
    CanonicalAbiInfo, ComponentTypes, InterfaceType, TypeFuncIndex, TypeTupleIndex, VariantInfo,
};

/// Types in more core values than this are passed through memory; see the canonical ABI.
const MAX_FLAT: usize = 16;

pub struct TypeTable<'a> {
    types: &'a ComponentTypes,
    interned: HashMap<InterfaceType, u32>,
    functions: HashMap<TypeFuncIndex, u32>,
}

impl<'a> TypeTable<'a> {
    pub fn new(types: &'a ComponentTypes) -> Self {
        TypeTable { types, interned: HashMap::new(), functions: HashMap::new() }
    }

    /// Index of a value type in `plan.types`.
    pub fn intern(&mut self, plan: &mut Plan, ty: &InterfaceType) -> u32 {
        if let Some(index) = self.interned.get(ty) {
            return *index;
        }
        let made = self.make(plan, ty);
        let index = plan.types.len() as u32;
        plan.types.push(made);
        self.interned.insert(*ty, index);
        index
    }

    pub fn tuple(&mut self, plan: &mut Plan, tuple: TypeTupleIndex) -> u32 {
        self.intern(plan, &InterfaceType::Tuple(tuple))
    }

    /// Index of a function type in `plan.functions`.
    pub fn function(
        &mut self,
        plan: &mut Plan,
        signatures: &mut Signatures,
        index: TypeFuncIndex,
    ) -> Result<u32, String> {
        if let Some(index) = self.functions.get(&index) {
            return Ok(*index);
        }
        let ty = &self.types[index];
        let params = self.tuple(plan, ty.params);
        let results = self.tuple(plan, ty.results);
        let function = Function {
            is_async: ty.async_,
            param_names: ty.param_names.clone(),
            params,
            results,
            signature: signatures.function(plan, ty.async_, &ty.param_names, params, results)?,
        };
        plan.functions.push(function);
        let made = plan.functions.len() as u32 - 1;
        self.functions.insert(index, made);
        Ok(made)
    }

    fn make(&mut self, plan: &mut Plan, ty: &InterfaceType) -> Type {
        let types = self.types;
        let abi = types.canonical_abi(ty);
        let mut made = Type {
            kind: kind(ty),
            size: abi.size32,
            align: abi.align32,
            flat: None,
            discriminant_size: 0,
            payload_offset: 0,
            length: 0,
            stride: 0,
            table: NONE,
            fields: Vec::new(),
        };
        match ty {
            InterfaceType::Bool
            | InterfaceType::S8
            | InterfaceType::U8
            | InterfaceType::S16
            | InterfaceType::U16
            | InterfaceType::S32
            | InterfaceType::U32
            | InterfaceType::S64
            | InterfaceType::U64
            | InterfaceType::Float32
            | InterfaceType::Float64
            | InterfaceType::Char
            | InterfaceType::String => {}
            InterfaceType::List(i) => {
                made.stride = types.canonical_abi(&types[*i].element).size32;
                made.fields = vec![self.field(plan, "", &types[*i].element)];
            }
            InterfaceType::FixedLengthList(i) => {
                made.length = types[*i].size;
                made.stride = types.canonical_abi(&types[*i].element).size32;
                made.fields = vec![self.field(plan, "", &types[*i].element)];
            }
            InterfaceType::Map(i) => {
                let map = &types[*i];
                made.stride = map.entry_abi.size32;
                let entry = [("", &map.key), ("", &map.value)];
                made.fields = self.sequence(plan, entry.into_iter());
            }
            InterfaceType::Record(i) => {
                let fields = types[*i].fields.iter().map(|f| (f.name.as_str(), &f.ty));
                made.fields = self.sequence(plan, fields);
            }
            InterfaceType::Tuple(i) => {
                let elements = types[*i].types.iter().map(|ty| ("", ty));
                made.fields = self.sequence(plan, elements);
            }
            InterfaceType::Variant(i) => {
                made.layout(&types[*i].info);
                for (name, payload) in &types[*i].cases {
                    made.fields.push(self.case(plan, name, payload.as_ref()));
                }
            }
            InterfaceType::Option(i) => {
                made.layout(&types[*i].info);
                made.fields = vec![
                    self.case(plan, "none", None),
                    self.case(plan, "some", Some(&types[*i].ty)),
                ];
            }
            InterfaceType::Result(i) => {
                made.layout(&types[*i].info);
                made.fields = vec![
                    self.case(plan, "ok", types[*i].ok.as_ref()),
                    self.case(plan, "error", types[*i].err.as_ref()),
                ];
            }
            InterfaceType::Enum(i) => {
                made.layout(&types[*i].info);
                made.fields = types[*i].names.iter().map(|n| self.case(plan, n, None)).collect();
            }
            InterfaceType::Flags(i) => {
                made.fields = types[*i].names.iter().map(|n| self.case(plan, n, None)).collect();
            }
            InterfaceType::Own(table) | InterfaceType::Borrow(table) => {
                made.table = table.as_u32();
            }
            InterfaceType::Stream(table) => {
                made.table = table.as_u32();
                let payload = &types[types[*table].ty].payload;
                made.fields = payload.iter().map(|ty| self.field(plan, "", ty)).collect();
            }
            InterfaceType::Future(table) => {
                made.table = table.as_u32();
                let payload = &types[types[*table].ty].payload;
                made.fields = payload.iter().map(|ty| self.field(plan, "", ty)).collect();
            }
            InterfaceType::ErrorContext(table) => made.table = table.as_u32(),
        }
        made.flat = flat(plan, &made, abi);
        made
    }

    fn field(&mut self, plan: &mut Plan, name: &str, ty: &InterfaceType) -> Field {
        Field { name: name.to_string(), ty: self.intern(plan, ty), offset: 0 }
    }

    fn case(&mut self, plan: &mut Plan, name: &str, ty: Option<&InterfaceType>) -> Field {
        let ty = ty.map_or(NONE, |ty| self.intern(plan, ty));
        Field { name: name.to_string(), ty, offset: 0 }
    }

    /// Fields one after the other, with their offsets.
    fn sequence<'b>(
        &mut self,
        plan: &mut Plan,
        fields: impl Iterator<Item = (&'b str, &'b InterfaceType)>,
    ) -> Vec<Field> {
        let mut end = 0;
        fields
            .map(|(name, ty)| {
                let offset = self.types.canonical_abi(ty).next_field32(&mut end);
                Field { offset, ..self.field(plan, name, ty) }
            })
            .collect()
    }
}

impl Type {
    fn layout(&mut self, info: &VariantInfo) {
        self.discriminant_size = info.size.into();
        self.payload_offset = info.payload_offset32;
    }
}

fn kind(ty: &InterfaceType) -> Kind {
    match ty {
        InterfaceType::Bool => Kind::Bool,
        InterfaceType::S8 => Kind::S8,
        InterfaceType::U8 => Kind::U8,
        InterfaceType::S16 => Kind::S16,
        InterfaceType::U16 => Kind::U16,
        InterfaceType::S32 => Kind::S32,
        InterfaceType::U32 => Kind::U32,
        InterfaceType::S64 => Kind::S64,
        InterfaceType::U64 => Kind::U64,
        InterfaceType::Float32 => Kind::F32,
        InterfaceType::Float64 => Kind::F64,
        InterfaceType::Char => Kind::Char,
        InterfaceType::String => Kind::String,
        InterfaceType::Record(_) => Kind::Record,
        InterfaceType::Variant(_) => Kind::Variant,
        InterfaceType::List(_) => Kind::List,
        InterfaceType::Tuple(_) => Kind::Tuple,
        InterfaceType::Map(_) => Kind::Map,
        InterfaceType::Flags(_) => Kind::Flags,
        InterfaceType::Enum(_) => Kind::Enum,
        InterfaceType::Option(_) => Kind::Option,
        InterfaceType::Result(_) => Kind::Result,
        InterfaceType::Own(_) => Kind::Own,
        InterfaceType::Borrow(_) => Kind::Borrow,
        InterfaceType::Future(_) => Kind::Future,
        InterfaceType::Stream(_) => Kind::Stream,
        InterfaceType::ErrorContext(_) => Kind::ErrorContext,
        InterfaceType::FixedLengthList(_) => Kind::FixedList,
    }
}

/// The flat form as letters; the children's are known already.
fn flat(plan: &Plan, ty: &Type, abi: &CanonicalAbiInfo) -> Option<String> {
    abi.flat_count(MAX_FLAT)?;
    let child = |field: &Field| plan.types[field.ty as usize].flat.as_deref();
    Some(match ty.kind {
        Kind::S64 | Kind::U64 => "I".into(),
        Kind::F32 => "f".into(),
        Kind::F64 => "F".into(),
        Kind::String | Kind::List | Kind::Map => "ii".into(),
        Kind::Flags => "i".repeat(ty.size.div_ceil(4) as usize),
        Kind::FixedList => child(&ty.fields[0])?.repeat(ty.length as usize),
        Kind::Record | Kind::Tuple => ty.fields.iter().map(child).collect::<Option<String>>()?,
        Kind::Variant | Kind::Option | Kind::Result | Kind::Enum => {
            let mut joined = Vec::new();
            for field in ty.fields.iter().filter(|field| field.ty != NONE) {
                join(&mut joined, child(field)?.as_bytes());
            }
            format!("i{}", String::from_utf8(joined).expect("letters"))
        }
        Kind::Bool
        | Kind::S8
        | Kind::U8
        | Kind::S16
        | Kind::U16
        | Kind::S32
        | Kind::U32
        | Kind::Char
        | Kind::Own
        | Kind::Borrow
        | Kind::Stream
        | Kind::Future
        | Kind::ErrorContext => "i".into(),
    })
}

/// Makes every slot wide enough for one more case: two 32-bit types share an i32, anything else needs an i64.
fn join(slots: &mut Vec<u8>, case: &[u8]) {
    for (i, letter) in case.iter().enumerate() {
        match slots.get_mut(i) {
            None => slots.push(*letter),
            Some(slot) if slot == letter => {}
            Some(slot) if matches!((*slot, *letter), (b'i', b'f') | (b'f', b'i')) => *slot = b'i',
            Some(slot) => *slot = b'I',
        }
    }
}
