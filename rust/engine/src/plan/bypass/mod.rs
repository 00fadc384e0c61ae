// SPDX-License-Identifier: Apache-2.0
//! Takes the indirection through a shim module out of a plan.
//!
//! A component's main module needs its imports before its memory exists, so tools put a shim in front: a module
//! whose functions call through a table that a second module, the fixup, fills once everything is there.
//! Our host functions find the memory when they are called, so main can import them directly. Then main needs
//! no other instance, and one prepared instantiation serves every store.
//!
//! Nothing a guest can see may change. So both modules must do exactly this and no more ([`decode`]), be
//! instantiated once, have no other users of the table, and no guest code may run between them (a start
//! function could call through the empty table, which traps). Anything else stays as it is.

mod decode;

use super::model::*;
use decode::{Fixup, Shim};

/// A start function that the fixup ran is run by this module instead: it imports one function and starts it.
const STARTER: &[u8] = &[
    0, b'a', b's', b'm', 1, 0, 0, 0, //
    1, 4, 1, 0x60, 0, 0, // type 0: () -> ()
    2, 6, 1, 0, 1, b's', 0, 0, // import "" "s": function of type 0
    8, 1, 0, // start: function 0
];

/// Takes out every shim for which that is possible.
pub fn bypass(plan: &mut Plan) {
    while let Some(found) = (0..plan.counts.core_instances).find_map(|shim| find(plan, shim)) {
        found.apply(plan);
        plan.bypassed = true;
    }
}

/// A shim to take out.
struct Found {
    /// Core instances of the two modules.
    shim: u32,
    fixup: u32,
    /// The component instance of the fixup.
    owner: u32,
    /// What each export of the shim's module stands for; `None` is the table.
    targets: Vec<Option<CoreDef>>,
    start: Option<CoreDef>,
}

fn find(plan: &Plan, shim: u32) -> Option<Found> {
    let (shim_module, _) = instantiation(plan, shim)?;
    let decoded = decode::shim(&plan.modules[shim_module as usize].bytes)?;
    let exports = &plan.modules[shim_module as usize].exports;
    let table = exports.iter().position(|name| *name == decoded.table)? as u32;
    let fixup = only_user(plan, &CoreDef::Export { instance: shim, name: table })?;
    let (fixup_module, args) = instantiation(plan, fixup)?;
    let module = &plan.modules[fixup_module as usize];
    let filler = decode::fixup(&module.bytes)?;
    if args[filler.table] != (CoreDef::Export { instance: shim, name: table }) {
        return None;
    }
    let once = |module| instances(plan).filter(|(_, made, _)| *made == module).count() == 1;
    let exported =
        |wanted| plan.exports.iter().any(|e| matches!(e, Export::Module(m) if *m == wanted));
    let quiet = instances(plan)
        .filter(|(instance, ..)| (shim..fixup).contains(instance))
        .all(|(_, module, _)| !plan.modules[module as usize].has_start);
    if !quiet || ![shim_module, fixup_module].into_iter().all(|m| once(m) && !exported(m)) {
        return None;
    }
    let found = Found {
        shim,
        fixup,
        owner: owner(plan, fixup),
        targets: targets(exports, &decoded, &filler, args, shim)?,
        start: filler.start.map(|import| args[import].clone()),
    };
    found.reachable(plan).then_some(found)
}

/// What the shim's exports stand for, in their order. All of them must be filled in.
fn targets(
    exports: &[String],
    shim: &Shim,
    fixup: &Fixup,
    args: &[CoreDef],
    instance: u32,
) -> Option<Vec<Option<CoreDef>>> {
    let target = |name: &String| {
        let Some((slot, called)) = shim.functions.get(name) else { return Some(None) };
        let (import, ty) = fixup.slots.get(*slot as usize)?;
        let target = &args[*import];
        let loops = matches!(target, CoreDef::Export { instance: of, .. } if *of == instance);
        (ty == called && !loops).then(|| Some(target.clone()))
    };
    if fixup.slots.len() as u64 > shim.size {
        return None;
    }
    exports.iter().map(target).collect()
}

/// All instantiations: core instance, module, arguments.
fn instances(plan: &Plan) -> impl Iterator<Item = (u32, u32, &[CoreDef])> {
    let made = plan.initializers.iter().filter_map(|step| match step {
        Initializer::Instantiate { module, args, .. } => Some((*module, args.as_slice())),
        _ => None,
    });
    (0..).zip(made).map(|(instance, (module, args))| (instance, module, args))
}

fn instantiation(plan: &Plan, instance: u32) -> Option<(u32, &[CoreDef])> {
    instances(plan).nth(instance as usize).map(|(_, module, args)| (module, args))
}

fn owner(plan: &Plan, instance: u32) -> u32 {
    let mut owners = plan.initializers.iter().filter_map(|step| match step {
        Initializer::Instantiate { component_instance, .. } => Some(*component_instance),
        _ => None,
    });
    owners.nth(instance as usize).unwrap_or(NONE)
}

/// The one core instance that imports `def`, if nothing else uses it.
fn only_user(plan: &Plan, def: &CoreDef) -> Option<u32> {
    let mut users = Vec::new();
    for (instance, _, args) in instances(plan) {
        users.extend(args.iter().filter(|arg| *arg == def).map(|_| instance));
    }
    let elsewhere = plan.initializers.iter().any(|step| kept(step) == Some(def))
        || plan
            .exports
            .iter()
            .any(|e| matches!(e, Export::Function { def: used, .. } if used == def));
    match users[..] {
        [user] if !elsewhere => Some(user),
        _ => None,
    }
}

/// The core item that a step other than an instantiation names.
fn kept(step: &Initializer) -> Option<&CoreDef> {
    match step {
        Initializer::Instantiate { .. } | Initializer::LowerImport { .. } => None,
        Initializer::ExtractMemory { def, .. }
        | Initializer::ExtractRealloc { def, .. }
        | Initializer::ExtractCallback { def, .. }
        | Initializer::ExtractPostReturn { def, .. }
        | Initializer::ExtractTable { def, .. } => Some(def),
        Initializer::Resource { dtor, .. } => dtor.as_ref(),
    }
}

impl Found {
    fn target(&self, def: &CoreDef) -> Option<&CoreDef> {
        match def {
            CoreDef::Export { instance, name } if *instance == self.shim => {
                self.targets[*name as usize].as_ref()
            }
            _ => None,
        }
    }

    /// Whether every use of the shim comes after what it stands for. Destructors can wait: see `apply`.
    fn reachable(&self, plan: &Plan) -> bool {
        let mut made = 0;
        let known = |def: &CoreDef, made: u32| match self.target(def) {
            Some(CoreDef::Export { instance, .. }) => *instance < made,
            _ => true,
        };
        plan.initializers.iter().all(|step| match step {
            Initializer::Instantiate { args, .. } => {
                let fixup = made == self.fixup;
                let ok = fixup || args.iter().all(|arg| known(arg, made));
                made += 1;
                ok
            }
            Initializer::Resource { .. } => true,
            other => kept(other).is_none_or(|def| known(def, made)),
        })
    }

    fn apply(self, plan: &mut Plan) {
        let steps = std::mem::take(&mut plan.initializers);
        // Lowerings depend on nothing; now main may name those that used to come after it.
        let (mut done, steps): (Vec<_>, Vec<_>) =
            steps.into_iter().partition(|step| matches!(step, Initializer::LowerImport { .. }));
        // Resources whose destructor is in an instance that is not made yet. They are defined right after it:
        // nobody could have called the destructor earlier, since the shim's table was empty.
        let mut waiting: Vec<(u32, Initializer)> = Vec::new();
        let mut made = 0;
        for mut step in steps {
            match &mut step {
                Initializer::Instantiate { .. } => {
                    let instance = made;
                    made += 1;
                    if instance == self.shim {
                        continue;
                    }
                    if instance == self.fixup {
                        done.extend(self.starter(plan));
                        continue;
                    }
                    self.redirect(&mut step);
                    done.push(step);
                    let ready = |(needed, _): &mut (u32, _)| *needed == instance;
                    done.extend(waiting.extract_if(.., ready).map(|(_, resource)| resource));
                }
                Initializer::Resource { .. } => {
                    self.redirect(&mut step);
                    match kept(&step) {
                        Some(CoreDef::Export { instance, .. }) if *instance >= made => {
                            waiting.push((*instance, step));
                        }
                        _ => done.push(step),
                    }
                }
                _ => {
                    self.redirect(&mut step);
                    done.push(step);
                }
            }
        }
        plan.initializers = done;
        for export in &mut plan.exports {
            if let Export::Function { def, .. } = export {
                self.redirect_def(def);
            }
        }
        self.renumber(plan);
    }

    /// The step that runs the fixup's start function.
    fn starter(&self, plan: &mut Plan) -> Option<Initializer> {
        let start = self.start.as_ref()?;
        plan.modules.push(Module {
            bytes: STARTER.to_vec(),
            has_start: true,
            imports: vec![(String::new(), "s".into())],
            exports: Vec::new(),
        });
        let (module, component_instance) = (plan.modules.len() as u32 - 1, self.owner);
        let args = vec![self.target(start).unwrap_or(start).clone()];
        Some(Initializer::Instantiate { module, component_instance, args })
    }

    fn redirect(&self, step: &mut Initializer) {
        each_def(step, |def| self.redirect_def(def));
    }

    fn redirect_def(&self, def: &mut CoreDef) {
        if let Some(target) = self.target(def) {
            *def = target.clone();
        }
    }

    /// Closes the gaps that the two instances and their modules leave.
    fn renumber(&self, plan: &mut Plan) {
        let gone = |instance: u32| {
            u32::from(instance > self.shim)
                + u32::from(instance > self.fixup && self.start.is_none())
        };
        let renumber = |def: &mut CoreDef| {
            if let CoreDef::Export { instance, .. } = def {
                *instance -= gone(*instance);
            }
        };
        plan.initializers.iter_mut().for_each(|step| each_def(step, renumber));
        for export in &mut plan.exports {
            if let Export::Function { def, .. } = export {
                renumber(def);
            }
        }
        plan.counts.core_instances -= if self.start.is_none() { 2 } else { 1 };
        drop_unused_modules(plan);
    }
}

fn each_def(step: &mut Initializer, mut visit: impl FnMut(&mut CoreDef)) {
    match step {
        Initializer::Instantiate { args, .. } => args.iter_mut().for_each(visit),
        Initializer::LowerImport { .. } => {}
        Initializer::ExtractMemory { def, .. }
        | Initializer::ExtractRealloc { def, .. }
        | Initializer::ExtractCallback { def, .. }
        | Initializer::ExtractPostReturn { def, .. }
        | Initializer::ExtractTable { def, .. } => visit(def),
        Initializer::Resource { dtor, .. } => dtor.iter_mut().for_each(visit),
    }
}

fn drop_unused_modules(plan: &mut Plan) {
    let mut used = vec![false; plan.modules.len()];
    each_module(plan, |module| used[*module as usize] = true);
    let mut next = 0;
    let numbers: Vec<u32> = used
        .iter()
        .map(|used| {
            next += u32::from(*used);
            next.wrapping_sub(1)
        })
        .collect();
    each_module(plan, |module| *module = numbers[*module as usize]);
    let mut used = used.into_iter();
    plan.modules.retain(|_| used.next().unwrap_or(false));
}

fn each_module(plan: &mut Plan, mut visit: impl FnMut(&mut u32)) {
    for step in &mut plan.initializers {
        if let Initializer::Instantiate { module, .. } = step {
            visit(module);
        }
    }
    for export in &mut plan.exports {
        if let Export::Module(module) = export {
            visit(module);
        }
    }
}
