// SPDX-License-Identifier: Apache-2.0
// What the planner does with shim modules: tests/guests/plan/shim.wat and variations of it.
#include "component/plan_reader.h"
#include "component/planner.h"
#include "component/testing/plans.h"

#include <gmock/gmock.h>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::component {
namespace {

using testing::ElementsAre;

// The guest with `text` in the place that `place` names.
Plan shim_plan(std::string_view place = {}, std::string_view text = {}) {
  std::string guest = guest_text("shim");
  if (!place.empty()) {
    auto at = guest.find(place);
    EXPECT_NE(at, std::string::npos);
    guest.replace(at, place.size(), text);
  }
  return plan_of(to_wasm(guest));
}

std::vector<Plan::Instantiate> instantiations(const Plan& plan) {
  std::vector<Plan::Instantiate> made;
  for (const auto& step : plan.initializers)
    if (const auto* instantiate = std::get_if<Plan::Instantiate>(&step))
      made.push_back(*instantiate);
  return made;
}

// Names of the imports behind the first two arguments of a core instance.
std::vector<std::string> first_imports(const Plan& plan, const Plan::Instantiate& made) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 2; i++) {
    const auto& def = made.args[i];
    names.push_back(def.kind == Plan::CoreDef::Kind::trampoline
                        ? plan.imports[plan.trampolines[def.index].import].name
                        : "an export");
  }
  return names;
}

TEST(Bypass, MainImportsTheHostDirectly) {
  Plan plan = shim_plan();
  EXPECT_TRUE(plan.bypassed);
  ASSERT_EQ(plan.modules.size(), 1u);
  auto made = instantiations(plan);
  ASSERT_EQ(made.size(), 1u);
  EXPECT_THAT(first_imports(plan, made[0]), ElementsAre("log", "name"));
}

TEST(Bypass, DestructorsAreFoundInMain) {
  Plan plan = shim_plan();
  // The resource is defined after main, whose export its destructor is.
  const auto* resource = static_cast<const Plan::DefineResource*>(nullptr);
  bool main_made = false;
  for (const auto& step : plan.initializers) {
    main_made = main_made || std::holds_alternative<Plan::Instantiate>(step);
    if (const auto* found = std::get_if<Plan::DefineResource>(&step)) {
      EXPECT_TRUE(main_made);
      resource = found;
    }
  }
  ASSERT_NE(resource, nullptr);
  ASSERT_TRUE(resource->has_dtor);
  EXPECT_EQ(resource->dtor.index, 0u);
  EXPECT_EQ(plan.modules[0].exports[resource->dtor.name], "dtor");
}

TEST(Bypass, ExportsFollowTheirInstance) {
  Plan plan = shim_plan();
  const auto& run =
      std::get<Plan::ExportFunction>(plan.exports[plan.root_exports.at(0).export_index]);
  EXPECT_EQ(run.def.index, 0u);
  EXPECT_EQ(plan.modules[0].exports[run.def.name], "run");
}

TEST(Bypass, CanBeTurnedOff) {
  Plan plan = plan_of(to_wasm(guest_text("shim")), {.bypass = false});
  EXPECT_FALSE(plan.bypassed);
  EXPECT_EQ(plan.modules.size(), 3u);
  EXPECT_THAT(first_imports(plan, instantiations(plan)[1]), ElementsAre("an export", "an export"));
}

TEST(Bypass, AStartFunctionOfTheFixupStillRuns) {
  Plan plan = shim_plan("(;fixup-start;)", "(start $init)");
  EXPECT_TRUE(plan.bypassed);
  auto made = instantiations(plan);
  ASSERT_EQ(made.size(), 2u);
  const auto& starter = plan.modules[made[1].module];
  EXPECT_TRUE(starter.has_start);
  auto valid = validate(starter.bytes);
  EXPECT_TRUE(valid.has_value()) << valid.error().message();
  ASSERT_EQ(made[1].args.size(), 1u);
  EXPECT_EQ(plan.modules[0].exports[made[1].args[0].name], "init");
}

TEST(Bypass, NothingIsTakenOutThatAGuestCouldNotice) {
  struct Variation {
    std::string_view place;
    std::string_view text;
    std::string_view why;
  };
  for (const Variation& v : {
           Variation{"(;main-start;)", "(start $init)", "main runs code before the fixup"},
           Variation{"(;extra;)", "nop", "the shim does more than forward"},
           Variation{"(;main-import;)", "(import \"host\" \"$imports\" (table 3 3 funcref))",
                     "main sees the table"},
           Variation{"(;filled;) $dtor", "", "a slot stays empty"},
           Variation{"$log $name (;filled;)", "$name $log", "slots get functions of other types"},
           Variation{"(elem (i32.const 0)", "(elem (i32.const 1)", "other slots are filled"},
           Variation{"(;fixup-start;)", "(func $f call $init) (start $f)",
                     "the fixup has code of its own"},
       })
    EXPECT_FALSE(shim_plan(v.place, v.text).bypassed) << v.why;
}

} // namespace
} // namespace nacre::component
