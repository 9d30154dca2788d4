//! One instruction.

use reasmory_ir::{Inst, InstKind, Loc, Program, Value};
use reasmory_runtime::engine::{Trap, arithmetic, guard};
use reasmory_runtime::{Run, Slot, Status};

use crate::Frame;

/// Executes an instruction; a call is not executed but given back as the frame to go on with.
pub(crate) fn inst<'p>(
    program: &'p Program,
    frame: &mut Frame<'p>,
    inst: &'p Inst,
    run: &mut Run<'_>,
) -> Result<Option<Frame<'p>>, Status> {
    if let InstKind::Call(callee, args) = &inst.kind {
        spend(run).map_err(|t| fail(run, t, inst.loc))?;
        let args = frame.all(args);
        return Ok(Some(Frame::new(program, callee.0 as usize, &args, inst.result)));
    }
    if inst.kind == InstKind::Fuel {
        return spend(run).map(|_| None).map_err(|t| fail(run, t, inst.loc));
    }
    let value = match arithmetic(&inst.kind, |v| frame.get(v)) {
        Some(Ok(slot)) => slot,
        Some(Err(trap)) => return Err(fail(run, trap, inst.loc)),
        None => helper(frame, inst, run)?,
    };
    if let Some(result) = inst.result {
        frame.values[result.0 as usize] = value;
    }
    Ok(None)
}

fn fail(run: &mut Run<'_>, trap: Trap, loc: Loc) -> Status {
    let fault = trap.fault(run);
    run.fail(fault, loc)
}

/// Takes one unit of fuel.
fn spend(run: &mut Run<'_>) -> Result<Slot, Trap> {
    run.fuel = run.fuel.checked_sub(1).ok_or(Trap::OutOfFuel)?;
    Ok(0)
}

/// The instructions that the runtime executes.
fn helper(frame: &Frame<'_>, inst: &Inst, run: &mut Run<'_>) -> Result<Slot, Status> {
    use InstKind as I;
    let loc = inst.loc;
    let get = |v: &Value| frame.get(*v);
    let f = |v: &Value| f64::from_bits(frame.get(*v));
    let i = |v: &Value| frame.get(*v) as i64;
    let ty = |v: &Value| (frame.index as u64) << 32 | u64::from(v.0);
    let name = match &inst.kind {
        I::Op(op, _) => op.name(),
        _ => "runtime",
    };
    guard(run, loc, name, |run| match &inst.kind {
        I::ConstCategory(t) => run.category(t.0),
        I::FCmp { op, a, b, .. } => run.compare(*op, f(a), f(b), ty(a), loc).map(Slot::from),
        I::Same(a, b) => run.same_at(get(a), get(b), ty(a)).map(Slot::from),
        I::ListNew(members) => run.list_new(&frame.all(members)),
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
        I::Op(op, args) => run.op(*op, &frame.all(args), loc),
        I::Assert { cond, why } if get(cond) == 0 => {
            Err(run.assertion_failed(why.as_ref().map(get)))
        }
        I::Assert { .. } => Ok(0),
        I::Charge(value) => run.charge(get(value)).map(|()| 0),
        I::Show(image) => run.show(get(image), loc).map(|()| 0),
        I::Answer { value, unit } => {
            run.give_answer(get(value), ty(value), unit.unwrap_or(u32::MAX)).map(|()| 0)
        }
        other => unreachable!("{other:?} is arithmetic or a call"),
    })
}
