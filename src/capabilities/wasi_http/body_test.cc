// SPDX-License-Identifier: Apache-2.0
// Bodies in both directions: backpressure, lengths, trailers, and every order of dropping.
#include "capabilities/wasi_http/outgoing.h"
#include "capabilities/wasi_http/testing/guest.h"

#include <algorithm>
#include <functional>
#include <gmock/gmock.h>

namespace nacre::wasi_http {
namespace {

using namespace testing;
using streams::testing::after_it_waits;
using streams::testing::answer;
using ::testing::ElementsAre;
using ::testing::Pair;
using wasi_http_p2::FutureTrailers;
using End = http::testing::FakeSink::End;

class IncomingBodyTest : public ServingFixture {
protected:
  std::unique_ptr<FutureTrailers> finish_incoming() {
    return types.incoming_body_finish(*call, std::move(body)).value();
  }
  void open() {
    body = *serving->request()->consume(*call).value();
    stream = *body->stream(*call).value();
  }
  std::unique_ptr<wasi_http_p2::IncomingBody> body;
  std::unique_ptr<wasi_io_p2::InputStream> stream;
};

TEST_F(IncomingBodyTest, NothingIsPulledBeforeTheGuestReads) {
  exchange.source.feed("hello");
  open();
  EXPECT_EQ(exchange.source.pulls(), 0U);
  EXPECT_EQ(read(*stream), "hello");
  EXPECT_EQ(exchange.source.pulls(), 1U);
  EXPECT_EQ(read(*stream), "") << "nothing yet";
}

TEST_F(IncomingBodyTest, ReadsStopWhereTheGuestStops) {
  exchange.source.set_packet(4);
  exchange.source.feed("0123456789");
  open();
  EXPECT_EQ(read(*stream, 3), "012");
  EXPECT_EQ(read(*stream, 3), "3") << "the rest of the packet";
  EXPECT_EQ(exchange.source.pulls(), 1U);
  EXPECT_EQ(exchange.source.unread(), 6U) << "six bytes push back on the client";
  EXPECT_EQ(read(*stream, 0), "");
  EXPECT_EQ(exchange.source.unread(), 6U);
}

TEST_F(IncomingBodyTest, AnAbsurdLengthIsFine) {
  exchange.source.feed("x");
  open();
  EXPECT_EQ(read(*stream, ~std::uint64_t{0}), "x");
}

TEST_F(IncomingBodyTest, TheEndClosesTheStream) {
  exchange.source.feed("last");
  exchange.source.end();
  open();
  EXPECT_EQ(read(*stream), "last");
  auto got = stream->read(*call, 1).value();
  ASSERT_FALSE(got.has_value());
  EXPECT_TRUE(got.error().is(wasi_io_p2::StreamError::Case::closed));
}

TEST_F(IncomingBodyTest, AFailureHasACode) {
  const std::pair<Code, ErrorCode> all[] = {
      {Code::timeout, ErrorCode::connection_read_timeout()},
      {Code::invalid, ErrorCode::http_protocol_error()},
      {Code::exhausted, ErrorCode::http_request_body_size(std::nullopt)},
      {Code::cancelled, ErrorCode::connection_terminated()},
  };
  for (const auto& [why, expected] : all) {
    http::testing::FakeExchange broken;
    broken.source.fail(Error{why, "why"});
    Serving of_broken{broken};
    auto its_body = *of_broken.request()->consume(*call).value();
    auto its_stream = *its_body->stream(*call).value();
    auto got = its_stream->read(*call, 1).value();
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(code_of(got.error()), expected);
    EXPECT_TRUE(
        its_stream->read(*call, 1).value().error().is(wasi_io_p2::StreamError::Case::closed));
  }
}

TEST_F(IncomingBodyTest, BlockingReadsWaitForTheClient) {
  open();
  auto got = stream->blocking_read(*call, 100);
  ASSERT_FALSE(got.ready());
  after_it_waits(loop, [&] { exchange.source.feed("late"); });
  auto read = answer(loop, std::move(got)).value();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(text(read->view()), "late");
}

TEST_F(IncomingBodyTest, PollablesSeeDataAndTheEnd) {
  open();
  auto pollable = stream->subscribe(*call).value();
  EXPECT_FALSE(pollable->ready(*call).value());
  exchange.source.feed("x");
  EXPECT_TRUE(pollable->ready(*call).value());
  EXPECT_EQ(read(*stream), "x");
  EXPECT_FALSE(pollable->ready(*call).value());
  exchange.source.end();
  EXPECT_TRUE(pollable->ready(*call).value());
}

TEST_F(IncomingBodyTest, SpliceCopiesOnce) {
  exchange.source.feed("0123456789");
  exchange.source.end();
  open();
  auto message = response();
  auto out = *message->body(*call).value();
  set(serving->outparam(), std::move(message));
  auto sink = *out->write(*call).value();
  EXPECT_EQ(*sink->splice(*call, *stream, 4).value(), 4U);
  auto rest = answer(loop, sink->blocking_splice(*call, *stream, 100)).value();
  EXPECT_EQ(*rest, 6U);
  EXPECT_EQ(exchange.sink.text(), "0123456789");
  EXPECT_EQ(exchange.sink.writes(), 2U);
  EXPECT_EQ(exchange.source.unread(), 0U);
}

TEST_F(IncomingBodyTest, SpliceStopsWhenTheClientDoesNotRead) {
  exchange.output_bytes = 4;
  exchange.source.feed("0123456789");
  open();
  auto message = response();
  auto out = *message->body(*call).value();
  set(serving->outparam(), std::move(message));
  auto sink = *out->write(*call).value();
  EXPECT_EQ(*sink->splice(*call, *stream, 100).value(), 4U);
  EXPECT_EQ(*sink->splice(*call, *stream, 100).value(), 0U);
  EXPECT_EQ(exchange.source.unread(), 6U);
  exchange.sink.drain();
  EXPECT_EQ(*sink->splice(*call, *stream, 100).value(), 4U);
}

TEST_F(IncomingBodyTest, TrailersComeAtTheEnd) {
  exchange.source.feed("x");
  open();
  EXPECT_EQ(read(*stream), "x");
  stream.reset();
  auto future = finish_incoming();
  auto pollable = future->subscribe(*call).value();
  EXPECT_FALSE(future->get(*call).value().has_value());
  EXPECT_FALSE(pollable->ready(*call).value());
  http::Fields lines;
  lines.add("digest", "abc");
  lines.add("connection", "close");
  exchange.source.end(std::move(lines));
  EXPECT_TRUE(pollable->ready(*call).value());
  auto got = future->get(*call).value();
  ASSERT_TRUE(got.has_value() && got->has_value() && (*got)->has_value() && (**got)->has_value());
  wasi_http_p2::Fields& received = *****got;
  EXPECT_THAT(entries(received), ElementsAre(Pair("digest", "abc")));
  EXPECT_EQ(received.append(*call, "a", bytes("b")).value().error(),
            wasi_http_p2::HeaderError::immutable());
  auto again = future->get(*call).value();
  ASSERT_TRUE(again.has_value());
  EXPECT_FALSE(again->has_value()) << "once";
}

TEST_F(IncomingBodyTest, NoTrailersAreNone) {
  exchange.source.end();
  open();
  stream.reset();
  auto got = finish_incoming()->get(*call).value();
  ASSERT_TRUE(got.has_value() && got->has_value() && (*got)->has_value());
  EXPECT_FALSE((**got)->has_value());
}

TEST_F(IncomingBodyTest, TrailersOfABrokenBodyAreItsError) {
  exchange.source.feed("x");
  exchange.source.fail(Error{Code::timeout, "slow"});
  open();
  stream.reset();
  auto got = finish_incoming()->get(*call).value();
  ASSERT_TRUE(got.has_value() && got->has_value());
  EXPECT_EQ((*got)->error(), ErrorCode::connection_read_timeout());
}

TEST_F(IncomingBodyTest, TrailersBeyondWhatAGuestMayHoldAreAnError) {
  http::Fields lines;
  for (std::size_t i = 0; i <= FieldList::kMostLines; ++i)
    lines.add("a", "b");
  exchange.source.end(std::move(lines));
  open();
  stream.reset();
  auto got = finish_incoming()->get(*call).value();
  ASSERT_TRUE(got.has_value() && got->has_value());
  EXPECT_EQ((*got)->error(), ErrorCode::http_request_trailer_section_size(std::nullopt));
}

// What the guest did not read is in the way of the trailers; the loop goes on meanwhile.
TEST_F(IncomingBodyTest, AnUnreadBodyIsSwallowedInPortions) {
  exchange.source.set_packet(64UL * 1024);
  exchange.source.feed(std::string(1UL << 20, 'x'));
  exchange.source.end();
  open();
  stream.reset();
  auto future = finish_incoming();
  EXPECT_FALSE(future->get(*call).value().has_value());
  EXPECT_GT(exchange.source.unread(), 0U);
  auto pollable = future->subscribe(*call).value();
  ASSERT_TRUE(answer(loop, pollable->block(*call)).has_value());
  EXPECT_EQ(exchange.source.unread(), 0U);
  EXPECT_TRUE(future->get(*call).value().has_value());
}

TEST_F(IncomingBodyTest, FinishTrapsWhileTheStreamIsThere) {
  open();
  EXPECT_FALSE(types.incoming_body_finish(*call, std::move(body)).has_value());
}

class OutgoingBodyTest : public ServingFixture {
protected:
  /// Makes a response; sends it unless told otherwise.
  void open(const Pairs& lines = {}, bool send = true) {
    message = response(lines);
    body = *message->body(*call).value();
    stream = *body->write(*call).value();
    if (send)
      set(serving->outparam(), std::move(message));
  }
  std::uint64_t room() { return *stream->check_write(*call).value(); }
  std::expected<void, ErrorCode> finish_body() {
    stream.reset();
    return finish(std::move(body));
  }
  std::unique_ptr<wasi_http_p2::OutgoingResponse> message;
  std::unique_ptr<wasi_http_p2::OutgoingBody> body;
  std::unique_ptr<wasi_io_p2::OutputStream> stream;
};

TEST_F(OutgoingBodyTest, EachThingIsTakenOnce) {
  open({}, false);
  EXPECT_FALSE(message->body(*call).value().has_value());
  EXPECT_FALSE(body->write(*call).value().has_value());
}

TEST_F(OutgoingBodyTest, AClientThatDoesNotReadHoldsTheGuest) {
  exchange.output_bytes = 8;
  open();
  EXPECT_EQ(room(), 8U);
  ASSERT_TRUE(write(*stream, "12345678"));
  EXPECT_EQ(room(), 0U);
  auto pollable = stream->subscribe(*call).value();
  EXPECT_FALSE(pollable->ready(*call).value());
  auto more = stream->blocking_write_and_flush(*call, bytes("9abc"));
  ASSERT_FALSE(more.ready());
  after_it_waits(loop, [&] { exchange.sink.drain(); });
  EXPECT_TRUE(answer(loop, std::move(more)).value().has_value());
  EXPECT_EQ(exchange.sink.text(), "123456789abc");
  EXPECT_TRUE(pollable->ready(*call).value());
  EXPECT_TRUE(finish_body().has_value());
}

TEST_F(OutgoingBodyTest, EmptyWritesAreNothing) {
  open();
  for (int i = 0; i < 100'000; ++i)
    ASSERT_TRUE(write(*stream, ""));
  EXPECT_EQ(exchange.sink.writes(), 0U);
}

TEST_F(OutgoingBodyTest, ABodyMayBeWrittenBeforeItsMessageIsSent) {
  open({}, false);
  EXPECT_EQ(room(), Outgoing::kMostEarly);
  ASSERT_TRUE(write(*stream, "early "));
  EXPECT_EQ(room(), Outgoing::kMostEarly - 6);
  set(serving->outparam(), std::move(message));
  EXPECT_EQ(exchange.sink.text(), "early ");
  ASSERT_TRUE(write(*stream, "late"));
  EXPECT_TRUE(finish_body().has_value());
  EXPECT_EQ(exchange.sink.text(), "early late");
  EXPECT_EQ(exchange.sink.end(), End::finished);
}

TEST_F(OutgoingBodyTest, ABodyMayBeFinishedBeforeItsMessageIsSent) {
  open({}, false);
  ASSERT_TRUE(write(*stream, "all of it"));
  EXPECT_TRUE(finish_body().has_value());
  set(serving->outparam(), std::move(message));
  EXPECT_EQ(exchange.sink.text(), "all of it");
  EXPECT_EQ(exchange.sink.end(), End::finished);
  EXPECT_EQ(serving->answer(), Answer::complete);
}

TEST_F(OutgoingBodyTest, WhatWaitsForTheMessageIsBounded) {
  open({}, false);
  const std::string large(Outgoing::kMostEarly, 'x');
  ASSERT_TRUE(write(*stream, large));
  EXPECT_EQ(room(), 0U);
  auto pollable = stream->subscribe(*call).value();
  EXPECT_FALSE(pollable->ready(*call).value());
  set(serving->outparam(), std::move(message));
  EXPECT_TRUE(pollable->ready(*call).value());
  EXPECT_TRUE(finish_body().has_value());
  EXPECT_EQ(exchange.sink.text(), large);
}

TEST_F(OutgoingBodyTest, EarlyBytesFollowAsTheClientReads) {
  exchange.output_bytes = 10;
  open({}, false);
  ASSERT_TRUE(write(*stream, "0123456789abcdefghijklmno"));
  EXPECT_TRUE(finish_body().has_value());
  set(serving->outparam(), std::move(message));
  EXPECT_EQ(serving->answer(), Answer::open) << "not all of it is on its way";
  EXPECT_EQ(exchange.sink.text(), "0123456789");
  exchange.sink.drain();
  EXPECT_EQ(exchange.sink.end(), End::open);
  exchange.sink.drain();
  EXPECT_EQ(exchange.sink.text(), "0123456789abcdefghijklmno");
  EXPECT_EQ(exchange.sink.end(), End::finished);
  EXPECT_EQ(serving->answer(), Answer::complete);
}

TEST_F(OutgoingBodyTest, AFinishedBodySettlesWithoutTheGuest) {
  exchange.output_bytes = 10;
  open({}, false);
  ASSERT_TRUE(write(*stream, "0123456789abcdefghijklmno"));
  EXPECT_TRUE(finish_body().has_value());
  set(serving->outparam(), std::move(message));
  ASSERT_TRUE(serving->unsettled());
  after_it_waits(loop, [&] {
    exchange.sink.drain();
    after_it_waits(loop, [&] { exchange.sink.drain(); });
  });
  ASSERT_TRUE(loop.block_on(serving->settle()).has_value());
  EXPECT_FALSE(serving->unsettled());
  EXPECT_EQ(exchange.sink.end(), End::finished);
}

TEST_F(OutgoingBodyTest, EarlyBytesWithoutAnEndComeFirst) {
  exchange.output_bytes = 4;
  open({}, false);
  ASSERT_TRUE(write(*stream, "012345"));
  set(serving->outparam(), std::move(message));
  EXPECT_EQ(room(), 0U);
  exchange.sink.drain();
  EXPECT_EQ(room(), 2U);
  ASSERT_TRUE(write(*stream, "67"));
  EXPECT_EQ(exchange.sink.text(), "01234567");
}

TEST_F(OutgoingBodyTest, TrailersFollowTheBody) {
  open();
  ASSERT_TRUE(write(*stream, "x"));
  stream.reset();
  auto trailers = fields({{"digest", "abc"}, {"content-length", "7"}});
  EXPECT_TRUE(finish(std::move(body), std::move(trailers)).has_value());
  ASSERT_EQ(exchange.sink.trailers().size(), 1U);
  EXPECT_EQ(exchange.sink.trailers().find("digest"), "abc");
}

TEST_F(OutgoingBodyTest, LessThanTheContentLengthBreaksTheMessage) {
  open({{"content-length", "5"}});
  ASSERT_TRUE(write(*stream, "1234"));
  EXPECT_EQ(finish_body().error(), ErrorCode::http_response_body_size(4));
  EXPECT_EQ(exchange.sink.end(), End::aborted);
  EXPECT_EQ(serving->answer(), Answer::broken);
  EXPECT_EQ(serving->problem(), "the response body broke off: HTTP-response-body-size");
}

TEST_F(OutgoingBodyTest, MoreThanTheContentLengthBreaksTheMessage) {
  for (const bool send : {true, false}) {
    http::testing::FakeExchange other;
    Serving to_other{other};
    message = response({{"content-length", "5"}});
    body = *message->body(*call).value();
    stream = *body->write(*call).value();
    if (send)
      set(to_other.outparam(), std::move(message));
    ASSERT_TRUE(write(*stream, "1234"));
    ASSERT_TRUE(stream->check_write(*call).value().has_value());
    auto over = stream->write(*call, bytes("56")).value();
    ASSERT_FALSE(over.has_value());
    EXPECT_EQ(code_of(over.error()), ErrorCode::http_response_body_size(6));
    EXPECT_EQ(finish_body().error(), ErrorCode::http_response_body_size(6));
    if (!send)
      set(to_other.outparam(), std::move(message));
    EXPECT_EQ(other.sink.end(), End::aborted);
    EXPECT_EQ(to_other.answer(), Answer::broken);
  }
}

TEST_F(OutgoingBodyTest, ExactlyTheContentLengthIsFine) {
  open({{"Content-Length", "5"}});
  ASSERT_TRUE(write(*stream, "12345"));
  EXPECT_TRUE(finish_body().has_value());
  EXPECT_EQ(serving->answer(), Answer::complete);
}

TEST_F(OutgoingBodyTest, AnAnswerToHeadMayKeepItsLengthWithoutABody) {
  exchange.head.method = http::Method::head;
  open({{"content-length", "5"}});
  EXPECT_TRUE(finish_body().has_value());
  EXPECT_EQ(serving->answer(), Answer::complete);
}

TEST_F(OutgoingBodyTest, ADroppedBodyBreaksTheMessage) {
  open();
  ASSERT_TRUE(write(*stream, "half"));
  stream.reset();
  body.reset();
  EXPECT_EQ(exchange.sink.end(), End::aborted);
  EXPECT_EQ(serving->answer(), Answer::broken);
  EXPECT_FALSE(serving->awaits_response());
}

TEST_F(OutgoingBodyTest, ABodyDroppedBeforeItsMessageIsSentBreaksItToo) {
  open({}, false);
  stream.reset();
  body.reset();
  set(serving->outparam(), std::move(message));
  EXPECT_EQ(exchange.sink.end(), End::aborted);
  EXPECT_EQ(serving->answer(), Answer::broken);
}

TEST_F(OutgoingBodyTest, AMessageThatIsNeverSentFailsItsBody) {
  open({}, false);
  message.reset();
  EXPECT_TRUE(code_of(stream->check_write(*call).value().error()).has_value());
  stream.reset();
  EXPECT_FALSE(finish(std::move(body)).has_value());
}

TEST_F(OutgoingBodyTest, ALostClientFailsTheStream) {
  open();
  auto pollable = stream->subscribe(*call).value();
  exchange.sink.fail(Error{Code::cancelled, "the peer closed the connection"});
  EXPECT_TRUE(pollable->ready(*call).value());
  EXPECT_EQ(code_of(stream->check_write(*call).value().error()),
            ErrorCode::connection_terminated());
  EXPECT_EQ(finish_body().error(), ErrorCode::connection_terminated());
  EXPECT_EQ(serving->answer(), Answer::broken);
}

TEST_F(OutgoingBodyTest, FinishTrapsWhileTheStreamIsThere) {
  open();
  EXPECT_FALSE(types.outgoing_body_finish(*call, std::move(body), std::nullopt).has_value());
  EXPECT_EQ(exchange.sink.end(), End::aborted);
}

// Everything that a guest may hold of one exchange, dropped in every order, with the end of the
// exchange among them: the sanitizer is the judge of what is touched, and the client must see a
// broken message if the body was open.
TEST_F(ServingFixture, ResourcesGoInAnyOrder) {
  std::vector<int> order{0, 1, 2, 3, 4, 5, 6};
  do {
    http::testing::FakeExchange one;
    one.head.fields.add("a", "b");
    one.source.feed("some bytes");
    std::optional<Serving> serve{std::in_place, one};
    auto request = serve->request();
    auto headers = request->headers(*call).value();
    auto in = *request->consume(*call).value();
    auto input = *in->stream(*call).value();
    auto readable = input->subscribe(*call).value();
    auto message = response();
    auto out = *message->body(*call).value();
    set(serve->outparam(), std::move(message));
    auto output = *out->write(*call).value();
    auto writable = output->subscribe(*call).value();
    const std::function<void()> drops[] = {
        [&] { request.reset(); }, [&] { headers.reset(); },
        [&] { in.reset(); },      [&] { input.reset(), readable.reset(); },
        [&] { out.reset(); },     [&] { output.reset(), writable.reset(); },
        [&] { serve.reset(); },
    };
    for (const int index : order)
      drops[index]();
    ASSERT_EQ(one.sink.end(), End::aborted);
  } while (std::ranges::next_permutation(order).found);
}

TEST_F(ServingFixture, TrailersAndPollablesGoInAnyOrder) {
  std::vector<int> order{0, 1, 2, 3, 4};
  do {
    http::testing::FakeExchange one;
    one.source.feed("some bytes");
    http::Fields lines;
    lines.add("a", "b");
    one.source.end(std::move(lines));
    std::optional<Serving> serve{std::in_place, one};
    auto request = serve->request();
    auto in = *request->consume(*call).value();
    auto future = types.incoming_body_finish(*call, std::move(in)).value();
    auto pollable = future->subscribe(*call).value();
    auto trailers = std::move(*future->get(*call).value()->value().value());
    const std::function<void()> drops[] = {
        [&] { request.reset(); },  [&] { future.reset(); }, [&] { pollable.reset(); },
        [&] { trailers.reset(); }, [&] { serve.reset(); },
    };
    for (const int index : order) {
      drops[index]();
      if (trailers) {
        ASSERT_EQ(entries(*trailers).size(), 1U);
      }
    }
  } while (std::ranges::next_permutation(order).found);
}

} // namespace
} // namespace nacre::wasi_http
