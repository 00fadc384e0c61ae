// SPDX-License-Identifier: Apache-2.0
#include "component/linker.h"

#include <gtest/gtest.h>

namespace nacre::component {
namespace {

constexpr HostFunc kRead{
    .name = "read", .signature = "func()", .thunk = nullptr, .suspends = false};

TEST(Linker, CompatibleVersionsServeEachOther) {
  Linker linker;
  linker.define("wasi:io/streams", "0.2.12", {&kRead, 1}, nullptr);
  EXPECT_NE(linker.find("wasi:io/streams@0.2.0"), nullptr);
  EXPECT_NE(linker.find("wasi:io/streams@0.2.99"), nullptr);
  EXPECT_EQ(linker.find("wasi:io/streams@0.3.0"), nullptr);
  EXPECT_EQ(linker.find("wasi:io/streams@0.2.0-rc.1"), nullptr);
  EXPECT_EQ(linker.find("wasi:io/poll@0.2.0"), nullptr);
  EXPECT_EQ(linker.versions_of("wasi:io/streams@0.3.0"), std::vector<std::string>{"0.2.12"});
}

TEST(Linker, TheVersionPartThatMustAgree) {
  EXPECT_EQ(compatibility_of("0.2.6"), "0.2");
  EXPECT_EQ(compatibility_of("1.4.0"), "1");
  EXPECT_EQ(compatibility_of("0.0.3"), "0.0.3");
  EXPECT_EQ(compatibility_of("0.2.0-draft"), "0.2.0-draft");
}

} // namespace
} // namespace nacre::component
