// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_filesystem/beneath.h"

#include <climits>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <vector>

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

namespace nacre::wasi_filesystem {
namespace {

/// As the kernel's own limit.
constexpr int kMostLinks = 40;
/// Directories that one walk holds open.
constexpr std::size_t kMostDepth = 256;
/// Rounds while directories move under us.
constexpr int kMostRetries = 16;

int call_openat2(int dir, const char* path, int flags, mode_t mode, std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = resolve;
  return static_cast<int>(::syscall(SYS_openat2, dir, path, &how, sizeof(how)));
}

Answer<UniqueFd> open_by_kernel(int dir, const std::string& path, int flags, mode_t mode,
                                Reach reach) {
  std::uint64_t resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  if (reach == Reach::caches) {
    if ((flags & (O_CREAT | O_TRUNC)) != 0)
      return std::unexpected{ErrorCode::would_block};
    resolve |= RESOLVE_CACHED;
  }
  for (int round = 0;; ++round) {
    const int fd = call_openat2(dir, path.c_str(), flags, mode, resolve);
    if (fd >= 0)
      return UniqueFd{fd};
    // EAGAIN: a directory moved while `..` was looked at, and nothing is certain.
    const bool again = errno == EINTR || (errno == EAGAIN && reach == Reach::anywhere);
    if (again && round < kMostRetries)
      continue;
    if (errno == EXDEV)
      return std::unexpected{ErrorCode::not_permitted};
    if (errno == EINVAL && reach == Reach::caches)
      return std::unexpected{ErrorCode::would_block}; // a kernel before RESOLVE_CACHED
    return last_error();
  }
}

/// Resolution in steps that the kernel cannot be led astray in: every component is opened by itself
/// without following links, `..` goes back to a directory that is already open.
class Walk {
public:
  Walk(int base, int flags, mode_t mode) : base_(base), flags_(flags | O_CLOEXEC), mode_(mode) {}

  Answer<UniqueFd> open(std::string_view path) {
    if (Answer<> pushed = push(path); !pushed)
      return std::unexpected{pushed.error()};
    while (!todo_.empty()) {
      const std::string name = std::move(todo_.front());
      todo_.pop_front();
      if (name == "..") {
        if (above_.empty())
          return std::unexpected{ErrorCode::not_permitted};
        above_.pop_back();
      } else if (name != "." && todo_.empty()) {
        Answer<UniqueFd> last = open_last(name);
        if (last || last.error() != kFollowed)
          return last;
      } else if (name != ".") {
        if (Answer<> entered = enter(name); !entered)
          return std::unexpected{entered.error()};
      }
    }
    // The path ended in a directory that is open already: `.`, `..`, or a trailing slash.
    return open_name(".");
  }

private:
  /// In place of an answer of open_last: what it found was a link, and the walk goes on with it.
  static constexpr ErrorCode kFollowed = static_cast<ErrorCode>(0xff);

  int here() const { return above_.empty() ? base_ : above_.back().get(); }

  /// Puts the components of `path` in front of what is left. A trailing slash becomes a dot, since
  /// it means "and this is a directory".
  Answer<> push(std::string_view path) {
    if (path.starts_with('/'))
      return std::unexpected{ErrorCode::not_permitted};
    std::vector<std::string> names;
    const bool slash = path.ends_with('/');
    for (std::size_t start = 0; start < path.size();) {
      const std::size_t end = std::min(path.find('/', start), path.size());
      if (end > start)
        names.emplace_back(path.substr(start, end - start));
      start = end + 1;
    }
    if (slash)
      names.emplace_back(".");
    todo_.insert(todo_.begin(), names.begin(), names.end());
    return {};
  }

  Answer<UniqueFd> open_name(const std::string& name) {
    const int fd = ::openat(here(), name.c_str(), flags_ | O_NOFOLLOW, mode_);
    return fd >= 0 ? Answer<UniqueFd>{UniqueFd{fd}} : last_error();
  }

  /// One step down, into a directory or along a link.
  Answer<> enter(const std::string& name) {
    UniqueFd next{::openat(here(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    struct stat info{};
    if (!next || ::fstat(next.get(), &info) != 0)
      return last_error();
    if (S_ISLNK(info.st_mode))
      return follow(next.get(), "");
    if (!S_ISDIR(info.st_mode))
      return std::unexpected{ErrorCode::not_directory};
    if (above_.size() == kMostDepth)
      return std::unexpected{ErrorCode::name_too_long};
    above_.push_back(std::move(next));
    return {};
  }

  Answer<UniqueFd> open_last(const std::string& name) {
    const bool follows = (flags_ & O_NOFOLLOW) == 0 && (flags_ & O_EXCL) == 0;
    Answer<UniqueFd> opened = open_name(name);
    if (!follows)
      return opened;
    if (opened && (flags_ & O_PATH) != 0) { // O_PATH opens the link itself
      struct stat info{};
      if (::fstat(opened->get(), &info) != 0)
        return last_error();
      if (!S_ISLNK(info.st_mode))
        return opened;
    } else if (opened ||
               (opened.error() != ErrorCode::loop && opened.error() != ErrorCode::not_directory)) {
      return opened;
    }
    if (Answer<> followed = follow(here(), name); !followed) {
      // It is no link: what openat said about it stands.
      return followed.error() == ErrorCode::invalid && !opened ? std::move(opened)
                                                               : std::unexpected{followed.error()};
    }
    return std::unexpected{kFollowed};
  }

  Answer<> follow(int dir, const std::string& name) {
    if (++links_ > kMostLinks)
      return std::unexpected{ErrorCode::loop};
    std::string target(PATH_MAX, '\0');
    const ssize_t length = ::readlinkat(dir, name.c_str(), target.data(), target.size());
    if (length < 0)
      return last_error();
    if (length == 0 || static_cast<std::size_t>(length) == target.size())
      return std::unexpected{ErrorCode::name_too_long};
    return push({target.data(), static_cast<std::size_t>(length)});
  }

  int base_;
  int flags_;
  mode_t mode_;
  int links_ = 0;
  std::deque<std::string> todo_;
  std::vector<UniqueFd> above_;
};

} // namespace

Resolver best_resolver() {
  // Old kernels say ENOSYS, and some sandboxes EPERM, to every openat2.
  static const Resolver kBest = [] {
    const UniqueFd root{call_openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, 0)};
    return root ? Resolver::kernel : Resolver::walk;
  }();
  return kBest;
}

Answer<> check_path(std::string_view path) {
  if (path.empty())
    return std::unexpected{ErrorCode::no_entry};
  if (path.find('\0') != std::string_view::npos)
    return std::unexpected{ErrorCode::invalid};
  if (path.starts_with('/'))
    return std::unexpected{ErrorCode::not_permitted};
  if (path.size() >= PATH_MAX)
    return std::unexpected{ErrorCode::name_too_long};
  return {};
}

Answer<UniqueFd> open_beneath(Resolver resolver, int dir, const std::string& path, int flags,
                              mode_t mode, Reach reach) {
  if (Answer<> checked = check_path(path); !checked)
    return std::unexpected{checked.error()};
  if (resolver == Resolver::kernel)
    return open_by_kernel(dir, path, flags, mode, reach);
  if (reach == Reach::caches)
    return std::unexpected{ErrorCode::would_block};
  return Walk{dir, flags, mode}.open(path);
}

Answer<Place> find_place(Resolver resolver, int dir, const std::string& path) {
  if (Answer<> checked = check_path(path); !checked)
    return std::unexpected{checked.error()};
  Place place;
  const std::size_t end =
      path.find_last_not_of('/') + 1; // a path is not all slashes: it is relative
  place.trailing_slash = end < path.size();
  const std::size_t slash = path.rfind('/', end - 1);
  const std::size_t start = slash == std::string::npos ? 0 : slash + 1;
  place.name = path.substr(start, end - start);
  place.dots = place.name == "." || place.name == "..";
  place.dir = dir;
  // With dots the whole path is resolved, to see whether it leads out.
  if (start == 0 && !place.dots)
    return place;
  const std::string above = place.dots ? path : path.substr(0, start);
  Answer<UniqueFd> opened = open_beneath(resolver, dir, above, O_PATH | O_DIRECTORY);
  if (!opened)
    return std::unexpected{opened.error()};
  place.opened = std::move(*opened);
  place.dir = place.opened.get();
  return place;
}

} // namespace nacre::wasi_filesystem
