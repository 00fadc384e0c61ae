// SPDX-License-Identifier: Apache-2.0
#include "component/compile_process.h"

#include "base/unique_fd.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nacre::component {
namespace {

using Clock = std::chrono::steady_clock;

// A sanitizer's shadow is terabytes of private memory: under one, the cap on memory would end every
// program at its start.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCapsMemory = false;
#elif defined(__has_feature)
constexpr bool kCapsMemory = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool kCapsMemory = true;
#endif

/// The component in an anonymous file, so that the child reads it whenever it likes and we need not
/// feed a pipe.
Result<UniqueFd> input_file(std::span<const std::byte> bytes) {
  UniqueFd file{::memfd_create("component", MFD_CLOEXEC)};
  if (!file)
    return Error{Code::unavailable, fmt::format("memfd_create: {}", std::strerror(errno))};
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t wrote = ::write(file.get(), bytes.data() + done, bytes.size() - done);
    if (wrote <= 0)
      return Error{Code::exhausted,
                   fmt::format("buffering the component: {}", std::strerror(errno))};
    done += static_cast<std::size_t>(wrote);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

void cap(int resource, std::uint64_t limit) {
  const rlimit both{limit, limit};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

/// In the child, between fork and exec: only async-signal-safe calls.
[[noreturn]] void become_compiler(const char* program, const char* directory,
                                  const CompileLimits& limits, int input, int errors) {
  ::dup2(input, STDIN_FILENO);
  ::dup2(errors, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  cap(RLIMIT_CORE, 0);
  if (kCapsMemory)
    cap(RLIMIT_DATA, limits.memory);
  cap(RLIMIT_CPU, limits.cpu_seconds);
  cap(RLIMIT_FSIZE, std::uint64_t{4} << 30);
  ::execl(program, program, "compile-worker", directory, nullptr);
  ::_exit(127);
}

struct Ending {
  std::string text;
  int status = 0;
  bool too_slow = false;
};

/// Reads what the child says until it ends or its time is over.
Ending follow(pid_t child, int errors, std::uint32_t wall_seconds) {
  constexpr std::size_t kMostText = 64 << 10;
  Ending ending;
  const auto deadline = Clock::now() + std::chrono::seconds(wall_seconds);
  char buffer[4096];
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wait{errors, POLLIN, 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) == 0) {
      ending.too_slow = true;
      ::kill(child, SIGKILL);
      break;
    }
    const ssize_t got = ::read(errors, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    if (ending.text.size() < kMostText)
      ending.text.append(buffer, static_cast<std::size_t>(got));
  }
  while (::waitpid(child, &ending.status, 0) < 0 && errno == EINTR) {
  }
  return ending;
}

Result<> judge(Ending ending, const CompileLimits& limits) {
  while (!ending.text.empty() && ending.text.back() == '\n')
    ending.text.pop_back();
  if (ending.too_slow) {
    return Error{Code::exhausted, fmt::format("compiling took longer than {} s and was stopped",
                                              limits.wall_seconds)};
  }
  if (WIFEXITED(ending.status)) {
    const int code = WEXITSTATUS(ending.status);
    if (code == 0)
      return {};
    if (code == 127)
      return Error{Code::internal, "the compiling process could not be started"};
    return Error{Code::invalid, ending.text.empty()
                                    ? fmt::format("compiling ended with exit code {}", code)
                                    : ending.text};
  }
  const int signal = WTERMSIG(ending.status);
  if (signal == SIGXCPU || signal == SIGKILL) {
    return Error{
        Code::exhausted,
        fmt::format("compiling used more than {} s of CPU and was stopped", limits.cpu_seconds)};
  }
  // The engine aborts when it cannot allocate: with the cap on memory that is the usual reason.
  return Error{
      Code::exhausted,
      fmt::format("compiling needs more than {} MiB of memory or failed otherwise (signal {}){}{}",
                  limits.memory >> 20, signal, ending.text.empty() ? "" : ": ", ending.text)};
}

} // namespace

bool compile_caps_memory() {
  return kCapsMemory;
}

Result<> compile_in_process(const std::string& program, const CompileLimits& limits,
                            std::span<const std::byte> bytes, const std::string& directory) {
  TRY(const UniqueFd input, input_file(bytes));
  int pipes[2];
  if (::pipe2(pipes, O_CLOEXEC) != 0)
    return Error{Code::exhausted, fmt::format("pipe: {}", std::strerror(errno))};
  const UniqueFd errors{pipes[0]};
  UniqueFd child_errors{pipes[1]};
  const pid_t child = ::fork();
  if (child < 0)
    return Error{Code::exhausted, fmt::format("fork: {}", std::strerror(errno))};
  if (child == 0)
    become_compiler(program.c_str(), directory.c_str(), limits, input.get(), child_errors.get());
  child_errors.reset();
  return judge(follow(child, errors.get(), limits.wall_seconds), limits);
}

} // namespace nacre::component
