// SPDX-License-Identifier: Apache-2.0
// nacre_wast: runs the component model's reference tests, or the scripts named on its command line.
#include "conformance/wast_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace nacre::conformance {
namespace {

namespace fs = std::filesystem;

constexpr int kSkipped = 77; // what ctest is told to take for "not run"
constexpr std::string_view kSuite = "component-model wast";

std::string read_file(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::vector<fs::path> scripts_below(const fs::path& folder) {
  std::vector<fs::path> scripts;
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    if (entry.path().extension() == ".wast")
      scripts.push_back(entry.path());
  }
  std::ranges::sort(scripts);
  return scripts;
}

/// The number behind `name` in expected.txt; zero if it is not there.
int recorded(std::string_view name) {
  std::ifstream file{NACRE_EXPECTED};
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t colon = line.rfind(": ");
    if (colon != std::string::npos && std::string_view{line}.substr(0, colon) == name)
      return std::atoi(line.c_str() + colon + 2);
  }
  return 0;
}

/// The features that each file needs, by its name: the first two columns of features.tsv.
std::map<std::string, std::string> features_of(const fs::path& root) {
  std::map<std::string, std::string> features;
  std::ifstream file{root / "features.tsv"};
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t first = std::min(line.find('\t'), line.size());
    const std::size_t second = std::min(line.find('\t', first + 1), line.size());
    if (first < second)
      features[line.substr(0, first)] = line.substr(first + 1, second - first - 1);
  }
  return features;
}

/// Says why a file does not pass as a whole: one line for what needs concurrency, one for each
/// failure.
void explain(const Report& report, const std::string& features) {
  std::size_t async = 0;
  for (const Exception& exception : report.exceptions) {
    if (exception.outcome.kind == Outcome::Kind::needs_async)
      ++async;
    else
      fmt::print("  {}:{}: FAILED {}: {}\n", report.file, exception.line, exception.command,
                 exception.outcome.reason);
  }
  if (async > 0)
    fmt::print("  {}: needs async: {} of {} assertions pass without; features: {}\n", report.file,
               report.passed, report.assertions, features);
}

int run(const std::vector<fs::path>& scripts, const fs::path& root, bool whole) {
  auto machine = Machine::create();
  if (!machine.has_value()) {
    fmt::print("{}: the engine does not start: {}\n", kSuite, machine.error().message());
    return 1;
  }
  const auto features = features_of(root);
  int files = 0;
  int assertions = 0;
  int passed = 0;
  for (const fs::path& path : scripts) {
    const std::string name = root.empty() ? path.string() : fs::relative(path, root).string();
    const auto script = parse_script(name, read_file(path));
    if (!script.has_value()) {
      fmt::print("  {}: FAILED: {}\n", name, script.error().message());
      continue;
    }
    const auto found = features.find(name);
    const std::string needs = found != features.end() ? found->second : "unknown";
    const bool async = found == features.end() || needs.find("cm-async") != std::string::npos;
    const Report report =
        ScriptRunner{**machine, async ? Concurrency::allowed : Concurrency::none}.run(name,
                                                                                      *script);
    explain(report, needs);
    files += report.exceptions.empty() ? 1 : 0;
    assertions += report.assertions;
    passed += report.passed;
  }
  const int least = whole ? recorded(kSuite) : assertions;
  if (passed < least)
    fmt::print("fewer assertions pass than before: {} of the {} recorded in expected.txt\n", passed,
               least);
  if (whole && passed > least)
    fmt::print("more assertions pass than the {} recorded: write {} into expected.txt\n", least,
               passed);
  fmt::print("{}: {} of {} files, {} of {} assertions\n", kSuite, files, scripts.size(), passed,
             assertions);
  return passed < least ? 1 : 0;
}

int main_with(const std::vector<std::string>& arguments) {
  if (!arguments.empty())
    return run({arguments.begin(), arguments.end()}, {}, false);
  const char* const folder = std::getenv("NACRE_CONFORMANCE_DIR");
  const fs::path root =
      fs::path{folder != nullptr ? folder : "../shared/conformance"} / "component-model";
  if (!fs::is_directory(root)) {
    fmt::print("{}: skipped: there is no {} (set NACRE_CONFORMANCE_DIR)\n", kSuite, root.string());
    return kSkipped;
  }
  return run(scripts_below(root), root, true);
}

} // namespace
} // namespace nacre::conformance

int main(int argc, char** argv) {
  return nacre::conformance::main_with({argv + 1, argv + argc});
}
