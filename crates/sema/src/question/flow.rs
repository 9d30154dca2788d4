//! Where values come from: a local is what it was bound to, a parameter what the call gave, a loop or
//! lambda variable a member of its list.
//!
//! Every call has a frame of its own, so a function that is called twice is followed twice. The work is
//! bounded; past the bound a value is unknown, which no rule holds against a program.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use reasmory_span::Span;

use crate::hir::{Expr, ExprKind, Function, LocalId, Program, Stmt, StmtKind};

/// Most expressions followed for one program.
const BUDGET: u32 = 20_000;

/// A call being followed; 0 is the program itself.
pub(crate) type FrameId = usize;

/// An expression in a frame.
pub(crate) type Place<'h> = (&'h Expr, FrameId);

/// What a local is.
#[derive(Clone, Copy)]
pub(crate) enum Origin<'h> {
    /// This value.
    Value(&'h Expr),
    /// A member of this list.
    Member(&'h Expr),
}

struct Frame<'h> {
    function: Option<&'h Function>,
    args: &'h [Expr],
    caller: FrameId,
    /// The user's call, where library code is followed.
    place: Option<Span>,
}

/// A program to be followed.
pub(crate) struct Flow<'h> {
    program: &'h Program,
    main: BTreeMap<LocalId, Origin<'h>>,
    functions: BTreeMap<&'h str, (&'h Function, BTreeMap<LocalId, Origin<'h>>)>,
    frames: RefCell<Vec<Frame<'h>>>,
    calls: RefCell<BTreeMap<(*const Expr, FrameId), FrameId>>,
    left: Cell<u32>,
}

impl<'h> Flow<'h> {
    pub(crate) fn new(program: &'h Program) -> Flow<'h> {
        let mut main = BTreeMap::new();
        origins(&program.main.stmts, &mut main);
        let mut functions = BTreeMap::new();
        for f in &program.functions {
            let f: &'h Function = f;
            let mut map = BTreeMap::new();
            origins(&f.body.stmts, &mut map);
            functions.insert(f.name.as_str(), (f, map));
        }
        let root = Frame { function: None, args: &[], caller: 0, place: None };
        Flow {
            program,
            main,
            functions,
            frames: RefCell::new(vec![root]),
            calls: RefCell::default(),
            left: Cell::new(BUDGET),
        }
    }

    /// Takes from the bound; false where nothing is left.
    pub(crate) fn step(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    /// Whether the bound was reached: what was not found may still be there.
    pub(crate) fn exhausted(&self) -> bool {
        self.left.get() == 0
    }

    /// What a local is, and the frame that is in.
    pub(crate) fn resolve(&self, id: LocalId, frame: FrameId) -> Option<(Origin<'h>, FrameId)> {
        let frames = self.frames.borrow();
        let f = frames.get(frame)?;
        let Some(function) = f.function else {
            return self.main.get(&id).map(|o| (*o, frame));
        };
        if let Some(i) = function.params.iter().position(|p| *p == id) {
            return f.args.get(i).map(|a| (Origin::Value(a), f.caller));
        }
        let (_, map) = self.functions.get(function.name.as_str())?;
        map.get(&id).map(|o| (*o, frame))
    }

    /// The frame of a call, and the function that it calls.
    pub(crate) fn enter(&self, call: &'h Expr, frame: FrameId) -> Option<(FrameId, &'h Function)> {
        let ExprKind::Call(name, args) = &call.kind else { return None };
        let (function, _) = self.functions.get(name.as_str())?;
        let key = (std::ptr::from_ref(call), frame);
        if let Some(id) = self.calls.borrow().get(&key) {
            return Some((*id, function));
        }
        if !self.step() {
            return None;
        }
        let outer = self.frames.borrow().get(frame)?.place;
        let place = outer.or_else(|| function.std.then_some(call.span));
        let mut frames = self.frames.borrow_mut();
        frames.push(Frame { function: Some(function), args, caller: frame, place });
        let id = frames.len() - 1;
        self.calls.borrow_mut().insert(key, id);
        Some((id, function))
    }

    /// What a call can return.
    pub(crate) fn returns(&self, call: &'h Expr, frame: FrameId) -> Vec<Place<'h>> {
        let Some((inner, function)) = self.enter(call, frame) else { return vec![] };
        let mut out = Vec::new();
        returned(&function.body.stmts, &mut out);
        out.into_iter().map(|e| (e, inner)).collect()
    }

    /// Where an expression stands in the user's program.
    pub(crate) fn span(&self, at: Place<'_>) -> Span {
        self.frames.borrow().get(at.1).and_then(|f| f.place).unwrap_or(at.0.span)
    }

    /// Whether an expression is text of the user's, not of the library.
    pub(crate) fn is_users(&self, at: Place<'_>) -> bool {
        self.frames.borrow().get(at.1).is_some_and(|f| f.place.is_none())
    }

    /// Everything that some expressions are computed from, each once, those before what they need.
    pub(crate) fn reach(&self, roots: Vec<Place<'h>>) -> Vec<Place<'h>> {
        let mut seen: BTreeSet<(*const Expr, FrameId)> = BTreeSet::new();
        let mut work = roots;
        work.reverse();
        let mut out = Vec::new();
        while let Some((e, frame)) = work.pop() {
            if !seen.insert((std::ptr::from_ref(e), frame)) {
                continue;
            }
            if !self.step() {
                break;
            }
            out.push((e, frame));
            if let ExprKind::Local(id) = &e.kind
                && let Some((Origin::Value(x) | Origin::Member(x), inner)) =
                    self.resolve(*id, frame)
            {
                work.push((x, inner));
            }
            if let Some((inner, function)) = self.enter(e, frame) {
                let mut found = Vec::new();
                computed(&function.body.stmts, &mut found);
                work.extend(found.into_iter().rev().map(|x| (x, inner)));
            }
            work.extend(e.children().into_iter().rev().map(|c| (c, frame)));
        }
        out
    }

    /// What the answer is decided by: answers, conditions and assertions.
    pub(crate) fn answering(&self) -> Vec<Place<'h>> {
        let mut found = Vec::new();
        computed(&self.program.main.stmts, &mut found);
        found.into_iter().map(|e| (e, 0)).collect()
    }

    /// What is shown.
    pub(crate) fn shown(&self) -> Vec<Place<'h>> {
        fn visit<'h>(stmts: &'h [Stmt], out: &mut Vec<&'h Expr>) {
            for s in stmts {
                match &s.kind {
                    StmtKind::Show(e) => out.push(e),
                    StmtKind::If(_, a, b) => {
                        visit(a, out);
                        visit(b, out);
                    }
                    StmtKind::For(_, _, b) => visit(b, out),
                    _ => {}
                }
            }
        }
        let mut found = Vec::new();
        visit(&self.program.main.stmts, &mut found);
        found.into_iter().map(|e| (e, 0)).collect()
    }
}

fn origins<'h>(stmts: &'h [Stmt], out: &mut BTreeMap<LocalId, Origin<'h>>) {
    for s in stmts {
        match &s.kind {
            StmtKind::Bind(id, e) => {
                out.insert(*id, Origin::Value(e));
                within(e, out);
            }
            StmtKind::Answer(e, _) | StmtKind::Show(e) | StmtKind::Return(e) => within(e, out),
            StmtKind::Assert(c, w) => {
                within(c, out);
                w.iter().for_each(|w| within(w, out));
            }
            StmtKind::If(c, a, b) => {
                within(c, out);
                origins(a, out);
                origins(b, out);
            }
            StmtKind::For(id, list, body) => {
                out.insert(*id, Origin::Member(list));
                within(list, out);
                origins(body, out);
            }
        }
    }
}

fn within<'h>(e: &'h Expr, out: &mut BTreeMap<LocalId, Origin<'h>>) {
    match &e.kind {
        ExprKind::Inline { args, lambda: Some(l), .. } => {
            if let Some(list) = args.first() {
                out.insert(l.param, Origin::Member(list));
            }
        }
        ExprKind::Let(bindings, _) => {
            out.extend(bindings.iter().map(|(id, e)| (*id, Origin::Value(e))));
        }
        ExprKind::Comprehension { local, list, .. } => {
            out.insert(*local, Origin::Member(list));
        }
        _ => {}
    }
    e.children().into_iter().for_each(|c| within(c, out));
}

fn returned<'h>(stmts: &'h [Stmt], out: &mut Vec<&'h Expr>) {
    for s in stmts {
        match &s.kind {
            StmtKind::Return(e) => out.push(e),
            StmtKind::If(_, a, b) => {
                returned(a, out);
                returned(b, out);
            }
            StmtKind::For(_, _, b) => returned(b, out),
            _ => {}
        }
    }
}

/// Results, conditions and assertions. What is bound is reached through its name.
fn computed<'h>(stmts: &'h [Stmt], out: &mut Vec<&'h Expr>) {
    for s in stmts {
        match &s.kind {
            StmtKind::Return(e) | StmtKind::Answer(e, _) => out.push(e),
            StmtKind::Assert(c, _) => out.push(c),
            StmtKind::If(c, a, b) => {
                let before = out.len();
                computed(a, out);
                computed(b, out);
                // A condition counts where it decides what is answered.
                if out.len() > before {
                    out.push(c);
                }
            }
            StmtKind::For(_, _, b) => computed(b, out),
            StmtKind::Bind(..) | StmtKind::Show(_) => {}
        }
    }
}
