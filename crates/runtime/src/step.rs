//! What one instruction does, in the plainest form: to the interpreter, and to compiled code wherever an
//! instruction runs once and is not worth compiling.

use reasmory_ir::{Inst, InstKind, Loc, Value};

use crate::engine::{arithmetic, guard};
use crate::{Run, Slot, Status};

/// Executes an instruction, other than a call or fuel, of the function with this index; `value` gives its operands. The result of an
/// instruction without one means nothing. A fault is recorded in the run, at `loc`.
pub fn step(
    run: &mut Run<'_>,
    function: usize,
    inst: &Inst,
    loc: Loc,
    value: impl Fn(Value) -> Slot,
) -> Result<Slot, Status> {
    match arithmetic(&inst.kind, &value) {
        Some(Ok(slot)) => Ok(slot),
        Some(Err(trap)) => {
            let fault = trap.fault(run);
            Err(run.fail(fault, loc))
        }
        None => operation(run, function, inst, loc, value),
    }
}

/// The instructions that the runtime executes.
fn operation(
    run: &mut Run<'_>,
    function: usize,
    inst: &Inst,
    loc: Loc,
    value: impl Fn(Value) -> Slot,
) -> Result<Slot, Status> {
    use InstKind as I;
    let get = |v: &Value| value(*v);
    let f = |v: &Value| f64::from_bits(value(*v));
    let i = |v: &Value| value(*v) as i64;
    let ty = |v: &Value| (function as u64) << 32 | u64::from(v.0);
    let all = |vs: &[Value]| -> Vec<Slot> { vs.iter().map(|v| value(*v)).collect() };
    let name = match &inst.kind {
        I::Op(op, _) => op.name(),
        _ => "runtime",
    };
    guard(run, loc, name, |run| match &inst.kind {
        I::ConstCategory(t) => run.category(t.0),
        I::FCmp { op, a, b, .. } => run.compare(*op, f(a), f(b), ty(a), loc).map(Slot::from),
        I::Same(a, b) => run.same_at(get(a), get(b), ty(a)).map(Slot::from),
        I::ListNew(members) => run.list_new(&all(members)),
        I::ListPush(list, x) => run.arena.push(get(list), get(x)).map(|()| 0),
        I::ListLen(list) => run.arena.list(get(list)).map(|l| l.len() as Slot),
        I::ListGet(list, index) => run.list_get(get(list), i(index)),
        I::ListRange(a, b) => run.list_range(i(a), i(b)),
        I::ListSortBy { list, keys, doubt } => {
            run.list_sort_by(get(list), get(keys), *doubt, ty(keys), loc)
        }
        I::ListContains(list, x) => run.list_contains(get(list), get(x), ty(list)).map(Slot::from),
        I::ListReverse(list) => run.list_reverse(get(list)),
        I::ListConcat(a, b) => run.list_concat(get(a), get(b)),
        I::Field(record, index) => run.field(get(record), *index),
        I::GroupKey(group) => run.group_part(get(group), 0),
        I::GroupMembers(group) => run.group_part(get(group), 1),
        I::GroupBy(list, keys) => run.group_by(get(list), get(keys), ty(keys)),
        I::CategoryOf(text) => run.category_of(get(text)),
        I::DirectionOf(text) => run.direction_of(get(text)),
        I::ToPlace(a) => run.to_place(get(a), ty(a)),
        I::ToMark(a) => run.to_mark(get(a), ty(a)),
        I::Op(op, args) => run.op(*op, &all(args), loc),
        I::Assert { cond, why } if get(cond) == 0 => {
            Err(run.assertion_failed(why.as_ref().map(get)))
        }
        I::Assert { .. } => Ok(0),
        I::Charge(value) => run.charge(get(value)).map(|()| 0),
        I::Show(image) => run.show(get(image), loc).map(|()| 0),
        I::Answer { value, unit } => {
            run.give_answer(get(value), ty(value), unit.unwrap_or(u32::MAX)).map(|()| 0)
        }
        other => unreachable!("{other:?} is no step"),
    })
}
