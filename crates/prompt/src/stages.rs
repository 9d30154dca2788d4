//! The prompts of the stages: planner, its repairs, decomposer, reasoner.

use reasmory_ops::Effect;
use reasmory_sema::catalogue::Callable;
use reasmory_sema::question::{Motion, Relation};
use reasmory_types::Ty;

use crate::relevance::{self, Ranked};
use crate::variant::Slot;
use crate::{Prompt, PromptError, Prompts, card, examples, inventory, quoted, spelled, tokens};

/// What a program computed, for the reasoner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Computed {
    /// The answer with its margin, or why there is none; empty where none is shown.
    pub answer: String,
    /// Where it comes from, a line each.
    pub provenance: Vec<String>,
    /// Captions of the pictures, in order.
    pub captions: Vec<String>,
}

/// Examples where the section does not say how many.
const EXAMPLES: usize = 3;

/// A description of an operation in the catalogue.
fn described(c: &Callable) -> String {
    let doc = match c {
        Callable::Op(o) if !o.doc.is_empty() => format!(" {}", o.doc),
        Callable::Op(_) => String::new(),
        Callable::Std(f) => {
            f.decl.doc.lines().skip(1).fold(String::new(), |out, l| format!("{out} {}", l.trim()))
        }
    };
    format!("{}{}\n  {}{doc}", c.name(), card::call(c), c.summary())
}

impl Prompts<'_> {
    /// What the scene holds.
    pub fn inventory(&self) -> String {
        inventory::inventory(self.subject, &inventory::mentions(self.subject), true).0
    }

    /// The operations by relevance, described, within so many tokens.
    pub fn catalogue(&self, budget: usize) -> String {
        self.catalogue_of(&relevance::rank(self.subject), budget).0
    }

    fn catalogue_of(&self, ranked: &[Ranked], budget: usize) -> (String, Vec<&'static str>) {
        let (mut out, mut names) = (String::new(), Vec::new());
        let asked = self.subject.question.is_some();
        for r in ranked.iter().filter(|r| r.score > 0 || !asked) {
            let text = described(&r.callable);
            let longer = if out.is_empty() { text.clone() } else { format!("{out}\n{text}") };
            if tokens(&longer) > budget {
                break;
            }
            out = longer;
            names.push(r.callable.name());
        }
        (out, names)
    }

    /// The examples for the question.
    pub fn examples(&self, n: usize) -> String {
        let all = examples::chosen(self.subject, n);
        all.iter().map(examples::Example::text).collect::<Vec<_>>().join("\n")
    }

    /// What the question spells out.
    pub fn decomposition(&self) -> String {
        spelled::decomposition(self.subject)
    }

    /// The planner's prompt: within the budget, whole where it fits; else with fewer examples, then with only
    /// those categories that the question names. The catalogue takes what is left.
    pub fn planner(&self) -> Result<Prompt, PromptError> {
        let ranked = relevance::rank(self.subject);
        let mentions = inventory::mentions(self.subject);
        let system = self.variant.render("system", &|s| match s.name {
            "card" => self.card(),
            "short_card" => self.short_card_of(&ranked),
            _ => String::new(),
        });
        let (question, options, expected) = self.asked()?;
        let called = inventory::called(&mentions);
        let decomposition = self.decomposition();
        let wanted = match self.variant.slot("user", "examples") {
            Some(s) => s.arguments.first().and_then(|n| n.parse().ok()).unwrap_or(EXAMPLES),
            None => 0,
        };
        let chosen = examples::chosen(self.subject, wanted);
        let user = |n: usize, all: bool, catalogue: &str| {
            let shown: Vec<String> = chosen[..n].iter().map(examples::Example::text).collect();
            let shown = shown.join("\n");
            let (inventory, unlisted) = inventory::inventory(self.subject, &mentions, all);
            let text = self.variant.render("user", &|s| {
                match s.name {
                    "inventory" => inventory.as_str(),
                    "catalogue" => catalogue,
                    "examples" => shown.as_str(),
                    "question" => question.as_str(),
                    "options" => options.as_str(),
                    "expected" => expected.as_str(),
                    "called" => called.as_str(),
                    "decomposition" => decomposition.as_str(),
                    _ => "",
                }
                .to_owned()
            });
            (text, unlisted)
        };
        let ladder = (0..=chosen.len()).rev().map(|n| (n, true)).chain(std::iter::once((0, false)));
        let mut least = 0;
        for (n, all) in ladder {
            let (text, unlisted) = user(n, all, "");
            let size = tokens(&system) + tokens(&text);
            least = size;
            if size > self.budget {
                continue;
            }
            let mut left = self.budget - size;
            loop {
                let (catalogue, names) = self.catalogue_of(&ranked, left);
                let (full, _) = user(n, all, &catalogue);
                let prompt = Prompt {
                    system: system.clone(),
                    user: full,
                    described: names,
                    examples: chosen[..n].iter().map(|e| e.question.clone()).collect(),
                    unlisted,
                };
                // The heading of the catalogue takes room, too.
                if prompt.tokens() <= self.budget || catalogue.is_empty() {
                    return Ok(prompt);
                }
                left = left.saturating_sub(prompt.tokens() - self.budget);
            }
        }
        Err(PromptError::Budget { budget: self.budget, least })
    }

    /// Words, options, kind of answer; empty where there is no question.
    fn asked(&self) -> Result<(String, String, String), PromptError> {
        let Some(q) = self.subject.question else {
            return Ok(("\"…\"".to_owned(), String::new(), String::new()));
        };
        Ok((spelled::question(q)?, spelled::options(q)?, spelled::expected(q)))
    }

    fn feedback(&self, section: &str, program: &str, diagnostics: &str) -> String {
        // A line of the program that looks like a fence would end the one it stands in.
        let program: Vec<String> = program
            .trim_end()
            .lines()
            .map(|l| if l.trim_start().starts_with("```") { l.replace('`', "'") } else { l.into() })
            .collect();
        let program = program.join("\n");
        self.variant.render(section, &|s| {
            match s.name {
                "program" => program.as_str(),
                "diagnostics" => diagnostics.trim_end(),
                _ => "",
            }
            .to_owned()
        })
    }

    /// What is said after a program that does not pass the check; `diagnostics` as the format `llm` writes them.
    pub fn repair(&self, program: &str, diagnostics: &str) -> String {
        self.feedback("repair", program, diagnostics)
    }

    /// What is said after a run without an answer.
    pub fn rerun(&self, program: &str, diagnostics: &str) -> String {
        self.feedback("rerun", program, diagnostics)
    }

    fn because(&self, section: &str, why: &str) -> String {
        self.variant.render(section, &|s| match s.name {
            "why" => why.to_owned(),
            "reply_form" => self.reply_form(),
            "answer_form" => self.answer_form(""),
            _ => String::new(),
        })
    }

    /// What is said after a reply in which no program was found.
    pub fn unreadable(&self, why: &str) -> String {
        self.because("unreadable", why)
    }

    /// The decomposer's prompt.
    pub fn decomposer(&self) -> Result<Prompt, PromptError> {
        let (question, options, _) = self.asked()?;
        let mut relations: Vec<&str> = Relation::words().collect();
        relations.sort_unstable();
        let system = self.variant.render("decomposer_system", &|s: &Slot| match s.name {
            "motions" => Motion::WORDS.join(", "),
            "relations" => relations.join(", "),
            _ => String::new(),
        });
        let inventory = self.inventory();
        let user = self.variant.render("decomposer", &|s| {
            match s.name {
                "inventory" => inventory.as_str(),
                "question" => question.as_str(),
                "options" => options.as_str(),
                _ => "",
            }
            .to_owned()
        });
        Ok(Prompt { system, user, ..Prompt::default() })
    }

    /// What is said after a decomposition that is not valid.
    pub fn decomposer_repair(&self, why: &str) -> String {
        self.because("decomposer_repair", why)
    }

    /// What an answer has to be.
    fn answer_form(&self, with: &str) -> String {
        let form = match self.subject.question {
            Some(q) if !q.options.is_empty() => {
                let letters: Vec<String> = q.options.iter().map(|o| o.letter.to_string()).collect();
                format!("one letter alone ({})", letters.join(", "))
            }
            Some(q) if q.unit.is_some() => {
                format!("one number and its unit alone ({})", q.unit.map_or("", |u| u.name))
            }
            _ => "the answer alone, in a few words".to_owned(),
        };
        format!("{with}{form}, or {with}the word ABSTAIN where nothing decides.")
    }

    /// What a reasoner's reply has to be.
    fn reply_form(&self) -> String {
        format!("Reply {}", self.answer_form("with "))
    }

    /// The reasoner's prompt; pictures are sent beside it, in the order of their captions.
    pub fn reasoner(&self, computed: &Computed) -> Result<Prompt, PromptError> {
        let (question, options, expected) = self.asked()?;
        let system = self.variant.render("reasoner_system", &|s| match s.name {
            "reply_form" => self.reply_form(),
            _ => String::new(),
        });
        let provenance = computed.provenance.join("\n");
        let captions: Vec<String> =
            computed.captions.iter().zip(1..).map(|(c, n)| format!("{n}: {}", quoted(c))).collect();
        let captions = captions.join("\n");
        let user = self.variant.render("reasoner", &|s| {
            match s.name {
                "computed" => computed.answer.as_str(),
                "provenance" => provenance.as_str(),
                "pictures" => captions.as_str(),
                "question" => question.as_str(),
                "options" => options.as_str(),
                "expected" => expected.as_str(),
                _ => "",
            }
            .to_owned()
        });
        Ok(Prompt { system, user, ..Prompt::default() })
    }

    /// What is said after a reply of the reasoner that is none.
    pub fn reasoner_repair(&self, why: &str) -> String {
        self.because("reasoner_repair", why)
    }

    /// The prompt of a model that calls operations one by one: those without functions as arguments, by
    /// relevance, within what the budget leaves.
    pub fn tools(&self) -> Result<Prompt, PromptError> {
        let (question, options, expected) = self.asked()?;
        let mentions = inventory::mentions(self.subject);
        let called = inventory::called(&mentions);
        let inventory = self.inventory();
        let user = self.variant.render("tools", &|s| {
            match s.name {
                "inventory" => inventory.as_str(),
                "question" => question.as_str(),
                "options" => options.as_str(),
                "expected" => expected.as_str(),
                "called" => called.as_str(),
                _ => "",
            }
            .to_owned()
        });
        let system = |tools: &str| {
            self.variant.render("tools_system", &|s| match s.name {
                "tools" => tools.to_owned(),
                "answer_form" => self.answer_form(""),
                _ => String::new(),
            })
        };
        let least = tokens(&system("")) + tokens(&user);
        let Some(left) = self.budget.checked_sub(least) else {
            return Err(PromptError::Budget { budget: self.budget, least });
        };
        let (mut listed, mut described) = (String::new(), Vec::new());
        for r in relevance::rank(self.subject).iter().filter(|r| is_tool(&r.callable)) {
            let line = format!(
                "- {}{}: {}\n",
                r.callable.name(),
                card::named(&r.callable),
                r.callable.summary()
            );
            if tokens(&listed) + tokens(&line) > left {
                break;
            }
            listed.push_str(&line);
            described.push(r.callable.name());
        }
        Ok(Prompt { system: system(listed.trim_end()), user, described, ..Prompt::default() })
    }

    /// What is said after a reply that is neither a call nor an answer.
    pub fn tools_repair(&self, why: &str) -> String {
        self.because("tools_repair", why)
    }
}

/// Whether an operation can be called with plain data alone, and asks no model.
pub fn is_tool(c: &Callable) -> bool {
    let s = c.signature();
    c.effect() != Effect::Model && s.params.iter().all(|p| !matches!(p.ty, Ty::Fn(..)))
}
