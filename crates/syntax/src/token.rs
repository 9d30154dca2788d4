//! Tokens as the parser sees them.

use reasmory_span::Span;
use reasmory_types::Unit;

use crate::text::Text;

/// A token. Operation names, direction words and type names are all [`Token::Name`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token<'s> {
    /// A name.
    Name(&'s str),
    /// An integer literal.
    Int(i64),
    /// A literal with a fraction.
    Number(f64),
    /// A literal with a unit, the number as written.
    Measure(f64, &'static Unit),
    /// A text literal.
    Text(Text<'s>),
    /// A unit after `as`.
    Unit(&'static Unit),
    /// A word the grammar knows.
    Word(Word),
    /// Punctuation and operators.
    Sign(Sign),
    /// The end of a statement.
    Newline,
    /// Stands for an expression or a type that was already reported.
    Broken,
    /// Punctuation of other languages; the foreign pass reports and replaces it.
    Foreign(&'static str),
}

macro_rules! closed {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $text:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $(#[doc = concat!("`", $text, "`")] $variant),* }

        impl $name {
            /// All there are.
            #[cfg(test)]
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// As written.
            pub const fn text(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }

            /// The one that is written like this.
            pub fn named(text: &str) -> Option<$name> {
                match text { $($text => Some($name::$variant),)* _ => None }
            }
        }
    };
}

closed! {
    /// The reserved words.
    Word {
        Answer "answer" Show "show" Assert "assert" Return "return" If "if" Else "else" For "for"
        In "in" Fn "fn" Test "test" And "and" Or "or" Not "not" As "as" True "true" False "false"
    }
}

closed! {
    /// Punctuation and operators.
    Sign {
        LParen "(" RParen ")" LBracket "[" RBracket "]" LBrace "{" RBrace "}" Comma "," Dot "."
        DotDot ".." Colon ":" Question "?" Assign "=" FatArrow "=>" Arrow "->" Plus "+" Minus "-"
        Star "*" Slash "/" EqEq "==" NotEq "!=" Lt "<" Le "<=" Gt ">" Ge ">="
    }
}

impl Sign {
    /// The closing partner of an opening bracket.
    pub const fn closer(self) -> Option<Sign> {
        match self {
            Sign::LParen => Some(Sign::RParen),
            Sign::LBracket => Some(Sign::RBracket),
            Sign::LBrace => Some(Sign::RBrace),
            _ => None,
        }
    }

    /// Whether it closes a bracket.
    pub const fn closes(self) -> bool {
        matches!(self, Sign::RParen | Sign::RBracket | Sign::RBrace)
    }

    /// Whether it takes an operand on its right.
    pub const fn is_operator(self) -> bool {
        use Sign::*;
        matches!(
            self,
            Dot | DotDot | Arrow | Plus | Minus | Star | Slash | EqEq | NotEq | Lt | Le | Gt | Ge
        )
    }
}

impl Token<'_> {
    /// Whether it is this sign.
    pub fn is(&self, sign: Sign) -> bool {
        matches!(self, Token::Sign(s) if *s == sign)
    }

    /// Whether it is this word.
    pub fn is_word(&self, word: Word) -> bool {
        matches!(self, Token::Word(w) if *w == word)
    }

    /// Whether it is a unit after `as`.
    pub fn is_unit(&self) -> bool {
        matches!(self, Token::Unit(_))
    }

    /// Whether an expression can end with it.
    pub fn ends_expr(&self) -> bool {
        match self {
            Token::Name(_)
            | Token::Int(_)
            | Token::Number(_)
            | Token::Measure(..)
            | Token::Text(_)
            | Token::Unit(_)
            | Token::Broken => true,
            Token::Word(w) => matches!(w, Word::True | Word::False),
            Token::Sign(s) => s.closes(),
            _ => false,
        }
    }

    /// Whether an operand can start with it.
    pub fn starts_operand(&self) -> bool {
        match self {
            Token::Name(_)
            | Token::Int(_)
            | Token::Number(_)
            | Token::Measure(..)
            | Token::Text(_)
            | Token::Broken => true,
            Token::Word(w) => matches!(w, Word::True | Word::False),
            Token::Sign(s) => matches!(s, Sign::LParen | Sign::LBracket),
            _ => false,
        }
    }

    /// The token in the words of a message.
    pub fn describe(&self) -> String {
        match self {
            Token::Name(n) => format!("the name `{n}`"),
            Token::Int(_) | Token::Number(_) => "a number".into(),
            Token::Measure(..) => "a number with a unit".into(),
            Token::Text(_) => "a text literal".into(),
            Token::Unit(u) => format!("the unit `{}`", u.name),
            Token::Word(w) => format!("`{}`", w.text()),
            Token::Sign(s) => format!("`{}`", s.text()),
            Token::Newline => "the end of the line".into(),
            Token::Broken => "something already reported".into(),
            Token::Foreign(t) => format!("`{t}`"),
        }
    }
}

/// A token with its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tok<'s> {
    /// What.
    pub token: Token<'s>,
    /// Where; empty for a token that recovery put in.
    pub span: Span,
    /// 0-based line on which it starts.
    pub line: u32,
    /// 0-based byte column at which it starts.
    pub col: u32,
}

impl<'s> Tok<'s> {
    /// Another token at the end of this one, on the same line.
    pub fn after(&self, token: Token<'s>) -> Tok<'s> {
        Tok { token, span: Span::at(self.span.end), line: self.line, col: self.col }
    }

    /// Another token in the place of this one.
    pub fn with(&self, token: Token<'s>) -> Tok<'s> {
        Tok { token, ..*self }
    }
}
