//! Programs without a form of another language, which most are: the passes would only copy their tokens.
//!
//! A program is plain where no token stands that every foreign form has at least one of. In debug builds the
//! passes run all the same, and must find nothing and change nothing; so every test that parses checks this.

use std::sync::OnceLock;

use super::table::{BETWEEN, DECLARE, ELSE_IF, FUNCTION, MUTATORS, OF_A_PASS, STATEMENTS, VALUES};
use crate::token::{Sign, Tok, Token, Word};

/// Names that some pass asks for.
struct Names {
    sorted: Vec<&'static str>,
    /// For each first byte the lengths of such names, a bit each.
    lengths: [u32; 128],
}

impl Names {
    fn get() -> &'static Names {
        static NAMES: OnceLock<Names> = OnceLock::new();
        NAMES.get_or_init(|| {
            let mut sorted: Vec<&str> = [DECLARE, FUNCTION, ELSE_IF, MUTATORS, OF_A_PASS].concat();
            sorted.extend(VALUES.iter().map(|row| row.0));
            sorted.extend(STATEMENTS.iter().map(|row| row.0));
            sorted.extend(BETWEEN.iter().flat_map(|row| row.0));
            sorted.sort_unstable();
            sorted.dedup();
            let mut lengths = [0; 128];
            for name in &sorted {
                lengths[usize::from(name.as_bytes()[0] & 127)] |= 1 << name.len().min(31);
            }
            Names { sorted, lengths }
        })
    }

    fn has(&self, name: &str) -> bool {
        let Some(first) = name.as_bytes().first() else { return false };
        self.lengths[usize::from(first & 127)] >> name.len().min(31) & 1 == 1
            && self.sorted.binary_search(&name).is_ok()
    }
}

/// Whether the passes leave a name alone that `=` follows.
fn is_argument(name: &str) -> bool {
    name != "while" && !ELSE_IF.contains(&name) && !BETWEEN.iter().any(|row| row.0.contains(&name))
}

/// Whether no foreign form can stand in these tokens.
pub(super) fn is_plain(toks: &[Tok<'_>]) -> bool {
    let names = Names::get();
    // The line of the last `if` after a value: of a comprehension, or of `a if c else b`.
    let mut infix = None;
    for (i, t) in toks.iter().enumerate() {
        let before = |k: usize| i.checked_sub(k).map(|j| &toks[j].token);
        let next = toks.get(i + 1).filter(|n| n.line == t.line).map(|n| &n.token);
        let plain = match &t.token {
            Token::Foreign(_) | Token::Broken => false,
            Token::Name(n) => match next {
                Some(Token::Name(_)) => false,
                // `from=me` names an argument.
                Some(Token::Sign(Sign::Assign)) => !names.has(n) || is_argument(n),
                _ => !names.has(n),
            },
            // `2 m`
            Token::Int(_) | Token::Number(_) => {
                !matches!(next, Some(Token::Name(_) | Token::Word(Word::In)))
            }
            // `7%2`
            Token::Measure(_, unit) => unit.name != "%",
            // Types and results of headers, blocks, `a ? b : c`.
            Token::Sign(Sign::Colon | Sign::Arrow | Sign::Question) => false,
            // `(a, b) => …`
            Token::Sign(Sign::FatArrow) => !before(1).is_some_and(|p| p.is(Sign::RParen)),
            Token::Word(Word::Fn | Word::Test | Word::Return) => false,
            Token::Word(Word::In) => {
                matches!((before(2), before(1)), (Some(f), Some(Token::Name(_))) if f.is_word(Word::For))
            }
            Token::Word(Word::Answer | Word::Show) => {
                !toks.get(i + 1).is_some_and(|n| n.token.is(Sign::Assign))
            }
            Token::Word(Word::If) => {
                if before(1).is_some_and(Token::ends_expr) {
                    infix = Some(t.line);
                }
                true
            }
            Token::Word(Word::Else) => infix != Some(t.line),
            _ => true,
        };
        if !plain {
            return false;
        }
    }
    true
}
