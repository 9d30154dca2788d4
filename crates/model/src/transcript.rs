//! Recorded conversations: a line for each request, addressed by its content.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::request::key_of;
use crate::{Listener, ModelError, Origin, Provider, Reply, Request, stream};

/// Largest transcript that is read.
const MAX_BYTES: u64 = 256 << 20;

fn wrong(file: &str, line: usize, why: &str) -> ModelError {
    ModelError::configuration(
        format!("{file}:{line}: {why}"),
        "a transcript is written by `--model record:FILE:NAME` (spec/json/transcript-line.v1.json)",
    )
}

/// Answers by address. Every line is checked: its key is the address of its request, and no two lines answer
/// one request differently.
pub(crate) fn parse(file: &str, text: &str) -> Result<BTreeMap<String, Reply>, ModelError> {
    let mut replies: BTreeMap<String, (Reply, usize)> = BTreeMap::new();
    for (i, line) in text.lines().enumerate() {
        let n = i + 1;
        if line.trim().is_empty() {
            continue;
        }
        let row: Value =
            serde_json::from_str(line).map_err(|e| wrong(file, n, &format!("is not JSON: {e}")))?;
        if row.get("schema").and_then(Value::as_u64) != Some(1) {
            return Err(wrong(file, n, "lacks `\"schema\": 1`"));
        }
        let key = row.get("key").and_then(Value::as_str);
        let key = key.ok_or_else(|| wrong(file, n, "lacks `key`"))?;
        let request = row.get("request").ok_or_else(|| wrong(file, n, "lacks `request`"))?;
        let address = key_of(request);
        if key != address {
            let why = format!("its `key` is not the address of its request, which is {address}");
            return Err(wrong(file, n, &why));
        }
        let reply = row.get("reply").ok_or_else(|| wrong(file, n, "lacks `reply`"))?;
        let reply = Reply::read(reply).map_err(|e| wrong(file, n, &format!("`reply`: {e}")))?;
        let reply = Reply { origin: Origin::Replayed, ..reply };
        if let Some((before, at)) = replies.get(key)
            && *before != reply
        {
            let why = format!("answers the request of line {at} differently");
            return Err(wrong(file, n, &why));
        }
        replies.entry(key.to_owned()).or_insert((reply, n));
    }
    Ok(replies.into_iter().map(|(k, r)| (k, r.0)).collect())
}

fn read(path: &Path) -> Result<BTreeMap<String, Reply>, ModelError> {
    let file = path.display().to_string();
    let fail = |why: String| ModelError::configuration(format!("{file}: {why}"), "check the path");
    let size = std::fs::metadata(path).map_err(|e| fail(e.to_string()))?.len();
    if size > MAX_BYTES {
        return Err(fail(format!("{size} bytes; a transcript has at most {MAX_BYTES}")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| fail(e.to_string()))?;
    parse(&file, &text)
}

/// A transcript that answers.
#[derive(Debug)]
pub struct Replay {
    file: String,
    replies: BTreeMap<String, Reply>,
}

impl Replay {
    /// Opens a transcript.
    pub fn open(path: &Path) -> Result<Replay, ModelError> {
        Ok(Replay { file: path.display().to_string(), replies: read(path)? })
    }
}

impl Provider for Replay {
    fn name(&self) -> &str {
        // Without the file: what a run prints must not depend on where the transcript lies.
        "replay"
    }

    fn ask(&self, request: &Request) -> Result<Reply, ModelError> {
        let key = request.key();
        self.replies
            .get(&key)
            .cloned()
            .ok_or_else(|| ModelError::NotRecorded { file: self.file.clone(), key })
    }
}

/// A provider whose answers are written down. What the transcript holds already is answered from it, so that
/// a recording that was interrupted goes on where it stopped.
pub struct Recording<P> {
    inner: P,
    path: PathBuf,
    replies: Mutex<BTreeMap<String, Reply>>,
}

impl<P: Provider> Recording<P> {
    /// Records into a file, which is made where it is absent.
    pub fn open(inner: P, path: &Path) -> Result<Recording<P>, ModelError> {
        let replies = if path.exists() { read(path)? } else { BTreeMap::new() };
        let recording = Recording { inner, path: path.to_owned(), replies: Mutex::new(replies) };
        // Found out before a model is asked, not after.
        recording.append("")?;
        Ok(recording)
    }

    fn append(&self, line: &str) -> Result<(), ModelError> {
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .and_then(|mut f| f.write_all(line.as_bytes()))
            .map_err(|e| {
                ModelError::configuration(
                    format!("{}: {e}", self.path.display()),
                    "check the folder and the disk",
                )
            })
    }
}

impl<P: Provider> Provider for Recording<P> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn grammar(&self) -> Option<crate::GrammarFormat> {
        self.inner.grammar()
    }

    fn ask(&self, request: &Request) -> Result<Reply, ModelError> {
        match self.known(request) {
            Some(reply) => Ok(reply),
            None => self.keep(request, self.inner.ask(request)?),
        }
    }

    fn stream(&self, request: &Request, heard: &mut Listener<'_>) -> Result<Reply, ModelError> {
        if let Some(reply) = self.known(request) {
            stream::whole(&reply.text, heard);
            return Ok(reply);
        }
        self.keep(request, self.inner.stream(request, heard)?)
    }
}

impl<P: Provider> Recording<P> {
    fn known(&self, request: &Request) -> Option<Reply> {
        let replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        replies.get(&request.key()).cloned()
    }

    fn keep(&self, request: &Request, reply: Reply) -> Result<Reply, ModelError> {
        let canonical = request.canonical();
        let key = key_of(&canonical);
        let line = json!({
            "schema": 1,
            "key": key,
            "provider": self.inner.name(),
            "request": canonical,
            "reply": reply.json(),
        });
        let mut replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Vacant(free) = replies.entry(key) {
            self.append(&format!("{line}\n"))?;
            free.insert(Reply { origin: Origin::Replayed, retries: 0, ..reply.clone() });
        }
        Ok(reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Message, Role};

    struct Echo;

    impl Provider for Echo {
        fn name(&self) -> &str {
            "echo"
        }

        fn ask(&self, request: &Request) -> Result<Reply, ModelError> {
            Ok(Reply { text: request.system.clone(), complete: true, ..Reply::default() })
        }
    }

    fn request(text: &str) -> Request {
        Request {
            system: text.into(),
            messages: vec![Message::text(Role::User, "?")],
            max_tokens: 5,
            grammar: None,
        }
    }

    #[test]
    fn what_is_recorded_is_replayed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.jsonl");
        let recording = Recording::open(Echo, &path).unwrap();
        assert_eq!(recording.ask(&request("a")).unwrap().origin, Origin::Asked);
        assert_eq!(recording.ask(&request("a")).unwrap().origin, Origin::Replayed);
        recording.ask(&request("b\n\"c\"")).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
        let replay = Replay::open(&path).unwrap();
        let got = replay.ask(&request("b\n\"c\"")).unwrap();
        assert_eq!((got.text.as_str(), got.origin), ("b\n\"c\"", Origin::Replayed));
        let e = replay.ask(&request("c")).unwrap_err();
        assert!(matches!(e, ModelError::NotRecorded { .. }), "{e}");
        // A second recording goes on.
        let again = Recording::open(Echo, &path).unwrap();
        assert_eq!(again.ask(&request("a")).unwrap().origin, Origin::Replayed);
    }

    #[test]
    fn a_transcript_is_checked_line_by_line() {
        let request = request("a").canonical();
        let key = key_of(&request);
        let line = |key: &str, text: &str| {
            json!({"schema": 1, "key": key, "request": request, "reply": {"text": text}})
                .to_string()
        };
        assert_eq!(parse("f", &format!("{}\n\n", line(&key, "x"))).unwrap().len(), 1);
        for (text, says) in [
            ("{".to_owned(), "f:1: is not JSON"),
            ("{}".to_owned(), "schema"),
            (line("00", "x"), "not the address"),
            (
                format!("{}\n{}", line(&key, "x"), line(&key, "y")),
                "f:2: answers the request of line 1",
            ),
            (json!({"schema": 1, "key": key, "request": request}).to_string(), "lacks `reply`"),
        ] {
            let e = parse("f", &text).unwrap_err();
            assert!(e.to_string().contains(says), "{e}");
        }
    }
}
