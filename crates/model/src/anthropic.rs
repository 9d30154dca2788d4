//! Anthropic's messages.

use serde_json::{Value, json};

use crate::http::Http;
use crate::request::tokens;
use crate::{ModelError, Part, Provider, Reply, Request};

/// A model of Anthropic's.
pub(crate) struct Anthropic {
    pub(crate) http: Http,
    pub(crate) model: String,
}

fn body(model: &str, request: &Request) -> Value {
    let messages: Vec<Value> = request
        .messages
        .iter()
        .map(|m| {
            let parts: Vec<Value> = m
                .parts
                .iter()
                .map(|p| match p {
                    Part::Text(t) => json!({"type": "text", "text": t}),
                    Part::Picture(p) => json!({
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": p.base64()},
                    }),
                })
                .collect();
            json!({"role": m.role.name(), "content": parts})
        })
        .collect();
    let mut body = json!({"model": model, "max_tokens": request.max_tokens, "messages": messages});
    if !request.system.is_empty()
        && let Some(fields) = body.as_object_mut()
    {
        fields.insert("system".into(), json!(request.system));
    }
    body
}

pub(crate) fn reply(provider: &str, answer: &Value) -> Result<Reply, ModelError> {
    let blocks = answer
        .get("content")
        .and_then(Value::as_array)
        .ok_or_else(|| ModelError::malformed(provider, "it has no `content`"))?;
    let reason = answer.get("stop_reason").and_then(Value::as_str).unwrap_or("end_turn");
    if reason == "refusal" {
        let why = "it stopped with `refusal`".to_owned();
        return Err(ModelError::Refused { provider: provider.to_owned(), why });
    }
    Ok(Reply {
        text: blocks.iter().filter_map(|b| b.get("text").and_then(Value::as_str)).collect(),
        model: answer.get("model").and_then(Value::as_str).map(str::to_owned),
        usage: answer.get("usage").and_then(|u| tokens(u, "input_tokens", "output_tokens")),
        complete: reason != "max_tokens",
        ..Reply::default()
    })
}

impl Provider for Anthropic {
    fn name(&self) -> &str {
        self.http.provider()
    }

    fn ask(&self, request: &Request) -> Result<Reply, ModelError> {
        let body = body(&self.model, request);
        let version = [("anthropic-version", "2023-06-01")];
        let answer = self.http.post("/v1/messages", ("x-api-key", ""), &version, &body)?;
        reply(self.name(), &answer)
    }
}
