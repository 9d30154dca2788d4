//! Language models behind one trait: over HTTP, as a command, from a recorded transcript.
//!
//! A [`Request`] is text and pictures; a [`Provider`] gives a [`Reply`] or a typed [`ModelError`]. What makes
//! a provider fit for use wraps one: retries with backoff ([`Retrying`]), a cache of replies ([`Caching`]), a
//! transcript that is written ([`Recording`]) and one that is read ([`Replay`]). [`Model`] is what the rest of
//! the system holds: a provider chosen by name, and the account of what it cost.
//!
//! Requests are addressed by content: the BLAKE3 of their canonical JSON ([`Request::key`]), in which a
//! picture stands as the BLAKE3 of its pixels. So a transcript answers the same request on every machine,
//! whatever the PNG encoder does.
//!
//! Keys come from the environment alone. They are sent in headers, never in an address, never over plain
//! HTTP to another machine, and are blanked in every error. Formats and variables: `spec/models.md`.
#![forbid(unsafe_code)]

mod account;
mod anthropic;
mod cache;
mod choose;
mod clock;
mod constrain;
mod error;
mod exec;
pub mod fuzz;
mod gemini;
mod http;
mod openai;
mod request;
mod retry;
mod secret;
mod stream;
mod transcript;

pub use account::{Account, Prices};
pub use cache::Caching;
pub use choose::{Environment, Model, Settings};
pub use clock::{Clock, SystemClock};
pub use constrain::GrammarFormat;
pub use error::ModelError;
pub use exec::Exec;
pub use request::{Message, Origin, Part, Picture, Reply, Request, Role, Usage};
pub use retry::{Retrying, Schedule};
pub use secret::Secret;
pub use stream::{Heard, Listener};
pub use transcript::{Recording, Replay};

/// Something that answers requests.
pub trait Provider: Send + Sync {
    /// How people and transcripts call it; holds no secret.
    fn name(&self) -> &str;

    /// How it takes a grammar that holds its answer; nothing where it takes none. May ask the server what it is.
    fn grammar(&self) -> Option<GrammarFormat> {
        None
    }

    /// Asks once and waits for the answer.
    fn ask(&self, request: &Request) -> Result<Reply, ModelError>;

    /// Asks once; the answer's text is heard as it comes, where the provider streams, else at its end. Where
    /// the listener ends the answer, what came until then is the reply.
    fn stream(&self, request: &Request, heard: &mut Listener<'_>) -> Result<Reply, ModelError> {
        let reply = self.ask(request)?;
        stream::whole(&reply.text, heard);
        Ok(reply)
    }
}
