//! The question as a prompt writes it: its words, options, the kind of answer, what it spells out.

use reasmory_sema::nearest_categories;
use reasmory_sema::question::{Anchor, Question, Reference, bare};

use crate::{PromptError, Subject, quoted};

/// Most characters of a question.
const LONGEST_QUESTION: usize = 4000;
/// Most characters of all options.
const LONGEST_OPTIONS: usize = 4000;

pub(crate) fn question(q: &Question) -> Result<String, PromptError> {
    bounded("question", q.text.chars().count(), LONGEST_QUESTION)?;
    Ok(quoted(q.text.trim()))
}

fn bounded(what: &'static str, characters: usize, most: usize) -> Result<(), PromptError> {
    if characters > most {
        return Err(PromptError::TooLong { what, characters, most });
    }
    Ok(())
}

pub(crate) fn options(q: &Question) -> Result<String, PromptError> {
    let all: usize = q.options.iter().map(|o| o.text.chars().count()).sum();
    bounded("options", all, LONGEST_OPTIONS)?;
    let rows = q.options.iter().map(|o| format!("{}. {}", o.letter, quoted(o.text.trim())));
    Ok(rows.collect::<Vec<_>>().join("\n"))
}

pub(crate) fn expected(q: &Question) -> String {
    let mut out = q.kind.map_or(String::new(), |k| k.asked());
    if let Some(u) = q.unit {
        if !out.is_empty() {
            out.push_str(", ");
        }
        out.push_str(&format!("printed `as {}`", u.name));
    }
    out
}

/// What the question spells out, a line each, in the words of programs where there are such.
pub(crate) fn decomposition(subject: Subject<'_>) -> String {
    let Some(d) = subject.question.and_then(|q| q.decomposition.as_ref()) else {
        return String::new();
    };
    let known: Vec<&str> = subject
        .scene
        .map(|m| m.categories.iter().map(|c| c.name.as_str()).collect())
        .unwrap_or_default();
    // A text literal without its quotes, as the chain writes them itself.
    let spelled = |phrase: &str| {
        let noun = bare(phrase);
        let (near, certain) = nearest_categories(noun, &known, subject.synonyms);
        let name = near.first().filter(|_| certain).copied().unwrap_or(noun);
        let literal = quoted(name);
        literal[1..literal.len() - 1].to_owned()
    };
    let mut lines = Vec::new();
    if d.at.is_some() || d.facing.is_some() || !d.motions.is_empty() {
        lines.push(format!("view: {}", d.chain(&spelled)));
    }
    let thing = |a: &Anchor| match a {
        Anchor::Photo(n) => format!("photo({n})"),
        Anchor::Thing(t) => format!("\"{}\"", spelled(t)),
    };
    if let (Some(a), None, true) = (&d.at, &d.facing, d.motions.is_empty()) {
        // The chain leaves open what is faced; the place is what counts.
        lines = vec![format!("place: {}", thing(a))];
    }
    if let Some(r) = d.relation {
        lines.push(format!("asked: {}", r.name()));
    }
    if let Some(to) = d.direction {
        lines.push(format!("direction: {}", to.name()));
    }
    match &d.reference {
        Some(Reference::Viewer) => lines.push("relative to: the viewer".to_owned()),
        Some(Reference::Thing(t)) => lines.push(format!("relative to: \"{}\"", spelled(t))),
        None => {}
    }
    if !d.targets.is_empty() {
        let all: Vec<String> = d.targets.iter().map(|t| format!("\"{}\"", spelled(t))).collect();
        lines.push(format!("targets: {}", all.join(", ")));
    }
    lines.join("\n")
}
