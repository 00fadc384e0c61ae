// SPDX-License-Identifier: Apache-2.0
// Completion scripts are made from the parser itself: a new flag completes without anyone doing
// anything.
#include "cli/command.h"

#include <fmt/format.h>

namespace nacre::cli {
namespace {

std::string words_of(const CLI::App& command) {
  std::string out;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames())
      out += "--" + name + " ";
  }
  return out;
}

/// The commands that people see.
std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  std::vector<const CLI::App*> out;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty())
      out.push_back(command);
  }
  return out;
}

std::string bash(const CLI::App& app) {
  std::string names;
  std::string cases;
  for (const CLI::App* command : commands_of(app)) {
    names += command->get_name() + " ";
    cases += fmt::format("    {}) words='{}' ;;\n", command->get_name(), words_of(*command));
  }
  return fmt::format(R"(_nacre() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '{}' -- "$current"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{}  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}}
complete -o filenames -F _nacre nacre
)",
                     names, cases);
}

std::string zsh(const CLI::App& app) {
  return "autoload -Uz bashcompinit && bashcompinit\n" + bash(app);
}

std::string fish(const CLI::App& app) {
  std::string out;
  for (const CLI::App* command : commands_of(app)) {
    out += fmt::format("complete -c nacre -n __fish_use_subcommand -a {} -d '{}'\n",
                       command->get_name(), command->get_description());
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        out += fmt::format("complete -c nacre -n '__fish_seen_subcommand_from {}' -l {}\n",
                           command->get_name(), name);
      }
    }
  }
  return out;
}

} // namespace

void add_completion(CLI::App& app, Context& context) {
  enum class Shell : std::uint8_t { bash, zsh, fish };
  auto shell = std::make_shared<Shell>();
  CLI::App* command = app.add_subcommand("completion", "Print a completion script for your shell");
  command->footer("\nExamples:\n  nacre completion bash > /etc/bash_completion.d/nacre\n  nacre "
                  "completion fish > ~/.config/fish/completions/nacre.fish");
  const std::vector<std::pair<std::string, Shell>> shells{
      {"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}};
  add_choice(*command, "shell", *shell, shells, "Yours")->required()->type_name("bash|zsh|fish");
  command->callback([shell, &app, &context] {
    context.action = [shell, &app]() -> Result<int> {
      fmt::print("{}", *shell == Shell::bash  ? bash(app)
                       : *shell == Shell::zsh ? zsh(app)
                                              : fish(app));
      return 0;
    };
  });
}

} // namespace nacre::cli
