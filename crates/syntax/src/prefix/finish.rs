//! A short text that makes a program of a live one: what a decoder writes when it has to stop.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::{Kind, Prefix, Status};

/// States looked at before giving up.
const TRIES: usize = 4000;

/// The tokens that some unfinished form needs; the others only make it longer.
const NEEDED: &[&str] =
    &["name", "unit", "text", "(", ")", "]", "{", "}", ":", "->", "=", ">", "in", "else"];

/// A token of a kind.
pub(super) fn sample(kind: Kind) -> &'static str {
    match kind {
        Kind::NAME => "x",
        Kind::INT => "1",
        Kind::NUMBER => "1.5",
        Kind::MEASURE => "1m",
        Kind::TEXT => "\"x\"",
        Kind::UNIT => "m",
        literal => literal.text(),
    }
}

/// By A*: what is nearest to an end goes first, by the tokens taken and the fewest that are left.
pub(super) fn finish(from: &Prefix) -> Option<String> {
    let needed: Vec<Kind> = NEEDED.iter().filter_map(|n| Kind::named(n)).collect();
    let mut queue = BinaryHeap::new();
    let mut states = vec![(from.clone(), String::new(), 0)];
    let mut seen = HashSet::new();
    queue.push(Reverse((0, 0, 0, 0)));
    for _ in 0..TRIES {
        let Reverse((.., index)) = queue.pop()?;
        let (prefix, text, steps) = states[index].clone();
        if prefix.status() == Status::Complete {
            return Some(text);
        }
        for more in continuations(&prefix, &needed) {
            let mut next = prefix.clone();
            if !next.feed(&more) || !seen.insert(next.key()) {
                continue;
            }
            let (text, steps) = (format!("{text}{more}"), steps + 1);
            let left = next.distance();
            queue.push(Reverse((steps + left, left, text.len(), states.len())));
            states.push((next, text, steps));
        }
    }
    None
}

fn continuations(p: &Prefix, needed: &[Kind]) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(tail) = p.tail() {
        match tail.more {
            "name" => out.push("x".into()),
            "digits" | "hex" => out.push("0".into()),
            _ => {}
        }
        out.extend(tail.rest);
    }
    for before in [" ", "\n"] {
        out.extend(needed.iter().map(|k| format!("{before}{}", sample(*k))));
    }
    out
}
