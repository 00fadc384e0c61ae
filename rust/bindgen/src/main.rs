// SPDX-License-Identifier: Apache-2.0
//! nacre-bindgen: WIT packages in, C++ bindings out. See src/bindings/README.md.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::{env, fs};

const USAGE: &str = "usage: nacre-bindgen --config <bindings.toml> --out <dir> [--wit <dir>]...";

#[derive(Default)]
struct Options {
    config: PathBuf,
    out: PathBuf,
    wit: Vec<PathBuf>,
}

fn main() -> Result<()> {
    let options = parse(env::args().skip(1))?;
    let text = fs::read_to_string(&options.config)
        .with_context(|| format!("reading {}", options.config.display()))?;
    let config = nacre_bindgen::Config::parse(&text)
        .with_context(|| format!("in {}", options.config.display()))?;
    for file in nacre_bindgen::generate(&config, &options.wit)? {
        write_if_changed(&options.out.join(&file.name), &file.text)?;
    }
    Ok(())
}

fn parse(args: impl Iterator<Item = String>) -> Result<Options> {
    let mut options = Options::default();
    let mut args = args;
    while let Some(arg) = args.next() {
        let value = args.next().with_context(|| format!("{arg} lacks its value\n{USAGE}"))?;
        match arg.as_str() {
            "--config" => options.config = value.into(),
            "--out" => options.out = value.into(),
            "--wit" => options.wit.push(value.into()),
            _ => bail!("unknown option {arg}\n{USAGE}"),
        }
    }
    if options.config.as_os_str().is_empty() || options.out.as_os_str().is_empty() {
        bail!("{USAGE}");
    }
    Ok(options)
}

/// Leaves an equal file alone, so that nothing that depends on it is built again.
fn write_if_changed(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}
