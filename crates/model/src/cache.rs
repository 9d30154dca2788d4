//! Answers kept on disk, a file each, by address.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{Listener, ModelError, Origin, Provider, Reply, Request, stream};

/// A provider whose answers are kept in a folder. Answers of one model are never given for another's: its
/// name is part of the file's.
pub struct Caching<P> {
    inner: P,
    folder: PathBuf,
}

impl<P: Provider> Caching<P> {
    /// Keeps answers in a folder, which is made where it is absent.
    pub fn open(inner: P, folder: &Path) -> Result<Caching<P>, ModelError> {
        std::fs::create_dir_all(folder).map_err(|e| {
            ModelError::configuration(
                format!("{}: {e}", folder.display()),
                "set REASMORY_MODEL_CACHE to a folder that can be written",
            )
        })?;
        Ok(Caching { inner, folder: folder.to_owned() })
    }

    fn path(&self, request: &Request) -> PathBuf {
        let mut hash = blake3::Hasher::new();
        hash.update(self.inner.name().as_bytes());
        hash.update(b"\0");
        hash.update(request.key().as_bytes());
        if let Some(grammar) = &request.grammar {
            hash.update(b"\0");
            hash.update(grammar.as_bytes());
        }
        self.folder.join(format!("{}.json", hash.finalize().to_hex()))
    }
}

impl<P: Provider> Provider for Caching<P> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn grammar(&self) -> Option<crate::GrammarFormat> {
        self.inner.grammar()
    }

    fn ask(&self, request: &Request) -> Result<Reply, ModelError> {
        match self.known(request) {
            Some(reply) => Ok(reply),
            None => self.inner.ask(request).map(|reply| self.keep(request, reply)),
        }
    }

    fn stream(&self, request: &Request, heard: &mut Listener<'_>) -> Result<Reply, ModelError> {
        if let Some(reply) = self.known(request) {
            stream::whole(&reply.text, heard);
            return Ok(reply);
        }
        let mut ended = false;
        let reply = self.inner.stream(request, &mut |h| {
            let on = heard(h);
            ended |= on.is_break();
            on
        })?;
        // An answer that was ended is not the model's whole answer to the request.
        Ok(if ended { reply } else { self.keep(request, reply) })
    }
}

impl<P: Provider> Caching<P> {
    /// What cannot be read is asked again and replaced: a cache may be thrown away at any time.
    fn known(&self, request: &Request) -> Option<Reply> {
        let bytes = std::fs::read(self.path(request)).ok()?;
        let reply = Reply::read(&serde_json::from_slice::<Value>(&bytes).ok()?).ok()?;
        Some(Reply { origin: Origin::Cached, ..reply })
    }

    fn keep(&self, request: &Request, reply: Reply) -> Reply {
        let path = self.path(request);
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let kept = std::fs::write(&temporary, reply.json().to_string())
            .and_then(|()| std::fs::rename(&temporary, &path));
        if kept.is_err() {
            // The answer is paid for: a full disk must not lose it.
            let _ = std::fs::remove_file(&temporary);
        }
        reply
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::{Message, Role};

    struct Counting(&'static str, AtomicU32);

    impl Provider for Counting {
        fn name(&self) -> &str {
            self.0
        }

        fn ask(&self, _: &Request) -> Result<Reply, ModelError> {
            let n = self.1.fetch_add(1, Ordering::Relaxed);
            Ok(Reply { text: n.to_string(), complete: true, ..Reply::default() })
        }
    }

    #[test]
    fn asks_once_by_model_and_request() {
        let dir = tempfile::tempdir().unwrap();
        let request = |text: &str| Request {
            system: text.into(),
            messages: vec![Message::text(Role::User, "?")],
            max_tokens: 5,
            grammar: None,
        };
        let open = |name| Caching::open(Counting(name, AtomicU32::new(0)), dir.path()).unwrap();
        let a = open("a");
        assert_eq!(a.ask(&request("x")).unwrap().origin, Origin::Asked);
        assert_eq!(a.ask(&request("x")).unwrap().origin, Origin::Cached);
        assert_eq!(a.ask(&request("y")).unwrap().text, "1");
        assert_eq!(open("b").ask(&request("x")).unwrap().origin, Origin::Asked);
        assert_eq!(open("a").ask(&request("x")).unwrap().origin, Origin::Cached);
        // A broken file is asked again.
        std::fs::write(a.path(&request("x")), "{").unwrap();
        assert_eq!(a.ask(&request("x")).unwrap().text, "2");
        assert_eq!(a.ask(&request("x")).unwrap().text, "2");
    }
}
