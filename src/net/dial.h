// SPDX-License-Identifier: Apache-2.0
// dial and start_tls: how an outgoing connection comes to be. Limits are the caller's: wrap them in
// within().
#pragma once

#include "loop/loop.h"
#include "net/stream.h"

#include <memory>
#include <string>
#include <vector>

namespace nacre::net {

/// Why a connection did not come to be.
enum class DialFailure : std::uint8_t {
  none,
  lookup,      // the name has no address
  refused,     // nobody listens there
  unreachable, // no route, or the network timed out
  certificate, // the peer is not who it should be
  handshake,   // TLS failed otherwise
  other,
};

/// The step a dial is in or failed in; written while it runs, so that a limit that strikes can say
/// what took so long.
struct DialReport {
  enum class Step : std::uint8_t { lookup, connect, tls, done };
  Step step = Step::lookup;
  DialFailure failure = DialFailure::none;
};

/// Looks `to` up (on the offload pool; literals are free) and tries each address in turn. `report`
/// may be null; else it must outlive the task.
Task<std::unique_ptr<Stream>> dial(Loop* loop, Address to, DialReport* report);

struct TlsSettings {
  /// PEM certificates trusted besides the system's.
  std::string extra_roots;
  bool system_roots = true;
};

/// What TLS clients share: the trusted roots. Made once (it reads files), used by many loops.
class TlsContext {
public:
  static Result<std::shared_ptr<const TlsContext>> make(const TlsSettings& settings);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  struct Native;
  const Native& native() const { return *native_; }

private:
  TlsContext();
  std::unique_ptr<Native> native_;
};

/// TlsContext::make on the offload pool.
Task<std::shared_ptr<const TlsContext>> make_tls_context(TlsSettings settings);

/// Runs the client's handshake: TLS 1.2 or later, SNI, and a certificate that is valid for `host`
/// (a name or an IP literal).
Task<std::unique_ptr<Stream>> start_tls(std::unique_ptr<Stream> plain,
                                        std::shared_ptr<const TlsContext> context, std::string host,
                                        DialReport* report);

} // namespace nacre::net
