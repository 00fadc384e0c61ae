// SPDX-License-Identifier: Apache-2.0
// The commands beside serve, and what all of them share.
#include "e2e/nacre.h"
#include "engine/testing/wat.h"

#include <gmock/gmock.h>

namespace nacre::e2e {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Run, ArgumentsAndStreams) {
  const Ran ran = nacre({"run", guest("cli"), "one", "--", "two", "--stdin", "--err", "oops"},
                        "from outside\n");
  EXPECT_EQ(ran.code, 0) << ran.errors;
  EXPECT_EQ(ran.output, "cli.wasm\none\ntwo\n--stdin\nfrom outside\n--err\n");
  EXPECT_EQ(ran.errors, "oops\n");
}

TEST(Run, EnvironmentIsGrantedNotInherited) {
  const Ran ran = nacre({"run", guest("cli"), "--env", "A=1", "--env", "PASSED", "--", "--env"}, "",
                        {{"PASSED", "on"}, {"HIDDEN", "yes"}});
  EXPECT_EQ(ran.code, 0) << ran.errors;
  EXPECT_EQ(ran.output, "cli.wasm\n--env\nA=1\nPASSED=on\n");
}

TEST(Run, DirectoriesAreGranted) {
  const Scratch scratch;
  scratch.file("note", "written outside\n");
  const Ran ran = nacre({"run", guest("cli"), "--dir", scratch.path() + "::/in", "--", "--cat",
                         "/in/note", "--ls", "/in"});
  EXPECT_EQ(ran.output, "cli.wasm\n--cat\nwritten outside\n--ls\nnote\n") << ran.errors;
  const Ran denied = nacre({"run", guest("cli"), "--", "--cat", scratch.path("note")});
  EXPECT_EQ(denied.code, 1);
  EXPECT_THAT(denied.errors, StartsWith("cli: "));
}

TEST(Run, ExitCodesAreTheGuests) {
  EXPECT_EQ(nacre({"run", guest("cli"), "--", "--exit", "0"}).code, 0);
  EXPECT_EQ(nacre({"run", guest("cli"), "--", "--exit", "42"}).code, 42);
  EXPECT_EQ(nacre({"run", guest("cli"), "--", "--fail"}).code, 1);
}

TEST(Run, ATrapIsToldWithFunctionNames) {
  const Ran ran = nacre({"run", guest("cli"), "--", "--panic"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.errors, AllOf(HasSubstr("asked to panic"), HasSubstr("nacre: "),
                                HasSubstr("unreachable"), HasSubstr("cli::")));
}

TEST(Run, WhatIsNoCommandIsSaid) {
  const Ran ran = nacre({"run", guest("hello")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.errors,
              HasSubstr("hello.wasm: this component is no command: it answers HTTP, start it with "
                        "`nacre serve`"));
}

constexpr const char* kMath = R"((component
  (core module $m
    (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
    (func (export "div") (param i32 i32) (result i32) local.get 0 local.get 1 i32.div_u))
  (core instance $i (instantiate $m))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (func (export "div") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "div")))))";

TEST(Invoke, CallsOneFunction) {
  const Scratch scratch;
  const std::string math = scratch.file("math.wasm", engine::wat(kMath));
  const Ran added = nacre({"run", math, "--invoke", "add(2, 3)"});
  EXPECT_EQ(added.code, 0) << added.errors;
  EXPECT_EQ(added.output, "5\n");

  const Ran trapped = nacre({"run", math, "--invoke", "div(1, 0)"});
  EXPECT_EQ(trapped.code, 1);
  EXPECT_THAT(trapped.errors, AllOf(StartsWith("nacre: "), HasSubstr("divide by zero")));
}

TEST(Invoke, WhatCannotBeCalledIsExplained) {
  const Scratch scratch;
  const std::string math = scratch.file("math.wasm", engine::wat(kMath));
  const Ran unknown = nacre({"run", math, "--invoke", "mul(2, 3)"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.errors, AllOf(StartsWith("nacre: --invoke: "), HasSubstr("'mul'"),
                                    HasSubstr("add"), HasSubstr("div")));
  const Ran text = nacre({"run", math, "--invoke", "add(2, \"x\")"});
  EXPECT_EQ(text.code, 1);
  EXPECT_THAT(text.errors, StartsWith("nacre: --invoke: "));
  const Ran few = nacre({"run", math, "--invoke", "add(2)"});
  EXPECT_EQ(few.code, 1);
  EXPECT_THAT(few.errors, StartsWith("nacre: --invoke: "));
}

TEST(Inspect, TellsNeedsAndOffers) {
  const Ran ran = nacre({"inspect", guest("hello")});
  EXPECT_EQ(ran.code, 0) << ran.errors;
  EXPECT_THAT(ran.output, AllOf(HasSubstr("1 core module ("), HasSubstr("imports:\n"),
                                HasSubstr("wasi:http/types@0.2."),
                                HasSubstr("exports:\n  wasi:http/incoming-handler@0.2."),
                                HasSubstr("made with:\n"), Not(HasSubstr("served by nobody"))));
}

TEST(Inspect, SaysWhatNobodyServes) {
  const Scratch scratch;
  const std::string path = scratch.file("wants.wasm", engine::wat(R"((component
    (import "acme:bank/vault@1.2.0" (instance $vault (export "open" (func))))
    (core func $open (canon lower (func $vault "open")))
    (core module $m (import "h" "open" (func)))
    (core instance (instantiate $m (with "h" (instance (export "open" (func $open))))))))"));
  const Ran ran = nacre({"inspect", path});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.output, ::testing::ContainsRegex("acme:bank/vault@1.2.0 +served by nobody"));
}

TEST(Inspect, PrintsTheWorldAndJson) {
  const Ran wit = nacre({"inspect", guest("hello"), "--wit"});
  EXPECT_THAT(wit.output,
              AllOf(HasSubstr("world "), HasSubstr("export wasi:http/incoming-handler")));
  const Ran json = nacre({"inspect", guest("hello"), "--output", "json"});
  EXPECT_THAT(json.output, AllOf(StartsWith("{\"path\":\""), HasSubstr("\"async\":false"),
                                 HasSubstr("\"digest\":\"sha256:"), EndsWith("}\n")));
}

TEST(Completion, BashLoadsAndCompletes) {
  const Ran script = nacre({"completion", "bash"});
  EXPECT_EQ(script.code, 0);
  const Scratch scratch;
  const std::string path = scratch.file("nacre.bash", script.output);
  const auto completed = [&](const std::string& words) {
    Process bash{{.arguments = {"/bin/bash", "-c",
                                ". " + path + "; COMP_WORDS=(" + words +
                                    "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _nacre; "
                                    "echo \"${COMPREPLY[*]}\""}}};
    EXPECT_EQ(bash.wait(), 0) << bash.errors();
    return bash.output();
  };
  EXPECT_EQ(completed("nacre ser"), "serve\n");
  EXPECT_EQ(completed("nacre serve x --max-m"), "--max-memory\n");
  EXPECT_THAT(completed("nacre ''"), Not(HasSubstr("compile-worker")));
}

TEST(Completion, KnowsThreeShells) {
  EXPECT_THAT(nacre({"completion", "zsh"}).output, HasSubstr("bashcompinit"));
  EXPECT_THAT(nacre({"completion", "fish"}).output, HasSubstr("complete -c nacre"));
  const Ran other = nacre({"completion", "tcsh"});
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.errors, HasSubstr("\"tcsh\" is not understood; write bash, zsh or fish"));
}

TEST(Version, IsTextOrJson) {
  EXPECT_THAT(nacre({"version"}).output, StartsWith("nacre "));
  EXPECT_THAT(nacre({"version", "--output", "json"}).output, StartsWith("{\"nacre\":\""));
  EXPECT_EQ(nacre({"--version"}).output, nacre({"version"}).output);
}

TEST(Help, OfEveryCommandHasExamples) {
  for (const char* command : {"serve", "run", "compile", "inspect", "completion", "version"}) {
    const Ran ran = nacre({command, "--help"});
    EXPECT_EQ(ran.code, 0) << command;
    EXPECT_THAT(ran.output, HasSubstr("Examples:\n  nacre " + std::string(command)));
    EXPECT_THAT(ran.output, Not(HasSubstr("UINT"))) << command;
  }
  EXPECT_THAT(nacre({"--help"}).output, HasSubstr("nacre serve hello.wasm"));
}

TEST(Download, AComponentFromAUrlIsServed) {
  const std::string bytes = bytes_of(guest("hello"));
  const WebServer files{{{"/hello.wasm", "HTTP/1.1 200 OK\r\ncontent-length: " +
                                             std::to_string(bytes.size()) + "\r\n\r\n" + bytes},
                         {"/latest", "HTTP/1.1 302 Found\r\nlocation: hello.wasm\r\n"
                                     "content-length: 0\r\n\r\n"}}};
  Served hello{files.url("/latest")};
  EXPECT_EQ(hello.get("/").body, "Hello from nacre!\n");
  EXPECT_THAT(hello.process().errors(), HasSubstr(" bytes, sha256:"));
}

TEST(Download, NeitherLoopsNorCutsShort) {
  const WebServer files{{{"/round", "HTTP/1.1 301 Moved\r\nlocation: /round\r\n"
                                    "content-length: 0\r\n\r\n"},
                         {"/cut", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"}}};
  const Ran round = nacre({"inspect", files.url("/round")});
  EXPECT_EQ(round.code, 1);
  EXPECT_THAT(round.errors, HasSubstr("/round: redirected more than 5 times"));
  const Ran cut = nacre({"inspect", files.url("/cut")});
  EXPECT_EQ(cut.code, 1);
  EXPECT_THAT(cut.errors, StartsWith("nacre: " + files.url("/cut") + ": "));
}

TEST(Download, WhatCannotBeFetchedIsSaid) {
  const Served hello{guest("hello")};
  const std::string base = "http://127.0.0.1:" + std::to_string(hello.port());
  const Ran page = nacre({"serve", base + "/"});
  EXPECT_EQ(page.code, 1);
  EXPECT_EQ(page.errors, "nacre: " + base + "/ is not a WebAssembly file\n");
  const Ran missing =
      nacre({"serve", "http://127.0.0.1:" + std::to_string(hello.admin_port()) + "/x"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_THAT(missing.errors, HasSubstr("/x: the server answers 404"));
  const Ran nobody = nacre({"serve", "http://127.0.0.1:1/x.wasm"});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_THAT(nobody.errors, StartsWith("nacre: http://127.0.0.1:1/x.wasm: "));
}

} // namespace
} // namespace nacre::e2e
