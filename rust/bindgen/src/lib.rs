// SPDX-License-Identifier: Apache-2.0
//! Generates C++ bindings from WIT packages: one header, one header of ABI traits and one source per package.

mod abi;
mod config;
mod decl;
mod exports;
mod header;
mod names;
mod packages;
mod signature;
mod source;
mod text;
mod types;

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use wit_parser::{InterfaceId, PackageId};

pub use config::{Config, Package};

/// A generated file, by its name below the output folder.
pub struct File {
    pub name: String,
    pub text: String,
}

/// One package with what its files need to know.
pub(crate) struct Unit<'a> {
    pub types: &'a types::Types<'a>,
    pub config: &'a config::Package,
    pub id: PackageId,
    pub interfaces: Vec<InterfaceId>,
}

impl Unit<'_> {
    pub fn namespace(&self) -> &str {
        &self.config.namespace
    }

    pub fn interface_name(&self, id: InterfaceId) -> &str {
        self.types.resolve.interfaces[id].name.as_deref().unwrap_or_default()
    }

    /// "0.2.12": what we serve.
    pub fn version(&self) -> String {
        let version = &self.types.resolve.packages[self.id].name.version;
        version.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    pub fn is_export(&self, id: InterfaceId) -> bool {
        self.config.exports.iter().any(|name| name == self.interface_name(id))
    }

    /// A function that is listed but does not exist would silently not be what it should.
    fn check_lists(&self) -> Result<()> {
        let mut functions = Vec::new();
        for id in &self.interfaces {
            for function in self.types.resolve.interfaces[*id].functions.keys() {
                functions.push((self.interface_name(*id).to_string(), function.clone()));
            }
        }
        if let Some(pattern) = self.config.unmatched(&functions).first() {
            bail!("{}: no function is called {pattern}", self.config.name);
        }
        Ok(())
    }

    /// The other namespaces whose types this package uses, sorted.
    pub fn uses(&self) -> Vec<String> {
        let deps =
            self.interfaces.iter().flat_map(|id| self.types.resolve.interface_direct_deps(*id));
        let mut found: Vec<String> = deps
            .filter_map(|dep| Some(self.types.package_of(dep)?.namespace.clone()))
            .filter(|namespace| namespace != self.namespace())
            .collect();
        found.sort();
        found.dedup();
        found
    }
}

pub fn generate(config: &Config, folders: &[PathBuf]) -> Result<Vec<File>> {
    let resolve = packages::load(&config.features, folders)?;
    let types = types::Types::new(&resolve, config)?;
    let mut files = Vec::new();
    for package in &config.packages {
        let id = types.find_package(&package.name)?;
        let interfaces = types.interfaces(id);
        let unit = Unit { types: &types, config: package, id, interfaces };
        unit.check_lists()?;
        let name = &package.namespace;
        let doing = || format!("generating {name}");
        let text = header::write(&unit).with_context(doing)?;
        files.push(File { name: format!("{name}.h"), text });
        let text = abi::write(&unit).with_context(doing)?;
        files.push(File { name: format!("{name}_abi.h"), text });
        let text = source::write(&unit).with_context(doing)?;
        files.push(File { name: format!("{name}.cc"), text });
    }
    Ok(files)
}
