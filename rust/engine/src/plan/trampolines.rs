// SPDX-License-Identifier: Apache-2.0
//! Trampolines: what the host must provide as core functions. One exhaustive match, so that an upgrade cannot add one unseen.

use super::build::Builder;
use super::model::*;
use wasmtime_environ::component as env;

impl Builder<'_> {
    pub fn trampoline(
        &mut self,
        trampoline: &env::Trampoline,
        core_type: String,
    ) -> Result<Trampoline, String> {
        use TrampolineKind as K;
        use env::Trampoline as T;
        let new = |kind| Trampoline {
            kind,
            core_type: core_type.clone(),
            instance: NONE,
            options: NONE,
            ty: NONE,
            a: NONE,
            b: NONE,
            is_async: false,
            cancellable: false,
        };
        let on = |kind, instance: &env::RuntimeComponentInstanceIndex| Trampoline {
            instance: instance.as_u32(),
            ..new(kind)
        };
        let typed = |kind, instance, ty: u32| Trampoline { ty, ..on(kind, instance) };
        let copy = |kind, instance, ty: u32, options: &env::OptionsIndex| Trampoline {
            options: options.as_u32(),
            ..typed(kind, instance, ty)
        };
        let waiting =
            |kind, instance, cancellable| Trampoline { cancellable, ..on(kind, instance) };
        Ok(match trampoline {
            T::LowerImport { index, lower_ty, options } => Trampoline {
                options: options.as_u32(),
                ty: self.function(*lower_ty)?,
                a: self.lowering(index.as_u32())?,
                ..new(K::LowerImport)
            },
            T::Transcoder { op, from, from64, to, to64 } => {
                if *from64 || *to64 {
                    return Err("components with 64-bit memories are not supported".into());
                }
                let (ty, a, b) = (transcode(*op) as u32, from.as_u32(), to.as_u32());
                Trampoline { ty, a, b, ..new(K::Transcode) }
            }
            T::ResourceNew { instance, ty } => typed(K::ResourceNew, instance, ty.as_u32()),
            T::ResourceRep { instance, ty } => typed(K::ResourceRep, instance, ty.as_u32()),
            T::ResourceDrop { instance, ty } => typed(K::ResourceDrop, instance, ty.as_u32()),
            T::ResourceTransferOwn => new(K::ResourceTransferOwn),
            T::ResourceTransferBorrow => new(K::ResourceTransferBorrow),
            T::EnterSyncCall => new(K::EnterSyncCall),
            T::ExitSyncCall => new(K::ExitSyncCall),
            T::Trap => new(K::Trap),
            T::PrepareCall { memory } => {
                Trampoline { a: memory.map_or(NONE, |m| m.as_u32()), ..new(K::PrepareCall) }
            }
            T::SyncStartCall { callback } => {
                Trampoline { a: callback.map_or(NONE, |c| c.as_u32()), ..new(K::SyncStartCall) }
            }
            T::AsyncStartCall { callback, post_return } => Trampoline {
                a: callback.map_or(NONE, |c| c.as_u32()),
                b: post_return.map_or(NONE, |p| p.as_u32()),
                ..new(K::AsyncStartCall)
            },
            T::FutureTransfer => new(K::FutureTransfer),
            T::StreamTransfer => new(K::StreamTransfer),
            T::ErrorContextTransfer => new(K::ErrorContextTransfer),
            T::TaskReturn { instance, results, options } => {
                let ty = self.tuple(*results);
                copy(K::TaskReturn, instance, ty, options)
            }
            T::TaskCancel { instance } => on(K::TaskCancel, instance),
            T::BackpressureInc { instance } => on(K::BackpressureInc, instance),
            T::BackpressureDec { instance } => on(K::BackpressureDec, instance),
            T::WaitableSetNew { instance } => on(K::WaitableSetNew, instance),
            T::WaitableSetWait { instance, options } => {
                copy(K::WaitableSetWait, instance, NONE, options)
            }
            T::WaitableSetPoll { instance, options } => {
                copy(K::WaitableSetPoll, instance, NONE, options)
            }
            T::WaitableSetDrop { instance } => on(K::WaitableSetDrop, instance),
            T::WaitableJoin { instance } => on(K::WaitableJoin, instance),
            T::SubtaskDrop { instance } => on(K::SubtaskDrop, instance),
            T::SubtaskCancel { instance, async_ } => {
                Trampoline { is_async: *async_, ..on(K::SubtaskCancel, instance) }
            }
            T::StreamNew { instance, ty } => typed(K::StreamNew, instance, ty.as_u32()),
            T::StreamRead { instance, ty, options } => {
                copy(K::StreamRead, instance, ty.as_u32(), options)
            }
            T::StreamWrite { instance, ty, options } => {
                copy(K::StreamWrite, instance, ty.as_u32(), options)
            }
            T::StreamCancelRead { instance, ty, async_ } => Trampoline {
                is_async: *async_,
                ..typed(K::StreamCancelRead, instance, ty.as_u32())
            },
            T::StreamCancelWrite { instance, ty, async_ } => Trampoline {
                is_async: *async_,
                ..typed(K::StreamCancelWrite, instance, ty.as_u32())
            },
            T::StreamDropReadable { instance, ty } => {
                typed(K::StreamDropReadable, instance, ty.as_u32())
            }
            T::StreamDropWritable { instance, ty } => {
                typed(K::StreamDropWritable, instance, ty.as_u32())
            }
            T::FutureNew { instance, ty } => typed(K::FutureNew, instance, ty.as_u32()),
            T::FutureRead { instance, ty, options } => {
                copy(K::FutureRead, instance, ty.as_u32(), options)
            }
            T::FutureWrite { instance, ty, options } => {
                copy(K::FutureWrite, instance, ty.as_u32(), options)
            }
            T::FutureCancelRead { instance, ty, async_ } => Trampoline {
                is_async: *async_,
                ..typed(K::FutureCancelRead, instance, ty.as_u32())
            },
            T::FutureCancelWrite { instance, ty, async_ } => Trampoline {
                is_async: *async_,
                ..typed(K::FutureCancelWrite, instance, ty.as_u32())
            },
            T::FutureDropReadable { instance, ty } => {
                typed(K::FutureDropReadable, instance, ty.as_u32())
            }
            T::FutureDropWritable { instance, ty } => {
                typed(K::FutureDropWritable, instance, ty.as_u32())
            }
            T::ErrorContextNew { instance, ty, options } => {
                copy(K::ErrorContextNew, instance, ty.as_u32(), options)
            }
            T::ErrorContextDebugMessage { instance, ty, options } => {
                copy(K::ErrorContextDebugMessage, instance, ty.as_u32(), options)
            }
            T::ErrorContextDrop { instance, ty } => {
                typed(K::ErrorContextDrop, instance, ty.as_u32())
            }
            T::ThreadIndex { instance } => on(K::ThreadIndex, instance),
            // The start function's type is always (i32) -> (): validation knows no other.
            T::ThreadNewIndirect { instance, start_func_ty_idx: _, start_func_table_idx } => {
                Trampoline {
                    a: start_func_table_idx.as_u32(),
                    ..on(K::ThreadNewIndirect, instance)
                }
            }
            T::ThreadResumeLater { instance } => on(K::ThreadResumeLater, instance),
            T::ThreadSuspend { instance, cancellable } => {
                waiting(K::ThreadSuspend, instance, *cancellable)
            }
            T::ThreadYield { instance, cancellable } => {
                waiting(K::ThreadYield, instance, *cancellable)
            }
            T::ThreadSuspendThenResume { instance, cancellable } => {
                waiting(K::ThreadSuspendThenResume, instance, *cancellable)
            }
            T::ThreadYieldThenResume { instance, cancellable } => {
                waiting(K::ThreadYieldThenResume, instance, *cancellable)
            }
            T::ThreadSuspendThenPromote { instance, cancellable } => {
                waiting(K::ThreadSuspendThenPromote, instance, *cancellable)
            }
            T::ThreadYieldThenPromote { instance, cancellable } => {
                waiting(K::ThreadYieldThenPromote, instance, *cancellable)
            }
        })
    }
}

fn transcode(op: env::Transcode) -> Transcode {
    match op {
        env::Transcode::Copy(env::FixedEncoding::Utf8) => Transcode::CopyUtf8,
        env::Transcode::Copy(env::FixedEncoding::Utf16) => Transcode::CopyUtf16,
        env::Transcode::Copy(env::FixedEncoding::Latin1) => Transcode::CopyLatin1,
        env::Transcode::Latin1ToUtf16 => Transcode::Latin1ToUtf16,
        env::Transcode::Latin1ToUtf8 => Transcode::Latin1ToUtf8,
        env::Transcode::Utf16ToCompactProbablyUtf16 => Transcode::Utf16ToCompactProbablyUtf16,
        env::Transcode::Utf16ToCompactUtf16 => Transcode::Utf16ToCompactUtf16,
        env::Transcode::Utf16ToLatin1 => Transcode::Utf16ToLatin1,
        env::Transcode::Utf16ToUtf8 => Transcode::Utf16ToUtf8,
        env::Transcode::Utf8ToCompactUtf16 => Transcode::Utf8ToCompactUtf16,
        env::Transcode::Utf8ToLatin1 => Transcode::Utf8ToLatin1,
        env::Transcode::Utf8ToUtf16 => Transcode::Utf8ToUtf16,
    }
}
