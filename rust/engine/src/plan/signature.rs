// SPDX-License-Identifier: Apache-2.0
//! Canonical signature texts: what a host function's type must equal for the linker to accept it.
//!
//! Structural, without versions; the binding generator makes the same texts from WIT.

use super::model::*;

/// All texts of one plan together; types share structure, texts do not, so a small component could ask for gigabytes.
const MAX_TEXT: usize = 16 << 20;

#[derive(Default)]
pub struct Signatures {
    /// Per type of the plan, once asked for.
    texts: Vec<Option<String>>,
    used: usize,
}

impl Signatures {
    pub fn function(
        &mut self,
        plan: &Plan,
        is_async: bool,
        names: &[String],
        params: u32,
        results: u32,
    ) -> Result<String, String> {
        let mut list = Vec::new();
        for (name, field) in names.iter().zip(&plan.types[params as usize].fields) {
            list.push(format!("{name}: {}", self.ty(plan, field.ty)?));
        }
        let keyword = if is_async { "async func" } else { "func" };
        let mut text = format!("{keyword}({})", list.join(", "));
        if let Some(result) = plan.types[results as usize].fields.first() {
            text += " -> ";
            text += &self.ty(plan, result.ty)?;
        }
        self.charge(&text)?;
        Ok(text)
    }

    fn ty(&mut self, plan: &Plan, index: u32) -> Result<String, String> {
        let at = index as usize;
        if let Some(Some(text)) = self.texts.get(at) {
            return Ok(text.clone());
        }
        let text = self.make(plan, &plan.types[at])?;
        self.charge(&text)?;
        self.texts.resize(plan.types.len().max(self.texts.len()), None);
        self.texts[at] = Some(text.clone());
        Ok(text)
    }

    fn charge(&mut self, text: &str) -> Result<(), String> {
        self.used += text.len();
        if self.used > MAX_TEXT {
            return Err("the component's function types are too large to be written out".into());
        }
        Ok(())
    }

    fn make(&mut self, plan: &Plan, ty: &Type) -> Result<String, String> {
        Ok(match ty.kind {
            Kind::Bool => "bool".into(),
            Kind::S8 => "s8".into(),
            Kind::U8 => "u8".into(),
            Kind::S16 => "s16".into(),
            Kind::U16 => "u16".into(),
            Kind::S32 => "s32".into(),
            Kind::U32 => "u32".into(),
            Kind::S64 => "s64".into(),
            Kind::U64 => "u64".into(),
            Kind::F32 => "f32".into(),
            Kind::F64 => "f64".into(),
            Kind::Char => "char".into(),
            Kind::String => "string".into(),
            Kind::ErrorContext => "error-context".into(),
            Kind::List => self.generic(plan, "list", ty)?,
            Kind::FixedList => {
                format!("list<{},{}>", self.ty(plan, ty.fields[0].ty)?, ty.length)
            }
            Kind::Map => self.generic(plan, "map", ty)?,
            Kind::Tuple => self.generic(plan, "tuple", ty)?,
            Kind::Stream => self.generic(plan, "stream", ty)?,
            Kind::Future => self.generic(plan, "future", ty)?,
            Kind::Option => format!("option<{}>", self.ty(plan, ty.fields[1].ty)?),
            Kind::Result => self.result(plan, ty)?,
            Kind::Record => self.braces(plan, "record", ty)?,
            Kind::Variant => self.braces(plan, "variant", ty)?,
            Kind::Enum => self.braces(plan, "enum", ty)?,
            Kind::Flags => self.braces(plan, "flags", ty)?,
            Kind::Own => format!("own<{}>", resource(plan, ty.table)),
            Kind::Borrow => format!("borrow<{}>", resource(plan, ty.table)),
        })
    }

    fn generic(&mut self, plan: &Plan, name: &str, ty: &Type) -> Result<String, String> {
        if ty.fields.is_empty() {
            return Ok(name.into());
        }
        let args = ty.fields.iter().map(|field| self.ty(plan, field.ty));
        Ok(format!("{name}<{}>", args.collect::<Result<Vec<_>, _>>()?.join(",")))
    }

    fn result(&mut self, plan: &Plan, ty: &Type) -> Result<String, String> {
        let (ok, error) = (ty.fields[0].ty, ty.fields[1].ty);
        Ok(match (ok, error) {
            (NONE, NONE) => "result".into(),
            (NONE, error) => format!("result<_,{}>", self.ty(plan, error)?),
            (ok, NONE) => format!("result<{}>", self.ty(plan, ok)?),
            (ok, error) => format!("result<{},{}>", self.ty(plan, ok)?, self.ty(plan, error)?),
        })
    }

    fn braces(&mut self, plan: &Plan, name: &str, ty: &Type) -> Result<String, String> {
        let mut items = Vec::new();
        for field in &ty.fields {
            items.push(match field.ty {
                NONE => field.name.clone(),
                ty => format!("{}:{}", field.name, self.ty(plan, ty)?),
            });
        }
        Ok(format!("{name}{{{}}}", items.join(",")))
    }
}

fn resource(plan: &Plan, table: u32) -> &str {
    match plan.resource_tables[table as usize].resource {
        // Only inside types of components that are never instantiated.
        NONE => "_",
        resource => &plan.resources[resource as usize].name,
    }
}

/// `wasi:io/streams@0.2.6` without its version; names without one stay as they are.
pub fn unversioned(name: &str) -> &str {
    match name.split_once('@') {
        Some((interface, _)) if interface.contains(':') => interface,
        _ => name,
    }
}
