// SPDX-License-Identifier: Apache-2.0
// Wire: one HTTP exchange as the guest's resources see it: the message that comes in, and the way
// out for theirs.
#pragma once

#include "capabilities/wasi_http/error_code.h"
#include "capabilities/wasi_http/field_list.h"
#include "http/body.h"
#include "streams/input_stream.h"

#include <memory>
#include <span>

namespace nacre::wasi_http {

/// Shared by everything made from one exchange (request, response, bodies, streams, futures), so
/// that they may go in any order. The exchange itself may end earlier: then over() is true and
/// every stream of it fails. As a streams::Source it is the body that comes in; as a FieldSource
/// the lines of the head that comes in.
class Wire : public streams::Source, public FieldSource {
public:
  /// What comes in; null before its head is there and when the exchange is over.
  virtual http::BodySource* source() = 0;
  /// Where the guest's message goes; null as long as it was not sent, and when the exchange is
  /// over.
  virtual http::BodySink* sink() = 0;
  virtual bool over() const = 0;
  /// Why source() or sink() failed.
  virtual ErrorCode source_failure() = 0;
  virtual ErrorCode sink_failure() = 0;
  /// Trailers that came are more than a guest may hold.
  virtual ErrorCode trailers_too_large() const = 0;
  /// Whether the guest's message has no body on the wire whatever its head says (answers to HEAD).
  virtual bool sends_no_body() const = 0;

  streams::Outcome<component::Bytes> read(std::size_t most) final;
  bool ready() final;
  void arm() final;
  Signal& signal() final;

  /// What the guest has taken so far: each once.
  struct Taken {
    bool body = false;
    bool stream = false;
    bool stream_alive = false;
  };
  Taken taken;

protected:
  Signal ended_; // for those who wait when there is nothing to wait for

private:
  static void release(void* source, std::size_t size);
};

} // namespace nacre::wasi_http
