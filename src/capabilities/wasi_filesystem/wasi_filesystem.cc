// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_filesystem/wasi_filesystem.h"

#include "capabilities/wasi_filesystem/descriptor.h"
#include "component/typed/text.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <utility>

namespace nacre::wasi_filesystem {
namespace {

using component::HostCall;

/// An open directory and what the guest calls it; shared by all guests.
struct Shared {
  NodePtr node;
  std::string name;
};

class FilesystemLease final : public capability::Lease,
                              wasi_filesystem_p2::TypesHost,
                              wasi_filesystem_p2::PreopensHost {
public:
  FilesystemLease(std::shared_ptr<const std::vector<Shared>> directories, std::uint32_t max_open,
                  Duration drain, Loop& loop)
      : directories_(std::move(directories)), quotas_(max_open), drain_(drain), background_(loop) {}

  Result<> link(component::Linker& linker) override {
    wasi_filesystem_p2::link_types(linker, *this);
    wasi_filesystem_p2::link_preopens(linker, *this);
    return {};
  }
  Task<> close() override { return background_.close(drain_); }

private:
  Result<std::optional<ErrorCode>> filesystem_error_code(HostCall& /*call*/,
                                                         wasi_io_p2::Error& err) override {
    return code_of(err);
  }

  Result<std::vector<std::tuple<std::unique_ptr<wasi_filesystem_p2::Descriptor>, std::string>>>
  get_directories(HostCall& call) override {
    std::vector<std::tuple<std::unique_ptr<wasi_filesystem_p2::Descriptor>, std::string>> all;
    const std::shared_ptr<streams::Quota> quota = quotas_.of(&call.store());
    for (const Shared& directory : *directories_) {
      std::optional<streams::Ticket> ticket = quota->take();
      if (!ticket)
        return Error{Code::exhausted, "the guest has too many files open"};
      all.emplace_back(
          std::make_unique<Descriptor>(directory.node, std::move(*ticket), quota, background_),
          directory.name);
    }
    return all;
  }

  std::shared_ptr<const std::vector<Shared>> directories_;
  streams::Quotas quotas_;
  Duration drain_;
  streams::Background background_;
};

class Filesystem final : public capability::Capability {
public:
  Filesystem(std::vector<Shared> directories, const Settings& settings)
      : directories_(std::make_shared<const std::vector<Shared>>(std::move(directories))),
        max_open_(settings.max_open), drain_(settings.drain) {}

  std::vector<std::string> interfaces() const override {
    return {"wasi:filesystem/types@0.2.12", "wasi:filesystem/preopens@0.2.12"};
  }
  Task<std::unique_ptr<capability::Lease>> lease(Loop& loop) override {
    return capability::ready_lease(
        std::make_unique<FilesystemLease>(directories_, max_open_, drain_, loop));
  }

private:
  std::shared_ptr<const std::vector<Shared>> directories_;
  std::uint32_t max_open_;
  Duration drain_;
};

Result<Shared> open_preopen(const Preopen& preopen, Resolver resolver) {
  bool incomplete = false;
  if (component::find_invalid_utf8(preopen.guest, incomplete) != std::string::npos)
    return Error{Code::invalid,
                 fmt::format("the guest's name for directory {} is not UTF-8", preopen.host)};
  UniqueFd fd{::open(preopen.host.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd)
    return Error{errno == ENOENT ? Code::not_found : Code::denied,
                 fmt::format("directory {}: {}", preopen.host, std::strerror(errno))};
  const Rights rights{.read = true, .write = false, .change = preopen.writable};
  Answer<NodePtr> node = Node::make(std::move(fd), rights, {}, resolver);
  if (!node)
    return Error{Code::internal,
                 fmt::format("directory {}: {}", preopen.host, to_string(node.error()))};
  return Shared{std::move(*node), preopen.guest};
}

} // namespace

Result<std::unique_ptr<capability::Capability>> make_wasi_filesystem(Settings settings) {
  std::vector<Shared> directories;
  for (const Preopen& preopen : settings.preopens) {
    TRY(Shared shared, open_preopen(preopen, settings.resolver));
    directories.push_back(std::move(shared));
  }
  return std::make_unique<Filesystem>(std::move(directories), settings);
}

} // namespace nacre::wasi_filesystem
