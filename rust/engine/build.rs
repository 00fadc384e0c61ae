// SPDX-License-Identifier: Apache-2.0
//! Copies the C API's headers and ours into one include directory for the C++ build.
//!
//! The directory is `$NACRE_INCLUDE_OUT`, or `include` below cargo's target directory. The C API crate
//! installs its headers (with `wasmtime/conf.h` generated for the features in use) and tells us where.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() {
    println!("cargo:rerun-if-changed=include");
    println!("cargo:rerun-if-env-changed=NACRE_INCLUDE_OUT");
    println!("cargo:rerun-if-env-changed=DEP_WASMTIME_C_API_INCLUDE");
    let installed = env::var_os("DEP_WASMTIME_C_API_INCLUDE")
        .expect("wasmtime-c-api-impl's build script names its include directory");
    let out = include_dir();
    for from in [Path::new(&installed), Path::new("include")] {
        copy_tree(from, &out)
            .unwrap_or_else(|e| panic!("copying {} to {}: {e}", from.display(), out.display()));
    }
}

fn include_dir() -> PathBuf {
    if let Some(dir) = env::var_os("NACRE_INCLUDE_OUT") {
        return dir.into();
    }
    // OUT_DIR is <target>/<profile>/build/<package>/out.
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let target = out.ancestors().nth(4).expect("OUT_DIR is inside the target directory");
    target.join("include")
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else if fs::read(&target).ok() != Some(fs::read(entry.path())?) {
            // Equal files keep their time, so that the C++ build does not start over.
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
