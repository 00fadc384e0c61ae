// SPDX-License-Identifier: Apache-2.0
// Process: a program under test: started with arguments, its output collected as it comes, its end
// awaited.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <utility>
#include <vector>

namespace nacre::e2e {

struct Command {
  std::vector<std::string> arguments;                                ///< the program first
  std::vector<std::pair<std::string, std::string>> environment = {}; ///< beside the test's own
  std::string input = {}; ///< what it reads on its standard input
};

/// Every wait has a generous limit and then fails the test by returning what there is. Killed, if
/// it still runs, when this is destroyed.
class Process {
public:
  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Waits until standard output (or error) holds `text`; false when the stream ended without it.
  bool prints(std::string_view text);
  bool says(std::string_view text);
  std::string output() const { return out_.text(); }
  std::string errors() const { return err_.text(); }

  void signal(int number) const;
  /// Waits for the end: the exit code, or 128 and the number of the signal that ended it.
  int wait();
  pid_t id() const { return id_; }

private:
  /// One of its streams, read to its end by a thread.
  class Stream {
  public:
    void follow(int fd);
    bool wait_for(std::string_view text);
    void wait_for_end();
    std::string text() const;
    ~Stream();

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string text_;
    bool ended_ = false;
    std::thread thread_;
  };

  pid_t id_ = -1;
  int status_ = -1;
  Stream out_;
  Stream err_;
};

} // namespace nacre::e2e
