//! Bodies for fuzzers: what comes from outside never panics, and is refused with a reason or understood.

use serde_json::Value;

/// An answer as bytes, read by every protocol, and as a transcript.
pub fn answers(bytes: &[u8]) {
    let _ = crate::exec::answer_of(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = crate::transcript::parse("fuzz", text);
        let _ = crate::Prices::parse("fuzz", text);
    }
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        let _ = crate::openai::reply("fuzz", &value);
        let _ = crate::anthropic::reply("fuzz", &value);
        let _ = crate::gemini::reply("fuzz", &value);
    }
    streamed(bytes);
}

/// Bytes as the events of a streamed answer, gathered by every protocol.
fn streamed(bytes: &[u8]) {
    use crate::stream::{Anthropic, Events, Gathers, Gemini, OpenAi};
    let mut gathers: [Box<dyn Gathers>; 3] =
        [OpenAi::new("fuzz"), Anthropic::new("fuzz"), Gemini::new("fuzz")];
    let mut events = Events::default();
    for line in String::from_utf8_lossy(bytes).lines() {
        let value = events.line(line).and_then(|d| serde_json::from_str::<Value>(&d).ok());
        for g in &mut gathers {
            let _ = value.as_ref().map(|v| g.take(v));
        }
    }
    let [a, b, c] = gathers;
    let _ = crate::openai::reply("fuzz", &a.document());
    let _ = crate::anthropic::reply("fuzz", &b.document());
    let _ = crate::gemini::reply("fuzz", &c.document());
}
