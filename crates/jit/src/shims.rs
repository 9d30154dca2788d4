//! The C ABI between generated code and the runtime: one signature,
//!
//! ```text
//! status = f(ctx: *mut Ctx, loc: u32)
//! ```
//!
//! (`steps` alone takes the frame as well.) Arguments are words of the context, and so is the result. A status of 0 means that the result was
//! written; 1 that the run holds a fault; 2 that the operation has no value, and that the run holds the
//! fault this becomes unless the program has an `else`. A status that is not 0 is in the context as well.
//! Nothing unwinds out of a shim.
//!
//! # Safety
//!
//! Only generated code calls these, and only below [`Ctx::enter`]. So `ctx` points to the `Ctx` of a run
//! that is exclusively borrowed for as long as the code runs and that nobody else touches while a shim
//! does; its argument words hold as many arguments as the callee reads. A list of more members than there
//! are words comes by address: of the caller's frame, with as many words as the count says.

use std::collections::BTreeMap;
use std::mem::offset_of;
use std::sync::OnceLock;

use reasmory_ir::{CmpOp, FuncId, InstKind, Loc, Program, Rounding, TermKind, Value};
use reasmory_ops::{OpId, for_each_intrinsic};
use reasmory_runtime::engine::{self, Trap, guard};
use reasmory_runtime::{Column, Fault, FaultKind, Run, Slot, direct, step};

use crate::plan::Batch;

/// Argument words of the context.
pub(crate) const ARGS: usize = 8;

/// A function of a program: context, place of the call, arguments, and a status.
pub(crate) type Entry = unsafe extern "C" fn(*mut Ctx, u32, *const u64) -> i32;

/// What a compiled program consists of, besides its memory.
pub(crate) struct Parts {
    /// The code of each function; none for one that calls step through.
    pub(crate) entries: Vec<Option<Entry>>,
    pub(crate) batches: Vec<Batch>,
    /// Whether the code reads columns.
    pub(crate) columns: bool,
}

/// What generated code reads and writes itself.
#[repr(C)]
pub(crate) struct Ctx {
    /// Steps left of what was drawn from the run's fuel; -1 asks for more.
    fuel: i64,
    noisy: u64,
    /// Where a shim or a function of the program leaves its result.
    result: u64,
    /// The last status that was not 0.
    status: i32,
    /// Where the function is called that a batch belongs to, if it is placed at its call.
    place: u32,
    /// The batches of the program, by number.
    batches: *const Batch,
    /// The functions of the program.
    entries: *const Option<Entry>,
    /// Slots of the categories that the program names, by index of the text; as many as it has texts.
    categories: *const u64,
    args: [u64; ARGS],
    /// How many more values the run may make.
    left: *mut u64,
    /// Rows of each column; 0 where the code reads no columns or the memory has none.
    rows: u64,
    columns: [*const u64; Column::COUNT],
    /// A `Run` of some lifetime; valid while the code runs.
    run: *mut Run<'static>,
}

impl Ctx {
    pub(crate) const FUEL: i32 = offset_of!(Ctx, fuel) as i32;
    pub(crate) const NOISY: i32 = offset_of!(Ctx, noisy) as i32;
    pub(crate) const RESULT: i32 = offset_of!(Ctx, result) as i32;
    pub(crate) const STATUS: i32 = offset_of!(Ctx, status) as i32;
    pub(crate) const PLACE: i32 = offset_of!(Ctx, place) as i32;
    pub(crate) const CATEGORIES: i32 = offset_of!(Ctx, categories) as i32;
    pub(crate) const LEFT: i32 = offset_of!(Ctx, left) as i32;
    pub(crate) const ROWS: i32 = offset_of!(Ctx, rows) as i32;
    pub(crate) const COLUMNS: i32 = offset_of!(Ctx, columns) as i32;
    pub(crate) const ARGUMENTS: i32 = offset_of!(Ctx, args) as i32;

    /// A context for a run and the parts of its program, both of which it must not outlive.
    fn new(run: &mut Run<'_>, parts: &Parts) -> Ctx {
        let mut rows = 0;
        let mut addresses = [std::ptr::null(); Column::COUNT];
        if parts.columns {
            let all = run.columns();
            rows = all.rows() as u64;
            for (address, column) in addresses.iter_mut().zip(all.all()) {
                *address = column.as_ptr();
            }
        }
        Ctx {
            fuel: run.draw_fuel() as i64,
            noisy: u64::from(run.noisy),
            result: 0,
            status: 0,
            place: 0,
            batches: parts.batches.as_ptr(),
            entries: parts.entries.as_ptr(),
            categories: run.categories().as_ptr(),
            args: [0; ARGS],
            left: std::ptr::from_mut(run.arena.left()),
            rows,
            columns: addresses,
            // The lifetime is erased, not extended: the pointer is used below [`Ctx::enter`] only.
            run: std::ptr::from_mut(run).cast(),
        }
    }

    /// Calls compiled code with a context for this run, which it borrows until the code returns.
    ///
    /// # Safety
    ///
    /// The parts are those of a program compiled by this crate, the run was made for that program, and its
    /// code is not freed before this returns.
    pub(crate) unsafe fn enter(run: &mut Run<'_>, parts: &Parts) -> i32 {
        let Some(Some(main)) = parts.entries.first() else {
            return reasmory_runtime::Status::Fault as i32;
        };
        let mut ctx = Ctx::new(run, parts);
        let none = ctx.args.as_ptr();
        // SAFETY: by the caller's promise this is code of the expected signature; it reads no arguments.
        let status = unsafe { main(&raw mut ctx, 0, none) };
        run.fuel += ctx.fuel.max(0) as u64;
        status
    }
}

/// Runs one step for generated code.
///
/// # Safety
///
/// As for every shim (see the module), with `count` words behind `args`.
unsafe fn shim(
    (ctx, loc): (*mut Ctx, u32),
    (args, count): (*const u64, usize),
    name: &str,
    step: impl FnOnce(&mut Run<'_>, &[Slot], Loc) -> Result<Slot, Fault>,
) -> i32 {
    let loc = Loc(loc);
    // SAFETY: the contract of the module: `ctx` and its run are live and not borrowed elsewhere.
    let run = unsafe { &mut *(*ctx).run };
    // SAFETY: the contract of the module: `count` words are there, and nothing writes them meanwhile.
    let args = unsafe { std::slice::from_raw_parts(args, count) };
    match guard(run, loc, name, |run| step(run, args, loc)) {
        Ok(value) => {
            // SAFETY: the contract of the module; `args` is not used any more.
            unsafe { (*ctx).result = value };
            0
        }
        Err(status) => {
            // SAFETY: as above.
            unsafe { (*ctx).status = status as i32 };
            status as i32
        }
    }
}

/// The argument words of a context.
///
/// # Safety
///
/// `ctx` is live.
unsafe fn words(ctx: *mut Ctx) -> *const u64 {
    // SAFETY: by the caller's promise; the address of a field is taken and nothing read.
    unsafe { (&raw const (*ctx).args).cast() }
}

/// Whether the result of an operation is a view, so that it may have to be put in words.
const fn is_view(result: &str) -> bool {
    // The type as the table's macro writes it, with or without its path.
    matches!(result.as_bytes(), [.., b'V', b'i', b'e', b'w'])
}

macro_rules! op_shims {
    ($({
        #[doc = $doc:literal]
        $family:ident $name:ident $variant:ident ($($param:ident: $ty:ty,)*) -> $result:ty
    })*) => {
        mod ops {
            use super::{ARGS, Ctx, OpId, direct, shim, words};

            $(
                pub(super) unsafe extern "C" fn $name(ctx: *mut Ctx, loc: u32) -> i32 {
                    const PARAMS: &[&str] = &[$(stringify!($param)),*];
                    const { assert!(PARAMS.len() <= ARGS) };
                    const VIEW: bool = super::is_view(stringify!($result));
                    // SAFETY: the caller keeps the contract of the module; the translation writes one
                    // word for each parameter of the operation.
                    unsafe {
                        shim((ctx, loc), (words(ctx), PARAMS.len()), stringify!($name), |run, args, loc| {
                            run.op_by(OpId::$variant, direct::$name, (args, loc), VIEW)
                        })
                    }
                }
            )*
        }

        /// The symbol of an intrinsic.
        pub(crate) fn op_symbol(op: OpId) -> &'static str {
            match op { $(OpId::$variant => concat!("__reasmory_op_", stringify!($name)),)* }
        }

        fn op_shim(op: OpId) -> usize {
            match op { $(OpId::$variant => ops::$name as *const () as usize,)* }
        }
    };
}

for_each_intrinsic!(op_shims);

macro_rules! helpers {
    ($($variant:ident $name:ident $count:literal ($run:ident, $args:ident, $loc:ident) $body:expr;)*) => {
        /// Instructions of MIR that the runtime executes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Helper { $($variant,)* ListNew, ListView, Record, PlaceCenter, Refuel, Fail, Steps }

        mod rt {
            use super::*;

            $(
                pub(super) unsafe extern "C" fn $name(ctx: *mut Ctx, loc: u32) -> i32 {
                    const _: usize = ARGS - $count;
                    // SAFETY: the caller keeps the contract of the module; the translation writes the
                    // number of words given in the table.
                    unsafe {
                        let args = (words(ctx), $count);
                        shim((ctx, loc), args, stringify!($name), |$run, $args, $loc| $body)
                    }
                }
            )*
        }

        impl Helper {
            const ALL: &[Helper] = &[$(Helper::$variant,)* Helper::ListNew, Helper::ListView, Helper::Record, Helper::PlaceCenter, Helper::Refuel, Helper::Fail, Helper::Steps];

            /// Its symbol.
            pub(crate) fn symbol(self) -> &'static str {
                match self {
                    $(Helper::$variant => concat!("__reasmory_rt_", stringify!($name)),)*
                    Helper::ListNew => "__reasmory_rt_list_new",
                    Helper::ListView => "__reasmory_rt_list_view",
                    Helper::Record => "__reasmory_rt_record",
                    Helper::PlaceCenter => "__reasmory_rt_place_center",
                    Helper::Refuel => "__reasmory_rt_refuel",
                    Helper::Fail => "__reasmory_rt_fail",
                    Helper::Steps => "__reasmory_rt_steps",
                }
            }

            /// Its address.
            fn shim(self) -> usize {
                match self {
                    $(Helper::$variant => rt::$name as *const () as usize,)*
                    Helper::ListNew => list_new as *const () as usize,
                    Helper::ListView => list_view as *const () as usize,
                    Helper::Record => record as *const () as usize,
                    Helper::PlaceCenter => place_center as *const () as usize,
                    Helper::Refuel => refuel as *const () as usize,
                    Helper::Fail => fail as *const () as usize,
                    Helper::Steps => steps as *const () as usize,
                }
            }
        }
    };
}

helpers! {
    FloatMod float_mod 2 (run, args, _loc)
        caught(run, engine::float_mod(f64::from_bits(args[0]), f64::from_bits(args[1])).map(f64::to_bits));
    IntMod int_mod 2 (run, args, _loc)
        caught(run, engine::int_mod(args[0] as i64, args[1] as i64).map(|x| x as Slot));
    Round round 2 (run, args, _loc)
        caught(run, engine::round(rounding(args[0])?, f64::from_bits(args[1])).map(|x| x as Slot));
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
    ToMark to_mark 2 (run, args, _loc) run.to_mark(args[0], args[1]);
    Assert assert 2 (run, args, _loc)
        Err(run.assertion_failed((args[0] != 0).then_some(args[1])));
    ChargeOne charge_one 0 (run, _args, _loc) run.arena.charge_one().map(|()| 0);
    Charge charge 1 (run, args, _loc) run.charge(args[0]).map(|()| 0);
    Show show 1 (run, args, loc) run.show(args[0], loc).map(|()| 0);
    Answer answer 3 (run, args, _loc) run.give_answer(args[0], args[1], word(args[2])?).map(|()| 0);
    NoValue no_value 1 (run, args, _loc) Err(engine::no_value(run, word(args[0])?));
    Forgive forgive 0 (run, _args, _loc) { run.forgive(); Ok(0) };
}

/// `[count, members …]`, or `[count, address of the members]` where they are more than fit.
unsafe extern "C" fn list_new(ctx: *mut Ctx, loc: u32) -> i32 {
    // SAFETY: the contract of the module: the first word is the count; then come the members, or where the
    // caller's frame has them.
    unsafe {
        let first = words(ctx);
        let count = first.read() as usize;
        let members = if count < ARGS { first.add(1) } else { first.add(1).read() as *const u64 };
        shim((ctx, loc), (members, count), "list_new", |run, members, _| run.list_new(members))
    }
}

/// The number of members, and in the first argument word where they lie. A list is never changed once this
/// has read it, so they stay there.
unsafe extern "C" fn list_view(ctx: *mut Ctx, loc: u32) -> i32 {
    let mut at = std::ptr::null();
    // SAFETY: the contract of the module: one argument; it is not read any more when it is written.
    unsafe {
        let status = shim((ctx, loc), (words(ctx), 1), "list_view", |run, args, _| {
            let members = run.arena.list(args[0])?;
            at = members.as_ptr();
            Ok(members.len() as Slot)
        });
        (*ctx).args[0] = at as u64;
        status
    }
}

/// Leaves three numbers in the argument words.
///
/// # Safety
///
/// As for every shim, with `count` arguments.
unsafe fn three(
    (ctx, loc): (*mut Ctx, u32),
    count: usize,
    name: &str,
    step: impl FnOnce(&mut Run<'_>, &[Slot]) -> Result<[f64; 3], Fault>,
) -> i32 {
    let mut made = [0.0; 3];
    // SAFETY: the contract of the module, which the caller keeps; the arguments are read by then.
    unsafe {
        let status = shim((ctx, loc), (words(ctx), count), name, |run, args, _| {
            made = step(run, args)?;
            Ok(0)
        });
        for (word, x) in (*ctx).args.iter_mut().zip(made) {
            *word = x.to_bits();
        }
        status
    }
}

/// The components of a record.
unsafe extern "C" fn record(ctx: *mut Ctx, loc: u32) -> i32 {
    // SAFETY: the contract of the module: one argument.
    unsafe { three((ctx, loc), 1, "record", |run, args| run.record(args[0])) }
}

/// The centre of a place, for an operation.
unsafe extern "C" fn place_center(ctx: *mut Ctx, loc: u32) -> i32 {
    // SAFETY: the contract of the module: two arguments.
    unsafe {
        three((ctx, loc), 2, "place_center", |run, args| {
            let op = OpId::all().nth(args[1] as usize).ok_or_else(|| bad("operation", args[1]))?;
            run.place_center(args[0], op)
        })
    }
}

/// Draws more fuel and spends one unit of it, unless none is left or the run is to end.
unsafe extern "C" fn refuel(ctx: *mut Ctx, loc: u32) -> i32 {
    let mut drawn = 0;
    // SAFETY: the contract of the module; no arguments.
    let status = unsafe {
        shim((ctx, loc), (words(ctx), 0), "refuel", |run, _, _| {
            run.poll()?;
            drawn = run.draw_fuel() as i64;
            if drawn == 0 { Err(Trap::OutOfFuel.fault(run)) } else { Ok(0) }
        })
    };
    // SAFETY: the contract of the module; the shim has returned.
    unsafe { (*ctx).fuel = (drawn - 1).max(0) };
    status
}

/// Executes a batch one instruction after the other. `frame` has a word for each value of the function;
/// those that the batch reads are written.
unsafe extern "C" fn steps(ctx: *mut Ctx, batch: u32, frame: *mut u64) -> i32 {
    // SAFETY: the contract of the module; the number is one of the program's, whose batches outlive the run.
    let (program, batch, place) = unsafe {
        let run = &*(*ctx).run;
        (run.program(), *(*ctx).batches.add(batch as usize), Loc((*ctx).place))
    };
    // SAFETY: the contract of the module.
    unsafe { execute(ctx, program, batch, place, frame) }
}

/// Executes the instructions of a batch. `place` is where its function is called.
///
/// # Safety
///
/// As for every shim; no reference into the context or its run is alive. The program is that of the run, and
/// `frame` has a word for each value of the batch's function, of which those that the batch reads are written.
unsafe fn execute(
    ctx: *mut Ctx,
    program: &Program,
    batch: Batch,
    place: Loc,
    frame: *mut u64,
) -> i32 {
    let function = batch.function as usize;
    let f = &program.functions[function];
    let insts = &f.blocks[batch.block as usize].insts[batch.from as usize..batch.to as usize];
    // SAFETY: the frame has a word for each value, and the verifier has checked that what is read is defined
    // before.
    let value = |v: Value| unsafe { frame.add(v.0 as usize).read() };
    for inst in insts {
        let loc = if f.at_call { place } else { inst.loc };
        let slot = if let InstKind::Call(callee, args) = &inst.kind {
            // SAFETY: no reference into the context or the run is held here.
            match unsafe { call(ctx, loc, *callee, args, value) } {
                // SAFETY: the contract of the module; the function has left its result.
                0 => unsafe { (*ctx).result },
                status => return status,
            }
        } else {
            // SAFETY: the contract of the module; the reference ends with the step.
            match step(unsafe { &mut *(*ctx).run }, function, inst, loc, value) {
                Ok(slot) => slot,
                Err(status) => {
                    // SAFETY: the contract of the module.
                    unsafe { (*ctx).status = status as i32 };
                    return status as i32;
                }
            }
        };
        if let Some(result) = inst.result {
            // SAFETY: as for reading.
            unsafe { frame.add(result.0 as usize).write(slot) };
        }
    }
    0
}

/// Calls a function of the program from a batch.
///
/// # Safety
///
/// As for every shim; no reference into the context or its run is alive.
unsafe fn call(
    ctx: *mut Ctx,
    loc: Loc,
    callee: FuncId,
    args: &[Value],
    value: impl Fn(Value) -> Slot,
) -> i32 {
    let mut few = [0; ARGS];
    let many: Vec<Slot>;
    let words = if args.len() <= ARGS {
        for (word, a) in few.iter_mut().zip(args) {
            *word = value(*a);
        }
        few.as_ptr()
    } else {
        many = args.iter().map(|a| value(*a)).collect();
        many.as_ptr()
    };
    // SAFETY: the verifier has checked the callee and its arguments; the code is that of this program.
    unsafe {
        match *(*ctx).entries.add(callee.0 as usize) {
            Some(code) => code(ctx, loc.0, words),
            None => stepped(ctx, loc, callee, words),
        }
    }
}

/// A call of a function that is one straight run and has no code: what its code would do.
///
/// # Safety
///
/// As for [`call`], with a word for each parameter behind `args`.
unsafe fn stepped(ctx: *mut Ctx, loc: Loc, callee: FuncId, args: *const u64) -> i32 {
    // SAFETY: by the caller's promise; the arguments lie outside the frame, and what the run is borrowed for
    // ends with each call.
    unsafe {
        (*ctx).fuel -= 1;
        if (*ctx).fuel < 0 {
            let status = refuel(ctx, loc.0);
            if status != 0 {
                return status;
            }
        }
        let program = (*(*ctx).run).program();
        let f = &program.functions[callee.0 as usize];
        let block = &f.blocks[0];
        let mut frame = vec![0; f.values.len()];
        for (i, p) in block.params.iter().enumerate() {
            frame[p.0 as usize] = args.add(i).read();
        }
        let to = block.insts.len() as u32;
        let batch = Batch { function: callee.0, block: 0, from: 0, to };
        let status = execute(ctx, program, batch, loc, frame.as_mut_ptr());
        if let (0, TermKind::Return(Some(v))) = (status, &block.term.kind) {
            (*ctx).result = frame[v.0 as usize];
        }
        status
    }
}

/// The place in an argument of `fail` that stands for the one it is called with.
pub(crate) const HERE: u32 = u32::MAX;

/// A fault of arithmetic: `place << 32 | trap`.
unsafe extern "C" fn fail(ctx: *mut Ctx, loc: u32) -> i32 {
    // SAFETY: the contract of the module: one argument.
    unsafe {
        let packed = words(ctx).read();
        let place = (packed >> 32) as u32;
        let loc = if place == HERE { loc } else { place };
        shim((ctx, loc), (words(ctx), 1), "fail", |run, _, _| {
            Err(trap(packed & u64::from(u32::MAX))?.fault(run))
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

fn registry() -> &'static BTreeMap<&'static str, usize> {
    static REGISTRY: OnceLock<BTreeMap<&'static str, usize>> = OnceLock::new();
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

/// What needs no generated code, so that Miri can run it too:
/// `cargo +nightly miri test -p reasmory_jit --lib shims`.
#[cfg(test)]
mod tests {
    use reasmory_ir::{FunctionBuilder, TermKind, verify};
    use reasmory_runtime::Limits;
    use reasmory_scene::{Manifest, Memory, Points, Scale};
    use reasmory_span::Span;
    use reasmory_types::Ty;

    use super::*;

    /// `main` and a straight function of a list and a number: one more than the list's length with the number.
    fn program() -> reasmory_ir::Verified<Program> {
        let loc = Loc(0);
        let (mut main, _) = FunctionBuilder::new("main", &[], None);
        let list = main.inst(InstKind::ListNew(vec![]), Ty::Int.list(), loc);
        let one = main.inst(InstKind::ConstInt(1), Ty::Int, loc);
        let made = main.inst(InstKind::Call(FuncId(1), vec![list, one]), Ty::Int, loc);
        main.effect(InstKind::Answer { value: made, unit: None }, loc);
        main.terminate(TermKind::Return(None), loc);
        let (mut f, p) = FunctionBuilder::new("f", &[Ty::Int.list(), Ty::Int], Some(Ty::Int));
        let whole = f.inst(InstKind::ListNew(vec![p[1]]), Ty::Int.list(), loc);
        let both = f.inst(InstKind::ListConcat(p[0], whole), Ty::Int.list(), loc);
        let n = f.inst(InstKind::ListLen(both), Ty::Int, loc);
        let one = f.inst(InstKind::ConstInt(1), Ty::Int, loc);
        let sum = f.inst(InstKind::IAdd(n, one), Ty::Int, loc);
        f.terminate(TermKind::Return(Some(sum)), loc);
        let functions = vec![main.finish(), f.finish()];
        verify(Program { functions, texts: vec![], locs: vec![Span::default()] }).unwrap()
    }

    fn within(limits: Limits, test: impl FnOnce(&mut Ctx, *mut Run<'static>)) {
        let manifest = Manifest::empty("hall", "test", Scale::metric("test"));
        let memory = Memory::new(manifest, Points::default(), None).unwrap();
        let (program, cloud) = (program(), OnceLock::new());
        let mut run = Run::new(&memory, &program, &cloud, limits, None);
        let batches = vec![Batch { function: 0, block: 0, from: 0, to: 4 }];
        let parts = Parts { entries: vec![None, None], batches, columns: false };
        let mut ctx = Ctx::new(&mut run, &parts);
        let run = ctx.run;
        test(&mut ctx, run);
    }

    #[test]
    fn a_batch_steps_through_a_call_without_code() {
        within(Limits::default(), |ctx, _| {
            let mut frame = [0u64; 8];
            let before = ctx.fuel;
            // SAFETY: the context is whole, the batch is of its program, and the frame has room for its values.
            assert_eq!(unsafe { steps(ctx, 0, frame.as_mut_ptr()) }, 0);
            assert_eq!((frame[2], before - ctx.fuel), (2, 1));
        });
    }

    #[test]
    fn lists_come_by_word_or_by_address() {
        within(Limits::default(), |ctx, run| {
            let many: Vec<u64> = (10..30).collect();
            (ctx.args[0], ctx.args[1]) = (many.len() as u64, many.as_ptr() as u64);
            // SAFETY: the arguments are as the shim reads them, and `many` outlives the call.
            assert_eq!(unsafe { list_new(ctx, 0) }, 0);
            let long = ctx.result;
            ctx.args[..3].copy_from_slice(&[2, 7, 8]);
            // SAFETY: as above.
            assert_eq!(unsafe { list_new(ctx, 0) }, 0);
            let short = ctx.result;
            ctx.args[0] = long;
            // SAFETY: as above.
            assert_eq!(unsafe { list_view(ctx, 0) }, 0);
            let at = ctx.args[0] as *const u64;
            assert_eq!(ctx.result, 20);
            // SAFETY: the list lies there, and nothing has changed it.
            assert_eq!(unsafe { *at.add(19) }, 29);
            // SAFETY: the run is alive and not borrowed.
            let members = unsafe { (*run).arena.list(short).unwrap().to_vec() };
            assert_eq!(members, [7, 8]);
        });
    }

    #[test]
    fn no_fuel_and_no_such_list_are_faults() {
        within(Limits { fuel: 0, ..Limits::default() }, |ctx, run| {
            let words = [0u64, 3];
            // SAFETY: the function takes two words, which are there; the list is checked when it is read.
            assert_ne!(unsafe { stepped(ctx, Loc(0), FuncId(1), words.as_ptr()) }, 0);
            // SAFETY: the run is alive and not borrowed.
            assert_eq!(unsafe { (*run).fault().unwrap().kind }, FaultKind::OutOfFuel);
            ctx.args[0] = u64::MAX;
            // SAFETY: one argument.
            assert_ne!(unsafe { list_view(ctx, 0) }, 0);
        });
    }
}
