//! Anthropic's messages.

use serde_json::{Value, json};

use crate::http::Http;
use crate::request::tokens;
use crate::{Listener, ModelError, Part, Provider, Reply, Request, stream};

/// A model of Anthropic's.
pub(crate) struct Anthropic {
    pub(crate) http: Http,
    pub(crate) model: String,
}

const PATH: &str = "/v1/messages";
const KEY: (&str, &str) = ("x-api-key", "");
const VERSION: &[(&str, &str)] = &[("anthropic-version", "2023-06-01")];

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
        let answer = self.http.post(PATH, KEY, VERSION, &body(&self.model, request))?;
        reply(self.name(), &answer)
    }

    fn stream(&self, request: &Request, heard: &mut Listener<'_>) -> Result<Reply, ModelError> {
        let mut body = body(&self.model, request);
        body["stream"] = json!(true);
        let gathers = stream::Anthropic::new(self.name());
        let answer = self.http.stream(PATH, KEY, VERSION, &body, gathers, heard)?;
        stream::reply(answer, heard, |a| reply(self.name(), a))
    }
}
