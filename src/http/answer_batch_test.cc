// SPDX-License-Identifier: Apache-2.0
// Answers of many connections under load: all arrive, in order on each, whatever is held meanwhile.
#include "http/server.h"
#include "loop/scope.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace nacre::http {
namespace {

Task<> echo_path(Exchange* exchange) {
  const std::string path{exchange->request().path};
  const ResponseHead head;
  CO_TRY(BodySink* const sink, exchange->respond(head));
  CO_TRY_OK(sink->write(std::as_bytes(std::span(path))));
  co_return sink->finish(nullptr);
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return -1;
  return fd;
}

class AnswerBatchTest : public testing::Test {
protected:
  static constexpr std::size_t kClients = 40;

  void SetUp() override {
    auto listener = net::Listener::open(loop, {"127.0.0.1", 0});
    ASSERT_TRUE(listener.has_value());
    port = listener->address().port;
    server.emplace(loop, std::move(*listener), ServerLimits{},
                   [](Exchange& exchange) { return echo_path(&exchange); });
    scope.spawn("server", server->run());
    for (std::size_t i = 0; i < kClients; ++i)
      clients.push_back(connect_to(port));
  }
  void TearDown() override {
    for (const int fd : clients)
      ::close(fd);
    EXPECT_TRUE(loop.block_on(server->close()).has_value());
  }

  void ask(std::size_t client, const std::string& path) {
    const std::string text = "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
    ASSERT_EQ(::send(clients[client], text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
  }
  /// Turns the loop until the client has an answer that ends with `path`.
  bool answered(std::size_t client, const std::string& path) {
    std::string got;
    for (int turns = 0; turns < 100'000; ++turns) {
      char buffer[512];
      const ssize_t size = ::recv(clients[client], buffer, sizeof buffer, MSG_DONTWAIT);
      if (size > 0)
        got.append(buffer, static_cast<std::size_t>(size));
      if (got.ends_with("\r\n\r\n" + path))
        return true;
      loop.poll();
    }
    return false;
  }

  Loop loop;
  Scope scope{loop};
  std::optional<Server> server;
  std::uint16_t port = 0;
  std::vector<int> clients;
};

TEST_F(AnswerBatchTest, EveryClientOfACrowdGetsItsOwnAnswer) {
  for (int round = 0; round < 20; ++round) {
    for (std::size_t i = 0; i < kClients; ++i)
      ask(i, "/" + std::to_string(round) + "/" + std::to_string(i));
    for (std::size_t i = 0; i < kClients; ++i) {
      const std::string path = "/" + std::to_string(round) + "/" + std::to_string(i);
      ASSERT_TRUE(answered(i, path)) << path;
    }
  }
}

TEST_F(AnswerBatchTest, OneClientAloneIsAnsweredWithoutCompany) {
  for (int i = 0; i < 200; ++i) {
    const std::string path = "/alone/" + std::to_string(i);
    ask(0, path);
    ASSERT_TRUE(answered(0, path)) << path;
  }
}

TEST_F(AnswerBatchTest, ClientsThatLeaveInACrowdDoNotHoldUpTheOthers) {
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < kClients; ++i)
      ask(i, "/x" + std::to_string(i));
    loop.poll();
    for (std::size_t i = 0; i < kClients; i += 2) {
      ::close(clients[i]);
      clients[i] = connect_to(port);
    }
    for (std::size_t i = 1; i < kClients; i += 2)
      ASSERT_TRUE(answered(i, "/x" + std::to_string(i)));
  }
}

} // namespace
} // namespace nacre::http
