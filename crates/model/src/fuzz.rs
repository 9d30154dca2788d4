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
}
