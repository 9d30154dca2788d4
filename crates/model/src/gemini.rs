//! Gemini's `generateContent`.

use serde_json::{Value, json};

use crate::http::Http;
use crate::request::tokens;
use crate::{Listener, ModelError, Part, Provider, Reply, Request, Role, stream};

/// A model behind Google's Gemini interface.
pub(crate) struct Gemini {
    pub(crate) http: Http,
    pub(crate) model: String,
}

fn body(request: &Request) -> Value {
    let contents: Vec<Value> = request
        .messages
        .iter()
        .map(|m| {
            let parts: Vec<Value> = m
                .parts
                .iter()
                .map(|p| match p {
                    Part::Text(t) => json!({"text": t}),
                    Part::Picture(p) => {
                        json!({"inline_data": {"mime_type": "image/png", "data": p.base64()}})
                    }
                })
                .collect();
            let role = if m.role == Role::User { "user" } else { "model" };
            json!({"role": role, "parts": parts})
        })
        .collect();
    let mut body = json!({
        "contents": contents,
        "generationConfig": {"maxOutputTokens": request.max_tokens},
    });
    if !request.system.is_empty()
        && let Some(fields) = body.as_object_mut()
    {
        fields.insert("system_instruction".into(), json!({"parts": [{"text": request.system}]}));
    }
    body
}

pub(crate) fn reply(provider: &str, answer: &Value) -> Result<Reply, ModelError> {
    let refused = |why: &str| {
        let why = crate::error::excerpt(why);
        ModelError::Refused { provider: provider.to_owned(), why }
    };
    if let Some(why) = answer.pointer("/promptFeedback/blockReason").and_then(Value::as_str) {
        return Err(refused(why));
    }
    let candidate = answer
        .pointer("/candidates/0")
        .ok_or_else(|| ModelError::malformed(provider, "it has no `candidates`"))?;
    let reason = candidate.get("finishReason").and_then(Value::as_str).unwrap_or("STOP");
    if !matches!(reason, "STOP" | "MAX_TOKENS") {
        return Err(refused(reason));
    }
    let parts = candidate.pointer("/content/parts").and_then(Value::as_array);
    let text = match parts {
        Some(parts) => parts.iter().filter_map(|p| p.get("text").and_then(Value::as_str)).collect(),
        // All tokens went into thinking.
        None if reason == "MAX_TOKENS" => String::new(),
        None => return Err(ModelError::malformed(provider, "it has no `content.parts`")),
    };
    Ok(Reply {
        text,
        model: answer.get("modelVersion").and_then(Value::as_str).map(str::to_owned),
        usage: answer
            .get("usageMetadata")
            .and_then(|u| tokens(u, "promptTokenCount", "candidatesTokenCount")),
        complete: reason != "MAX_TOKENS",
        ..Reply::default()
    })
}

impl Provider for Gemini {
    fn name(&self) -> &str {
        self.http.provider()
    }

    fn ask(&self, request: &Request) -> Result<Reply, ModelError> {
        let path = format!("/v1beta/models/{}:generateContent", self.model);
        let answer = self.http.post(&path, KEY, &[], &body(request))?;
        reply(self.name(), &answer)
    }

    fn stream(&self, request: &Request, heard: &mut Listener<'_>) -> Result<Reply, ModelError> {
        let path = format!("/v1beta/models/{}:streamGenerateContent?alt=sse", self.model);
        let gathers = stream::Gemini::new(self.name());
        let answer = self.http.stream(&path, KEY, &[], &body(request), gathers, heard)?;
        stream::reply(answer, heard, |a| reply(self.name(), a))
    }
}

const KEY: (&str, &str) = ("x-goog-api-key", "");
