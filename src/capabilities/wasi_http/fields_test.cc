// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_http/fields.h"
#include "capabilities/wasi_http/testing/guest.h"

#include <gmock/gmock.h>

namespace nacre::wasi_http {
namespace {

using namespace testing;
using namespace std::string_view_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using wasi_http_p2::HeaderError;
using Case = HeaderError::Case;

class FieldsTest : public GuestFixture {
protected:
  std::optional<Case> append(wasi_http_p2::Fields& to, std::string_view name,
                             std::string_view value) {
    auto done = to.append(*call, name, bytes(value)).value();
    return done ? std::nullopt : std::optional{done.error().case_()};
  }
  std::optional<Case> set(wasi_http_p2::Fields& to, std::string_view name,
                          std::initializer_list<std::string_view> values) {
    std::vector<std::span<const std::uint8_t>> list;
    for (const auto value : values)
      list.push_back(bytes(value));
    auto done = to.set(*call, name, list).value();
    return done ? std::nullopt : std::optional{done.error().case_()};
  }
  std::optional<Case> remove(wasi_http_p2::Fields& from, std::string_view name) {
    auto done = from.delete_(*call, name).value();
    return done ? std::nullopt : std::optional{done.error().case_()};
  }
  std::optional<Case> from_list(const Pairs& lines) {
    std::vector<std::tuple<std::string_view, std::span<const std::uint8_t>>> list;
    for (const auto& [name, value] : lines)
      list.emplace_back(name, bytes(value));
    auto made = types.fields_from_list(*call, list).value();
    if (!made)
      return made.error().case_();
    last = std::move(*made);
    return std::nullopt;
  }
  std::vector<std::string> get(wasi_http_p2::Fields& of, std::string_view name) {
    std::vector<std::string> out;
    for (const auto value : of.get(*call, name).value())
      out.push_back(text(value));
    return out;
  }
  std::unique_ptr<wasi_http_p2::Fields> last;
};

struct Line {
  std::string_view name, value;
  std::optional<Case> problem;
};
const Line kLines[] = {
    {"a", "b", {}},
    {"A-!#$%&'*+.^_`|~9", "x", {}},
    {"content-type", "text/plain; charset=utf-8", {}},
    {"a", "", {}},
    {"a", "tab\tinside", {}},
    {"a", "\x80\xff caf\xc3\xa9", {}},
    {"a", " padded\t", {}},
    {"content-length", "18446744073709551615", {}},
    {"te", "trailers", {}},
    {"", "x", Case::invalid_syntax},
    {"a b", "x", Case::invalid_syntax},
    {"a:", "x", Case::invalid_syntax},
    {":path", "x", Case::invalid_syntax},
    {"a\n", "x", Case::invalid_syntax},
    {"a\0b"sv, "x", Case::invalid_syntax},
    {"caf\xc3\xa9", "x", Case::invalid_syntax},
    {"\xff", "x", Case::invalid_syntax},
    {"a(b)", "x", Case::invalid_syntax},
    {"a", "x\r\ny: z", Case::invalid_syntax},
    {"a", "x\n", Case::invalid_syntax},
    {"a", "x\0y"sv, Case::invalid_syntax},
    {"a", "\x7f", Case::invalid_syntax},
    {"a", "\x1b[31m", Case::invalid_syntax},
    {"content-length", "", Case::invalid_syntax},
    {"content-length", "+5", Case::invalid_syntax},
    {"content-length", "-5", Case::invalid_syntax},
    {"content-length", "5, 5", Case::invalid_syntax},
    {"Content-Length", "0x5", Case::invalid_syntax},
    {"content-length", "18446744073709551616", Case::invalid_syntax},
    {"connection", "close", Case::forbidden},
    {"Connection", "close", Case::forbidden},
    {"HOST", "example.com", Case::forbidden},
    {"http2-settings", "x", Case::forbidden},
    {"keep-alive", "x", Case::forbidden},
    {"proxy-authenticate", "x", Case::forbidden},
    {"proxy-authorization", "x", Case::forbidden},
    {"proxy-connection", "x", Case::forbidden},
    {"Transfer-Encoding", "chunked", Case::forbidden},
    {"upgrade", "websocket", Case::forbidden},
};

TEST_F(FieldsTest, EveryWayInKeepsTheRules) {
  for (const auto& [name, value, problem] : kLines) {
    SCOPED_TRACE(std::string{name} + ": " + std::string{value});
    auto one = fields();
    EXPECT_EQ(append(*one, name, value), problem);
    EXPECT_EQ(one->entries(*call).value().size(), problem ? 0U : 1U);
    auto other = fields();
    EXPECT_EQ(set(*other, name, {value}), problem);
    EXPECT_EQ(from_list({{std::string{name}, std::string{value}}}), problem);
  }
}

TEST_F(FieldsTest, NamesMatchInAnyCaseAndKeepTheirOwn) {
  auto f = fields({{"X-One", "1"}, {"two", "2"}, {"x-ONE", "3"}});
  EXPECT_THAT(get(*f, "x-one"), ElementsAre("1", "3"));
  EXPECT_TRUE(f->has(*call, "TWO").value());
  EXPECT_FALSE(f->has(*call, "three").value());
  EXPECT_THAT(entries(*f), ElementsAre(Pair("X-One", "1"), Pair("two", "2"), Pair("x-ONE", "3")));
}

TEST_F(FieldsTest, BadNamesAreSimplyNotThere) {
  auto f = fields({{"a", "1"}});
  EXPECT_THAT(get(*f, "a b"), IsEmpty());
  EXPECT_FALSE(f->has(*call, "").value());
  EXPECT_THAT(get(*f, "connection"), IsEmpty());
}

TEST_F(FieldsTest, AnEmptyValueIsAValue) {
  auto f = fields({{"a", ""}});
  EXPECT_THAT(get(*f, "a"), ElementsAre(""));
}

TEST_F(FieldsTest, SetReplacesAllOrNothing) {
  auto f = fields({{"a", "1"}, {"b", "2"}, {"A", "3"}});
  EXPECT_EQ(set(*f, "a", {"4", "5"}), std::nullopt);
  EXPECT_THAT(entries(*f), ElementsAre(Pair("b", "2"), Pair("a", "4"), Pair("a", "5")));
  EXPECT_EQ(set(*f, "a", {"6", "bad\n"}), Case::invalid_syntax);
  EXPECT_THAT(get(*f, "a"), ElementsAre("4", "5"));
  EXPECT_EQ(set(*f, "a", {}), std::nullopt);
  EXPECT_FALSE(f->has(*call, "a").value());
}

TEST_F(FieldsTest, DeletingWhileGoingOverEntriesIsSafe) {
  auto f = fields();
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(append(*f, "name-" + std::to_string(i % 50), std::to_string(i)), std::nullopt);
  for (const auto& [name, value] : entries(*f))
    EXPECT_EQ(remove(*f, name), std::nullopt);
  EXPECT_THAT(entries(*f), IsEmpty());
  EXPECT_EQ(remove(*f, "name-1"), std::nullopt) << "deleting what is not there is nothing";
  EXPECT_EQ(remove(*f, "na me"), Case::invalid_syntax);
}

TEST_F(FieldsTest, OneContentLengthOnly) {
  auto f = fields({{"content-length", "5"}});
  EXPECT_EQ(append(*f, "Content-Length", "5"), Case::invalid_syntax);
  EXPECT_EQ(set(*f, "content-length", {"5", "6"}), Case::invalid_syntax);
  EXPECT_EQ(set(*f, "content-length", {"6"}), std::nullopt);
  EXPECT_EQ(from_list({{"content-length", "1"}, {"content-length", "1"}}), Case::invalid_syntax);
}

TEST_F(FieldsTest, FromListAnswersTheFirstProblem) {
  EXPECT_EQ(from_list({{"a", "1"}, {"host", "x"}, {"b", "\n"}}), Case::forbidden);
  EXPECT_EQ(from_list({{"a", "1"}, {"b", "2"}, {"a", "3"}}), std::nullopt);
  EXPECT_THAT(entries(*last), ElementsAre(Pair("a", "1"), Pair("b", "2"), Pair("a", "3")));
}

TEST_F(FieldsTest, CopiesAreTheirOwn) {
  auto f = fields({{"a", "1"}});
  auto copy = f->clone(*call).value();
  EXPECT_EQ(set(*copy, "a", {"2"}), std::nullopt);
  EXPECT_THAT(get(*f, "a"), ElementsAre("1"));
}

TEST_F(FieldsTest, HeadersOfAMessageDoNotChange) {
  auto message = response({{"a", "1"}});
  auto headers = message->headers(*call).value();
  message.reset();
  EXPECT_EQ(append(*headers, "b", "2"), Case::immutable);
  EXPECT_EQ(set(*headers, "a", {"2"}), Case::immutable);
  EXPECT_EQ(remove(*headers, "a"), Case::immutable);
  EXPECT_EQ(append(*headers, "b c", "2"), Case::invalid_syntax);
  EXPECT_EQ(append(*headers, "host", "2"), Case::forbidden);
  EXPECT_THAT(entries(*headers), ElementsAre(Pair("a", "1")));
  auto copy = headers->clone(*call).value();
  EXPECT_EQ(append(*copy, "b", "2"), std::nullopt);
}

TEST_F(FieldsTest, TooManyLinesTrap) {
  auto f = fields();
  for (std::size_t i = 0; i < FieldList::kMostLines; ++i)
    ASSERT_EQ(append(*f, "a", ""), std::nullopt);
  const auto more = f->append(*call, "a", bytes(""));
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().code(), Code::exhausted);
  EXPECT_EQ(f->entries(*call).value().size(), FieldList::kMostLines);
}

TEST_F(FieldsTest, TooManyBytesTrapBeforeAnythingIsKept) {
  auto f = fields();
  const std::string large(FieldList::kMostBytes, 'x');
  EXPECT_FALSE(f->append(*call, "a", bytes(large)).has_value());
  EXPECT_FALSE(f->append(*call, large, bytes("a")).has_value());
  EXPECT_THAT(entries(*f), IsEmpty());
  const std::string half(FieldList::kMostBytes / 2, 'x');
  EXPECT_EQ(append(*f, "a", half), std::nullopt);
  EXPECT_FALSE(f->append(*call, "a", bytes(half)).has_value());
}

TEST(FieldListTest, ChangingLinesForeverDoesNotGrow) {
  // Kept, this would be 128 MiB.
  FieldList list;
  ASSERT_EQ(list.append("kept", "yes"), FieldProblem::none);
  const auto before = list.bytes();
  const std::string value(64UL * 1024, 'v');
  for (int i = 0; i < 2'000; ++i) {
    ASSERT_EQ(list.append("changing", value), FieldProblem::none);
    list.remove("CHANGING");
  }
  EXPECT_EQ(list.bytes(), before);
  ASSERT_EQ(list.lines().size(), 1U);
  EXPECT_EQ(list.lines()[0].value, "yes");
}

} // namespace
} // namespace nacre::wasi_http
