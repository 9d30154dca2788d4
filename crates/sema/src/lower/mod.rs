//! HIR to MIR. Lambdas are expanded where they are used, so generic operations become loops over lists;
//! functions stay functions, those of the standard library placed at their call, so that a fault inside
//! one is reported where the user called it.

mod expr;
mod inline;
mod marks;
mod search;

use std::collections::BTreeMap;

use reasmory_ir::{
    BlockId, ConstText, FuncId, FunctionBuilder, InstKind, Loc, Program, Target, TermKind, Value,
};
use reasmory_span::Span;
use reasmory_types::Ty;

pub use marks::{Mark, MarkInput, Sort};

use crate::hir::{self, Expr, LocalId, Stmt, StmtKind};

/// Lowers a program that checked without errors.
pub fn lower(program: &hir::Program) -> Program {
    lower_with(program, false).0
}

/// [`lower`], with a mark where each expression of the user's text is complete.
pub fn lower_marked(program: &hir::Program) -> (Program, Vec<Mark>) {
    lower_with(program, true)
}

fn lower_with(program: &hir::Program, marked: bool) -> (Program, Vec<Mark>) {
    let mut cx = Lowering {
        program,
        texts: Vec::new(),
        text_ids: BTreeMap::new(),
        locs: Vec::new(),
        loc_ids: BTreeMap::new(),
        called: Vec::new(),
        pending: Vec::new(),
        marks: marked.then(Vec::new),
    };
    let mut marks: Vec<(usize, Mark)> = Vec::new();
    let mut bodies = vec![(usize::MAX, cx.body("main", &program.main, &[], None, false))];
    marks.extend(cx.take_marks().map(|m| (usize::MAX, m)));
    while let Some(name) = cx.pending.pop() {
        let Some(f) = program.functions.iter().find(|f| f.name == name) else { continue };
        let index = cx.called.iter().position(|k| *k == name).unwrap_or(0);
        let result = mir_ty(&f.result);
        bodies.push((index, cx.body(&name, &f.body, &f.params, Some(result), f.std)));
        marks.extend(cx.take_marks().map(|m| (index, m)));
    }
    // Callers before callees: the order of `program.functions`, then of discovery.
    let mut order: Vec<(usize, usize)> = cx
        .called
        .iter()
        .enumerate()
        .map(|(i, name)| {
            (program.functions.iter().position(|f| f.name == *name).unwrap_or(usize::MAX), i)
        })
        .collect();
    order.sort_unstable();
    let mut new_id = vec![FuncId(0); order.len()];
    for (n, (_, i)) in order.iter().enumerate() {
        new_id[*i] = FuncId(n as u32 + 1);
    }
    let mut functions: Vec<(u32, reasmory_ir::Function)> =
        bodies.into_iter().map(|(index, f)| (new_id.get(index).map_or(0, |id| id.0), f)).collect();
    functions.sort_by_key(|f| f.0);
    let mut functions: Vec<_> = functions.into_iter().map(|f| f.1).collect();
    for inst in functions.iter_mut().flat_map(|f| &mut f.blocks).flat_map(|b| &mut b.insts) {
        if let InstKind::Call(id, _) = &mut inst.kind {
            *id = new_id[id.0 as usize];
        }
    }
    if cx.locs.is_empty() {
        // A program of functions alone: its empty `main` ends somewhere, too.
        cx.loc(Span::default());
    }
    for (index, mark) in &mut marks {
        mark.function = new_id.get(*index).copied().unwrap_or(FuncId(0));
    }
    let marks = marks.into_iter().map(|m| m.1).collect();
    (Program { functions, texts: cx.texts, locs: cx.locs }.canonical(), marks)
}

/// The type a value has in MIR: a noun is a Text, an Extent a Length.
pub(crate) fn mir_ty(ty: &Ty) -> Ty {
    match ty {
        Ty::Noun => Ty::Text,
        Ty::Extent => Ty::LENGTH,
        Ty::List(t) => mir_ty(t).list(),
        Ty::Group(k, t) => Ty::Group(Box::new(mir_ty(k)), Box::new(mir_ty(t))),
        other => other.clone(),
    }
}

struct Lowering<'p> {
    program: &'p hir::Program,
    texts: Vec<String>,
    text_ids: BTreeMap<String, ConstText>,
    locs: Vec<Span>,
    loc_ids: BTreeMap<Span, Loc>,
    /// Functions called so far, in order of discovery; until the end a call names an index here.
    called: Vec<String>,
    pending: Vec<String>,
    /// Marks of the body being built, where they are wanted.
    marks: Option<Vec<Mark>>,
}

/// One body being built.
struct Fx<'c, 'p> {
    cx: &'c mut Lowering<'p>,
    b: FunctionBuilder,
    locals: BTreeMap<LocalId, Value>,
    /// Whether the places of this body are those of its call.
    at_call: bool,
    /// What the expression being lowered is, for its mark.
    noted: Option<(Sort, String, Vec<MarkInput>)>,
    /// Loops and functions as arguments around it.
    depth: u32,
}

impl Lowering<'_> {
    fn text(&mut self, text: &str) -> ConstText {
        if let Some(id) = self.text_ids.get(text) {
            return *id;
        }
        let id = ConstText(self.texts.len() as u32);
        self.texts.push(text.to_owned());
        self.text_ids.insert(text.to_owned(), id);
        id
    }

    fn loc(&mut self, span: Span) -> Loc {
        if let Some(id) = self.loc_ids.get(&span) {
            return *id;
        }
        let id = Loc(self.locs.len() as u32);
        self.locs.push(span);
        self.loc_ids.insert(span, id);
        id
    }

    fn function(&mut self, name: &str) -> FuncId {
        if let Some(i) = self.called.iter().position(|k| k == name) {
            return FuncId(i as u32);
        }
        self.called.push(name.to_owned());
        self.pending.push(name.to_owned());
        FuncId(self.called.len() as u32 - 1)
    }

    fn body(
        &mut self,
        name: &str,
        body: &hir::Body,
        params: &[LocalId],
        result: Option<Ty>,
        at_call: bool,
    ) -> reasmory_ir::Function {
        let types: Vec<Ty> = params.iter().map(|p| mir_ty(&body.locals[p.0 as usize].ty)).collect();
        let (mut b, values) = FunctionBuilder::new(name, &types, result);
        if at_call {
            b.at_call();
        }
        let locals = params.iter().copied().zip(values).collect();
        let mut fx = Fx { cx: self, b, locals, at_call, noted: None, depth: 0 };
        fx.stmts(&body.stmts);
        fx.b.finish()
    }
}

impl Fx<'_, '_> {
    fn at(&mut self, span: Span) -> Loc {
        // The places of the library mean nothing in the user's text.
        if self.at_call { Loc(0) } else { self.cx.loc(span) }
    }

    fn stmts(&mut self, stmts: &[Stmt]) {
        for s in stmts {
            // What follows a `return` is never reached.
            if self.b.is_terminated() {
                return;
            }
            self.stmt(s);
        }
    }

    fn stmt(&mut self, s: &Stmt) {
        let loc = self.at(s.span);
        match &s.kind {
            StmtKind::Bind(id, e) => {
                let v = self.value(e);
                self.locals.insert(*id, v);
            }
            StmtKind::Answer(e, unit) => {
                let value = self.value(e);
                let unit = unit.map(|u| u.index() as u32);
                self.b.effect(InstKind::Answer { value, unit }, loc);
            }
            StmtKind::Show(e) => {
                let v = self.value(e);
                self.b.effect(InstKind::Show(v), loc);
            }
            StmtKind::Assert(c, w) => {
                let cond = self.value(c);
                let why = w.as_ref().map(|w| self.value(w));
                self.b.effect(InstKind::Assert { cond, why }, loc);
            }
            StmtKind::Return(e) => {
                let v = self.value(e);
                self.b.terminate(TermKind::Return(Some(v)), loc);
            }
            StmtKind::If(c, then, otherwise) => {
                let cond = self.value(c);
                let (a, _) = self.b.block(&[]);
                let (b, _) = self.b.block(&[]);
                self.branch(cond, a, b, loc);
                let mut open = Vec::new();
                for (block, body) in [(a, then), (b, otherwise)] {
                    self.b.switch_to(block);
                    self.stmts(body);
                    if !self.b.is_terminated() {
                        open.push(self.b.current());
                    }
                }
                if open.is_empty() {
                    return;
                }
                let (join, _) = self.b.block(&[]);
                for block in open {
                    self.b.switch_to(block);
                    self.b.jump(join, vec![], loc);
                }
                self.b.switch_to(join);
            }
            StmtKind::For(id, list, body) => {
                let l = self.value(list);
                self.depth += 1;
                self.each(l, loc, &[], |fx, x, _, _| {
                    fx.locals.insert(*id, x);
                    fx.stmts(body);
                    vec![]
                });
                self.depth -= 1;
            }
        }
    }

    fn branch(&mut self, cond: Value, then: BlockId, otherwise: BlockId, loc: Loc) {
        let target = |block| Target { block, args: vec![] };
        self.b.terminate(
            TermKind::Branch { cond, then: target(then), otherwise: target(otherwise) },
            loc,
        );
    }

    fn int(&mut self, i: i64, loc: Loc) -> Value {
        self.b.inst(InstKind::ConstInt(i), Ty::Int, loc)
    }

    fn bool(&mut self, b: bool, loc: Loc) -> Value {
        self.b.inst(InstKind::ConstBool(b), Ty::Bool, loc)
    }

    /// A loop over a list. `body` gets the member, its 1-based index and the carried values, and gives
    /// the carried values for the next turn. Returns the carried values after the last.
    fn each(
        &mut self,
        list: Value,
        loc: Loc,
        carried: &[Value],
        body: impl FnOnce(&mut Self, Value, Value, &[Value]) -> Vec<Value>,
    ) -> Vec<Value> {
        self.each_until(list, loc, carried, |fx, x, i, c| (body(fx, x, i, c), None))
    }

    /// [`Fx::each`] whose body may also give a condition under which the loop ends at once.
    fn each_until(
        &mut self,
        list: Value,
        loc: Loc,
        carried: &[Value],
        body: impl FnOnce(&mut Self, Value, Value, &[Value]) -> (Vec<Value>, Option<Value>),
    ) -> Vec<Value> {
        let member = match self.b.ty(list) {
            Ty::List(t) => (**t).clone(),
            _ => Ty::Error,
        };
        let types: Vec<Ty> = carried.iter().map(|v| self.b.ty(*v).clone()).collect();
        let with_index: Vec<Ty> = [Ty::Int].into_iter().chain(types.iter().cloned()).collect();
        let len = self.b.inst(InstKind::ListLen(list), Ty::Int, loc);
        let one = self.int(1, loc);
        let (header, params) = self.b.block(&with_index);
        let (inside, _) = self.b.block(&[]);
        let (exit, results) = self.b.block(&types);
        let args: Vec<Value> = [one].into_iter().chain(carried.iter().copied()).collect();
        self.b.jump(header, args, loc);
        self.b.switch_to(header);
        self.b.effect(InstKind::Fuel, loc);
        let (i, state) = (params[0], &params[1..]);
        let more = self.b.inst(InstKind::ICmp(reasmory_ir::CmpOp::Le, i, len), Ty::Bool, loc);
        self.b.terminate(
            TermKind::Branch {
                cond: more,
                then: Target { block: inside, args: vec![] },
                otherwise: Target { block: exit, args: state.to_vec() },
            },
            loc,
        );
        self.b.switch_to(inside);
        let x = self.b.inst(InstKind::ListGet(list, i), member, loc);
        let (next, stop) = body(self, x, i, state);
        if !self.b.is_terminated() {
            if let Some(stop) = stop {
                let (go_on, _) = self.b.block(&[]);
                self.b.terminate(
                    TermKind::Branch {
                        cond: stop,
                        then: Target { block: exit, args: next.clone() },
                        otherwise: Target { block: go_on, args: vec![] },
                    },
                    loc,
                );
                self.b.switch_to(go_on);
            }
            let one = self.int(1, loc);
            let i2 = self.b.inst(InstKind::IAdd(i, one), Ty::Int, loc);
            let args: Vec<Value> = [i2].into_iter().chain(next).collect();
            self.b.jump(header, args, loc);
        }
        self.b.switch_to(exit);
        results
    }

    /// A value computed one way or another.
    fn either(
        &mut self,
        cond: Value,
        ty: &Ty,
        loc: Loc,
        then: impl FnOnce(&mut Self) -> Option<Value>,
        otherwise: impl FnOnce(&mut Self) -> Option<Value>,
    ) -> Value {
        let (a, _) = self.b.block(&[]);
        let (b, _) = self.b.block(&[]);
        let (join, result) = self.b.block(std::slice::from_ref(ty));
        self.branch(cond, a, b, loc);
        self.b.switch_to(a);
        if let Some(v) = then(self) {
            self.b.jump(join, vec![v], loc);
        }
        self.b.switch_to(b);
        if let Some(v) = otherwise(self) {
            self.b.jump(join, vec![v], loc);
        }
        self.b.switch_to(join);
        result[0]
    }

    /// The value of `else=`, or the end of the run.
    fn alternative(&mut self, otherwise: Option<&Expr>, why: &str, loc: Loc) -> Option<Value> {
        match otherwise {
            Some(e) => Some(self.value(e)),
            None => {
                let text = self.cx.text(why);
                self.b.terminate(TermKind::NoValue(text), loc);
                None
            }
        }
    }
}
