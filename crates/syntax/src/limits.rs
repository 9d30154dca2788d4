//! Bounds on a program's size and depth, checked on tokens before any tree exists.
//!
//! Every later pass, and dropping the tree itself, recurses over expressions; these bounds are what
//! keeps them inside the stack.

use reasmory_diag::{Code, Diagnostic};
use reasmory_span::Span;

use crate::token::{Sign, Tok, Token, Word};

/// Longest program in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting of brackets.
pub const MAX_NESTING: usize = 64;
/// Most operations that may build on each other in one expression: operators, members, calls, branches.
pub const MAX_CHAIN: usize = 256;

/// The report of a program over [`MAX_BYTES`].
pub(crate) fn too_large(bytes: usize) -> Diagnostic {
    Diagnostic::new(
        Code::ProgramTooLarge,
        Span::at(0),
        format!("a program of {bytes} bytes is over the limit of {MAX_BYTES}"),
    )
    .label("not read")
    .help("split the program")
}

/// Checks nesting, before any other pass looks for the partner of a bracket.
pub(crate) fn nesting(tokens: &[Tok<'_>]) -> Result<(), Box<Diagnostic>> {
    let mut depth = 0usize;
    for t in tokens {
        let Token::Sign(s) = t.token else { continue };
        if s.closer().is_some() {
            depth += 1;
        } else if s.closes() {
            depth = depth.saturating_sub(1);
        }
        if depth > MAX_NESTING {
            return Err(Box::new(
                Diagnostic::new(
                    Code::NestingTooDeep,
                    t.span,
                    format!("brackets nest more than {MAX_NESTING} deep"),
                )
                .label("one level too many")
                .help("close the brackets, or bind parts of the expression to names"),
            ));
        }
    }
    Ok(())
}

/// Checks how many operations build on each other, after layout; linear, and stops at the first excess.
pub(crate) fn chains(tokens: &[Tok<'_>]) -> Result<(), Box<Diagnostic>> {
    // Per open bracket: operations so far in the current member. Their sum bounds the tree's depth.
    let mut levels: Vec<usize> = vec![0];
    let mut sum = 0usize;
    for t in tokens {
        let Some(level) = levels.last_mut() else { break };
        let mut counts = false;
        match &t.token {
            Token::Sign(Sign::Comma) | Token::Newline => sum -= std::mem::take(level),
            Token::Sign(s) if s.closer().is_some() => {
                *level += 1;
                sum += 1;
                levels.push(0);
            }
            Token::Sign(s) if s.closes() => sum -= levels.pop().unwrap_or(0),
            Token::Sign(s) => counts = s.is_operator() || *s == Sign::FatArrow,
            Token::Word(w) => {
                counts = matches!(
                    w,
                    Word::Not | Word::And | Word::Or | Word::As | Word::If | Word::Else
                );
            }
            _ => {}
        }
        if counts && let Some(level) = levels.last_mut() {
            *level += 1;
            sum += 1;
        }
        if sum > MAX_CHAIN {
            return Err(Box::new(
                Diagnostic::new(
                    Code::NestingTooDeep,
                    t.span,
                    format!("an expression of more than {MAX_CHAIN} operations"),
                )
                .label("one operation too many")
                .help("bind parts of it to names"),
            ));
        }
    }
    Ok(())
}
