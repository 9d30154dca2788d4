//! Python text to its tree, by the parser of the Ruff project; its errors as findings.

use reasmory_diag::{Code, Diagnostic};
use reasmory_span::Span;
use ruff_python_ast::Stmt;
use ruff_python_parser::{
    InterpolatedStringErrorType as I, LexicalErrorType as L, Mode, ParseErrorType as P,
    ParseOptions, parse_cells_unchecked,
};
use ruff_text_size::{Ranged, TextRange};

/// A plan's statements, and what does not parse with its place.
pub(crate) struct Source {
    pub(crate) body: Vec<Stmt>,
    pub(crate) errors: Vec<(Span, Diagnostic)>,
}

/// The span of a node.
pub(crate) fn span(node: &impl Ranged) -> Span {
    range(node.range())
}

pub(crate) fn range(r: TextRange) -> Span {
    Span::new(r.start().to_u32(), r.end().to_u32())
}

/// Parses the plan under `inside`.
pub(crate) fn parse(text: &str, inside: Span) -> Source {
    let cell = TextRange::new(inside.start.into(), inside.end.into());
    let parsed = parse_cells_unchecked(text, [cell], &ParseOptions::from(Mode::Module));
    let mut starts = Vec::new();
    for s in &parsed.syntax().body {
        starts.push(span(s).start);
        if let Stmt::FunctionDef(f) = s {
            starts.extend(f.body.iter().map(|s| span(s).start));
        }
    }
    let mut errors: Vec<(Span, Diagnostic)> = Vec::new();
    let mut last = None;
    for e in parsed.errors() {
        let place = visible(text, inside, range(e.location));
        // That a statement cannot be read is said once; the rest of it follows from that.
        let statement = starts.partition_point(|s| *s <= place.start);
        if last == Some(statement) {
            continue;
        }
        last = Some(statement);
        errors.push((place, finding(&e.error, place)));
    }
    Source { body: parsed.into_syntax().body.to_vec(), errors }
}

/// A place that can be pointed at: inside the plan, on character boundaries.
fn visible(text: &str, inside: Span, at: Span) -> Span {
    let clamp = |x: u32| {
        let mut x = x.clamp(inside.start, inside.end) as usize;
        while !text.is_char_boundary(x) {
            x -= 1;
        }
        x as u32
    };
    let (start, end) = (clamp(at.start), clamp(at.end));
    let span = Span::new(start, end.max(start));
    // A line end says nothing to the eye.
    let shown = span.text(text).trim_end_matches(['\n', '\r']).len() as u32;
    Span::new(start, start + shown)
}

fn finding(error: &P, place: Span) -> Diagnostic {
    let said = error.to_string();
    let (code, label, help) = match error {
        P::Lexical(L::UnclosedStringError | L::StringError)
        | P::Lexical(L::FStringError(I::UnterminatedString | I::UnterminatedTripleQuotedString))
        | P::FStringError(I::UnterminatedString | I::UnterminatedTripleQuotedString) => {
            (Code::UnterminatedText, "starts here", "close the quote")
        }
        P::Lexical(L::UnrecognizedToken { .. }) => {
            (Code::InvalidCharacter, "not Python", "leave it out, or put it inside a text")
        }
        P::Lexical(L::Eof) => {
            (Code::UnexpectedEnd, "ends here", "close the bracket or finish the line")
        }
        P::ExpectedToken { found: ruff_python_ast::token::TokenKind::EndOfFile, .. } => {
            (Code::UnexpectedEnd, "ends here", "close the bracket or finish the line")
        }
        _ => (Code::UnexpectedToken, "not Python", "repair the line"),
    };
    let mut said = said.trim_end_matches('.').trim().replace('\'', "`");
    if let Some(first) = said.get(..1) {
        said = format!("{}{}", first.to_lowercase(), &said[1..]);
    }
    Diagnostic::new(code, place, format!("this does not read as Python: {said}"))
        .label(label)
        .help(help)
}
