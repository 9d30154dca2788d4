//! The reasoner: pictures with captions, the computed answer with where it comes from, and a reply that is read
//! strictly.

use reasmory_model::{Model, Picture};
use reasmory_prompt::Computed;
use reasmory_scene::Rgb8;
use reasmory_sema::question::{Met, leading_number, unit_word};
use serde_json::{Value, json};

use super::Pipeline;
use super::decompose::unasked;
use super::talk::{Exchange, Talk};
use crate::answer::number;
use crate::conclude::{Conclusion, Setting};
use crate::question::Question;
use crate::{Failure, RunStatus};

/// Replies that may be read.
const TRIES: u32 = 2;
/// Longest answer in words.
const LONGEST: usize = 200;

/// What a reasoner answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// An option.
    Option {
        /// Its letter.
        letter: char,
        /// What it says.
        text: String,
    },
    /// A number, in the unit that the question asks for.
    Number {
        /// The number.
        value: f64,
        /// The unit.
        unit: &'static str,
    },
    /// Words.
    Text(String),
    /// That nothing decides.
    Abstained,
    /// It could not be asked, or its replies are no answer.
    None(String),
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Reasoned {
    /// The answer.
    pub verdict: Verdict,
    /// Replies.
    pub tries: u32,
    /// Pictures that were sent.
    pub pictures: usize,
}

/// The computed answer in a line, with its doubt.
fn computed_line(done: &Conclusion) -> String {
    let Some(text) = &done.text else {
        let why = done.report.diagnostics.iter().find(|d| d.is_error());
        let why = why.map_or(String::new(), |d| format!(": {}", d.message));
        return match done.report.status {
            RunStatus::Shown => String::new(),
            status => format!("no answer ({}{why})", status.name()),
        };
    };
    let mut out = reasmory_prompt::quoted(text);
    if let Some(o) = &done.option {
        out.push_str(&format!(" (option {o})"));
    }
    match (done.report.status, done.report.margin) {
        (RunStatus::Tie, Some(m)) => out.push_str(&format!(
            "; a tie: the decision that it hangs on has a margin of {}, within the scene's noise",
            number(m)
        )),
        _ => out.push_str("; no decision in it is within the scene's noise"),
    }
    out
}

/// What the answer came from, a line each.
fn provenance(done: &Conclusion) -> Vec<String> {
    let from = &done.document["provenance"];
    let names = |key: &str, field: Option<&str>| -> Vec<String> {
        let rows = from[key].as_array().map(Vec::as_slice).unwrap_or_default();
        rows.iter()
            .filter_map(|r| match field {
                Some(f) => r[f].as_str().map(reasmory_prompt::quoted),
                None => r.as_str().map(str::to_owned).or_else(|| r.as_u64().map(|n| n.to_string())),
            })
            .take(24)
            .collect()
    };
    let line = |what: &str, list: Vec<String>| {
        (!list.is_empty()).then(|| format!("- {what}: {}", list.join(", ")))
    };
    [
        line("operations", names("operations", None)),
        line("things", names("instances", Some("name"))),
        line("photos", names("photos", None)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The verdict of a reply; the reason where it is none. Nothing is searched for in longer texts: a guess would
/// look like a choice.
pub(super) fn read(reply: &str, q: &Question) -> Result<Verdict, &'static str> {
    let text = reply.trim().trim_end_matches('.').trim();
    if text.eq_ignore_ascii_case("abstain") {
        return Ok(Verdict::Abstained);
    }
    let options = &q.asked.options;
    if !options.is_empty() {
        let bare = text.trim_start_matches('(').trim_end_matches(')').trim();
        let letter = bare.split_once(['.', ')', ':']).map_or(bare, |(l, _)| l).trim();
        let by_letter = options
            .iter()
            .find(|o| letter.len() == 1 && letter.eq_ignore_ascii_case(&o.letter.to_string()));
        let by_text = || options.meet(&Met::Text(bare)).and_then(|i| options.get(i));
        return match by_letter.or_else(by_text) {
            Some(o) => Ok(Verdict::Option { letter: o.letter, text: o.text.clone() }),
            None => Err("That is none of the options."),
        };
    }
    if let Some(unit) = q.asked.unit {
        let (value, rest) = leading_number(text).ok_or("That is no number.")?;
        let given = if rest.is_empty() { Some(unit) } else { unit_word(rest) };
        return match given {
            Some(u) if u.dim == unit.dim && value.is_finite() => Ok(Verdict::Number {
                // As it is written where the unit is the one asked for.
                value: if u == unit { value } else { value * u.factor / unit.factor },
                unit: unit.name,
            }),
            _ => Err("That is no number with such a unit."),
        };
    }
    if text.is_empty() {
        return Err("The reply is empty.");
    }
    if text.chars().count() > LONGEST || text.contains('\n') {
        return Err("That is longer than an answer.");
    }
    Ok(Verdict::Text(text.to_owned()))
}

pub(super) fn picture(pixels: &Rgb8, side: u32) -> Result<Picture, Failure> {
    Picture::new(pixels, side).map_err(|e| Failure::new(e.to_string(), e.remedy()))
}

/// The pictures and their captions: those that the program shows; without a program the scene's photos.
fn seen(
    pipeline: &Pipeline<'_>,
    setting: &Setting<'_>,
    done: Option<&Conclusion>,
) -> Result<(Vec<Picture>, Vec<String>), Failure> {
    let side = pipeline.bounds.picture;
    let (mut pictures, mut captions) = (Vec::new(), Vec::new());
    match done {
        Some(done) => {
            for e in &done.report.evidence {
                pictures.push(picture(&e.image.pixels, side)?);
                captions.push(e.image.caption.clone());
            }
        }
        None => {
            let memory = &setting.scene.memory;
            let numbers: Vec<u32> = memory.manifest().photos.iter().map(|p| p.number).collect();
            // Spread over all of them, in order.
            let n = numbers.len().min(pipeline.bounds.photos);
            for i in 0..n {
                let number = numbers[i * numbers.len() / n];
                if let Ok(pixels) = memory.photo_pixels(number) {
                    pictures.push(picture(&pixels, side)?);
                    captions.push(format!("photo {number}"));
                }
            }
        }
    }
    Ok((pictures, captions))
}

pub(super) fn reason(
    pipeline: &Pipeline<'_>,
    model: &Model,
    q: &Question,
    setting: &Setting<'_>,
    done: Option<&Conclusion>,
    talk: &mut Talk,
) -> Result<Reasoned, Failure> {
    let (pictures, captions) = seen(pipeline, setting, done)?;
    let computed = Computed {
        answer: done.map_or(String::new(), computed_line),
        provenance: done.map_or(vec![], provenance),
        captions,
    };
    let prompts = pipeline.prompts(q, setting);
    let prompt = prompts.reasoner(&computed).map_err(|e| crate::prompt::failure(&e))?;
    let mut exchange = Exchange {
        stage: "reasoner",
        model,
        system: prompt.system,
        user: prompt.user,
        pictures,
        last: None,
        max_tokens: pipeline.bounds.reply,
        grammar: None,
    };
    let mut out = Reasoned {
        verdict: Verdict::None("nothing was asked".to_owned()),
        tries: 0,
        pictures: exchange.pictures.len(),
    };
    while out.tries < TRIES {
        let reply = match exchange.ask(talk) {
            Ok(reply) => reply.text,
            Err(e) => {
                out.verdict = Verdict::None(unasked(&e));
                break;
            }
        };
        out.tries += 1;
        match read(&reply, q) {
            Ok(verdict) => {
                out.verdict = verdict;
                break;
            }
            Err(why) => {
                out.verdict = Verdict::None(why.to_owned());
                exchange.last = Some((reply, prompts.reasoner_repair(why)));
            }
        }
    }
    Ok(out)
}

impl Verdict {
    /// Whether it is an answer.
    pub const fn is_answer(&self) -> bool {
        matches!(self, Verdict::Option { .. } | Verdict::Number { .. } | Verdict::Text(_))
    }

    /// As the `answer` of a document; null where it is none.
    pub fn answer(&self) -> Value {
        match self {
            Verdict::Option { letter, text } => json!({
                "type": "Text", "value": text, "text": text, "option": letter.to_string(),
            }),
            Verdict::Number { value, unit } => json!({
                "type": "Number",
                "value": value,
                "unit": unit,
                "text": format!("{} {unit}", number(*value)),
            }),
            Verdict::Text(t) => json!({"type": "Text", "value": t, "text": t}),
            Verdict::Abstained | Verdict::None(_) => Value::Null,
        }
    }
}

impl Reasoned {
    /// As part of the document.
    pub fn json(&self) -> Value {
        let (outcome, why) = match &self.verdict {
            Verdict::Abstained => ("abstained", None),
            Verdict::None(why) => ("failed", Some(why)),
            _ => ("answered", None),
        };
        json!({
            "outcome": outcome,
            "answer": self.verdict.answer(),
            "why": why,
            "tries": self.tries,
            "pictures": self.pictures,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(options: &[&str], unit: Option<&str>) -> Question {
        let options = (!options.is_empty()).then_some(options);
        let row = json!({"question": "?", "options": options, "unit": unit});
        crate::question::of_value("q", &row).unwrap()
    }

    #[test]
    fn replies_are_read_strictly() {
        let q = question(&["A. left", "B. right"], None);
        for reply in ["B", "b.", "(B)", "B. right", "right", "Right."] {
            assert!(matches!(read(reply, &q), Ok(Verdict::Option { letter: 'B', .. })), "{reply}");
        }
        for reply in ["", "C", "left or right", "I think it is B", "BB"] {
            assert!(read(reply, &q).is_err(), "{reply}");
        }
        assert_eq!(read(" abstain.\n", &q), Ok(Verdict::Abstained));
        let q = question(&[], Some("cm"));
        for reply in ["150 cm", "1.5 m", "150", "150 centimetres"] {
            assert_eq!(read(reply, &q), Ok(Verdict::Number { value: 150.0, unit: "cm" }));
        }
        for reply in ["about 150", "two", "150 deg", "cm"] {
            assert!(read(reply, &q).is_err(), "{reply}");
        }
        let q = question(&[], None);
        assert_eq!(read("the tv", &q), Ok(Verdict::Text("the tv".into())));
        assert!(read("a\nb", &q).is_err() && read(&"x".repeat(300), &q).is_err());
    }
}
