//! Short library functions put in where hot code calls them.
//!
//! What is put in does what the call does, in the same order: it spends the fuel of the call, and its faults
//! are at the place of the call, as those of every library function are.

use cranelift_codegen::ir as clif;
use reasmory_ir::{BlockId, FuncId, InstKind, TermKind, Value};

use super::Translator;
use crate::JitError;

/// Most instructions of a function that is put in.
const SHORT: usize = 12;
/// Most functions put in inside each other.
const DEPTH: u32 = 4;

impl Translator<'_> {
    /// Whether a function is put in where the current block calls it: short, straight, placed at its calls,
    /// and without lists, whose places hot code keeps.
    pub(super) fn fits_in(&self, callee: FuncId) -> bool {
        let at = callee.0 as usize;
        let (f, plan) = (&self.program.functions[at], &self.plans[at]);
        let [block] = f.blocks.as_slice() else { return false };
        self.plan.hot[self.current.0 as usize]
            && self.inlined < DEPTH
            && f.at_call
            && plan.hot[0]
            && plan.anchors.is_empty()
            && block.insts.len() <= SHORT
            && !block.insts.iter().any(|i| matches!(i.kind, InstKind::ListLen(_)))
            && matches!(block.term.kind, TermKind::Return(Some(_)))
    }

    /// Translates a call of a function that [fits in](Self::fits_in), and gives its result.
    pub(super) fn put_in(
        &mut self,
        callee: FuncId,
        args: &[Value],
    ) -> Result<Option<clif::Value>, JitError> {
        let args = args.iter().map(|a| self.get(*a)).collect::<Result<Vec<_>, _>>()?;
        self.fuel()?;
        let at = callee.0 as usize;
        let f = &self.program.functions[at];
        let block = &f.blocks[0];
        let outer = (self.f, self.index, self.plan, self.current, self.pinned);
        let mut values = vec![None; f.values.len()];
        for (p, a) in block.params.iter().zip(args) {
            values[p.0 as usize] = Some(a);
        }
        let values = std::mem::replace(&mut self.values, values);
        let borrowed = std::mem::take(&mut self.borrowed);
        let parts = std::mem::take(&mut self.parts);
        let views = std::mem::take(&mut self.views);
        let anchors = std::mem::take(&mut self.anchors);
        (self.f, self.index, self.plan, self.current) = (f, at, &self.plans[at], BlockId(0));
        // Where the function around is itself placed at its call, that is the place.
        self.pinned = self.place.is_none().then_some(self.loc);
        self.inlined += 1;
        for inst in &block.insts {
            self.native(inst)?;
        }
        let result = match &block.term.kind {
            TermKind::Return(Some(v)) => Some(self.get(*v)?),
            _ => None,
        };
        self.inlined -= 1;
        (self.f, self.index, self.plan, self.current, self.pinned) = outer;
        (self.values, self.borrowed, self.parts) = (values, borrowed, parts);
        (self.views, self.anchors) = (views, anchors);
        Ok(result)
    }
}
