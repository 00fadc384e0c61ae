#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what a build needs and is missing: Debian 12 packages, Rust's WebAssembly target and components.
# Safe to run again: with nothing missing it changes nothing and takes a moment. With --bench also what ./x bench needs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PATH:$HOME/.cargo/bin"

packages=(
  ca-certificates curl git python3
  clang-19 clang-format-19 clang-tidy-19 lld-19 llvm-19 libclang-rt-19-dev g++
  cmake ninja-build ccache
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev
  libfmt-dev libspdlog-dev libssl-dev liburing-dev libcli11-dev
  libgtest-dev libgmock-dev libbenchmark-dev
)
bench_packages=(nginx-light wrk linux-perf)
rust_target=wasm32-wasip2
rust_components=(rustfmt clippy)

say() { printf 'setup: %s\n' "$*"; }
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

install_packages() {
  local missing=() name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  # Lists that are old name versions that the mirrors no longer have.
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

install_rust() {
  if ! command -v cargo >/dev/null || ! command -v rustup >/dev/null; then
    say "installing Rust with its official installer, into $HOME/.cargo"
    mkdir -p build
    curl --proto '=https' --tlsv1.2 -fsS -o build/rustup-init.sh https://sh.rustup.rs
    sh build/rustup-init.sh -y -q --profile minimal --no-modify-path
    rm build/rustup-init.sh
  fi
  if ! rustup target list --installed | grep -qx "$rust_target"; then
    say "adding the Rust target $rust_target"
    rustup target add "$rust_target"
  fi
  local installed name
  installed=$(rustup component list --installed)
  for name in "${rust_components[@]}"; do
    if ! grep -q "^$name" <<<"$installed"; then
      say "adding the Rust component $name"
      rustup component add "$name"
    fi
  done
}

command -v apt-get >/dev/null || { say "this machine has no apt-get: install by hand: ${packages[*]}"; exit 1; }
install_packages "${packages[@]}"
[ "${1:-}" != --bench ] || install_packages "${bench_packages[@]}"
install_rust
mkdir -p build
cksum <tools/setup.sh >build/.setup
say "everything is in place"
