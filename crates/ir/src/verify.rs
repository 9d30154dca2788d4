//! The verifier: what back ends may rely on.
//!
//! A program that passes is well-formed SSA whose operands have the types their instructions need, whose
//! calls cannot recurse, whose loops all spend fuel, whose lists are never changed after they were read,
//! and whose absent arguments only reach operations that take them. A program of the lowering that does
//! not pass is a bug of the lowering, never of the user.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Deref;

use reasmory_types::Ty;

use crate::print::{inst_text, term_text};
use crate::rules::Rules;
use crate::{Block, BlockId, Function, Inst, InstKind, Loc, Program, Target, TermKind, Value};
use crate::{flow, rules};

/// A program that passed [`verify`]; the only thing a back end accepts. It cannot be changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified<P>(P);

impl<P> Verified<P> {
    /// The program, no longer known to be verified once it can be changed.
    pub fn into_inner(self) -> P {
        self.0
    }
}

impl<P> Deref for Verified<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.0
    }
}

/// Where a program breaks a rule, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// Name of the function.
    pub function: String,
    /// The block, where the rule is about one.
    pub block: Option<BlockId>,
    /// Index of the instruction in its block; the number of instructions for the terminator.
    pub inst: Option<usize>,
    /// The instruction as text and the rule it breaks.
    pub message: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function `{}`", self.function)?;
        if let Some(b) = self.block {
            write!(f, ", b{}", b.0)?;
        }
        if let Some(i) = self.inst {
            write!(f, ", instruction {i}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for VerifyError {}

/// Checks a program. The first broken rule is reported, in program order within each group of rules.
pub fn verify(program: Program) -> Result<Verified<Program>, VerifyError> {
    Checker { program: &program }.program()?;
    Ok(Verified(program))
}

/// A place in a function, for errors.
#[derive(Clone, Copy)]
struct At {
    function: usize,
    block: Option<usize>,
    inst: Option<usize>,
}

struct Checker<'p> {
    program: &'p Program,
}

type Checked = Result<(), VerifyError>;

impl<'p> Checker<'p> {
    fn error(&self, at: At, message: impl fmt::Display) -> VerifyError {
        let function = &self.program.functions[at.function];
        let text = at.block.zip(at.inst).map(|(b, i)| {
            let block = &function.blocks[b];
            match block.insts.get(i) {
                Some(inst) => inst_text(self.program, function, inst),
                None => term_text(self.program, function, &block.term.kind),
            }
        });
        VerifyError {
            function: function.name.clone(),
            block: at.block.map(|b| BlockId(b as u32)),
            inst: at.inst,
            message: match text {
                Some(t) => format!("`{t}`: {message}"),
                None => message.to_string(),
            },
        }
    }

    fn program(&self) -> Checked {
        let Some(main) = self.program.functions.first() else {
            return Err(VerifyError {
                function: "main".into(),
                block: None,
                inst: None,
                message: "the program has no functions".into(),
            });
        };
        let at = At { function: 0, block: None, inst: None };
        if main.result.is_some() || main.blocks.first().is_some_and(|b| !b.params.is_empty()) {
            return Err(self.error(at, "the main function takes nothing and returns nothing"));
        }
        let mut names = BTreeSet::new();
        for (i, f) in self.program.functions.iter().enumerate() {
            let plain = |c: char| c.is_alphanumeric() || "_@.".contains(c);
            if f.name.is_empty() || !f.name.chars().all(plain) {
                let at = At { function: i, block: None, inst: None };
                return Err(self.error(at, "a name has letters, digits, `_`, `@` and `.` only"));
            }
            if !names.insert(f.name.as_str()) {
                let at = At { function: i, block: None, inst: None };
                return Err(self.error(at, "two functions have this name"));
            }
            self.shape(i, f)?;
        }
        for (i, f) in self.program.functions.iter().enumerate() {
            self.types(i, f)?;
            self.flow(i, f)?;
        }
        self.absent()
    }

    /// Indices are in range, so that everything after may index freely.
    fn shape(&self, function: usize, f: &'p Function) -> Checked {
        let at = At { function, block: None, inst: None };
        if f.blocks.is_empty() {
            return Err(self.error(at, "the function has no blocks"));
        }
        for t in f.values.iter().chain(&f.result) {
            if !rules::is_value(t) {
                return Err(self.error(at, format!("no value has type `{t}`")));
            }
        }
        let value = |at: At, v: Value| match f.values.get(v.0 as usize) {
            Some(_) => Ok(()),
            None => Err(self.error(at, format!("there is no value %{}", v.0))),
        };
        for (b, block) in f.blocks.iter().enumerate() {
            let at = At { function, block: Some(b), inst: None };
            block.params.iter().try_for_each(|v| value(at, *v))?;
            for (i, inst) in block.insts.iter().enumerate() {
                let at = At { inst: Some(i), ..at };
                self.loc(at, inst.loc)?;
                inst.result.iter().try_for_each(|v| value(at, *v))?;
                inst.kind.operands().iter().try_for_each(|v| value(at, *v))?;
            }
            let at = At { inst: Some(block.insts.len()), ..at };
            self.loc(at, block.term.loc)?;
            block.term.kind.operands().iter().try_for_each(|v| value(at, *v))?;
            for target in block.term.kind.targets() {
                match target.block.0 {
                    0 => return Err(self.error(at, "the entry block cannot be jumped to")),
                    n if n as usize >= f.blocks.len() => {
                        return Err(self.error(at, format!("there is no block b{n}")));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn loc(&self, at: At, loc: Loc) -> Checked {
        if (loc.0 as usize) < self.program.locs.len() {
            Ok(())
        } else {
            Err(self.error(at, format!("there is no source place {}", loc.0)))
        }
    }

    /// Instructions, terminators and jumps have the types their rules name.
    fn types(&self, function: usize, f: &'p Function) -> Checked {
        let rules = Rules { program: self.program, index: function, f, made: rules::lists_made(f) };
        for (b, block) in f.blocks.iter().enumerate() {
            let at = At { function, block: Some(b), inst: None };
            for (i, inst) in block.insts.iter().enumerate() {
                let at = At { inst: Some(i), ..at };
                rules.check(inst).map_err(|m| self.error(at, m))?;
            }
            let at = At { inst: Some(block.insts.len()), ..at };
            self.terminator(at, f, block)?;
        }
        Ok(())
    }

    fn terminator(&self, at: At, f: &Function, block: &Block) -> Checked {
        let ty = |v: Value| &f.values[v.0 as usize];
        let expect = |v: Value, want: &Ty| {
            if ty(v) == want {
                Ok(())
            } else {
                Err(self.error(at, format!("%{} is `{}`, not `{want}`", v.0, ty(v))))
            }
        };
        match &block.term.kind {
            TermKind::Jump(t) => self.jump(at, f, t, None),
            TermKind::Branch { cond, then, otherwise } => {
                expect(*cond, &Ty::Bool)?;
                self.jump(at, f, then, None)?;
                self.jump(at, f, otherwise, None)
            }
            TermKind::Try { op, args, some, none } => {
                rules::check_op(f, *op, args).map_err(|m| self.error(at, m))?;
                self.jump(at, f, some, Some(&op.def().signature().result))?;
                self.jump(at, f, none, None)
            }
            TermKind::NoValue(text) => {
                if (text.0 as usize) < self.program.texts.len() {
                    Ok(())
                } else {
                    Err(self.error(at, format!("there is no text {}", text.0)))
                }
            }
            TermKind::Return(None) => match &f.result {
                None => Ok(()),
                Some(t) => Err(self.error(at, format!("the function returns `{t}`"))),
            },
            TermKind::Return(Some(v)) => match &f.result {
                Some(t) => expect(*v, t),
                None => Err(self.error(at, "the function returns nothing")),
            },
        }
    }

    fn jump(&self, at: At, f: &Function, target: &Target, extra: Option<&Ty>) -> Checked {
        let params = &f.blocks[target.block.0 as usize].params;
        let args: Vec<&Ty> =
            target.args.iter().map(|v| &f.values[v.0 as usize]).chain(extra).collect();
        let name = target.block.0;
        if params.len() != args.len() {
            return Err(self.error(
                at,
                format!("b{name} has {} parameters, given {}", params.len(), args.len()),
            ));
        }
        for (p, a) in params.iter().zip(args) {
            let want = &f.values[p.0 as usize];
            if want != a {
                return Err(self.error(at, format!("%{} of b{name} is `{want}`, not `{a}`", p.0)));
            }
        }
        Ok(())
    }

    /// SSA, fuel and lists.
    fn flow(&self, function: usize, f: &'p Function) -> Checked {
        let graph = flow::Graph::new(f);
        let mut defined: Vec<Option<(usize, usize)>> = vec![None; f.values.len()];
        // Position 0 is the block's parameters, instruction i is position i + 1.
        for (b, block) in f.blocks.iter().enumerate() {
            let results = block.insts.iter().enumerate().filter_map(|(i, x)| Some((i, x.result?)));
            let all = block.params.iter().map(|v| (0, *v)).chain(results.map(|(i, v)| (i + 1, v)));
            for (position, v) in all {
                if defined[v.0 as usize].replace((b, position)).is_some() {
                    let at = At { function, block: Some(b), inst: position.checked_sub(1) };
                    return Err(self.error(at, format!("%{} is defined twice", v.0)));
                }
            }
        }
        for (b, block) in f.blocks.iter().enumerate() {
            let uses = |i: usize| match block.insts.get(i) {
                Some(inst) => inst.kind.operands(),
                None => block.term.kind.operands(),
            };
            for i in 0..=block.insts.len() {
                let at = At { function, block: Some(b), inst: Some(i) };
                for v in uses(i) {
                    match defined[v.0 as usize] {
                        None => {
                            return Err(self.error(at, format!("%{} is never defined", v.0)));
                        }
                        Some((d, position)) => {
                            let before = if d == b { position <= i } else { graph.dominates(d, b) };
                            // Nothing is executed in a block that cannot be reached.
                            if !before && graph.is_reachable(b) {
                                return Err(self.error(
                                    at,
                                    format!("the definition of %{} does not dominate this", v.0),
                                ));
                            }
                        }
                    }
                }
            }
        }
        if let Some(v) = defined.iter().position(Option::is_none) {
            let at = At { function, block: None, inst: None };
            return Err(self.error(at, format!("%{v} is never defined")));
        }
        if let Some(b) = graph.loop_without_fuel(f) {
            let at = At { function, block: Some(b), inst: None };
            return Err(self.error(at, "this block is in a loop that spends no fuel"));
        }
        if let Some((b, i, list)) = graph.push_after_read(f) {
            let at = At { function, block: Some(b), inst: Some(i) };
            return Err(
                self.error(at, format!("%{} may still be pushed to after this reads it", list.0))
            );
        }
        Ok(())
    }

    /// Absent arguments reach optional parameters of operations only. They may pass through jumps, calls
    /// and `to_place` on the way.
    fn absent(&self) -> Checked {
        let functions = &self.program.functions;
        let mut absent: Vec<Vec<bool>> =
            functions.iter().map(|f| vec![false; f.values.len()]).collect();
        // Calls go to higher indices, so one pass over the functions sees every caller first.
        for (i, f) in functions.iter().enumerate() {
            while self.spread_absent(i, f, &mut absent) {}
        }
        for (i, f) in functions.iter().enumerate() {
            let is = |v: &Value| absent[i][v.0 as usize];
            for (b, block) in f.blocks.iter().enumerate() {
                for (n, inst) in block.insts.iter().enumerate() {
                    let bad = match &inst.kind {
                        InstKind::ToPlace(_) | InstKind::Charge(_) | InstKind::Call(..) => None,
                        InstKind::Op(op, args) => required_absent(*op, args, is),
                        other => other.operands().into_iter().find(|v| is(v)),
                    };
                    self.no_absent(At { function: i, block: Some(b), inst: Some(n) }, bad)?;
                }
                let at = At { function: i, block: Some(b), inst: Some(block.insts.len()) };
                let bad = match &block.term.kind {
                    TermKind::Branch { cond, .. } => Some(*cond).filter(is),
                    TermKind::Return(Some(v)) => Some(*v).filter(is),
                    TermKind::Try { op, args, .. } => required_absent(*op, args, is),
                    TermKind::Jump(_) | TermKind::NoValue(_) | TermKind::Return(None) => None,
                };
                self.no_absent(at, bad)?;
            }
        }
        Ok(())
    }

    fn no_absent(&self, at: At, bad: Option<Value>) -> Checked {
        match bad {
            None => Ok(()),
            Some(v) => Err(self.error(at, format!("%{} may be absent here", v.0))),
        }
    }

    /// One round of marking the values that may be absent; whether it marked any.
    fn spread_absent(&self, function: usize, f: &Function, absent: &mut [Vec<bool>]) -> bool {
        let mut changed = false;
        let mut mark = |absent: &mut [Vec<bool>], function: usize, v: Value| {
            let flag = &mut absent[function][v.0 as usize];
            changed |= !*flag;
            *flag = true;
        };
        for block in &f.blocks {
            for Inst { result, kind, .. } in &block.insts {
                match (kind, result) {
                    (InstKind::Absent, Some(r)) => mark(absent, function, *r),
                    (InstKind::ToPlace(v), Some(r)) if absent[function][v.0 as usize] => {
                        mark(absent, function, *r);
                    }
                    (InstKind::Call(callee, args), _) => {
                        let params = &self.program.functions[callee.0 as usize].blocks[0].params;
                        for (a, p) in args.iter().zip(params) {
                            if absent[function][a.0 as usize] {
                                mark(absent, callee.0 as usize, *p);
                            }
                        }
                    }
                    _ => {}
                }
            }
            for target in block.term.kind.targets() {
                let params = &f.blocks[target.block.0 as usize].params;
                for (a, p) in target.args.iter().zip(params) {
                    if absent[function][a.0 as usize] {
                        mark(absent, function, *p);
                    }
                }
            }
        }
        changed
    }
}

/// The first argument that may be absent though its parameter is not optional.
fn required_absent(
    op: crate::Intrinsic,
    args: &[Value],
    is: impl Fn(&Value) -> bool,
) -> Option<Value> {
    let params = &op.def().signature().params;
    args.iter().zip(params).find(|(a, p)| is(a) && !p.optional).map(|(a, _)| *a)
}
