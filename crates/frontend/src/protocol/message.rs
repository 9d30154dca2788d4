//! The messages of a child, one JSON object a line.

use serde_json::Value;

/// Version of the protocol.
pub const PROTOCOL: u64 = 1;
/// Longest text of a message that is shown.
const SHOWN: usize = 400;

/// What a child says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hello {
    /// Its name.
    pub name: String,
    /// Its version: changes whenever the same request may give another result.
    pub version: String,
    /// Whether it answers `reconstruct`.
    pub reconstruct: bool,
    /// Whether it answers `ground`.
    pub ground: bool,
}

/// A message of a child.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The first one.
    Hello(Hello),
    /// How far it is.
    Progress {
        /// Steps done …
        done: u64,
        /// … of these; 0 where it does not know.
        total: u64,
        /// What it works on.
        stage: String,
    },
    /// A line for people.
    Log(String),
    /// The answer.
    Result(Value),
    /// It cannot answer.
    Error {
        /// Why.
        message: String,
        /// What to do.
        remedy: Option<String>,
    },
}

/// Text of a child for people: one line without control characters, not endless.
pub(super) fn shown(text: &str) -> String {
    let clean: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    clean.trim().to_owned()
}

fn text(v: &Value, key: &str) -> Result<String, String> {
    let t = v[key].as_str().map(shown).filter(|t| !t.is_empty());
    t.ok_or_else(|| format!("`{key}` is missing or no text"))
}

impl Message {
    /// Reads a line.
    pub fn read(line: &str) -> Result<Message, String> {
        let garbage = || {
            format!(
                "printed `{}`, which is no message; everything but messages belongs on standard error",
                shown(line)
            )
        };
        let v: Value = serde_json::from_str(line).map_err(|_| garbage())?;
        let kind = v["type"].as_str().ok_or_else(garbage)?;
        let bad = |e: String| format!("sent a `{}` message whose {e}", shown(kind));
        match kind {
            "hello" => {
                let version = v["protocol"].as_u64();
                if version != Some(PROTOCOL) {
                    return Err(format!(
                        "speaks version {} of the protocol, expected {PROTOCOL}",
                        version.map_or("no".into(), |v| v.to_string())
                    ));
                }
                let does = |kind: &str| {
                    v["does"].as_array().is_some_and(|l| l.iter().any(|k| k.as_str() == Some(kind)))
                };
                Ok(Message::Hello(Hello {
                    name: text(&v, "name").map_err(bad)?,
                    version: text(&v, "version").map_err(bad)?,
                    reconstruct: does("reconstruct"),
                    ground: does("ground"),
                }))
            }
            "progress" => Ok(Message::Progress {
                done: v["done"].as_u64().unwrap_or(0),
                total: v["total"].as_u64().unwrap_or(0),
                stage: v["stage"].as_str().map(shown).unwrap_or_default(),
            }),
            "log" => Ok(Message::Log(text(&v, "text").map_err(bad)?)),
            "result" => Ok(Message::Result(v)),
            "error" => Ok(Message::Error {
                message: text(&v, "message").map_err(bad)?,
                remedy: text(&v, "remedy").ok(),
            }),
            other => Err(format!("sent a message of type `{}`, which there is not", shown(other))),
        }
    }
}

/// Reads any text as a message; it must return. For fuzzing.
pub fn fuzz_message(line: &str) {
    match Message::read(line) {
        Ok(Message::Error { message, .. } | Message::Log(message)) => {
            assert!(!message.contains('\n') && message.chars().count() <= SHOWN);
        }
        Ok(_) => {}
        Err(e) => assert!(!e.contains('\n'), "{e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read() {
        let hello = r#"{"type":"hello","protocol":1,"name":"x","version":"2","does":["ground"]}"#;
        let Ok(Message::Hello(h)) = Message::read(hello) else { panic!("{hello}") };
        assert_eq!((h.name.as_str(), h.reconstruct, h.ground), ("x", false, true));
        let p = Message::read(r#"{"type":"progress","done":1,"total":3,"stage":"a\u0007b"}"#);
        assert_eq!(p, Ok(Message::Progress { done: 1, total: 3, stage: "a b".into() }));
        for (line, says) in [
            ("Loading weights…", "printed `Loading weights…`, which is no message"),
            ("[1]", "no message"),
            (r#"{"type":"hello","protocol":2,"name":"x","version":"1"}"#, "version 2"),
            (r#"{"type":"hello","name":"x","version":"1"}"#, "version no"),
            (r#"{"type":"hello","protocol":1,"version":"1"}"#, "`name` is missing"),
            (r#"{"type":"answer"}"#, "`answer`, which there is not"),
            (r#"{"type":"error"}"#, "`message` is missing"),
        ] {
            let e = Message::read(line).unwrap_err();
            assert!(e.contains(says), "{line}: {e}");
        }
    }

    #[test]
    fn any_line_is_read() {
        let seed = r#"{"type":"hello","protocol":1,"name":"x","version":"2","does":["ground"]}"#;
        for i in 0..seed.len() {
            fuzz_message(&seed[..i]);
            for c in ['"', '{', '\n', '\u{0}', '9', 'é'] {
                fuzz_message(&format!("{}{c}{}", &seed[..i], &seed[i + 1..]));
            }
        }
        fuzz_message(&format!(r#"{{"type":"log","text":"{}"}}"#, "x".repeat(5000)));
        fuzz_message(&"[".repeat(100_000));
    }
}
