// SPDX-License-Identifier: Apache-2.0
#include "net/testing/tls_peer.h"

#include "base/ensure.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <csignal>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nacre::net::testing {
namespace {

template <auto Free> struct Freed {
  template <class T> void operator()(T* pointer) const { Free(pointer); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make_certificate(EVP_PKEY* key, const std::string& common, X509* issuer,
                             EVP_PKEY* signer, const std::string& alternative, bool expired) {
  Certificate out{X509_new()};
  X509_set_version(out.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), -7200);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), expired ? -3600 : 3600);
  X509_set_pubkey(out.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0);
  X509* by = issuer != nullptr ? issuer : out.get();
  X509_set_issuer_name(out.get(), X509_get_subject_name(by));
  add_extension(out.get(), by, NID_basic_constraints,
                issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (!alternative.empty())
    add_extension(out.get(), by, NID_subject_alt_name, alternative);
  X509_sign(out.get(), signer, EVP_sha256());
  return out;
}

} // namespace

struct Authority::Keys {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate =
      make_certificate(key.get(), "a test authority", nullptr, key.get(), "", false);
};

Authority::Authority() : keys_(std::make_unique<Keys>()) {}
Authority::~Authority() = default;

std::string Authority::pem() const {
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, keys_->certificate.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string pem{text, static_cast<std::size_t>(size)};
  BIO_free(out);
  return pem;
}

struct TlsPeer::Native {
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context{SSL_CTX_new(TLS_server_method())};
  mutable std::mutex mutex;
  std::string server_name;
};

TlsPeer::TlsPeer(const Authority& authority, std::string name, std::string answer, bool expired)
    : native_(std::make_unique<Native>()), answer_(std::move(answer)) {
  std::signal(SIGPIPE, SIG_IGN); // this side writes through OpenSSL's own sockets
  const Key key{EVP_EC_gen("P-256")};
  const auto& signer = authority.keys();
  const auto certificate = make_certificate(key.get(), "a test server", signer.certificate.get(),
                                            signer.key.get(), name, expired);
  SSL_CTX_use_certificate(native_->context.get(), certificate.get());
  SSL_CTX_use_PrivateKey(native_->context.get(), key.get());
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ENSURE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
         "a port of loopback is free");
  ::listen(listener_, 16);
  socklen_t length = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TlsPeer::~TlsPeer() {
  ::shutdown(listener_, SHUT_RDWR); // ends accept()
  thread_.join();
  ::close(listener_);
}

std::string TlsPeer::last_server_name() const {
  const std::lock_guard lock{native_->mutex};
  return native_->server_name;
}

void TlsPeer::serve() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0)
      return;
    serve_one(fd);
    ::close(fd);
  }
}

void TlsPeer::serve_one(int fd) {
  const std::unique_ptr<SSL, Freed<SSL_free>> ssl{SSL_new(native_->context.get())};
  SSL_set_fd(ssl.get(), fd);
  if (SSL_accept(ssl.get()) != 1) {
    ERR_clear_error();
    return;
  }
  {
    const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name);
    const std::lock_guard lock{native_->mutex};
    native_->server_name = name != nullptr ? name : "";
  }
  ++handshakes_;
  std::string got;
  char bytes[16384];
  for (;;) {
    const int size = SSL_read(ssl.get(), bytes, sizeof bytes);
    if (size <= 0)
      break;
    got.append(bytes, static_cast<std::size_t>(size));
    if (!got.ends_with("\r\n\r\n"))
      continue;
    got.clear();
    if (SSL_write(ssl.get(), answer_.data(), static_cast<int>(answer_.size())) <= 0)
      break;
  }
  SSL_shutdown(ssl.get());
  ERR_clear_error();
}

} // namespace nacre::net::testing
