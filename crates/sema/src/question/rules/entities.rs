//! E0716: a thing the question asks about that the program never uses.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_types::Direction;

use crate::question::decomposition::{Anchor, Reference};
use crate::question::uses::Uses;
use crate::question::{Cx, words};

pub(super) fn check(cx: &mut Cx<'_>, uses: &Uses<'_>) {
    let Some(asked) = cx.question.decomposition.clone() else { return };
    if cx.flow.exhausted() {
        return;
    }
    let mut missing: Vec<(&str, &str)> = Vec::new();
    let absent = |e: &str| {
        !uses.names(e) && cx.has_category(e) && Direction::from_spoken(words::bare(e)).is_none()
    };
    for t in &asked.targets {
        // A look at every instance is a look at those, too.
        if !uses.everything && absent(t) {
            missing.push((t, "asks about"));
        }
    }
    if let Some(Reference::Thing(r)) = &asked.reference
        && absent(r)
        && !missing.iter().any(|m| words::names(m.0, r))
    {
        missing.push((r, "is relative to"));
    }
    if missing.is_empty() {
        return;
    }
    // What the program uses, and the question never names.
    let named: Vec<&str> = asked
        .targets
        .iter()
        .map(String::as_str)
        .chain(asked.reference.iter().filter_map(|r| match r {
            Reference::Thing(t) => Some(t.as_str()),
            Reference::Viewer => None,
        }))
        .chain([&asked.at, &asked.facing].into_iter().flatten().filter_map(|a| match a {
            Anchor::Thing(t) => Some(t.as_str()),
            Anchor::Photo(_) => None,
        }))
        .chain(cx.question.options.iter().map(|c| c.text.as_str()))
        .collect();
    let strays: Vec<&String> =
        uses.nouns.iter().filter(|n| !named.iter().any(|e| words::names(e, n))).collect();
    let stray = match (missing.as_slice(), strays.as_slice()) {
        ([_], [one]) => uses.literals.get(*one).copied(),
        _ => None,
    };
    for (entity, role) in missing {
        let spelled = cx.spelled(entity);
        let mut d = Diagnostic::new(
            Code::EntityUnused,
            stray.unwrap_or_else(|| cx.place()),
            format!("the question {role} `{}`, and the program never uses it", words::bare(entity)),
        )
        .fact("expected", spelled.as_str())
        .fact("found", uses.nouns.iter().cloned().collect::<Vec<_>>());
        d = match stray {
            Some(at) => d.label("the question does not speak of this").fix(
                Applicability::Unsafe,
                format!("use `{spelled}`"),
                at,
                format!("\"{spelled}\""),
            ),
            None => d.label("computed without it").help(format!("take it as `\"{spelled}\"`")),
        };
        cx.out.push(d);
    }
}
