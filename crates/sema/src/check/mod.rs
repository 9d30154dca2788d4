//! The checker: one pass over the syntax tree, in source order.

mod arguments;
mod arith;
mod call;
mod coerce;
mod each;
mod expr;
mod extremum;
mod flow;
mod generic;
mod guess;
mod library;
mod number;
mod options;
mod repair;
mod rewrite;
mod scene;
mod stmt;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_ir::Limits;
use reasmory_scene::{CategoryEntry, Manifest};
use reasmory_span::Span;
use reasmory_syntax::ast;
use reasmory_types::{Signature, Ty};

use crate::catalogue;
use crate::hir::{self, Expr, ExprKind, Facts, LocalId, Vn};
use crate::lint;
use crate::question::{self, Question};
use crate::reads::Reads;
use number::{Numbering, Tag};

pub(crate) use coerce::spoken_alias;

/// What the checker may assume and what it must enforce.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckOptions<'a> {
    /// The memory the program is for; without one, scene checks are left out.
    pub scene: Option<&'a Manifest>,
    /// Whether a model is configured for `pick`.
    pub model: bool,
    /// The limits of the run.
    pub limits: Limits,
    /// How many photos there will be, where there is no memory yet.
    pub photos: Option<u32>,
    /// The question that the program is to answer; without one, the question layer is left out.
    pub question: Option<&'a Question>,
    /// Words of the project for its categories.
    pub synonyms: Option<&'a crate::Synonyms>,
    /// Whether lints that are off by default run as well.
    pub all_lints: bool,
    /// Whether the parser found errors: lints are then left out.
    pub broken: bool,
}

/// The result of checking.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The typed program; complete only when there is no error.
    pub hir: hir::Program,
    /// Findings in source order, those of the parser not included.
    pub diagnostics: Vec<Diagnostic>,
    /// Type of the answer, where there is one.
    pub answer: Option<Ty>,
    /// What was read of the memory.
    pub reads: Reads,
}

impl Checked {
    /// Whether the program may run.
    pub fn is_ok(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Checks a program. `text` is its source, for quoting.
pub fn check(program: &ast::Program, text: &str, options: CheckOptions<'_>) -> Checked {
    let mut cx = Checker::new(text, options);
    cx.program(program);
    let mut diagnostics = cx.diagnostics;
    if cx.broken {
        diagnostics.retain(|d| d.code != Code::UnusedBinding);
    }
    let hir = hir::Program { main: cx.main, functions: cx.functions };
    if let Some(q) = options.question {
        diagnostics.extend(question::check(q, &hir, text, options, cx.broken));
    }
    crate::limits::check(&hir, options.limits, &mut diagnostics);
    let which = if options.broken || cx.broken || diagnostics.iter().any(Diagnostic::is_error) {
        lint::Which::Errors
    } else if options.all_lints {
        lint::Which::All
    } else {
        lint::Which::Default
    };
    let looked = lint::run(&hir, text, options.scene, which, &mut diagnostics);
    let mut reads = cx.reads.into_inner();
    reads.lints(looked);
    if options.question.is_some() {
        // The question layer may read anything.
        reads.need_all();
    }
    reasmory_diag::sort(&mut diagnostics);
    Checked { hir, diagnostics, answer: cx.answer, reads }
}

/// The frame of points, beside those of views: a value number that no expression has.
const WORLD: Vn = Vn(u32::MAX);

/// A function of the program or of the library.
struct FnInfo<'a> {
    decl: &'a ast::FnDecl,
    signature: Arc<Signature>,
    std: bool,
    state: FnState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FnState {
    New,
    Active,
    Done,
}

/// A local while its body is checked.
struct LocalInfo {
    name: String,
    ty: Ty,
    vn: Vn,
    facts: Facts,
    span: Span,
    used: bool,
    lint: bool,
}

/// The body being checked.
#[derive(Default)]
struct Frame {
    locals: Vec<LocalInfo>,
    scopes: Vec<BTreeMap<String, LocalId>>,
    /// Where names were bound in blocks that have ended.
    closed: BTreeMap<String, Span>,
    /// Result type and, for `in v`, the value number of that view, inside a function.
    result: Option<(Ty, Option<(Vn, String)>)>,
    /// Where the scopes of the loops around start, innermost last.
    loops: Vec<usize>,
}

struct Checker<'a> {
    text: &'a str,
    /// The program's items, for suggestions that rename.
    items: &'a [ast::Item],
    options: CheckOptions<'a>,
    diagnostics: Vec<Diagnostic>,
    fns: BTreeMap<String, FnInfo<'a>>,
    functions: Vec<Arc<hir::Function>>,
    main: hir::Body,
    frame: Frame,
    numbers: Numbering,
    answer: Option<Ty>,
    /// Set while library code is checked or expanded: every place is this one and nothing is reported.
    std_span: Option<Span>,
    unknown_reported: BTreeMap<String, ()>,
    /// Operations whose name the program took for a function of its own.
    taken: BTreeSet<String>,
    /// What the memory was already said to lack.
    missing: Vec<reasmory_ops::Need>,
    /// Set once a part of the program has no meaning: what only that part reads is not unused.
    broken: bool,
    /// Functions being put in where they are called, innermost last.
    expanding: Vec<String>,
    /// How many were put in so far.
    expansions: u32,
    reads: RefCell<Reads>,
}

impl<'a> Checker<'a> {
    fn new(text: &'a str, options: CheckOptions<'a>) -> Self {
        Checker {
            text,
            items: &[],
            options,
            diagnostics: Vec::new(),
            fns: BTreeMap::new(),
            functions: Vec::new(),
            main: hir::Body::default(),
            frame: Frame::default(),
            numbers: Numbering::default(),
            answer: None,
            std_span: None,
            unknown_reported: BTreeMap::new(),
            taken: BTreeSet::new(),
            missing: Vec::new(),
            broken: false,
            expanding: Vec::new(),
            expansions: 0,
            reads: RefCell::new(Reads::of(options.scene)),
        }
    }

    fn report(&mut self, d: Diagnostic) {
        // Library code is tested on its own; a finding in it is not the user's.
        if self.std_span.is_none() {
            self.diagnostics.push(d);
        }
    }

    fn at(&self, span: Span) -> Span {
        self.std_span.unwrap_or(span)
    }

    /// The memory, of which anything may be read: the check then serves this one alone. Prefer
    /// [`Checker::profile_of`] and [`Checker::category`].
    fn scene(&self) -> Option<&'a Manifest> {
        let scene = self.profile_of()?;
        self.reads.borrow_mut().need_all();
        Some(scene)
    }

    /// The memory, to read what [`crate::Profile`] says of it.
    fn profile_of(&self) -> Option<&'a Manifest> {
        // Library functions are checked once, for every memory.
        if self.std_span.is_some() { None } else { self.options.scene }
    }

    /// A category of the memory, to read how many instances it has; and whether there is a memory.
    fn category(&self, name: &str) -> Option<Option<&'a CategoryEntry>> {
        let scene = self.profile_of()?;
        self.reads.borrow_mut().category(scene, name);
        Some(scene.category(name))
    }

    fn fresh(&mut self) -> Vn {
        self.numbers.fresh()
    }

    /// An expression that computes `tag` of the values `of`.
    fn expr<'t>(
        &mut self,
        kind: ExprKind,
        ty: Ty,
        span: Span,
        tag: impl Into<Tag<'t>>,
        of: &[Vn],
    ) -> Expr {
        let vn = self.numbers.of(tag.into(), of);
        Expr { kind, ty, span: self.at(span), vn, facts: Facts::default() }
    }

    fn error(&mut self, span: Span) -> Expr {
        self.broken = true;
        let vn = self.fresh();
        Expr {
            kind: ExprKind::Error,
            ty: Ty::Error,
            span: self.at(span),
            vn,
            facts: Facts::default(),
        }
    }

    fn quote(&self, span: Span) -> String {
        let t = span.text(self.text);
        let line = t.lines().next().unwrap_or("");
        if line.len() < t.len() || line.chars().count() > 40 {
            let head: String = line.chars().take(39).collect();
            format!("{head}…")
        } else {
            line.to_owned()
        }
    }

    // ---- locals ----

    fn push_scope(&mut self) {
        self.frame.scopes.push(BTreeMap::new());
    }

    fn pop_scope(&mut self) {
        let Some(scope) = self.frame.scopes.pop() else { return };
        for id in scope.values() {
            let l = &self.frame.locals[id.0 as usize];
            if l.lint {
                self.frame.closed.insert(l.name.clone(), l.span);
            }
            if l.used || !l.lint || l.name.starts_with('_') || self.std_span.is_some() {
                continue;
            }
            let (name, span) = (l.name.clone(), l.span);
            self.diagnostics.push(
                Diagnostic::new(Code::UnusedBinding, span, format!("`{name}` is never used"))
                    .label("bound here, read nowhere")
                    .help(format!("remove the line, or name it `_{name}` to keep it")),
            );
        }
    }

    fn lookup(&self, name: &str) -> Option<LocalId> {
        self.frame.scopes.iter().rev().find_map(|s| s.get(name).copied())
    }

    fn local(&mut self, name: &str, ty: Ty, span: Span, lint: bool) -> LocalId {
        let vn = self.fresh();
        self.frame.locals.push(LocalInfo {
            name: name.to_owned(),
            ty,
            vn,
            facts: Facts::default(),
            span,
            used: false,
            lint,
        });
        LocalId(self.frame.locals.len() as u32 - 1)
    }

    fn info(&mut self, id: LocalId) -> &mut LocalInfo {
        &mut self.frame.locals[id.0 as usize]
    }

    /// Binds a name in the innermost scope, reporting direction words and names already bound.
    fn bind(&mut self, name: &ast::Ident, id: LocalId) {
        let direction = reasmory_types::Direction::named(&name.name).is_some();
        let uses = if direction { self.later_uses(name.span, &name.name) } else { None };
        let uses = uses.unwrap_or_default();
        self.bind_used(name, id, uses);
    }

    /// The same for a name that is read at these places.
    fn bind_used(&mut self, name: &ast::Ident, id: LocalId, uses: Vec<Span>) {
        if reasmory_types::Direction::named(&name.name).is_some() {
            let to = format!("{}_value", name.name);
            let renamed: Vec<reasmory_diag::Edit> = [name.span]
                .into_iter()
                .chain(uses)
                .map(|span| reasmory_diag::Edit { span, insert: to.clone() })
                .collect();
            self.report(
                Diagnostic::new(
                    Code::ReservedName,
                    name.span,
                    format!("`{}` is a direction and cannot be bound", name.name),
                )
                .label("a direction word")
                .help("choose another name, here and where it is used")
                .suggest(reasmory_diag::Suggestion {
                    title: format!("rename it to `{to}`"),
                    applicability: if renamed.len() > 1 {
                        Applicability::Unsafe
                    } else {
                        Applicability::Manual
                    },
                    edits: renamed,
                }),
            );
            // Later uses mean the value that was bound.
        }
        if let Some(old) = self.lookup(&name.name) {
            let first = self.frame.locals[old.0 as usize].span;
            let new = self.free_name(&name.name);
            // In a block the name may mean either value after it.
            let later = if self.frame.scopes.len() == 1 {
                self.later_uses(name.span, &name.name)
            } else {
                None
            };
            let sure = later.is_some();
            let edits = [name.span]
                .into_iter()
                .chain(later.unwrap_or_default())
                .map(|span| reasmory_diag::Edit { span, insert: new.clone() })
                .collect();
            self.report(
                Diagnostic::new(
                    Code::DuplicateBinding,
                    name.span,
                    format!("`{}` is bound twice", name.name),
                )
                .label("bound again here")
                .also(first, "first bound here")
                .note("names are bound once: a value never changes")
                .help("give the second value its own name, and use it below")
                .suggest(reasmory_diag::Suggestion {
                    title: format!("name it `{new}`"),
                    edits,
                    // A rename that leaves the uses alone would give a program that runs and is wrong.
                    applicability: if sure { Applicability::Safe } else { Applicability::Manual },
                }),
            );
            // Later uses mean the newer value; that makes the fewest cascades.
            self.info(old).used = true;
            self.info(id).used = true;
        }
        self.enter(name, id);
    }

    /// A name like this one that is not bound yet.
    fn free_name(&self, name: &str) -> String {
        let mut n = 2;
        while self.lookup(&format!("{name}{n}")).is_some() {
            n += 1;
        }
        format!("{name}{n}")
    }

    /// Binds the variable of a lambda or a comprehension, which is read in `bodies` alone: one that is
    /// bound already is renamed there.
    fn bind_member(&mut self, name: &ast::Ident, id: LocalId, bodies: &[&ast::Expr]) {
        let direction = reasmory_types::Direction::named(&name.name).is_some();
        let old = self.lookup(&name.name).filter(|_| !direction);
        let Some(old) = old else {
            let mut uses = Vec::new();
            if direction {
                bodies.iter().for_each(|b| stmt::uses(b, &name.name, self.text, &mut uses));
            }
            return self.bind_used(name, id, uses);
        };
        let first = self.info(old).span;
        self.info(old).used = true;
        let new = self.free_name(&name.name);
        let mut places = vec![name.span];
        bodies.iter().for_each(|b| stmt::uses(b, &name.name, self.text, &mut places));
        let edits = places
            .into_iter()
            .map(|span| reasmory_diag::Edit { span, insert: new.clone() })
            .collect();
        self.report(
            Diagnostic::new(
                Code::DuplicateBinding,
                name.span,
                format!("`{}` is bound already", name.name),
            )
            .label("would hide the other here")
            .also(first, "bound here")
            .note("a name means one thing throughout a program")
            .help("give the member a name of its own")
            .suggest(reasmory_diag::Suggestion {
                title: format!("name it `{new}`"),
                edits,
                applicability: Applicability::Safe,
            }),
        );
        self.enter(name, id);
    }

    fn enter(&mut self, name: &ast::Ident, id: LocalId) {
        if let Some(scope) = self.frame.scopes.last_mut() {
            scope.insert(name.name.clone(), id);
        }
    }

    fn take_locals(frame: &mut Frame) -> Vec<hir::Local> {
        frame.locals.drain(..).map(|l| hir::Local { name: l.name, ty: l.ty }).collect()
    }

    // ---- items ----

    fn program(&mut self, program: &'a ast::Program) {
        self.items = &program.items;
        for item in &program.items {
            if let ast::Item::Fn(f) = item {
                self.declare(f);
            }
        }
        let names: Vec<String> = self.fns.keys().cloned().collect();
        for name in names {
            self.check_fn(&name, None);
        }
        self.push_scope();
        let mut stmts = Vec::new();
        for item in &program.items {
            match item {
                ast::Item::Stmt(s) => stmts.extend(self.stmt(s)),
                ast::Item::Test(t) => self.test(t),
                ast::Item::Fn(_) => {}
            }
        }
        self.pop_scope();
        let statements: Vec<&ast::Stmt> = program
            .items
            .iter()
            .filter_map(|i| if let ast::Item::Stmt(s) = i { Some(s) } else { None })
            .collect();
        let only_declarations = statements.is_empty() && !program.items.is_empty();
        if !only_declarations {
            self.check_answers(&statements);
        }
        self.main = hir::Body { locals: Self::take_locals(&mut self.frame), stmts };
        self.order_functions();
    }

    fn declare(&mut self, f: &'a ast::FnDecl) {
        for t in f.params.iter().map(|p| &p.ty).chain([&f.result]) {
            let Some(unknown) = &t.unknown else { continue };
            let mut d = Diagnostic::new(
                Code::UnknownType,
                unknown.span,
                format!("there is no type `{}`", unknown.name),
            )
            .label("unknown type");
            let near = reasmory_diag::similar::candidates(&unknown.name, Ty::NAMES.iter().copied());
            if let Some(here) = repair::foreign_type(&unknown.name) {
                d = d.help(format!("write `{here}`")).fix(
                    Applicability::Safe,
                    format!("use `{here}`"),
                    unknown.span,
                    here,
                );
            } else if unknown.name == "List" {
                d = d.help("say what it holds, for instance `List<Object>`").fix(
                    Applicability::Unsafe,
                    "use `List<Object>`",
                    unknown.span,
                    "List<Object>",
                );
            } else if let Some(best) = near.first() {
                d = d.help(format!("did you mean `{best}`?")).fix(
                    Applicability::Unsafe,
                    format!("use `{best}`"),
                    unknown.span,
                    *best,
                );
            } else {
                d = d.help(format!("types are {}", Ty::NAMES.join(", ")));
            }
            self.report(d);
        }
        if let Some(old) = self.fns.get(&f.name.name) {
            let first = old.decl.name.span;
            let mut n = 2;
            while self.fns.contains_key(&format!("{}{n}", f.name.name)) {
                n += 1;
            }
            let new = format!("{}{n}", f.name.name);
            self.report(
                Diagnostic::new(
                    Code::DuplicateBinding,
                    f.name.span,
                    format!("function `{}` is declared twice", f.name.name),
                )
                .label("declared again here")
                .also(first, "first declared here")
                .help("remove one, or rename it")
                .fix(
                    Applicability::Unsafe,
                    format!("name it `{new}`"),
                    f.name.span,
                    new,
                ),
            );
            return;
        }
        if catalogue::find(&f.name.name).is_some() || reasmory_ops::planned(&f.name.name).is_some()
        {
            let new = format!("own_{}", f.name.name);
            let edits = [f.name.span]
                .into_iter()
                .chain(self.calls_of(&f.name.name))
                .map(|span| reasmory_diag::Edit { span, insert: new.clone() })
                .collect();
            self.report(
                Diagnostic::new(
                    Code::ReservedName,
                    f.name.span,
                    format!("`{}` is an operation of the language", f.name.name),
                )
                .label("already an operation")
                .help("rename the function, here and where it is called")
                .suggest(reasmory_diag::Suggestion {
                    title: format!("rename it to `{new}`, here and where it is called"),
                    edits,
                    applicability: Applicability::Unsafe,
                }),
            );
            // Which of the two a call means is open, so nothing is said of calls.
            self.taken.insert(f.name.name.clone());
        }
        for p in &f.params {
            let Some(value) = &p.default else { continue };
            if catalogue::is_constant(value) {
                let x = self.infer(value, Some(&p.ty.ty));
                self.coerce(x, &p.ty.ty, &format_args!("the default of `{}`", p.name.name));
                continue;
            }
            self.report(
                Diagnostic::new(
                    Code::TypeMismatch,
                    value.span,
                    format!("the default of `{}` is no literal", p.name.name),
                )
                .label("computed")
                .help(
                    "a default is a number, a measure (`2m`, `10%`), `true`, `false`, a direction or a \
                     list of directions; leave it out, and give the argument at each call",
                ),
            );
        }
        let signature = Arc::new(catalogue::signature_of(f));
        let info = FnInfo { decl: f, signature, std: false, state: FnState::New };
        self.fns.insert(f.name.name.clone(), info);
    }

    /// Checks a function's body once; `call` is the place that reached it.
    fn check_fn(&mut self, name: &str, call: Option<Span>) {
        let Some(info) = self.fns.get_mut(name) else { return };
        match info.state {
            FnState::Done => return,
            FnState::Active => {
                let span = call.unwrap_or(info.decl.name.span);
                self.report(
                    Diagnostic::new(Code::Recursion, span, format!("`{name}` reaches itself"))
                        .label("this call closes the circle")
                        .note("every program ends: functions do not recurse")
                        .help("use a list operation (`map`, `filter`, `min_by` …) instead"),
                );
                return;
            }
            FnState::New if info.std => return self.adopt_library_function(name),
            FnState::New => {}
        }
        self.check_body(name);
    }

    fn check_body(&mut self, name: &str) {
        let Some(info) = self.fns.get_mut(name) else { return };
        info.state = FnState::Active;
        let (decl, signature, std) = (info.decl, Arc::clone(&info.signature), info.std);
        let outer = std::mem::take(&mut self.frame);
        let outer_std = self.std_span;
        if std {
            self.std_span = Some(Span::default());
        }
        self.push_scope();
        let mut params = Vec::new();
        for (p, sig) in decl.params.iter().zip(&signature.params) {
            // Percentages are resolved at the call: inside, an Extent is a Length.
            let ty = if sig.ty == Ty::Extent { Ty::LENGTH } else { sig.ty.clone() };
            let id = self.local(&p.name.name, ty, p.name.span, false);
            // The caller's value may carry the memory's noise.
            self.info(id).facts.measured = true;
            self.bind(&p.name, id);
            params.push(id);
        }
        let frame_of = signature.result_in.as_ref().and_then(|v| {
            let id = self.lookup(v)?;
            Some((self.info(id).vn, v.clone()))
        });
        self.frame.result = Some((signature.result.clone(), frame_of));
        let stmts = self.block(&decl.body);
        self.pop_scope();
        if !flow::always_returns(&decl.body) {
            let d = Diagnostic::new(
                Code::MisplacedReturn,
                decl.name.span,
                format!("`{name}` does not return on every path"),
            )
            .label(format!("promises a `{}`", signature.result))
            .help("end every path with `return …`");
            let d = self.returning(d, decl);
            self.report(d);
        }
        let mut frame = std::mem::replace(&mut self.frame, outer);
        self.std_span = outer_std;
        self.functions.push(Arc::new(hir::Function {
            name: name.to_owned(),
            params,
            result: signature.result.clone(),
            body: hir::Body { locals: Self::take_locals(&mut frame), stmts },
            std,
        }));
        if let Some(info) = self.fns.get_mut(name) {
            info.state = FnState::Done;
        }
    }

    fn test(&mut self, t: &'a ast::TestDecl) {
        let outer = std::mem::take(&mut self.frame);
        self.push_scope();
        let _ = self.block(&t.body);
        self.pop_scope();
        self.frame = outer;
    }

    /// Callers before callees, and only what `main` reaches.
    fn order_functions(&mut self) {
        struct Order<'f> {
            all: BTreeMap<&'f str, &'f Arc<hir::Function>>,
            seen: BTreeSet<&'f str>,
            out: Vec<Arc<hir::Function>>,
        }
        impl<'f> Order<'f> {
            fn visit(&mut self, stmts: &'f [hir::Stmt]) {
                let mut called = Vec::new();
                stmts.iter().for_each(|s| flow::calls_in_stmt(s, &mut called));
                for name in called {
                    // Marked on the way in: a function that reaches itself was reported, and ends here.
                    if let Some(f) = self.all.get(name).copied()
                        && self.seen.insert(name)
                    {
                        self.visit(&f.body.stmts);
                        self.out.push(Arc::clone(f));
                    }
                }
            }
        }
        let all = self.functions.iter().map(|f| (f.name.as_str(), f)).collect();
        let mut order = Order { all, seen: BTreeSet::new(), out: Vec::new() };
        order.visit(&self.main.stmts);
        let mut out = order.out;
        out.reverse();
        self.functions = out;
    }
}
