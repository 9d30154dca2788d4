//! What can go wrong between a request and its answer.

use std::fmt;
use std::time::Duration;

/// Why there is no reply. No variant ever holds a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// The name, the environment or a file of settings is wrong.
    Configuration {
        /// What.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// The transcript does not hold this request.
    NotRecorded {
        /// The transcript.
        file: String,
        /// The request's address.
        key: String,
    },
    /// No connection, or one that broke before an answer began.
    Unreachable {
        /// Which provider.
        provider: String,
        /// Why.
        why: String,
    },
    /// No answer in time.
    TimedOut {
        /// Which provider.
        provider: String,
        /// The time it had.
        limit: Duration,
    },
    /// The answer ended before it was complete.
    CutOff {
        /// Which provider.
        provider: String,
        /// Where.
        why: String,
    },
    /// A status other than success.
    Status {
        /// Which provider.
        provider: String,
        /// The HTTP status.
        code: u16,
        /// What the server says, cut to a line.
        message: String,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// An answer that is no JSON by its own account.
    ContentType {
        /// Which provider.
        provider: String,
        /// The type it states.
        found: String,
    },
    /// An answer that is not of the form the protocol has.
    Malformed {
        /// Which provider.
        provider: String,
        /// What is wrong.
        why: String,
    },
    /// The model declined.
    Refused {
        /// Which provider.
        provider: String,
        /// Its words or the protocol's.
        why: String,
    },
    /// A command that cannot be run or reports failure.
    Command {
        /// What happened.
        why: String,
    },
    /// Several tries, all in vain.
    GaveUp {
        /// How many.
        tries: u32,
        /// The last failure.
        last: Box<ModelError>,
    },
}

impl ModelError {
    /// A fault of the settings.
    pub(crate) fn configuration(what: impl Into<String>, remedy: impl Into<String>) -> ModelError {
        ModelError::Configuration { what: what.into(), remedy: remedy.into() }
    }

    /// A malformed answer.
    pub(crate) fn malformed(provider: &str, why: impl Into<String>) -> ModelError {
        ModelError::Malformed { provider: provider.to_owned(), why: why.into() }
    }

    /// Whether the same request may well succeed a little later.
    pub fn is_transient(&self) -> bool {
        match self {
            ModelError::Unreachable { .. }
            | ModelError::TimedOut { .. }
            | ModelError::CutOff { .. } => true,
            ModelError::Status { code, .. } => {
                matches!(code, 408 | 409 | 425 | 429 | 500 | 502 | 503 | 504 | 529)
            }
            _ => false,
        }
    }

    /// How long the server asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            ModelError::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            ModelError::Configuration { remedy, .. } => remedy.clone(),
            ModelError::NotRecorded { .. } => {
                "record it with `--model record:FILE:NAME`; a changed program, scene or picture size asks \
                 another request"
                    .into()
            }
            ModelError::Unreachable { .. } => "check the address and that the server runs".into(),
            ModelError::TimedOut { .. } => {
                "give it more time with REASMORY_MODEL_TIMEOUT (seconds)".into()
            }
            ModelError::CutOff { .. } => "try again; check the proxy in between".into(),
            ModelError::Status { code: 401 | 403, .. } => {
                "check the key in the environment and what it may use".into()
            }
            ModelError::Status { code: 404, .. } => "check the model's name and the base URL".into(),
            ModelError::Status { code: 429, .. } => {
                "ask less often: set REASMORY_MODEL_PER_MINUTE".into()
            }
            ModelError::Status { code: 400..=499, .. } => {
                "the server rejects the request: check the model's name and what it accepts".into()
            }
            ModelError::Status { .. } => "try again later".into(),
            ModelError::ContentType { .. } | ModelError::Malformed { .. } => {
                "check that the base URL is that of the protocol named".into()
            }
            ModelError::Refused { .. } => "ask in other words, or choose by geometry".into(),
            ModelError::Command { .. } => {
                "the command reads a request on standard input and writes `{\"text\": …}` (see spec/models.md)"
                    .into()
            }
            ModelError::GaveUp { last, .. } => last.remedy(),
        }
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModelError::Configuration { what, .. } => f.write_str(what),
            ModelError::NotRecorded { file, key } => {
                let short: String = key.chars().take(16).collect();
                write!(f, "{file}: does not hold this request (key {short}…)")
            }
            ModelError::Unreachable { provider, why } => {
                write!(f, "{provider}: cannot be reached: {why}")
            }
            ModelError::TimedOut { provider, limit } => {
                write!(f, "{provider}: no answer within {} s", limit.as_secs_f64())
            }
            ModelError::CutOff { provider, why } => {
                write!(f, "{provider}: the answer was cut off: {why}")
            }
            ModelError::Status { provider, code, message, .. } if message.is_empty() => {
                write!(f, "{provider}: status {code}")
            }
            ModelError::Status { provider, code, message, .. } => {
                write!(f, "{provider}: status {code}: {message}")
            }
            ModelError::ContentType { provider, found } => {
                write!(f, "{provider}: the answer is `{found}`, not JSON")
            }
            ModelError::Malformed { provider, why } => {
                write!(f, "{provider}: the answer is malformed: {why}")
            }
            ModelError::Refused { provider, why } => {
                write!(f, "{provider}: the model declined: {why}")
            }
            ModelError::Command { why } => f.write_str(why),
            ModelError::GaveUp { tries, last } => write!(f, "{last} (after {tries} tries)"),
        }
    }
}

impl std::error::Error for ModelError {}

/// The start of a text on one line, for messages: control characters become blanks.
pub(crate) fn excerpt(text: &str) -> String {
    const MOST: usize = 200;
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = flat.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = words.chars().take(MOST).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    short
}
