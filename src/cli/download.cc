// SPDX-License-Identifier: Apache-2.0
#include "cli/download.h"

#include "http/client.h"
#include "loop/loop.h"

#include <fmt/format.h>

#include <optional>

namespace nacre::cli {
namespace {

constexpr int kMostRedirects = 5;

struct Answer {
  std::optional<std::string> location; ///< of a redirect
  std::vector<std::byte> bytes;
};

bool is_redirect(std::uint16_t status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Error too_large(std::size_t limit) {
  return Error{Code::exhausted, fmt::format("more than {} MiB, which is the most", limit >> 20)};
}

Task<std::vector<std::byte>> read_body(http::BodySource* body, std::size_t limit) {
  std::vector<std::byte> out;
  for (;;) {
    const auto bytes = body->peek();
    if (out.size() + bytes.size() > limit)
      co_return too_large(limit);
    out.insert(out.end(), bytes.begin(), bytes.end());
    body->consume(bytes.size());
    if (!body->peek().empty())
      continue;
    if (body->state() == http::BodySource::State::ended)
      co_return Result<std::vector<std::byte>>{std::move(out)};
    if (body->state() == http::BodySource::State::failed)
      co_return Error{body->error()};
    body->pull();
    if (body->peek().empty() && body->state() == http::BodySource::State::open)
      CO_TRY_OK(co_await body->signal().wait());
  }
}

Task<Answer> ask(http::Client* client, UrlParts url, std::size_t limit) {
  http::RequestHead head;
  head.scheme = url.scheme;
  head.authority = url.authority;
  head.path = url.path;
  head.fields.add("user-agent", "nacre");
  head.fields.add("accept", "application/wasm, */*");
  const http::Timeouts timeouts{.connect = std::chrono::seconds(15),
                                .first_byte = std::chrono::seconds(60),
                                .between_bytes = std::chrono::seconds(30)};
  const auto exchange = client->request(head, timeouts);
  (void)exchange->body().finish(nullptr); // a failure shows in response()
  CO_TRY(const http::ResponseHead* const response, co_await exchange->response());
  Answer out;
  if (is_redirect(response->status)) {
    const auto location = response->fields.find("location");
    if (location)
      out.location = std::string(*location);
  }
  if (!out.location) {
    if (response->status != 200) {
      co_return Error{Code::not_found, fmt::format("the server answers {} {}", response->status,
                                                   http::reason_of(response->status))};
    }
    Task<std::vector<std::byte>> reading = read_body(&exchange->response_body(), limit);
    CO_TRY(out.bytes, co_await std::move(reading));
  }
  co_return Result<Answer>{std::move(out)};
}

Task<std::vector<std::byte>> follow(http::Client* client, std::string url, std::size_t limit) {
  CO_TRY(UrlParts parts, split_url(url));
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    Task<Answer> asking = ask(client, parts, limit);
    CO_TRY(Answer answer, co_await std::move(asking));
    if (!answer.location)
      co_return Result<std::vector<std::byte>>{std::move(answer.bytes)};
    const std::string next = resolve_url(parts, *answer.location);
    const bool secure = parts.scheme == "https";
    CO_TRY(parts, split_url(next).context("following a redirect to " + next));
    if (secure && parts.scheme != "https")
      co_return Error{Code::denied, "redirected from https to " + next + ", which is not secure"};
  }
  co_return Error{Code::unavailable, fmt::format("redirected more than {} times", kMostRedirects)};
}

Task<std::vector<std::byte>> fetch(Loop* loop, std::string url, std::size_t limit) {
  http::ClientSettings settings;
  settings.allow = net::AllowList::everything();
  http::Client client{*loop, std::move(settings)};
  Task<std::vector<std::byte>> following = follow(&client, std::move(url), limit);
  auto out = co_await std::move(following);
  CO_TRY_OK(co_await client.close());
  co_return out;
}

} // namespace

bool is_url(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

Result<UrlParts> split_url(std::string_view url) {
  if (!is_url(url))
    return Error{Code::invalid, fmt::format("\"{}\" is no http:// or https:// address", url)};
  url = url.substr(0, url.find('#'));
  const auto host = url.find("://") + 3;
  const auto path = std::min(url.find_first_of("/?", host), url.size());
  UrlParts out{std::string(url.substr(0, host - 3)), std::string(url.substr(host, path - host)),
               std::string(url.substr(path))};
  if (out.authority.empty())
    return Error{Code::invalid, fmt::format("\"{}\" names no host", url)};
  if (out.authority.find('@') != std::string::npos)
    return Error{Code::invalid, "an address with a user's name in it is not taken"};
  if (!out.path.starts_with('/'))
    out.path.insert(0, "/");
  return out;
}

std::string resolve_url(const UrlParts& from, std::string_view location) {
  const std::string origin = from.scheme + "://" + from.authority;
  if (is_url(location))
    return std::string(location);
  if (location.starts_with("//"))
    return fmt::format("{}:{}", from.scheme, location);
  if (location.starts_with('/'))
    return origin + std::string(location);
  const std::string path = from.path.substr(0, from.path.find('?'));
  return origin + path.substr(0, path.rfind('/') + 1) + std::string(location);
}

Result<std::vector<std::byte>> download(const std::string& url, std::size_t limit) {
  Loop loop;
  return loop.block_on(fetch(&loop, url, limit));
}

} // namespace nacre::cli
