// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/load.h"
#include "component/linker.h"
#include "component/plan_reader.h"
#include "component/planner.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace nacre::cli {
namespace {

namespace json = boost::json;

constexpr const char* kExamples = R"(
Examples:
  nacre inspect hello.wasm
  nacre inspect hello.wasm --wit
  nacre inspect hello.wasm --output json)";

/// What is known of a component without running it.
struct Report {
  std::string path;
  std::size_t size = 0;
  std::string digest;
  std::map<std::string, std::optional<std::string>> imports; ///< interface -> what serves it
  std::vector<std::string> exports;
  component::Plan plan;
  std::string wit;
};

/// "wasi:io/streams@0.2.12" for an import that one of ours serves.
std::optional<std::string> server_of(const std::vector<std::string>& offered,
                                     const std::string& import) {
  const std::string name = import.substr(0, import.find('@'));
  const auto at = import.find('@');
  const std::string wanted =
      at == std::string::npos ? "" : component::compatibility_of(import.substr(at + 1));
  for (const std::string& one : offered) {
    const auto one_at = one.find('@');
    if (one.substr(0, one_at) != name)
      continue;
    if (wanted.empty() || component::compatibility_of(one.substr(one_at + 1)) == wanted)
      return one;
  }
  return std::nullopt;
}

Result<Report> examine(const Source& source, const Grant& grant) {
  const auto& bytes = source.bytes;
  Report report;
  report.path = source.path;
  report.size = bytes.size();
  report.digest = component::digest_of(bytes);
  TRY(const auto plan_bytes, component::make_plan(bytes));
  TRY(report.plan, component::read_plan(plan_bytes));
  TRY(report.wit, component::print_wit(bytes));
  TRY(const Granted granted, grant({}));
  std::vector<std::string> offered;
  for (const auto& capability : granted.capabilities) {
    for (std::string& name : capability->interfaces())
      offered.push_back(std::move(name));
  }
  for (const component::Plan::Import& import : report.plan.imports) {
    const std::string& name = import.interface.empty() ? import.name : import.interface;
    report.imports.emplace(name, server_of(offered, name));
  }
  for (const component::Plan::NamedExport& item : report.plan.root_exports)
    report.exports.push_back(item.name);
  return report;
}

std::size_t core_bytes(const component::Plan& plan) {
  std::size_t total = 0;
  for (const auto& module : plan.modules)
    total += module.bytes.size();
  return total;
}

void print_text(const Report& report, bool wit) {
  const std::size_t modules = report.plan.modules.size();
  fmt::print("{}: {} bytes, {} core module{} ({} bytes){}\nsha256:{}\n", report.path, report.size,
             modules, modules == 1 ? "" : "s", core_bytes(report.plan),
             report.plan.concurrent ? ", made for WASI 0.3" : "", report.digest);
  fmt::print("\nimports:\n");
  if (report.imports.empty())
    fmt::print("  nothing\n");
  for (const auto& [name, server] : report.imports)
    fmt::print("  {:<44} {}\n", name,
               server ? "served (" + server->substr(server->find('@') + 1) + ")"
                      : "served by nobody");
  fmt::print("\nexports:\n");
  if (report.exports.empty())
    fmt::print("  nothing\n");
  for (const std::string& name : report.exports)
    fmt::print("  {}\n", name);
  if (!report.plan.producers.empty())
    fmt::print("\nmade with:\n");
  for (const auto& producer : report.plan.producers)
    fmt::print("  {} {} ({})\n", producer.name, producer.version, producer.field);
  if (wit)
    fmt::print("\n{}", report.wit);
}

void print_json(const Report& report) {
  json::object imports;
  for (const auto& [name, server] : report.imports)
    imports[name] = server ? json::value(*server) : json::value(nullptr);
  json::array producers;
  for (const auto& producer : report.plan.producers) {
    producers.push_back(
        {{"field", producer.field}, {"name", producer.name}, {"version", producer.version}});
  }
  const json::object out{{"path", report.path},
                         {"size", report.size},
                         {"digest", "sha256:" + report.digest},
                         {"core_modules", report.plan.modules.size()},
                         {"core_size", core_bytes(report.plan)},
                         {"async", report.plan.concurrent},
                         {"imports", imports},
                         {"exports", json::value_from(report.exports)},
                         {"producers", producers},
                         {"wit", report.wit}};
  fmt::print("{}\n", json::serialize(out));
}

} // namespace

void add_inspect(CLI::App& app, Context& context) {
  struct Flags {
    std::string what;
    bool wit = false;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand(
      "inspect", "Say what a component needs, what it offers and what it is made of");
  command->footer(kExamples);
  add_component(*command, flags->what);
  command->add_flag("--wit", flags->wit, "Print its world as WIT too");
  add_output(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context]() -> Result<int> {
      TRY(const Source source, open_component(flags->what));
      auto report = examine(source, context.grant);
      if (!report.has_value())
        return std::move(report.error()).context(source.path);
      if (context.output == Output::json) {
        print_json(*report);
      } else {
        print_text(*report, flags->wit);
      }
      return 0;
    };
  });
}

} // namespace nacre::cli
