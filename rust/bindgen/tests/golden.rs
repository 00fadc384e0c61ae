// SPDX-License-Identifier: Apache-2.0
//! What the tool writes for a WIT package of our own, compared with what it wrote when somebody last read it.
//! UPDATE_GOLDEN=1 cargo test -p nacre-bindgen writes the files anew.

use nacre_bindgen::{Config, generate};
use std::path::{Path, PathBuf};
use std::{env, fs};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

#[test]
fn generated_files_are_what_was_read_last() {
    let text = fs::read_to_string(folder().join("shapes/bindings.toml")).unwrap();
    let config = Config::parse(&text).unwrap();
    let files = generate(&config, &[folder().join("shapes")]).unwrap();
    assert_eq!(files.len(), 3);
    for file in files {
        let path = folder().join("golden").join(format!("{}.golden", file.name));
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &file.text).unwrap();
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(file.text, golden, "{} differs", path.display());
    }
}

#[test]
fn a_listed_function_that_does_not_exist_is_an_error() {
    let text = r#"
        [[package]]
        name = "wasi:io@0.2.12"
        namespace = "wasi_io_p2"
        suspends = ["poll.pol"]
    "#;
    let error = generate(&Config::parse(text).unwrap(), &[]).err().unwrap();
    assert_eq!(error.to_string(), "wasi:io@0.2.12: no function is called poll.pol");
}

#[test]
fn a_type_of_a_package_without_bindings_is_an_error() {
    let text = r#"
        [[package]]
        name = "wasi:clocks@0.2.12"
        namespace = "wasi_clocks_p2"
    "#;
    let error = generate(&Config::parse(text).unwrap(), &[]).err().unwrap();
    assert!(
        format!("{error:#}").contains("pollable is in a package without bindings"),
        "{error:#}"
    );
}
