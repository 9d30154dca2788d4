//! The logos scanner: characters to raw tokens. Meaning (values, units, escapes) is the lexer's.

use logos::Logos;

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

    #[regex(r"\(|\)|\[|\]|\{|\}|,|\.|\.\.|:|\?|=|=>|->|\+|-|\*|/|==|!=|<|<=|>|>=")]
    Sign,
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
