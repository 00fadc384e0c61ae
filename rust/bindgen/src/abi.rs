// SPDX-License-Identifier: Apache-2.0
//! The traits from which component/typed takes the layout of a package's types. Included by generated sources only.

use crate::header::all_types;
use crate::text::Page;
use crate::{Unit, decl, names};
use anyhow::Result;
use wit_parser::TypeDefKind;

pub fn write(unit: &Unit) -> Result<String> {
    let mut page = Page::new(&unit.types.resolve.packages[unit.id].name.to_string());
    let namespace = unit.namespace();
    page.line("#pragma once");
    page.blank();
    page.line(&format!("#include \"bindings/{namespace}.h\""));
    for other in unit.uses() {
        page.line(&format!("#include \"bindings/{other}_abi.h\""));
    }
    page.line("#include \"component/typed/thunk.h\"");
    page.blank();
    page.line("#include <cstdint>");
    page.line("#include <tuple>");
    page.blank();
    page.line("namespace nacre::component {");
    for id in all_types(unit) {
        match &unit.types.resolve.types[id].kind {
            TypeDefKind::Enum(cases) => {
                let name = unit.types.name(id);
                let count = cases.cases.len();
                page.blank();
                page.line(&format!(
                    "template <> inline constexpr std::uint32_t kEnumCases<{namespace}::{name}> = {count};"
                ));
            }
            TypeDefKind::Record(record) => {
                for (_, name) in decl::modes(unit, id) {
                    let members: Vec<String> = record
                        .fields
                        .iter()
                        .map(|field| format!("&Record::{}", names::member(&field.name)))
                        .collect();
                    page.blank();
                    page.block(
                        &format!("template <> struct Fields<{namespace}::{name}> {{"),
                        "};",
                        |page| {
                            page.line(&format!("using Record = {namespace}::{name};"));
                            page.call(
                                "static constexpr auto kMembers = std::make_tuple",
                                &members,
                                ";",
                            );
                        },
                    );
                }
            }
            _ => {}
        }
    }
    page.blank();
    page.line("} // namespace nacre::component");
    Ok(page.finish())
}
