// SPDX-License-Identifier: Apache-2.0
#include "conformance/wast_script.h"

#include <boost/json/parse.hpp>
#include <nacre_engine.h>

#include <charconv>
#include <utility>

namespace nacre::conformance {
namespace {

namespace json = boost::json;

std::string take_text(nacre_buffer_t& buffer) {
  std::string text;
  if (buffer.len > 0)
    text.assign(reinterpret_cast<const char*>(buffer.data), buffer.len);
  nacre_buffer_free(&buffer);
  return text;
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found != nullptr && found->is_string() ? std::string{found->as_string()} : std::string{};
}

json::array array_of(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found != nullptr && found->is_array() ? found->as_array() : json::array{};
}

std::vector<std::byte> from_hex(std::string_view hex) {
  std::vector<std::byte> bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    bytes.push_back(static_cast<std::byte>(byte));
  }
  return bytes;
}

Action action_of(const json::object& object) {
  Action action;
  if (object.contains("module"))
    action.instance = text_of(object, "module");
  action.function = text_of(object, "field");
  action.arguments = array_of(object, "args");
  return action;
}

Command command_of(const json::object& object) {
  Command command;
  command.type = text_of(object, "type");
  if (const json::value* line = object.if_contains("line"); line != nullptr)
    command.line = line->to_number<int>();
  const bool instance = command.type == "module_instance";
  command.name = text_of(object, instance ? "instance" : "name");
  command.definition = text_of(object, "module");
  if (object.contains("wasm"))
    command.wasm = from_hex(text_of(object, "wasm"));
  if (const json::value* action = object.if_contains("action"); action != nullptr)
    command.action = action_of(action->as_object());
  command.expected = array_of(object, "expected");
  command.text = text_of(object, "text");
  return command;
}

} // namespace

Result<std::vector<Command>> parse_script(const std::string& name, std::string_view wast) {
  nacre_buffer_t out{};
  nacre_buffer_t error{};
  if (!nacre_wast_to_json(name.c_str(), reinterpret_cast<const std::uint8_t*>(wast.data()),
                          wast.size(), &out, &error))
    return Error{Code::invalid, take_text(error)};
  json::parse_options options;
  options.max_depth = 256; // values nest
  const json::value script = json::parse(take_text(out), {}, options);
  std::vector<Command> commands;
  for (const json::value& command : script.as_object().at("commands").as_array())
    commands.push_back(command_of(command.as_object()));
  return commands;
}

} // namespace nacre::conformance
