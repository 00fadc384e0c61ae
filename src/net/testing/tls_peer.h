// SPDX-License-Identifier: Apache-2.0
// TlsPeer: a TLS server on a thread of its own, with a certificate authority made on the spot.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace nacre::net::testing {

/// A throw-away authority that signs certificates for names and addresses.
class Authority {
public:
  Authority();
  ~Authority();
  /// Its own certificate, as PEM: what a client is told to trust.
  std::string pem() const;

  struct Keys;
  const Keys& keys() const { return *keys_; }

private:
  std::unique_ptr<Keys> keys_;
};

/// Listens on 127.0.0.1 and answers whatever ends with an empty line with `answer`, for as long as
/// the client stays.
class TlsPeer {
public:
  /// `name` is what its certificate is for, as OpenSSL writes it: "DNS:localhost", "IP:127.0.0.1".
  TlsPeer(const Authority& authority, std::string name, std::string answer, bool expired = false);
  ~TlsPeer();
  std::uint16_t port() const { return port_; }
  /// What clients asked for by SNI so far, empty where they did not.
  std::string last_server_name() const;
  int handshakes() const { return handshakes_; }

private:
  struct Native;
  void serve();
  void serve_one(int fd);

  std::unique_ptr<Native> native_;
  std::string answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> handshakes_{0};
  std::thread thread_;
};

} // namespace nacre::net::testing
