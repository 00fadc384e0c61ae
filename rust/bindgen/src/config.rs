// SPDX-License-Identifier: Apache-2.0
//! bindings.toml: which packages get bindings, and how their functions behave.

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

#[derive(Debug, Default)]
pub struct Config {
    /// WIT features (`@unstable(feature = …)`) to include.
    pub features: Vec<String>,
    pub packages: Vec<Package>,
}

#[derive(Debug, Default)]
pub struct Package {
    /// "wasi:io@0.2.12".
    pub name: String,
    /// C++ namespace below nacre, and the files' name: "wasi_io_p2".
    pub namespace: String,
    /// Functions that may park the guest, as "streams.[method]input-stream.blocking-read"; `*` at
    /// the end stands for any rest.
    pub suspends: Vec<String>,
    /// Functions whose results are views into the host's memory instead of owned values; same form.
    pub answers_views: Vec<String>,
    /// Interfaces that components export and the host calls. They get no host class.
    pub exports: Vec<String>,
    /// Interfaces to leave out.
    pub skip: Vec<String>,
}

impl Config {
    pub fn parse(text: &str) -> Result<Config> {
        let mut config = Config::default();
        for (key, value) in text.parse::<Table>()? {
            match key.as_str() {
                "features" => config.features = strings(&key, value)?,
                "package" => {
                    for package in array(&key, value)? {
                        config.packages.push(Package::parse(package)?);
                    }
                }
                _ => bail!("unknown key {key}"),
            }
        }
        Ok(config)
    }
}

impl Package {
    fn parse(value: Value) -> Result<Package> {
        let Value::Table(table) = value else { bail!("package must be a table") };
        let mut package = Package::default();
        for (key, value) in table {
            match key.as_str() {
                "name" => package.name = string(&key, value)?,
                "namespace" => package.namespace = string(&key, value)?,
                "suspends" => package.suspends = strings(&key, value)?,
                "answers_views" => package.answers_views = strings(&key, value)?,
                "exports" => package.exports = strings(&key, value)?,
                "skip" => package.skip = strings(&key, value)?,
                _ => bail!("unknown key {key} of a package"),
            }
        }
        if package.name.is_empty() || package.namespace.is_empty() {
            bail!("a package needs a name and a namespace");
        }
        Ok(package)
    }

    pub fn suspends(&self, interface: &str, function: &str) -> bool {
        listed(&self.suspends, interface, function)
    }

    pub fn answers_views(&self, interface: &str, function: &str) -> bool {
        listed(&self.answers_views, interface, function)
    }

    /// The entries of `suspends` and `answers_views` that match none of the functions: typing errors.
    pub fn unmatched(&self, functions: &[(String, String)]) -> Vec<String> {
        let all = self.suspends.iter().chain(&self.answers_views);
        all.filter(|pattern| {
            let pattern = std::slice::from_ref(*pattern);
            !functions.iter().any(|(interface, function)| listed(pattern, interface, function))
        })
        .cloned()
        .collect()
    }
}

fn listed(patterns: &[String], interface: &str, function: &str) -> bool {
    let name = format!("{interface}.{function}");
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    })
}

fn array(key: &str, value: Value) -> Result<Vec<Value>> {
    let Value::Array(array) = value else { bail!("{key} must be a list") };
    Ok(array)
}

fn string(key: &str, value: Value) -> Result<String> {
    Ok(value.as_str().with_context(|| format!("{key} must be a string"))?.to_string())
}

fn strings(key: &str, value: Value) -> Result<Vec<String>> {
    array(key, value)?.into_iter().map(|item| string(key, item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_listed_by_name_or_by_start() {
        let text = r#"
            features = ["a"]
            [[package]]
            name = "t:t@1.0.0"
            namespace = "t"
            suspends = ["poll.poll", "streams.[method]input-stream.blocking-*", "nobody.*"]
        "#;
        let config = Config::parse(text).unwrap();
        let package = &config.packages[0];
        assert!(package.suspends("poll", "poll"));
        assert!(package.suspends("streams", "[method]input-stream.blocking-read"));
        assert!(!package.suspends("streams", "[method]input-stream.read"));
        let functions = [
            ("poll".into(), "poll".into()),
            ("streams".into(), "[method]input-stream.blocking-read".into()),
        ];
        assert_eq!(package.unmatched(&functions), ["nobody.*"]);
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(Config::parse("feature = []").is_err());
        assert!(Config::parse("[[package]]\nname = \"a:b\"").is_err());
    }
}
