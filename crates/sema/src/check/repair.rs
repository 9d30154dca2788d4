//! What suggestions are made of: edits that need more of the program than the place of the finding.

use reasmory_diag::{Applicability, Diagnostic, Edit, Suggestion};
use reasmory_span::Span;
use reasmory_syntax::ast::{self, Item, StmtKind};
use reasmory_types::{Ty, Unit};

use super::{Checker, stmt};

/// Spellings of types in other languages.
const TYPES: &[(&str, &str)] = &[
    ("int", "Int"),
    ("integer", "Int"),
    ("Integer", "Int"),
    ("i32", "Int"),
    ("i64", "Int"),
    ("usize", "Int"),
    ("float", "Number"),
    ("Float", "Number"),
    ("double", "Number"),
    ("f32", "Number"),
    ("f64", "Number"),
    ("number", "Number"),
    ("str", "Text"),
    ("string", "Text"),
    ("String", "Text"),
    ("bool", "Bool"),
    ("boolean", "Bool"),
    ("Boolean", "Bool"),
    ("Distance", "Length"),
    ("Obj", "Object"),
    ("Instance", "Object"),
    ("Camera", "View"),
    ("Viewpoint", "View"),
    ("Pose", "View"),
    ("Frame", "Photo"),
    ("Label", "Category"),
    ("Position", "Point"),
];

/// The type that another language's spelling means.
pub(super) fn foreign_type(name: &str) -> Option<&'static str> {
    TYPES.iter().find(|t| t.0 == name).map(|t| t.1)
}

/// Names of arguments that models give, and what they mean here where the operation has it.
const ARGUMENTS: &[(&str, &[&str])] = &[
    ("angle", &["by", "heading"]),
    ("degrees", &["by", "heading"]),
    ("amount", &["by"]),
    ("distance", &["by", "within"]),
    ("steps", &["by"]),
    ("meters", &["by", "within"]),
    ("options", &["among"]),
    ("choices", &["among"]),
    ("directions", &["among"]),
    ("viewer", &["from"]),
    ("observer", &["from"]),
    ("view", &["from", "v"]),
    ("viewpoint", &["from", "v"]),
    ("camera", &["from", "v"]),
    ("origin", &["from", "at"]),
    ("position", &["at", "from"]),
    ("location", &["at"]),
    ("target", &["to", "toward", "at"]),
    ("other", &["to", "b"]),
    ("reference", &["from", "to"]),
    ("towards", &["toward", "facing"]),
    ("look_at", &["facing"]),
    ("looking_at", &["facing", "at"]),
    ("look", &["facing"]),
    ("oriented_to", &["facing"]),
    ("direction", &["facing"]),
    ("threshold", &["within"]),
    ("radius", &["within"]),
    ("max_distance", &["within"]),
    ("tolerance", &["within"]),
    ("name", &["category"]),
    ("label", &["category"]),
    ("class_name", &["category"]),
    ("default", &["else"]),
    ("fallback", &["else"]),
    ("predicate", &["where"]),
    ("condition", &["where"]),
    ("annotations", &["mark"]),
    ("highlight", &["mark"]),
    ("objects", &["mark"]),
    ("center", &["around"]),
];

/// The parameter among `free` that an argument of another name means.
pub(super) fn meant_argument<'p>(name: &str, free: &[&'p str]) -> Option<&'p str> {
    let (_, here) = ARGUMENTS.iter().find(|a| a.0 == name)?;
    here.iter().find_map(|h| free.iter().copied().find(|f| f == h))
}

/// A text that reads as a literal of another type: `4`, `2.5m`, `true`.
pub(super) fn unquoted(text: &str) -> Option<&str> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let plain = number.starts_with(|c: char| c.is_ascii_digit())
        && !number.ends_with('.')
        && number.matches('.').count() <= 1;
    let whole = unit.is_empty() || Unit::named(unit).is_some();
    (plain && whole || matches!(text, "true" | "false")).then_some(text)
}

impl Checker<'_> {
    /// The edit that takes an argument out of its call, with the comma that goes with it.
    pub(super) fn without_argument(&self, argument: Span) -> Edit {
        let before = self.text[..argument.start as usize].trim_end();
        let span = if before.ends_with(',') {
            Span::new(before.len() as u32 - 1, argument.end)
        } else {
            let rest = &self.text[argument.end as usize..];
            let gap = rest.len() - rest.trim_start_matches([',', ' ']).len();
            Span::new(argument.start, argument.end + gap as u32)
        };
        Edit { span, insert: String::new() }
    }

    /// Where the top-level statements after a place read a name, up to where it is bound again.
    pub(super) fn later_uses(&self, after: Span, name: &str) -> Option<Vec<Span>> {
        let items = self.items;
        let own = |s: &ast::Stmt| s.span.start <= after.start && after.end <= s.span.end;
        let plain =
            |s: &ast::Stmt| matches!(s.kind, StmtKind::Bind { .. } | StmtKind::Expr(_)) && own(s);
        let at = items.iter().position(|i| matches!(i, Item::Stmt(s) if plain(s)))?;
        let mut out = Vec::new();
        for item in &items[at + 1..] {
            let Item::Stmt(s) = item else { continue };
            if !stmt_uses(s, name, self.text, &mut out) {
                break;
            }
        }
        Some(out)
    }

    /// The one name in reach that holds a value of this type, where there is exactly one.
    pub(super) fn only_local(&self, ty: &Ty) -> Option<String> {
        let mut found: Option<&str> = None;
        for (name, id) in self.frame.scopes.iter().flatten() {
            if self.frame.locals[id.0 as usize].ty != *ty {
                continue;
            }
            if found.replace(name).is_some() {
                return None;
            }
        }
        found.map(str::to_owned)
    }
}

/// Collects where a statement reads a name; `false` where it binds it anew for what follows.
fn stmt_uses(s: &ast::Stmt, name: &str, text: &str, out: &mut Vec<Span>) -> bool {
    match &s.kind {
        StmtKind::Bind { name: bound, value } => {
            stmt::uses(value, name, text, out);
            bound.name != name
        }
        StmtKind::Answer(e) | StmtKind::Show(e) | StmtKind::Return(e) | StmtKind::Expr(e) => {
            stmt::uses(e, name, text, out);
            true
        }
        StmtKind::Assert { cond, why } => {
            stmt::uses(cond, name, text, out);
            why.iter().for_each(|w| stmt::uses(w, name, text, out));
            true
        }
        StmtKind::If { cond, then, otherwise } => {
            stmt::uses(cond, name, text, out);
            let blocks = [Some(then), otherwise.as_ref()];
            blocks
                .into_iter()
                .flatten()
                .all(|b| b.stmts.iter().all(|s| stmt_uses(s, name, text, out)))
        }
        StmtKind::For { list, body, .. } => {
            stmt::uses(list, name, text, out);
            body.stmts.iter().all(|s| stmt_uses(s, name, text, out))
        }
        StmtKind::Error => true,
    }
}

/// The name that a chain of calls starts from: `me` of `me.turn(left).step(forward)`.
pub(super) fn subject(e: &ast::Expr) -> Option<&str> {
    match &e.kind {
        ast::ExprKind::Name(n) => Some(n),
        ast::ExprKind::Method { receiver, .. } => subject(receiver),
        ast::ExprKind::Call { args, .. } => args.first().and_then(|a| subject(&a.value)),
        _ => None,
    }
}

/// A suggestion of one removal.
pub(super) fn leave_out(d: Diagnostic, edit: Edit, sure: bool) -> Diagnostic {
    d.suggest(Suggestion {
        title: "leave it out".into(),
        edits: vec![edit],
        applicability: if sure { Applicability::Safe } else { Applicability::Unsafe },
    })
}

#[cfg(test)]
mod tests {
    use super::{meant_argument, unquoted};

    #[test]
    fn texts_that_are_literals() {
        assert_eq!(unquoted("4"), Some("4"));
        assert_eq!(unquoted(" 2.5m "), Some("2.5m"));
        assert_eq!(unquoted("true"), Some("true"));
        for no in ["", "m", "4 chairs", "1.2.3", "4.", "two"] {
            assert_eq!(unquoted(no), None, "{no}");
        }
    }

    #[test]
    fn arguments_by_their_use() {
        assert_eq!(meant_argument("angle", &["v", "by"]), Some("by"));
        assert_eq!(meant_argument("angle", &["at", "heading"]), Some("heading"));
        assert_eq!(meant_argument("angle", &["mark"]), None);
    }
}
