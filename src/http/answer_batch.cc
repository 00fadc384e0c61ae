// SPDX-License-Identifier: Apache-2.0
#include "http/answer_batch.h"

#include "http/server_connection.h"

#include <algorithm>
#include <utility>

namespace nacre::http {

void AnswerBatch::hold(ServerConnection& connection) {
  held_.push_back(&connection);
  ++in_turn_;
  if (held_.size() >= kMost)
    flush();
  if (!std::exchange(posted_, true))
    post_();
}

void AnswerBatch::forget(ServerConnection& connection) {
  std::erase(held_, &connection);
}

void AnswerBatch::flush() {
  std::swap(leaving_, held_);
  for (ServerConnection* connection : leaving_)
    connection->send_held();
  leaving_.clear();
}

void AnswerBatch::flush_at_turn() {
  posted_ = false;
  crowded_ = std::exchange(in_turn_, 0) >= kCrowd;
  flush();
}

} // namespace nacre::http
