//! From a match to the text of a program.

use crate::grammar::{Output, Piece};
use crate::matching::{Env, Matcher, Value};

fn text(output: &Output, env: &Env, m: &Matcher<'_>) -> String {
    let mut out = String::new();
    for piece in &output.pieces {
        match piece {
            Piece::Text(t) => out.push_str(t),
            Piece::Slot(name) => out.push_str(env.text(name).unwrap_or("")),
            Piece::As(name, default) => match env.text(name) {
                Some(unit) => out.push_str(&format!(" as {unit}")),
                // A memory of unknown scale has lengths, but no metres.
                None if m.nouns.manifest.scale.is_metric() => {
                    out.push_str(&format!(" as {default}"));
                }
                None => {}
            },
            Piece::Among(name) => {
                let options = || m.option_sides.as_ref().map(|s| format!("[{}]", s.join(", ")));
                if let Some(list) = env.text(name).map(str::to_owned).or_else(options) {
                    out.push_str(&format!(", among={list}"));
                }
            }
            Piece::Options => {
                let kinds = m.option_kinds.clone().unwrap_or_default();
                out.push_str(&format!("[{}]", kinds.join(", ")));
            }
        }
    }
    out
}

/// The program of a question.
pub(crate) fn program(output: &Output, env: &Env, m: &Matcher<'_>) -> String {
    format!("{}\n", text(output, env, m).trim_end())
}

/// The value of a rule.
pub(crate) fn value(output: &Output, env: &Env, m: &Matcher<'_>) -> Value {
    let text = text(output, env, m);
    // A rule that only passes a thing on is that thing.
    let same = env.slots().iter().find(|s| s.1 == text).map(|s| s.0.clone());
    Value {
        instance: same.and_then(|slot| env.get(&slot)?.instance),
        marks: env.marks(),
        issue: env.issue(),
        text,
    }
}
