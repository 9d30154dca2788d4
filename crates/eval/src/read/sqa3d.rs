//! SQA3D: questions and annotations in two files, or merged rows.

use std::collections::BTreeMap;
use std::path::Path;

use reasmory_driver::Failure;
use serde_json::{Value, json};

use super::rows::{self, Parts};
use crate::{Benchmark, Item};

/// `v1_balanced_sqa_annotations_test_scannetv2.json` beside `v1_balanced_questions_test_scannetv2.json`.
pub(super) fn annotations_beside(path: &str) -> Option<String> {
    let name = Path::new(path).file_name()?.to_str()?;
    if !name.contains("_questions_") {
        return None;
    }
    let other = Path::new(path).with_file_name(name.replace("_questions_", "_sqa_annotations_"));
    other.is_file().then(|| other.to_string_lossy().into_owned())
}

fn json_of(path: &str, text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|e| Failure::new(format!("{path}: is not JSON: {e}"), "fetch the file again"))
}

/// Reads questions with the answers beside them, in a member `annotations`, or in each row as `answers` or
/// `answer`.
pub(super) fn parse(
    path: &str,
    text: &str,
    annotations: Option<(&str, &str)>,
) -> Result<Vec<Item>, Failure> {
    let (questions, mut answers) = match json_of(path, text) {
        Ok(Value::Object(mut file)) if file.contains_key("questions") => {
            let questions = file.remove("questions").unwrap_or_default();
            let beside = match annotations {
                Some((path, text)) => json_of(path, text)?,
                None => Value::Object(file),
            };
            let rows = questions.as_array().cloned().unwrap_or_default();
            (rows.into_iter().map(Ok).collect(), index(&beside))
        }
        _ => (super::values(path, text)?, BTreeMap::new()),
    };
    let items: Vec<Item> = questions
        .into_iter()
        .enumerate()
        .map(|(i, row)| {
            let merged = row.map(|mut row| {
                let id = row.get("question_id").map(Value::to_string).unwrap_or_default();
                if let (Some(found), Some(row)) = (answers.remove(&id), row.as_object_mut()) {
                    row.insert("answers".to_owned(), found);
                }
                row
            });
            item(i, merged)
        })
        .collect();
    if items.is_empty() {
        return Err(Failure::new(format!("{path}: holds no question"), "put one into it"));
    }
    Ok(items)
}

/// Answers by the id of their question.
fn index(file: &Value) -> BTreeMap<String, Value> {
    let rows = file.get("annotations").and_then(Value::as_array);
    rows.into_iter()
        .flatten()
        .filter_map(|r| Some((r.get("question_id")?.to_string(), r.get("answers")?.clone())))
        .collect()
}

/// The groups of `get_sqa_question_type`, which everybody reports.
fn family(question: &str) -> &'static str {
    let q = question.trim_start().to_lowercase();
    ["what", "is", "how", "can", "which"].into_iter().find(|w| q.starts_with(w)).unwrap_or("others")
}

fn item(index: usize, row: Result<Value, String>) -> Item {
    let text = |row: &Value, key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
    let parts = row.clone().and_then(|row| {
        let question = text(&row, "question").ok_or("the row has no text `question`")?;
        let mut answers: Vec<String> = match row.get("answers") {
            Some(Value::Array(all)) => all
                .iter()
                .filter_map(|a| a.as_str().or_else(|| a.get("answer")?.as_str()))
                .map(str::to_owned)
                .collect(),
            _ => text(&row, "answer").into_iter().collect(),
        };
        let stated = if answers.is_empty() { Value::Null } else { json!(answers.remove(0)) };
        let situation = text(&row, "situation").unwrap_or_default();
        Ok(Parts {
            id: row.get("question_id").or_else(|| row.get("id")).cloned().unwrap_or_default(),
            family: family(&question).to_owned(),
            scene: text(&row, "scene_id").or_else(|| text(&row, "scene")),
            question: format!("{} {question}", situation.trim()).trim().to_owned(),
            answer: stated,
            others: answers,
            ..Parts::default()
        })
    });
    rows::item_of(Benchmark::Sqa3d, index, row, parts)
}
