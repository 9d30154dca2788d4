//! What of a program is worth compiling, and what is known of its values.
//!
//! Code that runs a few times costs more to compile than to step through. So a straight run of instructions
//! becomes one call, which executes them one by one as the interpreter does ([`reasmory_runtime::step`]);
//! fuel and control flow are always native. When code is optimized, loops and whatever is called from them
//! are native as well. A function that is one straight run is not compiled at all: calls step through it.

use reasmory_ir::{Block, Function, InstKind, Program, TermKind, Value, cyclic_blocks};
use reasmory_ops::OpId;
use reasmory_types::Ty;

use crate::{OptLevel, Options};

/// A run of instructions that one call executes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) function: u32,
    pub(crate) block: u32,
    /// Indices of its instructions in the block: from the first to before the last.
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// How one function is compiled.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Whether a block is compiled because it may run many times.
    pub(crate) hot: Vec<bool>,
    /// Whether the function is not compiled: it is one batch, and only batches call it.
    pub(crate) stepped: bool,
    /// Batches, in order.
    batches: Vec<Batch>,
    /// The values that batches read.
    pub(crate) stored: Vec<bool>,
    /// The values that batches make.
    pub(crate) made: Vec<bool>,
    /// The lists whose members hot blocks read one by one.
    pub(crate) walked: Vec<bool>,
    /// For a place that is an object: the object.
    pub(crate) object_at: Vec<Option<Value>>,
    /// Records of hot blocks of which only components are used, and only in hot blocks.
    pub(crate) split: Vec<bool>,
    /// Places whose centre hot blocks may ask for.
    pub(crate) anchors: Vec<Value>,
}

/// Plans every function.
pub(crate) fn plan(program: &Program, options: Options) -> Vec<Plan> {
    let Options { opt, whole } = options;
    let loops = opt == OptLevel::Speed;
    let mut hot = vec![false; program.functions.len()];
    let mut plans = Vec::with_capacity(hot.len());
    // Callers come before callees.
    for (i, f) in program.functions.iter().enumerate() {
        let cyclic = if loops { cyclic_blocks(f) } else { vec![false; f.blocks.len()] };
        let blocks: Vec<bool> = cyclic.iter().map(|c| *c || hot[i] || whole).collect();
        for (block, _) in f.blocks.iter().zip(&blocks).filter(|(_, h)| **h) {
            for inst in &block.insts {
                if let InstKind::Call(callee, _) = &inst.kind {
                    hot[callee.0 as usize] = true;
                }
            }
        }
        plans.push(Plan::new(i as u32, f, blocks));
    }
    plans
}

impl Plan {
    fn new(function: u32, f: &Function, hot: Vec<bool>) -> Plan {
        let n = f.values.len();
        let mut plan = Plan {
            hot,
            stepped: false,
            batches: Vec::new(),
            stored: vec![false; n],
            made: vec![false; n],
            walked: vec![false; n],
            object_at: vec![None; n],
            split: vec![false; n],
            anchors: Vec::new(),
        };
        plan.objects(f);
        for (block, _) in f.blocks.iter().zip(&plan.hot).filter(|(_, hot)| **hot) {
            for inst in &block.insts {
                if let InstKind::ListGet(list, _) = &inst.kind {
                    plan.walked[list.0 as usize] = true;
                }
            }
        }
        for (b, block) in f.blocks.iter().enumerate() {
            if !plan.hot[b] {
                plan.batch(function, b as u32, block);
            }
        }
        // Calls from blocks that are not hot are in batches, and hot blocks make what they call hot.
        plan.stepped = function > 0
            && matches!(
                (f.blocks.as_slice(), plan.batches.as_slice()),
                ([block], [all])
                    if (all.from, all.to as usize) == (0, block.insts.len())
                        && matches!(block.term.kind, TermKind::Return(_))
            );
        plan
    }

    /// Finds out which places are objects, which records can be taken apart, and which centres are asked for.
    fn objects(&mut self, f: &Function) {
        let insts =
            || f.blocks.iter().zip(0..).flat_map(|(b, i)| b.insts.iter().map(move |x| (i, x)));
        for (_, inst) in insts() {
            if let (InstKind::ToPlace(x), Some(r)) = (&inst.kind, inst.result)
                && f.values[x.0 as usize] == Ty::Object
            {
                self.object_at[r.0 as usize] = Some(*x);
            }
        }
        for (b, inst) in insts() {
            let (InstKind::Op(op, args), Some(r)) = (&inst.kind, inst.result) else { continue };
            if !self.hot[b] {
                continue;
            }
            match op {
                OpId::Size => self.split[r.0 as usize] = true,
                OpId::Center => {
                    self.split[r.0 as usize] = self.object_at[args[0].0 as usize].is_some();
                }
                OpId::CenterDistance | OpId::HorizontalDistance => {
                    let new = args.iter().filter(|v| self.object_at[v.0 as usize].is_none());
                    self.anchors.extend(new);
                }
                _ => {}
            }
        }
        self.anchors.sort_unstable();
        self.anchors.dedup();
        for (b, inst) in insts() {
            if !matches!(inst.kind, InstKind::Field(..) | InstKind::Charge(_)) || !self.hot[b] {
                for v in inst.kind.operands() {
                    self.split[v.0 as usize] = false;
                }
            }
        }
        for block in &f.blocks {
            for v in block.term.kind.operands() {
                self.split[v.0 as usize] = false;
            }
        }
    }

    fn batch(&mut self, function: u32, index: u32, block: &Block) {
        let mut from = 0;
        for to in 0..=block.insts.len() {
            let ends = block.insts.get(to).is_none_or(|i| self.is_native(&i.kind));
            if !ends {
                continue;
            }
            let run = &block.insts[from..to];
            let cost: u32 = run.iter().map(|i| native_cost(&i.kind)).sum();
            if cost > BATCH {
                self.batches.push(Batch {
                    function,
                    block: index,
                    from: from as u32,
                    to: to as u32,
                });
                for inst in run {
                    for v in inst.kind.operands() {
                        self.stored[v.0 as usize] = true;
                    }
                    if let Some(v) = inst.result {
                        self.made[v.0 as usize] = true;
                    }
                }
            }
            from = to + 1;
        }
    }

    /// Instructions that no batch takes: fuel, and lengths that tell hot code where members lie.
    fn is_native(&self, kind: &InstKind) -> bool {
        match kind {
            InstKind::ListLen(list) => self.walked[list.0 as usize],
            other => *other == InstKind::Fuel,
        }
    }

    /// The batch that starts at an instruction.
    pub(crate) fn batch_at(&self, block: u32, from: u32) -> Option<Batch> {
        // Batches are in order of blocks and instructions.
        let at = self.batches.binary_search_by_key(&(block, from), |b| (b.block, b.from)).ok()?;
        self.batches.get(at).copied()
    }

    /// Whether there are batches at all.
    pub(crate) fn has_batches(&self) -> bool {
        !self.batches.is_empty()
    }
}

/// About as many instructions as the call of a batch takes.
const BATCH: u32 = 8;

/// About how many instructions the compiler gets for one of MIR.
fn native_cost(kind: &InstKind) -> u32 {
    use InstKind as I;
    match kind {
        I::ConstInt(_)
        | I::ConstFloat(_)
        | I::ConstBool(_)
        | I::ConstText(_)
        | I::ConstDirection(_)
        | I::Absent => 0,
        I::ConstCategory(_) | I::ToPlace(_) | I::FNeg(_) | I::FAbs(_) | I::IntToFloat(_) => 2,
        I::ICmp(..) | I::Not(_) | I::FMin(..) | I::FMax(..) | I::IMin(..) | I::IMax(..) => 2,
        I::FCmp { doubt: false, .. } => 2,
        I::FAdd(..) | I::FSub(..) | I::FMul(..) | I::FDiv(..) | I::FSqrt(_) => 5,
        I::IAdd(..) | I::ISub(..) | I::IMul(..) | I::INeg(_) | I::IAbs(_) => 7,
        // A call of the runtime.
        _ => BATCH + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_ir::{CmpOp, FunctionBuilder, Loc, Target, TermKind};

    #[test]
    fn straight_runs_become_batches_and_loops_stay_native() {
        let loc = Loc(0);
        let (mut b, _) = FunctionBuilder::new("main", &[], None);
        let list = b.inst(InstKind::ListNew(vec![]), Ty::Int.list(), loc);
        let one = b.inst(InstKind::ConstInt(1), Ty::Int, loc);
        let (head, p) = b.block(&[Ty::Int]);
        let (end, _) = b.block(&[]);
        b.jump(head, vec![one], loc);
        b.switch_to(head);
        b.effect(InstKind::Fuel, loc);
        b.effect(InstKind::ListPush(list, p[0]), loc);
        let more = b.inst(InstKind::ICmp(CmpOp::Lt, p[0], one), Ty::Bool, loc);
        let target = |block, args| Target { block, args };
        b.terminate(
            TermKind::Branch {
                cond: more,
                then: target(head, vec![one]),
                otherwise: target(end, vec![]),
            },
            loc,
        );
        b.switch_to(end);
        b.effect(InstKind::Answer { value: list, unit: None }, loc);
        b.terminate(TermKind::Return(None), loc);
        let program = Program { functions: vec![b.finish()], texts: vec![], locs: vec![] };
        let plans = plan(&program, Options { opt: OptLevel::Speed, whole: false });
        assert_eq!(plans[0].hot, [false, true, false]);
        let batch = |block, to| Batch { function: 0, block, from: 0, to };
        assert_eq!(plans[0].batches, [batch(0, 2), batch(2, 1)]);
        assert_eq!((plans[0].made[0], plans[0].stored[0]), (true, true));
        let whole = Options { whole: true, ..Options::default() };
        assert!(!super::plan(&program, whole)[0].has_batches());
        let quick = super::plan(&program, Options::default());
        assert_eq!(quick[0].hot, [false; 3]);
        assert!(quick[0].batch_at(1, 1).is_some(), "behind the fuel of the loop's head");
    }
}
