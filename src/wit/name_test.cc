// SPDX-License-Identifier: Apache-2.0
#include "wit/name.h"

#include <gtest/gtest.h>

#include <array>

namespace nacre::wit {
namespace {

Version version(std::string_view text) {
  auto parsed = Version::parse(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed.value_or(Version{});
}

InterfaceName interface(std::string_view text) {
  auto parsed = InterfaceName::parse(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed.value_or(InterfaceName{});
}

TEST(Version, PrintsWhatItParsed) {
  for (const char* text : {"0.0.0", "1.2.3", "18446744073709551615.0.1", "0.3.0-rc-2026-01-06",
                           "1.0.0-alpha.1+build.007", "1.0.0+--"})
    EXPECT_EQ(version(text).to_string(), text);
}

TEST(Version, RefusesWhatSemverRefuses) {
  for (const char* text :
       {"", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.x", "1.2.3-", "1.2.3-a..b", "1.2.3-01", "1.2.3+",
        "1.2.-3", " 1.2.3", "1.2.3-a.", "18446744073709551616.0.0", "1.2.3-ä"})
    EXPECT_FALSE(Version::parse(text).has_value()) << text;
}

TEST(Version, ErrorsQuoteTheText) {
  EXPECT_EQ(Version::parse("1.2").error().message(),
            "'1.2' is not a version: want three numbers, as in 0.2.12");
}

TEST(Version, OrdersAsSemverDoes) {
  const std::array ordered{"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
                           "1.0.0-beta",  "1.0.0-beta.2",  "1.0.0-beta.11",
                           "1.0.0-rc.1",  "1.0.0",         "1.0.1",
                           "1.1.0",       "2.0.0"};
  for (std::size_t a = 0; a < ordered.size(); ++a) {
    for (std::size_t b = 0; b < ordered.size(); ++b)
      EXPECT_EQ(version(ordered[a]) <=> version(ordered[b]), a <=> b)
          << ordered[a] << ' ' << ordered[b];
  }
  EXPECT_EQ(version("1.0.0+a"), version("1.0.0+b"));
}

TEST(Version, IsCompatibleWithinItsTrack) {
  EXPECT_TRUE(compatible(version("0.2.1"), version("0.2.12")));
  EXPECT_TRUE(compatible(version("0.2.12"), version("0.2.1")));
  EXPECT_TRUE(compatible(version("1.0.0"), version("1.9.3")));
  EXPECT_TRUE(compatible(version("0.0.1"), version("0.0.1+x")));
  EXPECT_TRUE(compatible(version("0.3.0-rc"), version("0.3.0-rc")));
  EXPECT_FALSE(compatible(version("0.2.1"), version("0.3.1")));
  EXPECT_FALSE(compatible(version("1.0.0"), version("2.0.0")));
  EXPECT_FALSE(compatible(version("0.0.1"), version("0.0.2")));
  EXPECT_FALSE(compatible(version("0.2.0"), version("1.2.0")));
  EXPECT_FALSE(compatible(version("0.3.0-rc"), version("0.3.0")));
  EXPECT_FALSE(compatible(version("0.3.0-rc"), version("0.3.0-rc2")));
}

TEST(Label, IsKebabCaseWithWordsOfOneCase) {
  for (const char* text : {"a", "two-words", "HTTP3", "method-GET", "a1-2b", "x-1"})
    EXPECT_TRUE(is_label(text)) << text;
  for (const char* text : {"", "-", "a-", "-a", "a--b", "1a", "aB", "Ab", "a_b", "a b", "é"})
    EXPECT_FALSE(is_label(text)) << text;
}

TEST(InterfaceName, PrintsWhatItParsed) {
  for (const char* text : {"wasi:http/types@0.2.12", "a:b/c", "x-y:z/IO-streams@1.0.0-rc.1+meta"})
    EXPECT_EQ(interface(text).to_string(), text);
  EXPECT_EQ(interface("wasi:http/types@0.2.12").unversioned(), "wasi:http/types");
  EXPECT_EQ(interface("wasi:http/types@0.2.12").package.to_string(), "wasi:http@0.2.12");
}

TEST(InterfaceName, RefusesOtherNames) {
  for (const char* text :
       {"", "types", "http/types", "wasi:http", "wasi:http/", "wasi:/types", ":http/types",
        "wasi:http/types@", "wasi:http/types@1", "wasi:http@1.0.0/types", "a:b/c/d", "a:b:c/d"})
    EXPECT_FALSE(InterfaceName::parse(text).has_value()) << text;
}

TEST(InterfaceName, ServesCompatibleImports) {
  EXPECT_TRUE(serves(interface("wasi:io/poll@0.2.12"), interface("wasi:io/poll@0.2.1")));
  EXPECT_TRUE(serves(interface("a:b/c"), interface("a:b/c")));
  EXPECT_FALSE(serves(interface("wasi:io/poll@0.2.12"), interface("wasi:io/poll@0.3.0")));
  EXPECT_FALSE(serves(interface("wasi:io/poll@0.2.12"), interface("wasi:io/poll")));
  EXPECT_FALSE(serves(interface("wasi:io/poll@0.2.12"), interface("wasi:io/error@0.2.12")));
}

} // namespace
} // namespace nacre::wit
