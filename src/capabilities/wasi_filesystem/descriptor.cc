// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_filesystem/descriptor.h"

#include "capabilities/wasi_filesystem/directory_stream.h"
#include "capabilities/wasi_filesystem/file_streams.h"
#include "loop/loop.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace nacre::wasi_filesystem {

using component::Bytes;
using component::HostCall;
using wasi_filesystem_p2::PathFlags;
using DescriptorHandle = std::unique_ptr<wasi_filesystem_p2::Descriptor>;

namespace {

/// The most bytes that one call writes; the guest is told how many went.
constexpr std::size_t kMostWrite = std::size_t{1} << 20;

/// Runs what may block where it may.
template <class F> Async<std::invoke_result_t<F>> elsewhere(F function) {
  return offload(std::move(function));
}

std::unexpected<ErrorCode> no(ErrorCode code) {
  return std::unexpected{code};
}
template <class T> std::unexpected<ErrorCode> no(const Answer<T>& answer) {
  return std::unexpected{answer.error()};
}

bool follows(PathFlags flags) {
  return flags.has(PathFlags::kSymlinkFollow);
}

const Descriptor& ours(const wasi_filesystem_p2::Descriptor& descriptor) {
  return static_cast<const Descriptor&>(descriptor);
}

Answer<std::tuple<Bytes, bool>> read_answer(std::vector<std::uint8_t> bytes,
                                            const Answer<std::size_t>& got) {
  if (!got)
    return no(got);
  bytes.resize(*got);
  return std::tuple<Bytes, bool>{std::move(bytes), *got == 0};
}

} // namespace

Answer<> Descriptor::may_look(std::string_view path) const {
  if (!node_->directory())
    return no(ErrorCode::not_directory);
  return check_path(path);
}

Answer<> Descriptor::may_change(std::string_view path) const {
  if (Answer<> looked = may_look(path); !looked)
    return looked;
  return node_->rights().change ? Answer<>{} : no(ErrorCode::read_only);
}

Answer<> Descriptor::may_read() const {
  if (node_->directory())
    return no(ErrorCode::is_directory);
  return node_->rights().read ? Answer<>{} : no(ErrorCode::bad_descriptor);
}

Answer<> Descriptor::may_write() const {
  if (node_->directory())
    return no(ErrorCode::is_directory);
  return node_->rights().write ? Answer<>{} : no(ErrorCode::bad_descriptor);
}

// Streams.

Result<Answer<Descriptor::InputHandle>> Descriptor::read_via_stream(HostCall& /*call*/,
                                                                    std::uint64_t offset) {
  if (const Answer<> may = may_read(); !may)
    return Answer<InputHandle>{no(may)};
  std::optional<streams::Ticket> ticket = quota_->take();
  if (!ticket)
    return Answer<InputHandle>{no(ErrorCode::insufficient_memory)};
  return Answer<InputHandle>{std::make_unique<streams::InputStream>(
      make_file_source(node_, offset, std::move(*ticket), background_))};
}

Result<Answer<Descriptor::OutputHandle>> Descriptor::output(std::optional<std::uint64_t> offset) {
  if (const Answer<> may = may_write(); !may)
    return Answer<OutputHandle>{no(may)};
  std::optional<streams::Ticket> ticket = quota_->take();
  if (!ticket)
    return Answer<OutputHandle>{no(ErrorCode::insufficient_memory)};
  return Answer<OutputHandle>{std::make_unique<streams::OutputStream>(
      make_file_sink(node_, offset, std::move(*ticket), background_))};
}

Result<Answer<Descriptor::OutputHandle>> Descriptor::write_via_stream(HostCall& /*call*/,
                                                                      std::uint64_t offset) {
  return output(offset);
}
Result<Answer<Descriptor::OutputHandle>> Descriptor::append_via_stream(HostCall& /*call*/) {
  return output(std::nullopt);
}

Async<Answer<std::unique_ptr<wasi_filesystem_p2::DirectoryEntryStream>>>
Descriptor::read_directory(HostCall& /*call*/) {
  using Stream = std::unique_ptr<wasi_filesystem_p2::DirectoryEntryStream>;
  if (!node_->directory())
    return Answer<Stream>{no(ErrorCode::not_directory)};
  std::optional<streams::Ticket> ticket = quota_->take();
  if (!ticket)
    return Answer<Stream>{no(ErrorCode::insufficient_memory)};
  return open_directory_stream(node_, std::move(*ticket));
}

// The open file itself.

Async<Answer<>> Descriptor::advise(HostCall& /*call*/, std::uint64_t offset, std::uint64_t length,
                                   Advice advice) {
  if (node_->directory())
    return Answer<>{no(ErrorCode::bad_descriptor)};
  return elsewhere([node = node_, offset, length, advice] {
    return wasi_filesystem::advise(*node, offset, length, advice);
  });
}

Async<Answer<>> Descriptor::sync_data(HostCall& /*call*/) {
  if (!node_->rights().write && !(node_->directory() && node_->rights().change))
    return Answer<>{};
  return elsewhere([node = node_] { return wasi_filesystem::sync(*node, true); });
}

Async<Answer<>> Descriptor::sync(HostCall& /*call*/) {
  if (!node_->rights().write && !(node_->directory() && node_->rights().change))
    return Answer<>{};
  return elsewhere([node = node_] { return wasi_filesystem::sync(*node, false); });
}

Async<Answer<DescriptorFlags>> Descriptor::get_flags(HostCall& /*call*/) {
  return Answer<DescriptorFlags>{node_->flags()};
}
Async<Answer<DescriptorType>> Descriptor::get_type(HostCall& /*call*/) {
  return Answer<DescriptorType>{node_->type()};
}

Async<Answer<>> Descriptor::set_size(HostCall& /*call*/, std::uint64_t size) {
  if (Answer<> may = may_write(); !may)
    return may;
  return elsewhere([node = node_, size] { return wasi_filesystem::set_size(*node, size); });
}

Async<Answer<>> Descriptor::set_times(HostCall& /*call*/, NewTimestamp access,
                                      NewTimestamp modification) {
  if (!node_->rights().change)
    return Answer<>{no(ErrorCode::read_only)};
  const Answer<NewTimes> times = new_times(access, modification);
  if (!times)
    return Answer<>{no(times)};
  return elsewhere(
      [node = node_, times = *times] { return wasi_filesystem::set_times(*node, times); });
}

Async<Answer<std::tuple<Bytes, bool>>> Descriptor::read(HostCall& /*call*/, std::uint64_t length,
                                                        std::uint64_t offset) {
  using Read = Answer<std::tuple<Bytes, bool>>;
  if (const Answer<> may = may_read(); !may)
    return Read{no(may)};
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(length, streams::kMostRead));
  if (most == 0)
    return Read{std::tuple<Bytes, bool>{Bytes{}, false}};
  std::vector<std::uint8_t> bytes(most);
  const Answer<std::size_t> got = node_->read_now(std::as_writable_bytes(std::span{bytes}), offset);
  if (got || got.error() != ErrorCode::would_block)
    return read_answer(std::move(bytes), got);
  return elsewhere([node = node_, most, offset] {
    std::vector<std::uint8_t> into(most);
    const Answer<std::size_t> later =
        read_at(*node, std::as_writable_bytes(std::span{into}), offset);
    return read_answer(std::move(into), later);
  });
}

Async<Answer<std::uint64_t>>
Descriptor::write(HostCall& /*call*/, std::span<const std::uint8_t> buffer, std::uint64_t offset) {
  if (const Answer<> may = may_write(); !may)
    return Answer<std::uint64_t>{no(may)};
  const auto bytes = std::as_bytes(buffer.first(std::min(buffer.size(), kMostWrite)));
  if (bytes.empty())
    return Answer<std::uint64_t>{0};
  const Answer<std::size_t> now = node_->write_now(bytes, offset);
  if (now || now.error() != ErrorCode::would_block)
    return now ? Answer<std::uint64_t>{*now} : Answer<std::uint64_t>{no(now)};
  return elsewhere(
      [node = node_, offset, copy = std::vector<std::byte>{bytes.begin(), bytes.end()}]() {
        const Answer<std::size_t> written = write_at(*node, copy, offset);
        return written ? Answer<std::uint64_t>{*written} : Answer<std::uint64_t>{no(written)};
      });
}

Async<Answer<DescriptorStat>> Descriptor::stat(HostCall& /*call*/) {
  return wasi_filesystem::stat(*node_);
}
Async<Answer<MetadataHashValue>> Descriptor::metadata_hash(HostCall& /*call*/) {
  return wasi_filesystem::metadata_hash(*node_);
}
Async<bool> Descriptor::is_same_object(HostCall& /*call*/, wasi_filesystem_p2::Descriptor& other) {
  return node_->same_object(*ours(other).node_);
}

// Paths below it.

Answer<DescriptorHandle> Descriptor::opened(Answer<NodePtr> node, streams::Ticket ticket) {
  if (!node)
    return no(node);
  return std::make_unique<Descriptor>(std::move(*node), std::move(ticket), quota_, background_);
}

Async<Answer<DescriptorHandle>> Descriptor::open_at(HostCall& /*call*/, PathFlags path_flags,
                                                    std::string_view path, OpenFlags open_flags,
                                                    DescriptorFlags flags) {
  if (const Answer<> may = may_look(path); !may)
    return Answer<DescriptorHandle>{no(may)};
  OpenRequest request{std::string{path}, follows(path_flags), open_flags, flags};
  if (const Answer<> may = check_open(*node_, request); !may)
    return Answer<DescriptorHandle>{no(may)};
  std::optional<streams::Ticket> ticket = quota_->take();
  if (!ticket)
    return Answer<DescriptorHandle>{no(ErrorCode::insufficient_memory)};
  Answer<NodePtr> node = open_node(*node_, request, Reach::caches);
  if (node || node.error() != ErrorCode::would_block)
    return opened(std::move(node), std::move(*ticket));
  return open_later(std::move(request), std::move(*ticket));
}

Task<Answer<DescriptorHandle>> Descriptor::open_later(OpenRequest request, streams::Ticket ticket) {
  CO_TRY(Answer<NodePtr> node,
         co_await offload([node = node_, request] { return open_node(*node, request); }));
  co_return opened(std::move(node), std::move(ticket));
}

Async<Answer<DescriptorStat>> Descriptor::stat_at(HostCall& /*call*/, PathFlags path_flags,
                                                  std::string_view path) {
  if (const Answer<> may = may_look(path); !may)
    return Answer<DescriptorStat>{no(may)};
  std::string name{path};
  const bool follow = follows(path_flags);
  const Answer<DescriptorStat> known =
      wasi_filesystem::stat_at(*node_, name, follow, Reach::caches);
  if (known || known.error() != ErrorCode::would_block)
    return known;
  return elsewhere([node = node_, name = std::move(name), follow] {
    return wasi_filesystem::stat_at(*node, name, follow);
  });
}

Async<Answer<MetadataHashValue>>
Descriptor::metadata_hash_at(HostCall& /*call*/, PathFlags path_flags, std::string_view path) {
  if (const Answer<> may = may_look(path); !may)
    return Answer<MetadataHashValue>{no(may)};
  return elsewhere([node = node_, path = std::string{path}, follow = follows(path_flags)] {
    return wasi_filesystem::metadata_hash_at(*node, path, follow);
  });
}

Async<Answer<>> Descriptor::set_times_at(HostCall& /*call*/, PathFlags path_flags,
                                         std::string_view path, NewTimestamp access,
                                         NewTimestamp modification) {
  if (Answer<> may = may_change(path); !may)
    return may;
  const Answer<NewTimes> times = new_times(access, modification);
  if (!times)
    return Answer<>{no(times)};
  return elsewhere(
      [node = node_, path = std::string{path}, follow = follows(path_flags), times = *times] {
        return wasi_filesystem::set_times_at(*node, path, follow, times);
      });
}

Async<Answer<std::string>> Descriptor::readlink_at(HostCall& /*call*/, std::string_view path) {
  if (const Answer<> may = may_look(path); !may)
    return Answer<std::string>{no(may)};
  return elsewhere([node = node_, path = std::string{path}] {
    return wasi_filesystem::readlink_at(*node, path);
  });
}

Async<Answer<>> Descriptor::create_directory_at(HostCall& /*call*/, std::string_view path) {
  if (Answer<> may = may_change(path); !may)
    return may;
  return elsewhere([node = node_, path = std::string{path}] {
    return wasi_filesystem::create_directory_at(*node, path);
  });
}

Async<Answer<>> Descriptor::remove_directory_at(HostCall& /*call*/, std::string_view path) {
  if (Answer<> may = may_change(path); !may)
    return may;
  return elsewhere([node = node_, path = std::string{path}] {
    return wasi_filesystem::remove_directory_at(*node, path);
  });
}

Async<Answer<>> Descriptor::unlink_file_at(HostCall& /*call*/, std::string_view path) {
  if (Answer<> may = may_change(path); !may)
    return may;
  return elsewhere([node = node_, path = std::string{path}] {
    return wasi_filesystem::unlink_file_at(*node, path);
  });
}

Async<Answer<>> Descriptor::symlink_at(HostCall& /*call*/, std::string_view old_path,
                                       std::string_view new_path) {
  if (Answer<> may = may_change(new_path); !may)
    return may;
  if (Answer<> checked = check_path(old_path); !checked)
    return checked;
  return elsewhere([node = node_, contents = std::string{old_path}, path = std::string{new_path}] {
    return wasi_filesystem::symlink_at(*node, contents, path);
  });
}

// Both directories must be open to change: a name moved or linked out of a directory that is not
// would be a way to write to it.
Async<Answer<>> Descriptor::rename_at(HostCall& /*call*/, std::string_view old_path,
                                      wasi_filesystem_p2::Descriptor& new_descriptor,
                                      std::string_view new_path) {
  if (Answer<> may = may_change(old_path); !may)
    return may;
  if (Answer<> may = ours(new_descriptor).may_change(new_path); !may)
    return may;
  return elsewhere([from = node_, old_name = std::string{old_path}, to = ours(new_descriptor).node_,
                    new_name = std::string{new_path}] {
    return wasi_filesystem::rename_at(*from, old_name, *to, new_name);
  });
}

Async<Answer<>> Descriptor::link_at(HostCall& /*call*/, PathFlags old_path_flags,
                                    std::string_view old_path,
                                    wasi_filesystem_p2::Descriptor& new_descriptor,
                                    std::string_view new_path) {
  if (Answer<> may = may_change(old_path); !may)
    return may;
  if (Answer<> may = ours(new_descriptor).may_change(new_path); !may)
    return may;
  return elsewhere([from = node_, old_name = std::string{old_path},
                    follow = follows(old_path_flags), to = ours(new_descriptor).node_,
                    new_name = std::string{new_path}] {
    return wasi_filesystem::link_at(*from, old_name, follow, *to, new_name);
  });
}

} // namespace nacre::wasi_filesystem
