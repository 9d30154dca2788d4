//! Whose answer it is, where a program computes one and a reasoner gives one.

use serde_json::{Value, json};

use super::Mode;
use super::reason::{Reasoned, Verdict};
use crate::RunStatus;
use crate::conclude::Conclusion;

/// The decision and its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arbitration {
    /// The mode.
    pub mode: Mode,
    /// `computed`, `reasoned` or `neither`.
    pub taken: &'static str,
    /// Whether both say the same; nothing where one of them says nothing.
    pub agree: Option<bool>,
    /// The rule.
    pub why: &'static str,
}

impl Arbitration {
    /// As part of the document.
    pub fn json(&self) -> Value {
        json!({
            "mode": self.mode.name(),
            "taken": self.taken,
            "agree": self.agree,
            "why": self.why,
        })
    }
}

/// Most that two numbers may differ and be the same answer, relative to the greater.
const SAME: f64 = 0.1;

/// Whether a verdict says what the program answers.
fn agree(done: &Conclusion, verdict: &Verdict) -> Option<bool> {
    let answer = &done.document["answer"];
    match verdict {
        Verdict::Option { letter, .. } => {
            Some(done.option.as_deref()? == letter.to_string().as_str())
        }
        Verdict::Number { value, unit } => {
            if answer["unit"].as_str()? != *unit {
                return None;
            }
            let own = answer["value"].as_f64()?;
            Some((own - value).abs() <= SAME * own.abs().max(value.abs()))
        }
        Verdict::Text(t) => Some(answer["text"].as_str()?.eq_ignore_ascii_case(t)),
        Verdict::Abstained | Verdict::None(_) => None,
    }
}

pub(super) fn arbitrate(
    mode: Mode,
    computed: Option<&Conclusion>,
    reasoned: Option<&Reasoned>,
) -> Arbitration {
    let done = computed.filter(|c| c.text.is_some());
    let verdict = reasoned.map(|r| &r.verdict).filter(|v| v.is_answer());
    let agree = done.zip(verdict).and_then(|(c, v)| agree(c, v));
    let (taken, why) = match (mode, done, verdict) {
        (_, None, None) => ("neither", "there is no answer"),
        (Mode::Computed, Some(_), _) => ("computed", "the mode takes the computed answer"),
        (Mode::Computed, None, _) => ("neither", "there is no computed answer"),
        (Mode::Evidence, _, Some(_)) => ("reasoned", "the mode takes the reasoner's answer"),
        (Mode::Evidence, _, None) => ("neither", "the reasoner gives no answer"),
        (Mode::Both, Some(_), None) => ("computed", "the reasoner gives no answer"),
        (Mode::Both, None, Some(_)) => ("reasoned", "there is no computed answer"),
        (Mode::Both, Some(_), Some(_)) if agree == Some(true) => ("computed", "both say the same"),
        (Mode::Both, Some(c), Some(_)) if c.report.status == RunStatus::Tie => {
            ("reasoned", "the computed answer is a tie")
        }
        (Mode::Both, Some(_), Some(_)) => {
            ("computed", "no decision of the computed answer is in doubt")
        }
    };
    Arbitration { mode, taken, agree, why }
}
