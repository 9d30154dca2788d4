//! Bodies for fuzzers.

use crate::{Computed, Prompts, Subject, Variant};

/// Reads bytes as a variant; what is accepted makes prompts without a scene.
pub fn variant(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(v) = Variant::parse(&text) {
        let prompts = Prompts { variant: &v, subject: Subject::default(), budget: 0 };
        let _ = prompts.repair("answer 1", "0 errors");
        let _ = prompts.reasoner(&Computed::default());
    }
}
