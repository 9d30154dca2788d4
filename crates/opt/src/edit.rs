//! What passes share to change a function.

use reasmory_ir::{BlockId, Function, Graph, InstKind, Loc, Value};
use reasmory_types::Ty;

/// A value of this type, not defined yet.
pub(crate) fn new_value(f: &mut Function, ty: Ty) -> Value {
    f.values.push(ty);
    Value(f.values.len() as u32 - 1)
}

/// Values that others stand for.
pub(crate) struct Substitution(Vec<Option<Value>>);

impl Substitution {
    pub(crate) fn new(f: &Function) -> Substitution {
        Substitution(vec![None; f.values.len()])
    }

    /// What stands for a value: itself where nothing does.
    pub(crate) fn get(&self, mut v: Value) -> Value {
        while let Some(Some(next)) = self.0.get(v.0 as usize) {
            v = *next;
        }
        v
    }

    /// From now on `by` stands for `v`, which nothing may stand for already.
    pub(crate) fn set(&mut self, v: Value, by: Value) {
        let by = self.get(by);
        debug_assert!(by != v, "a value stands for itself");
        self.0[v.0 as usize] = Some(by);
    }

    /// Replaces values wherever they are read.
    pub(crate) fn apply(&self, f: &mut Function) {
        for block in &mut f.blocks {
            for inst in &mut block.insts {
                inst.kind.map_operands(|v| self.get(v));
            }
            block.term.kind.map_operands(|v| self.get(v));
        }
    }
}

/// Where a value is defined: block and instruction; `None` for a parameter.
pub(crate) struct Definitions(Vec<Option<(usize, usize)>>);

impl Definitions {
    pub(crate) fn new(f: &Function) -> Definitions {
        let mut at = vec![None; f.values.len()];
        for (b, block) in f.blocks.iter().enumerate() {
            for (i, inst) in block.insts.iter().enumerate() {
                if let Some(r) = inst.result {
                    at[r.0 as usize] = Some((b, i));
                }
            }
        }
        Definitions(at)
    }

    /// The instruction that defines a value, as it stands in the function.
    pub(crate) fn kind<'f>(&self, f: &'f Function, v: Value) -> Option<&'f InstKind> {
        let (b, i) = (*self.0.get(v.0 as usize)?)?;
        Some(&f.blocks[b].insts[i].kind)
    }

    /// Its place.
    pub(crate) fn loc(&self, f: &Function, v: Value) -> Option<Loc> {
        let (b, i) = (*self.0.get(v.0 as usize)?)?;
        Some(f.blocks[b].insts[i].loc)
    }
}

/// The block in which each value is defined.
pub(crate) fn defining_blocks(f: &Function) -> Vec<usize> {
    let mut at = vec![0; f.values.len()];
    for (b, block) in f.blocks.iter().enumerate() {
        for v in block.params.iter().copied().chain(block.insts.iter().filter_map(|i| i.result)) {
            at[v.0 as usize] = b;
        }
    }
    at
}

/// Which lists are pushed to.
pub(crate) fn pushed(f: &Function) -> Vec<bool> {
    let mut out = vec![false; f.values.len()];
    for inst in f.blocks.iter().flat_map(|b| &b.insts) {
        if let InstKind::ListPush(list, _) = inst.kind {
            out[list.0 as usize] = true;
        }
    }
    out
}

/// Leaves out what cannot be reached, and numbers blocks and values anew, in order and without gaps.
pub(crate) fn compact(f: &mut Function) {
    let graph = Graph::new(f);
    let mut blocks = vec![BlockId(0); f.blocks.len()];
    let mut kept = 0;
    for (b, id) in blocks.iter_mut().enumerate() {
        if graph.is_reachable(b) {
            *id = BlockId(kept);
            kept += 1;
        }
    }
    let mut at = 0;
    f.blocks.retain(|_| {
        at += 1;
        graph.is_reachable(at - 1)
    });
    let mut numbers: Vec<Option<Value>> = vec![None; f.values.len()];
    let mut types = Vec::with_capacity(f.values.len());
    for block in &mut f.blocks {
        let results = block.insts.iter_mut().filter_map(|i| i.result.as_mut());
        for v in block.params.iter_mut().chain(results) {
            types.push(f.values[v.0 as usize].clone());
            let new = Value(types.len() as u32 - 1);
            numbers[v.0 as usize] = Some(new);
            *v = new;
        }
    }
    let number = |v: Value| numbers.get(v.0 as usize).copied().flatten().unwrap_or(v);
    for block in &mut f.blocks {
        for inst in &mut block.insts {
            inst.kind.map_operands(number);
        }
        block.term.kind.map_operands(number);
        for target in block.term.kind.targets_mut() {
            target.block = blocks[target.block.0 as usize];
        }
    }
    f.values = types;
}
