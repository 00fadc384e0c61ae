// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_filesystem/directory_stream.h"

#include "component/typed/text.h"
#include "loop/loop.h"

#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <vector>

namespace nacre::wasi_filesystem {
namespace {

using wasi_filesystem_p2::DirectoryEntry;

constexpr std::size_t kBatch = 128;

/// Used by one thread at a time.
class Entries {
public:
  static Answer<std::shared_ptr<Entries>> open(const Node& directory) {
    // A description of its own, so that streams do not share a position.
    const int fd = ::openat(directory.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
      return last_error();
    DIR* dir = ::fdopendir(fd);
    if (dir == nullptr) {
      const auto error = last_error();
      ::close(fd);
      return error;
    }
    return std::shared_ptr<Entries>{new Entries{dir}};
  }
  Entries(const Entries&) = delete;
  Entries& operator=(const Entries&) = delete;
  ~Entries() { ::closedir(dir_); }

  /// Empty at the end.
  Answer<std::vector<DirectoryEntry>> next() {
    std::vector<DirectoryEntry> batch;
    while (batch.size() < kBatch) {
      errno = 0;
      const dirent* found = ::readdir(dir_);
      if (found == nullptr && errno != 0)
        return last_error();
      if (found == nullptr)
        break;
      const std::string_view name{found->d_name};
      bool incomplete = false;
      if (name == "." || name == ".." ||
          component::find_invalid_utf8(name, incomplete) != std::string_view::npos)
        continue;
      batch.push_back({type_of_entry(*found), std::string{name}});
    }
    return batch;
  }

private:
  explicit Entries(DIR* dir) : dir_(dir) {}

  DescriptorType type_of_entry(const dirent& entry) const {
    if (entry.d_type != DT_UNKNOWN)
      return type_of(DTTOIF(entry.d_type));
    struct stat info{};
    if (::fstatat(::dirfd(dir_), entry.d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
      return DescriptorType::unknown;
    return type_of(info.st_mode);
  }

  DIR* dir_;
};

class DirectoryStream final : public wasi_filesystem_p2::DirectoryEntryStream {
public:
  DirectoryStream(std::shared_ptr<Entries> entries, streams::Ticket ticket)
      : entries_(std::move(entries)), ticket_(std::move(ticket)) {}

  Async<Answer<std::optional<DirectoryEntry>>>
  read_directory_entry(component::HostCall& /*call*/) override {
    if (next_ < batch_.size() || ended_)
      return step();
    return more();
  }

private:
  Answer<std::optional<DirectoryEntry>> step() {
    if (next_ == batch_.size())
      return std::nullopt;
    return std::optional{std::move(batch_[next_++])};
  }

  Task<Answer<std::optional<DirectoryEntry>>> more() {
    CO_TRY(Answer<std::vector<DirectoryEntry>> batch,
           co_await offload([entries = entries_] { return entries->next(); }));
    if (!batch)
      co_return Answer<std::optional<DirectoryEntry>>{std::unexpected{batch.error()}};
    ended_ = batch->empty();
    batch_ = std::move(*batch);
    next_ = 0;
    co_return step();
  }

  std::shared_ptr<Entries> entries_;
  streams::Ticket ticket_;
  std::vector<DirectoryEntry> batch_;
  std::size_t next_ = 0;
  bool ended_ = false;
};

} // namespace

Task<Answer<std::unique_ptr<wasi_filesystem_p2::DirectoryEntryStream>>>
open_directory_stream(NodePtr directory, streams::Ticket ticket) {
  using Stream = std::unique_ptr<wasi_filesystem_p2::DirectoryEntryStream>;
  CO_TRY(Answer<std::shared_ptr<Entries>> entries,
         co_await offload([directory] { return Entries::open(*directory); }));
  if (!entries)
    co_return Answer<Stream>{std::unexpected{entries.error()}};
  co_return Answer<Stream>{
      std::make_unique<DirectoryStream>(std::move(*entries), std::move(ticket))};
}

} // namespace nacre::wasi_filesystem
