//! Answers that come in pieces: server-sent events, and what the three protocols send in them.
//!
//! Events are read as the HTML standard has them (WHATWG, *Server-sent events*): fields by line, `data` lines
//! joined by newlines, an event at each blank line. What a protocol's events say is put together to the
//! document that the same protocol sends where nothing is streamed, so that one reading serves both.

use std::ops::ControlFlow;

use serde_json::{Value, json};

use crate::error::excerpt;
use crate::http::Streamed;
use crate::{ModelError, Reply};

/// What is heard of an answer while it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard<'t> {
    /// An answer begins; what was heard of an earlier try does not count.
    Begin,
    /// The next piece of its text.
    Text(&'t str),
}

/// Hears an answer come, and may end it: what came until then is the reply.
pub type Listener<'l> = dyn FnMut(Heard<'_>) -> ControlFlow<()> + 'l;

/// Gives an answer that came whole to a listener.
pub(crate) fn whole(text: &str, heard: &mut Listener<'_>) {
    if heard(Heard::Begin).is_continue() {
        let _ = heard(Heard::Text(text));
    }
}

/// Lines to events.
#[derive(Default)]
pub(crate) struct Events {
    data: String,
    any: bool,
}

impl Events {
    /// Takes a line without its end; the data of an event that it ends.
    pub(crate) fn line(&mut self, line: &str) -> Option<String> {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return std::mem::take(&mut self.any).then_some(data);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            if std::mem::replace(&mut self.any, true) {
                self.data.push('\n');
            }
            self.data.push_str(value.strip_prefix(' ').unwrap_or(value));
        }
        // `event` repeats what the data says; comments keep a connection open.
        None
    }
}

/// The reply of a streamed answer, by the reading of its document.
pub(crate) fn reply(
    streamed: Streamed,
    heard: &mut Listener<'_>,
    read: impl FnOnce(&Value) -> Result<Reply, ModelError>,
) -> Result<Reply, ModelError> {
    match streamed {
        Streamed::Heard(document) => read(&document),
        Streamed::Whole(document) => {
            let reply = read(&document)?;
            whole(&reply.text, heard);
            Ok(reply)
        }
    }
}

/// What came of an answer so far.
pub(crate) trait Gathers {
    /// Takes an event's document; the text in it. `Err` where it reports a failure.
    fn take(&mut self, event: &Value) -> Result<Option<String>, ModelError>;
    /// Whether the answer has ended.
    fn ended(&self) -> bool;
    /// The document of the whole.
    fn document(self: Box<Self>) -> Value;
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned)
}

/// A failure that is reported within an answer, as if it had been the answer's status.
fn failure(provider: &str, error: &Value) -> ModelError {
    let says = error.get("message").unwrap_or(error);
    let message = excerpt(says.as_str().unwrap_or(&says.to_string()));
    let kind = error.get("type").or_else(|| error.get("status")).and_then(Value::as_str);
    let stated = error.get("code").and_then(Value::as_u64).and_then(|c| u16::try_from(c).ok());
    let code = stated.unwrap_or(match kind {
        Some("overloaded_error") => 529,
        Some("rate_limit_error" | "RESOURCE_EXHAUSTED") => 429,
        Some("authentication_error" | "UNAUTHENTICATED") => 401,
        Some("invalid_request_error" | "INVALID_ARGUMENT") => 400,
        _ => 500,
    });
    ModelError::Status { provider: provider.to_owned(), code, message, retry_after: None }
}

/// Chat completions.
pub(crate) struct OpenAi {
    provider: String,
    content: String,
    refusal: String,
    reason: Option<String>,
    model: Value,
    usage: Value,
}

impl OpenAi {
    pub(crate) fn new(provider: &str) -> Box<OpenAi> {
        let (content, refusal) = (String::new(), String::new());
        let (model, usage) = (Value::Null, Value::Null);
        Box::new(OpenAi {
            provider: provider.to_owned(),
            content,
            refusal,
            reason: None,
            model,
            usage,
        })
    }
}

impl Gathers for OpenAi {
    fn take(&mut self, event: &Value) -> Result<Option<String>, ModelError> {
        if let Some(error) = event.get("error").filter(|e| !e.is_null()) {
            return Err(failure(&self.provider, error));
        }
        for (name, place) in [("model", &mut self.model), ("usage", &mut self.usage)] {
            if let Some(value) = event.get(name).filter(|v| !v.is_null()) {
                *place = value.clone();
            }
        }
        let Some(choice) = event.pointer("/choices/0") else { return Ok(None) };
        if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str) {
            self.reason = Some(reason.to_owned());
        }
        if let Some(more) = text(choice.pointer("/delta/refusal")) {
            self.refusal.push_str(&more);
        }
        let more = text(choice.pointer("/delta/content"));
        self.content.extend(more.as_deref());
        Ok(more)
    }

    fn ended(&self) -> bool {
        self.reason.is_some()
    }

    fn document(self: Box<Self>) -> Value {
        let mut message = json!({"content": self.content});
        if !self.refusal.is_empty() {
            message["refusal"] = json!(self.refusal);
        }
        let reason = self.reason.unwrap_or_else(|| "stop".to_owned());
        let mut out = json!({"choices": [{"message": message, "finish_reason": reason}]});
        for (name, value) in [("model", self.model), ("usage", self.usage)] {
            if !value.is_null() {
                out[name] = value;
            }
        }
        out
    }
}

/// Anthropic's messages.
pub(crate) struct Anthropic {
    provider: String,
    content: String,
    reason: Option<String>,
    model: Value,
    input: Option<u64>,
    output: Option<u64>,
    stopped: bool,
}

impl Anthropic {
    pub(crate) fn new(provider: &str) -> Box<Anthropic> {
        Box::new(Anthropic {
            provider: provider.to_owned(),
            content: String::new(),
            reason: None,
            model: Value::Null,
            input: None,
            output: None,
            stopped: false,
        })
    }
}

impl Gathers for Anthropic {
    fn take(&mut self, event: &Value) -> Result<Option<String>, ModelError> {
        match event.get("type").and_then(Value::as_str) {
            Some("error") => {
                return Err(failure(&self.provider, event.get("error").unwrap_or(event)));
            }
            Some("message_start") => {
                self.model = event.pointer("/message/model").cloned().unwrap_or_default();
                self.input = event.pointer("/message/usage/input_tokens").and_then(Value::as_u64);
            }
            Some("content_block_delta") => {
                let more = text(event.pointer("/delta/text"));
                self.content.extend(more.as_deref());
                return Ok(more);
            }
            Some("message_delta") => {
                self.reason = text(event.pointer("/delta/stop_reason")).or(self.reason.take());
                let output = event.pointer("/usage/output_tokens").and_then(Value::as_u64);
                self.output = output.or(self.output);
            }
            Some("message_stop") => self.stopped = true,
            _ => {}
        }
        Ok(None)
    }

    fn ended(&self) -> bool {
        self.stopped
    }

    fn document(self: Box<Self>) -> Value {
        let mut out = json!({
            "content": [{"type": "text", "text": self.content}],
            "stop_reason": self.reason.unwrap_or_else(|| "end_turn".to_owned()),
        });
        if !self.model.is_null() {
            out["model"] = self.model;
        }
        // A count of the input alone would book the output as free.
        if let (Some(input), Some(output)) = (self.input, self.output) {
            out["usage"] = json!({"input_tokens": input, "output_tokens": output});
        }
        out
    }
}

/// Gemini's `streamGenerateContent`: each event is a document of its own, of which the last counts but for the
/// text.
pub(crate) struct Gemini {
    provider: String,
    content: String,
    reason: Option<String>,
    last: Value,
}

impl Gemini {
    pub(crate) fn new(provider: &str) -> Box<Gemini> {
        let (content, last) = (String::new(), json!({}));
        Box::new(Gemini { provider: provider.to_owned(), content, reason: None, last })
    }
}

impl Gathers for Gemini {
    fn take(&mut self, event: &Value) -> Result<Option<String>, ModelError> {
        if let Some(error) = event.get("error") {
            return Err(failure(&self.provider, error));
        }
        let parts = event.pointer("/candidates/0/content/parts").and_then(Value::as_array);
        let more: String =
            parts.into_iter().flatten().filter_map(|p| p.get("text")?.as_str()).collect();
        self.content.push_str(&more);
        self.reason = text(event.pointer("/candidates/0/finishReason")).or(self.reason.take());
        if event.is_object() {
            self.last = event.clone();
        }
        Ok((!more.is_empty()).then_some(more))
    }

    fn ended(&self) -> bool {
        self.reason.is_some() || self.last.pointer("/promptFeedback/blockReason").is_some()
    }

    fn document(self: Box<Self>) -> Value {
        let mut out = self.last;
        out["candidates"] = json!([{
            "content": {"parts": [{"text": self.content}]},
            "finishReason": self.reason.unwrap_or_else(|| "STOP".to_owned()),
        }]);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_by_line() {
        let mut events = Events::default();
        let stream = ": hello\nevent: x\ndata: {\"a\":\ndata: 1}\n\n\n\ndata:[DONE]\r\n\r\nid: 3\n\ndata\n\n";
        let found: Vec<String> = stream.lines().filter_map(|l| events.line(l)).collect();
        assert_eq!(found, ["{\"a\":\n1}", "[DONE]", ""]);
    }

    #[test]
    fn failures_within_an_answer_have_a_status() {
        let code = |error: Value| match failure("p", &error) {
            ModelError::Status { code, .. } => code,
            _ => 0,
        };
        assert_eq!(code(json!({"type": "overloaded_error", "message": "busy"})), 529);
        assert_eq!(code(json!({"code": 503, "message": "x", "status": "UNAVAILABLE"})), 503);
        assert_eq!(code(json!("boom")), 500);
    }
}
