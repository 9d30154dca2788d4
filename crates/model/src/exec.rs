//! A command as a model: a request on standard input, the answer on standard output.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::error::excerpt;
use crate::{ModelError, Provider, Reply, Request};

/// Largest answer that is read.
const MAX_ANSWER: u64 = 16 << 20;
/// Most of standard error that is kept.
const MAX_COMPLAINT: u64 = 64 << 10;
/// How often an ended command is looked for.
const GLANCE: Duration = Duration::from_millis(2);

/// A command, run by the system's shell once for each request.
#[derive(Clone, Debug)]
pub struct Exec {
    command: String,
    timeout: Duration,
}

impl Exec {
    /// A command with the time it may take.
    pub fn new(command: &str, timeout: Duration) -> Result<Exec, ModelError> {
        if command.trim().is_empty() {
            return Err(ModelError::configuration(
                "`exec:` names no command",
                "write `exec:COMMAND`, for instance `exec:python3 my_model.py`",
            ));
        }
        Ok(Exec { command: command.to_owned(), timeout })
    }

    fn start(&self) -> Result<Child, ModelError> {
        let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
        Command::new(shell)
            .arg(flag)
            .arg(&self.command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| ModelError::Command { why: format!("`{shell}` cannot be run: {e}") })
    }
}

/// Reads a stream on a thread of its own; a command that fills one pipe while the other is read cannot block.
fn reader(
    stream: Option<impl std::io::Read + Send + 'static>,
    most: u64,
) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            let _ = stream.take(most).read_to_end(&mut bytes);
        }
        let _ = send.send(bytes);
    });
    receive
}

impl Provider for Exec {
    fn name(&self) -> &str {
        // The command may name files and holds whatever its author put there.
        "exec"
    }

    fn ask(&self, request: &Request) -> Result<Reply, ModelError> {
        let mut input = json!({"schema": 1, "key": request.key()});
        if let (Some(fields), Value::Object(more)) = (input.as_object_mut(), request.complete()) {
            fields.extend(more);
        }
        let start = Instant::now();
        let mut child = self.start()?;
        let out = reader(child.stdout.take(), MAX_ANSWER + 1);
        let err = reader(child.stderr.take(), MAX_COMPLAINT);
        let mut stdin = child.stdin.take();
        std::thread::spawn(move || {
            if let Some(pipe) = &mut stdin {
                // A command need not read its question.
                let _ = pipe.write_all(input.to_string().as_bytes());
            }
        });
        let timed_out =
            || ModelError::TimedOut { provider: "exec".to_owned(), limit: self.timeout };
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if start.elapsed() >= self.timeout => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(timed_out());
                }
                Ok(None) => std::thread::sleep(GLANCE),
                Err(e) => {
                    let why = format!("the command cannot be waited for: {e}");
                    return Err(ModelError::Command { why });
                }
            }
        };
        // A process that the command left behind may hold the pipes open.
        let left = || self.timeout.saturating_sub(start.elapsed());
        let answer = out.recv_timeout(left()).map_err(|_| timed_out())?;
        if !status.success() {
            let said = err.recv_timeout(left()).unwrap_or_default();
            let said = excerpt(&String::from_utf8_lossy(&said));
            let how = match status.code() {
                Some(code) => format!("the command ended with code {code}"),
                None => "the command was killed".to_owned(),
            };
            let why = if said.is_empty() { how } else { format!("{how}: {said}") };
            return Err(ModelError::Command { why });
        }
        answer_of(&answer)
    }
}

/// The reply that a command wrote.
pub(crate) fn answer_of(bytes: &[u8]) -> Result<Reply, ModelError> {
    if bytes.len() as u64 > MAX_ANSWER {
        return Err(ModelError::malformed("exec", format!("it has more than {MAX_ANSWER} bytes")));
    }
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|e| ModelError::malformed("exec", format!("no JSON: {e}")))?;
    Reply::read(&value).map_err(|why| ModelError::malformed("exec", why))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::{Message, Role};

    fn ask(command: &str, seconds: f64) -> Result<Reply, ModelError> {
        let request = Request {
            system: "system".into(),
            messages: vec![Message::text(Role::User, "x".repeat(300_000))],
            max_tokens: 5,
            grammar: None,
        };
        Exec::new(command, Duration::from_secs_f64(seconds))?.ask(&request)
    }

    #[test]
    fn a_command_answers() {
        let reply =
            ask(r#"cat > /dev/null; echo '{"text": "2", "usage": {"input_tokens": 3}}'"#, 30.0);
        let reply = reply.unwrap();
        assert_eq!((reply.text.as_str(), reply.usage.map(|u| u.input)), ("2", Some(3)));
        // It gets the whole request.
        let text = ask(r#"printf '{"text": "%s"}' "$(wc -c)""#, 30.0).unwrap().text;
        assert!(text.trim().parse::<usize>().unwrap() > 300_000, "{text}");
        // It need not read it.
        assert_eq!(ask(r#"echo '{"text": "1"}'"#, 30.0).unwrap().text, "1");
    }

    #[test]
    fn a_command_fails() {
        let says = |command: &str, seconds: f64| ask(command, seconds).unwrap_err().to_string();
        assert_eq!(
            says("echo no luck >&2; exit 3", 30.0),
            "the command ended with code 3: no luck"
        );
        assert!(says("echo hello", 30.0).contains("no JSON"));
        assert!(says("echo '{}'", 30.0).contains("no `text`"));
        assert!(says("sleep 20", 0.05).contains("no answer within 0.05 s"));
        assert!(says("sleep 20 & exit 0", 0.2).contains("no answer within"));
        assert!(says("", 1.0).contains("names no command"));
        assert!(says("/no/such/program", 30.0).contains("code 127"));
    }
}
