//! Prompts made from the operation table, the diagnostics' pages, the grammar's words, a scene and a question.
//!
//! What a prompt says stands in one file of named sections with slots (`data/default.txt`), which a variant of
//! the same form changes section by section ([`Variant`]). What fills the slots is made here: the language
//! card, the operations by relevance, what the scene holds, examples instantiated for the scene, what the
//! question spells out. So a prompt cannot disagree with the language that checks the reply.
//!
//! Everything is deterministic. Names of categories, the question and its options are data: they stand as
//! quoted texts in which nothing can end the quote or start a line ([`quoted`]).
//!
//! The core does no input or output: files are read by the driver. `spec/prompting.md` is for those who use it.
#![forbid(unsafe_code)]

mod card;
mod examples;
pub mod fuzz;
mod inventory;
mod relevance;
mod spelled;
mod stages;
mod variant;
mod words;

use std::fmt;

use reasmory_scene::Manifest;
use reasmory_sema::Synonyms;
use reasmory_sema::question::Question;

pub use card::{CARD_CHARACTERS, SHORT_CARD_CHARACTERS};
pub use relevance::{Ranked, rank};
pub use stages::{Computed, is_tool};
pub use variant::{SECTIONS, Section, Variant, VariantError};
pub use words::{quoted, tokens};

/// What a prompt is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// The scene.
    pub scene: Option<&'a Manifest>,
    /// The question.
    pub question: Option<&'a Question>,
    /// Words of the project for its categories.
    pub synonyms: Option<&'a Synonyms>,
    /// Whether programs may ask a model (`pick`).
    pub model: bool,
}

/// Makes the prompts of one subject.
#[derive(Clone, Copy, Debug)]
pub struct Prompts<'a> {
    /// The sections.
    pub variant: &'a Variant,
    /// What they are about.
    pub subject: Subject<'a>,
    /// The most tokens of the planner's prompt, as [`tokens`] counts them.
    pub budget: usize,
}

/// Tokens of the planner's prompt where nothing else is said.
pub const BUDGET: usize = 2400;

/// A prompt as it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// What the model is told before everything else.
    pub system: String,
    /// What it is asked.
    pub user: String,
    /// Operations that the catalogue describes, the most relevant first.
    pub described: Vec<&'static str>,
    /// Questions of the examples.
    pub examples: Vec<String>,
    /// Categories of the scene that are not listed for want of room.
    pub unlisted: usize,
}

impl Prompt {
    /// Its size.
    pub fn tokens(&self) -> usize {
        tokens(&self.system) + tokens(&self.user)
    }
}

/// Why there is no prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptError {
    /// The parts that cannot be left out exceed the budget.
    Budget {
        /// What was given.
        budget: usize,
        /// What the least prompt takes.
        least: usize,
    },
    /// The question, or its options, are too long to be sent.
    TooLong {
        /// What.
        what: &'static str,
        /// Its characters.
        characters: usize,
        /// The most.
        most: usize,
    },
}

impl PromptError {
    /// What to do.
    pub fn remedy(&self) -> String {
        match self {
            PromptError::Budget { least, .. } => format!("give at least {least}"),
            PromptError::TooLong { .. } => "ask something shorter".to_owned(),
        }
    }
}

impl fmt::Display for PromptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PromptError::Budget { budget, least } => write!(
                f,
                "the prompt does not fit {budget} tokens; without examples and catalogue it takes {least}"
            ),
            PromptError::TooLong { what, characters, most } => {
                write!(f, "the {what} has {characters} characters, and at most {most} are sent")
            }
        }
    }
}

impl std::error::Error for PromptError {}
