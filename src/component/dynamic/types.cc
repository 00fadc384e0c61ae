// SPDX-License-Identifier: Apache-2.0
#include "component/dynamic/types.h"

#include <utility>

namespace nacre::component {
namespace {

// Both enumerations list the kinds in the order of the plan's binary form.
static_assert(wit::kKinds == Plan::kTypeKinds);
static_assert(static_cast<int>(Plan::TypeKind::string) == static_cast<int>(wit::Kind::string));
static_assert(static_cast<int>(Plan::TypeKind::option) == static_cast<int>(wit::Kind::option));
static_assert(static_cast<int>(Plan::TypeKind::error_context) ==
              static_cast<int>(wit::Kind::error_context));
static_assert(kNone == wit::kNoType);

std::string resource_name(const Plan& plan, const Plan::Type& type) {
  if (type.kind != Plan::TypeKind::own && type.kind != Plan::TypeKind::borrow)
    return {};
  const std::uint32_t resource = plan.resource_tables[type.table].resource;
  return resource == kNone ? std::string{} : plan.resources[resource].name;
}

} // namespace

wit::TypeTable describe_types(const Plan& plan) {
  wit::TypeTable types;
  for (const Plan::Type& type : plan.types) {
    wit::Type described;
    described.kind = static_cast<wit::Kind>(type.kind);
    described.length = type.length;
    described.resource = resource_name(plan, type);
    for (const Plan::Field& field : type.fields)
      described.fields.push_back({field.name, field.type});
    types.add(std::move(described));
  }
  return types;
}

std::vector<wit::Field> describe_params(const Plan& plan, const Plan::Function& function) {
  std::vector<wit::Field> params;
  const Plan::Type& tuple = plan.types[function.params];
  for (std::size_t i = 0; i < tuple.fields.size(); ++i)
    params.push_back({function.param_names[i], tuple.fields[i].type});
  return params;
}

wit::TypeIndex describe_result(const Plan& plan, const Plan::Function& function) {
  const Plan::Type& tuple = plan.types[function.results];
  return tuple.fields.empty() ? wit::kNoType : tuple.fields[0].type;
}

} // namespace nacre::component
