//! A good program opened up for mutation.

use std::ops::Range;

use reasmory_driver::scene::Manifest;
use reasmory_driver::sema::catalogue::{self, Callable};
use reasmory_driver::syntax::ast::{
    Arg, Block, Expr, ExprKind, Ident, Item, Program, Stmt, StmtKind,
};

use crate::cases::Good;
use crate::inventory;

/// A program with a defect, and where the defect must be found.
pub struct Mutant {
    /// The program.
    pub text: String,
    /// The place.
    pub span: Range<usize>,
    /// The scene to check on, where it is another one.
    pub scene: Option<String>,
}

/// A good program with its tree.
pub struct Site<'g> {
    /// Text.
    pub text: &'g str,
    /// Name of its scene.
    pub scene: &'g str,
    /// The scene's manifest.
    pub manifest: &'static Manifest,
    /// Tree.
    pub program: Program,
}

/// A call: its name, whether it has a receiver, its arguments; without any for `x.f`.
pub struct Call<'a> {
    /// The name.
    pub name: &'a Ident,
    /// `x` of `x.f(…)`.
    pub receiver: Option<&'a Expr>,
    /// The arguments; `None` for `x.f`.
    pub args: Option<&'a [Arg]>,
    /// The whole.
    pub expr: &'a Expr,
    /// What it calls, where that is an operation.
    pub callable: Option<Callable>,
}

impl<'g> Site<'g> {
    /// Opens a program.
    pub fn new(good: &'g Good) -> Site<'g> {
        Site {
            text: &good.text,
            scene: &good.scene,
            manifest: inventory::scene(&good.scene).memory.manifest().as_ref(),
            program: reasmory_driver::syntax::parse(&good.text).program,
        }
    }

    /// The text with `at` replaced; the place to find is `mark` of `with`.
    pub fn swap(&self, at: Range<usize>, with: &str, mark: Range<usize>) -> Mutant {
        let mut text = self.text.to_owned();
        text.replace_range(at.clone(), with);
        Mutant { text, span: at.start + mark.start..at.start + mark.end, scene: None }
    }

    /// The same, all of `with` being the place.
    pub fn replace(&self, at: Range<usize>, with: &str) -> Mutant {
        self.swap(at, with, 0..with.len())
    }

    /// The text with `at` replaced; the place to find is `place` of the original.
    pub fn elsewhere(&self, at: Range<usize>, with: &str, place: Range<usize>) -> Mutant {
        let shift = |x: usize| x - at.len() + with.len();
        let start = if place.start >= at.end { shift(place.start) } else { place.start };
        // What ends where something is put in does not grow.
        let after = place.end >= at.end && place.end > at.start;
        let end = if after { shift(place.end) } else { place.end };
        let mut text = self.text.to_owned();
        text.replace_range(at, with);
        Mutant { text, span: start..end, scene: None }
    }

    /// The source of a span.
    pub fn source(&self, at: Range<usize>) -> &'g str {
        self.text.get(at).unwrap_or("")
    }

    /// Every expression.
    pub fn exprs(&self) -> Vec<&Expr> {
        let mut out = Vec::new();
        for s in self.stmts() {
            of_stmt(s, &mut out);
        }
        out
    }

    /// The statements of the program and of its functions, those in blocks included.
    pub fn stmts(&self) -> Vec<&Stmt> {
        let mut out = Vec::new();
        for item in &self.program.items {
            match item {
                Item::Stmt(s) => inner(s, &mut out),
                Item::Fn(f) => block(&f.body, &mut out),
                Item::Test(t) => block(&t.body, &mut out),
            }
        }
        out
    }

    /// The statements of the program itself.
    pub fn top(&self) -> Vec<&Stmt> {
        self.program
            .items
            .iter()
            .filter_map(|i| if let Item::Stmt(s) = i { Some(s) } else { None })
            .collect()
    }

    /// Names that the program binds itself.
    pub fn bound(&self) -> Vec<&str> {
        self.stmts()
            .into_iter()
            .filter_map(|s| match &s.kind {
                StmtKind::Bind { name, .. } => Some(name.name.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Every call.
    pub fn calls(&self) -> Vec<Call<'_>> {
        self.exprs()
            .into_iter()
            .filter_map(|e| match &e.kind {
                ExprKind::Call { callee, args } => Some(Call {
                    name: callee,
                    receiver: None,
                    args: Some(args),
                    expr: e,
                    callable: catalogue::find(&callee.name),
                }),
                ExprKind::Method { receiver, name, args } => Some(Call {
                    name,
                    receiver: Some(receiver),
                    args: args.as_deref(),
                    expr: e,
                    callable: catalogue::find(&name.name),
                }),
                _ => None,
            })
            .collect()
    }

    /// Whether a name means something in any program.
    pub fn is_known(&self, name: &str) -> bool {
        use reasmory_driver::{ops, syntax, types};
        catalogue::find(name).is_some()
            || catalogue::foreign(name).is_some()
            || ops::planned(name).is_some()
            || types::Direction::named(name).is_some()
            || types::Unit::named(name).is_some()
            || self.bound().contains(&name)
            || self.text.contains(&format!("fn {name}("))
            // A word of the grammar gives another tree.
            || syntax::parse(&format!("{name} = 1\n")).diagnostics.iter().any(|d| d.is_error())
    }
}

fn inner<'a>(s: &'a Stmt, out: &mut Vec<&'a Stmt>) {
    out.push(s);
    match &s.kind {
        StmtKind::If { then, otherwise, .. } => {
            block(then, out);
            otherwise.iter().for_each(|b| block(b, out));
        }
        StmtKind::For { body, .. } => block(body, out),
        _ => {}
    }
}

fn block<'a>(b: &'a Block, out: &mut Vec<&'a Stmt>) {
    b.stmts.iter().for_each(|s| inner(s, out));
}

/// The expressions of a statement, without those of the blocks in it.
fn of_stmt<'a>(s: &'a Stmt, out: &mut Vec<&'a Expr>) {
    match &s.kind {
        StmtKind::Bind { value: e, .. }
        | StmtKind::Answer(e)
        | StmtKind::Show(e)
        | StmtKind::Return(e)
        | StmtKind::Expr(e) => of_expr(e, out),
        StmtKind::Assert { cond, why } => {
            of_expr(cond, out);
            why.iter().for_each(|w| of_expr(w, out));
        }
        StmtKind::If { cond, .. } => of_expr(cond, out),
        StmtKind::For { list, .. } => of_expr(list, out),
        StmtKind::Error => {}
    }
}

fn of_expr<'a>(e: &'a Expr, out: &mut Vec<&'a Expr>) {
    use ExprKind as K;
    out.push(e);
    match &e.kind {
        K::List(items) => items.iter().for_each(|i| of_expr(i, out)),
        K::Range(a, b) | K::Index(a, b) => {
            of_expr(a, out);
            of_expr(b, out);
        }
        K::Call { args, .. } => args.iter().for_each(|a| of_expr(&a.value, out)),
        K::Method { receiver, args, .. } => {
            of_expr(receiver, out);
            args.iter().flatten().for_each(|a| of_expr(&a.value, out));
        }
        K::Unary(_, x) | K::As { value: x, .. } | K::Lambda { body: x, .. } => of_expr(x, out),
        K::Binary { left, right, .. } => {
            of_expr(left, out);
            of_expr(right, out);
        }
        K::If { cond, then, otherwise } => {
            of_expr(cond, out);
            of_expr(then, out);
            otherwise.iter().for_each(|o| of_expr(o, out));
        }
        K::Comprehension { element, list, cond, .. } => {
            of_expr(element, out);
            of_expr(list, out);
            cond.iter().for_each(|c| of_expr(c, out));
        }
        _ => {}
    }
}
