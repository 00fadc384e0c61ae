// SPDX-License-Identifier: Apache-2.0
//! The WIT packages: those of published crates, embedded in the tool, and folders given on the command line.

use anyhow::{Context, Result, anyhow};
use std::path::PathBuf;
use wit_parser::{Resolve, SourceMap, UnresolvedPackageGroup};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A folder given later replaces an embedded package of the same name and version.
pub fn load(features: &[String], folders: &[PathBuf]) -> Result<Resolve> {
    let mut groups = Vec::new();
    for folder in folders {
        let group = UnresolvedPackageGroup::parse_dir(folder)
            .with_context(|| format!("parsing {}", folder.display()))?;
        groups.push(group);
    }
    for (name, text) in EMBEDDED {
        let group = parse(name, text)?;
        if !groups.iter().any(|have| have.main.name == group.main.name) {
            groups.push(group);
        }
    }
    let mut resolve = Resolve::default();
    resolve.features.extend(features.iter().cloned());
    // The resolver sorts packages for us, but wants one to call the main one.
    let root = parse("root", "package nacre:bindings;")?;
    resolve.push_groups(root, groups).map_err(|e| anyhow!("{e}"))?;
    Ok(resolve)
}

fn parse(name: &str, text: &str) -> Result<UnresolvedPackageGroup> {
    let mut map = SourceMap::default();
    map.push_str(name, text);
    map.parse().map_err(|(map, e)| anyhow!("{}", e.render(&map)))
}
