// SPDX-License-Identifier: Apache-2.0
// TLS client streams: OpenSSL over any Stream, by a BIO of our own (so that no write raises
// SIGPIPE).
#include "base/ensure.h"
#include "net/dial.h"
#include "net/park.h"

#include <climits>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

namespace nacre::net {
namespace {

template <auto Free> struct Freed {
  template <class T> void operator()(T* pointer) const { Free(pointer); }
};
using SslContext = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, Freed<SSL_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

std::string last_tls_error() {
  const auto code = ERR_peek_last_error();
  if (code == 0)
    return "the peer closed the connection";
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  return text;
}

// The BIO: its data is the Stream below.

int move_bytes(BIO* bio, const Transfer& moved, int retry) {
  BIO_clear_retry_flags(bio);
  switch (moved.state) {
  case Transfer::State::ok:
    return static_cast<int>(moved.bytes);
  case Transfer::State::would_block:
    BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
    return -1;
  case Transfer::State::ended:
    return 0;
  case Transfer::State::failed:
    return -1;
  }
  return -1;
}

int bio_read(BIO* bio, char* into, int size) {
  auto& stream = *static_cast<Stream*>(BIO_get_data(bio));
  const std::span<char> room{into, static_cast<std::size_t>(size)};
  const auto moved = stream.read(std::as_writable_bytes(room));
  if (moved.state == Transfer::State::ended)
    BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return move_bytes(bio, moved, BIO_FLAGS_READ);
}

int bio_write(BIO* bio, const char* from, int size) {
  auto& stream = *static_cast<Stream*>(BIO_get_data(bio));
  const Bytes part = std::as_bytes(std::span{from, static_cast<std::size_t>(size)});
  return move_bytes(bio, stream.write({&part, 1}), BIO_FLAGS_WRITE);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF)
    return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP ? 1 : 0;
}

BIO_METHOD* stream_bio() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "nacre stream");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

class TlsStream final : public Stream {
public:
  TlsStream(std::unique_ptr<Stream> below, Ssl ssl)
      : below_(std::move(below)), ssl_(std::move(ssl)) {
    BIO* bio = BIO_new(stream_bio());
    ENSURE(bio != nullptr, "out of memory for a BIO");
    BIO_set_data(bio, below_.get());
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
  }
  ~TlsStream() override {
    // A courtesy, never waited for; nothing may be said after a fatal error.
    if (!broken_)
      SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }

  /// One step of the handshake: ok when done.
  Transfer shake() {
    ERR_clear_error();
    const int result = SSL_connect(ssl_.get());
    if (result == 1)
      return {Transfer::State::ok, 1, 0};
    return outcome(result, read_waits_write_);
  }
  long verify_result() const { return SSL_get_verify_result(ssl_.get()); }

  Transfer read(std::span<std::byte> into) override {
    ERR_clear_error();
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
    dry_ = result != 1;
    if (result == 1)
      return {Transfer::State::ok, got, 0};
    return outcome(result, read_waits_write_);
  }

  Transfer write(std::span<const Bytes> parts) override {
    std::size_t sum = 0;
    for (const Bytes part : parts) {
      std::size_t done = 0;
      while (done < part.size()) {
        ERR_clear_error();
        std::size_t sent = 0;
        const int result = SSL_write_ex(ssl_.get(), part.data() + done, part.size() - done, &sent);
        if (result != 1) {
          const auto why = outcome(result, write_waits_write_);
          write_waits_read_ = why.state == Transfer::State::would_block && !write_waits_write_;
          return sum > 0 ? Transfer{Transfer::State::ok, sum, 0} : why;
        }
        done += sent;
        sum += sent;
      }
    }
    return {Transfer::State::ok, sum, 0};
  }

  bool may_read() const override { return !dry_ || below_->may_read(); }
  void wait_readable(Waiter& waiter) override {
    if (read_waits_write_)
      below_->wait_writable(waiter);
    else
      below_->wait_readable(waiter);
  }
  void wait_writable(Waiter& waiter) override {
    if (write_waits_read_)
      below_->wait_readable(waiter);
    else
      below_->wait_writable(waiter);
  }
  bool peer_closed() const override {
    return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0 || below_->peer_closed();
  }
  void shutdown_write() override {
    if (!broken_)
      SSL_shutdown(ssl_.get());
  }
  void reset_on_close() override {
    broken_ = true;
    below_->reset_on_close();
  }
  const Address& peer() const override { return below_->peer(); }

private:
  Transfer outcome(int result, bool& waits_write) {
    const int why = SSL_get_error(ssl_.get(), result);
    waits_write = why == SSL_ERROR_WANT_WRITE;
    switch (why) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {Transfer::State::would_block, 0, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Transfer::State::ended, 0, 0};
    default: // An end without close_notify counts: it may be an attacker's cut.
      broken_ = true;
      return {Transfer::State::failed, 0, EPROTO};
    }
  }

  std::unique_ptr<Stream> below_;
  Ssl ssl_;
  bool dry_ = true;
  bool broken_ = false;
  bool read_waits_write_ = false;
  bool write_waits_write_ = false;
  bool write_waits_read_ = false;
};

Result<> add_roots(SSL_CTX* context, const std::string& pem) {
  const Bio source{
      BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<std::size_t>(pem.size(), INT_MAX)))};
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  int count = 0;
  for (;;) {
    const Certificate certificate{PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)};
    if (!certificate)
      break;
    X509_STORE_add_cert(store, certificate.get());
    ++count;
  }
  ERR_clear_error();
  if (count == 0)
    return Error{Code::invalid, "the extra roots hold no PEM certificate"};
  return {};
}

} // namespace

struct TlsContext::Native {
  SslContext context;
};

TlsContext::TlsContext() : native_(std::make_unique<Native>()) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const TlsSettings& settings) {
  std::shared_ptr<TlsContext> out{new TlsContext};
  SslContext context{SSL_CTX_new(TLS_client_method())};
  if (!context)
    return Error{Code::internal, fmt::format("setting up TLS: {}", last_tls_error())};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  constexpr unsigned char kAlpn[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context.get(), kAlpn, sizeof kAlpn - 1);
  if (settings.system_roots && SSL_CTX_set_default_verify_paths(context.get()) != 1)
    return Error{Code::unavailable,
                 fmt::format("reading the system's roots: {}", last_tls_error())};
  if (!settings.extra_roots.empty())
    TRY_OK(add_roots(context.get(), settings.extra_roots));
  out->native_->context = std::move(context);
  return std::shared_ptr<const TlsContext>{std::move(out)};
}

Task<std::shared_ptr<const TlsContext>> make_tls_context(TlsSettings settings) {
  auto job = [kept = std::move(settings)] {
    auto made = TlsContext::make(kept);
    // The pool's threads outlive OpenSSL's own cleanup at exit: leave nothing of it with them.
    OPENSSL_thread_stop();
    return made;
  };
  CO_TRY(auto made, co_await offload(std::move(job)));
  co_return std::move(made);
}

Task<std::unique_ptr<Stream>> start_tls(std::unique_ptr<Stream> plain,
                                        std::shared_ptr<const TlsContext> context, std::string host,
                                        DialReport* report) {
  DialReport unused;
  DialReport& said = report != nullptr ? *report : unused;
  said.step = DialReport::Step::tls;
  Park park; // outlives the stream
  Ssl ssl{SSL_new(context->native().context.get())};
  if (!ssl)
    co_return Error{Code::internal, fmt::format("setting up TLS: {}", last_tls_error())};
  if (is_ip_literal(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str());
  } else {
    SSL_set1_host(ssl.get(), host.c_str());
    SSL_set_tlsext_host_name(ssl.get(), host.c_str());
  }
  auto stream = std::make_unique<TlsStream>(std::move(plain), std::move(ssl));
  for (;;) {
    const auto step = stream->shake();
    if (step.state == Transfer::State::ok)
      break;
    if (step.state == Transfer::State::would_block) {
      stream->wait_readable(park);
      CO_TRY_OK(co_await park.wait());
      continue;
    }
    const long verdict = stream->verify_result();
    if (verdict != X509_V_OK) {
      said.failure = DialFailure::certificate;
      co_return Error{Code::denied, fmt::format("the certificate of {} is not valid: {}", host,
                                                X509_verify_cert_error_string(verdict))};
    }
    said.failure = DialFailure::handshake;
    co_return Error{Code::unavailable,
                    fmt::format("TLS handshake with {}: {}", host, last_tls_error())};
  }
  said.step = DialReport::Step::done;
  co_return std::unique_ptr<Stream>{std::move(stream)};
}

} // namespace nacre::net
