// SPDX-License-Identifier: Apache-2.0
// AnswerBatch: under load, answers of several connections leave together, so that a client on
// another core is woken once for many of them and not once for each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace nacre::http {

class ServerConnection;

/// Part of what a server's connections share. Waking a sleeping process costs more than all else
/// about a small answer (an interrupt to another core), so it pays to wait for company, if company
/// is near: whether it is, the last batch tells, and now and then an answer is held to find out.
/// Alone on the loop, nearly every answer leaves at once.
class AnswerBatch {
public:
  /// `post` calls flush() soon, after what is ready on the loop now.
  void schedule_with(std::function<void()> post) { post_ = std::move(post); }

  /// Whether the next answer should be held; each call counts as one answer.
  bool wants_next() { return crowded_ || !held_.empty() || ++answers_ % kProbe == 0; }
  /// Holds a connection's answer. Sends all that are held when there are enough.
  void hold(ServerConnection& connection);
  /// The connection goes away.
  void forget(ServerConnection& connection);
  /// Everything that is held leaves.
  void flush();
  /// As flush(), at the end of the loop's turn.
  void flush_at_turn();

private:
  /// So few that the first client works while the next answers are made.
  static constexpr std::size_t kMost = 16;
  static constexpr std::size_t kCrowd = 3;
  static constexpr std::uint32_t kProbe = 64;

  std::vector<ServerConnection*> held_;
  std::vector<ServerConnection*> leaving_;
  std::function<void()> post_;
  std::uint32_t answers_ = 0;
  std::size_t in_turn_ = 0; ///< answers held since the loop's last turn
  bool posted_ = false;
  bool crowded_ = false;
};

} // namespace nacre::http
