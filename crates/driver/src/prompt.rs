//! `prompt`: prompts as they are sent, their parts, and two variants compared.

use std::fmt::Write as _;
use std::path::Path;

use reasmory_prompt::{Prompt, PromptError, Prompts, Variant, tokens};
use serde_json::{Value, json};

use crate::{Failure, files, fix};

/// Largest file of a variant.
const MAX_BYTES: usize = 1 << 20;

/// The prompts of a file; the built-in ones without.
pub fn variant(file: Option<&Path>) -> Result<Variant, Failure> {
    let Some(path) = file else { return Ok(Variant::default()) };
    let name = path.display().to_string();
    let text = files::read_text(&name)?;
    if text.len() > MAX_BYTES {
        return Err(Failure::new(
            format!("{name}: {} bytes; a variant has at most {MAX_BYTES}", text.len()),
            "start from `reasmory prompt --sections`",
        ));
    }
    Variant::parse(&text)
        .map_err(|e| Failure::new(format!("{name}:{}: {}", e.line, e.what), e.remedy))
}

/// A prompt that cannot be made, as a failure.
pub fn failure(e: &PromptError) -> Failure {
    Failure::new(e.to_string(), e.remedy())
}

/// A part of the prompts that can be printed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The card of the whole language.
    Card,
    /// The card for the question.
    ShortCard,
    /// The operations by relevance, described.
    Catalogue,
    /// What the scene holds.
    Inventory,
    /// Examples.
    Examples,
    /// What the question spells out.
    Decomposition,
}

/// The text of a part.
pub fn part(p: &Prompts<'_>, part: Part) -> String {
    match part {
        Part::Card => p.card(),
        Part::ShortCard => p.short_card(),
        Part::Catalogue => p.catalogue(p.budget),
        Part::Inventory => p.inventory(),
        Part::Examples => p.examples(6),
        Part::Decomposition => p.decomposition(),
    }
}

/// `prompt --json`.
pub fn json(p: &Prompts<'_>, prompt: &Prompt) -> Value {
    json!({
        "schema": 1,
        "budget": p.budget,
        "tokens": prompt.tokens(),
        "system": prompt.system,
        "user": prompt.user,
        "operations": prompt.described,
        "examples": prompt.examples,
        "unlisted": prompt.unlisted,
    })
}

/// `prompt`: both messages under their names.
pub fn text(prompt: &Prompt) -> String {
    format!("---- system\n{}\n---- user\n{}\n", prompt.system, prompt.user)
}

/// What another variant changes: sizes of the parts, then the lines.
pub fn compare(before: &Prompts<'_>, after: &Prompts<'_>) -> Result<String, Failure> {
    let whole = |p: &Prompts<'_>| p.planner().map_err(|e| failure(&e));
    let (a, b) = (whole(before)?, whole(after)?);
    let mut out = format!("{:<12} {:>18} {:>18}\n", "", "characters", "tokens, about");
    let mut row = |name: &str, a: &str, b: &str| {
        let pair = |x: usize, y: usize| format!("{x} -> {y}");
        let characters = pair(a.chars().count(), b.chars().count());
        let _ = writeln!(out, "{name:<12} {characters:>18} {:>18}", pair(tokens(a), tokens(b)));
    };
    row("card", &before.card(), &after.card());
    row("short_card", &before.short_card(), &after.short_card());
    row("system", &a.system, &b.system);
    row("user", &a.user, &b.user);
    row("repair", &before.repair("", ""), &after.repair("", ""));
    let diff = fix::diff("prompt", &text(&a), &text(&b));
    // Only what changes, and the names of the messages.
    for line in diff.lines().skip(2).filter(|l| l.starts_with(['+', '-']) || l.starts_with(" ----"))
    {
        out.push_str(line);
        out.push('\n');
    }
    Ok(out)
}
