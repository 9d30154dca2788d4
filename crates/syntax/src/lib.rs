//! Text to syntax tree: lexer (logos), foreign forms, layout (which newlines count), parser (LALRPOP,
//! with recovery), and printers of tokens, trees and programs.
//!
//! [`parse`] is total: every input gives a tree and a list of diagnostics, and never a panic.
#![forbid(unsafe_code)]

pub mod ast;
// Boxed as the parser's stack holds it (see the grammar).
#[allow(clippy::vec_box, clippy::boxed_local)]
mod build;
mod climb;
mod expected;
mod foreign;
mod fuzz;
mod layout;
mod lexer;
pub mod limits;
mod parser;
pub mod prefix;
mod print;
mod scan;
mod signature;
mod text;
mod token;
mod unparse;

use std::collections::BTreeSet;

use reasmory_diag::Diagnostic;
use reasmory_span::Span;

pub use foreign::{foreign_methods, foreign_names};
pub use fuzz::{check_prefixes, fuzz_parse, fuzz_prefix};
pub use print::{print_ast, print_ast_without_spans, print_tokens};
pub use signature::parse_signature;
pub use text::quote;
pub use unparse::{format_expr, unparse};

use crate::ast::{Item, Program, Stmt, StmtKind};
use crate::layout::Items;

/// Syntax diagnostics after which the rest are counted, not listed.
const MAX_DIAGNOSTICS: usize = 100;

/// A program as parsed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// The tree; `Error` nodes stand where something was reported.
    pub program: Program,
    /// What was found, in the order of every output.
    pub diagnostics: Vec<Diagnostic>,
}

/// Tokens of a program, split into top-level items.
struct Prepared<'s> {
    items: Items<'s>,
    docs: std::collections::BTreeMap<u32, String>,
    quiet_headers: BTreeSet<u32>,
    tainted: BTreeSet<u32>,
    diagnostics: Vec<Diagnostic>,
}

/// Everything before the parser. `Err` is the one report of a program beyond the limits.
fn prepare(text: &str) -> Result<Prepared<'_>, Box<Diagnostic>> {
    if text.len() > limits::MAX_BYTES {
        return Err(Box::new(limits::too_large(text.len())));
    }
    let (masked, fences) = foreign::fences(text);
    let lexed = lexer::lex(text, &masked);
    limits::nesting(&lexed.tokens)?;
    let (tokens, found) = foreign::rewrite(text, lexed.tokens);
    let (items, bracket_reports) = layout::layout(text, &tokens);
    limits::chains(&items.tokens)?;
    let mut diagnostics = lexed.diagnostics;
    diagnostics.extend(fences);
    diagnostics.extend(found.diagnostics);
    diagnostics.extend(bracket_reports);
    Ok(Prepared {
        items,
        docs: lexed.docs,
        quiet_headers: found.quiet_headers,
        tainted: lexed.tainted,
        diagnostics,
    })
}

/// Parses a program.
pub fn parse(text: &str) -> Parsed {
    let prepared = match prepare(text) {
        Ok(p) => p,
        Err(d) => {
            // Nothing was read, so that nothing is said to be missing.
            let unread = Stmt { kind: StmtKind::Error, span: Span::new(0, text.len() as u32) };
            let program = Program { items: vec![Item::Stmt(unread)] };
            return Parsed { program, diagnostics: vec![*d] };
        }
    };
    let mut cx = build::Cx::new(text);
    cx.docs = prepared.docs;
    cx.quiet_headers = prepared.quiet_headers;
    let mut items = parser::Items {
        cx: &mut cx,
        tainted: &prepared.tainted,
        parser: parser::grammar::WholeParser::new(),
        out: Vec::new(),
    };
    let program = Program { items: items.program(&prepared.items) };
    let mut diagnostics = prepared.diagnostics;
    diagnostics.append(&mut items.out);
    reasmory_diag::sort(&mut diagnostics);
    let more = diagnostics.len().saturating_sub(MAX_DIAGNOSTICS);
    if more > 0 {
        diagnostics.truncate(MAX_DIAGNOSTICS);
        if let Some(last) = diagnostics.pop() {
            diagnostics.push(last.note(format!("{more} more syntax errors are not listed")));
        }
    }
    Parsed { program, diagnostics }
}
