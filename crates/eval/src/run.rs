//! Answering the items of a benchmark.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rayon::prelude::*;
use reasmory_driver::ask::planned;
use reasmory_driver::conclude::{Conclusion, Setting, conclude};
use reasmory_driver::model::Model;
use reasmory_driver::pipeline::Verdict;
use reasmory_driver::planner::Refusal;
use reasmory_driver::{Config, Failure, RunOptions, RunStatus, Scene, Source};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::extract::{Extraction, letter};
use crate::item::{Given, Item, Truth};
use crate::journal::Journal;
use crate::metric::{float, leading_word};
use crate::models::{self, Models, Usage};
use crate::{Benchmark, Memories, Planner};

/// Stack of a worker: as the main thread's.
const STACK: usize = 16 << 20;
/// Changes when the meaning of a journal's records does.
const VERSION: u32 = 2;

/// Where an item ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// With an answer that could be compared with the truth.
    Answered,
    /// Not at all: the row cannot be used.
    Skipped,
    /// There is no memory, or it lacks what the question is about.
    Memory,
    /// There is no program.
    Plan,
    /// The program has errors.
    Check,
    /// The program faulted, or an operation had no value.
    Run,
    /// The program ran, and gave nothing that could be compared with the truth.
    Reason,
}

impl Stage {
    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Answered => "answered",
            Stage::Skipped => "skipped",
            Stage::Memory => "memory",
            Stage::Plan => "plan",
            Stage::Check => "check",
            Stage::Run => "run",
            Stage::Reason => "reason",
        }
    }
}

/// Of which items pictures are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pictures {
    /// None.
    None,
    /// Those that score less than 1.
    #[default]
    Misses,
    /// All.
    All,
}

impl Pictures {
    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Pictures::None => "none",
            Pictures::Misses => "misses",
            Pictures::All => "all",
        }
    }
}

/// How a benchmark is run.
#[derive(Debug)]
pub struct Settings<'a> {
    /// Which.
    pub benchmark: Benchmark,
    /// What answers.
    pub planner: &'a Planner,
    /// The memories; replies need none.
    pub memories: Option<&'a Memories>,
    /// What the report calls the memories: `oracle`, or `given`.
    pub memory: &'a str,
    /// Engine and limits.
    pub options: RunOptions,
    /// Threads; all cores without a number.
    pub jobs: Option<usize>,
    /// Where the journal and the pictures go.
    pub out: Option<&'a Path>,
    /// Of which items pictures are drawn.
    pub pictures: Pictures,
}

impl Settings<'_> {
    /// What a report says of them: all that its figures depend on.
    pub fn json(&self) -> Value {
        let mut out = json!({
            "benchmark": self.benchmark.name(),
            "planner": self.planner.name(),
            "memory": self.memory,
            "engine": match self.options.engine {
                reasmory_driver::Engine::Jit => "jit",
                reasmory_driver::Engine::Interp => "interp",
            },
            "pictures": self.pictures.name(),
            "version": env!("CARGO_PKG_VERSION"),
        });
        if let Planner::Models(models) = self.planner {
            out["models"] = models.json();
        }
        out
    }
}

/// A picture of the evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// File, relative to the folder of the run.
    pub file: String,
    /// Caption.
    pub caption: String,
}

/// What came of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Id of the question.
    pub id: Value,
    /// The family that it is reported under.
    pub family: String,
    /// The scene.
    pub scene: Option<String>,
    /// The question.
    pub question: String,
    /// Its options.
    pub options: Vec<String>,
    /// The program; empty where there is none.
    pub program: String,
    /// The answer as `run --json` has it, or null.
    pub answer: Value,
    /// The truth as the question file states it.
    pub truth: Value,
    /// The benchmark's metric.
    pub score: f64,
    /// SQA3D's refined exact match.
    pub refined: Option<f64>,
    /// Of a number: how far it is off, in the question's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// Of a number: the standard deviation that the memory states for such a quantity, in the question's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
    /// Where it ended.
    pub stage: Stage,
    /// How the run ended, where there was one.
    pub status: Option<String>,
    /// Why it ended there.
    pub note: String,
    /// The findings, for people.
    pub diagnostics: String,
    /// The family that the planner read the question as.
    pub plan: Option<String>,
    /// Evidence.
    pub pictures: Vec<Picture>,
    /// What models took, where models were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

impl Record {
    fn of(item: &Item) -> Record {
        Record {
            id: item.id.clone(),
            family: item.family.clone(),
            scene: item.scene.clone(),
            question: item.question.question.clone(),
            options: item.question.options.clone().unwrap_or_default(),
            program: String::new(),
            answer: Value::Null,
            truth: item.stated.clone(),
            score: 0.0,
            refined: None,
            error: None,
            deviation: None,
            stage: Stage::Skipped,
            status: None,
            note: String::new(),
            diagnostics: String::new(),
            plan: None,
            pictures: vec![],
            usage: None,
        }
    }

    fn end(&mut self, stage: Stage, note: impl Into<String>) {
        self.stage = stage;
        self.note = note.into();
    }

    /// The line of `eval --json`.
    pub fn row(&self) -> Value {
        json!({
            "id": self.id,
            "family": self.family,
            "question": self.question,
            "program": self.program,
            "answer": self.answer,
            "truth": match &self.truth {
                t @ (Value::String(_) | Value::Number(_) | Value::Null) => t.clone(),
                other => json!(other.to_string()),
            },
            "score": self.score,
            "stage": self.stage.name(),
        })
    }
}

/// A record and what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What came of the item.
    pub record: Record,
    /// Seconds for the program, and for checking, compiling and running it. No report has them unasked.
    pub seconds: [f64; 2],
}

/// Answers every item; the outcomes are in the order of the items. What the journal of `out` has is not
/// done again. `progress` gets the number of items done.
pub fn evaluate(
    items: &[Item],
    settings: &Settings<'_>,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Outcome>, Failure> {
    let journal = settings.out.map_or_else(|| Ok(Journal::none()), Journal::open)?;
    let base = json!([VERSION, settings.json()]).to_string();
    let mut order: Vec<usize> = (0..items.len()).collect();
    // Scene by scene, so that few are open at a time.
    order.sort_by(|a, b| (&items[*a].scene, a).cmp(&(&items[*b].scene, b)));
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.jobs.unwrap_or(0))
        .stack_size(STACK)
        .build()
        .map_err(|e| Failure::new(format!("threads: {e}"), "ask for fewer with `--jobs`"))?;
    let done = AtomicUsize::new(0);
    let one = |i: &usize| -> Result<(usize, Outcome), Failure> {
        let item = &items[*i];
        let digest = settings.memories.map(|m| m.digest(item.scene.as_deref()));
        let key = json!([base, item.digest, digest]).to_string();
        let key = blake3::hash(key.as_bytes()).to_hex()[..32].to_owned();
        let outcome = match journal.get(&key) {
            Some(o) => o.clone(),
            None => {
                let (outcome, done) = answer(*i, item, settings)?;
                if done {
                    journal.add(&key, &outcome)?;
                }
                outcome
            }
        };
        progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        Ok((*i, outcome))
    };
    let all: Result<Vec<(usize, Outcome)>, Failure> =
        pool.install(|| order.par_iter().map(one).collect());
    let mut all = all?;
    all.sort_by_key(|(i, _)| *i);
    Ok(all.into_iter().map(|(_, o)| o).collect())
}

/// What comes of an item, and whether it is done: not where a model could not be asked.
fn answer(index: usize, item: &Item, settings: &Settings<'_>) -> Result<(Outcome, bool), Failure> {
    let mut record = Record::of(item);
    let mut seconds = [0.0; 2];
    let mut finished = true;
    match (&item.truth, settings.planner) {
        (Err(why), _) => record.end(Stage::Skipped, why),
        (Ok(truth), Planner::Replies(all, _)) => match all.get(&item.id_text()) {
            Some(reply) => reply_to(&mut record, truth, reply, settings.benchmark),
            None => record.end(Stage::Plan, "the file has no reply for this id"),
        },
        (Ok(truth), _) => {
            let opened = match settings.memories {
                Some(m) => m.scene(item.scene.as_deref()),
                None => Err("no memories were given".to_owned()),
            };
            match opened {
                Err(why) => record.end(Stage::Memory, why),
                Ok(scene) => {
                    let one = Asked { index, item, truth, scene: &scene, settings };
                    match settings.planner {
                        Planner::Models(m) => {
                            finished = one.by_models(m, &mut record, &mut seconds)?;
                        }
                        _ => one.by_program(&mut record, &mut seconds)?,
                    }
                }
            }
        }
    }
    Ok((Outcome { record, seconds }, finished))
}

/// Scores what another system replied, with the benchmark's own extraction.
fn reply_to(record: &mut Record, truth: &Truth, reply: &str, benchmark: Benchmark) {
    let by = match benchmark {
        Benchmark::MindCube => Extraction::MindCube,
        Benchmark::MmsiBench => Extraction::Mmsi,
        Benchmark::ViewSpatial => Extraction::ViewSpatial,
        Benchmark::Vlm4d => Extraction::FinalAnswer,
        Benchmark::VsiBench | Benchmark::Sqa3d | Benchmark::Jsonl => Extraction::FirstWord,
    };
    let given = match truth {
        Truth::Letter(_) => letter(reply, by).map(Given::Letter),
        Truth::Number(_) => float(leading_word(reply)).map(Given::Number),
        Truth::Text(_) => Some(Given::Text(reply.to_owned())),
    };
    record.answer = json!({"type": "Text", "value": reply, "text": reply});
    if let Some(Given::Letter(l)) = given {
        record.answer["option"] = json!(l.to_string());
    }
    match given.and_then(|g| truth.score(&g)) {
        Some(s) => {
            (record.score, record.refined) = (s.value, s.refined);
            record.end(Stage::Answered, "");
        }
        None => record.end(Stage::Reason, "the reply has no answer where the benchmark looks"),
    }
}

fn refused(record: &mut Record, refusal: &Refusal) {
    let stage = match refusal {
        Refusal::UnknownNoun { .. } | Refusal::NoPlace { .. } | Refusal::NoFront { .. } => {
            Stage::Memory
        }
        Refusal::Outside
        | Refusal::TooLong
        | Refusal::Several { .. }
        | Refusal::MissingOperation { .. } => Stage::Plan,
    };
    record.end(stage, refusal.to_string());
}

/// An item over its memory.
struct Asked<'a> {
    index: usize,
    item: &'a Item,
    truth: &'a Truth,
    scene: &'a Scene,
    settings: &'a Settings<'a>,
}

impl<'a> Asked<'a> {
    fn setting(&self, config: &'a Config, model: Option<&'a Model>) -> Setting<'a> {
        Setting {
            scene: self.scene,
            question: Some(&self.item.question),
            model,
            config,
            options: self.settings.options,
            trace: false,
            out: None,
        }
    }

    fn by_program(&self, record: &mut Record, seconds: &mut [f64; 2]) -> Result<(), Failure> {
        let (item, config) = (self.item, Config::default());
        let setting = self.setting(&config, None);
        let start = Instant::now();
        let (source, illustrated) = match self.settings.planner {
            Planner::Templates => match planned(&item.question, &setting) {
                Ok(plan) => {
                    record.plan = Some(plan.family.to_owned());
                    (Source::new("plan.rsm", plan.program.clone()), Some(plan.illustrated()))
                }
                Err(refusal) => {
                    refused(record, &refusal);
                    return Ok(());
                }
            },
            Planner::Programs(all, _) => match all.get(&item.id_text()) {
                Some(p) => (Source::new("plan.rsm", p.text.clone()).in_dialect(p.dialect), None),
                None => {
                    record.end(Stage::Plan, "the file has no program for this id");
                    return Ok(());
                }
            },
            Planner::Replies(..) | Planner::Models(_) => return Ok(()),
        };
        let planned = Instant::now();
        record.program = source.text.clone();
        let done = conclude(&source, setting)?;
        seconds[0] = (planned - start).as_secs_f64();
        seconds[1] = planned.elapsed().as_secs_f64();
        record.answer = done.document["answer"].clone();
        record.status = Some(done.report.status.name().to_owned());
        if !done.report.diagnostics.is_empty() {
            record.diagnostics = source.render(&done.report.diagnostics);
        }
        judge(record, item, self.truth, &done);
        if record.stage == Stage::Answered {
            record.error = crate::noise::error(self.truth, number(item, &done));
            record.deviation = record.error.and_then(|_| self.deviation(&done));
        }
        let shown = illustrated.map(|text| Source::new("plan.rsm", text)).unwrap_or(source);
        self.illustrate(&shown, setting, record)
    }

    /// The standard deviation that the memory states for an answer, in the question's unit.
    fn deviation(&self, done: &Conclusion) -> Option<f64> {
        use reasmory_driver::runtime::AnswerValue;
        let (AnswerValue::Quantity(x, dim), _) = done.report.answer.as_ref()? else { return None };
        let sigma = self.scene.memory.manifest().sigma(*dim, *x);
        let unit = self.item.question.asked.unit.filter(|u| u.dim == *dim);
        Some(unit.map_or(sigma, |u| u.from_canonical(sigma)))
    }

    /// The pipeline of `ask`; whether the item is done.
    fn by_models(
        &self,
        models: &Models,
        record: &mut Record,
        seconds: &mut [f64; 2],
    ) -> Result<bool, Failure> {
        let config = Config::default();
        let models = models.fresh();
        let setting = self.setting(&config, models.pick.as_ref());
        let start = Instant::now();
        let done = models.pipeline().ask(&self.item.question, setting)?;
        seconds[0] = start.elapsed().as_secs_f64();
        record.usage = Some(Usage::of(&models, &done));
        record.answer = done.document["answer"].clone();
        record.status = Some(done.status.to_owned());
        record.plan = done.plan.as_ref().and_then(|p| p["family"].as_str()).map(str::to_owned);
        if let Some((source, run)) = &done.run {
            record.program = source.text.clone();
            if !run.report.diagnostics.is_empty() {
                record.diagnostics = source.render(&run.report.diagnostics);
            }
        }
        match (&done.run, &done.reasoned) {
            (_, Some(r)) if done.arbitration.taken == "reasoned" => {
                let given = match &r.verdict {
                    Verdict::Option { letter, .. } => Some(Given::Letter(*letter)),
                    Verdict::Number { value, .. } => Some(Given::Number(*value)),
                    Verdict::Text(t) => Some(Given::Text(t.clone())),
                    Verdict::Abstained | Verdict::None(_) => None,
                };
                scored(record, self.truth, given);
            }
            (_, Some(r)) if done.arbitration.taken != "computed" => {
                let why = match &r.verdict {
                    Verdict::None(why) => why.as_str(),
                    _ => "the reasoner abstains",
                };
                record.end(Stage::Reason, why);
            }
            (Some((_, run)), _) => judge(record, self.item, self.truth, run),
            (None, _) => {
                let (checked, why) = models::without_program(&done);
                record.end(if checked { Stage::Check } else { Stage::Plan }, why);
            }
        }
        if let Some((source, _)) = &done.run {
            self.illustrate(source, setting, record)?;
        }
        Ok(!models::unavailable(&done))
    }

    /// Draws the pictures that are wanted.
    fn illustrate(
        &self,
        shown: &Source,
        setting: Setting<'_>,
        record: &mut Record,
    ) -> Result<(), Failure> {
        let wanted = match self.settings.pictures {
            Pictures::None => false,
            Pictures::Misses => record.score < 1.0,
            Pictures::All => true,
        };
        if let Some(out) = self.settings.out.filter(|_| wanted && record.stage != Stage::Check) {
            let folder = format!("pictures/{:05}", self.index + 1);
            record.pictures = draw(shown, setting, out, &folder)?;
        }
        Ok(())
    }
}

/// The pictures of a program, as files.
fn draw(
    source: &Source,
    setting: Setting<'_>,
    out: &Path,
    folder: &str,
) -> Result<Vec<Picture>, Failure> {
    let dir: PathBuf = out.join(folder);
    let done = conclude(source, Setting { out: Some(&dir), ..setting })?;
    let picture = |r: &Value| {
        Some(Picture {
            file: format!("{folder}/{}", r["file"].as_str()?),
            caption: r["caption"].as_str().unwrap_or("").to_owned(),
        })
    };
    Ok(done.records.iter().filter_map(picture).collect())
}

/// What a run's answer is worth.
fn judge(record: &mut Record, item: &Item, truth: &Truth, done: &Conclusion) {
    let worst = || {
        let d = done.report.diagnostics.iter().rev();
        let errors = d.clone().find(|d| d.is_error()).or(d.clone().next());
        errors.map(|d| d.message.clone()).unwrap_or_default()
    };
    let stage = match (done.report.status, &done.report.answer) {
        (RunStatus::Rejected, _) => Stage::Check,
        (RunStatus::Failed, Some(_)) | (RunStatus::Shown, _) => Stage::Reason,
        (RunStatus::Failed | RunStatus::Abstained, _) => Stage::Run,
        (RunStatus::Answered | RunStatus::Tie, _) => Stage::Answered,
    };
    if stage != Stage::Answered {
        let note = match done.report.status {
            RunStatus::Shown => "the program shows pictures and answers nothing".to_owned(),
            _ => worst(),
        };
        record.end(stage, note);
        return;
    }
    let given = match truth {
        Truth::Letter(_) => {
            done.option.as_deref().and_then(|o| o.chars().next()).map(Given::Letter)
        }
        Truth::Number(_) => number(item, done).map(Given::Number),
        Truth::Text(_) => Some(Given::Text(spoken(&record.answer))),
    };
    scored(record, truth, given);
}

fn scored(record: &mut Record, truth: &Truth, given: Option<Given>) {
    match given.and_then(|g| truth.score(&g)) {
        Some(s) => {
            (record.score, record.refined) = (s.value, s.refined);
            record.end(Stage::Answered, "");
        }
        None => record.end(Stage::Reason, "the answer cannot be compared with the truth"),
    }
}

/// The number of an answer, in the unit that the question asks for.
fn number(item: &Item, done: &Conclusion) -> Option<f64> {
    use reasmory_driver::runtime::AnswerValue;
    let (value, _) = done.report.answer.as_ref()?;
    let answer = &done.document["answer"];
    match (value, item.question.asked.unit) {
        // Lengths of a memory of unknown scale are no lengths.
        _ if answer["unit"] == "scene units" => None,
        (AnswerValue::Quantity(x, dim), Some(unit)) if unit.dim == *dim => {
            Some(unit.from_canonical(*x))
        }
        _ => answer["value"].as_f64(),
    }
}

/// An answer in the words of free answers: yes and no, categories for things.
fn spoken(answer: &Value) -> String {
    fn of(value: &Value) -> String {
        match value {
            Value::Bool(b) => (if *b { "yes" } else { "no" }).to_owned(),
            Value::String(s) => s.replace('_', " "),
            Value::Array(all) => all.iter().map(of).collect::<Vec<_>>().join(", "),
            Value::Object(o) => o.get("category").map(of).unwrap_or_default(),
            Value::Number(n) => n.to_string(),
            Value::Null => String::new(),
        }
    }
    match &answer["value"] {
        Value::Number(_) if answer.get("unit").is_some() => {
            answer["text"].as_str().unwrap_or("").to_owned()
        }
        value => of(value),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A record of nothing.
    pub(crate) fn record() -> Record {
        let row = r#"{"id": 1, "question": "?", "answer": 1, "type": "length", "unit": "m"}"#;
        Record::of(&crate::parse(Benchmark::Jsonl, "q", row).unwrap()[0])
    }

    #[test]
    fn replies_are_scored_with_the_benchmarks_own_rules() {
        let item = crate::parse(
            Benchmark::VsiBench,
            "q",
            r#"{"id": 1, "scene_name": "s", "question_type": "object_counting", "question": "?",
                "options": null, "ground_truth": "4"}"#,
        )
        .unwrap()
        .remove(0);
        let scored = |truth: &Truth, reply: &str, b: Benchmark| {
            let mut r = Record::of(&item);
            reply_to(&mut r, truth, reply, b);
            (r.score, r.stage)
        };
        let four = Truth::Number(4.0);
        assert_eq!(scored(&four, "4", Benchmark::VsiBench), (1.0, Stage::Answered));
        assert_eq!(scored(&four, "3. I think", Benchmark::VsiBench), (0.6, Stage::Answered));
        assert_eq!(scored(&four, "four", Benchmark::VsiBench), (0.0, Stage::Reason));
        let b = Truth::Letter('B');
        assert_eq!(scored(&b, "B", Benchmark::VsiBench), (1.0, Stage::Answered));
        assert_eq!(scored(&b, "It is B.", Benchmark::VsiBench), (0.0, Stage::Reason));
        assert_eq!(scored(&b, "It is B.", Benchmark::MindCube), (1.0, Stage::Answered));
        let chair = Truth::Text(vec!["chair".into()]);
        assert_eq!(scored(&chair, "The chair.", Benchmark::Sqa3d), (1.0, Stage::Answered));
    }

    #[test]
    fn answers_in_words() {
        for (answer, want) in [
            (json!({"value": true, "text": "true"}), "yes"),
            (json!({"value": "front_left", "text": "front_left"}), "front left"),
            (json!({"value": {"id": 1, "category": "chair", "name": "chair #1"}}), "chair"),
            (json!({"value": 2, "text": "2"}), "2"),
            (json!({"value": 1.5, "text": "1.5 m", "unit": "m"}), "1.5 m"),
            (json!({"value": ["sofa", "tv"]}), "sofa, tv"),
            (Value::Null, ""),
        ] {
            assert_eq!(spoken(&answer), want);
        }
    }
}
