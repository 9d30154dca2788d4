//! Defects of whole statements and of the program.

use reasmory_driver::fuzz::Random;
use reasmory_driver::syntax::ast::{Stmt, StmtKind};

use super::Operator;
use super::site::{Mutant, Site};

macro_rules! table {
    ($($name:literal $code:literal $make:expr;)*) => {
        &[$(Operator { name: $name, code: $code, make: $make }),*]
    };
}

pub(super) static OPERATORS: &[Operator] = table! {
    "let before a binding" "E0103" |s, r| declare(s, r);
    "type of a binding" "E0103" |s, _| annotate(s);
    "; after a statement" "E0103" |s, _| semicolon(s);
    "comment with //" "E0103" |s, _| slashes(s);
    "return for answer" "E0103" |s, _| keyword(s, "return");
    "print for answer" "E0103" |s, _| print(s);
    "answer with =" "E0103" |s, _| answer_sign(s, " =");
    "answer with :" "E0103" |s, _| answer_sign(s, ":");
    "value that goes nowhere" "E0104" |s, _| nowhere(s);
    "two answers" "E0214" |s, _| two_answers(s);
    "bound twice" "E0203" |s, _| bound_twice(s);
    "Markdown fences" "E0103" |s, r| fences(s, r);
    "bracket left open" "E0102" |s, _| open_bracket(s);
    "bracket too many" "E0101" |s, _| bracket_too_many(s);
    "block with :" "E0103" |s, _| colon_block(s);
    "function with def" "E0103" |s, _| def(s);
};

fn binds<'a>(s: &'a Site<'_>) -> Vec<(&'a Stmt, std::ops::Range<usize>)> {
    s.stmts()
        .into_iter()
        .filter_map(|x| match &x.kind {
            StmtKind::Bind { name, .. } => Some((x, name.span.range())),
            _ => None,
        })
        .collect()
}

/// The statements that answer, of a program without functions' returns.
fn answers<'a>(s: &'a Site<'_>) -> Vec<&'a Stmt> {
    s.top().into_iter().filter(|x| matches!(x.kind, StmtKind::Answer(_))).collect()
}

fn declare(s: &Site<'_>, r: &mut Random) -> Vec<Mutant> {
    let word = ["let", "var", "const", "val"][r.below(4)];
    binds(s)
        .into_iter()
        .map(|(_, name)| s.swap(name.start..name.start, &format!("{word} "), 0..word.len()))
        .collect()
}

fn annotate(s: &Site<'_>) -> Vec<Mutant> {
    binds(s).into_iter().map(|(_, name)| s.swap(name.end..name.end, ": Object", 0..8)).collect()
}

fn semicolon(s: &Site<'_>) -> Vec<Mutant> {
    s.stmts()
        .into_iter()
        .filter(|x| !matches!(x.kind, StmtKind::If { .. } | StmtKind::For { .. }))
        .map(|x| s.replace(x.span.end as usize..x.span.end as usize, ";"))
        .collect()
}

fn slashes(s: &Site<'_>) -> Vec<Mutant> {
    s.stmts()
        .into_iter()
        .filter(|x| !matches!(x.kind, StmtKind::If { .. } | StmtKind::For { .. }))
        .map(|x| {
            let end = x.span.end as usize;
            s.swap(end..end, " // what was asked", 1..3)
        })
        .collect()
}

fn keyword(s: &Site<'_>, word: &str) -> Vec<Mutant> {
    answers(s)
        .into_iter()
        .map(|x| s.replace(x.span.start as usize..x.span.start as usize + 6, word))
        .collect()
}

fn print(s: &Site<'_>) -> Vec<Mutant> {
    answers(s)
        .into_iter()
        .filter_map(|x| match &x.kind {
            StmtKind::Answer(e) => {
                let with = format!("print({})", s.source(e.span.range()));
                Some(s.swap(x.span.range(), &with, 0..5))
            }
            _ => None,
        })
        .collect()
}

fn answer_sign(s: &Site<'_>, sign: &str) -> Vec<Mutant> {
    answers(s)
        .into_iter()
        .map(|x| {
            let at = x.span.start as usize + 6;
            s.swap(at..at, sign, sign.len() - 1..sign.len())
        })
        .collect()
}

fn nowhere(s: &Site<'_>) -> Vec<Mutant> {
    answers(s)
        .into_iter()
        .filter_map(|x| match &x.kind {
            StmtKind::Answer(e) => {
                let gap = x.span.start as usize..e.span.start as usize;
                // `if` at the start of a line is a statement.
                if s.source(e.span.range()).starts_with("if ") {
                    return None;
                }
                Some(s.elsewhere(gap, "", e.span.range()))
            }
            _ => None,
        })
        .collect()
}

fn two_answers(s: &Site<'_>) -> Vec<Mutant> {
    let all = answers(s);
    let [one] = all.as_slice() else { return vec![] };
    let again = s.source(one.span.range());
    let end = one.span.end as usize;
    vec![s.swap(end..end, &format!("\n{again}"), 1..1 + again.len())]
}

fn bound_twice(s: &Site<'_>) -> Vec<Mutant> {
    s.top()
        .into_iter()
        .filter_map(|x| match &x.kind {
            StmtKind::Bind { name, .. } => {
                let again = s.source(x.span.range());
                let end = x.span.end as usize;
                Some(s.swap(end..end, &format!("\n{again}"), 1..1 + name.name.len()))
            }
            _ => None,
        })
        .collect()
}

fn fences(s: &Site<'_>, r: &mut Random) -> Vec<Mutant> {
    let open = ["```reasmory", "```", "```python", "```rsm"][r.below(4)];
    let text = format!("{open}\n{}```\n", s.text);
    vec![Mutant { text, span: 0..open.len(), scene: None }]
}

/// The last `)` of a statement on one line is left out; its partner is the place.
fn open_bracket(s: &Site<'_>) -> Vec<Mutant> {
    s.top()
        .into_iter()
        .filter_map(|x| {
            let at = x.span.range();
            let text = s.source(at.clone());
            if !text.ends_with(')') || text.contains('\n') || text.contains('"') && odd(text) {
                return None;
            }
            let mut open = Vec::new();
            let mut partner = None;
            let mut quoted = false;
            for (i, c) in text.char_indices() {
                match c {
                    '"' => quoted = !quoted,
                    '(' | '[' | '{' if !quoted => open.push(i),
                    ')' | ']' | '}' if !quoted => partner = open.pop(),
                    _ => {}
                }
            }
            let partner = at.start + partner?;
            Some(s.elsewhere(at.end - 1..at.end, "", partner..partner + 1))
        })
        .collect()
}

/// Whether a text literal holds what the search for partners does not understand.
fn odd(text: &str) -> bool {
    text.contains('\\')
}

fn bracket_too_many(s: &Site<'_>) -> Vec<Mutant> {
    answers(s)
        .into_iter()
        .filter(|x| s.source(x.span.range()).ends_with(')'))
        .map(|x| s.replace(x.span.end as usize..x.span.end as usize, ")"))
        .collect()
}

/// The braces of a `for` or an `if` without `else` become `:` and indentation.
fn colon_block(s: &Site<'_>) -> Vec<Mutant> {
    s.top()
        .into_iter()
        .filter_map(|x| {
            let body = match &x.kind {
                StmtKind::If { then, otherwise: None, .. } => then,
                StmtKind::For { body, .. } => body,
                _ => return None,
            };
            let (at, inner) = (x.span.range(), body.span.range());
            let text = s.source(inner.clone());
            let lines = text.strip_prefix("{\n")?.strip_suffix("\n}")?;
            let header = s.source(at.start..inner.start).trim_end();
            let mark = header.len()..header.len() + 1;
            Some(s.swap(at, &format!("{header}:\n{lines}"), mark))
        })
        .collect()
}

fn def(s: &Site<'_>) -> Vec<Mutant> {
    use reasmory_driver::syntax::ast::Item;
    s.program
        .items
        .iter()
        .filter_map(|i| match i {
            Item::Fn(f) => {
                let start = f.name.span.start as usize;
                let word = s.text[..start].rfind("fn ")?;
                Some(s.replace(word..word + 2, "def"))
            }
            _ => None,
        })
        .collect()
}
