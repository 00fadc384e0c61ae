#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that reads the sources and runs none of them. Says all it finds before it fails; --all lets clang-tidy read every file.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/x_lib.sh
source tools/x_lib.sh

failed=()
step() { # name, command…
  local name=$1
  shift
  "$@" || failed+=("$name")
}

check_format() {
  cpp_files | xargs -r clang-format-19 --dry-run -Werror || { echo "format: run ./x fmt"; return 1; }
  echo "format: $(cpp_files | wc -l) files"
}

check_cargo_format() {
  local manifest status=0
  while read -r manifest; do
    cargo fmt --all --check --manifest-path "$manifest" || status=1
  done < <(cargo_workspaces)
  [ "$status" -eq 0 ] && echo "cargo fmt: $(cargo_workspaces | wc -l) workspaces" || { echo "cargo fmt: run ./x fmt"; return 1; }
}

# clippy reads the engine's dependencies too, which takes minutes: only when our crates changed since it was last content.
check_clippy() {
  [ -f rust/Cargo.toml ] || return 0
  local stamp=build/.clippy now
  now=$(git ls-files --cached --others --exclude-standard rust | xargs cksum | cksum)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then
    echo "clippy: nothing changed"
    return
  fi
  CARGO_TARGET_DIR=${NACRE_RUST_TARGET_DIR:-$PWD/build/rust} \
    cargo clippy --release --locked --quiet --manifest-path rust/Cargo.toml --all-targets -- -D warnings || return 1
  echo "$now" >"$stamp"
  echo "clippy: rust"
}

step format check_format
for check in floors sizes links spdx; do step "$check" python3 "tools/check_$check.py"; done
step clang-tidy python3 tools/tidy.py "$@"
step "cargo fmt" check_cargo_format
step clippy check_clippy

if [ ${#failed[@]} -gt 0 ]; then
  printf 'lint failed: %s\n' "$(IFS=,; echo "${failed[*]}")"
  exit 1
fi
echo "lint: all fine"
