// SPDX-License-Identifier: Apache-2.0
// Bad input: each is refused with one sentence that says what, where, and what to do.
#include "e2e/nacre.h"
#include "engine/testing/wat.h"

#include <gmock/gmock.h>

namespace nacre::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kWants = R"((component
    (import "acme:bank/vault@1.2.0" (instance $vault (export "open" (func)) (export "close" (func))))
    (import "acme:bank/keys@1.0.0" (instance $keys (export "turn" (func))))
    (core func $open (canon lower (func $vault "open")))
    (core func $turn (canon lower (func $keys "turn")))
    (core module $m (import "h" "open" (func)) (import "h" "turn" (func)))
    (core instance (instantiate $m (with "h" (instance
      (export "open" (func $open)) (export "turn" (func $turn))))))))";

/// Of `serve PATH`: one line, and the exit code of a failure.
std::string refusal(const std::string& path) {
  const Ran ran = nacre({"serve", path, "--addr", "127.0.0.1:0"});
  EXPECT_EQ(ran.code, 1) << ran.errors;
  EXPECT_EQ(ran.output, "");
  EXPECT_THAT(ran.errors, StartsWith("nacre: "));
  EXPECT_EQ(ran.errors.find("nacre: ", 1), std::string::npos) << ran.errors;
  return ran.errors;
}

class BadFile : public ::testing::Test {
protected:
  Scratch scratch_;
};

TEST_F(BadFile, Missing) {
  const std::string path = scratch_.path("none.wasm");
  EXPECT_EQ(refusal(path), "nacre: cannot open " + path + ": No such file or directory\n");
}

TEST_F(BadFile, NotWebAssembly) {
  EXPECT_THAT(refusal(scratch_.file("page.wasm", "<html>")),
              HasSubstr("page.wasm is not a WebAssembly file"));
  EXPECT_THAT(refusal(scratch_.file("empty.wasm", "")),
              HasSubstr("empty.wasm is not a WebAssembly file"));
}

TEST_F(BadFile, ACoreModule) {
  EXPECT_THAT(
      refusal(scratch_.file("core.wasm", engine::wat("(module)"))),
      AllOf(HasSubstr("core.wasm is a core module, not a component"), HasSubstr("wasm32-wasip2")));
}

TEST_F(BadFile, Truncated) {
  const std::string whole = bytes_of(guest("hello"));
  for (const std::size_t size : {std::size_t{9}, std::size_t{300}, whole.size() / 2}) {
    EXPECT_THAT(refusal(scratch_.file("cut.wasm", std::string_view(whole).substr(0, size))),
                HasSubstr("cut.wasm: the file is cut short"));
  }
}

TEST_F(BadFile, OfTheNextWasi) {
  const std::string path = scratch_.file("p3.wasm", engine::wat(R"((component
    (core module $m (func (export "run") (result i32) i32.const 0)
      (func (export "callback") (param i32 i32 i32) (result i32) i32.const 0))
    (core instance $i (instantiate $m))
    (func $run async (canon lift (core func $i "run") async (callback (core func $i "callback"))))
    (export "run" (func $run))))"));
  EXPECT_THAT(refusal(path),
              AllOf(HasSubstr("p3.wasm: "), HasSubstr("WASI 0.3"), HasSubstr("does not run yet")));
}

TEST_F(BadFile, WithoutAnHttpHandler) {
  EXPECT_THAT(refusal(scratch_.file("library.wasm", engine::wat("(component)"))),
              HasSubstr("library.wasm: this component does not serve HTTP: it exports no "
                        "wasi:http/incoming-handler"));
  EXPECT_THAT(refusal(guest("cli")), HasSubstr("it is a command, start it with `nacre run`"));
}

TEST_F(BadFile, WithImportsThatNobodyServes) {
  const std::string path = scratch_.file("wants.wasm", engine::wat(kWants));
  const Ran ran = nacre({"run", path, "--invoke", "f()"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.errors, AllOf(HasSubstr("wants.wasm: "), HasSubstr("acme:bank/vault@1.2.0"),
                                HasSubstr("acme:bank/keys@1.0.0")));
}

TEST_F(BadFile, AFolderWithoutOneComponent) {
  EXPECT_THAT(refusal(scratch_.path()), HasSubstr("no built component in " + scratch_.path()));
  scratch_.file("a.wasm", "");
  scratch_.file("b.wasm", "");
  EXPECT_THAT(refusal(scratch_.path()),
              HasSubstr(scratch_.path() + " has several components (a.wasm and b.wasm)"));
}

TEST_F(BadFile, IsRefusedByEveryCommand) {
  const std::string path = scratch_.file("page.wasm", "<html>");
  for (const char* command : {"serve", "run", "compile", "inspect"}) {
    const Ran ran = nacre({command, path});
    EXPECT_EQ(ran.code, 1) << command;
    EXPECT_EQ(ran.errors, "nacre: " + path + " is not a WebAssembly file\n") << command;
  }
}

struct BadFlag {
  std::vector<std::string> flags;
  const char* sentence;
};

TEST(BadFlags, AreExplained) {
  const std::vector<BadFlag> table{
      {{"--addr", "localhost"}, "--addr: 'localhost' lacks a port; say host:port"},
      {{"--addr", "localhost:99999"}, "--addr: port 99999 is out of range"},
      {{"--admin", "x"}, "--admin: 'x' lacks a port; say host:port"},
      {{"--max-memory", "12q"},
       "--max-memory: \"12q\" is not understood; write a size like 64MiB or 1GiB"},
      {{"--max-memory", "1k"},
       "--max-memory: 1k is out of range; write something from 64KiB to 4GiB"},
      {{"--max-memory", "5GiB"},
       "--max-memory: 5GiB is out of range; write something from 64KiB to 4GiB"},
      {{"--max-body", "-1"},
       "--max-body: \"-1\" is not understood; write a size like 64MiB or 1GiB"},
      {{"--timeout", "soon"},
       "--timeout: \"soon\" is not understood; write a duration like 250ms, 30s or 5m"},
      {{"--timeout", "0"}, "--timeout: 0 is out of range; write something from 1ms to 8760h"},
      {{"--cpu-budget", "-5s"},
       "--cpu-budget: \"-5s\" is not understood; write a duration like 250ms, 30s or 5m"},
      {{"--drain", ""}, "--drain: \"\" is not understood; write a duration like 250ms, 30s or 5m"},
      {{"--max-concurrency", "0"},
       "--max-concurrency: \"0\" is not understood; write a number from 1 to 10000"},
      {{"--max-queue", "-1"},
       "--max-queue: \"-1\" is not understood; write a number from 0 to 1000000"},
      {{"--reuse", "many"},
       "--reuse: \"many\" is not understood; write a number from 1 to 1000000000"},
      {{"--loops", "9999"}, "--loops: \"9999\" is not understood; write a number from 0 to 1024"},
      {{"--access-log", "xml"}, "--access-log: \"xml\" is not understood; write text, json or off"},
      {{"--env", "=x"}, "--env: \"=x\" is not understood; write NAME=VALUE"},
      {{"--dir", "::/data"},
       "--dir: \"::/data\" is not understood; write HOST::GUEST or HOST::GUEST:ro"},
      {{"--allow-host", "a b"}, "--allow-host: pattern 'a b': 'a b' is not a host name"},
      {{"--frobnicate"}, "there is no --frobnicate"},
  };
  for (const BadFlag& bad : table) {
    std::vector<std::string> arguments{"serve", guest("hello")};
    arguments.insert(arguments.end(), bad.flags.begin(), bad.flags.end());
    const Ran ran = nacre(arguments);
    EXPECT_EQ(ran.code, 2) << bad.sentence;
    EXPECT_EQ(ran.errors, std::string("nacre: ") + bad.sentence +
                              "; `nacre serve --help` lists what there is\n");
  }
}

TEST(BadFlags, ThatNameFilesAreFailures) {
  const Ran file = nacre({"serve", guest("hello"), "--env-file", "/none"});
  EXPECT_EQ(file.code, 1);
  EXPECT_EQ(file.errors, "nacre: --env-file: cannot open /none: No such file or directory\n");
  const Ran folder = nacre({"serve", guest("hello"), "--dir", "/none::/data"});
  EXPECT_EQ(folder.code, 1);
  EXPECT_THAT(folder.errors, AllOf(StartsWith("nacre: --dir: "), HasSubstr("/none"),
                                   HasSubstr("No such file or directory")));
  const Scratch scratch;
  const Ran line = nacre({"serve", guest("hello"), "--env-file", scratch.file("env", "A=1\nB\n")});
  EXPECT_EQ(line.code, 1);
  EXPECT_EQ(line.errors,
            "nacre: " + scratch.path("env") + ":2: \"B\" is not understood; write NAME=VALUE\n");
}

TEST(BadCommand, IsExplained) {
  const Ran nothing = nacre({});
  EXPECT_EQ(nothing.code, 2);
  EXPECT_THAT(
      nothing.errors,
      StartsWith("nacre: say what to do: serve, run, compile, inspect, completion or version"));
  const Ran unknown = nacre({"sevre", "x"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.errors, StartsWith("nacre: there is no command \"sevre\""));
  const Ran flag = nacre({"run", "x.wasm", "--guests-own"});
  EXPECT_THAT(flag.errors, StartsWith("nacre: there is no --guests-own (what is meant for the "
                                      "guest stands after --); "));
  const Ran value = nacre({"run", "x.wasm", "--env"});
  EXPECT_THAT(value.errors, StartsWith("nacre: --env: its value is missing; "));
  const Ran bare = nacre({"serve"});
  EXPECT_EQ(bare.code, 2);
  EXPECT_THAT(bare.errors, StartsWith("nacre: serve what? name a FILE, a DIR or a URL"));
}

} // namespace
} // namespace nacre::e2e
