//! A conversation with a child: handshake, request, progress, answer; stops, limits, and every way in which a
//! child can fail.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::child::{Came, Running};
use super::message::{Hello, Message, PROTOCOL};
use crate::payload::{Arrays, detections_of, reconstruction_of};
use crate::registry::Does;
use crate::{
    Detections, Fault, FrontendError, Ground, Identity, Input, Job, Photo, Reconstruct,
    Reconstructed,
};

/// How long a child may take to say hello.
const HANDSHAKE: Duration = Duration::from_secs(60);
/// How long a child that was asked to stop may take.
const STOPPING: Duration = Duration::from_secs(3);
/// How often a stop is looked for.
const GLANCE: Duration = Duration::from_millis(50);

/// A command that is a frontend.
#[derive(Clone, Debug, PartialEq)]
pub struct External {
    /// The command, for the system's shell.
    pub command: String,
    /// Most time for an answer.
    pub limit: Duration,
    /// Most time without a message.
    pub silence: Duration,
    /// Options that are sent with each request.
    pub options: BTreeMap<String, String>,
}

impl External {
    /// A command with the usual limits: six hours, a quarter of an hour of silence.
    pub fn new(command: &str) -> External {
        External {
            command: command.to_owned(),
            limit: Duration::from_secs(6 * 3600),
            silence: Duration::from_secs(900),
            options: BTreeMap::new(),
        }
    }
}

/// A child that has said hello. It is started once and asked once.
pub struct Exec {
    external: External,
    hello: Hello,
    running: Mutex<Option<Running>>,
    log: PathBuf,
}

/// Why a conversation failed, without the child's name.
enum Trouble {
    Said(String),
    Stopped,
}

impl Exec {
    /// Starts a command and shakes hands. `log` gets its standard error.
    pub fn start(external: External, does: Does, log: &Path) -> Result<Exec, FrontendError> {
        if external.command.trim().is_empty() {
            return Err(FrontendError::input(
                "`exec:` names no command",
                "write `exec:COMMAND`, for instance `exec:python3 tools/frontends/vggt.py`",
            ));
        }
        if let Some(dir) = log.parent() {
            std::fs::create_dir_all(dir).map_err(FrontendError::io(dir, "create"))?;
        }
        let mut running = Running::start(&external.command, log)?;
        let limit = HANDSHAKE.min(external.limit);
        running.send(&json!({
            "type": "hello", "protocol": PROTOCOL, "host": concat!("reasmory ", env!("CARGO_PKG_VERSION")),
        }));
        let came = running.wait(limit);
        let hello = match came {
            Came::Line(line) => match Message::read(&line) {
                Ok(Message::Hello(hello)) => Ok(hello),
                Ok(_) => Err("sent another message before `hello`".to_owned()),
                Err(e) => Err(e),
            },
            Came::Broken(e) => Err(e),
            Came::End => Err(ended(&mut running, "before it said hello")),
            Came::Nothing => Err(format!("did not say hello within {} s", limit.as_secs())),
        };
        let said = |e: String| {
            FrontendError::failed(
                format!("the command `{}` {e}", external.command),
                format!("its log is {}; spec/frontends.md describes the protocol", log.display()),
            )
        };
        let hello = hello.map_err(said)?;
        let able = match does {
            Does::Reconstruct => hello.reconstruct,
            Does::Ground => hello.ground,
        };
        if !able {
            let word = if does == Does::Ground { "ground" } else { "reconstruct" };
            return Err(FrontendError::input(
                format!("the frontend `{}` does not {word}", hello.name),
                format!("its `hello` would have to name `{word}` in `does`"),
            ));
        }
        let running = Mutex::new(Some(running));
        Ok(Exec { external, hello, running, log: log.to_owned() })
    }

    fn failed(&self, what: impl AsRef<str>) -> FrontendError {
        FrontendError::failed(
            format!("the frontend `{}` {}", self.hello.name, what.as_ref()),
            format!("its log is {}", self.log.display()),
        )
    }

    /// Asks and gives the answer; its files are in `out`.
    fn ask(&self, request: &Value, job: &Job<'_>) -> Result<Value, FrontendError> {
        let mut slot = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut running) = slot.take() else {
            return Err(self.failed("was asked already"));
        };
        running.send(request);
        match self.listen(&mut running, job) {
            Ok(answer) => {
                running.send(&json!({"type": "bye"}));
                Ok(answer)
            }
            Err(Trouble::Stopped) => {
                running.send(&json!({"type": "cancel"}));
                let until = Instant::now() + STOPPING;
                while Instant::now() < until && !matches!(running.wait(GLANCE), Came::End) {}
                running.kill();
                Err(FrontendError::cancelled())
            }
            Err(Trouble::Said(what)) => {
                running.kill();
                Err(self.failed(what))
            }
        }
    }

    fn listen(&self, running: &mut Running, job: &Job<'_>) -> Result<Value, Trouble> {
        let began = Instant::now();
        let mut heard = began;
        loop {
            if job.check().is_err() {
                return Err(Trouble::Stopped);
            }
            let came = running.wait(GLANCE);
            let now = Instant::now();
            if now.duration_since(began) >= self.external.limit {
                let s = self.external.limit.as_secs_f64();
                return Err(Trouble::Said(format!("gave no answer within {s} s")));
            }
            let line = match came {
                Came::Line(line) => line,
                Came::Broken(e) => return Err(Trouble::Said(e)),
                Came::End => return Err(Trouble::Said(ended(running, "before it answered"))),
                Came::Nothing => {
                    if now.duration_since(heard) >= self.external.silence {
                        let s = self.external.silence.as_secs_f64();
                        return Err(Trouble::Said(format!("sent no message for {s} s")));
                    }
                    continue;
                }
            };
            heard = now;
            match Message::read(&line).map_err(Trouble::Said)? {
                Message::Progress { done, total, stage } => {
                    job.step(done, total, &stage).map_err(|_| Trouble::Stopped)?;
                }
                Message::Log(text) => job.log(&format!("{}: {text}", self.hello.name)),
                Message::Result(v) => return Ok(v),
                Message::Error { message, remedy } => {
                    let remedy = remedy.map_or(String::new(), |r| format!(" ({r})"));
                    return Err(Trouble::Said(format!("says: {message}{remedy}")));
                }
                Message::Hello(_) => {
                    return Err(Trouble::Said("said hello twice".into()));
                }
            }
        }
    }

    fn identity(&self) -> Identity {
        Identity { name: self.hello.name.clone(), version: self.hello.version.clone() }
    }

    fn arrays(&self, answer: &Value, out: &Path) -> Result<Arrays, FrontendError> {
        let files: Option<Vec<String>> = match &answer["files"] {
            Value::Null => Some(vec![]),
            v => {
                v.as_array().and_then(|l| l.iter().map(|f| f.as_str().map(str::to_owned)).collect())
            }
        };
        let files =
            files.ok_or_else(|| self.failed("answered with `files` that is no list of names"))?;
        Arrays::read(out, &files)
            .map_err(|e| self.failed(format!("answered with files that cannot be used: {e}")))
    }

    /// An empty folder for the files of an answer.
    fn out(&self, job: &Job<'_>) -> Result<PathBuf, FrontendError> {
        let out = job.scratch().join("out");
        if out.exists() {
            // Half-written files of a child that was ended are not taken for an answer's.
            std::fs::remove_dir_all(&out).map_err(FrontendError::io(&out, "empty"))?;
        }
        std::fs::create_dir_all(&out).map_err(FrontendError::io(&out, "create"))?;
        out.canonicalize().map_err(FrontendError::io(&out, "find"))
    }
}

/// How a child ended, in words.
fn ended(running: &mut Running, when: &str) -> String {
    let (status, tail) = running.end();
    let how = match status {
        None => format!("closed its output {when}"),
        Some(s) => match s.code() {
            // How a shell says that its command was killed.
            Some(code @ 129..160) => format!("was killed by signal {} {when}", code - 128),
            Some(code) => format!("ended with code {code} {when}"),
            None => format!("was killed {when}"),
        },
    };
    if tail.is_empty() { how } else { format!("{how}: {tail}") }
}

/// The photos as they are sent.
fn sent(photos: &[Photo]) -> Result<Value, FrontendError> {
    photos
        .iter()
        .enumerate()
        .map(|(index, p)| {
            let file = p.file.canonicalize().map_err(FrontendError::io(&p.file, "find"))?;
            Ok(json!({
                "index": index, "name": p.name, "file": file.to_string_lossy(),
                "width": p.width, "height": p.height, "time": p.time,
            }))
        })
        .collect::<Result<Vec<Value>, FrontendError>>()
        .map(Value::Array)
}

impl Reconstruct for Exec {
    fn identity(&self) -> Identity {
        Exec::identity(self)
    }

    fn reconstruct(&self, input: &Input, job: &Job<'_>) -> Result<Reconstructed, FrontendError> {
        if input.photos.is_empty() {
            return Err(FrontendError {
                fault: Fault::Input,
                what: format!(
                    "{}: {} has no photos to send",
                    input.path.display(),
                    input.kind.name()
                ),
                remedy: "give a folder of photos or a video".into(),
            });
        }
        let out = self.out(job)?;
        let request = json!({
            "type": "reconstruct", "id": 1, "photos": sent(&input.photos)?,
            "out": out.to_string_lossy(), "options": self.external.options,
        });
        let answer = self.ask(&request, job)?;
        let arrays = self.arrays(&answer, &out)?;
        let r = reconstruction_of(&answer, &arrays, input.photos.clone())
            .map_err(|e| self.failed(format!("answered with what cannot be true: {e}")))?;
        Ok(Reconstructed::Views(r))
    }
}

impl Ground for Exec {
    fn identity(&self) -> Identity {
        Exec::identity(self)
    }

    fn ground(
        &self,
        photos: &[Photo],
        prompts: &[String],
        job: &Job<'_>,
    ) -> Result<Detections, FrontendError> {
        let out = self.out(job)?;
        let request = json!({
            "type": "ground", "id": 1, "photos": sent(photos)?, "prompts": prompts,
            "out": out.to_string_lossy(), "options": self.external.options,
        });
        let answer = self.ask(&request, job)?;
        let arrays = self.arrays(&answer, &out)?;
        detections_of(&answer, &arrays, photos)
            .map_err(|e| self.failed(format!("answered with what cannot be true: {e}")))
    }
}
