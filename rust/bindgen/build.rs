// SPDX-License-Identifier: Apache-2.0
// Embeds the WIT text of published crates, so that the tool needs neither cargo nor a network when it runs.
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Crates that carry WIT packages in `wit/deps`, one package a file or folder.
const CRATES: &[&str] = &["wasip2"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../Cargo.lock");
    println!("cargo::rustc-check-cfg=cfg(nacre_wit_text)");
    let metadata = metadata();
    let mut table = String::from("pub const EMBEDDED: &[(&str, &str)] = &[\n");
    for name in CRATES {
        for file in wit_files(&crate_folder(&metadata, name).join("wit/deps")) {
            let label = format!("{name}/{}", file.file_name().unwrap().to_string_lossy());
            writeln!(table, "    ({label:?}, include_str!({file:?})),").unwrap();
        }
    }
    table.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap()).join("embedded.rs");
    fs::write(out, table).expect("writing the table of WIT files");
}

fn metadata() -> serde_json::Value {
    let output = Command::new(env::var_os("CARGO").unwrap())
        .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
        .arg(Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("Cargo.toml"))
        .output()
        .expect("running cargo metadata");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata failed: {errors}");
    serde_json::from_slice(&output.stdout).expect("reading cargo's metadata")
}

fn crate_folder(metadata: &serde_json::Value, name: &str) -> PathBuf {
    let packages = metadata["packages"].as_array().expect("packages in cargo's metadata");
    let found = packages.iter().find(|package| package["name"] == name);
    let manifest = found.unwrap_or_else(|| panic!("crate {name} is not locked"));
    let manifest = manifest["manifest_path"].as_str().expect("a manifest path");
    Path::new(manifest).parent().unwrap().to_path_buf()
}

fn wit_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
