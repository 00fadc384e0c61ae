// SPDX-License-Identifier: Apache-2.0
#include "component/dynamic/store_handles.h"

#include <fmt/format.h>

#include <utility>

namespace nacre::component {
namespace {

/// A resource outside of any table: a host's object, or what a guest calls its own by a number.
class HeldResource final : public wit::Opaque {
public:
  HeldResource(const Store& store, ResourceType type, std::unique_ptr<Resource> object)
      : store_(&store), type_(type), object_(std::move(object)) {}
  HeldResource(const Store& store, ResourceType type, std::uint32_t rep)
      : store_(&store), type_(type), rep_(rep) {}

  bool is(const Store& store, ResourceType type) const {
    return held_ && store_ == &store && type_ == type;
  }
  std::uint32_t rep() const { return rep_; }
  Resource* object() const { return object_.get(); }
  /// Moves ownership on: the value is empty from now on.
  std::unique_ptr<Resource> give_away() {
    held_ = false;
    return std::move(object_);
  }

private:
  const Store* store_;
  ResourceType type_;
  std::unique_ptr<Resource> object_;
  std::uint32_t rep_ = 0;
  bool held_ = true;
};

const ResourceTag& tag_of(ResourceType type) {
  return *static_cast<const ResourceTag*>(type);
}

} // namespace

bool StoreHandles::lift(CallContext& call, const Plan::Type& type, std::uint32_t index,
                        std::shared_ptr<wit::Opaque>& out) {
  if (type.kind == Plan::TypeKind::borrow)
    return call.fail("a borrow cannot be kept in a value");
  const Linked& linked = store_.linked();
  const ResourceType resource = linked.resource_type(type.table);
  if (linked.is_host_resource(type.table)) {
    auto object = call.take_own(index, tag_of(resource));
    if (object == nullptr)
      return false;
    out = std::make_shared<HeldResource>(store_, resource, std::move(object));
    return true;
  }
  const std::uint32_t owner = linked.plan().resource_tables[type.table].instance;
  HandleTable& handles = store_.instance(owner).handles;
  const Handle* handle = handles.find(index);
  if (handle == nullptr)
    return call.fail(unknown_handle(index));
  if (handle->type != resource)
    return call.fail(wrong_type(index, false, *handle));
  if (handle->kind != Handle::Kind::own)
    return call.fail("cannot lift own resource from a borrow");
  if (handle->lends != 0)
    return call.fail("cannot remove owned resource while borrowed");
  out = std::make_shared<HeldResource>(store_, resource, handles.remove(index).what.rep);
  return true;
}

bool StoreHandles::lower(CallContext& call, const Plan::Type& type,
                         const std::shared_ptr<wit::Opaque>& value, std::uint32_t& out) {
  const Linked& linked = store_.linked();
  const ResourceType resource = linked.resource_type(type.table);
  auto* held = dynamic_cast<HeldResource*>(value.get());
  if (held == nullptr || !held->is(store_, resource))
    return call.fail(fmt::format(
        "type mismatch: the value holds no {} of this guest",
        linked.plan().resources[linked.plan().resource_tables[type.table].resource].name));
  const bool own = type.kind == Plan::TypeKind::own;
  if (linked.is_host_resource(type.table)) {
    return own ? call.give_own(held->give_away(), tag_of(resource), out)
               : call.give_borrow(*held->object(), tag_of(resource), out);
  }
  const std::uint32_t owner = linked.plan().resource_tables[type.table].instance;
  const Plan::Resource& defined = *static_cast<const Plan::Resource*>(resource);
  if (!own && defined.instance == owner) {
    // An instance borrows its own resources by what it calls them (canonical ABI, lower_borrow).
    out = held->rep();
    return true;
  }
  if (!own)
    return call.fail("a borrow of a resource that another part of the component defines cannot be "
                     "passed from outside");
  Handle handle;
  handle.kind = Handle::Kind::own;
  handle.type = resource;
  handle.what.rep = held->rep();
  out = store_.instance(owner).handles.insert(handle);
  if (out == 0)
    return call.fail("cannot allocate another handle: the component instance holds too many");
  held->give_away();
  return true;
}

} // namespace nacre::component
