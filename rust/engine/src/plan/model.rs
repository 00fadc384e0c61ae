// SPDX-License-Identifier: Apache-2.0
//! The plan as plain tables: what `src/component/plan.h` declares, on the writing side.
//!
//! Field meanings are documented there, once. Indices are `u32` into the tables of [`Plan`]; [`NONE`] means absent.

use std::collections::BTreeSet;

pub const NONE: u32 = u32::MAX;

#[derive(Default)]
pub struct Plan {
    pub concurrent: bool,
    pub bypassed: bool,
    pub modules: Vec<Module>,
    pub types: Vec<Type>,
    pub functions: Vec<Function>,
    pub resources: Vec<Resource>,
    pub resource_tables: Vec<ResourceTable>,
    pub stream_tables: Vec<PayloadTable>,
    pub future_tables: Vec<PayloadTable>,
    /// Owning component instance of each error-context table.
    pub error_context_tables: Vec<u32>,
    pub imports: Vec<Import>,
    pub options: Vec<Options>,
    pub trampolines: Vec<Trampoline>,
    pub initializers: Vec<Initializer>,
    pub exports: Vec<Export>,
    pub root_exports: Vec<NamedExport>,
    pub counts: Counts,
    /// (field, name, version), in order and without repetition.
    pub producers: BTreeSet<(String, String, String)>,
}

/// How many of each runtime thing instantiation makes.
#[derive(Default)]
pub struct Counts {
    pub core_instances: u32,
    pub component_instances: u32,
    pub memories: u32,
    pub reallocs: u32,
    pub callbacks: u32,
    pub post_returns: u32,
    pub tables: u32,
    pub lowerings: u32,
}

pub struct Module {
    pub bytes: Vec<u8>,
    pub has_start: bool,
    pub imports: Vec<(String, String)>,
    pub exports: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Bool,
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
    F32,
    F64,
    Char,
    String,
    List,
    FixedList,
    Map,
    Record,
    Tuple,
    Variant,
    Enum,
    Option,
    Result,
    Flags,
    Own,
    Borrow,
    Stream,
    Future,
    ErrorContext,
}

pub struct Type {
    pub kind: Kind,
    pub size: u32,
    pub align: u32,
    /// Core types of the flat form as letters; `None` if it has more than 16.
    pub flat: Option<String>,
    pub discriminant_size: u32,
    pub payload_offset: u32,
    pub length: u32,
    pub stride: u32,
    pub table: u32,
    pub fields: Vec<Field>,
}

/// A field, element, case or payload.
pub struct Field {
    pub name: String,
    /// `NONE`: a case without payload, an enum's or flags' name.
    pub ty: u32,
    pub offset: u32,
}

pub struct Function {
    pub is_async: bool,
    pub param_names: Vec<String>,
    pub params: u32,
    pub results: u32,
    pub signature: String,
}

pub struct Resource {
    pub name: String,
    pub import: u32,
    pub instance: u32,
}

pub struct ResourceTable {
    pub resource: u32,
    pub instance: u32,
}

pub struct PayloadTable {
    /// `NONE`: a stream or future without payload.
    pub payload: u32,
    pub instance: u32,
}

pub struct Import {
    pub instance_name: String,
    pub interface: String,
    pub name: String,
    /// `NONE`: a resource.
    pub function: u32,
}

#[derive(Clone, Copy)]
#[repr(u8)]
pub enum Encoding {
    Utf8,
    Utf16,
    CompactUtf16,
}

pub struct Options {
    pub instance: u32,
    pub encoding: Encoding,
    pub is_async: bool,
    pub cancellable: bool,
    pub memory: u32,
    pub realloc: u32,
    pub callback: u32,
    pub post_return: u32,
    pub core_type: String,
}

#[derive(Clone, PartialEq, Eq)]
pub enum CoreDef {
    /// Export `name` (index into the module's exports) of a core instance.
    Export {
        instance: u32,
        name: u32,
    },
    Trampoline(u32),
    InstanceFlags(u32),
    TaskMayBlock,
    /// `context.get` and `context.set` of slots 0 and 1: 0 get 0, 1 set 0, 2 get 1, 3 set 1.
    Context(u32),
}

pub enum Initializer {
    Instantiate { module: u32, component_instance: u32, args: Vec<CoreDef> },
    LowerImport { lowering: u32, import: u32 },
    ExtractMemory { index: u32, def: CoreDef },
    ExtractRealloc { index: u32, def: CoreDef },
    ExtractCallback { index: u32, def: CoreDef },
    ExtractPostReturn { index: u32, def: CoreDef },
    ExtractTable { index: u32, def: CoreDef },
    Resource { resource: u32, dtor: Option<CoreDef> },
}

pub struct Trampoline {
    pub kind: TrampolineKind,
    pub core_type: String,
    pub instance: u32,
    pub options: u32,
    pub ty: u32,
    /// First and second operand of kinds that have more; see `plan.h`.
    pub a: u32,
    pub b: u32,
    pub is_async: bool,
    pub cancellable: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum TrampolineKind {
    LowerImport,
    Transcode,
    ResourceNew,
    ResourceRep,
    ResourceDrop,
    ResourceTransferOwn,
    ResourceTransferBorrow,
    EnterSyncCall,
    ExitSyncCall,
    Trap,
    PrepareCall,
    SyncStartCall,
    AsyncStartCall,
    FutureTransfer,
    StreamTransfer,
    ErrorContextTransfer,
    TaskReturn,
    TaskCancel,
    BackpressureInc,
    BackpressureDec,
    WaitableSetNew,
    WaitableSetWait,
    WaitableSetPoll,
    WaitableSetDrop,
    WaitableJoin,
    SubtaskDrop,
    SubtaskCancel,
    StreamNew,
    StreamRead,
    StreamWrite,
    StreamCancelRead,
    StreamCancelWrite,
    StreamDropReadable,
    StreamDropWritable,
    FutureNew,
    FutureRead,
    FutureWrite,
    FutureCancelRead,
    FutureCancelWrite,
    FutureDropReadable,
    FutureDropWritable,
    ErrorContextNew,
    ErrorContextDebugMessage,
    ErrorContextDrop,
    ThreadIndex,
    ThreadNewIndirect,
    ThreadResumeLater,
    ThreadSuspend,
    ThreadYield,
    ThreadSuspendThenResume,
    ThreadYieldThenResume,
    ThreadSuspendThenPromote,
    ThreadYieldThenPromote,
}

/// The string copies between two memories that adapters ask for; operand `ty` of `Transcode`.
#[derive(Clone, Copy)]
#[repr(u32)]
pub enum Transcode {
    CopyUtf8,
    CopyUtf16,
    CopyLatin1,
    Latin1ToUtf16,
    Latin1ToUtf8,
    Utf16ToCompactProbablyUtf16,
    Utf16ToCompactUtf16,
    Utf16ToLatin1,
    Utf16ToUtf8,
    Utf8ToCompactUtf16,
    Utf8ToLatin1,
    Utf8ToUtf16,
}

pub enum Export {
    Function {
        function: u32,
        def: CoreDef,
        options: u32,
    },
    /// Children come before their parent in the table.
    Instance(Vec<NamedExport>),
    /// A value type or a resource; `NONE` for the one it is not, both for other types.
    Type {
        ty: u32,
        resource: u32,
    },
    Module(u32),
}

pub struct NamedExport {
    pub name: String,
    pub export: u32,
}
