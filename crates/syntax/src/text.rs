//! Text literals: their escapes, and values written as literals.

use std::borrow::Cow;
use std::ops::Range;

/// A text literal as it stands in the program, between its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text<'s> {
    /// As written.
    pub body: &'s str,
    /// Whether backslashes in it are escapes.
    pub escapes: bool,
}

impl<'s> Text<'s> {
    /// The text that is meant.
    pub fn value(self) -> Cow<'s, str> {
        if self.escapes && self.body.contains('\\') {
            unescape(self.body, &mut |_| {}).into()
        } else {
            self.body.into()
        }
    }
}

/// The text that `body` means. What looks like an escape and is none stands for itself, and `bad` is told
/// where.
pub(crate) fn unescape(body: &str, bad: &mut dyn FnMut(Range<usize>)) -> String {
    let mut out = String::with_capacity(body.len());
    let mut chars = body.char_indices();
    while let Some((i, c)) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let mut end = i + 1;
        let value = match chars.next() {
            Some((j, c)) => {
                end = j + c.len_utf8();
                match c {
                    '"' | '\\' | '\'' => Some(c),
                    'n' => Some('\n'),
                    't' => Some('\t'),
                    'u' => match unicode_escape(&body[end..]) {
                        Some((c, n)) => {
                            end += n;
                            while chars.as_str().len() > body.len() - end {
                                chars.next();
                            }
                            Some(c)
                        }
                        None => None,
                    },
                    _ => None,
                }
            }
            None => None,
        };
        match value {
            Some(c) => out.push(c),
            None => {
                bad(i..end);
                out.push_str(&body[i..end]);
            }
        }
    }
    out
}

/// `{1f6cb}` at the start of `text`: the character and the bytes used.
fn unicode_escape(text: &str) -> Option<(char, usize)> {
    let hex = text.strip_prefix('{')?;
    let end = hex.find('}')?;
    let digits = &hex[..end];
    if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let c = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    Some((c, end + 2))
}

/// Text as a literal of the language.
pub fn quote(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
