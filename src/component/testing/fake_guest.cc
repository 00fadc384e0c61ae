// SPDX-License-Identifier: Apache-2.0
#include "component/testing/fake_guest.h"

#include <cstring>
#include <string>
#include <utility>

namespace nacre::component {
namespace {

/// Stands where a call says its store is; nobody looks at it.
alignas(64) std::byte no_store[64];

} // namespace

FakeGuest::FakeGuest(std::size_t size) : memory_(new std::byte[size]()), size_(size) {}

HostCall& FakeGuest::call(StringEncoding encoding) {
  call_ = std::make_unique<HostCall>(*this, encoding, reinterpret_cast<Store&>(no_store));
  return *call_;
}

std::uint32_t FakeGuest::put(std::span<const std::byte> bytes, std::uint32_t align) {
  const std::uint32_t addr = allocate(align, static_cast<std::uint32_t>(bytes.size()));
  if (!bytes.empty())
    std::memcpy(memory_.get() + addr, bytes.data(), bytes.size());
  return addr;
}

std::uint32_t FakeGuest::put(std::string_view text, std::uint32_t align) {
  return put(std::as_bytes(std::span{text.data(), text.size()}), align);
}

std::string_view FakeGuest::text(std::uint32_t addr, std::uint32_t size) const {
  return {reinterpret_cast<const char*>(memory_.get() + addr), size};
}

std::uint32_t FakeGuest::own(std::unique_ptr<Resource> resource) {
  Resource* const raw = resource.get();
  handles_.emplace(next_handle_, Entry{std::move(resource), raw});
  return next_handle_++;
}

Memory FakeGuest::memory(CallContext& /*call*/) {
  return {memory_.get(), size_};
}

std::uint32_t FakeGuest::allocate(std::uint32_t align, std::uint32_t size) {
  const std::uint32_t start = (next_ + align - 1) & ~(align - 1);
  next_ = start + size;
  return start;
}

bool FakeGuest::realloc(CallContext& call, std::uint32_t old_ptr, std::uint32_t old_size,
                        std::uint32_t align, std::uint32_t new_size, std::uint32_t& out) {
  ++reallocs_;
  if (refuse_memory_ || next_ + std::uint64_t{new_size} + align > size_)
    return call.fail("realloc return: beyond end of memory");
  std::unique_ptr<std::byte[]> moved{new std::byte[size_]};
  std::memcpy(moved.get(), memory_.get(), size_);
  memory_ = std::move(moved);
  if (old_size > 0 && new_size <= old_size) {
    out = old_ptr;
    return true;
  }
  out = allocate(align, new_size);
  if (old_size > 0)
    std::memcpy(memory_.get() + out, memory_.get() + old_ptr, old_size);
  return true;
}

FakeGuest::Entry* FakeGuest::find(CallContext& call, std::uint32_t handle, const ResourceTag& tag) {
  const auto found = handles_.find(handle);
  if (found == handles_.end()) {
    call.fail("unknown handle index " + std::to_string(handle));
    return nullptr;
  }
  if (&found->second.resource->tag() != &tag) {
    call.fail("handle index " + std::to_string(handle) + " used with the wrong type");
    return nullptr;
  }
  return &found->second;
}

Resource* FakeGuest::borrow(CallContext& call, std::uint32_t handle, const ResourceTag& tag) {
  Entry* const entry = find(call, handle, tag);
  return entry == nullptr ? nullptr : entry->resource;
}

std::unique_ptr<Resource> FakeGuest::take_own(CallContext& call, std::uint32_t handle,
                                              const ResourceTag& tag) {
  Entry* const entry = find(call, handle, tag);
  if (entry == nullptr)
    return nullptr;
  std::unique_ptr<Resource> taken = std::move(entry->owned);
  handles_.erase(handle);
  return taken;
}

bool FakeGuest::give_own(CallContext& /*call*/, std::unique_ptr<Resource> resource,
                         const ResourceTag& /*tag*/, std::uint32_t& handle_out) {
  handle_out = own(std::move(resource));
  return true;
}

bool FakeGuest::give_borrow(CallContext& /*call*/, Resource& resource, const ResourceTag& /*tag*/,
                            std::uint32_t& handle_out) {
  handles_.emplace(next_handle_, Entry{nullptr, &resource});
  handle_out = next_handle_++;
  return true;
}

} // namespace nacre::component
