// SPDX-License-Identifier: Apache-2.0
// Descriptor: a guest's handle to an open file or directory: checks rights, then works, elsewhere
// if it might take time.
#pragma once

#include "bindings/wasi_filesystem_p2.h"
#include "capabilities/wasi_filesystem/node.h"
#include "capabilities/wasi_filesystem/operations.h"
#include "streams/background.h"
#include "streams/quota.h"

#include <memory>

namespace nacre::wasi_filesystem {

/// The only implementation of `descriptor`. Owned by the guest; `quota` is the guest's.
class Descriptor final : public wasi_filesystem_p2::Descriptor {
public:
  template <class T> using Reply = Async<Answer<T>>;
  using InputHandle = std::unique_ptr<wasi_io_p2::InputStream>;
  using OutputHandle = std::unique_ptr<wasi_io_p2::OutputStream>;

  Descriptor(NodePtr node, streams::Ticket ticket, std::shared_ptr<streams::Quota> quota,
             streams::Background& background)
      : node_(std::move(node)), ticket_(std::move(ticket)), quota_(std::move(quota)),
        background_(background) {}

  Result<Answer<InputHandle>> read_via_stream(component::HostCall& call,
                                              std::uint64_t offset) override;
  Result<Answer<OutputHandle>> write_via_stream(component::HostCall& call,
                                                std::uint64_t offset) override;
  Result<Answer<OutputHandle>> append_via_stream(component::HostCall& call) override;
  Reply<void> advise(component::HostCall& call, std::uint64_t offset, std::uint64_t length,
                     Advice advice) override;
  Reply<void> sync_data(component::HostCall& call) override;
  Reply<DescriptorFlags> get_flags(component::HostCall& call) override;
  Reply<DescriptorType> get_type(component::HostCall& call) override;
  Reply<void> set_size(component::HostCall& call, std::uint64_t size) override;
  Reply<void> set_times(component::HostCall& call, NewTimestamp access,
                        NewTimestamp modification) override;
  Reply<std::tuple<component::Bytes, bool>> read(component::HostCall& call, std::uint64_t length,
                                                 std::uint64_t offset) override;
  Reply<std::uint64_t> write(component::HostCall& call, std::span<const std::uint8_t> buffer,
                             std::uint64_t offset) override;
  Reply<std::unique_ptr<wasi_filesystem_p2::DirectoryEntryStream>>
  read_directory(component::HostCall& call) override;
  Reply<void> sync(component::HostCall& call) override;
  Reply<void> create_directory_at(component::HostCall& call, std::string_view path) override;
  Reply<DescriptorStat> stat(component::HostCall& call) override;
  Reply<DescriptorStat> stat_at(component::HostCall& call, wasi_filesystem_p2::PathFlags path_flags,
                                std::string_view path) override;
  Reply<void> set_times_at(component::HostCall& call, wasi_filesystem_p2::PathFlags path_flags,
                           std::string_view path, NewTimestamp access,
                           NewTimestamp modification) override;
  Reply<void> link_at(component::HostCall& call, wasi_filesystem_p2::PathFlags old_path_flags,
                      std::string_view old_path, wasi_filesystem_p2::Descriptor& new_descriptor,
                      std::string_view new_path) override;
  Reply<std::unique_ptr<wasi_filesystem_p2::Descriptor>>
  open_at(component::HostCall& call, wasi_filesystem_p2::PathFlags path_flags,
          std::string_view path, OpenFlags open_flags, DescriptorFlags flags) override;
  Reply<std::string> readlink_at(component::HostCall& call, std::string_view path) override;
  Reply<void> remove_directory_at(component::HostCall& call, std::string_view path) override;
  Reply<void> rename_at(component::HostCall& call, std::string_view old_path,
                        wasi_filesystem_p2::Descriptor& new_descriptor,
                        std::string_view new_path) override;
  Reply<void> symlink_at(component::HostCall& call, std::string_view old_path,
                         std::string_view new_path) override;
  Reply<void> unlink_file_at(component::HostCall& call, std::string_view path) override;
  Async<bool> is_same_object(component::HostCall& call,
                             wasi_filesystem_p2::Descriptor& other) override;
  Reply<MetadataHashValue> metadata_hash(component::HostCall& call) override;
  Reply<MetadataHashValue> metadata_hash_at(component::HostCall& call,
                                            wasi_filesystem_p2::PathFlags path_flags,
                                            std::string_view path) override;

private:
  /// Whether this is a directory below which things may be looked up, or changed.
  Answer<> may_look(std::string_view path) const;
  Answer<> may_change(std::string_view path) const;
  Answer<> may_read() const;
  Answer<> may_write() const;
  Result<Answer<OutputHandle>> output(std::optional<std::uint64_t> offset);
  Task<Answer<std::unique_ptr<wasi_filesystem_p2::Descriptor>>> open_later(OpenRequest request,
                                                                           streams::Ticket ticket);
  Answer<std::unique_ptr<wasi_filesystem_p2::Descriptor>> opened(Answer<NodePtr> node,
                                                                 streams::Ticket ticket);

  NodePtr node_;
  streams::Ticket ticket_;
  std::shared_ptr<streams::Quota> quota_;
  streams::Background& background_;
};

} // namespace nacre::wasi_filesystem
