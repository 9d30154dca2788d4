//! The baseline without a language: the model calls operations one by one, as free-form tools, and sees each
//! result. The operations, the memory and the pictures are those of programs; what is missing is a program:
//! nothing is checked before it runs, numbers carry no units, and no error is explained or repaired.

mod call;

use reasmory_model::{Message, Model, Part, Picture, Request, Role};
use reasmory_sema::catalogue::Callable;
use reasmory_types::Ty;
use serde_json::{Map, Value, json};

use super::decompose::unasked;
use super::reason::{self, Reasoned, Verdict};
use super::{Pipeline, Talk};
use crate::conclude::Setting;
use crate::question::Question;
use crate::session::{Session, SessionLimits};
use crate::{Failure, prompt};

use call::Step;
pub use call::fuzz as fuzz_call;

/// Most characters of a result that is told.
const LONGEST: usize = 2000;
/// Most pictures of one conversation.
const PICTURES: usize = 16;

/// How the conversation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolsOutcome {
    /// The model gave an answer, or said that nothing decides.
    Answered,
    /// It called until nothing was left.
    Exhausted,
    /// The next reply would have exceeded the tokens.
    OverTokens,
    /// It could not be asked.
    Unavailable(String),
}

impl ToolsOutcome {
    /// As in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            ToolsOutcome::Answered => "answered",
            ToolsOutcome::Exhausted => "exhausted",
            ToolsOutcome::OverTokens => "over_tokens",
            ToolsOutcome::Unavailable(_) => "unavailable",
        }
    }
}

/// A reply and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// The tool; nothing where the reply is none of a call.
    pub tool: Option<String>,
    /// Its arguments.
    pub arguments: Map<String, Value>,
    /// Whether there is a result.
    pub worked: bool,
    /// What the model was told.
    pub told: String,
    /// Pictures that it was shown.
    pub pictures: usize,
}

/// The conversation.
#[derive(Clone, Debug)]
pub struct Tooled {
    /// How it ended.
    pub outcome: ToolsOutcome,
    /// Replies but the last, in order.
    pub calls: Vec<Called>,
    /// Tools that the prompt described.
    pub described: Vec<&'static str>,
}

/// What a call gave: words for the model, and pictures.
struct Told {
    told: String,
    pictures: Vec<Picture>,
    worked: bool,
}

impl Told {
    fn failed(why: impl Into<String>) -> Told {
        Told { told: format!("error: {}", why.into()), pictures: vec![], worked: false }
    }
}

/// Makes a call: a cell that binds the next result.
fn run(
    session: &mut Session<'_>,
    tool: &Callable,
    expression: &str,
    side: u32,
) -> Result<Told, Failure> {
    let number = session.cells() + 1;
    let image = tool.signature().result == Ty::Image;
    let shown = if image { format!("r{number}\n") } else { String::new() };
    let report = session.cell(&format!("r{number} = {expression}\n{shown}"))?;
    if !report.accepted {
        let found =
            report.document["diagnostics"].as_array().map(Vec::as_slice).unwrap_or_default();
        let said: Vec<&str> = found.iter().filter_map(|d| d["message"].as_str()).collect();
        return Ok(Told::failed(if said.is_empty() {
            report.findings.lines().next().unwrap_or("there is no result").to_owned()
        } else {
            said.join("; ")
        }));
    }
    let bound = &report.document["bindings"][0];
    let text = bound["text"].as_str().or(bound["type"].as_str()).unwrap_or("");
    let mut told: String = text.chars().take(LONGEST).collect();
    let mut pictures = Vec::new();
    for e in report.run.iter().flat_map(|r| &r.report.evidence) {
        pictures.push(reason::picture(&e.image.pixels, side)?);
        told.push_str(&format!("\npicture: {}", reasmory_prompt::quoted(&e.image.caption)));
    }
    Ok(Told { told: format!("#{number} = {told}"), pictures, worked: true })
}

/// Lets the model call tools until it answers.
pub(super) fn answer(
    pipeline: &Pipeline<'_>,
    model: &Model,
    q: &Question,
    setting: &Setting<'_>,
    talk: &mut Talk,
) -> Result<(Tooled, Reasoned), Failure> {
    const STAGE: &str = "planner";
    let prompts = pipeline.prompts(q, setting);
    let first = prompts.tools().map_err(|e| prompt::failure(&e))?;
    let bounds = pipeline.bounds;
    let limits = SessionLimits {
        cells: bounds.calls as usize,
        pictures: PICTURES,
        ..SessionLimits::default()
    };
    let mut session = Session::new(setting.scene, setting.options, limits);
    let mut tooled =
        Tooled { outcome: ToolsOutcome::Exhausted, calls: vec![], described: first.described };
    let mut out = Reasoned {
        verdict: Verdict::None("it called tools until none was left".to_owned()),
        tries: 0,
        pictures: 0,
    };
    talk.note(STAGE, "system", &first.system);
    talk.note(STAGE, "user", &first.user);
    let mut size =
        (reasmory_prompt::tokens(&first.system) + reasmory_prompt::tokens(&first.user)) as u64;
    let mut request = Request {
        system: first.system,
        messages: vec![Message::text(Role::User, first.user)],
        max_tokens: bounds.reply,
        grammar: None,
    };
    let mut spent = 0;
    while out.tries <= bounds.calls {
        if spent + size + u64::from(request.max_tokens) > bounds.tokens {
            tooled.outcome = ToolsOutcome::OverTokens;
            out.verdict = Verdict::None("it used its tokens up".to_owned());
            break;
        }
        let reply = match model.ask(&request) {
            Ok(reply) => reply,
            Err(e) => {
                tooled.outcome = ToolsOutcome::Unavailable(unasked(&e));
                out.verdict = Verdict::None(unasked(&e));
                break;
            }
        };
        out.tries += 1;
        talk.note(STAGE, "assistant", &reply.text);
        let written = reasmory_prompt::tokens(&reply.text) as u64;
        spent += reply.usage.map_or(size + written, |u| u.input + u.output);
        let mut called = Called {
            tool: None,
            arguments: Map::new(),
            worked: false,
            told: String::new(),
            pictures: 0,
        };
        let result = match call::step(&reply.text) {
            Ok(Step::Answer(text)) => match reason::read(&text, q) {
                Ok(verdict) => {
                    tooled.outcome = ToolsOutcome::Answered;
                    out.verdict = verdict;
                    break;
                }
                Err(why) => {
                    Told { told: prompts.tools_repair(why), pictures: vec![], worked: false }
                }
            },
            Ok(Step::Call(name, arguments)) => {
                called.arguments = arguments;
                let made = call::find(&name).ok_or_else(|| {
                    let short: String = name.chars().take(40).collect();
                    format!("there is no tool {}.", reasmory_prompt::quoted(&short))
                });
                called.tool = Some(name);
                let made = made.and_then(|tool| {
                    let text = call::expression(&tool, &called.arguments, session.cells())?;
                    Ok((tool, text))
                });
                match made {
                    _ if tooled.calls.len() >= bounds.calls as usize => {
                        Told::failed("no call is left; answer.")
                    }
                    Ok((tool, text)) => run(&mut session, &tool, &text, bounds.picture)?,
                    Err(why) => Told::failed(why),
                }
            }
            Err(why) => {
                let why = format!("That is no call: {why}");
                Told { told: prompts.tools_repair(&why), pictures: vec![], worked: false }
            }
        };
        called.worked = result.worked;
        called.told.clone_from(&result.told);
        called.pictures = result.pictures.len();
        out.pictures += result.pictures.len();
        tooled.calls.push(called);
        talk.note(STAGE, "user", &result.told);
        size += written + reasmory_prompt::tokens(&result.told) as u64;
        let echo = if reply.text.trim().is_empty() { "(nothing)".to_owned() } else { reply.text };
        request.messages.push(Message::text(Role::Assistant, echo));
        let mut parts = vec![Part::Text(result.told)];
        parts.extend(result.pictures.into_iter().map(Part::Picture));
        request.messages.push(Message { role: Role::User, parts });
    }
    Ok((tooled, out))
}

impl Tooled {
    /// As part of the plan in the output.
    pub fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .calls
            .iter()
            .map(|c| {
                json!({
                    "tool": c.tool,
                    "arguments": c.arguments,
                    "worked": c.worked,
                    "told": c.told,
                    "pictures": c.pictures,
                })
            })
            .collect();
        let why = match &self.outcome {
            ToolsOutcome::Unavailable(why) => Some(why),
            _ => None,
        };
        json!({
            "outcome": self.outcome.name(),
            "why": why,
            "operations": self.described,
            "calls": rows,
        })
    }
}
