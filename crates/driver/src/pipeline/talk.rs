//! What was said, in order, and one question to a model.

use std::sync::Arc;

use reasmory_model::{Message, Model, ModelError, Part, Picture, Reply, Request, Role};
use serde_json::{Value, json};

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Which stage.
    pub stage: &'static str,
    /// `system`, `user` or `assistant`.
    pub role: &'static str,
    /// What.
    pub text: String,
}

/// A transcript.
#[derive(Clone, Debug, Default)]
pub struct Talk {
    /// All messages, in order.
    pub said: Vec<Said>,
}

impl Talk {
    /// Notes a message.
    pub fn note(&mut self, stage: &'static str, role: &'static str, text: &str) {
        self.said.push(Said { stage, role, text: text.to_owned() });
    }

    /// As in the output of `ask`.
    pub fn json(&self) -> Vec<Value> {
        let row = |s: &Said| json!({"role": s.role, "text": s.text, "stage": s.stage});
        self.said.iter().map(row).collect()
    }
}

/// A conversation of one stage: its prompt, and at most one reply with what was said about it, so that it does
/// not grow with the tries.
pub(super) struct Exchange<'m> {
    pub(super) stage: &'static str,
    pub(super) model: &'m Model,
    pub(super) system: String,
    pub(super) user: String,
    pub(super) pictures: Vec<Picture>,
    /// The last reply and the feedback to it.
    pub(super) last: Option<(String, String)>,
    pub(super) max_tokens: u32,
    /// What holds the replies, where the model's server takes one.
    pub(super) grammar: Option<Arc<str>>,
}

/// Most characters of a reply that are sent back.
const MAX_ECHO: usize = 16_000;

impl Exchange<'_> {
    /// Tokens of the next request, estimated; pictures are not counted.
    pub(super) fn tokens(&self) -> u64 {
        let last = self
            .last
            .as_ref()
            .map_or(0, |(a, b)| reasmory_prompt::tokens(a) + reasmory_prompt::tokens(b));
        let own = reasmory_prompt::tokens(&self.system) + reasmory_prompt::tokens(&self.user);
        (own + last) as u64
    }

    /// Asks once.
    pub(super) fn ask(&self, talk: &mut Talk) -> Result<Reply, ModelError> {
        let mut parts = vec![Part::Text(self.user.clone())];
        parts.extend(self.pictures.iter().cloned().map(Part::Picture));
        let mut messages = vec![Message { role: Role::User, parts }];
        match &self.last {
            None => {
                talk.note(self.stage, "system", &self.system);
                talk.note(self.stage, "user", &self.user);
            }
            Some((reply, feedback)) => {
                // An empty message is refused by some servers.
                let echo: String = reply.chars().take(MAX_ECHO).collect();
                let echo = if echo.trim().is_empty() { "(nothing)".to_owned() } else { echo };
                messages.push(Message::text(Role::Assistant, echo));
                messages.push(Message::text(Role::User, feedback.clone()));
                talk.note(self.stage, "user", feedback);
            }
        }
        let request = Request {
            system: self.system.clone(),
            messages,
            max_tokens: self.max_tokens,
            grammar: self.grammar.clone(),
        };
        let reply = self.model.ask(&request)?;
        talk.note(self.stage, "assistant", &reply.text);
        Ok(reply)
    }
}
