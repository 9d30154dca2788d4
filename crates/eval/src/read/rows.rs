//! One row of a question file to an item.

use std::path::Path;

use reasmory_driver::question::{self, Question};
use reasmory_driver::sema::question::Kind;
use serde_json::{Value, json};

use super::inline;
use crate::metric::float;
use crate::{Benchmark, Item, Truth};

/// Question types of VSI-Bench whose answer is a number (`NA_QUESTION_TYPES`).
const NUMERIC: [&str; 4] =
    ["object_abs_distance", "object_counting", "object_size_estimation", "room_size_estimation"];

/// What a row says, in the project's own terms.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub id: Value,
    pub family: String,
    pub scene: Option<String>,
    pub question: String,
    pub options: Vec<String>,
    /// The name of a question family that the checker knows.
    pub kind: Option<String>,
    pub answer: Value,
    /// More texts that are right.
    pub others: Vec<String>,
}

/// Hash of a row and its place.
fn digest(index: usize, row: &Result<Value, String>) -> String {
    let row = row.as_ref().map_or_else(Clone::clone, Value::to_string);
    let mut h = blake3::Hasher::new();
    h.update(&(index as u64).to_le_bytes()).update(row.as_bytes());
    h.finalize().to_hex()[..32].to_owned()
}

pub(super) fn item(benchmark: Benchmark, index: usize, row: Result<Value, String>) -> Item {
    let digest = digest(index, &row);
    let read = row.and_then(|row| match benchmark {
        Benchmark::Jsonl => own(&row),
        Benchmark::VsiBench if row.get("ground_truth").is_none() => own(&row),
        _ => parts(benchmark, &row).and_then(|p| of_parts(benchmark, p)),
    });
    finish(read.unwrap_or_else(unusable), index, digest)
}

/// The item of a row that was taken apart elsewhere.
pub(super) fn item_of(
    benchmark: Benchmark,
    index: usize,
    row: Result<Value, String>,
    parts: Result<Parts, String>,
) -> Item {
    let read = parts.and_then(|p| of_parts(benchmark, p));
    finish(read.unwrap_or_else(unusable), index, digest(index, &row))
}

/// An item of a row that cannot be used.
fn unusable(why: String) -> Item {
    Item {
        id: Value::Null,
        family: "unreadable".to_owned(),
        scene: None,
        question: Question::default(),
        truth: Err(why),
        stated: Value::Null,
        digest: String::new(),
    }
}

/// Gives an item what depends on its place.
fn finish(mut item: Item, index: usize, digest: String) -> Item {
    if !(item.id.is_string() || item.id.is_i64() || item.id.is_u64()) {
        item.id = json!(format!("row-{}", index + 1));
    }
    if item.family.is_empty() {
        item.family = "all".to_owned();
    }
    item.digest = digest;
    item
}

/// A row in the project's own format, or in one of VSI-Bench's.
fn own(row: &Value) -> Result<Item, String> {
    let question = question::of_value("row", row).map_err(|f| f.to_string())?;
    let family = question.kind.clone().unwrap_or_default();
    let stated = question.answer.clone().unwrap_or(Value::Null);
    let numeric = NUMERIC.contains(&family.as_str());
    Ok(Item {
        id: question.id.clone().unwrap_or(Value::Null),
        family,
        scene: question.scene_id(),
        truth: truth(&question, &stated, &[], numeric),
        stated,
        question,
        digest: String::new(),
    })
}

/// An item of a benchmark's row.
fn of_parts(benchmark: Benchmark, p: Parts) -> Result<Item, String> {
    let options = (!p.options.is_empty()).then_some(&p.options);
    let row = json!({
        "question": p.question, "options": options, "type": p.kind, "scene": p.scene,
    });
    let question = question::of_value("row", &row).map_err(|f| f.to_string())?;
    let numeric = benchmark == Benchmark::VsiBench && NUMERIC.contains(&p.family.as_str());
    Ok(Item {
        id: p.id,
        family: p.family,
        scene: p.scene,
        truth: truth(&question, &p.answer, &p.others, numeric),
        stated: p.answer,
        question,
        digest: String::new(),
    })
}

/// What is right, from what the file states. `numeric` is a question whose answer must be a number.
fn truth(q: &Question, stated: &Value, others: &[String], numeric: bool) -> Result<Truth, String> {
    let text = match stated {
        Value::String(s) => {
            // `<answer>A</answer>` of training rows.
            let inner = s.split_once("<answer>").and_then(|(_, r)| r.split_once("</answer>"));
            inner.map_or(s.as_str(), |i| i.0).trim().to_owned()
        }
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => (if *b { "yes" } else { "no" }).to_owned(),
        _ => return Err("the row states no answer".to_owned()),
    };
    if numeric || (stated.is_number() && q.asked.options.is_empty()) {
        let number = float(&text).filter(|x| x.is_finite());
        return number.map(Truth::Number).ok_or_else(|| format!("`{text}` is no number"));
    }
    if q.asked.options.is_empty() {
        let measured = matches!(q.asked.kind, Some(Kind::Count | Kind::Number | Kind::Measure(_)));
        return match float(&text) {
            Some(x) if measured && x.is_finite() => Ok(Truth::Number(x)),
            _ => Ok(Truth::Text([text].into_iter().chain(others.iter().cloned()).collect())),
        };
    }
    // A letter, `A. left`, or the words of an option.
    let letter = q.asked.options.iter().find(|c| {
        let mut chars = text.chars();
        let first = chars.next().is_some_and(|f| f.eq_ignore_ascii_case(&c.letter));
        first && matches!(chars.next(), None | Some('.' | ')' | ':'))
    });
    let words = || q.asked.options.iter().find(|c| c.text.eq_ignore_ascii_case(&text));
    letter
        .or_else(words)
        .map(|c| Truth::Letter(c.letter))
        .ok_or_else(|| format!("the answer `{text}` is none of the options"))
}

fn field<'v>(row: &'v Value, key: &str) -> Result<&'v str, String> {
    row.get(key).and_then(Value::as_str).ok_or_else(|| format!("the row has no text `{key}`"))
}

fn optional(row: &Value, key: &str) -> Option<String> {
    row.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn texts(row: &Value, key: &str) -> Vec<String> {
    let all = row.get(key).and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn id(row: &Value) -> Value {
    row.get("id").cloned().unwrap_or(Value::Null)
}

/// The scene of a row whose format names none: the row's own `scene`, else its id.
fn own_scene(row: &Value) -> Option<String> {
    optional(row, "scene").or_else(|| match row.get("id")? {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    })
}

fn parts(benchmark: Benchmark, row: &Value) -> Result<Parts, String> {
    match benchmark {
        Benchmark::VsiBench => vsi(row),
        Benchmark::MindCube => {
            let setting = row.get("id").and_then(Value::as_str).unwrap_or("");
            let answer = row.get("gt_answer").cloned().unwrap_or(Value::Null);
            with_inline(row, mindcube_setting(setting), answer)
        }
        Benchmark::MmsiBench => {
            let family = optional(row, "question_type").or_else(|| optional(row, "category"));
            let answer = row.get("answer").cloned().unwrap_or(Value::Null);
            with_inline(row, &family.unwrap_or_default(), answer)
        }
        Benchmark::ViewSpatial => viewspatial(row),
        Benchmark::Vlm4d => vlm4d(row),
        Benchmark::Sqa3d | Benchmark::Jsonl => Err("the row has another format".to_owned()),
    }
}

fn vsi(row: &Value) -> Result<Parts, String> {
    let kind = field(row, "question_type")?.to_owned();
    Ok(Parts {
        id: id(row),
        family: kind.clone(),
        scene: optional(row, "scene_name").or_else(|| optional(row, "scene")),
        question: field(row, "question")?.to_owned(),
        options: texts(row, "options"),
        kind: Some(kind),
        answer: row.get("ground_truth").cloned().unwrap_or(Value::Null),
        others: vec![],
    })
}

/// `get_setting_from_id` of MindCube.
fn mindcube_setting(id: &str) -> &'static str {
    let id = id.to_lowercase();
    ["around", "rotation", "translation", "among"]
        .into_iter()
        .find(|s| id.contains(s))
        .unwrap_or("other")
}

/// A row with its options in the text of the question.
fn with_inline(row: &Value, family: &str, answer: Value) -> Result<Parts, String> {
    let text = field(row, "question")?;
    let (question, options) = match texts(row, "options") {
        own if !own.is_empty() => (text.to_owned(), own),
        _ => inline::split(text).ok_or("the question has no options A, B … in its text")?,
    };
    Ok(Parts {
        id: id(row),
        family: family.to_owned(),
        scene: own_scene(row),
        question,
        options,
        answer,
        ..Parts::default()
    })
}

fn viewspatial(row: &Value) -> Result<Parts, String> {
    // …/scannetv2_val/scene0011_00/original_images/280.jpg
    let first = texts(row, "image_path").into_iter().next();
    let scene = first.as_deref().and_then(|p| {
        let folder = Path::new(p).parent()?;
        let named = |f: &Path| f.file_name().map(|n| n.to_string_lossy().into_owned());
        match named(folder)?.as_str() {
            "original_images" | "images" => named(folder.parent()?),
            other => Some(other.to_owned()),
        }
    });
    Ok(Parts {
        id: id(row),
        family: field(row, "question_type")?.to_owned(),
        scene: optional(row, "scene").or(scene),
        question: field(row, "question")?.to_owned(),
        options: field(row, "choices")?.lines().map(str::to_owned).collect(),
        answer: row.get("answer").cloned().unwrap_or(Value::Null),
        ..Parts::default()
    })
}

/// The groups of VLM4D's `acc_final_statistics.py` (commit 84fc8fa).
fn vlm4d_family(row: &Value, answer: &str) -> &'static str {
    let number = row.get("id").and_then(Value::as_str).and_then(|id| {
        let (kind, n) = id.rsplit_once('_')?;
        Some((kind.to_owned(), n.parse::<u64>().ok()?))
    });
    let video = row.get("video").and_then(Value::as_str).unwrap_or("");
    let answer = answer.trim().to_lowercase();
    if video.contains("synthetic") {
        return if answer == "no" || answer.starts_with("no ") {
            "synthetic false positive"
        } else {
            "synthetic directional"
        };
    }
    match number {
        Some((_, n)) if n > 922 => "real ego-centric",
        _ => "real exo-centric",
    }
}

fn vlm4d(row: &Value) -> Result<Parts, String> {
    let choices = row.get("choices").and_then(Value::as_object);
    let choices = choices.ok_or("the row has no object `choices`")?;
    let options: Vec<String> = choices
        .iter()
        .filter_map(|(letter, text)| Some(format!("{letter}. {}", text.as_str()?)))
        .collect();
    let answer = field(row, "answer")?;
    let stem = |v: String| Path::new(&v).file_stem().map(|s| s.to_string_lossy().into_owned());
    Ok(Parts {
        id: id(row),
        family: vlm4d_family(row, answer).to_owned(),
        scene: optional(row, "scene").or_else(|| optional(row, "video").and_then(stem)),
        question: field(row, "question")?.to_owned(),
        options,
        answer: json!(answer),
        ..Parts::default()
    })
}
