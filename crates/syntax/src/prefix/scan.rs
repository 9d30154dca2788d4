//! The token at the end of a text: finished, open, or none. Characters that only start forms of other
//! languages start no token here.

use reasmory_types::{UNITS, Unit};

use super::kind::{Class, Kind};
use crate::token::Word;

/// What the characters of one token are so far.
pub(super) enum Scan {
    /// The first bytes are these tokens whatever follows; the rest is read again.
    Done(Vec<(Kind, Class)>, usize),
    /// More characters may belong to it.
    Open(Open),
    /// No token is written like this.
    Dead,
}

/// A token that more characters may belong to.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    /// The tokens it is if it ends here; `None` when it cannot end here.
    pub now: Option<Vec<(Kind, Class)>>,
    /// The kinds it may still become.
    pub may: Vec<Kind>,
    /// The texts that complete a token when they follow, with its kind.
    pub rest: Vec<(String, Kind)>,
    /// More digits may follow.
    pub digits: bool,
    /// More letters of a name may follow.
    pub letters: bool,
}

pub(super) fn word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The kind of a whole name.
fn name(text: &str) -> (Kind, Class) {
    match Word::named(text) {
        Some(Word::Test) | None => (Kind::NAME, Class::of(text)),
        Some(word) => (Kind::word(word), Class::Plain),
    }
}

/// Reads the token that `text` starts with; `unit` says that it stands after `as`.
pub(super) fn scan(text: &str, unit: bool) -> Scan {
    let Some(first) = text.chars().next() else { return Scan::Dead };
    if unit && (first.is_ascii_alphabetic() || first == '_' || first == '%') {
        return units(text, Kind::UNIT, 0);
    }
    match first {
        'A'..='Z' | 'a'..='z' | '_' => word(text),
        '0'..='9' => number(text),
        _ => sign(text),
    }
}

fn word(text: &str) -> Scan {
    let len = text.find(|c| !word_char(c)).unwrap_or(text.len());
    if len < text.len() {
        return Scan::Done(vec![name(&text[..len])], len);
    }
    let longer = Kind::all()
        .filter(|k| k.is_word() && k.text().len() > len && k.text().starts_with(text))
        .map(|k| (k.text()[len..].to_owned(), k));
    let rest: Vec<(String, Kind)> = longer.collect();
    let now = name(text);
    let mut may = vec![Kind::NAME];
    if now.0 != Kind::NAME {
        may.push(now.0);
    } else if now.1 == Class::Test {
        may.push(Kind::TEST);
    }
    may.extend(rest.iter().map(|r| r.1));
    Scan::Open(Open { now: Some(vec![now]), may, rest, digits: false, letters: true })
}

/// A unit from byte `at` on, which alone, or with the number before it, is one token of kind `whole`.
fn units(text: &str, whole: Kind, at: usize) -> Scan {
    let unit = &text[at..];
    let found = Unit::longest_prefix(unit);
    let rest: Vec<(String, Kind)> = UNITS
        .iter()
        .filter_map(|u| u.name.strip_prefix(unit).filter(|r| !r.is_empty()))
        .map(|r| (r.to_owned(), whole))
        .collect();
    if unit == "%" {
        return Scan::Done(vec![(whole, Class::Plain)], at + 1);
    }
    if rest.is_empty() && Unit::named(unit).is_none() {
        return match found {
            Some(u) => Scan::Done(vec![(whole, Class::Plain)], at + u.name.len()),
            None => Scan::Dead,
        };
    }
    let now = found.map(|u| {
        let mut tokens = vec![(whole, Class::Plain)];
        // `m/` may be the start of `m/s`; if it is not, it divides.
        if unit.len() > u.name.len() {
            tokens.push((Kind::sign("/"), Class::Plain));
        }
        tokens
    });
    Scan::Open(Open { now, may: vec![whole], rest, digits: false, letters: false })
}

fn number(text: &str) -> Scan {
    let digits = |s: &str| s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
    let len = digits(text);
    if !text[..len].parse::<f64>().is_ok_and(f64::is_finite) {
        return Scan::Dead;
    }
    // A number of more than 64 bits needs a fraction or a unit.
    let int = text[..len].parse::<i64>().is_ok();
    let plain = int.then(|| vec![(Kind::INT, Class::Plain)]);
    let all_units = || UNITS.iter().map(|u| (u.name.to_owned(), Kind::MEASURE)).collect();
    let may = vec![Kind::INT, Kind::NUMBER, Kind::MEASURE];
    let rest = &text[len..];
    if rest.is_empty() {
        return Scan::Open(Open {
            now: plain,
            may,
            rest: all_units(),
            digits: true,
            letters: false,
        });
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        if fraction.is_empty() {
            let now = plain.map(|mut p| {
                p.push((Kind::sign("."), Class::Plain));
                p
            });
            return Scan::Open(Open { now, may, rest: Vec::new(), digits: true, letters: false });
        }
        let more = digits(fraction);
        if more > 0 {
            let end = len + 1 + more;
            let now = vec![(Kind::NUMBER, Class::Plain)];
            if end == text.len() {
                return Scan::Open(Open {
                    now: Some(now),
                    may: vec![Kind::NUMBER, Kind::MEASURE],
                    rest: all_units(),
                    digits: true,
                    letters: false,
                });
            }
            if text[end..].starts_with(|c| word_char(c) || c == '%') {
                return units(text, Kind::MEASURE, end);
            }
            return Scan::Done(now, end);
        }
    } else if rest.starts_with(|c| word_char(c) || c == '%') {
        return units(text, Kind::MEASURE, len);
    }
    match plain {
        Some(now) => Scan::Done(now, len),
        None => Scan::Dead,
    }
}

fn sign(text: &str) -> Scan {
    let kind = |s: &str| Kind::named(s).filter(|k| k.is_literal());
    let first = text.chars().next().map_or(0, char::len_utf8);
    // Longer tokens that start with the first character.
    let longer: &[&str] = match &text[..first] {
        "." => &[".."],
        "=" => &["==", "=>"],
        "-" => &["->"],
        "!" => &["!="],
        "<" => &["<="],
        ">" => &[">="],
        _ => &[],
    };
    let one = kind(&text[..first]);
    if text.len() == first {
        if longer.is_empty() {
            return match one {
                Some(k) => Scan::Done(vec![(k, Class::Plain)], first),
                None => Scan::Dead,
            };
        }
        let rest: Vec<(String, Kind)> =
            longer.iter().filter_map(|l| Some((l[first..].to_owned(), kind(l)?))).collect();
        let may = one.into_iter().chain(rest.iter().map(|r| r.1)).collect();
        let now = one.map(|k| vec![(k, Class::Plain)]);
        return Scan::Open(Open { now, may, rest, digits: false, letters: false });
    }
    if let Some(k) = longer.iter().find(|l| text.starts_with(**l)).and_then(|l| kind(l)) {
        return Scan::Done(vec![(k, Class::Plain)], k.text().len());
    }
    // Signs of other languages that the grammar alone would read as two of ours.
    if text.starts_with("--") || text.starts_with("<>") {
        return Scan::Dead;
    }
    one.map_or(Scan::Dead, |k| Scan::Done(vec![(k, Class::Plain)], first))
}

/// How far inside a text literal its characters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Text {
    /// Between characters.
    Plain,
    /// After a backslash.
    Escape,
    /// After `\u`.
    Brace,
    /// Inside `\u{…}`: the value and the number of digits.
    Hex(u32, u8),
}

/// Whether `\u{` and `n` digits of this value can still be completed.
fn feasible(value: u32, n: u8) -> bool {
    (n > 0 && char::from_u32(value).is_some())
        || (n < 6 && value <= 0x10_FFFF && (0..16).any(|d| feasible(value * 16 + d, n + 1)))
}

impl Text {
    /// After one more character: `Ok(None)` when the text has ended, `Err` when it cannot go on so.
    pub fn step(self, c: char) -> Result<Option<Text>, ()> {
        Ok(Some(match (self, c) {
            (Text::Plain, '"') => return Ok(None),
            (_, '\n') => return Err(()),
            (Text::Plain, '\\') => Text::Escape,
            (Text::Plain, _) | (Text::Escape, '"' | '\\' | '\'' | 'n' | 't') => Text::Plain,
            (Text::Escape, 'u') => Text::Brace,
            (Text::Brace, '{') => Text::Hex(0, 0),
            (Text::Hex(v, n), '}') if n > 0 && char::from_u32(v).is_some() => Text::Plain,
            (Text::Hex(v, n), _) if n < 6 => match c.to_digit(16) {
                Some(d) if feasible(v * 16 + d, n + 1) => Text::Hex(v * 16 + d, n + 1),
                _ => return Err(()),
            },
            _ => return Err(()),
        }))
    }

    /// What may complete it, or the escape that it is inside of.
    pub fn rest(self) -> Vec<String> {
        let list = |l: &[&str]| l.iter().map(|s| (*s).to_owned()).collect();
        match self {
            Text::Plain => list(&["\""]),
            Text::Escape => list(&["\"", "\\", "'", "n", "t", "u{"]),
            Text::Brace => list(&["{"]),
            Text::Hex(v, n) if n > 0 && char::from_u32(v).is_some() => list(&["}"]),
            Text::Hex(..) => Vec::new(),
        }
    }
}
