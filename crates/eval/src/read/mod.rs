//! Question files of the benchmarks, each in its published format.

mod inline;
mod rows;
mod sqa3d;

use reasmory_driver::{Failure, files};
use serde_json::Value;

use crate::{Benchmark, Item};

/// Reads a question file: JSON, or a row of JSON a line. A row that cannot be used stays in as an item that
/// says why.
pub fn read(benchmark: Benchmark, path: &str) -> Result<Vec<Item>, Failure> {
    let text = files::read_text(path)?;
    if benchmark == Benchmark::Sqa3d
        && let Some(beside) = sqa3d::annotations_beside(path)
    {
        let annotations = files::read_text(&beside)?;
        return sqa3d::parse(path, &text, Some((&beside, &annotations)));
    }
    parse(benchmark, path, &text)
}

/// Reads the text of a question file; `path` is what findings call it.
pub fn parse(benchmark: Benchmark, path: &str, text: &str) -> Result<Vec<Item>, Failure> {
    if benchmark == Benchmark::Sqa3d {
        return sqa3d::parse(path, text, None);
    }
    let items: Vec<Item> = values(path, text)?
        .into_iter()
        .enumerate()
        .map(|(i, row)| rows::item(benchmark, i, row))
        .collect();
    if items.is_empty() {
        return Err(Failure::new(format!("{path}: holds no question"), "put one into it"));
    }
    Ok(items)
}

/// The rows of a file: of a list, of lines, or the only one. A line that is no JSON is an error of its row.
fn values(path: &str, text: &str) -> Result<Vec<Result<Value, String>>, Failure> {
    let text = text.trim_start_matches('\u{feff}');
    match serde_json::from_str(text) {
        Ok(Value::Array(rows)) => return Ok(rows.into_iter().map(Ok).collect()),
        Ok(one @ Value::Object(_)) => return Ok(vec![Ok(one)]),
        Ok(_) => {
            return Err(Failure::new(
                format!("{path}: holds no rows"),
                "write a list of objects, or an object a line",
            ));
        }
        Err(_) => {}
    }
    let rows: Vec<Result<Value, String>> = text
        .lines()
        .enumerate()
        .filter(|(_, l)| !l.trim().is_empty())
        .map(|(i, l)| {
            serde_json::from_str(l).map_err(|e| format!("line {} is not JSON: {e}", i + 1))
        })
        .collect();
    if rows.iter().all(Result::is_err) && !rows.is_empty() {
        return Err(Failure::new(
            format!("{path}: is neither JSON nor JSON lines"),
            "write a list of objects, or an object a line",
        ));
    }
    Ok(rows)
}

/// The body of a fuzz target: no text makes any of the readers panic, and every row is kept.
pub fn fuzz_questions(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for benchmark in Benchmark::ALL {
        if let Ok(items) = parse(benchmark, "fuzz", &text) {
            assert!(items.iter().all(|i| !i.family.is_empty()));
        }
    }
}

#[cfg(test)]
mod tests;
