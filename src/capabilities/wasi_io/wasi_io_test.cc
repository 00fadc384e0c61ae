// SPDX-License-Identifier: Apache-2.0
#include "capabilities/wasi_io/wasi_io.h"
#include "component/linker.h"
#include "loop/loop.h"

#include <gtest/gtest.h>

namespace nacre::wasi_io {
namespace {

TEST(WasiIo, ServesEveryInterfaceItNames) {
  Loop loop;
  const auto io = make_wasi_io();
  const auto lease = loop.block_on(io->lease(loop)).value();
  component::Linker linker;
  ASSERT_TRUE(lease->link(linker).has_value());
  for (const std::string& name : io->interfaces())
    EXPECT_NE(linker.find(name), nullptr) << name;
  EXPECT_TRUE(loop.block_on(lease->close()).has_value());
}

TEST(WasiIo, ServesGuestsOfOlderVersions) {
  Loop loop;
  const auto lease = loop.block_on(make_wasi_io()->lease(loop)).value();
  component::Linker linker;
  ASSERT_TRUE(lease->link(linker).has_value());
  const auto* streams = linker.find("wasi:io/streams@0.2.0");
  ASSERT_NE(streams, nullptr);
  EXPECT_EQ(streams->functions.size(), 15U);
  EXPECT_TRUE(streams->functions.contains("[method]output-stream.blocking-splice"));
  EXPECT_TRUE(linker.find("wasi:io/poll@0.2.3")->functions.contains("poll"));
  EXPECT_EQ(linker.find("wasi:io/streams@0.3.0"), nullptr);
}

} // namespace
} // namespace nacre::wasi_io
