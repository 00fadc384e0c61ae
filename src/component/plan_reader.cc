// SPDX-License-Identifier: Apache-2.0
#include "component/plan_reader.h"

#include "component/plan_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace nacre::component {
namespace {

constexpr std::array kMagic{'N', 'P', 'L', 'N'};
constexpr std::uint32_t kVersion = 1;

// Takes values off the front of the bytes. After the first failure every read gives zero and every
// list is empty, so that parsing code needs no checks of its own; error() tells at the end.
class Cursor {
public:
  explicit Cursor(std::span<const std::byte> bytes) : rest_(bytes), size_(bytes.size()) {}

  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }
  bool at_end() const { return rest_.empty(); }

  void fail(std::string_view what) {
    if (!failed())
      error_ = fmt::format("{} (at byte {} of the plan)", what, size_ - rest_.size());
    rest_ = {};
  }

  std::span<const std::byte> take(std::size_t count) {
    if (count > rest_.size()) {
      fail("the plan is cut short");
      return {};
    }
    auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  std::uint8_t u8() {
    auto taken = take(1);
    return taken.empty() ? 0 : std::to_integer<std::uint8_t>(taken[0]);
  }

  std::uint32_t u32() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; std::byte b : take(4)) {
      value |= std::to_integer<std::uint32_t>(b) << shift;
      shift += 8;
    }
    return value;
  }

  bool flag() {
    std::uint8_t value = u8();
    if (value > 1)
      fail("a yes or no is neither");
    return value == 1;
  }

  // An enumeration's value below `count`.
  template <class E> E one_of(std::size_t count) {
    std::uint8_t value = u8();
    if (value >= count)
      fail(fmt::format("an unknown kind {}", value));
    return static_cast<E>(failed() ? 0 : value);
  }

  std::span<const std::byte> bytes() { return take(u32()); }

  std::string string() {
    auto taken = bytes();
    std::string text(taken.size(), '\0');
    std::transform(taken.begin(), taken.end(), text.begin(),
                   [](std::byte b) { return std::to_integer<char>(b); });
    return text;
  }

  // A counted list. Every entry takes at least one byte, so the count cannot make us allocate much
  // more than we were given.
  template <class F> auto list(F each) {
    std::vector<decltype(each(*this))> items;
    std::uint32_t count = u32();
    if (count > rest_.size())
      fail("a list is longer than the plan");
    else
      items.reserve(std::min<std::uint32_t>(count, 1024));
    for (std::uint32_t i = 0; i < count && !failed(); i++)
      items.push_back(each(*this));
    return items;
  }

private:
  std::span<const std::byte> rest_;
  std::size_t size_;
  std::string error_;
};

Plan::Counts counts(Cursor& c) {
  Plan::Counts counts;
  for (std::uint32_t* field :
       {&counts.core_instances, &counts.component_instances, &counts.memories, &counts.reallocs,
        &counts.callbacks, &counts.post_returns, &counts.tables, &counts.lowerings})
    *field = c.u32();
  return counts;
}

Plan::Module module(Cursor& c) {
  Plan::Module module;
  auto bytes = c.bytes();
  module.bytes.assign(bytes.begin(), bytes.end());
  module.has_start = c.flag();
  module.imports = c.list([](Cursor& i) {
    Plan::Module::Import import;
    import.module = i.string();
    import.name = i.string();
    return import;
  });
  module.exports = c.list([](Cursor& i) { return i.string(); });
  return module;
}

Plan::Field field(Cursor& c) {
  Plan::Field field;
  field.name = c.string();
  field.type = c.u32();
  field.offset = c.u32();
  return field;
}

Plan::Type type(Cursor& c) {
  Plan::Type type;
  type.kind = c.one_of<Plan::TypeKind>(Plan::kTypeKinds);
  type.size = c.u32();
  type.align = c.u32();
  type.discriminant_size = c.u32();
  type.payload_offset = c.u32();
  type.length = c.u32();
  type.stride = c.u32();
  type.table = c.u32();
  type.flattens = c.flag();
  type.flat = c.string();
  type.fields = c.list(field);
  return type;
}

Plan::Function function(Cursor& c) {
  Plan::Function function;
  function.is_async = c.flag();
  function.params = c.u32();
  function.results = c.u32();
  function.param_names = c.list([](Cursor& i) { return i.string(); });
  function.signature = c.string();
  return function;
}

Plan::Resource resource(Cursor& c) {
  Plan::Resource resource;
  resource.name = c.string();
  resource.import = c.u32();
  resource.instance = c.u32();
  return resource;
}

Plan::ResourceTable resource_table(Cursor& c) {
  Plan::ResourceTable table;
  table.resource = c.u32();
  table.instance = c.u32();
  return table;
}

Plan::PayloadTable payload_table(Cursor& c) {
  Plan::PayloadTable table;
  table.payload = c.u32();
  table.instance = c.u32();
  return table;
}

Plan::Import import(Cursor& c) {
  Plan::Import import;
  import.instance_name = c.string();
  import.interface = c.string();
  import.name = c.string();
  import.function = c.u32();
  return import;
}

// Bits 0 and 1 of one byte.
std::pair<bool, bool> two_flags(Cursor& c) {
  std::uint8_t bits = c.u8();
  if (bits > 3)
    c.fail("flags that do not exist");
  return {(bits & 1) != 0, (bits & 2) != 0};
}

Plan::Options options(Cursor& c) {
  Plan::Options options;
  options.encoding = c.one_of<Plan::StringEncoding>(3);
  std::tie(options.is_async, options.cancellable) = two_flags(c);
  options.instance = c.u32();
  options.memory = c.u32();
  options.realloc = c.u32();
  options.callback = c.u32();
  options.post_return = c.u32();
  options.core_type = c.string();
  return options;
}

Plan::Trampoline trampoline(Cursor& c) {
  using Kind = Plan::TrampolineKind;
  Plan::Trampoline made;
  made.kind = c.one_of<Kind>(Plan::kTrampolineKinds);
  std::tie(made.is_async, made.cancellable) = two_flags(c);
  made.instance = c.u32();
  made.options = c.u32();
  made.type = c.u32();
  std::uint32_t a = c.u32();
  std::uint32_t b = c.u32();
  made.core_type = c.string();
  switch (made.kind) {
  case Kind::lower_import:
    made.import = a;
    break;
  case Kind::transcode:
    if (made.type >= Plan::kTranscodes)
      c.fail("an unknown string copy");
    made.transcode = static_cast<Plan::Transcode>(made.type % Plan::kTranscodes);
    made.type = kNone;
    made.from = a;
    made.to = b;
    break;
  case Kind::prepare_call:
    made.memory = a;
    break;
  case Kind::sync_start_call:
  case Kind::async_start_call:
    made.callback = a;
    made.post_return = b;
    break;
  case Kind::thread_new_indirect:
    made.table = a;
    break;
  default:
    break;
  }
  return made;
}

Plan::CoreDef core_def(Cursor& c) {
  Plan::CoreDef def;
  def.kind = c.one_of<Plan::CoreDef::Kind>(5);
  def.index = c.u32();
  def.name = c.u32();
  return def;
}

template <class T> Plan::Initializer extract(Cursor& c) {
  T made;
  made.index = c.u32();
  made.def = core_def(c);
  return made;
}

Plan::Initializer instantiate(Cursor& c) {
  Plan::Instantiate made;
  made.module = c.u32();
  made.component_instance = c.u32();
  made.args = c.list(core_def);
  return made;
}

Plan::Initializer lower_import(Cursor& c) {
  Plan::LowerImport made;
  made.lowering = c.u32();
  made.import = c.u32();
  return made;
}

Plan::Initializer define_resource(Cursor& c) {
  Plan::DefineResource made;
  made.resource = c.u32();
  made.has_dtor = c.flag();
  if (made.has_dtor)
    made.dtor = core_def(c);
  return made;
}

Plan::Initializer initializer(Cursor& c) {
  constexpr std::array kReaders{
      instantiate,
      lower_import,
      extract<Plan::ExtractMemory>,
      extract<Plan::ExtractRealloc>,
      extract<Plan::ExtractCallback>,
      extract<Plan::ExtractPostReturn>,
      extract<Plan::ExtractTable>,
      define_resource,
  };
  return kReaders[c.one_of<std::uint8_t>(kReaders.size())](c);
}

Plan::NamedExport named_export(Cursor& c) {
  Plan::NamedExport named;
  named.name = c.string();
  named.export_index = c.u32();
  return named;
}

Plan::Export exported(Cursor& c) {
  switch (c.one_of<std::uint8_t>(4)) {
  case 0: {
    Plan::ExportFunction made;
    made.function = c.u32();
    made.options = c.u32();
    made.def = core_def(c);
    return made;
  }
  case 1:
    return Plan::ExportInstance{c.list(named_export)};
  case 2: {
    Plan::ExportType made;
    made.type = c.u32();
    made.resource = c.u32();
    return made;
  }
  default:
    return Plan::ExportModule{c.u32()};
  }
}

Plan::Producer producer(Cursor& c) {
  Plan::Producer producer;
  producer.field = c.string();
  producer.name = c.string();
  producer.version = c.string();
  return producer;
}

void header(Cursor& c) {
  for (char letter : kMagic)
    if (c.u8() != static_cast<std::uint8_t>(letter))
      return c.fail("these bytes are not a plan");
  std::uint32_t version = c.u32();
  if (!c.failed() && version != kVersion)
    c.fail(fmt::format("a plan of version {}; version {} is read here", version, kVersion));
}

} // namespace

Result<Plan> read_plan(std::span<const std::byte> bytes) {
  Cursor c(bytes);
  Plan plan;
  header(c);
  std::tie(plan.concurrent, plan.bypassed) = two_flags(c);
  plan.counts = counts(c);
  plan.modules = c.list(module);
  plan.types = c.list(type);
  plan.functions = c.list(function);
  plan.resources = c.list(resource);
  plan.resource_tables = c.list(resource_table);
  plan.stream_tables = c.list(payload_table);
  plan.future_tables = c.list(payload_table);
  plan.error_context_tables = c.list([](Cursor& i) { return i.u32(); });
  plan.imports = c.list(import);
  plan.options = c.list(options);
  plan.trampolines = c.list(trampoline);
  plan.initializers = c.list(initializer);
  plan.exports = c.list(exported);
  plan.root_exports = c.list(named_export);
  plan.producers = c.list(producer);
  if (!c.failed() && !c.at_end())
    c.fail("bytes after the end");
  if (c.failed())
    return Error{Code::invalid, c.error()};
  TRY_OK(check_plan(plan).context("checking the plan"));
  return plan;
}

} // namespace nacre::component
