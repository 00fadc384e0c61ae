// SPDX-License-Identifier: Apache-2.0
#include "bindings/wasi_random_p2.h"
#include "capabilities/wasi_random/generators.h"
#include "capabilities/wasi_random/wasi_random.h"
#include "component/linker.h"
#include "streams/testing/fake_call.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace nacre::wasi_random {
namespace {

using component::Bytes;
using streams::testing::answer;

class RandomTest : public ::testing::Test {
protected:
  template <class Host> Host& host(std::string_view interface) {
    return *static_cast<Host*>(linker.find(interface)->functions.begin()->second.self);
  }
  RandomTest() {
    lease = loop.block_on(capability->lease(loop)).value();
    EXPECT_TRUE(lease->link(linker).has_value());
  }

  Loop loop;
  streams::testing::FakeCall call;
  std::unique_ptr<capability::Capability> capability = make_wasi_random({.max_bytes = 1 << 20});
  std::unique_ptr<capability::Lease> lease;
  component::Linker linker;
  wasi_random_p2::RandomHost& secure() {
    return host<wasi_random_p2::RandomHost>("wasi:random/random@0.2.0");
  }
  wasi_random_p2::InsecureHost& insecure() {
    return host<wasi_random_p2::InsecureHost>("wasi:random/insecure@0.2.0");
  }
};

TEST_F(RandomTest, BytesHaveTheLengthAskedFor) {
  for (const std::uint64_t length : {0U, 1U, 31U, 16U * 1024, 16U * 1024 + 1, 1U << 20}) {
    EXPECT_EQ(answer(loop, secure().get_random_bytes(*call, length)).value().size(), length);
    EXPECT_EQ(answer(loop, insecure().get_insecure_random_bytes(*call, length)).value().size(),
              length);
  }
}

TEST_F(RandomTest, FewBytesAreThereAtOnceManyAreMadeElsewhere) {
  EXPECT_TRUE(secure().get_random_bytes(*call, 1024).ready());
  EXPECT_FALSE(secure().get_random_bytes(*call, 1 << 20).ready());
}

TEST_F(RandomTest, AskingBeyondTheLimitTraps) {
  for (const std::uint64_t length : {(1ULL << 20) + 1, 1ULL << 32, ~0ULL}) {
    Async<Bytes> bytes = secure().get_random_bytes(*call, length);
    ASSERT_TRUE(bytes.ready());
    EXPECT_FALSE(bytes.result().has_value());
    EXPECT_FALSE(insecure().get_insecure_random_bytes(*call, length).result().has_value());
  }
}

TEST_F(RandomTest, NumbersDoNotRepeat) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(secure().get_random_u64(*call).value());
    seen.insert(insecure().get_insecure_random_u64(*call).value());
  }
  EXPECT_EQ(seen.size(), 2000U);
}

TEST_F(RandomTest, SeedsDiffer) {
  auto& seeds = host<wasi_random_p2::InsecureSeedHost>("wasi:random/insecure-seed@0.2.0");
  EXPECT_NE(seeds.insecure_seed(*call).value(), seeds.insecure_seed(*call).value());
}

TEST_F(RandomTest, BytesAreNotAllTheSame) {
  const Bytes bytes = answer(loop, secure().get_random_bytes(*call, 1 << 16)).value();
  std::array<int, 256> histogram{};
  for (const std::uint8_t byte : bytes.view())
    ++histogram[byte];
  EXPECT_GT(*std::min_element(histogram.begin(), histogram.end()), 100) << "256 expected";
}

TEST(InsecureNumbers, FollowThePublishedAlgorithm) {
  // The first values of xoshiro256** from the state 1, 2, 3, 4.
  InsecureNumbers numbers{{1, 2, 3, 4}};
  EXPECT_EQ(numbers.next(), 11520U);
  EXPECT_EQ(numbers.next(), 0U);
  EXPECT_EQ(numbers.next(), 1509978240U);
  EXPECT_EQ(numbers.next(), 1215971899390074240U);
}

TEST(InsecureNumbers, FillUsesEveryByte) {
  InsecureNumbers numbers{{1, 2, 3, 4}};
  std::array<std::uint8_t, 11> out{};
  numbers.fill(out);
  EXPECT_EQ(out[0] | out[1] << 8, 11520);
  EXPECT_EQ(out[8] | out[9] | out[10], 0);
}

} // namespace
} // namespace nacre::wasi_random
