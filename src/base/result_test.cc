// SPDX-License-Identifier: Apache-2.0
#include "base/ensure.h"
#include "base/result.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0)
    return Error{Code::invalid, std::to_string(value) + " is odd"};
  return value / 2;
}

Result<int> quarter(int value) {
  TRY(int once, half(value).context("halving"));
  TRY_OK(half(once).context("halving again"));
  return half(once);
}

TEST(Result, ValuePassesThroughTry) {
  EXPECT_EQ(quarter(8).value(), 2);
}

TEST(Result, ErrorGrowsFromInsideOut) {
  auto failed = quarter(6);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code(), Code::invalid);
  EXPECT_EQ(failed.error().message(), "halving again: 3 is odd");
}

TEST(Ensure, BrokenInvariantThrowsBugWithTheSentence) {
  try {
    ENSURE(1 + 1 == 3, "arithmetic holds");
    FAIL() << "no exception";
  } catch (const Bug& bug) {
    EXPECT_NE(std::string{bug.what()}.find("arithmetic holds (1 + 1 == 3)"), std::string::npos);
  }
}

} // namespace
} // namespace nacre
