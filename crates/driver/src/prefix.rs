//! The prefix check of a text, for people and decoders: what it is, what may follow, and, as hints, which
//! names, arguments, categories and numbers may. See `spec/prefix.md` for what is a guarantee.

mod hints;
mod print;

use reasmory_diag::{Code, Diagnostic, Level};
use reasmory_sema::CheckOptions;
use reasmory_syntax::prefix::{Kind, Next, Prefix, Status, Tail};

pub use hints::Hint;
pub use print::{json, text};

use crate::Source;

/// What is known of the start of a program.
#[derive(Clone, Debug)]
pub struct PrefixReport {
    /// Dead, live or complete.
    pub status: Status,
    /// Bytes of the longest live start.
    pub at: usize,
    /// What may follow it, after the token that it ends with.
    pub next: Next,
    /// What it ends inside of.
    pub tail: Option<Tail>,
    /// A text that makes it a whole program.
    pub finish: Option<String>,
    /// Bytes of the finished statements.
    pub finished: usize,
    /// Errors in the finished statements that no continuation takes away: no program that starts like
    /// this is without one.
    pub findings: Vec<Diagnostic>,
    /// Names and texts that fit, where they can be told. Not a guarantee.
    pub hints: Vec<Hint>,
}

/// Checks the start of a program.
pub fn check_prefix(source: &Source, options: CheckOptions<'_>) -> PrefixReport {
    let prefix = Prefix::of(&source.text);
    let live = &source.text[..prefix.at()];
    let photos = options.scene.map(|s| s.photos.len() as u32).or(options.photos);
    PrefixReport {
        status: prefix.status(),
        at: prefix.at(),
        next: prefix.next(),
        tail: prefix.tail(),
        finish: prefix.finish(),
        finished: prefix.finished(),
        findings: findings(source, &prefix, options),
        hints: hints::hints(live, &prefix, options.scene, photos),
    }
}

/// Errors of the finished statements that stay whatever follows. What follows can only add functions, so
/// a name that is unknown may still become one; that an answer is missing may change too.
fn findings(source: &Source, prefix: &Prefix, options: CheckOptions<'_>) -> Vec<Diagnostic> {
    let finished = Source::new(&source.name, &source.text[..prefix.finished()]);
    if finished.text.is_empty() {
        return Vec::new();
    }
    let mut found = crate::check(&finished, options).diagnostics;
    found.retain(|d| d.is_error() && stays(d.code));
    found
}

fn stays(code: Code) -> bool {
    match code.info().level {
        Level::Types | Level::Units | Level::Scene => true,
        Level::Syntax | Level::Names => matches!(
            code,
            Code::ExpressionStatement
                | Code::MissingElse
                | Code::DuplicateBinding
                | Code::UnknownArgument
                | Code::DuplicateArgument
                | Code::PositionalArgument
                | Code::ReservedName
                | Code::UnknownField
                | Code::AnswerInLoop
                | Code::UnknownType
        ),
        _ => false,
    }
}

/// A kind as a list for people shows it.
fn shown(kind: Kind) -> String {
    if kind.is_literal() { format!("`{}`", kind.text()) } else { kind.text().to_owned() }
}
