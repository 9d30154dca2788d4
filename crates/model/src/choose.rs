//! Models by name, with what the environment says about them.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::account::{Account, Prices};
use crate::anthropic::Anthropic;
use crate::constrain::{Constrained, SETTINGS};
use crate::gemini::Gemini;
use crate::http::Http;
use crate::openai::OpenAi;
use crate::{
    Caching, Clock, Exec, GrammarFormat, Heard, Listener, ModelError, Provider, Recording, Replay,
    Reply, Request, Retrying, Schedule, Secret, SystemClock,
};

/// The variables that settings and keys are read from.
pub trait Environment {
    /// The value of a variable; absent and blank are the same.
    fn get(&self, name: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String>> Environment for F {
    fn get(&self, name: &str) -> Option<String> {
        self(name).filter(|v| !v.trim().is_empty())
    }
}

/// What holds for every provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The most time an answer may take; two minutes without it.
    pub timeout: Option<Duration>,
    /// When to ask again, and how often at most.
    pub schedule: Schedule,
    /// A folder that keeps answers.
    pub cache: Option<PathBuf>,
    /// Prices.
    pub prices: Prices,
}

impl Settings {
    /// Reads `REASMORY_MODEL_TIMEOUT` (seconds), `REASMORY_MODEL_TRIES`, `REASMORY_MODEL_PER_MINUTE`,
    /// `REASMORY_MODEL_CACHE` (a folder) and `REASMORY_MODEL_PRICES` (a file).
    pub fn read(env: &dyn Environment) -> Result<Settings, ModelError> {
        let number = |name: &str, least: f64, most: f64| -> Result<Option<f64>, ModelError> {
            let Some(text) = env.get(name) else { return Ok(None) };
            let x = text.trim().parse::<f64>().ok().filter(|x| (least..=most).contains(x));
            x.map(Some).ok_or_else(|| {
                ModelError::configuration(
                    format!("{name} is no number from {least} to {most}"),
                    format!("set {name} to one, or unset it"),
                )
            })
        };
        let mut schedule = Schedule::default();
        if let Some(tries) = number("REASMORY_MODEL_TRIES", 1.0, 20.0)? {
            schedule.tries = tries as u32;
        }
        if let Some(n) = number("REASMORY_MODEL_PER_MINUTE", 0.01, 1e6)? {
            schedule.spacing = Duration::from_secs_f64(60.0 / n);
        }
        let timeout = number("REASMORY_MODEL_TIMEOUT", 0.01, 86_400.0)?;
        let prices = match env.get("REASMORY_MODEL_PRICES") {
            None => Prices::default(),
            Some(path) => {
                let text = std::fs::read_to_string(&path).map_err(|e| {
                    ModelError::configuration(
                        format!("{path}: {e}"),
                        "set REASMORY_MODEL_PRICES to a file of prices",
                    )
                })?;
                Prices::parse(&path, &text)?
            }
        };
        Ok(Settings {
            timeout: timeout.map(Duration::from_secs_f64),
            schedule,
            cache: env.get("REASMORY_MODEL_CACHE").map(PathBuf::from),
            prices,
        })
    }

    fn limit(&self) -> Duration {
        self.timeout.unwrap_or(Duration::from_secs(120))
    }
}

/// A model that can be asked, and the account of it.
pub struct Model {
    provider: Arc<dyn Provider>,
    prices: Prices,
    account: Mutex<Account>,
    listener: Option<Arc<Hears>>,
}

/// A listener to every answer of a model.
type Hears = dyn Fn(Heard<'_>) -> ControlFlow<()> + Send + Sync;

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Model({})", self.provider.name())
    }
}

impl Model {
    /// A model over any provider.
    pub fn new(provider: Box<dyn Provider>, prices: Prices) -> Model {
        let account = Mutex::new(Account::new());
        Model { provider: provider.into(), prices, account, listener: None }
    }

    /// The same model with an account of its own, so that questions which are asked at the same time are
    /// booked apart.
    pub fn fresh(&self) -> Model {
        Model {
            provider: Arc::clone(&self.provider),
            prices: self.prices.clone(),
            account: Mutex::new(Account::new()),
            listener: self.listener.clone(),
        }
    }

    /// The same model; its answers are streamed, and heard as they come.
    #[must_use]
    pub fn heard_by(
        mut self,
        listener: impl Fn(Heard<'_>) -> ControlFlow<()> + Send + Sync + 'static,
    ) -> Model {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// Dollars for so many tokens, where the price is known.
    pub fn price(&self, input: u64, output: u64) -> Option<f64> {
        self.prices.of(None, self.name(), crate::Usage { input, output })
    }

    /// The model that a name means; `record` names a transcript to write besides.
    pub fn open(
        name: &str,
        record: Option<&Path>,
        env: &dyn Environment,
    ) -> Result<Model, ModelError> {
        let settings = Settings::read(env)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let (inner, recorded) = match name.strip_prefix("record:") {
            Some(rest) => match rest.split_once(':') {
                Some((file, inner)) if !file.is_empty() && !inner.starts_with("record:") => {
                    (inner, Some(Path::new(file)))
                }
                _ => {
                    return Err(ModelError::configuration(
                        "`record:` takes a file and a model",
                        "write `record:FILE:NAME`, for instance `record:t.jsonl:openai:MODEL`",
                    ));
                }
            },
            None => (name, None),
        };
        let mut provider = provider(inner, &settings, env, clock)?;
        for path in recorded.into_iter().chain(record) {
            provider = Box::new(Recording::open(provider, path)?);
        }
        Ok(Model::new(provider, settings.prices))
    }

    /// Its name, as in outputs.
    pub fn name(&self) -> &str {
        self.provider.name()
    }

    /// How it takes a grammar that holds its answer.
    pub fn grammar(&self) -> Option<GrammarFormat> {
        self.provider.grammar()
    }

    /// Asks, and books what it cost.
    pub fn ask(&self, request: &Request) -> Result<Reply, ModelError> {
        let got = match &self.listener {
            None => self.provider.ask(request),
            Some(l) => self.provider.stream(request, &mut |heard| l(heard)),
        };
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        match &got {
            Ok(reply) => account.book(reply, self.provider.name(), &self.prices),
            Err(_) => account.failed += 1,
        }
        got
    }

    /// Starts the account anew.
    pub fn start(&self) {
        *self.account.lock().unwrap_or_else(PoisonError::into_inner) = Account::new();
    }

    /// What was asked since the start of the account.
    pub fn account(&self) -> Account {
        *self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Provider for Box<dyn Provider> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn grammar(&self) -> Option<GrammarFormat> {
        (**self).grammar()
    }

    fn ask(&self, request: &Request) -> Result<Reply, ModelError> {
        (**self).ask(request)
    }

    fn stream(&self, request: &Request, heard: &mut Listener<'_>) -> Result<Reply, ModelError> {
        (**self).stream(request, heard)
    }
}

/// The protocols that a model can be served by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    OpenAi,
    Anthropic,
    Gemini,
    Ollama,
}

impl Protocol {
    const ALL: [(&'static str, Protocol); 4] = [
        ("openai", Protocol::OpenAi),
        ("anthropic", Protocol::Anthropic),
        ("gemini", Protocol::Gemini),
        ("ollama", Protocol::Ollama),
    ];

    /// The protocol of a well-known name of a model.
    fn guess(name: &str) -> Option<Protocol> {
        let starts = |s: &str| name.starts_with(s);
        let numbered =
            name.strip_prefix('o').is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
        if starts("claude-") {
            Some(Protocol::Anthropic)
        } else if starts("gemini-") {
            Some(Protocol::Gemini)
        } else if starts("gpt-") || starts("chatgpt-") || numbered {
            Some(Protocol::OpenAi)
        } else {
            None
        }
    }

    /// Variable of the base URL, its default, and the variable of the key.
    const fn variables(self) -> (&'static str, &'static str, Option<&'static str>) {
        match self {
            Protocol::OpenAi => {
                ("OPENAI_BASE_URL", "https://api.openai.com/v1", Some("OPENAI_API_KEY"))
            }
            Protocol::Anthropic => {
                ("ANTHROPIC_BASE_URL", "https://api.anthropic.com", Some("ANTHROPIC_API_KEY"))
            }
            Protocol::Gemini => (
                "GEMINI_BASE_URL",
                "https://generativelanguage.googleapis.com",
                Some("GEMINI_API_KEY"),
            ),
            Protocol::Ollama => ("OLLAMA_BASE_URL", "http://127.0.0.1:11434/v1", None),
        }
    }
}

fn unknown(name: &str) -> ModelError {
    ModelError::configuration(
        format!("no model is called {name:?}"),
        "write openai:MODEL, anthropic:MODEL, gemini:MODEL or ollama:MODEL (openai:MODEL@URL for another \
         server), exec:COMMAND, replay:FILE or record:FILE:NAME",
    )
}

fn provider(
    name: &str,
    settings: &Settings,
    env: &dyn Environment,
    clock: Arc<dyn Clock>,
) -> Result<Box<dyn Provider>, ModelError> {
    if let Some(file) = name.strip_prefix("replay:") {
        return Ok(Box::new(Replay::open(Path::new(file))?));
    }
    if let Some(command) = name.strip_prefix("exec:") {
        let exec = Exec::new(command, settings.limit())?;
        return Ok(Box::new(Retrying::new(
            exec,
            // A command that fails is a fault of the command; only the rate holds.
            Schedule { tries: 1, ..settings.schedule },
            clock,
        )));
    }
    let named = Protocol::ALL
        .iter()
        .find_map(|(word, p)| Some((*p, name.strip_prefix(word)?.strip_prefix(':')?)));
    let (protocol, rest) = match (named, Protocol::guess(name)) {
        (Some(found), _) => found,
        (None, Some(p)) => (p, name),
        // Any name of a server of one's own.
        (None, None) if !name.contains(':') && env.get("OPENAI_BASE_URL").is_some() => {
            (Protocol::OpenAi, name)
        }
        (None, None) => return Err(unknown(name)),
    };
    let (model, url) = match rest.split_once('@') {
        Some((m, u)) => (m, Some(u.to_owned())),
        None => (rest, None),
    };
    // The name stands in an address with one protocol, and in messages with all.
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:+".contains(c);
    if model.is_empty() || !model.chars().all(plain) || model.split('/').any(|p| p == "..") {
        return Err(unknown(name));
    }
    let (base_variable, default, key_variable) = protocol.variables();
    let own_server = url.is_some() || env.get(base_variable).is_some();
    let base = url.or_else(|| env.get(base_variable)).unwrap_or_else(|| default.to_owned());
    let key = match key_variable {
        None => None,
        Some(variable) => match env.get(variable) {
            Some(text) => Some(Secret::new(&text).ok_or_else(|| {
                ModelError::configuration(
                    format!("{variable} holds characters that no key has"),
                    "set it again, without blanks and line ends inside",
                )
            })?),
            None if own_server => None,
            None => {
                return Err(ModelError::configuration(
                    format!("{model}: {variable} is not set"),
                    format!("set {variable}, or {base_variable} for a server that needs no key"),
                ));
            }
        },
    };
    let word = Protocol::ALL.iter().find(|p| p.1 == protocol).map_or("", |p| p.0);
    let http = Http::new(&format!("{word}:{model}"), &base, key, settings.limit())?;
    let model = model.to_owned();
    let inner: Box<dyn Provider> = match protocol {
        Protocol::OpenAi => {
            let name = env.get("REASMORY_MODEL_GRAMMAR").unwrap_or_else(|| "auto".to_owned());
            let constrained = Constrained::set(name.trim()).ok_or_else(|| {
                ModelError::configuration(
                    format!("REASMORY_MODEL_GRAMMAR is {name:?}"),
                    format!("set it to {SETTINGS}, or unset it"),
                )
            })?;
            Box::new(OpenAi { http, model, constrained: Some(constrained) })
        }
        Protocol::Ollama => Box::new(OpenAi { http, model, constrained: None }),
        Protocol::Anthropic => Box::new(Anthropic { http, model }),
        Protocol::Gemini => Box::new(Gemini { http, model }),
    };
    let retrying = Retrying::new(inner, settings.schedule, clock);
    Ok(match &settings.cache {
        Some(folder) => Box::new(Caching::open(retrying, folder)?),
        None => Box::new(retrying),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(name: &str, variables: &[(&str, &str)]) -> Result<Model, ModelError> {
        let env = |wanted: &str| variables.iter().find(|v| v.0 == wanted).map(|v| v.1.to_owned());
        Model::open(name, None, &env)
    }

    #[test]
    fn names_mean_providers() {
        let key = [("OPENAI_API_KEY", "k"), ("ANTHROPIC_API_KEY", "k"), ("GEMINI_API_KEY", "k")];
        for (name, means) in [
            ("openai:gpt-x", "openai:gpt-x"),
            ("gpt-x", "openai:gpt-x"),
            ("o9-mini", "openai:o9-mini"),
            ("claude-x", "anthropic:claude-x"),
            ("gemini-x", "gemini:gemini-x"),
            ("ollama:qwen2.5vl:7b", "ollama:qwen2.5vl:7b"),
            ("openai:Qwen/Qwen3@http://localhost:8000/v1", "openai:Qwen/Qwen3"),
            ("exec:cat", "exec"),
        ] {
            assert_eq!(open(name, &key).unwrap().name(), means);
        }
        assert_eq!(
            open("mine", &[("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")]).unwrap().name(),
            "openai:mine"
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        for (name, variables, says) in [
            ("gpt-x", &[][..], "OPENAI_API_KEY is not set"),
            ("claude-x", &[], "ANTHROPIC_API_KEY is not set"),
            ("gemini-x", &[("GEMINI_API_KEY", " ")], "GEMINI_API_KEY is not set"),
            ("gpt-x", &[("OPENAI_API_KEY", "two words")], "no key has"),
            ("mystery", &[], "no model is called"),
            ("openai:", &[], "no model is called"),
            ("gemini:../../x", &[("GEMINI_API_KEY", "k")], "no model is called"),
            ("gemini:a?b", &[("GEMINI_API_KEY", "k")], "no model is called"),
            ("replay:/no/such/file", &[], "/no/such/file"),
            ("record:x", &[], "takes a file and a model"),
            ("gpt-x", &[("REASMORY_MODEL_TRIES", "0")], "REASMORY_MODEL_TRIES"),
            ("gpt-x", &[("REASMORY_MODEL_PRICES", "/no/such/prices")], "/no/such/prices"),
            (
                "gpt-x",
                &[("OPENAI_API_KEY", "sk-1"), ("OPENAI_BASE_URL", "http://example.com")],
                "plain HTTP",
            ),
        ] {
            let e = open(name, variables).unwrap_err();
            assert!(e.to_string().contains(says), "{name}: {e}");
            assert!(!format!("{e:?} {}", e.remedy()).contains("sk-1"));
        }
    }
}
