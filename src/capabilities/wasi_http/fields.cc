// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/fields.h"

#include <algorithm>
#include <utility>

namespace nacre::wasi_http {

using component::HostCall;
using wasi_http_p2::HeaderError;

namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Error too_large() {
  return Error{Code::exhausted, "fields: more than 1024 lines or 128 KiB"};
}
Error no_room() {
  return Error{Code::exhausted, "fields: too much for one call"};
}

/// Room in the call for a list of answers.
template <class T> T* room_for(HostCall& call, std::size_t count) {
  if (!call.charge(count * sizeof(T)))
    return nullptr;
  return call.scratch().template array<T>(std::max<std::size_t>(count, 1));
}

Result<Fields::Changed> changed(FieldProblem problem) {
  switch (problem) {
  case FieldProblem::none:
    return Fields::Changed{};
  case FieldProblem::syntax:
    return Fields::Changed{std::unexpected{HeaderError::invalid_syntax()}};
  case FieldProblem::forbidden:
    return Fields::Changed{std::unexpected{HeaderError::forbidden()}};
  case FieldProblem::immutable:
    return Fields::Changed{std::unexpected{HeaderError::immutable()}};
  case FieldProblem::too_large:
    break;
  }
  return too_large(); // No case of header-error says so: the guest traps.
}

} // namespace

std::unique_ptr<Fields> Fields::empty() {
  return std::make_unique<Fields>(make_pooled<FieldList>());
}

Result<Fields::Names> Fields::get(HostCall& call, std::string_view name) {
  if (is_forbidden(name))
    return Names{};
  const auto lines = lines_->lines();
  const auto same = [&](const http::Field& line) { return http::same_text(line.name, name); };
  const auto count = static_cast<std::size_t>(std::ranges::count_if(lines, same));
  using Value = std::span<const std::uint8_t>;
  Value* const out = room_for<Value>(call, count);
  if (out == nullptr)
    return no_room();
  std::size_t next = 0;
  for (const http::Field& line : lines) {
    if (same(line))
      std::construct_at(out + next++, bytes_of(line.value));
  }
  return Names{out, count};
}

Result<bool> Fields::has(HostCall& /*call*/, std::string_view name) {
  return !is_forbidden(name) && std::ranges::any_of(lines_->lines(), [&](const http::Field& line) {
    return http::same_text(line.name, name);
  });
}

Result<Fields::Changed> Fields::set(HostCall& /*call*/, std::string_view name, Names values) {
  if (const auto problem = FieldList::check_name(name); problem != FieldProblem::none)
    return changed(problem);
  if (own_ == nullptr)
    return changed(FieldProblem::immutable);
  // All or nothing: an error leaves the old values.
  for (const auto value : values) {
    if (const auto problem = FieldList::check_value(name, text_of(value));
        problem != FieldProblem::none)
      return changed(problem);
  }
  if (values.size() > 1 && http::same_text(name, "content-length"))
    return changed(FieldProblem::syntax);
  own_->remove(name);
  for (const auto value : values) {
    if (const auto problem = own_->append(name, text_of(value)); problem != FieldProblem::none)
      return changed(problem);
  }
  return Changed{};
}

Result<Fields::Changed> Fields::delete_(HostCall& /*call*/, std::string_view name) {
  if (const auto problem = FieldList::check_name(name); problem != FieldProblem::none)
    return changed(problem);
  if (own_ == nullptr)
    return changed(FieldProblem::immutable);
  own_->remove(name);
  return Changed{};
}

Result<Fields::Changed> Fields::append(HostCall& /*call*/, std::string_view name,
                                       std::span<const std::uint8_t> value) {
  if (own_ == nullptr) {
    const auto problem = FieldList::check_name(name);
    return changed(problem == FieldProblem::none ? FieldProblem::immutable : problem);
  }
  return changed(own_->append(name, text_of(value)));
}

Result<Fields::Entries> Fields::entries(HostCall& call) {
  const auto lines = lines_->lines();
  using Entry = std::tuple<std::string_view, std::span<const std::uint8_t>>;
  Entry* const out = room_for<Entry>(call, lines.size());
  if (out == nullptr)
    return no_room();
  std::size_t count = 0;
  for (const http::Field& line : lines) {
    if (own_ != nullptr || !is_forbidden(line.name))
      std::construct_at(out + count++, line.name, bytes_of(line.value));
  }
  return Entries{out, count};
}

Result<std::shared_ptr<FieldList>> Fields::copied() const {
  auto copy = make_pooled<FieldList>();
  for (const http::Field& line : lines_->lines()) {
    if (!is_forbidden(line.name) && copy->copy(line) != FieldProblem::none)
      return too_large();
  }
  return copy;
}

Result<std::unique_ptr<wasi_http_p2::Fields>> Fields::clone(HostCall& /*call*/) {
  TRY(auto copy, copied());
  return std::make_unique<Fields>(std::move(copy));
}

Result<std::shared_ptr<const FieldSource>> Fields::freeze() {
  if (std::exchange(own_, nullptr) != nullptr)
    return std::move(lines_);
  TRY(auto copy, copied());
  return std::shared_ptr<const FieldSource>{std::move(copy)};
}

Result<std::expected<std::unique_ptr<wasi_http_p2::Fields>, HeaderError>>
fields_from_list(Fields::Entries entries) {
  using Made = std::expected<std::unique_ptr<wasi_http_p2::Fields>, HeaderError>;
  auto list = make_pooled<FieldList>();
  for (const auto& [name, value] : entries) {
    const auto problem = list->append(name, text_of(value));
    if (problem == FieldProblem::none)
      continue;
    TRY(auto answer, changed(problem));
    return Made{std::unexpected{std::move(answer.error())}};
  }
  return Made{std::make_unique<Fields>(std::move(list))};
}

} // namespace nacre::wasi_http
