// SPDX-License-Identifier: Apache-2.0
#include "e2e/process.h"

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace nacre::e2e {
namespace {

constexpr std::chrono::seconds kPatience{120};

/// A file in memory that holds the child's input: no pipe to feed.
int input_file(const std::string& text) {
  const int fd = ::memfd_create("input", MFD_CLOEXEC);
  if (fd < 0 || ::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("no file for the input");
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& one : strings)
    out.push_back(one.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> out;
  for (const auto& [name, value] : command.environment)
    out.push_back(name + "=" + value);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [known, value] : command.environment)
      replaced = replaced || known == name;
    if (!replaced)
      out.emplace_back(text);
  }
  return out;
}

} // namespace

Process::Process(const Command& command) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  const int input = input_file(command.input);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = environment_of(command);
  const int failed = ::posix_spawn(&id_, arguments.front().c_str(), &actions, nullptr,
                                   pointers(arguments).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(input);
  ::close(out[1]);
  ::close(err[1]);
  if (failed != 0)
    throw std::runtime_error("cannot start " + arguments.front());
  out_.follow(out[0]);
  err_.follow(err[0]);
}

Process::~Process() {
  if (status_ < 0) {
    ::kill(id_, SIGKILL);
    ::waitpid(id_, &status_, 0);
  }
}

bool Process::prints(std::string_view text) {
  return out_.wait_for(text);
}

bool Process::says(std::string_view text) {
  return err_.wait_for(text);
}

void Process::signal(int number) const {
  ::kill(id_, number);
}

int Process::wait() {
  if (status_ < 0) {
    const int watch = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));
    pollfd end{watch, POLLIN, 0};
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience).count();
    if (::poll(&end, 1, static_cast<int>(limit)) == 0)
      ::kill(id_, SIGKILL);
    ::close(watch);
    ::waitpid(id_, &status_, 0);
    out_.wait_for_end();
    err_.wait_for_end();
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

Process::Stream::~Stream() {
  if (thread_.joinable())
    thread_.join();
}

void Process::Stream::follow(int fd) {
  thread_ = std::thread([this, fd] {
    std::array<char, 4096> buffer{};
    for (;;) {
      const ssize_t got = ::read(fd, buffer.data(), buffer.size());
      const std::lock_guard lock{mutex_};
      if (got > 0) {
        text_.append(buffer.data(), static_cast<std::size_t>(got));
      } else {
        ended_ = true;
      }
      changed_.notify_all();
      if (got <= 0)
        break;
    }
    ::close(fd);
  });
}

bool Process::Stream::wait_for(std::string_view text) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, kPatience,
                    [&] { return ended_ || text_.find(text) != std::string::npos; });
  return text_.find(text) != std::string::npos;
}

void Process::Stream::wait_for_end() {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, kPatience, [&] { return ended_; });
}

std::string Process::Stream::text() const {
  const std::lock_guard lock{mutex_};
  return text_;
}

} // namespace nacre::e2e
