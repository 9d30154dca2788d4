//! A render from exactly an input photo's view, replaced by the photo where the memory has it.
//!
//! **Legal because** of what *exactly* means here: the view shown is the very value that `view` gave for
//! the photo, so its eye, its heading, its pitch and roll, and its lens all are the photo's own. Single
//! assignment makes that a fact about values, not about names: no later binding, no turn or step between,
//! no `look_at` that keeps the eye and changes the direction, no borrowed axis, and no number of another
//! photo can be mistaken for it. A render with marks shows something that the photo does not, and stays. A
//! memory without the picture gives no value for it, and the render is made as before.
//!
//! The picture shown is another one than without this pass (the photo itself in place of what the points
//! show of it), so the pass runs only where it is asked for; answers, faults, decisions and limits are the
//! same.

use reasmory_ir::{
    Block, BlockId, Function, Inst, InstKind as I, Target, TermKind, Terminator, Value,
};
use reasmory_ops::OpId;
use reasmory_types::Ty;

use crate::Cx;
use crate::edit::{Definitions, new_value, pushed};

pub(crate) fn run(f: &mut Function, cx: &mut Cx<'_>) {
    let mut b = 0;
    let mut renders = Vec::new();
    // Blocks that are split off come after, and are looked at in their turn.
    while b < f.blocks.len() {
        if !renders.contains(&b)
            && let Some((at, photo)) = find(f, b)
        {
            let loc = f.blocks[b].insts[at].loc;
            cx.remark(loc, "the view is a photo's own: the photo is shown where the memory has it");
            renders.extend(split(f, b, at, photo));
        }
        b += 1;
    }
}

/// The first render in a block from a photo's own view, and the photo.
fn find(f: &Function, block: usize) -> Option<(usize, Value)> {
    let definitions = Definitions::new(f);
    let pushed = pushed(f);
    f.blocks[block].insts.iter().enumerate().find_map(|(i, inst)| {
        let I::Op(OpId::Ego, args) = &inst.kind else { return None };
        let &[view, marks] = args.as_slice() else { return None };
        let unmarked = match definitions.kind(f, marks)? {
            I::ListNew(members) => members.is_empty() && !pushed[marks.0 as usize],
            _ => false,
        };
        match definitions.kind(f, view)? {
            I::Op(OpId::View, of) if unmarked && inst.result.is_some() => Some((i, of[0])),
            _ => None,
        }
    })
}

/// `r = ego v, marks` becomes `try picture p`, with the render where there is no picture; gives the block of
/// the render.
fn split(f: &mut Function, block: usize, at: usize, photo: Value) -> Option<usize> {
    let picture = new_value(f, Ty::Image);
    let render = new_value(f, Ty::Image);
    let next = f.blocks.len() as u32;
    let [shown, rendered, rest] = [next, next + 1, next + 2].map(BlockId);
    let head = &mut f.blocks[block];
    let after = head.insts.split_off(at + 1);
    let ego = head.insts.pop()?;
    let loc = ego.loc;
    let to = |block, args| Target { block, args };
    let own = std::mem::replace(
        &mut head.term,
        Terminator {
            kind: TermKind::Try {
                op: OpId::Picture,
                args: vec![photo],
                some: to(shown, vec![]),
                none: to(rendered, vec![]),
            },
            loc,
        },
    );
    let jump = |v| Terminator { kind: TermKind::Jump(to(rest, vec![v])), loc };
    f.blocks.push(Block { params: vec![picture], insts: vec![], term: jump(picture) });
    let again = Inst { result: Some(render), ..ego.clone() };
    f.blocks.push(Block { params: vec![], insts: vec![again], term: jump(render) });
    f.blocks.push(Block { params: ego.result.into_iter().collect(), insts: after, term: own });
    Some(rendered.0 as usize)
}
