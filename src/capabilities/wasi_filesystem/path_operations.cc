// SPDX-License-Identifier: Apache-2.0
// Operations on paths. Each resolves the path first, so that the call that changes something gets
// an open directory and a plain name, which the kernel never follows anywhere.
#include "capabilities/wasi_filesystem/metadata.h"
#include "capabilities/wasi_filesystem/operations.h"
#include "component/typed/text.h"

#include <climits>
#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace nacre::wasi_filesystem {
namespace {

Answer<> answer(int result) {
  return result == 0 ? Answer<>{} : last_error();
}
Answer<> no(ErrorCode code) {
  return std::unexpected{code};
}

Answer<UniqueFd> look(const Node& directory, const std::string& path, bool follow,
                      Reach reach = Reach::anywhere) {
  return open_beneath(directory.resolver(), directory.fd(), path,
                      O_PATH | (follow ? 0 : O_NOFOLLOW), 0, reach);
}

/// What stands at a place; links are not followed.
Answer<DescriptorType> type_at(const Place& place) {
  struct stat info{};
  if (::fstatat(place.dir, place.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return last_error();
  return type_of(info.st_mode);
}

/// A path with a trailing slash names a directory; whether it does.
Answer<> check_slash(const Place& place) {
  if (!place.trailing_slash)
    return {};
  const Answer<DescriptorType> type = type_at(place);
  if (!type)
    return no(type.error());
  return *type == DescriptorType::directory ? Answer<>{} : no(ErrorCode::not_directory);
}

/// Where a new entry that is no directory goes: nothing may be there, and no slash after it.
Answer<> check_new(const Place& place) {
  if (place.dots)
    return no(ErrorCode::exist);
  if (!place.trailing_slash)
    return {};
  return no(type_at(place) ? ErrorCode::exist : ErrorCode::no_entry);
}

} // namespace

Answer<DescriptorStat> stat_at(const Node& directory, const std::string& path, bool follow,
                               Reach reach) {
  const Answer<UniqueFd> fd = look(directory, path, follow, reach);
  if (!fd)
    return std::unexpected{fd.error()};
  struct stat info{};
  if (::fstat(fd->get(), &info) != 0)
    return last_error();
  return to_descriptor_stat(info);
}

Answer<MetadataHashValue> metadata_hash_at(const Node& directory, const std::string& path,
                                           bool follow) {
  const Answer<UniqueFd> fd = look(directory, path, follow);
  if (!fd)
    return std::unexpected{fd.error()};
  struct stat info{};
  if (::fstat(fd->get(), &info) != 0)
    return last_error();
  return hash_of(info);
}

Answer<> set_times_at(const Node& directory, const std::string& path, bool follow,
                      const NewTimes& times) {
  const Answer<UniqueFd> fd = look(directory, path, follow);
  if (!fd)
    return no(fd.error());
  const timespec both[] = {times.access, times.modification};
  return answer(::utimensat(fd->get(), "", both, AT_EMPTY_PATH));
}

Answer<std::string> readlink_at(const Node& directory, const std::string& path) {
  const Answer<UniqueFd> fd = look(directory, path, false);
  if (!fd)
    return std::unexpected{fd.error()};
  struct stat info{};
  if (::fstat(fd->get(), &info) != 0)
    return last_error();
  if (!S_ISLNK(info.st_mode))
    return std::unexpected{ErrorCode::invalid};
  std::string contents(PATH_MAX, '\0');
  const ssize_t length = ::readlinkat(fd->get(), "", contents.data(), contents.size());
  if (length < 0)
    return last_error();
  contents.resize(static_cast<std::size_t>(length));
  if (contents.starts_with('/'))
    return std::unexpected{ErrorCode::not_permitted};
  bool incomplete = false;
  if (component::find_invalid_utf8(contents, incomplete) != std::string::npos)
    return std::unexpected{ErrorCode::illegal_byte_sequence};
  return contents;
}

Answer<> create_directory_at(const Node& directory, const std::string& path) {
  const Answer<Place> place = find_place(directory.resolver(), directory.fd(), path);
  if (!place)
    return no(place.error());
  if (place->dots)
    return no(ErrorCode::exist);
  return answer(::mkdirat(place->dir, place->name.c_str(), 0777));
}

Answer<> remove_directory_at(const Node& directory, const std::string& path) {
  const Answer<Place> place = find_place(directory.resolver(), directory.fd(), path);
  if (!place)
    return no(place.error());
  if (place->dots)
    return no(place->name == "." ? ErrorCode::invalid : ErrorCode::not_empty);
  const Answer<> removed = answer(::unlinkat(place->dir, place->name.c_str(), AT_REMOVEDIR));
  // Some file systems say EEXIST for a directory that is not empty.
  if (!removed && removed.error() == ErrorCode::exist)
    return no(ErrorCode::not_empty);
  return removed;
}

Answer<> unlink_file_at(const Node& directory, const std::string& path) {
  const Answer<Place> place = find_place(directory.resolver(), directory.fd(), path);
  if (!place)
    return no(place.error());
  if (place->dots)
    return no(ErrorCode::is_directory);
  if (const Answer<> checked = check_slash(*place); !checked)
    return checked;
  return answer(::unlinkat(place->dir, place->name.c_str(), 0));
}

Answer<> symlink_at(const Node& directory, const std::string& contents, const std::string& path) {
  if (const Answer<> checked = check_path(contents); !checked)
    return checked;
  const Answer<Place> place = find_place(directory.resolver(), directory.fd(), path);
  if (!place)
    return no(place.error());
  if (const Answer<> checked = check_new(*place); !checked)
    return checked;
  return answer(::symlinkat(contents.c_str(), place->dir, place->name.c_str()));
}

Answer<> rename_at(const Node& from, const std::string& old_path, const Node& to,
                   const std::string& new_path) {
  const Answer<Place> source = find_place(from.resolver(), from.fd(), old_path);
  if (!source)
    return no(source.error());
  const Answer<Place> target = find_place(to.resolver(), to.fd(), new_path);
  if (!target)
    return no(target.error());
  if (source->dots || target->dots)
    return no(ErrorCode::busy);
  if (const Answer<> checked = check_slash(*source); !checked)
    return checked;
  if (target->trailing_slash) { // only a directory may be called so
    const Answer<DescriptorType> type = type_at(*source);
    if (!type)
      return no(type.error());
    if (*type != DescriptorType::directory)
      return no(ErrorCode::not_directory);
  }
  return answer(::renameat(source->dir, source->name.c_str(), target->dir, target->name.c_str()));
}

Answer<> link_at(const Node& from, const std::string& old_path, bool follow, const Node& to,
                 const std::string& new_path) {
  const Answer<Place> source = find_place(from.resolver(), from.fd(), old_path);
  if (!source)
    return no(source.error());
  const Answer<Place> target = find_place(to.resolver(), to.fd(), new_path);
  if (!target)
    return no(target.error());
  if (source->dots)
    return no(ErrorCode::not_permitted);
  if (const Answer<> checked = check_slash(*source); !checked)
    return checked;
  if (const Answer<> checked = check_new(*target); !checked)
    return checked;
  if (!follow)
    return answer(
        ::linkat(source->dir, source->name.c_str(), target->dir, target->name.c_str(), 0));
  const Answer<UniqueFd> fd = look(from, old_path, true);
  if (!fd)
    return no(fd.error());
  // The one way to link an open file without a capability that we have not.
  const std::string opened = fmt::format("/proc/self/fd/{}", fd->get());
  return answer(
      ::linkat(AT_FDCWD, opened.c_str(), target->dir, target->name.c_str(), AT_SYMLINK_FOLLOW));
}

} // namespace nacre::wasi_filesystem
