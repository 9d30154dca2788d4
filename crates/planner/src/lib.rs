//! The planner `templates`: from a question in words to a program, without a model and without a network.
//!
//! A question is read by a small grammar of question families (`data/families.txt`), not by one pattern for
//! each benchmark's sentence: words are normalised, noun phrases are resolved against the categories of the
//! memory (plural, spelling and synonyms as the checker knows them), rules nest. What a slot puts into the
//! program is made from what it was resolved to (a category of the memory as a quoted text, a direction, a
//! number with a unit), never from the characters of the question, so a question cannot change what a program
//! does beyond what its family says.
//!
//! A question outside the families is refused with a reason ([`Refusal`]); nothing is guessed.
#![forbid(unsafe_code)]

mod fill;
pub mod fuzz;
mod grammar;
mod leaf;
mod matching;
mod noun;
mod refusal;
mod tokens;

use reasmory_scene::Manifest;

use crate::grammar::{Grammar, Output};
use crate::matching::Matcher;
pub use crate::refusal::Refusal;

/// A program and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Name of the question family.
    pub family: &'static str,
    /// What the slots of the pattern were filled with, in the order of the question.
    pub slots: Vec<(String, String)>,
    /// Expressions of the things the question is about, for pictures.
    pub marks: Vec<String>,
    /// The program.
    pub program: String,
}

impl Plan {
    /// The program with a plan of the scene as evidence, what it is about marked.
    pub fn illustrated(&self) -> String {
        let mut marks = self.marks.clone();
        for name in ["way", "me"] {
            let binding = format!("{name} = ");
            if self.program.lines().any(|l| l.starts_with(&binding)) {
                marks.push(name.to_owned());
            }
        }
        let show = if marks.is_empty() {
            "show plan()\n".to_owned()
        } else {
            format!("show plan(mark=[{}])\n", marks.join(", "))
        };
        // The answer is the last line.
        let at = self.program.trim_end().rfind('\n').map_or(0, |i| i + 1);
        format!("{}{show}{}", &self.program[..at], &self.program[at..])
    }
}

/// A question family: its name and a question of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// Name.
    pub name: &'static str,
    /// An example.
    pub example: &'static str,
}

/// The families that the planner knows, in the order of the grammar.
pub fn families() -> Vec<Family> {
    let mut out: Vec<Family> = Vec::new();
    for f in &Grammar::get().families {
        if out.iter().all(|o| o.name != f.name) {
            out.push(Family { name: f.name, example: f.example });
        }
    }
    out
}

/// The program for a question about a memory. `options` are the bodies of the options, without letters.
pub fn plan(question: &str, options: &[String], manifest: &Manifest) -> Result<Plan, Refusal> {
    let tokens = tokens::read(question, Grammar::get())?;
    // First what the memory has; where that fits nothing, once more with nouns that it does not have, to say
    // what is missing.
    let mut strict = Matcher::new(&tokens, options, manifest, false);
    if let Some(found) = first(&mut strict)? {
        return found;
    }
    let mut lenient = Matcher::new(&tokens, options, manifest, true);
    match first(&mut lenient)? {
        Some(Err(refusal)) => Err(refusal),
        _ => Err(Refusal::Outside),
    }
}

/// The first family that the question fits.
fn first(matcher: &mut Matcher<'_>) -> Result<Option<Result<Plan, Refusal>>, Refusal> {
    for family in &Grammar::get().families {
        let Some(env) = matcher.whole(&family.node)? else { continue };
        if let Some(issue) = env.issue() {
            return Ok(Some(Err(issue)));
        }
        let fitting =
            family.outputs.iter().find(|o| o.guards.iter().all(|g| matcher.holds(g, &env)));
        match fitting {
            None => {}
            Some(Output { missing: Some(what), .. }) => {
                return Ok(Some(Err(Refusal::missing(what, &env))));
            }
            Some(output) => {
                let program = fill::program(output, &env, matcher);
                return Ok(Some(Ok(Plan {
                    family: family.name,
                    slots: env.slots(),
                    marks: env.marks(),
                    program,
                })));
            }
        }
    }
    Ok(None)
}
