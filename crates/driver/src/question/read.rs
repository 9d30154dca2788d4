//! The fields of a question.

use reasmory_diag::similar;
use reasmory_sema::question::{
    FAMILIES, Family, KINDS, Kind, Options, Question as Asked, unit_word,
};
use reasmory_types::{Dim, UNITS, Unit};
use serde_json::Value;

use super::json::{Node, Wrong, shown};
use super::{Question, decomposition};

/// Most options that are read.
const OPTIONS: usize = 256;

/// Most questions of a file.
const QUESTIONS: usize = 1 << 20;

/// Fields that this version reads.
const KNOWN: [&str; 14] = [
    "id",
    "problem_id",
    "scene",
    "path",
    "question",
    "problem",
    "options",
    "type",
    "original_question_type",
    "problem_type",
    "unit",
    "answer",
    "solution",
    "decomposition",
];

/// Fields of benchmarks that say nothing about the answer.
const OTHERS: [&str; 4] = ["data_type", "data_source", "process", "dataset"];

pub(super) fn questions(value: &Value) -> Result<Vec<Question>, Wrong> {
    let root = Node::root(value);
    match value {
        Value::Array(_) => root.list(QUESTIONS)?.iter().map(question).collect(),
        _ => Ok(vec![question(&root)?]),
    }
}

pub(super) fn question(row: &Node<'_>) -> Result<Question, Wrong> {
    row.spelled(&KNOWN, &OTHERS)?;
    let words = |key| row.field(key).map(|n| n.text().map(str::to_owned)).transpose();
    let text = match row.either("question", "problem")? {
        Some(node) => node.words()?.to_owned(),
        None => {
            let remedy = "give the question's text as `question`";
            return Err(row.wrong("`question` is missing", remedy));
        }
    };
    let id = match row.either("id", "problem_id")? {
        Some(n) if n.value.is_string() || n.value.is_number() => Some(n.value.clone()),
        Some(n) => return Err(n.wrong("an id is a text or a number", "write one of the two")),
        None => None,
    };
    let options = row.field("options").map(|n| options(&n)).transpose()?.filter(|o| !o.is_empty());
    let kinds = kinds(row)?;
    let (kind, family) = (kinds.kind, kinds.family);
    let unit = unit(row, kind, family)?;
    // A unit says what is measured, where nothing else does.
    let kind = kind.or(unit.filter(|u| u.dim != Dim::NONE).map(|u| Kind::Measure(u.dim)));
    let decomposition =
        row.field("decomposition").map(|n| decomposition::read(&n, &text)).transpose()?;
    let answer = row.either("answer", "solution")?.map(|n| n.value.clone());
    Ok(Question {
        id,
        scene: words("scene")?,
        path: words("path")?,
        question: text.clone(),
        asked: Asked {
            text,
            options: Options::new(options.as_deref().unwrap_or_default()),
            kind,
            family,
            unit,
            decomposition,
        },
        options,
        kind: kinds.written,
        answer,
    })
}

fn options(node: &Node<'_>) -> Result<Vec<String>, Wrong> {
    node.list(OPTIONS)?.iter().map(|o| o.words().map(str::to_owned)).collect()
}

/// What the fields on the kind of question say.
struct Kinds {
    written: Option<String>,
    kind: Option<Kind>,
    family: Option<&'static Family>,
}

fn kinds(row: &Node<'_>) -> Result<Kinds, Wrong> {
    let node = row.either("type", "original_question_type")?;
    let written = node.as_ref().map(Node::text).transpose()?.map(str::to_owned);
    let name = written.as_deref().unwrap_or("");
    let family = Family::named(name);
    let mut kind = family.map(|f| f.kind).or_else(|| Kind::named(name));
    if let Some(node) = node.filter(|n| kind.is_none() && n.path.ends_with(".type")) {
        // A name near none of these is the family of another benchmark, of which nothing is expected.
        let known = KINDS.iter().map(|k| k.0).chain(FAMILIES.iter().map(|f| f.name));
        if let Some(best) = similar::candidates(name, known).first() {
            let what = format!("{} is no kind of question", shown(name));
            return Err(node.wrong(what, format!("did you mean `{best}`?")));
        }
    }
    // `multiple choice` of the benchmark's own rows.
    if kind.is_none()
        && let Some(n) = row.field("problem_type")
    {
        kind = Kind::named(n.text()?);
    }
    Ok(Kinds { written, kind, family })
}

fn unit(
    row: &Node<'_>,
    kind: Option<Kind>,
    family: Option<&Family>,
) -> Result<Option<&'static Unit>, Wrong> {
    let Some(node) = row.field("unit").filter(|n| n.value.as_str() != Some("")) else {
        return Ok(family.and_then(|f| f.unit).and_then(Unit::named));
    };
    let text = node.text()?;
    let Some(unit) = unit_word(text) else {
        let names: Vec<&str> = UNITS.iter().map(|u| u.name).collect();
        return Err(node.wrong(
            format!("{} is no unit", shown(text)),
            format!("units are {}; a count and a direction have none", names.join(", ")),
        ));
    };
    let wanted = match kind {
        Some(Kind::Measure(d)) => Some(d),
        Some(Kind::Number) => Some(Dim::NONE),
        Some(Kind::Choice | Kind::Text) | None => return Ok(Some(unit)),
        Some(_) => None,
    };
    if wanted == Some(unit.dim) {
        return Ok(Some(unit));
    }
    let asked = kind.map(Kind::asked).unwrap_or_default();
    Err(node.wrong(
        format!("`{}` is a unit of {}, and the question asks for {asked}", unit.name, unit.dim),
        "mend `type` or `unit`",
    ))
}
