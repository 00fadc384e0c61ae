// SPDX-License-Identifier: Apache-2.0
//! A command (wasi:cli/run). Prints its arguments, one a line, and does what they say as they come:
//! `--env` prints the environment, `--stdin` copies stdin to stdout, `--err TEXT` writes to stderr, `--cat PATH` prints
//! a file, `--ls PATH` lists a directory, `--exit N` ends with that code, `--fail` returns an error, `--panic` panics.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cli: {error}");
            ExitCode::from(1)
        }
    }
}

fn run() -> std::io::Result<ExitCode> {
    let mut arguments = std::env::args();
    let mut out = std::io::stdout();
    while let Some(argument) = arguments.next() {
        writeln!(out, "{argument}")?;
        let mut next = || arguments.next().unwrap_or_default();
        match argument.as_str() {
            "--env" => {
                for (name, value) in std::env::vars() {
                    writeln!(out, "{name}={value}")?;
                }
            }
            "--stdin" => {
                std::io::copy(&mut std::io::stdin(), &mut out)?;
            }
            "--err" => eprintln!("{}", next()),
            "--cat" => {
                std::io::copy(&mut std::fs::File::open(next())?, &mut out)?;
            }
            "--ls" => {
                let mut names = std::fs::read_dir(next())?
                    .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
                    .collect::<std::io::Result<Vec<_>>>()?;
                names.sort();
                writeln!(out, "{}", names.join("\n"))?;
            }
            "--exit" => {
                out.flush()?;
                wasip2::cli::exit::exit_with_code(next().parse().unwrap_or(99));
            }
            "--fail" => return Ok(ExitCode::FAILURE),
            "--panic" => panic!("asked to panic"),
            _ => {}
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
