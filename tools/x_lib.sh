# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the verbs of ./x share. Sourced with the repository's root as the working directory.

export PATH="$PATH:$HOME/.cargo/bin"
# The engine handles these signals itself (guest traps), and its fibers are stacks that ASan does not know.
export ASAN_OPTIONS=${ASAN_OPTIONS:-handle_segv=0:handle_sigill=0:handle_sigfpe=0:handle_sigbus=0:allow_user_segv_handler=1:detect_stack_use_after_return=0:detect_leaks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export ASAN_SYMBOLIZER_PATH=${ASAN_SYMBOLIZER_PATH:-/usr/bin/llvm-symbolizer-19}
export NACRE_CONFORMANCE_DIR=${NACRE_CONFORMANCE_DIR:-$(dirname "$PWD")/shared/conformance}

die() {
  printf 'x: %s\n' "$*" >&2
  exit 1
}

# Links of sanitized test programs take more than a gigabyte each: two jobs less than memory would burst.
jobs_allowed() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo)
  [ "$memory" -ge 1 ] || memory=1
  echo "${NACRE_JOBS:-$((cores < memory ? cores : memory))}"
}

# setup, unless it succeeded before with the same list of packages.
setup_once() {
  local stamp=build/.setup
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(cksum <tools/setup.sh)" ] && return
  tools/setup.sh
}

# ninja runs CMake again by itself, except for a changed preset.
configure() {
  local cache=build/$1/CMakeCache.txt
  if [ ! -f "build/$1/build.ninja" ] || [ CMakePresets.json -nt "$cache" ]; then
    cmake --preset "$1" >"$(mkdir -p build && echo "build/configure-$1.log")" 2>&1 ||
      { cat "build/configure-$1.log" >&2; die "configuring preset $1 failed"; }
    touch "$cache"
  fi
  # Editors look for it here.
  [ "$1" != dev ] || ln -sf build/dev/compile_commands.json compile_commands.json
}

# build, with output only where it takes work or fails: for verbs whose own output matters.
build_quietly() {
  setup_once
  configure "$1"
  if [ -n "$(ninja -C "build/$1" -n "$2" | grep -v -e 'no work to do' -e '^ninja: Entering')" ]; then
    build "$@"
  fi
}

# A component from a directory with a Cargo.toml, into that directory's own target/.
build_guest() {
  env -u CARGO_TARGET_DIR cargo build --quiet --release --locked --target wasm32-wasip2 \
    --manifest-path "$1/Cargo.toml" --target-dir "$1/target" || die "building $1 failed"
}

cpp_files() { git ls-files --cached --others --exclude-standard -- '*.h' '*.cc' | while read -r f; do [ ! -f "$f" ] || echo "$f"; done; }

cargo_workspaces() {
  local manifest
  for manifest in rust/Cargo.toml tests/guests/Cargo.toml examples/*/Cargo.toml; do
    [ ! -f "$manifest" ] || echo "$manifest"
  done
}

list_fuzz_targets() {
  git ls-files --cached --others --exclude-standard -- 'src/**_fuzz.cc' 'tests/fuzz/*_fuzz.cc' |
    sed -e 's,.*/,,' -e 's,_fuzz\.cc$,,'
}

# Runs ctest over a preset; the last line printed counts the test cases of all programs.
run_tests() {
  local preset=$1 report status=0
  shift
  report=$root/build/$preset/test-report.xml
  rm -f "$report"
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(jobs_allowed)" \
    --output-junit "$report" --test-output-size-passed 100000000 --test-output-size-failed 100000000 \
    "$@" || status=$?
  python3 tools/count_tests.py "$report" || status=1
  return "$status"
}

# The suites print their own closing lines; they are repeated here, after everything else.
run_conformance() {
  local log=build/dev/conformance.log status=0
  ctest --test-dir build/dev -L conformance --no-tests=error -V "$@" >"$log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || cat "$log" >&2
  sed -nE 's/^[0-9]+: ([^ ].*: ([0-9]+ of [0-9]+|skipped).*)$/\1/p' "$log"
  return "$status"
}

# `wasmtime serve` is the yardstick of the benchmarks; it never becomes part of the product.
install_peers() {
  local version=48.0.8
  if build/peers/bin/wasmtime --version 2>/dev/null | grep -qF "$version"; then
    return
  fi
  echo "installing wasmtime-cli $version into build/peers (some minutes)"
  CARGO_TARGET_DIR=build/peers/target cargo install wasmtime-cli --version "$version" --locked --root build/peers
  rm -rf build/peers/target
}
