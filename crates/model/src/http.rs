//! One request over HTTP, its answer as JSON, everything else as a typed error.

use std::io::{BufRead as _, BufReader, ErrorKind};
use std::time::Duration;

use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body};

use crate::error::excerpt;
use crate::stream::{Events, Gathers};
use crate::{Heard, Listener, ModelError, Secret};

/// Largest answer that is read.
const MAX_ANSWER: u64 = 16 << 20;
/// Largest error text that is read.
const MAX_COMPLAINT: u64 = 64 << 10;

/// The document of a streamed answer.
pub(crate) enum Streamed {
    /// What was heard in pieces.
    Heard(Value),
    /// What came at once.
    Whole(Value),
}

/// A client for one provider.
pub(crate) struct Http {
    agent: Agent,
    provider: String,
    base: String,
    key: Option<Secret>,
    timeout: Duration,
}

/// The machine a base address names, where it is one that may get requests.
fn host(base: &str) -> Option<(&str, bool)> {
    let (rest, safe) = match base.strip_prefix("https://") {
        Some(rest) => (rest, true),
        None => (base.strip_prefix("http://")?, false),
    };
    let authority = rest.split(['/', '?', '#']).next().filter(|a| !a.is_empty())?;
    if authority.contains('@') || base.contains(['?', '#']) {
        return None;
    }
    let name = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => authority.rsplit_once(':').map_or(authority, |a| a.0),
    };
    Some((name, safe))
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|a| a.is_loopback())
}

impl Http {
    /// A client for a base address. A key is refused for plain HTTP to another machine.
    pub(crate) fn new(
        provider: &str,
        base: &str,
        key: Option<Secret>,
        timeout: Duration,
    ) -> Result<Http, ModelError> {
        let base = base.trim().trim_end_matches('/');
        let Some((host, safe)) = host(base) else {
            return Err(ModelError::configuration(
                format!("{provider}: the base URL is not of the form https://host[:port][/path]"),
                "set it without user, password, query or fragment",
            ));
        };
        if key.is_some() && !safe && !is_this_machine(host) {
            return Err(ModelError::configuration(
                format!("{provider}: a key would go over plain HTTP to {host}"),
                "use https, or unset the key where the server needs none",
            ));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A redirect would carry the request, and perhaps its key, elsewhere.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(timeout))
            .user_agent(concat!("reasmory/", env!("CARGO_PKG_VERSION")));
        let config = if is_this_machine(host) { config.proxy(None) } else { config };
        let agent = config.build().new_agent();
        Ok(Http { agent, provider: provider.to_owned(), base: base.to_owned(), key, timeout })
    }

    pub(crate) fn provider(&self) -> &str {
        &self.provider
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    fn clean(&self, text: &str) -> String {
        let text = excerpt(text);
        self.key.as_ref().map_or_else(|| text.clone(), |k| k.blank(&text))
    }

    /// Posts JSON to a path below the base; `header` names the one that carries the key, after `prefix`.
    pub(crate) fn post(
        &self,
        path: &str,
        key: (&str, &str),
        more: &[(&str, &str)],
        body: &Value,
    ) -> Result<Value, ModelError> {
        self.read(self.send(path, key, more, body, "application/json")?)
    }

    /// Posts JSON and hears the answer's events as they come; the document of the whole. A server that does
    /// not stream may send that at once.
    pub(crate) fn stream(
        &self,
        path: &str,
        key: (&str, &str),
        more: &[(&str, &str)],
        body: &Value,
        mut gathers: Box<dyn Gathers>,
        heard: &mut Listener<'_>,
    ) -> Result<Streamed, ModelError> {
        let mut response = self.send(path, key, more, body, "text/event-stream")?;
        let mime = response.body().mime_type().unwrap_or("").to_ascii_lowercase();
        if mime != "text/event-stream" || !response.status().is_success() {
            return self.read(response).map(Streamed::Whole);
        }
        if heard(Heard::Begin).is_break() {
            return Ok(Streamed::Heard(gathers.document()));
        }
        let reader = response.body_mut().with_config().limit(MAX_ANSWER).reader();
        let mut lines = BufReader::new(reader);
        let (mut events, mut line) = (Events::default(), Vec::new());
        loop {
            line.clear();
            let n = lines.read_until(b'\n', &mut line).map_err(|e| self.broken(e))?;
            // An event that no blank line ends is none, save where the connection ends with it.
            let text = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line));
            let event = if n == 0 { events.line("") } else { events.line(&text) };
            if let Some(data) = event.filter(|d| d.trim() != "[DONE]") {
                let value: Value = serde_json::from_str(&data).map_err(|e| {
                    let provider = self.provider.clone();
                    match e.is_eof() && n == 0 {
                        true => ModelError::CutOff { provider, why: "within an event".into() },
                        false => ModelError::Malformed { provider, why: format!("no JSON: {e}") },
                    }
                })?;
                let more = gathers.take(&value).map_err(|e| self.cleaned(e))?;
                if more.is_some_and(|t| heard(Heard::Text(&t)).is_break()) {
                    return Ok(Streamed::Heard(gathers.document()));
                }
            }
            if n == 0 {
                break;
            }
        }
        if !gathers.ended() {
            let provider = self.provider.clone();
            return Err(ModelError::CutOff { provider, why: "before it said that it ends".into() });
        }
        Ok(Streamed::Heard(gathers.document()))
    }

    /// Servers may repeat what they were sent.
    fn cleaned(&self, e: ModelError) -> ModelError {
        match e {
            ModelError::Status { provider, code, message, retry_after } => {
                ModelError::Status { provider, code, message: self.clean(&message), retry_after }
            }
            e => e,
        }
    }

    fn broken(&self, e: std::io::Error) -> ModelError {
        match e.downcast::<ureq::Error>() {
            Ok(e) => self.transport(&e, true),
            Err(e) => self.transport(&ureq::Error::Io(e), true),
        }
    }

    fn send(
        &self,
        path: &str,
        (header, prefix): (&str, &str),
        more: &[(&str, &str)],
        body: &Value,
        accept: &str,
    ) -> Result<Response<Body>, ModelError> {
        let mut request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .header("accept", accept);
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        if let Some(key) = &self.key {
            request = request.header(header, format!("{prefix}{}", key.expose()));
        }
        let answer = request.send(body.to_string().as_bytes());
        answer.map_err(|e| self.transport(&e, false))
    }

    /// Gets JSON from a path below the base.
    pub(crate) fn get(
        &self,
        path: &str,
        (header, prefix): (&str, &str),
    ) -> Result<Value, ModelError> {
        let mut request =
            self.agent.get(format!("{}{path}", self.base)).header("accept", "application/json");
        if let Some(key) = &self.key {
            request = request.header(header, format!("{prefix}{}", key.expose()));
        }
        self.read(request.call().map_err(|e| self.transport(&e, false))?)
    }

    /// The JSON of an answer.
    fn read(&self, mut response: Response<Body>) -> Result<Value, ModelError> {
        let code = response.status().as_u16();
        if !(200..300).contains(&code) {
            let after = response.headers().get("retry-after").and_then(|v| v.to_str().ok());
            let retry_after = after.and_then(seconds);
            let text = response.body_mut().with_config().limit(MAX_COMPLAINT).lossy_utf8(true);
            let message = complaint(&text.read_to_string().unwrap_or_default());
            let message = self.clean(&message);
            let provider = self.provider.clone();
            return Err(ModelError::Status { provider, code, message, retry_after });
        }
        let mime = response.body().mime_type().unwrap_or("").to_ascii_lowercase();
        if mime != "application/json" && !mime.ends_with("+json") {
            let found =
                if mime.is_empty() { "of no stated type".into() } else { self.clean(&mime) };
            return Err(ModelError::ContentType { provider: self.provider.clone(), found });
        }
        let bytes = response
            .body_mut()
            .with_config()
            .limit(MAX_ANSWER)
            .read_to_vec()
            .map_err(|e| self.transport(&e, true))?;
        serde_json::from_slice(&bytes).map_err(|e| {
            let provider = self.provider.clone();
            // Without a stated length the end of the connection looks like the end of the answer.
            if e.is_eof() {
                ModelError::CutOff { provider, why: format!("after {} bytes", bytes.len()) }
            } else {
                ModelError::Malformed { provider, why: format!("no JSON: {e}") }
            }
        })
    }

    /// A failure of the connection, before an answer (`begun` false) or within one.
    fn transport(&self, e: &ureq::Error, begun: bool) -> ModelError {
        let provider = self.provider.clone();
        let why = self.clean(&e.to_string());
        let timed_out = match e {
            ureq::Error::Timeout(_) => true,
            ureq::Error::Io(e) => matches!(e.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock),
            _ => false,
        };
        match e {
            _ if timed_out => ModelError::TimedOut { provider, limit: self.timeout },
            ureq::Error::BodyExceedsLimit(n) => {
                ModelError::Malformed { provider, why: format!("it has more than {n} bytes") }
            }
            ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::InvalidProxyUrl => {
                ModelError::configuration(
                    format!("{provider}: the request cannot be sent: {why}"),
                    "check the base URL, the model's name and the proxy settings",
                )
            }
            _ if begun => ModelError::CutOff { provider, why },
            _ => ModelError::Unreachable { provider, why },
        }
    }
}

/// Seconds of a `Retry-After` header. Its other form, a date, is not read: the schedule decides then.
fn seconds(text: &str) -> Option<Duration> {
    let s: f64 = text.trim().parse().ok()?;
    (s.is_finite() && s >= 0.0).then(|| Duration::from_secs_f64(s.min(86_400.0)))
}

/// What an error answer says: the `message` the protocols have, else the text.
fn complaint(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let error = value.get("error").unwrap_or(&value);
    let message = error.get("message").or_else(|| value.get("message")).unwrap_or(error);
    message.as_str().map_or_else(|| text.to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_travel_in_the_open() {
        let http = |base: &str, key: Option<&str>| {
            Http::new("p", base, key.and_then(Secret::new), Duration::from_secs(1)).map(|_| ())
        };
        assert!(http("https://api.example.com/v1", Some("k")).is_ok());
        assert!(http("http://127.0.0.1:8000/v1", Some("k")).is_ok());
        assert!(http("http://[::1]:8000", Some("k")).is_ok());
        assert!(http("http://10.0.0.5:8000", None).is_ok());
        for base in
            ["http://10.0.0.5:8000", "http://localhost.example.com", "http://127.0.0.1.example.com"]
        {
            let e = http(base, Some("k")).unwrap_err().to_string();
            assert!(e.contains("plain HTTP"), "{e}");
        }
        for base in ["", "ftp://x", "https://", "https://user:secret@x", "https://x/?key=1", "x"] {
            let e = http(base, None).unwrap_err().to_string();
            assert!(e.contains("base URL") && !e.contains("secret"), "{e}");
        }
    }

    #[test]
    fn what_servers_say() {
        assert_eq!(complaint(r#"{"error": {"message": "no such model"}}"#), "no such model");
        assert_eq!(complaint(r#"{"error": "busy"}"#), "busy");
        assert_eq!(complaint("<html>"), "<html>");
        assert_eq!(seconds("2"), Some(Duration::from_secs(2)));
        assert_eq!(seconds("1.5"), Some(Duration::from_millis(1500)));
        assert_eq!(seconds("Wed, 21 Oct 2015 07:28:00 GMT"), None);
        assert_eq!(seconds("-1"), None);
        assert_eq!(seconds("inf"), None);
    }
}
