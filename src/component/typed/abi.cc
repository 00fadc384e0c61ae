// SPDX-License-Identifier: Apache-2.0
#include "component/typed/abi.h"

#include <string>

namespace nacre::component {

bool fail_char(CallContext& call, std::uint32_t value) {
  return call.fail("invalid `char` bit pattern: converted integer out of range for `char`: " +
                   std::to_string(value));
}
bool fail_option_tag(CallContext& call, std::uint32_t tag) {
  return call.fail("invalid option discriminant: " + std::to_string(tag));
}
bool fail_result_tag(CallContext& call, std::uint32_t tag) {
  return call.fail("invalid expected discriminant: " + std::to_string(tag));
}
bool fail_variant_tag(CallContext& call, std::uint32_t tag) {
  return call.fail("invalid variant discriminant: unexpected discriminant: " + std::to_string(tag));
}
bool fail_list_align(CallContext& call) {
  return call.fail("list pointer is not aligned");
}
bool fail_list_bounds(CallContext& call) {
  return call.fail("list pointer/length out of bounds of memory");
}
bool fail_list_length(CallContext& call, std::uint64_t length) {
  return call.fail("list of " + std::to_string(length) + " elements is too large for the guest");
}
bool fail_no_resource(CallContext& call, const ResourceTag& tag) {
  return call.fail("the host has no " + std::string{tag.name} + " to answer with");
}
bool fail_pointer_align(CallContext& call) {
  return call.fail("pointer not aligned");
}
bool fail_pointer_bounds(CallContext& call) {
  return call.fail("pointer out of bounds of memory");
}

} // namespace nacre::component
