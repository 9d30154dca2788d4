//! The C ABI between generated code and the runtime: one signature,
//!
//! ```text
//! status = f(ctx: *mut Ctx, loc: u32, args: *const u64, out: *mut u64)
//! ```
//!
//! A status of 0 means that `*out` was written; 1 that the run holds a fault; 2 that the operation has no
//! value, and that the run holds the fault this becomes unless the program has an `else`. Nothing unwinds
//! out of a shim.
//!
//! # Safety
//!
//! Only generated code calls these, and only below [`Ctx::enter`]. So `ctx` points to the `Ctx` of a run
//! that is exclusively borrowed for as long as the code runs and that nobody else touches while a shim
//! does; `args` and `out` point into the caller's frame, with as many words as the callee reads.

use std::collections::BTreeMap;
use std::mem::offset_of;
use std::sync::OnceLock;

use reasmory_ir::{CmpOp, Loc, Rounding};
use reasmory_ops::{OpId, for_each_intrinsic};
use reasmory_runtime::engine::{self, Trap, guard};
use reasmory_runtime::{Fault, FaultKind, Run, Slot};

/// What generated code reads itself. Its first fields are the layout that the translation relies on.
#[repr(C)]
pub(crate) struct Ctx {
    fuel: *mut u64,
    noisy: u64,
    /// Where a function of the program leaves its result.
    result: u64,
    /// A `Run` of some lifetime; valid while the code runs.
    run: *mut Run<'static>,
}

impl Ctx {
    pub(crate) const FUEL: i32 = offset_of!(Ctx, fuel) as i32;
    pub(crate) const NOISY: i32 = offset_of!(Ctx, noisy) as i32;
    pub(crate) const RESULT: i32 = offset_of!(Ctx, result) as i32;

    /// Calls compiled code with a context for this run, which it borrows until the code returns.
    ///
    /// # Safety
    ///
    /// `entry` is the main function of a program compiled by this crate, and its code is not freed before
    /// this returns.
    pub(crate) unsafe fn enter(
        run: &mut Run<'_>,
        entry: unsafe extern "C" fn(*mut Ctx) -> i32,
    ) -> i32 {
        let noisy = u64::from(run.noisy);
        // The lifetime is erased, not extended: the pointer is used below `entry` only.
        let run: *mut Run<'static> = std::ptr::from_mut(run).cast();
        // SAFETY: `run` comes from a live exclusive reference; taking a field's address reads nothing.
        let fuel = unsafe { &raw mut (*run).fuel };
        let mut ctx = Ctx { fuel, noisy, result: 0, run };
        // SAFETY: by the caller's promise this is code of the expected signature.
        unsafe { entry(&raw mut ctx) }
    }
}

type Shim = unsafe extern "C" fn(*mut Ctx, u32, *const u64, *mut u64) -> i32;

/// Runs one step for generated code.
///
/// # Safety
///
/// As for every shim (see the module), with `count` words behind `args`.
unsafe fn shim(
    (ctx, loc, args, out): (*mut Ctx, u32, *const u64, *mut u64),
    count: usize,
    name: &str,
    step: impl FnOnce(&mut Run<'_>, &[Slot], Loc) -> Result<Slot, Fault>,
) -> i32 {
    let loc = Loc(loc);
    // SAFETY: the contract of the module: `ctx` and its run are live and not borrowed elsewhere.
    let run = unsafe { &mut *(*ctx).run };
    // SAFETY: the contract of the module: the caller's frame holds `count` words at `args`, initialized.
    let args = unsafe { std::slice::from_raw_parts(args, count) };
    match guard(run, loc, name, |run| step(run, args, loc)) {
        Ok(value) => {
            // SAFETY: the contract of the module: `out` is a word of the caller's frame.
            unsafe { out.write(value) };
            0
        }
        Err(status) => status as i32,
    }
}

macro_rules! op_shims {
    ($({
        #[doc = $doc:literal]
        $family:ident $name:ident $variant:ident ($($param:ident: $ty:ty,)*) -> $result:ty
    })*) => {
        mod ops {
            use super::{Ctx, OpId, shim};

            $(
                pub(super) unsafe extern "C" fn $name(
                    ctx: *mut Ctx,
                    loc: u32,
                    args: *const u64,
                    out: *mut u64,
                ) -> i32 {
                    const PARAMS: &[&str] = &[$(stringify!($param)),*];
                    // SAFETY: the caller keeps the contract of the module; the translation spills one
                    // word for each parameter of the operation.
                    unsafe {
                        shim((ctx, loc, args, out), PARAMS.len(), stringify!($name), |run, args, loc| {
                            run.op(OpId::$variant, args, loc)
                        })
                    }
                }
            )*
        }

        /// The symbol of an intrinsic.
        pub(crate) fn op_symbol(op: OpId) -> &'static str {
            match op { $(OpId::$variant => concat!("__reasmory_op_", stringify!($name)),)* }
        }

        fn op_shim(op: OpId) -> Shim {
            match op { $(OpId::$variant => ops::$name,)* }
        }
    };
}

for_each_intrinsic!(op_shims);

macro_rules! helpers {
    ($($variant:ident $name:ident $count:literal ($run:ident, $args:ident, $loc:ident) $body:expr;)*) => {
        /// Instructions of MIR that the runtime executes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Helper { $($variant,)* ListNew }

        mod rt {
            use super::*;

            $(
                pub(super) unsafe extern "C" fn $name(
                    ctx: *mut Ctx,
                    loc: u32,
                    args: *const u64,
                    out: *mut u64,
                ) -> i32 {
                    // SAFETY: the caller keeps the contract of the module; the translation spills the
                    // number of words given in the table.
                    unsafe {
                        shim((ctx, loc, args, out), $count, stringify!($name), |$run, $args, $loc| $body)
                    }
                }
            )*
        }

        impl Helper {
            const ALL: &[Helper] = &[$(Helper::$variant,)* Helper::ListNew];

            /// Its symbol.
            pub(crate) fn symbol(self) -> &'static str {
                match self {
                    $(Helper::$variant => concat!("__reasmory_rt_", stringify!($name)),)*
                    Helper::ListNew => "__reasmory_rt_list_new",
                }
            }

            fn shim(self) -> Shim {
                match self {
                    $(Helper::$variant => rt::$name,)*
                    Helper::ListNew => list_new,
                }
            }
        }
    };
}

helpers! {
    Fail fail 1 (run, args, _loc) Err(trap(args[0])?.fault(run));
    FloatMod float_mod 2 (run, args, _loc)
        caught(run, engine::float_mod(f64::from_bits(args[0]), f64::from_bits(args[1])).map(f64::to_bits));
    IntMod int_mod 2 (run, args, _loc)
        caught(run, engine::int_mod(args[0] as i64, args[1] as i64).map(|x| x as Slot));
    Round round 2 (run, args, _loc)
        caught(run, engine::round(rounding(args[0])?, f64::from_bits(args[1])).map(|x| x as Slot));
    Category category 1 (run, args, _loc) run.category(word(args[0])?);
    Compare compare 4 (run, args, loc) run
        .compare(cmp(args[0])?, f64::from_bits(args[1]), f64::from_bits(args[2]), args[3], loc)
        .map(Slot::from);
    Same same 3 (run, args, _loc) run.same_at(args[0], args[1], args[2]).map(Slot::from);
    ListPush list_push 2 (run, args, _loc) run.arena.push(args[0], args[1]).map(|()| 0);
    ListLen list_len 1 (run, args, _loc) run.arena.list(args[0]).map(|l| l.len() as Slot);
    ListGet list_get 2 (run, args, _loc) run.list_get(args[0], args[1] as i64);
    ListRange list_range 2 (run, args, _loc) run.list_range(args[0] as i64, args[1] as i64);
    ListSortBy list_sort_by 4 (run, args, loc)
        run.list_sort_by(args[0], args[1], args[2] != 0, args[3], loc);
    ListContains list_contains 3 (run, args, _loc)
        run.list_contains(args[0], args[1], args[2]).map(Slot::from);
    ListReverse list_reverse 1 (run, args, _loc) run.list_reverse(args[0]);
    ListConcat list_concat 2 (run, args, _loc) run.list_concat(args[0], args[1]);
    Field field 2 (run, args, _loc) run.field(args[0], word(args[1])?);
    GroupPart group_part 2 (run, args, _loc) run.group_part(args[0], word(args[1])?);
    GroupBy group_by 3 (run, args, _loc) run.group_by(args[0], args[1], args[2]);
    CategoryOf category_of 1 (run, args, _loc) run.category_of(args[0]);
    DirectionOf direction_of 1 (run, args, _loc) run.direction_of(args[0]);
    ToPlace to_place 2 (run, args, _loc) run.to_place(args[0], args[1]);
    ToMark to_mark 2 (run, args, _loc) run.to_mark(args[0], args[1]);
    Assert assert 2 (run, args, _loc)
        Err(run.assertion_failed((args[0] != 0).then_some(args[1])));
    Charge charge 1 (run, args, _loc) run.charge(args[0]).map(|()| 0);
    Show show 1 (run, args, loc) run.show(args[0], loc).map(|()| 0);
    Answer answer 3 (run, args, _loc) run.give_answer(args[0], args[1], word(args[2])?).map(|()| 0);
    NoValue no_value 1 (run, args, _loc) Err(engine::no_value(run, word(args[0])?));
    Forgive forgive 0 (run, _args, _loc) { run.forgive(); Ok(0) };
}

/// `[count, members …]`.
unsafe extern "C" fn list_new(ctx: *mut Ctx, loc: u32, args: *const u64, out: *mut u64) -> i32 {
    // SAFETY: the contract of the module; the translation spills the count first.
    let count = unsafe { args.read() } as usize;
    // SAFETY: the contract of the module; `count` members follow the count.
    unsafe {
        shim((ctx, loc, args.add(1), out), count, "list_new", |run, members, _| {
            run.list_new(members)
        })
    }
}

fn caught(run: &Run<'_>, result: Result<Slot, Trap>) -> Result<Slot, Fault> {
    result.map_err(|t| t.fault(run))
}

fn bad(what: &str, code: u64) -> Fault {
    Fault::new(FaultKind::Internal, format!("{code:#x} is no {what}"))
}

fn word(slot: u64) -> Result<u32, Fault> {
    u32::try_from(slot).map_err(|_| bad("index", slot))
}

fn trap(code: u64) -> Result<Trap, Fault> {
    Trap::ALL.iter().copied().find(|t| *t as u64 == code).ok_or_else(|| bad("trap", code))
}

const CMPS: [CmpOp; 6] = [CmpOp::Eq, CmpOp::Ne, CmpOp::Lt, CmpOp::Le, CmpOp::Gt, CmpOp::Ge];
const ROUNDINGS: [Rounding; 3] = [Rounding::Nearest, Rounding::Floor, Rounding::Ceil];

/// The number of a comparison in an argument.
pub(crate) fn cmp_code(op: CmpOp) -> i64 {
    CMPS.iter().position(|c| *c == op).map_or(-1, |i| i as i64)
}

fn cmp(code: u64) -> Result<CmpOp, Fault> {
    CMPS.get(code as usize).copied().ok_or_else(|| bad("comparison", code))
}

/// The number of a rounding in an argument.
pub(crate) fn rounding_code(how: Rounding) -> i64 {
    ROUNDINGS.iter().position(|r| *r == how).map_or(-1, |i| i as i64)
}

fn rounding(code: u64) -> Result<Rounding, Fault> {
    ROUNDINGS.get(code as usize).copied().ok_or_else(|| bad("rounding", code))
}

/// What a name outside the registry is bound to. Linking refuses such names first; this stands between
/// them and the process's own symbols.
extern "C" fn denied() -> i32 {
    reasmory_runtime::Status::Fault as i32
}

fn registry() -> &'static BTreeMap<&'static str, Shim> {
    static REGISTRY: OnceLock<BTreeMap<&'static str, Shim>> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let ops = OpId::all().map(|op| (op_symbol(op), op_shim(op)));
        let helpers = Helper::ALL.iter().map(|h| (h.symbol(), h.shim()));
        ops.chain(helpers).collect()
    })
}

/// Whether generated code may name this symbol.
pub(crate) fn is_registered(symbol: &str) -> bool {
    registry().contains_key(symbol)
}

/// The address of a symbol; never one of the process's.
pub(crate) fn address(symbol: &str) -> *const u8 {
    match registry().get(symbol) {
        Some(shim) => *shim as *const u8,
        None => denied as *const u8,
    }
}
