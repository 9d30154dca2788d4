//! The decomposer: a question taken apart by a model, held to the schema of questions.

use reasmory_model::{Model, ModelError};
use serde_json::{Map, Value, json};

use super::Pipeline;
use super::talk::{Exchange, Talk};
use crate::Failure;
use crate::conclude::Setting;
use crate::question::{self, Question};

/// Tries of the decomposer.
const TRIES: u32 = 2;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Decomposed {
    /// The question with its decomposition; nothing where none is valid.
    pub question: Option<Question>,
    /// What was taken, as JSON.
    pub value: Value,
    /// Replies.
    pub tries: u32,
    /// Why there is none.
    pub why: Option<String>,
}

/// The JSON object of a reply: the reply itself, or what stands from its first brace to its last.
pub(super) fn object(reply: &str) -> Result<Value, String> {
    let text = match (reply.find('{'), reply.rfind('}')) {
        (Some(a), Some(b)) if a < b => &reply[a..=b],
        _ => return Err("there is no JSON object in the reply.".to_owned()),
    };
    let value: Value = serde_json::from_str(text).map_err(|e| format!("it is not JSON: {e}."))?;
    if value.as_object().is_none_or(Map::is_empty) {
        return Err("it is an empty object.".to_owned());
    }
    Ok(value)
}

/// The question with a decomposition, read by the rules of question files.
fn read(q: &Question, decomposition: &Value) -> Result<Question, Failure> {
    let row = json!({
        "id": q.id,
        "question": q.question,
        "options": q.options,
        "type": q.kind,
        "unit": q.asked.unit.map(|u| u.name),
        "decomposition": decomposition,
    });
    question::of_value("the reply", &row)
}

pub(super) fn decompose(
    pipeline: &Pipeline<'_>,
    model: &Model,
    q: &Question,
    setting: &Setting<'_>,
    talk: &mut Talk,
) -> Result<Decomposed, Failure> {
    let prompts = pipeline.prompts(q, setting);
    let prompt = prompts.decomposer().map_err(|e| crate::prompt::failure(&e))?;
    let mut exchange = Exchange {
        stage: "decomposer",
        model,
        system: prompt.system,
        user: prompt.user,
        pictures: vec![],
        last: None,
        max_tokens: pipeline.bounds.reply,
        grammar: None,
    };
    let mut out = Decomposed { question: None, value: Value::Null, tries: 0, why: None };
    while out.tries < TRIES {
        let reply = match exchange.ask(talk) {
            Ok(reply) => reply.text,
            Err(e) => {
                out.why = Some(unasked(&e));
                break;
            }
        };
        out.tries += 1;
        let found = object(&reply).and_then(|value| match read(q, &value) {
            Ok(question) => Ok((value, question)),
            Err(e) => Err(format!("{}; {}.", e.what, e.remedy)),
        });
        match found {
            Ok((value, question)) => {
                out.question = Some(question);
                out.value = value;
                out.why = None;
                break;
            }
            Err(why) => {
                exchange.last = Some((reply, prompts.decomposer_repair(&why)));
                out.why = Some(why);
            }
        }
    }
    Ok(out)
}

/// A model that cannot be asked, in a sentence.
pub(super) fn unasked(e: &ModelError) -> String {
    format!("{e}; {}", e.remedy())
}

impl Decomposed {
    /// As in the plan.
    pub fn json(&self) -> Value {
        json!({
            "outcome": if self.question.is_some() { "read" } else { "none" },
            "tries": self.tries,
            "value": self.value,
            "why": self.why,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_found_and_held_to_the_schema() {
        assert!(object("```json\n{\"a\": 1}\n```").is_ok());
        for bad in ["", "}{", "{}", "{\"a\": }"] {
            assert!(object(bad).is_err(), "{bad}");
        }
        let q = Question::of_text("Standing at the sofa, I turn right. Where is the tv?");
        let good = json!({"stand": {"at": "the sofa"}, "motions": ["turn right"]});
        let read_good = read(&q, &good).unwrap();
        assert_eq!(read_good.asked.decomposition.unwrap().motions.len(), 1);
        for (bad, says) in [
            (json!({"motions": ["fly away"]}), "fly away"),
            (json!({"motions": [{"motion": "turn right", "quote": "turn left"}]}), "does not say"),
            (json!({"stand": {"near": "x"}}), "near"),
        ] {
            let e = read(&q, &bad).unwrap_err();
            assert!(e.what.contains(says), "{e}");
        }
    }
}
