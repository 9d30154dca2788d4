//! Servers that hold an answer to a grammar while it is written, and how each is told.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::http::Http;

/// How a grammar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrammarFormat {
    /// llama.cpp's.
    Gbnf,
    /// XGrammar's EBNF.
    Ebnf,
}

/// A server that takes grammars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decoder {
    /// llama.cpp: the member `grammar`.
    LlamaCpp,
    /// vLLM: `structured_outputs.grammar`.
    Vllm,
    /// SGLang: the member `ebnf`.
    SgLang,
}

impl Decoder {
    /// By the name that `GET /models` has for the owner of a served model, which is also the setting's.
    fn named(name: &str) -> Option<Decoder> {
        match name {
            "llamacpp" | "llama.cpp" => Some(Decoder::LlamaCpp),
            "vllm" => Some(Decoder::Vllm),
            "sglang" => Some(Decoder::SgLang),
            _ => None,
        }
    }

    pub(crate) const fn format(self) -> GrammarFormat {
        match self {
            Decoder::LlamaCpp => GrammarFormat::Gbnf,
            Decoder::Vllm | Decoder::SgLang => GrammarFormat::Ebnf,
        }
    }

    /// Puts a grammar into the body of a request.
    pub(crate) fn put(self, grammar: &str, body: &mut Value) {
        match self {
            Decoder::LlamaCpp => body["grammar"] = json!(grammar),
            Decoder::Vllm => body["structured_outputs"] = json!({"grammar": grammar}),
            Decoder::SgLang => body["ebnf"] = json!(grammar),
        }
    }
}

/// Which decoder a server has: as a setting says, or as the server does when it is first asked for.
#[derive(Debug, Default)]
pub(crate) struct Constrained {
    found: OnceLock<Option<Decoder>>,
}

/// The values of `REASMORY_MODEL_GRAMMAR`.
pub(crate) const SETTINGS: &str = "auto, none, llama.cpp, vllm or sglang";

impl Constrained {
    /// `auto`, `none` or the name of a server.
    pub(crate) fn set(name: &str) -> Option<Constrained> {
        let out = Constrained::default();
        match name {
            "auto" => {}
            "none" => {
                let _ = out.found.set(None);
            }
            other => {
                let _ = out.found.set(Some(Decoder::named(other)?));
            }
        }
        Some(out)
    }

    /// The decoder; a server that does not say what it is has none.
    pub(crate) fn decoder(&self, http: &Http) -> Option<Decoder> {
        *self.found.get_or_init(|| {
            // OpenAI's own models take no grammar in a chat completion.
            if http.base().starts_with("https://api.openai.com") {
                return None;
            }
            let models = http.get("/models", ("authorization", "Bearer ")).ok()?;
            let owner = models.pointer("/data/0/owned_by").and_then(Value::as_str)?;
            Decoder::named(owner)
        })
    }
}
