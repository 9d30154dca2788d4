//! The logos scanner: characters to raw tokens. Meaning (values, units, escapes) is the lexer's.

use logos::Logos;

use crate::token::{Sign, Word};

/// A raw token.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r\f]+")]
pub(crate) enum Raw {
    #[token("\n")]
    Newline,
    #[regex(r"#[^\n]*", allow_greedy = true)]
    Comment,
    #[regex(r"//[^\n]*", allow_greedy = true)]
    SlashComment,
    #[token("/*")]
    BlockComment,
    #[regex(r"`[^`\n]*`")]
    BacktickText,
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Name,
    #[token("answer", |_| Word::Answer)]
    #[token("show", |_| Word::Show)]
    #[token("assert", |_| Word::Assert)]
    #[token("return", |_| Word::Return)]
    #[token("if", |_| Word::If)]
    #[token("else", |_| Word::Else)]
    #[token("for", |_| Word::For)]
    #[token("in", |_| Word::In)]
    #[token("fn", |_| Word::Fn)]
    #[token("test", |_| Word::Test)]
    #[token("and", |_| Word::And)]
    #[token("or", |_| Word::Or)]
    #[token("not", |_| Word::Not)]
    #[token("as", |_| Word::As)]
    #[token("true", |_| Word::True)]
    #[token("false", |_| Word::False)]
    Word(Word),
    #[regex(r"[0-9]+(\.[0-9]+)?")]
    Number,
    #[regex(r#""([^"\\\n]|\\[^\n])*""#)]
    Text,
    #[regex(r#""([^"\\\n]|\\[^\n])*\\?"#)]
    OpenText,
    #[token("\"\"\"")]
    TripleQuote,
    #[regex(r"'([^'\\\n]|\\[^\n])*'")]
    SingleText,
    #[regex(r#"[fFrRbB]"([^"\\\n]|\\[^\n])*""#)]
    #[regex(r"[fFrRbB]'([^'\\\n]|\\[^\n])*'")]
    PrefixedText,
    #[regex(r#"[“”„]([^“”"\n])*[“”"]"#)]
    #[regex(r"[‘’]([^‘’'\n])*[‘’']")]
    SmartText,

    #[token("(", |_| Sign::LParen)]
    #[token(")", |_| Sign::RParen)]
    #[token("[", |_| Sign::LBracket)]
    #[token("]", |_| Sign::RBracket)]
    #[token("{", |_| Sign::LBrace)]
    #[token("}", |_| Sign::RBrace)]
    #[token(",", |_| Sign::Comma)]
    #[token(".", |_| Sign::Dot)]
    #[token("..", |_| Sign::DotDot)]
    #[token(":", |_| Sign::Colon)]
    #[token("?", |_| Sign::Question)]
    #[token("=", |_| Sign::Assign)]
    #[token("=>", |_| Sign::FatArrow)]
    #[token("->", |_| Sign::Arrow)]
    #[token("+", |_| Sign::Plus)]
    #[token("-", |_| Sign::Minus)]
    #[token("*", |_| Sign::Star)]
    #[token("/", |_| Sign::Slash)]
    #[token("==", |_| Sign::EqEq)]
    #[token("!=", |_| Sign::NotEq)]
    #[token("<", |_| Sign::Lt)]
    #[token("<=", |_| Sign::Le)]
    #[token(">", |_| Sign::Gt)]
    #[token(">=", |_| Sign::Ge)]
    Sign(Sign),
    #[regex(
        r"@|\?\?|;|&&|\|\||\||&|!|%|\*\*|\^|===|!==|<>|\+=|-=|\*=|/=|%=|\+\+|--|:=|\.\.\.|\.\.=|\.\.<"
    )]
    Foreign,
    // Characters that look like one of ours.
    #[regex(r"[−–—×÷≤≥≠，；：（）［］｛｝→⇒…＝]")]
    LookAlike,
    // No-break and other wide spaces, the byte order mark, zero-width characters.
    #[regex(r"[\u{A0}\u{2002}-\u{200D}\u{202F}\u{2060}\u{3000}\u{FEFF}]+")]
    OddSpace,
}

/// The sign or foreign text a look-alike stands for.
pub(crate) fn look_alike(c: &str) -> &'static str {
    match c {
        "−" | "–" | "—" => "-",
        "×" => "*",
        "÷" => "/",
        "≤" => "<=",
        "≥" => ">=",
        "≠" => "!=",
        "，" => ",",
        "；" => ";",
        "：" => ":",
        "（" => "(",
        "）" => ")",
        "［" => "[",
        "］" => "]",
        "｛" => "{",
        "｝" => "}",
        "→" => "->",
        "⇒" => "=>",
        "…" => "..",
        _ => "=",
    }
}

/// The static spelling of a foreign sign.
pub(crate) fn foreign_sign(text: &str) -> &'static str {
    const ALL: &[&str] = &[
        "@", "??", ";", "&&", "||", "|", "&", "!", "%", "**", "^", "===", "!==", "<>", "+=", "-=",
        "*=", "/=", "%=", "++", "--", ":=", "...", "..=", "..<",
    ];
    ALL.iter().find(|s| **s == text).copied().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_and_sign_is_scanned_as_what_it_is_written_like() {
        let one = |text: &str| {
            let mut scanned = Raw::lexer(text);
            let first = scanned.next();
            assert!(scanned.next().is_none(), "{text}");
            first
        };
        for word in Word::ALL {
            assert_eq!(one(word.text()), Some(Ok(Raw::Word(*word))));
        }
        for sign in Sign::ALL {
            assert_eq!(one(sign.text()), Some(Ok(Raw::Sign(*sign))));
        }
    }
}
