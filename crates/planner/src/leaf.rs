//! What is read from the words themselves: nouns, directions, numbers with units.

use reasmory_types::{Direction, Unit};

use crate::Refusal;
use crate::grammar::{Grammar, Leaf};
use crate::matching::{Matcher, Value};
use crate::noun::{MAX_WORDS, literal, phrase};
use crate::tokens::Token;

/// Words for objects of any category.
const THINGS: [&str; 8] =
    ["object", "objects", "thing", "things", "item", "items", "furniture", "anything"];
/// Most words of a noun that the memory does not have.
const MAX_UNKNOWN: usize = 3;

/// The ways in which a leaf matches at a place, the longest first.
pub(crate) fn read(m: &mut Matcher<'_>, leaf: Leaf, at: usize) -> Vec<(usize, Value)> {
    match leaf {
        Leaf::One => nouns(m, at, one),
        Leaf::Many => nouns(m, at, |m, c| many(m, c)),
        Leaf::Several => {
            let all = nouns(m, at, |m, c| many(m, c));
            all.into_iter().filter(|(end, _)| is_plural(m, *end)).collect()
        }
        Leaf::Numbered => numbered(m, at),
        Leaf::Kinds => kinds(m, at),
        Leaf::Side => side(m, at).into_iter().map(|(end, d)| (end, text(d.name()))).collect(),
        Leaf::Sides => sides(m, at),
        Leaf::Turn => word(m, at, &[("left", "left"), ("right", "right")]),
        Leaf::Step => word(m, at, &STEPS),
        Leaf::Photo => photo(m, at),
        Leaf::Length => quantity(m, at, &LENGTHS),
        Leaf::Angle => quantity(m, at, &ANGLES),
        Leaf::LengthUnit => unit(m, at, &LENGTHS),
        Leaf::AreaUnit => unit(m, at, &AREAS),
        Leaf::VolumeUnit => unit(m, at, &VOLUMES),
    }
}

const STEPS: [(&str, &str); 9] = [
    ("forward", "forward"),
    ("forwards", "forward"),
    ("ahead", "forward"),
    ("straight", "forward"),
    ("backward", "backward"),
    ("backwards", "backward"),
    ("back", "backward"),
    ("left", "left"),
    ("right", "right"),
];

/// Units as questions write them, longest first, and as the language does.
const LENGTHS: [(&str, &str); 14] = [
    ("millimeters", "mm"),
    ("centimeters", "cm"),
    ("kilometers", "km"),
    ("meters", "m"),
    ("inches", "in"),
    ("inch", "in"),
    ("feet", "ft"),
    ("foot", "ft"),
    ("mm", "mm"),
    ("cm", "cm"),
    ("km", "km"),
    ("in", "in"),
    ("ft", "ft"),
    ("m", "m"),
];
const ANGLES: [(&str, &str); 4] =
    [("degrees", "deg"), ("degree", "deg"), ("deg", "deg"), ("°", "deg")];
const AREAS: [(&str, &str); 7] = [
    ("square meters", "m2"),
    ("square centimeters", "cm2"),
    ("sq m", "m2"),
    ("m²", "m2"),
    ("cm²", "cm2"),
    ("m2", "m2"),
    ("cm2", "cm2"),
];
const VOLUMES: [(&str, &str); 3] = [("cubic meters", "m3"), ("m³", "m3"), ("m3", "m3")];

fn text(text: impl Into<String>) -> Value {
    Value { text: text.into(), ..Value::default() }
}

fn raw<'t>(m: &Matcher<'t>, at: usize) -> &'t str {
    m.tokens.get(at).map_or("", |t| t.raw.as_str())
}

fn norm<'t>(m: &Matcher<'t>, at: usize) -> &'t str {
    m.tokens.get(at).map_or("", |t| t.norm.as_str())
}

/// The tokens from a place, up to the next mark.
fn run<'t>(m: &Matcher<'t>, at: usize, most: usize) -> &'t [Token] {
    let rest = m.tokens.get(at..).unwrap_or_default();
    let end = rest.iter().take(most).position(|t| t.mark).unwrap_or(most.min(rest.len()));
    &rest[..end]
}

fn is_plural(m: &Matcher<'_>, end: usize) -> bool {
    let last = end.checked_sub(1).map_or("", |i| raw(m, i));
    last.ends_with('s') || matches!(last, "people" | "shelves" | "furniture")
}

/// Nouns of the memory at a place; where the matcher is lenient, also nouns that it does not have.
fn nouns<'t>(
    m: &Matcher<'t>,
    at: usize,
    value: impl Fn(&Matcher<'t>, Noun) -> Option<Value>,
) -> Vec<(usize, Value)> {
    let words = run(m, at, MAX_WORDS);
    let mut out = Vec::new();
    for n in (1..=words.len()).rev() {
        if let Some(c) = m.nouns.category(&phrase(&words[..n]))
            && let Some(v) = value(m, Noun::Category(c))
        {
            out.push((at + n, v));
        }
    }
    if THINGS.contains(&raw(m, at))
        && let Some(v) = value(m, Noun::Anything)
    {
        out.push((at + 1, v));
    }
    if m.lenient && out.is_empty() {
        for n in (1..=words.len().min(MAX_UNKNOWN)).rev() {
            let some = &words[..n];
            let function = |t: &Token| {
                let g = Grammar::get();
                g.stop.contains(&t.norm) || !t.raw.starts_with(char::is_alphabetic)
            };
            if some.iter().any(function) {
                continue;
            }
            let noun = phrase(some);
            let candidates = m.nouns.candidates(&noun);
            let issue = Some(Refusal::UnknownNoun { noun, candidates });
            out.push((at + n, Value { issue, ..Value::default() }));
        }
    }
    out
}

/// What a noun names.
#[derive(Clone, Copy)]
enum Noun {
    Category(usize),
    Anything,
}

/// The only instance of a category. Where there are several it is none, or, where the matcher is lenient, a
/// reason to refuse.
fn one(m: &Matcher<'_>, noun: Noun) -> Option<Value> {
    let Noun::Category(c) = noun else { return None };
    let name = m.nouns.name(c);
    match m.nouns.instances(c) {
        [id] => {
            let text = format!("the({})", literal(name));
            Some(Value { marks: vec![text.clone()], instance: Some(*id), text, issue: None })
        }
        _ if !m.lenient => None,
        [] => {
            let issue = Some(Refusal::NoPlace { category: name.to_owned() });
            Some(Value { issue, ..Value::default() })
        }
        several => {
            let names =
                several.iter().take(12).map(|id| m.nouns.manifest.instance_name(*id)).collect();
            let issue = Some(Refusal::Several { category: name.to_owned(), names });
            Some(Value { issue, ..Value::default() })
        }
    }
}

/// All instances of a category.
fn many(m: &Matcher<'_>, noun: Noun) -> Option<Value> {
    Some(match noun {
        Noun::Anything => text("objects()"),
        Noun::Category(c) => {
            let text = format!("objects({})", literal(m.nouns.name(c)));
            // A category that is only counted has nothing to mark.
            let marks = if m.nouns.instances(c).is_empty() { vec![] } else { vec![text.clone()] };
            Value { text, marks, ..Value::default() }
        }
    })
}

/// `chair 2`, `chair #2`, `chair number 2`.
fn numbered(m: &Matcher<'_>, at: usize) -> Vec<(usize, Value)> {
    let mut out = Vec::new();
    let words = run(m, at, MAX_WORDS);
    for n in (1..=words.len()).rev() {
        let Some(c) = m.nouns.category(&phrase(&words[..n])) else { continue };
        let mut next = m.skip(at + n);
        if matches!(raw(m, next), "number" | "no") {
            next = m.skip(next + 1);
        }
        let ids = m.nouns.instances(c);
        let number: Option<usize> = raw(m, next).parse().ok();
        if let Some(k) = number.filter(|k| (1..=ids.len()).contains(k)) {
            let text = format!("objects({})[{k}]", literal(m.nouns.name(c)));
            let instance = ids.get(k - 1).copied();
            let marks = vec![text.clone()];
            out.push((next + 1, Value { text, marks, instance, issue: None }));
        }
    }
    out
}

/// What separates the members of a list, if anything does: a comma, `and`, `or`, or a comma and one of them.
fn separator(m: &Matcher<'_>, at: usize) -> Option<usize> {
    let mut next = at;
    let mut seen = false;
    while matches!(raw(m, next), "," | ";" | "(" | ")" | "\"" | "'" | "/") {
        seen |= matches!(raw(m, next), "," | ";" | "/");
        next += 1;
    }
    if matches!(raw(m, next), "and" | "or") {
        return Some(m.skip(next + 1));
    }
    seen.then_some(next)
}

fn article(m: &Matcher<'_>, at: usize) -> usize {
    if matches!(raw(m, at), "the" | "a" | "an" | "my" | "your") { at + 1 } else { at }
}

/// Two or more categories with instances, as a list; every length from two on.
fn kinds(m: &Matcher<'_>, at: usize) -> Vec<(usize, Value)> {
    let mut out = Vec::new();
    let (mut names, mut marks) = (Vec::<String>::new(), Vec::<String>::new());
    let (mut next, mut issue) = (at, None);
    loop {
        let start = m.skip(article(m, m.skip(next)));
        let member = nouns(m, start, |m, noun| {
            let Noun::Category(c) = noun else { return None };
            let name = m.nouns.name(c);
            if m.nouns.instances(c).is_empty() {
                let issue = Some(Refusal::NoPlace { category: name.to_owned() });
                return m.lenient.then(|| Value { issue, ..Value::default() });
            }
            Some(text(literal(name)))
        });
        let Some((end, v)) = member.into_iter().next() else { break };
        if issue.is_none() {
            issue = v.issue.clone();
        }
        if v.issue.is_none() {
            marks.push(format!("objects({})", v.text));
        }
        names.push(v.text);
        if names.len() >= 2 {
            out.push((
                end,
                Value {
                    text: format!("[{}]", names.join(", ")),
                    marks: marks.clone(),
                    instance: None,
                    issue: issue.clone(),
                },
            ));
        }
        match separator(m, end) {
            Some(after) => next = after,
            None => break,
        }
    }
    out.reverse();
    out
}

/// A direction word at a place: one or two tokens.
fn side(m: &Matcher<'_>, at: usize) -> Option<(usize, Direction)> {
    let spoken = |s: &str| match s {
        "behind" | "rear" => Some(Direction::Back),
        "ahead" => Some(Direction::Front),
        _ => Direction::from_spoken(s).filter(|d| d.sector_center().is_some()),
    };
    let two = format!("{} {}", raw(m, at), raw(m, at + 1));
    // Not `left right` of a list without commas.
    spoken(&two)
        .filter(|_| matches!(raw(m, at), "front" | "back"))
        .map(|d| (at + 2, d))
        .or_else(|| spoken(raw(m, at)).map(|d| (at + 1, d)))
}

/// Two or more directions, as a list.
fn sides(m: &Matcher<'_>, at: usize) -> Vec<(usize, Value)> {
    let mut out = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut next = at;
    loop {
        let mut start = m.skip(next);
        while matches!(raw(m, start), "to" | "on" | "in" | "at" | "the" | "my" | "your") {
            start = m.skip(start + 1);
        }
        let Some((end, d)) = side(m, start) else { break };
        if names.contains(&d.name()) {
            break;
        }
        names.push(d.name());
        if names.len() >= 2 {
            out.push((end, text(format!("[{}]", names.join(", ")))));
        }
        match separator(m, end) {
            Some(after) => next = after,
            None => break,
        }
    }
    out.reverse();
    out
}

fn word(m: &Matcher<'_>, at: usize, words: &[(&str, &str)]) -> Vec<(usize, Value)> {
    let found = words.iter().find(|w| w.0 == raw(m, at));
    found.map(|w| (at + 1, text(w.1))).into_iter().collect()
}

const ORDINALS: [&str; 10] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
const CARDINALS: [&str; 10] =
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/// `photo 3`, `the third photo`. The checker says where there is no such photo.
fn photo(m: &Matcher<'_>, at: usize) -> Vec<(usize, Value)> {
    let at = article(m, at);
    let make = |end: usize, n: u32| {
        let text = format!("photo({n})");
        vec![(end, Value { marks: vec![text.clone()], text, ..Value::default() })]
    };
    if norm(m, at) == "photo" {
        let next = m.skip(at + 1);
        let next = if raw(m, next) == "number" { m.skip(next + 1) } else { next };
        let n = raw(m, next).parse().ok().filter(|n| (1..=9999).contains(n));
        let n =
            n.or_else(|| CARDINALS.iter().position(|c| *c == raw(m, next)).map(|i| i as u32 + 1));
        return n.map(|n| make(next + 1, n)).unwrap_or_default();
    }
    match ORDINALS.iter().position(|o| *o == raw(m, at)) {
        Some(i) if norm(m, at + 1) == "photo" => make(at + 2, i as u32 + 1),
        _ => vec![],
    }
}

fn unit(m: &Matcher<'_>, at: usize, units: &[(&str, &str)]) -> Vec<(usize, Value)> {
    let found = units.iter().find(|(spoken, _)| {
        spoken.split(' ').enumerate().all(|(i, w)| norm(m, at + i) == w || raw(m, at + i) == w)
    });
    found
        .filter(|u| Unit::named(u.1).is_some())
        .map(|(spoken, name)| (at + spoken.split(' ').count(), text(*name)))
        .into_iter()
        .collect()
}

/// A number with a unit.
fn quantity(m: &Matcher<'_>, at: usize, units: &[(&str, &str)]) -> Vec<(usize, Value)> {
    let word = raw(m, at);
    let spoken = CARDINALS.iter().position(|c| *c == word).map(|i| (i + 1).to_string());
    let spoken = spoken.or_else(|| matches!(word, "a" | "an").then(|| "1".to_owned()));
    let digits = || {
        // As written, so that the program says what the question does; the lexer bounds it.
        let fits = word.len() <= 9 && word.starts_with(|c: char| c.is_ascii_digit());
        (fits && word.parse::<f64>().is_ok()).then(|| word.to_owned())
    };
    let Some(number) = spoken.or_else(digits) else { return vec![] };
    // A hyphen may stand between the number and its unit.
    let next = if raw(m, at + 1) == "-" { at + 2 } else { at + 1 };
    unit(m, next, units)
        .into_iter()
        .map(|(end, u)| (end, text(format!("{number}{}", u.text))))
        .collect()
}
