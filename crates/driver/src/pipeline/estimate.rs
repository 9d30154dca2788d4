//! What a question would take with the models of a pipeline, before any is asked.

use reasmory_model::Model;
use reasmory_prompt::{Computed, Prompt, PromptError};

use super::{Mode, Pipeline};
use crate::conclude::Setting;
use crate::question::Question;
use crate::{Failure, prompt};

/// Tokens of a reply that says no more than it must.
const SHORT: u64 = 60;
/// Tokens of what is said about a reply that is sent back.
const FEEDBACK: u64 = 400;
/// Pictures that a program shows, from and to.
const SHOWN: (u64, u64) = (1, 4);
/// Pixels that count as a token, as Anthropic's documentation of vision has it; others count fewer or more.
const PIXELS: u64 = 750;
/// Replies of a decomposer and of a reasoner that are read.
const REPLIES: u64 = 2;

/// From the least to the most.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Requests.
    pub calls: [u64; 2],
    /// Tokens read by models. Those of a text are its characters by three.
    pub input: [u64; 2],
    /// Tokens written by models.
    pub output: [u64; 2],
    /// US dollars; `None` where the price of a model is not known.
    pub cost: Option<[f64; 2]>,
}

impl Estimate {
    /// Nothing.
    pub fn none() -> Estimate {
        Estimate { cost: Some([0.0; 2]), ..Estimate::default() }
    }

    /// Adds another.
    pub fn add(&mut self, other: &Estimate) {
        for i in 0..2 {
            self.calls[i] += other.calls[i];
            self.input[i] += other.input[i];
            self.output[i] += other.output[i];
        }
        self.cost = self.cost.zip(other.cost).map(|(a, b)| [a[0] + b[0], a[1] + b[1]]);
    }

    fn stage(model: &Model, calls: [u64; 2], input: [u64; 2], output: [u64; 2]) -> Estimate {
        let cost = model.price(input[0], output[0]).zip(model.price(input[1], output[1]));
        Estimate { calls, input, output, cost: cost.map(|(a, b)| [a, b]) }
    }
}

impl Pipeline<'_> {
    /// What [`Pipeline::ask`] would take. The least is every stage answering at once and briefly; the most,
    /// every stage using its tries and its tokens up.
    pub fn estimate(&self, q: &Question, setting: &Setting<'_>) -> Result<Estimate, Failure> {
        let prompts = self.prompts(q, setting);
        let size = |p: Result<Prompt, PromptError>| {
            p.map(|p| p.tokens() as u64).map_err(|e| prompt::failure(&e))
        };
        let reply = u64::from(self.bounds.reply);
        // Each later try carries one reply and what was said of it.
        let again = |first: u64, tries: u64| first * tries + (reply + FEEDBACK) * (tries - 1);
        let mut sum = Estimate::none();
        if let Some(model) = self.decomposer.filter(|_| q.asked.decomposition.is_none()) {
            let first = size(prompts.decomposer())?;
            let input = [first, again(first, REPLIES)];
            sum.add(&Estimate::stage(model, [1, REPLIES], input, [SHORT, reply * REPLIES]));
        }
        if let Some(model) = self.planner.filter(|_| self.calls_tools()) {
            // Every call carries all that was said before it.
            let first = size(prompts.tools())?;
            let calls = u64::from(self.bounds.calls);
            let most = (first * (calls + 1) + (reply + FEEDBACK) * calls * (calls + 1) / 2)
                .min(self.bounds.tokens.max(first));
            let written = (reply * (calls + 1)).min(self.bounds.tokens.max(reply));
            sum.add(&Estimate::stage(
                model,
                [2, calls + 1],
                [2 * first + SHORT, most],
                [2 * SHORT, written],
            ));
            return Ok(sum);
        }
        if let Some(model) = self.planner.filter(|_| !self.ablation.dsl) {
            let first = size(prompts.planner())?;
            let tries =
                if self.ablation.validation { 1 } else { u64::from(self.bounds.tries.max(1)) };
            let most = again(first, tries).min(self.bounds.tokens.max(first));
            let written = (reply * tries).min(self.bounds.tokens.max(reply));
            sum.add(&Estimate::stage(model, [1, tries], [first, most], [SHORT, written]));
        }
        if let Some(model) = self.reasoner.filter(|_| self.mode != Mode::Computed) {
            let first = size(prompts.reasoner(&Computed::default()))?;
            let pictures = if self.ablation.dsl {
                let n = setting.scene.memory.manifest().photos.len().min(self.bounds.photos) as u64;
                [n; 2]
            } else {
                [SHOWN.0, SHOWN.1]
            };
            let side = u64::from(self.bounds.picture);
            let [few, many] = pictures.map(|n| n * (side * side).div_ceil(PIXELS));
            let input = [first + few, again(first + many, REPLIES)];
            sum.add(&Estimate::stage(model, [1, REPLIES], input, [SHORT / 6, reply * REPLIES]));
        }
        Ok(sum)
    }
}
