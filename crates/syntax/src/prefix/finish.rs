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

/// Bracket by bracket: the innermost one is closed, and what was reached by that is kept, for every live
/// text has an end. So the work grows with the nesting and not with what could be done at each level of it.
pub(super) fn finish(from: &Prefix) -> Option<String> {
    let needed: Vec<Kind> = NEEDED.iter().filter_map(|n| Kind::named(n)).collect();
    let mut at = from.clone();
    let mut out = String::new();
    loop {
        let (next, text) = close(at, &needed)?;
        out.push_str(&text);
        if next.status() == Status::Complete {
            return Some(out);
        }
        at = next;
    }
}

/// Goes on to a whole program or to where a bracket less is open. Best first: what leaves little open after
/// few steps.
fn close(from: Prefix, needed: &[Kind]) -> Option<(Prefix, String)> {
    let open = from.brackets();
    let mut queue = BinaryHeap::new();
    let mut seen = HashSet::new();
    queue.push(Reverse((from.open_weight(), 0, 0)));
    let mut states = vec![(from, String::new(), 0)];
    for _ in 0..TRIES {
        let Reverse((_, _, index)) = queue.pop()?;
        let (prefix, text, steps) = states[index].clone();
        if prefix.brackets() < open || prefix.status() == Status::Complete {
            return Some((prefix, text));
        }
        for more in continuations(&prefix, needed) {
            let mut next = prefix.clone();
            if !next.feed(&more) || !seen.insert(next.key()) {
                continue;
            }
            let text = format!("{text}{more}");
            let cost = next.open_weight() + 2 * (steps + 1);
            queue.push(Reverse((cost, text.len(), states.len())));
            states.push((next, text, steps + 1));
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
