// SPDX-License-Identifier: Apache-2.0
// Fields: the guest's `fields` resource: lines of its own that it may change, or lines of a message
// that it may only look at.
#pragma once

#include "bindings/wasi_http_p2.h"
#include "capabilities/wasi_http/field_list.h"
#include "capabilities/wasi_http/pooled.h"

#include <memory>

namespace nacre::wasi_http {

/// The only implementation of `fields`. Shares the lines with the message they belong to, so that
/// either may go first.
class Fields final : public wasi_http_p2::Fields, public Pooled<Fields> {
public:
  using Names = std::span<const std::span<const std::uint8_t>>;
  using Entries = std::span<const std::tuple<std::string_view, std::span<const std::uint8_t>>>;
  using Changed = std::expected<void, wasi_http_p2::HeaderError>;

  /// Mutable.
  explicit Fields(std::shared_ptr<FieldList> own) : lines_(own), own_(own.get()) {}
  /// Immutable. Forbidden fields in it are not shown: they are the connection's affair.
  explicit Fields(std::shared_ptr<const FieldSource> lines) : lines_(std::move(lines)) {}

  static std::unique_ptr<Fields> empty();

  Result<Names> get(component::HostCall& call, std::string_view name) override;
  Result<bool> has(component::HostCall& call, std::string_view name) override;
  Result<Changed> set(component::HostCall& call, std::string_view name, Names values) override;
  Result<Changed> delete_(component::HostCall& call, std::string_view name) override;
  Result<Changed> append(component::HostCall& call, std::string_view name,
                         std::span<const std::uint8_t> value) override;
  Result<Entries> entries(component::HostCall& call) override;
  Result<std::unique_ptr<wasi_http_p2::Fields>> clone(component::HostCall& call) override;

  /// The lines for a message that the guest makes of this resource, which ends with it: none of
  /// them is forbidden, and nobody changes them any more. `exhausted` when lines from a peer are
  /// more than a guest may hold.
  Result<std::shared_ptr<const FieldSource>> freeze();

private:
  Result<std::shared_ptr<FieldList>> copied() const;

  std::shared_ptr<const FieldSource> lines_;
  FieldList* own_ = nullptr; // null when immutable
};

/// fields.from-list.
Result<std::expected<std::unique_ptr<wasi_http_p2::Fields>, wasi_http_p2::HeaderError>>
fields_from_list(Fields::Entries entries);

} // namespace nacre::wasi_http
