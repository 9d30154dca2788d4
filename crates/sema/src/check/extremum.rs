//! Loops that keep one member: the least by some measure, the last that passes, whether any does. Other
//! languages change a variable; here the list says it at once.

use reasmory_diag::{Applicability, Edit, Suggestion};
use reasmory_span::Span;
use reasmory_syntax::ast::{self, BinaryOp, ExprKind, Stmt, StmtKind};

use super::Checker;
use super::rewrite::is_name;
use super::stmt::uses;

/// `for x in xs { m = f(x)  if m < least { best = x  least = m } }`, most of it optional.
struct Keeps<'s> {
    whole: Span,
    member: &'s str,
    list: &'s ast::Expr,
    /// What the body binds before its `if`.
    measure: Option<(&'s str, &'s ast::Expr)>,
    cond: &'s ast::Expr,
    kept: Vec<(&'s str, &'s ast::Expr)>,
}

fn bind(s: &Stmt) -> Option<(&str, &ast::Expr)> {
    match &s.kind {
        StmtKind::Bind { name, value } => Some((name.name.as_str(), value)),
        _ => None,
    }
}

fn keeps(s: &Stmt) -> Option<Keeps<'_>> {
    let StmtKind::For { name, list, body } = &s.kind else { return None };
    let (measure, last) = match body.stmts.as_slice() {
        [last] => (None, last),
        [first, last] => (Some(bind(first)?), last),
        _ => return None,
    };
    let StmtKind::If { cond, then, otherwise: None } = &last.kind else { return None };
    let kept = then.stmts.iter().map(bind).collect::<Option<Vec<_>>>()?;
    let few = matches!(kept.len(), 1 | 2);
    few.then_some(Keeps { whole: s.span, member: &name.name, list, measure, cond, kept })
}

impl Checker<'_> {
    /// The text of an expression with a name in it replaced, spaces made one.
    fn with_name(&self, e: &ast::Expr, name: &str, to: &str) -> String {
        let mut places = Vec::new();
        uses(e, name, self.text, &mut places);
        places.sort_by_key(|p| p.start);
        let (mut out, mut at) = (String::new(), e.span.start as usize);
        for p in places {
            out.push_str(&self.text[at..p.start as usize]);
            out.push_str(to);
            at = p.end as usize;
        }
        out.push_str(&self.text[at..e.span.end as usize]);
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn reads(&self, e: &ast::Expr, name: &str) -> bool {
        let mut places = Vec::new();
        uses(e, name, self.text, &mut places);
        !places.is_empty()
    }

    /// A loop that binds `name` again to keep a member, as one binding.
    pub(super) fn kept(&self, name: &ast::Ident) -> Option<Suggestion> {
        let at = name.span;
        let around = |s: &&Stmt| s.span.start <= at.start && at.end <= s.span.end;
        let k = keeps(self.statements().find(around)?)?;
        let bindings = self.extremum(&k).or_else(|| self.passing(&k))?;
        let mut edits = vec![Edit { span: k.whole, insert: bindings.join("\n") }];
        for s in self.statements().take_while(|s| s.span.end <= k.whole.start) {
            if bind(s).is_some_and(|(n, _)| k.kept.iter().any(|b| b.0 == n)) {
                edits.push(Edit { span: self.whole_line(s.span), insert: String::new() });
            }
        }
        edits.sort_by_key(|e| e.span.start);
        Some(Suggestion {
            title: format!("bind it once: `{}`", bindings.join("`, `")),
            edits,
            applicability: Applicability::Unsafe,
        })
    }

    /// `best = xs.min_by(x => f(x))`, and what its measure was kept as.
    fn extremum(&self, k: &Keeps<'_>) -> Option<Vec<String>> {
        let ExprKind::Binary { op, left, right, .. } = &k.cond.kind else { return None };
        let less = match op {
            BinaryOp::Lt | BinaryOp::Le => true,
            BinaryOp::Gt | BinaryOp::Ge => false,
            _ => return None,
        };
        // A measure that was bound stands for what it is bound to.
        let spelt = |e: &ast::Expr| match (&e.kind, k.measure) {
            (ExprKind::Name(n), Some((m, value))) if n == m => self.with_name(value, "", ""),
            _ => self.with_name(e, "", ""),
        };
        let of_member = |e: &ast::Expr| match (&e.kind, k.measure) {
            (ExprKind::Name(n), Some((m, value))) if n == m => self.reads(value, k.member),
            _ => self.reads(e, k.member),
        };
        let (new, old, least) = match (of_member(left), of_member(right)) {
            (true, false) => (left, right, less),
            (false, true) => (right, left, !less),
            _ => return None,
        };
        let key = spelt(new);
        let best = k.kept.iter().find(|b| is_name(b.1, k.member)).map(|b| b.0);
        let extent = k.kept.iter().find(|b| spelt(b.1) == key).map(|b| b.0);
        if best.is_some() as usize + extent.is_some() as usize != k.kept.len() {
            return None;
        }
        let compared = match (extent, best) {
            (Some(e), _) if is_name(old, e) => true,
            (None, Some(b)) => self.with_name(old, b, k.member) == key,
            _ => false,
        };
        if !compared {
            return None;
        }
        let list = self.receiver(k.list);
        let (by, word) = if least { ("min_by", "min") } else { ("max_by", "max") };
        let member = k.member;
        let at_best = |b: &str| match (&new.kind, k.measure) {
            (ExprKind::Name(n), Some((m, value))) if n == m => self.with_name(value, member, b),
            _ => self.with_name(new, member, b),
        };
        Some(match (best, extent) {
            (Some(b), e) => {
                let first = format!("{b} = {list}.{by}({member} => {key})");
                let second = e.map(|e| format!("{e} = {}", at_best(b)));
                std::iter::once(first).chain(second).collect()
            }
            (None, e) => vec![format!("{} = {list}.map({member} => {key}).{word}()", e?)],
        })
    }

    /// `found = true` as `any`, `kept = x` as the last that passes.
    fn passing(&self, k: &Keeps<'_>) -> Option<Vec<String>> {
        let [(name, value)] = k.kept.as_slice() else { return None };
        if k.measure.is_some() || self.reads(k.cond, name) {
            return None;
        }
        let (list, member) = (self.receiver(k.list), k.member);
        let cond = self.with_name(k.cond, "", "");
        Some(vec![match value.kind {
            ExprKind::Bool(true) => format!("{name} = {list}.any({member} => {cond})"),
            ExprKind::Bool(false) => format!("{name} = not {list}.any({member} => {cond})"),
            _ if is_name(value, member) => {
                format!("{name} = {list}.filter({member} => {cond}).last()")
            }
            _ => return None,
        }])
    }
}
