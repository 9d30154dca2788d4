//! Constants and identities of arithmetic.
//!
//! **Legal because** a constant is what [`reasmory_runtime::engine::arithmetic`] gives for the operands,
//! the function that the interpreter itself calls; what faults is left to fault when it runs, and what asks
//! the run (a doubtful comparison) is left to ask. Units are in the types, which stay; quantities are in
//! canonical units, so `2m + 50cm` folds like any sum. An identity is used only where it holds for every
//! double, the two zeros included: `x * 1`, `x / 1`, `x - 0` and `x + -0` are `x`, but `x + 0` is not
//! (`-0 + 0` is `0`). A branch on a constant takes the way it would take; an `assert` that holds does
//! nothing. A member of a list that is written down, and its length, are those written down, unless the
//! list is pushed to.

use reasmory_ir::{Function, Graph, Inst, InstKind as I, TermKind, Value};
use reasmory_runtime::Slot;
use reasmory_runtime::engine::arithmetic;
use reasmory_types::{Direction, Ty};

use crate::Cx;
use crate::edit::{Definitions, Substitution, pushed};
use crate::legal::name;

/// What becomes of an instruction.
enum Fold {
    /// Another instruction.
    To(I),
    /// An earlier value.
    Value(Value),
    /// Nothing: it does nothing.
    Nothing,
}

pub(crate) fn run(f: &mut Function, cx: &mut Cx<'_>) {
    let graph = Graph::new(f);
    let definitions = Definitions::new(f);
    let pushed = pushed(f);
    let mut same = Substitution::new(f);
    // Instructions stay where they are until the end, so that definitions stay where they were found.
    let mut gone = Vec::new();
    for &b in graph.order() {
        for i in 0..f.blocks[b].insts.len() {
            f.blocks[b].insts[i].kind.map_operands(|v| same.get(v));
            let inst = &f.blocks[b].insts[i];
            let (loc, was) = (inst.loc, name(&inst.kind));
            let seen = Seen { f, definitions: &definitions, pushed: &pushed, texts: cx.texts };
            match seen.fold(inst) {
                None => {}
                Some(Fold::To(kind)) => {
                    cx.remark(loc, format!("`{was}` is `{}`", constant(&kind)));
                    f.blocks[b].insts[i].kind = kind;
                }
                Some(Fold::Value(by)) => {
                    if let Some(r) = f.blocks[b].insts[i].result {
                        cx.remark(loc, format!("`{was}` gives what it is given"));
                        same.set(r, by);
                        gone.push((b, i));
                    }
                }
                Some(Fold::Nothing) => {
                    cx.remark(loc, format!("`{was}` always holds"));
                    gone.push((b, i));
                }
            }
        }
        f.blocks[b].term.kind.map_operands(|v| same.get(v));
        let term = &f.blocks[b].term;
        if let TermKind::Branch { cond, then, otherwise } = &term.kind {
            let way = match definitions.kind(f, *cond).and_then(literal) {
                Some(c) => Some(if c != 0 { then } else { otherwise }),
                None if then == otherwise => Some(then),
                None => None,
            };
            if let Some(way) = way {
                let (way, loc) = (way.clone(), term.loc);
                cx.remark(loc, "the condition is always the same");
                f.blocks[b].term.kind = TermKind::Jump(way);
            }
        }
    }
    for (b, i) in gone.into_iter().rev() {
        f.blocks[b].insts.remove(i);
    }
    same.apply(f);
}

/// The slot of a literal that arithmetic reads.
fn literal(kind: &I) -> Option<Slot> {
    match kind {
        I::ConstInt(_) | I::ConstFloat(_) | I::ConstBool(_) | I::ConstDirection(_) => {
            arithmetic(kind, |_| 0)?.ok()
        }
        _ => None,
    }
}

/// The instruction that gives a constant of this type.
fn instruction(ty: &Ty, slot: Slot) -> Option<I> {
    Some(match ty {
        Ty::Int => I::ConstInt(slot as i64),
        Ty::Bool => I::ConstBool(slot != 0),
        Ty::Quantity(_) => I::ConstFloat(f64::from_bits(slot)),
        _ => return None,
    })
}

/// A constant in words.
fn constant(kind: &I) -> String {
    match kind {
        I::ConstInt(x) => x.to_string(),
        I::ConstFloat(x) => format!("{x:?}"),
        I::ConstBool(b) => b.to_string(),
        I::ConstDirection(d) => d.to_string(),
        other => name(other).to_owned(),
    }
}

struct Seen<'a> {
    f: &'a Function,
    definitions: &'a Definitions,
    pushed: &'a [bool],
    texts: &'a [String],
}

impl Seen<'_> {
    fn ty(&self, v: Value) -> &Ty {
        &self.f.values[v.0 as usize]
    }

    fn slot(&self, v: Value) -> Option<Slot> {
        literal(self.definitions.kind(self.f, v)?)
    }

    fn float(&self, v: Value) -> Option<f64> {
        match self.definitions.kind(self.f, v)? {
            I::ConstFloat(x) => Some(*x),
            _ => None,
        }
    }

    fn int(&self, v: Value) -> Option<i64> {
        match self.definitions.kind(self.f, v)? {
            I::ConstInt(x) => Some(*x),
            _ => None,
        }
    }

    /// The members of a list that is written down and stays as it is.
    fn members(&self, list: Value) -> Option<&[Value]> {
        match self.definitions.kind(self.f, list)? {
            I::ListNew(members) if !self.pushed[list.0 as usize] => Some(members),
            _ => None,
        }
    }

    fn fold(&self, inst: &Inst) -> Option<Fold> {
        let kind = &inst.kind;
        if let I::Assert { cond, .. } = kind {
            return (self.slot(*cond)? != 0).then_some(Fold::Nothing);
        }
        let ty = self.ty(inst.result?);
        let operands = kind.operands();
        if !operands.is_empty() && operands.iter().all(|v| self.slot(*v).is_some()) {
            let same = match kind {
                // Slots are equal where the values are, but for the two zeros.
                I::Same(a, b) if matches!(self.ty(*a), Ty::Bool | Ty::Int | Ty::Direction) => {
                    Some(Ok(Slot::from(self.slot(*a) == self.slot(*b))))
                }
                other => arithmetic(other, |v| self.slot(v).unwrap_or_default()),
            };
            if let Some(Ok(slot)) = same {
                return instruction(ty, slot).map(Fold::To);
            }
        }
        self.identity(kind, ty)
    }

    fn identity(&self, kind: &I, ty: &Ty) -> Option<Fold> {
        let positive = |v: Value, x: f64| self.float(v).is_some_and(|y| y.to_bits() == x.to_bits());
        let unit = |v: Value| positive(v, 1.0) && *self.ty(v) == Ty::NUMBER;
        let value = match kind {
            I::FMul(a, b) if unit(*b) => *a,
            I::FMul(a, b) if unit(*a) => *b,
            I::FDiv(a, b) if unit(*b) => *a,
            I::FSub(a, b) if positive(*b, 0.0) => *a,
            I::FAdd(a, b) if positive(*b, -0.0) => *a,
            I::FAdd(a, b) if positive(*a, -0.0) => *b,
            I::IAdd(a, b) | I::ISub(a, b) if self.int(*b) == Some(0) => *a,
            I::IAdd(a, b) if self.int(*a) == Some(0) => *b,
            I::IMul(a, b) if self.int(*b) == Some(1) => *a,
            I::IMul(a, b) if self.int(*a) == Some(1) => *b,
            I::FMin(a, b) | I::FMax(a, b) | I::IMin(a, b) | I::IMax(a, b) if a == b => *a,
            I::Not(a) => match self.definitions.kind(self.f, *a)? {
                I::Not(x) => *x,
                _ => return None,
            },
            I::FNeg(a) => match self.definitions.kind(self.f, *a)? {
                I::FNeg(x) => *x,
                _ => return None,
            },
            I::ListLen(list) => {
                let n = self.members(*list)?.len();
                return Some(Fold::To(I::ConstInt(n as i64)));
            }
            I::ListGet(list, index) => {
                let at = usize::try_from(self.int(*index)?).ok()?.checked_sub(1)?;
                *self.members(*list)?.get(at)?
            }
            I::CategoryOf(text) => match self.definitions.kind(self.f, *text)? {
                I::ConstText(t) => return Some(Fold::To(I::ConstCategory(*t))),
                _ => return None,
            },
            I::DirectionOf(text) => match self.definitions.kind(self.f, *text)? {
                I::ConstText(t) => {
                    let word = self.texts.get(t.0 as usize)?;
                    return Some(Fold::To(I::ConstDirection(Direction::from_spoken(word)?)));
                }
                _ => return None,
            },
            _ => return None,
        };
        (self.ty(value) == ty).then_some(Fold::Value(value))
    }
}
