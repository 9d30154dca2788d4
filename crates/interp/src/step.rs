//! One instruction.

use reasmory_ir::{Inst, InstKind, Loc, Program};
use reasmory_runtime::engine::Trap;
use reasmory_runtime::{FUEL_SLICE, Run, Status, step};

use crate::Frame;

/// Executes an instruction; a call is not executed but given back as the frame to go on with.
pub(crate) fn inst<'p>(
    program: &'p Program,
    frame: &mut Frame<'p>,
    inst: &'p Inst,
    run: &mut Run<'_>,
) -> Result<Option<Frame<'p>>, Status> {
    let loc = frame.at(inst.loc);
    match &inst.kind {
        InstKind::Call(callee, args) => {
            spend(run, loc)?;
            let args = frame.all(args);
            return Ok(Some(Frame::new(program, callee.0 as usize, &args, inst.result, loc)));
        }
        InstKind::Fuel => spend(run, loc)?,
        _ => {
            let value = step(run, frame.index, inst, loc, |v| frame.get(v))?;
            if let Some(result) = inst.result {
                frame.values[result.0 as usize] = value;
            }
        }
    }
    Ok(None)
}

/// Takes one unit of fuel, and looks now and then whether the run is to end.
fn spend(run: &mut Run<'_>, loc: Loc) -> Result<(), Status> {
    if run.fuel.is_multiple_of(FUEL_SLICE) {
        run.poll().map_err(|f| run.fail(f, loc))?;
    }
    match run.fuel.checked_sub(1) {
        Some(left) => {
            run.fuel = left;
            Ok(())
        }
        None => {
            let fault = Trap::OutOfFuel.fault(run);
            Err(run.fail(fault, loc))
        }
    }
}
