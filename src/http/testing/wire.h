// SPDX-License-Identifier: Apache-2.0
// Wire: a raw TCP client for tests, driven together with the loop under test on one thread.
#pragma once

#include "loop/loop.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace nacre::http::testing {

/// Runs the loop until `done` is true; false when that takes absurdly long.
bool pump(Loop& loop, const std::function<bool()>& done);
/// Lets the loop handle everything that is under way on loopback sockets right now.
void settle(Loop& loop);

class Wire {
public:
  Wire(Loop& loop, std::uint16_t port, int receive_buffer = 0);
  /// Takes a connected socket over (the server's side in client tests).
  Wire(Loop& loop, int descriptor, int);
  ~Wire();
  Wire(Wire&& other) noexcept;
  Wire& operator=(Wire&&) = delete;

  /// Sends all of it, letting the loop run when the kernel takes no more.
  void send(std::string_view text);
  /// Reads into received() what is there, once.
  void read();
  /// Reads until received() holds `text`.
  bool read_until(std::string_view text);
  /// Reads until the peer closes or resets; returns everything received.
  std::string read_all();
  /// Reads until the server has nothing to say any more, and lets the loop settle.
  std::string read_now();
  void half_close();
  void close();
  void reset();
  const std::string& received() const { return received_; }
  bool ended() const { return ended_; }
  bool was_reset() const { return reset_; }
  void forget() { received_.clear(); }

private:
  Loop& loop_;
  int fd_ = -1;
  std::string received_;
  bool ended_ = false;
  bool reset_ = false;
};

/// A listening socket of the test's own, for what the client under test connects to.
class Port {
public:
  explicit Port(Loop& loop);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  std::uint16_t number() const { return number_; }
  const std::string& authority() const { return authority_; }
  /// Waits for the next connection while the loop runs.
  Wire accept();
  int accept_descriptor();
  bool somebody_waits() const;

private:
  Loop& loop_;
  int fd_;
  std::uint16_t number_ = 0;
  std::string authority_;
};

} // namespace nacre::http::testing
