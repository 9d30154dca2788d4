//! Prompts for language models.

use reasmory_driver::prompt::{self, Part};
use reasmory_driver::prompts::{BUDGET, Prompts, Subject, Variant};
use reasmory_driver::question::{self, Question};
use reasmory_driver::{Config, Failure};

use super::{program, say, say_json};
use crate::Ending;
use crate::args;

pub(super) fn prompt(a: &args::Prompt) -> Result<Ending, Failure> {
    if a.sections {
        say(Variant::built_in())?;
        return Ok(Ending::Clean);
    }
    let scene = program::manifest(a.scene.as_deref())?;
    let asked: Option<Question> = match (&a.question, &a.ask) {
        (Some(spec), _) => Some(question::pick(spec)?),
        (None, Some(words)) => Some(question::of_value(
            "the question",
            &serde_json::json!({
                "question": words,
                "options": (!a.options.is_empty()).then_some(&a.options),
            }),
        )?),
        (None, None) => None,
    };
    let config = Config::of("-", a.project.config.as_deref())?;
    let variant = prompt::variant(a.variant.as_deref())?;
    let subject = Subject {
        scene: scene.as_ref(),
        question: asked.as_ref().map(|q| &q.asked),
        synonyms: Some(&config.synonyms),
        model: a.model.is_some(),
    };
    let prompts = Prompts { variant: &variant, subject, budget: a.budget.unwrap_or(BUDGET) };
    let part = [
        (a.part.card, Part::Card),
        (a.part.short_card, Part::ShortCard),
        (a.part.catalogue, Part::Catalogue),
        (a.part.inventory, Part::Inventory),
        (a.part.examples, Part::Examples),
        (a.part.decomposition, Part::Decomposition),
    ]
    .into_iter()
    .find(|p| p.0);
    if let Some((_, part)) = part {
        say(&prompt::part(&prompts, part))?;
        return Ok(Ending::Clean);
    }
    if let Some(other) = &a.compare {
        let other = prompt::variant(Some(other))?;
        let after = Prompts { variant: &other, ..prompts };
        say(&prompt::compare(&prompts, &after)?)?;
        return Ok(Ending::Clean);
    }
    let whole = prompts.planner().map_err(|e| prompt::failure(&e))?;
    if a.json {
        say_json(&prompt::json(&prompts, &whole))?;
    } else {
        say(&prompt::text(&whole))?;
    }
    Ok(Ending::Clean)
}
