//! Bounds on a plan's size and depth, checked on tokens before any tree exists: what parses, walks and drops
//! the tree recurses over it.

use reasmory_diag::{Code, Diagnostic};
use reasmory_span::Span;
use reasmory_syntax::limits::{MAX_BYTES, MAX_CHAIN, MAX_NESTING};
use ruff_python_ast::token::TokenKind as T;
use ruff_python_parser::{Mode, lexer};

/// Most members of a `list(range(…))`.
pub(crate) const MAX_RANGE: u64 = 1024;

/// Checks the bounds of the plan under `span`.
pub(crate) fn check(text: &str, span: Span) -> Result<(), Box<Diagnostic>> {
    if text.len() > MAX_BYTES {
        return Err(Box::new(
            Diagnostic::new(
                Code::ProgramTooLarge,
                Span::at(0),
                format!("a plan of {} bytes is over the limit of {MAX_BYTES}", text.len()),
            )
            .label("not read")
            .help("shorten the plan"),
        ));
    }
    let source = span.text(text);
    let mut lexer = lexer::lex(source, Mode::Module);
    // Per open bracket: operations so far in the current member. Their sum bounds the tree's depth.
    let mut levels: Vec<usize> = vec![0];
    let (mut sum, mut indents, mut line) = (0usize, 0usize, 0usize);
    loop {
        let token = lexer.next_token();
        match token {
            T::EndOfFile => return Ok(()),
            T::Newline | T::Comma => {
                line += usize::from(token == T::Newline);
                if let Some(level) = levels.last_mut() {
                    sum -= std::mem::take(level);
                }
            }
            T::NonLogicalNewline => line += 1,
            T::Indent => indents += 1,
            T::Dedent => indents = indents.saturating_sub(1),
            T::Lpar | T::Lsqb | T::Lbrace | T::FStringStart | T::TStringStart => {
                if let Some(level) = levels.last_mut() {
                    *level += 1;
                    sum += 1;
                }
                levels.push(0);
            }
            T::Rpar | T::Rsqb | T::Rbrace | T::FStringEnd | T::TStringEnd => {
                if levels.len() > 1 {
                    sum -= levels.pop().unwrap_or(0);
                }
            }
            T::Name | T::Int | T::Float | T::Complex | T::String | T::Comment => {}
            // Whatever else stands in an expression may build on what is before or after it.
            _ => {
                if let Some(level) = levels.last_mut() {
                    *level += 1;
                    sum += 1;
                }
            }
        }
        if levels.len() > MAX_NESTING + 1 || indents > MAX_NESTING {
            let what = format!("brackets or blocks nest more than {MAX_NESTING} deep");
            return Err(Box::new(deep(text, span, line, what)));
        }
        if sum > MAX_CHAIN {
            let what = format!("an expression of more than {MAX_CHAIN} operations");
            return Err(Box::new(deep(text, span, line, what)));
        }
    }
}

fn deep(text: &str, span: Span, line: usize, what: String) -> Diagnostic {
    let mut start = span.start as usize;
    for l in span.text(text).split_inclusive('\n').take(line) {
        start += l.len();
    }
    let rest = text.get(start..span.end as usize).unwrap_or("");
    let end = start + rest.lines().next().unwrap_or("").len();
    Diagnostic::new(Code::NestingTooDeep, Span::new(start as u32, end as u32), what)
        .label("too deep here")
        .help("bind parts of the expression to names")
}

#[cfg(test)]
mod tests {
    use super::check;
    use reasmory_span::Span;

    fn code(text: &str) -> &'static str {
        check(text, Span::new(0, text.len() as u32)).err().map_or("", |d| d.code.id())
    }

    #[test]
    fn deep_and_long_plans_are_refused() {
        assert_eq!(code("x = 1\n"), "");
        assert_eq!(code(&format!("x = {}1\n", "-".repeat(100_000))), "E0006");
        assert_eq!(code(&format!("x = {}1\n", "not ".repeat(300))), "E0006");
        assert_eq!(code(&format!("x = y{}\n", "[0]".repeat(2000))), "E0006");
        assert_eq!(code(&format!("x = {}\n", "(".repeat(100_000))), "E0006");
        assert_eq!(code(&format!("x = {}\n", "f'{".repeat(1000))), "E0006");
        assert_eq!(code(&format!("x = [{}]\n", "1, ".repeat(5000))), "");
        let blocks: String = (0..90).map(|i| format!("{}if 1:\n", " ".repeat(i))).collect();
        assert_eq!(code(&blocks), "E0006");
        assert_eq!(code(&"#".repeat(2 << 20)), "E0005");
    }

    #[test]
    fn the_place_is_the_line() {
        let text = format!("a = 1\nb = {}1\nc = 2\n", "-".repeat(400));
        let d = check(&text, Span::new(0, text.len() as u32)).unwrap_err();
        assert!(d.primary.span.text(&text).starts_with("b = ---"));
        assert!(d.primary.span.text(&text).ends_with('1'));
    }
}
