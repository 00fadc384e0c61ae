// SPDX-License-Identifier: Apache-2.0
// Plan: a component flattened into tables, ready to be linked and instantiated. Plain data, made by
// the planner (rust/engine), read and checked by plan_reader.h.
//
// All indices are into tables of the same Plan and have been checked, so users index without
// asking; kNone means absent, and only where a field says so. The types of the tables come first,
// the tables last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nacre::component {

inline constexpr std::uint32_t kNone = 0xffffffff;

struct Plan {
  /// A core module of the component, or an adapter between two of its parts made by the planner.
  struct Module {
    struct Import {
      std::string module;
      std::string name;
    };
    std::vector<std::byte> bytes; // valid except, perhaps, for its functions' bodies
    bool has_start = false;       // instantiation runs guest code
    std::vector<Import> imports;  // the order of Instantiate::args
    std::vector<std::string> exports;
  };

  enum class TypeKind : std::uint8_t {
    bool_,
    s8,
    u8,
    s16,
    u16,
    s32,
    u32,
    s64,
    u64,
    f32,
    f64,
    char_,
    string,
    list,
    fixed_list,
    map,
    record,
    tuple,
    variant,
    enum_,
    option,
    result,
    flags,
    own,
    borrow,
    stream,
    future,
    error_context,
  };
  static constexpr std::size_t kTypeKinds = 28;

  /// Part of a type. Which parts a type has:
  /// record, tuple: its fields · variant: its cases · option: "none", "some" · result: "ok",
  /// "error" · enum, flags: its names · list, fixed_list: the element · map: key and value of an
  /// entry · stream, future: the payload, or no part at all.
  struct Field {
    std::string name;   // empty for tuples, lists, maps, streams and futures
    std::uint32_t type; // an earlier type; kNone for a case without payload and for a mere name
    std::uint32_t offset = 0; // bytes from the start of the record, tuple or map entry
  };

  /// A value type with its layout in a 32-bit memory. Types come after the types they are made of.
  struct Type {
    TypeKind kind{};
    std::uint32_t size = 0;              // bytes, below 2^28; a multiple of align
    std::uint32_t align = 1;             // 1, 2, 4 or 8
    std::uint32_t discriminant_size = 0; // variant, enum, option, result: 1, 2 or 4
    std::uint32_t payload_offset = 0;    // variant, option, result
    std::uint32_t length = 0;            // fixed_list: how many elements
    std::uint32_t stride = 0;    // list, fixed_list, map: bytes from one element to the next
    std::uint32_t table = kNone; // own, borrow: resource table; stream, future, error_context:
                                 // table of that kind
    bool flattens = false;       // at most 16 core values
    std::string flat;            // their types as letters of "iIfF" (i32 i64 f32 f64)
    std::vector<Field> fields;
  };

  /// A component-level function type.
  struct Function {
    bool is_async = false;
    std::vector<std::string> param_names;
    std::uint32_t params = 0;  // a tuple with one field per name
    std::uint32_t results = 0; // a tuple with no field or one
    std::string signature;     // canonical text: equal texts, equal types
  };

  /// A resource type. Exactly one of `import` and `instance` is there.
  struct Resource {
    std::string name; // "wasi:io/streams/output-stream" (no version), or "#0" if a guest's own
    std::uint32_t import = kNone;   // what the host provides
    std::uint32_t instance = kNone; // the component instance that defines it
  };

  /// One resource type as one component instance sees it; handles in types and trampolines name
  /// these.
  struct ResourceTable {
    std::uint32_t resource = kNone; // kNone (both): only in types of components never instantiated
    std::uint32_t instance = kNone;
  };

  /// A type of streams or futures in one component instance.
  struct PayloadTable {
    std::uint32_t payload = kNone; // kNone: no payload
    std::uint32_t instance = 0;
  };

  /// Something the host must provide.
  struct Import {
    std::string instance_name; // as written, "wasi:io/streams@0.2.6"; empty for a bare item
    std::string interface;     // the interface it stands for: the same, or what `implements` says
    std::string name;          // the item: "[method]output-stream.write"
    std::uint32_t function = kNone; // kNone: a resource
  };

  enum class StringEncoding : std::uint8_t { utf8, utf16, compact_utf16 };

  /// Canonical options of one lift, lower or built-in. Indices count the runtime's extracted items.
  struct Options {
    StringEncoding encoding{};
    bool is_async = false;
    bool cancellable = false;
    std::uint32_t instance = 0;   // component instance
    std::uint32_t memory = kNone; // from here on: kNone if the option is not given
    std::uint32_t realloc = kNone;
    std::uint32_t callback = kNone;
    std::uint32_t post_return = kNone;
    std::string core_type; // "ii:i"; see Trampoline
  };

  /// Where a core item (function, memory, table, global) comes from.
  struct CoreDef {
    enum class Kind : std::uint8_t {
      export_,        // export `name` (into the module's exports) of core instance `index`
      trampoline,     // trampoline `index`
      instance_flags, // mutable i32 global of component instance `index`: 1 while it may leave
      task_may_block, // mutable i32 global: whether the running task may block
      context, // context slots: `index` is 0 get slot 0, 1 set slot 0, 2 get slot 1, 3 set slot 1
    };
    Kind kind{};
    std::uint32_t index = kNone;
    std::uint32_t name = kNone;
  };

  /// Makes the next core instance. `component_instance` is kNone for adapters.
  struct Instantiate {
    std::uint32_t module = 0;
    std::uint32_t component_instance = kNone;
    std::vector<CoreDef> args; // one per import of the module; only earlier instances are named
  };
  /// Binds a lowering slot to an imported function.
  struct LowerImport {
    std::uint32_t lowering = 0;
    std::uint32_t import = 0;
  };
  /// Keeps a core item under an index, for options and trampolines. Each index is filled once.
  struct ExtractMemory {
    std::uint32_t index = 0;
    CoreDef def;
  };
  struct ExtractRealloc {
    std::uint32_t index = 0;
    CoreDef def;
  };
  struct ExtractCallback {
    std::uint32_t index = 0;
    CoreDef def;
  };
  struct ExtractPostReturn {
    std::uint32_t index = 0;
    CoreDef def;
  };
  struct ExtractTable {
    std::uint32_t index = 0;
    CoreDef def;
  };
  /// Defines a guest's resource (represented by an i32).
  struct DefineResource {
    std::uint32_t resource = 0;
    bool has_dtor = false;
    CoreDef dtor; // (i32) -> ()
  };
  /// One step of instantiation; steps run in order.
  using Initializer =
      std::variant<Instantiate, LowerImport, ExtractMemory, ExtractRealloc, ExtractCallback,
                   ExtractPostReturn, ExtractTable, DefineResource>;

  /// What a trampoline does; names follow the component model's built-ins.
  enum class TrampolineKind : std::uint8_t {
    lower_import,
    transcode,
    resource_new,
    resource_rep,
    resource_drop,
    // Only adapters import these.
    resource_transfer_own,
    resource_transfer_borrow,
    enter_sync_call,
    exit_sync_call,
    trap,
    prepare_call,
    sync_start_call,
    async_start_call,
    future_transfer,
    stream_transfer,
    error_context_transfer,
    // Concurrency.
    task_return,
    task_cancel,
    backpressure_inc,
    backpressure_dec,
    waitable_set_new,
    waitable_set_wait,
    waitable_set_poll,
    waitable_set_drop,
    waitable_join,
    subtask_drop,
    subtask_cancel,
    stream_new,
    stream_read,
    stream_write,
    stream_cancel_read,
    stream_cancel_write,
    stream_drop_readable,
    stream_drop_writable,
    future_new,
    future_read,
    future_write,
    future_cancel_read,
    future_cancel_write,
    future_drop_readable,
    future_drop_writable,
    error_context_new,
    error_context_debug_message,
    error_context_drop,
    thread_index,
    thread_new_indirect,
    thread_resume_later,
    thread_suspend,
    thread_yield,
    thread_suspend_then_resume,
    thread_yield_then_resume,
    thread_suspend_then_promote,
    thread_yield_then_promote,
  };
  static constexpr std::size_t kTrampolineKinds = 53;

  /// String copies between two memories that adapters ask for; the adapter has checked the bounds.
  enum class Transcode : std::uint8_t {
    copy_utf8,
    copy_utf16,
    copy_latin1,
    latin1_to_utf16,
    latin1_to_utf8,
    utf16_to_compact_probably_utf16,
    utf16_to_compact_utf16,
    utf16_to_latin1,
    utf16_to_utf8,
    utf8_to_compact_utf16,
    utf8_to_latin1,
    utf8_to_utf16,
  };
  static constexpr std::size_t kTranscodes = 12;

  /// A core function that the host provides to a core module. Fields a kind does not use are kNone.
  struct Trampoline {
    TrampolineKind kind{};
    bool is_async = false;    // *_cancel_*, subtask_cancel: do not block
    bool cancellable = false; // thread_*: may be woken by cancellation
    std::string core_type;    // "params:results", letters i I f F v (i32 i64 f32 f64 v128), r (a
                              // function reference)
    std::uint32_t instance = kNone; // the calling component instance
    std::uint32_t options = kNone;
    std::uint32_t type = kNone;   // lower_import: function · task_return: tuple type · resource_*,
                                  // stream_*, future_*, error_context_*: table of that kind
    std::uint32_t import = kNone; // lower_import
    Transcode transcode{};        // transcode, from memory `from` to memory `to`
    std::uint32_t from = kNone;
    std::uint32_t to = kNone;
    std::uint32_t memory = kNone;      // prepare_call (may be absent)
    std::uint32_t callback = kNone;    // sync_start_call, async_start_call (may be absent)
    std::uint32_t post_return = kNone; // async_start_call (may be absent)
    std::uint32_t table = kNone;       // thread_new_indirect
  };

  struct NamedExport {
    std::string name;
    std::uint32_t export_index = 0;
  };

  /// A lifted function.
  struct ExportFunction {
    std::uint32_t function = 0;
    CoreDef def;
    std::uint32_t options = 0;
  };
  /// An instance; its items come earlier in the table of exports.
  struct ExportInstance {
    std::vector<NamedExport> items;
  };
  /// A type, for information: a value type, a resource or (both kNone) something else.
  struct ExportType {
    std::uint32_t type = kNone;
    std::uint32_t resource = kNone;
  };
  struct ExportModule {
    std::uint32_t module = 0;
  };
  using Export = std::variant<ExportFunction, ExportInstance, ExportType, ExportModule>;

  /// How many of each runtime thing instantiation makes.
  struct Counts {
    std::uint32_t core_instances = 0;
    std::uint32_t component_instances = 0;
    std::uint32_t memories = 0;
    std::uint32_t reallocs = 0;
    std::uint32_t callbacks = 0;
    std::uint32_t post_returns = 0;
    std::uint32_t tables = 0;
    std::uint32_t lowerings = 0;
  };

  /// A tool that made the component: {"processed-by", "rustc", "1.95.0"}.
  struct Producer {
    std::string field;
    std::string name;
    std::string version;
  };

  // The tables.
  bool concurrent = false; // uses component-model concurrency (WASI 0.3); else planned without it
  bool bypassed = false;   // the indirection through a shim module was taken out
  Counts counts;
  std::vector<Module> modules;
  std::vector<Type> types;
  std::vector<Function> functions;
  std::vector<Resource> resources;
  std::vector<ResourceTable> resource_tables;
  std::vector<PayloadTable> stream_tables;
  std::vector<PayloadTable> future_tables;
  std::vector<std::uint32_t> error_context_tables; // the owning component instance of each
  std::vector<Import> imports;
  std::vector<Options> options;
  std::vector<Trampoline> trampolines;
  std::vector<Initializer> initializers;
  std::vector<Export> exports;
  std::vector<NamedExport> root_exports;
  std::vector<Producer> producers;
};

} // namespace nacre::component
