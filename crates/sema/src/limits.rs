//! How much a run takes at least: pictures, steps, values and calls of operations, from the program and the
//! lists whose lengths the manifest gives. What is certain to be over a limit is an error before the run.
//!
//! Only a lower bound is counted, so that nothing is refused that could run: of two branches the cheaper one,
//! of a list whose length is not known no member, of `any` and `all` one. A computation that does not depend on
//! a loop's variable counts once for the loop, since a compiler may move it out; a picture counts in every
//! turn, for a picture is an effect.

use std::cell::Cell;

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion};
use reasmory_ir::Limits;
use reasmory_ops::{Effect, InlineOp, OpId};
use reasmory_span::Span;
use reasmory_types::Ty;

use crate::hir::{Body, Expr, ExprKind, LocalId, Program, Stmt, StmtKind};

/// Most expressions that are visited; more makes the bound lower, never wrong.
const WORK: u32 = 20_000;
/// Most loops inside each other that are told apart; inner ones beyond count once.
const LOOPS: usize = 32;

/// Most calls inside each other that are followed.
const CALLS: usize = 24;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Steps,
    Values,
    Renders,
}

/// A count and the place that makes most of it.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    total: u64,
    most: u64,
    at: Option<Span>,
}

impl Count {
    fn add(&mut self, n: u64, at: Span) {
        self.total = self.total.saturating_add(n);
        if n > self.most {
            (self.most, self.at) = (n, Some(at));
        }
    }

    fn join(&mut self, o: Count) {
        self.total = self.total.saturating_add(o.total);
        if o.most > self.most {
            (self.most, self.at) = (o.most, o.at);
        }
    }
}

/// What a piece of program takes at least.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    steps: Count,
    values: Count,
    renders: Count,
    /// Where the pictures pass the limit.
    over: Option<Span>,
}

impl Cost {
    fn join(&mut self, o: Cost) {
        self.steps.join(o.steps);
        self.values.join(o.values);
        self.renders.join(o.renders);
        self.over = self.over.or(o.over);
    }

    /// The cheaper of two, thing by thing.
    fn least(a: Cost, b: Cost) -> Cost {
        let min = |a: Count, b: Count| if a.total <= b.total { a } else { b };
        Cost {
            steps: min(a.steps, b.steps),
            values: min(a.values, b.values),
            renders: min(a.renders, b.renders),
            over: a.over.and(b.over),
        }
    }
}

/// Which enclosing loops a value depends on, a bit each.
type Depends = u32;

/// What is known of a local: how many members it surely has, and what it depends on.
#[derive(Clone, Copy, Debug, Default)]
struct Local {
    least: u64,
    depends: Depends,
}

struct Scope<'h> {
    program: &'h Program,
    locals: Vec<Local>,
    /// The least numbers of turns of the enclosing loops, outermost first.
    loops: Vec<u64>,
    cost: Cost,
    limits: Limits,
    /// The least length of lists whose length is known: 0, or to see how much a program may take.
    floor: u64,
    work: &'h Cell<u32>,
    /// In a function: every place is that of the call.
    place: Option<Span>,
    /// Calls inside each other.
    depth: usize,
}

/// Whether nothing would be reported if every list whose length is known had at least this many members: then
/// nothing is in any memory that has no more of anything.
pub(crate) fn stays_under(program: &Program, limits: Limits, most: u64) -> bool {
    let work = Cell::new(0);
    let mut scope = Scope::new(program, &program.main, (limits, most), &work);
    scope.statements(&program.main.stmts);
    let cost = scope.cost;
    work.get() <= WORK
        && cost.renders.total <= u64::from(limits.renders)
        && cost.steps.total <= limits.fuel
        && cost.values.total <= limits.values as u64
}

/// Reports what surely is over a limit.
pub(crate) fn check(program: &Program, limits: Limits, out: &mut Vec<Diagnostic>) {
    let work = Cell::new(0);
    let mut scope = Scope::new(program, &program.main, (limits, 0), &work);
    scope.statements(&program.main.stmts);
    let cost = scope.cost;
    let (n, limit) = (cost.renders.total, u64::from(limits.renders));
    if n > limit {
        let at = cost.over.or(cost.renders.at).unwrap_or_default();
        let mut d = report(Code::RenderLimit, at, What::Renders, n, limit)
            .label("this one is over the limit")
            .help("render fewer views, or loop over a shorter list");
        if let Some((list, len)) = looped(&program.main.stmts, at) {
            // As many turns as the limit takes; what stands outside the loop has its pictures as well.
            let keep = (u128::from(len) * u128::from(limit) / u128::from(n)) as u64;
            if keep > 0 {
                let edit = |at: u32, insert: String| Edit { span: Span::at(at), insert };
                d = d.suggest(Suggestion {
                    title: format!("loop over the first {keep} of {len}"),
                    edits: vec![
                        edit(list.start, "[".into()),
                        edit(list.end, format!("[i] for i in 1..{keep}]")),
                    ],
                    applicability: Applicability::Unsafe,
                });
            }
        }
        out.push(d);
    }
    for (what, code, count, limit) in [
        (What::Steps, Code::StepLimit, cost.steps, limits.fuel),
        (What::Values, Code::ValueLimit, cost.values, limits.values as u64),
    ] {
        if count.total > limit {
            let at = count.at.unwrap_or_default();
            out.push(
                report(code, at, what, count.total, limit)
                    .label(format!("{} of them here", written(count.most)))
                    .help(
                        "loop over a shorter list: filter before pairing, take one list instead of \
                         all pairs, or ask for the quantity directly",
                    ),
            );
            // The one loop that makes the steps makes the values.
            break;
        }
    }
}

/// The list of the outermost loop around a place, and its length, where that is known.
fn looped(stmts: &[Stmt], at: Span) -> Option<(Span, u64)> {
    stmts.iter().find_map(|s| match &s.kind {
        _ if at.start < s.span.start || s.span.end < at.end => None,
        StmtKind::For(_, list, _) if crate::question::is_postfix(list) => {
            Some((list.span, list.facts.len?))
        }
        StmtKind::If(_, a, b) => looped(a, at).or_else(|| looped(b, at)),
        _ => None,
    })
}

fn report(code: Code, at: Span, what: What, n: u64, limit: u64) -> Diagnostic {
    let (verb, noun) = match what {
        What::Steps => ("takes at least", "steps"),
        What::Values => ("makes at least", "values"),
        What::Renders => ("makes", "pictures"),
    };
    Diagnostic::new(
        code,
        at,
        format!(
            "the program {verb} {} {noun}; a run may {} {}",
            written(n),
            if what == What::Steps { "take" } else { "make" },
            written(limit)
        ),
    )
    .fact("count", n)
    .fact("limit", limit)
}

/// A number with its thousands apart.
fn written(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

impl<'h> Scope<'h> {
    fn new(
        program: &'h Program,
        body: &Body,
        (limits, floor): (Limits, u64),
        work: &'h Cell<u32>,
    ) -> Scope<'h> {
        Scope {
            program,
            locals: vec![Local::default(); body.locals.len()],
            loops: Vec::new(),
            cost: Cost::default(),
            limits,
            floor,
            work,
            place: None,
            depth: 0,
        }
    }

    fn at(&self, span: Span) -> Span {
        self.place.unwrap_or(span)
    }

    /// How often something that depends on these loops is surely computed.
    fn times(&self, depends: Depends) -> u64 {
        self.loops
            .iter()
            .enumerate()
            .filter(|(i, _)| depends >> i & 1 == 1)
            .fold(1u64, |n, (_, turns)| n.saturating_mul(*turns))
    }

    /// Statements that are surely reached.
    fn statements(&mut self, stmts: &[Stmt]) {
        for s in stmts {
            match &s.kind {
                StmtKind::Bind(id, e) => {
                    let local = self.expression(e);
                    self.set(*id, local);
                }
                StmtKind::Answer(e, _) | StmtKind::Show(e) | StmtKind::Assert(e, _) => {
                    self.expression(e);
                }
                StmtKind::Return(e) => {
                    self.expression(e);
                    return;
                }
                StmtKind::If(c, a, b) => {
                    self.expression(c);
                    let before = std::mem::take(&mut self.cost);
                    self.statements(a);
                    let x = std::mem::take(&mut self.cost);
                    self.statements(b);
                    let y = std::mem::replace(&mut self.cost, before);
                    self.cost.join(Cost::least(x, y));
                    // What follows may not be reached.
                    if returns(a) || returns(b) {
                        return;
                    }
                }
                StmtKind::For(id, list, body) => {
                    let list = self.expression(list);
                    self.enter(*id, list, s.span, |cx| {
                        cx.statements(body);
                        // A body of effects stays where it is.
                        0
                    });
                }
            }
        }
    }

    /// Pictures that an operation draws, in every turn of the loops around it.
    fn pictures(&mut self, n: u64, at: Span) {
        let n = self.loops.iter().fold(n, |n, turns| n.saturating_mul(*turns));
        let at = self.at(at);
        self.cost.renders.add(n, at);
        if self.cost.renders.total > u64::from(self.limits.renders) && self.cost.over.is_none() {
            self.cost.over = Some(at);
        }
    }

    fn set(&mut self, id: LocalId, local: Local) {
        if let Some(slot) = self.locals.get_mut(id.0 as usize) {
            *slot = local;
        }
    }

    /// A loop over a list: its turns are steps. `body` gives what the loop's body depends on.
    fn enter(
        &mut self,
        id: LocalId,
        list: Local,
        at: Span,
        body: impl FnOnce(&mut Self) -> Depends,
    ) -> Depends {
        if self.loops.len() >= LOOPS {
            self.set(id, Local { least: 0, depends: list.depends });
            return body(self) | list.depends;
        }
        let own: Depends = 1 << self.loops.len();
        self.loops.push(list.least);
        self.set(id, Local { least: 0, depends: list.depends | own });
        let inside = body(self);
        self.loops.pop();
        let outer = (inside & !own) | list.depends;
        let n = list.least.saturating_mul(self.times(outer));
        let at = self.at(at);
        self.cost.steps.add(n, at);
        outer
    }

    /// A new list of `n` members.
    fn list(&mut self, n: u64, depends: Depends, at: Span) -> Local {
        let made = n.saturating_mul(self.times(depends));
        let at = self.at(at);
        self.cost.values.add(made, at);
        Local { least: n, depends }
    }

    /// Counts an expression; gives the members it surely has and what it depends on.
    fn expression(&mut self, e: &Expr) -> Local {
        self.work.set(self.work.get() + 1);
        if self.work.get() > WORK {
            return Local::default();
        }
        // What the checker knows of a list, from the manifest or the source.
        let known = e.facts.len.map_or(0, |n| n.max(self.floor));
        let of =
            |cx: &mut Self, xs: &[&Expr]| xs.iter().fold(0, |d, x| d | cx.expression(x).depends);
        match &e.kind {
            ExprKind::Local(id) => {
                let own = self.locals.get(id.0 as usize).copied().unwrap_or_default();
                Local { least: own.least.max(known), depends: own.depends }
            }
            // The right side may not be reached.
            ExprKind::And(a, _) | ExprKind::Or(a, _) => {
                let depends = of(self, &[a]);
                Local { least: 0, depends }
            }
            ExprKind::If(c, a, b) => {
                let c = of(self, &[c]);
                let before = std::mem::take(&mut self.cost);
                let x = self.expression(a);
                let one = std::mem::take(&mut self.cost);
                let y = self.expression(b);
                let two = std::mem::replace(&mut self.cost, before);
                self.cost.join(Cost::least(one, two));
                Local { least: x.least.min(y.least).max(known), depends: c | x.depends | y.depends }
            }
            ExprKind::List(items) => {
                let depends = items.iter().fold(0, |d, i| d | self.expression(i).depends);
                self.list(items.len() as u64, depends, e.span)
            }
            ExprKind::Range(a, b) => {
                let depends = of(self, &[a, b]);
                self.list(known, depends, e.span)
            }
            ExprKind::Op { op, args, .. } => {
                let mut depends = 0;
                let mut first = Local::default();
                for (i, a) in args.iter().enumerate() {
                    let Some(a) = a else { continue };
                    let x = self.expression(a);
                    depends |= x.depends;
                    if i == 0 {
                        first = x;
                    }
                }
                if op.def().effect == Effect::Render {
                    self.pictures(if *op == OpId::Strip { first.least } else { 1 }, e.span);
                }
                let least = match op {
                    // All but the one, where one is what is left out.
                    OpId::Without if args.get(1).is_some_and(|x| one(x.as_ref())) => {
                        first.least.saturating_sub(1)
                    }
                    _ => known,
                };
                match &e.ty {
                    Ty::List(_) => self.list(least, depends, e.span),
                    _ => Local { least: 0, depends },
                }
            }
            ExprKind::Inline { op, args, lambda, .. } => {
                let list = args.first().map(|a| self.expression(a)).unwrap_or_default();
                let rest = args.iter().skip(1).fold(0, |d, a| d | self.expression(a).depends);
                let list = Local { depends: list.depends | rest, ..list };
                let over = match op {
                    // May end at the first member.
                    InlineOp::Any | InlineOp::All => Local { least: list.least.min(1), ..list },
                    _ => list,
                };
                let depends = match lambda {
                    Some(l) => {
                        self.enter(l.param, over, e.span, |cx| cx.expression(&l.body).depends)
                    }
                    None if matches!(
                        op,
                        InlineOp::Sum | InlineOp::Mean | InlineOp::Min | InlineOp::Max
                    ) =>
                    {
                        let n = list.least.saturating_mul(self.times(list.depends));
                        let at = self.at(e.span);
                        self.cost.steps.add(n, at);
                        list.depends
                    }
                    None => list.depends,
                };
                match op {
                    InlineOp::Map | InlineOp::SortBy | InlineOp::Reverse => {
                        self.list(list.least.max(known), depends, e.span)
                    }
                    _ => Local { least: 0, depends },
                }
            }
            ExprKind::Comprehension { local, list, cond, element } => {
                let list = self.expression(list);
                let depends = self.enter(*local, list, e.span, |cx| {
                    let c = cond.as_ref().map_or(0, |c| cx.expression(c).depends);
                    match cond {
                        // Where the condition fails there is no element.
                        Some(_) => c,
                        None => cx.expression(element).depends,
                    }
                });
                match cond {
                    Some(_) => Local { least: 0, depends },
                    None => self.list(list.least.max(known), depends, e.span),
                }
            }
            ExprKind::Let(bindings, body) => {
                for (id, x) in bindings {
                    let x = self.expression(x);
                    self.set(*id, x);
                }
                self.expression(body)
            }
            ExprKind::Call(name, args) => {
                let args: Vec<Local> = args.iter().map(|a| self.expression(a)).collect();
                self.call(name, &args, e.span)
            }
            ExprKind::Coerce(_, x) => {
                let x = self.expression(x);
                Local { least: x.least.max(known), depends: x.depends }
            }
            _ => {
                let mut depends = 0;
                let mut children = Vec::new();
                e.for_each_child(&mut |c| children.push(c));
                for c in children {
                    depends |= self.expression(c).depends;
                }
                Local { least: known, depends }
            }
        }
    }

    /// The body of a function, with what is known of the arguments.
    fn call(&mut self, name: &str, args: &[Local], at: Span) -> Local {
        let depends = args.iter().fold(0, |d, a| d | a.depends);
        let Some(f) = self.program.functions.iter().find(|f| f.name == name) else {
            return Local { least: 0, depends };
        };
        // A program that recurses was reported, and must end here.
        if self.depth >= CALLS {
            return Local { least: 0, depends };
        }
        let mut inner = Scope::new(self.program, &f.body, (self.limits, self.floor), self.work);
        inner.loops.clone_from(&self.loops);
        inner.place = Some(self.at(at));
        inner.depth = self.depth + 1;
        for (p, a) in f.params.iter().zip(args) {
            inner.set(*p, *a);
        }
        inner.statements(&f.body.stmts);
        self.cost.join(inner.cost);
        Local { least: 0, depends }
    }
}

/// Whether a place is one object: leaving it out leaves out at most one member.
fn one(x: Option<&Expr>) -> bool {
    match x.map(|x| (&x.kind, &x.ty)) {
        Some((ExprKind::Coerce(_, inner), _)) => inner.ty == Ty::Object,
        Some((_, ty)) => *ty == Ty::Object,
        None => false,
    }
}

/// Whether some way through statements ends the function.
fn returns(stmts: &[Stmt]) -> bool {
    stmts.iter().any(|s| match &s.kind {
        StmtKind::Return(_) => true,
        StmtKind::If(_, a, b) => returns(a) || returns(b),
        _ => false,
    })
}
