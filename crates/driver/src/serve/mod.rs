//! `serve --stdio`: a session over JSON-RPC 2.0, a line for each message, and the same as a server of the Model
//! Context Protocol (its methods `initialize`, `ping`, `tools/list` and `tools/call`).
//!
//! A server is a function from lines to lines: it has no clock, and the same requests give the same bytes. So a
//! transcript of it can be replayed and compared.

mod mcp;
mod tools;

use rust_mcp_schema::mcp_2025_06_18::{
    INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR,
};
use serde_json::{Value, json};

use crate::session::{Session, SessionLimits};
use crate::{RunOptions, Scene};

pub use mcp::PROTOCOLS;
pub use tools::names as tool_names;

/// Longest line that is read, in bytes.
pub const LONGEST_LINE: usize = 1 << 20;

/// What a server may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServeLimits {
    /// Of its session.
    pub session: SessionLimits,
    /// Requests that are answered.
    pub requests: usize,
}

impl Default for ServeLimits {
    fn default() -> Self {
        ServeLimits { session: SessionLimits::default(), requests: 10_000 }
    }
}

/// An error of JSON-RPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RpcError {
    code: i64,
    message: String,
}

impl RpcError {
    fn new(code: i64, message: impl Into<String>) -> RpcError {
        RpcError { code, message: message.into() }
    }

    /// Parameters that are missing or wrong.
    pub(crate) fn params(message: impl Into<String>) -> RpcError {
        RpcError::new(INVALID_PARAMS, message)
    }
}

/// A server over one scene.
#[derive(Debug)]
pub struct Server<'s> {
    session: Session<'s>,
    limits: ServeLimits,
    answered: usize,
}

impl<'s> Server<'s> {
    /// A server with an empty session.
    pub fn new(scene: &'s Scene, options: RunOptions, limits: ServeLimits) -> Server<'s> {
        Server { session: Session::new(scene, options, limits.session), limits, answered: 0 }
    }

    /// The answer to a line, without its end; nothing for notifications and blank lines.
    pub fn line(&mut self, line: &str) -> Option<String> {
        if line.trim().is_empty() {
            return None;
        }
        let failed = |id: Value, e: RpcError| {
            json!({
                "jsonrpc": "2.0",
                "id": id,
                "error": {"code": e.code, "message": e.message},
            })
            .to_string()
        };
        if line.len() > LONGEST_LINE {
            let e =
                RpcError::new(INVALID_REQUEST, format!("a line has at most {LONGEST_LINE} bytes"));
            return Some(failed(Value::Null, e));
        }
        let request: Value = match serde_json::from_str(line) {
            Ok(v) => v,
            Err(e) => {
                return Some(failed(
                    Value::Null,
                    RpcError::new(PARSE_ERROR, format!("no JSON: {e}")),
                ));
            }
        };
        let id = request.get("id").cloned();
        let known = |v: &Value| v.is_string() || v.is_i64() || v.is_u64();
        let method = request.get("method").and_then(Value::as_str);
        let wrong = request.get("jsonrpc").and_then(Value::as_str) != Some("2.0")
            || id.as_ref().is_some_and(|v| !known(v));
        let (Some(method), false) = (method, wrong) else {
            // An answer to a request of ours: there are none.
            if request.get("result").is_some() || request.get("error").is_some() {
                return None;
            }
            let id = id.filter(known).unwrap_or(Value::Null);
            let e = RpcError::new(
                INVALID_REQUEST,
                "write {\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": …}",
            );
            return Some(failed(id, e));
        };
        let id = id?;
        self.answered += 1;
        let result = if self.answered > self.limits.requests {
            let most = format!("at most {} requests are answered", self.limits.requests);
            Err(RpcError::new(-32000, most))
        } else {
            let none = Value::Null;
            self.call(method, request.get("params").unwrap_or(&none))
        };
        Some(match result {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string(),
            Err(e) => failed(id, e),
        })
    }

    fn call(&mut self, method: &str, params: &Value) -> Result<Value, RpcError> {
        match method {
            "initialize" => Ok(mcp::initialize(params)),
            "ping" => Ok(json!({})),
            "tools/list" => Ok(mcp::list()),
            "tools/call" => {
                let name = params.get("name").and_then(Value::as_str);
                let name = name.ok_or_else(|| RpcError::params("`name` is missing"))?;
                let none = json!({});
                let arguments = params.get("arguments").filter(|a| !a.is_null()).unwrap_or(&none);
                Ok(mcp::result(&tools::call(&mut self.session, name, arguments)?))
            }
            // The same, plainly.
            other => match other.strip_prefix("session/") {
                Some(name) if tools::names().any(|n| n == name) => {
                    let none = json!({});
                    let arguments = if params.is_null() { &none } else { params };
                    Ok(tools::call(&mut self.session, name, arguments)?.plain())
                }
                _ => Err(RpcError::new(METHOD_NOT_FOUND, format!("there is no method {other:?}"))),
            },
        }
    }
}

/// A transcript: a line `{"in": …, "out": …}` for each line that was read; `out` is null where nothing was said.
pub fn transcript_line(line: &str, answer: Option<&str>) -> String {
    json!({"in": line, "out": answer}).to_string()
}

/// The first line of a transcript whose answer is another now: its number, what was said and what is said. `Err`
/// where a line is no line of a transcript.
pub fn replay(
    server: &mut Server<'_>,
    transcript: &str,
) -> Result<Option<(usize, String, String)>, String> {
    for (i, line) in transcript.lines().enumerate() {
        let row: Value =
            serde_json::from_str(line).map_err(|e| format!("line {}: no JSON: {e}", i + 1))?;
        let said = row.get("in").and_then(Value::as_str);
        let said = said.ok_or_else(|| format!("line {}: `in` is missing", i + 1))?;
        let then = row.get("out").and_then(Value::as_str).unwrap_or("");
        let now = server.line(said).unwrap_or_default();
        if now != then {
            return Ok(Some((i + 1, then.to_owned(), now)));
        }
    }
    Ok(None)
}

/// Any bytes as lines to a server: answers are JSON, and no panic.
pub fn fuzz(scene: &Scene, bytes: &[u8]) {
    let mut server = Server::new(scene, RunOptions::default(), ServeLimits::default());
    for line in String::from_utf8_lossy(bytes).lines().take(8) {
        if let Some(answer) = server.line(line) {
            let v: Result<Value, _> = serde_json::from_str(&answer);
            assert!(v.is_ok_and(|v| v["jsonrpc"] == "2.0") && !answer.contains('\n'));
        }
    }
}
