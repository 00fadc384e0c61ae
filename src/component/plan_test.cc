// SPDX-License-Identifier: Apache-2.0
#include "component/plan_reader.h"
#include "component/planner.h"
#include "component/testing/plans.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <stdexcept>
#include <string>
#include <string_view>

namespace nacre::component {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

using Bytes = std::vector<std::byte>;

Bytes guest(const std::string& name) {
  return to_wasm(guest_text(name));
}

Plan plan_named(const std::string& name, PlannerOptions options = {}) {
  return plan_of(guest(name), options);
}

std::string refusal(const Bytes& wasm) {
  auto plan = make_plan(wasm);
  return plan ? "no error" : plan.error().message();
}

Bytes bytes_of(std::string_view text) {
  auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

const Plan::ExportFunction& function_export(const Plan& plan, std::string_view name) {
  for (const auto& item : plan.root_exports)
    if (item.name == name)
      return std::get<Plan::ExportFunction>(plan.exports[item.export_index]);
  throw std::runtime_error("no such export");
}

const Plan::Type& param(const Plan& plan, std::uint32_t function, std::size_t index) {
  const auto& tuple = plan.types[plan.functions[function].params];
  return plan.types[tuple.fields.at(index).type];
}

TEST(Plan, NamesImportsAsWrittenAndTheirTypesStructurally) {
  Plan plan = plan_named("values");
  ASSERT_EQ(plan.imports.size(), 2u);
  EXPECT_EQ(plan.imports[0].instance_name, "test:values/sink@1.2.3");
  EXPECT_EQ(plan.imports[0].interface, "test:values/sink@1.2.3");
  EXPECT_EQ(plan.imports[0].name, "take");
  EXPECT_EQ(plan.functions[plan.imports[0].function].signature,
            "func(a: variant{none,dot:record{x:u8,y:u32},size:f64}, b: flags{read,write}, "
            "c: tuple<u16,string>, d: option<s8>, e: list<record{x:u8,y:u32}>, f: char) -> "
            "result<enum{red,green},string>");
  EXPECT_EQ(plan.functions[plan.imports[1].function].signature, "func(x: u32) -> u64");
}

TEST(Plan, CarriesLayoutsOfTheCanonicalAbi) {
  Plan plan = plan_named("values");
  std::uint32_t take = plan.imports[0].function;
  const Plan::Type& shape = param(plan, take, 0);
  EXPECT_EQ(shape.kind, Plan::TypeKind::variant);
  EXPECT_EQ(shape.size, 16u);
  EXPECT_EQ(shape.align, 8u);
  EXPECT_EQ(shape.discriminant_size, 1u);
  EXPECT_EQ(shape.payload_offset, 8u);
  EXPECT_EQ(shape.flat, "iIi"); // i32 and f64 share a slot as i64
  const Plan::Type& point = plan.types[shape.fields[1].type];
  EXPECT_EQ(point.fields[1].name, "y");
  EXPECT_EQ(point.fields[1].offset, 4u);
  EXPECT_EQ(param(plan, take, 1).size, 1u);
  EXPECT_EQ(param(plan, take, 2).flat, "iii");
  EXPECT_EQ(param(plan, take, 4).stride, 8u);
  EXPECT_TRUE(plan.types[plan.functions[take].params].flattens);
}

TEST(Plan, ExportsAreATreeOfNames) {
  Plan plan = plan_named("values");
  ASSERT_EQ(plan.root_exports.size(), 2u);
  EXPECT_EQ(plan.root_exports[0].name, "test:values/api@1.0.0");
  const auto& api = std::get<Plan::ExportInstance>(plan.exports[plan.root_exports[0].export_index]);
  ASSERT_EQ(api.items.size(), 1u);
  EXPECT_EQ(api.items[0].name, "double");
  const auto& twice = function_export(plan, "double");
  EXPECT_EQ(plan.functions[twice.function].signature, "func(x: u32) -> u64");
  EXPECT_EQ(plan.options[twice.options].core_type, "i:I");
}

TEST(Plan, StepsNameWhatEarlierStepsMade) {
  Plan plan = plan_named("values");
  EXPECT_FALSE(plan.concurrent);
  EXPECT_EQ(plan.counts.core_instances, 2u);
  EXPECT_EQ(plan.counts.memories, 1u);
  const auto& main = std::get<Plan::Instantiate>(
      *std::find_if(plan.initializers.rbegin(), plan.initializers.rend(), [](const auto& step) {
        return std::holds_alternative<Plan::Instantiate>(step);
      }));
  ASSERT_EQ(main.args.size(), 2u);
  EXPECT_EQ(plan.modules[main.module].imports[1].name, "plain");
  EXPECT_EQ(main.args[1].kind, Plan::CoreDef::Kind::trampoline);
  EXPECT_EQ(plan.trampolines[main.args[1].index].core_type, "i:I");
}

TEST(Plan, ResourcesHaveOneNameEach) {
  Plan plan = plan_named("resources");
  ASSERT_EQ(plan.resources.size(), 2u);
  EXPECT_EQ(plan.resources[0].name, "test:files/store/file");
  EXPECT_EQ(plan.imports[plan.resources[0].import].name, "file");
  EXPECT_EQ(plan.resources[1].name, "#0");
  EXPECT_EQ(plan.resources[1].import, kNone);
  EXPECT_EQ(plan.functions[function_export(plan, "make").function].signature,
            "func(from: own<test:files/store/file>) -> own<#0>");
  std::vector<Plan::TrampolineKind> kinds;
  for (const auto& trampoline : plan.trampolines)
    kinds.push_back(trampoline.kind);
  EXPECT_THAT(kinds, testing::UnorderedElementsAre(Plan::TrampolineKind::lower_import,
                                                   Plan::TrampolineKind::resource_drop,
                                                   Plan::TrampolineKind::resource_new));
  bool destructor = false;
  for (const auto& step : plan.initializers)
    if (const auto* resource = std::get_if<Plan::DefineResource>(&step))
      destructor = resource->has_dtor;
  EXPECT_TRUE(destructor);
}

TEST(Plan, CompositionsGetAdapters) {
  Plan plan = plan_named("composed");
  EXPECT_EQ(plan.counts.component_instances, 3u); // the root is one
  EXPECT_THAT(plan.trampolines,
              Contains(Field(&Plan::Trampoline::kind, Plan::TrampolineKind::transcode)));
  bool adapter = false;
  for (const auto& step : plan.initializers)
    if (const auto* made = std::get_if<Plan::Instantiate>(&step))
      adapter = adapter || made->component_instance == kNone;
  EXPECT_TRUE(adapter);
}

TEST(Plan, ConcurrencyIsUsedOnlyWhereAsked) {
  EXPECT_FALSE(plan_named("composed").concurrent);
  EXPECT_TRUE(plan_named("composed", {.concurrent = true}).concurrent);
  Plan plan = plan_named("async");
  EXPECT_TRUE(plan.concurrent);
  EXPECT_EQ(plan.functions[plan.imports[0].function].signature,
            "async func(count: u32) -> stream<u8>");
  const auto& run = function_export(plan, "run");
  EXPECT_TRUE(plan.options[run.options].is_async);
  EXPECT_EQ(plan.options[run.options].callback, 0u);
  EXPECT_THAT(plan.trampolines,
              Contains(Field(&Plan::Trampoline::kind, Plan::TrampolineKind::task_return)));
  ASSERT_EQ(plan.stream_tables.size(), 1u);
  EXPECT_EQ(plan.types[plan.stream_tables[0].payload].kind, Plan::TypeKind::u8);
}

TEST(Plan, RefusalsAreSentences) {
  EXPECT_EQ(refusal({}), "the file is empty");
  EXPECT_THAT(refusal(bytes_of("hello, world")), HasSubstr("not WebAssembly"));
  EXPECT_THAT(refusal(to_wasm("(module)")), HasSubstr("this is a core module, not a component"));
  Bytes half = guest("values");
  half.resize(half.size() / 2);
  EXPECT_THAT(refusal(half), HasSubstr("cut short"));
  EXPECT_THAT(refusal(to_wasm("(component (import \"m\" (core module $m)) "
                              "(core instance (instantiate $m)))")),
              HasSubstr("imports the core module \"m\""));
  EXPECT_THAT(refusal(to_wasm("(component (core func (canon thread.index)))")),
              HasSubstr("needs a feature that is not supported (cm-threading)"));
}

TEST(Plan, ValueTypesMayNotExceedTheLimit) {
  EXPECT_EQ(refusal(to_wasm("(component (type (list string 16777215)))")), "no error");
  EXPECT_THAT(refusal(to_wasm("(component (type (list string 16777216)))")),
              HasSubstr("exceeds maximum byte size"));
  EXPECT_THAT(refusal(to_wasm("(component (import \"i\" (instance (export \"f\" (func "
                              "(param \"p\" (list (list u64 65536) 65536)))))))")),
              HasSubstr("exceeds maximum byte size"));
}

TEST(Plan, ValidationLooksIntoFunctionBodies) {
  Bytes wasm = to_wasm("(component (core module (func (result i32) i64.const 0)))");
  EXPECT_TRUE(make_plan(wasm).has_value());
  auto valid = validate(wasm);
  ASSERT_FALSE(valid.has_value());
  EXPECT_THAT(valid.error().message(), HasSubstr("type mismatch"));
}

TEST(Plan, WorldsPrintAsWit) {
  auto wit = print_wit(guest("values"));
  ASSERT_TRUE(wit.has_value()) << wit.error().message();
  EXPECT_THAT(*wit, HasSubstr("import test:values/sink@1.2.3;"));
}

class ReadPlan : public testing::TestWithParam<const char*> {};

TEST_P(ReadPlan, RefusesEveryTruncation) {
  Bytes bytes = plan_bytes(guest(GetParam()));
  for (std::size_t size = 0; size < bytes.size(); size++)
    EXPECT_FALSE(read_plan(std::span(bytes).first(size)).has_value()) << size;
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(read_plan(bytes).has_value());
}

// A flipped bit in a name or in a module's bytes goes unseen; anything else must be refused. Either
// way nothing may be read out of bounds, which the sanitizers watch.
TEST_P(ReadPlan, SurvivesEveryFlippedBit) {
  Bytes bytes = plan_bytes(guest(GetParam()));
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit++) {
    std::byte mask{static_cast<unsigned char>(1u << (bit % 8))};
    bytes[bit / 8] ^= mask;
    refused += read_plan(bytes).has_value() ? 0 : 1;
    bytes[bit / 8] ^= mask;
  }
  EXPECT_GT(refused, bytes.size());
  EXPECT_TRUE(read_plan(bytes).has_value());
}

// The same one stage earlier: of a damaged component the planner makes a plan that reads, or an
// error.
TEST_P(ReadPlan, ReadsWhateverThePlannerMakesOfDamagedComponents) {
  Bytes wasm = guest(GetParam());
  for (std::size_t bit = 0; bit < wasm.size() * 8; bit++) {
    std::byte mask{static_cast<unsigned char>(1u << (bit % 8))};
    wasm[bit / 8] ^= mask;
    if (auto bytes = make_plan(wasm)) {
      auto plan = read_plan(*bytes);
      EXPECT_TRUE(plan.has_value()) << "bit " << bit << ": " << plan.error().message();
    }
    wasm[bit / 8] ^= mask;
  }
}

INSTANTIATE_TEST_SUITE_P(Guests, ReadPlan,
                         testing::Values("values", "resources", "composed", "async", "shim"));

} // namespace
} // namespace nacre::component
