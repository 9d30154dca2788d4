//! Chat completions, as OpenAI, vLLM, Ollama, llama.cpp and others serve them.

use serde_json::{Value, json};

use crate::constrain::{Constrained, Decoder};
use crate::http::Http;
use crate::request::tokens;
use crate::{GrammarFormat, Listener, ModelError, Part, Provider, Reply, Request, stream};

/// A model behind an OpenAI-compatible server.
pub(crate) struct OpenAi {
    pub(crate) http: Http,
    pub(crate) model: String,
    /// Nothing where the server is known to take no grammar.
    pub(crate) constrained: Option<Constrained>,
}

/// The body of a request. OpenAI itself has renamed the token limit; the others know the old name.
fn body(model: &str, request: &Request, limit: &str) -> Value {
    let mut messages = Vec::new();
    if !request.system.is_empty() {
        messages.push(json!({"role": "system", "content": request.system}));
    }
    for m in &request.messages {
        let parts: Vec<Value> = m
            .parts
            .iter()
            .map(|p| match p {
                Part::Text(t) => json!({"type": "text", "text": t}),
                Part::Picture(p) => json!({
                    "type": "image_url",
                    "image_url": {"url": format!("data:image/png;base64,{}", p.base64())},
                }),
            })
            .collect();
        // Plain text where there is nothing else: small servers know no other form for an assistant.
        let content = match m.parts.as_slice() {
            [Part::Text(t)] => json!(t),
            _ => json!(parts),
        };
        messages.push(json!({"role": m.role.name(), "content": content}));
    }
    json!({"model": model, "messages": messages, limit: request.max_tokens})
}

pub(crate) fn reply(provider: &str, answer: &Value) -> Result<Reply, ModelError> {
    let choice = answer
        .pointer("/choices/0")
        .ok_or_else(|| ModelError::malformed(provider, "it has no `choices`"))?;
    if let Some(why) = choice.pointer("/message/refusal").and_then(Value::as_str) {
        let why = crate::error::excerpt(why);
        return Err(ModelError::Refused { provider: provider.to_owned(), why });
    }
    let text = match choice.pointer("/message/content") {
        Some(Value::String(t)) => t.clone(),
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|p| p.get("text").and_then(Value::as_str)).collect()
        }
        _ => return Err(ModelError::malformed(provider, "it has no `message.content`")),
    };
    let reason = choice.get("finish_reason").and_then(Value::as_str).unwrap_or("stop");
    if reason == "content_filter" {
        let why = "its content filter stopped it".to_owned();
        return Err(ModelError::Refused { provider: provider.to_owned(), why });
    }
    Ok(Reply {
        text,
        model: answer.get("model").and_then(Value::as_str).map(str::to_owned),
        usage: answer.get("usage").and_then(|u| tokens(u, "prompt_tokens", "completion_tokens")),
        complete: reason != "length",
        ..Reply::default()
    })
}

impl OpenAi {
    fn decoder(&self) -> Option<Decoder> {
        self.constrained.as_ref()?.decoder(&self.http)
    }
}

impl Provider for OpenAi {
    fn name(&self) -> &str {
        self.http.provider()
    }

    fn grammar(&self) -> Option<GrammarFormat> {
        self.decoder().map(Decoder::format)
    }

    fn ask(&self, request: &Request) -> Result<Reply, ModelError> {
        let answer = self.http.post(PATH, KEY, &[], &self.body(request))?;
        reply(self.name(), &answer)
    }

    fn stream(&self, request: &Request, heard: &mut Listener<'_>) -> Result<Reply, ModelError> {
        let mut body = self.body(request);
        body["stream"] = json!(true);
        // Without it there is no count of tokens.
        body["stream_options"] = json!({"include_usage": true});
        let gathers = stream::OpenAi::new(self.name());
        let answer = self.http.stream(PATH, KEY, &[], &body, gathers, heard)?;
        stream::reply(answer, heard, |a| reply(self.name(), a))
    }
}

const PATH: &str = "/chat/completions";
const KEY: (&str, &str) = ("authorization", "Bearer ");

impl OpenAi {
    fn body(&self, request: &Request) -> Value {
        let own = self.http.base().starts_with("https://api.openai.com");
        let limit = if own { "max_completion_tokens" } else { "max_tokens" };
        let mut body = body(&self.model, request, limit);
        if let Some(grammar) = &request.grammar
            && let Some(decoder) = self.decoder()
        {
            decoder.put(grammar, &mut body);
        }
        body
    }
}
