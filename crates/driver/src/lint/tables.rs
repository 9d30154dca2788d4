//! Counts as tables for people.

use super::{Count, Totals};

/// Operations shown; the rest are counted.
const SHOWN: usize = 30;

/// The tables of `--stats`: by code, by operation, by model; most findings first.
pub fn stats(t: &Totals) -> String {
    let with_errors = t.programs - t.ok - t.unchecked;
    let mut out = format!(
        "{} programs: {} clean, {} with warnings only, {with_errors} with errors, {} not checked\n",
        t.programs,
        t.clean,
        t.ok - t.clean,
        t.unchecked
    );
    let named = t.codes.iter().map(|(c, n)| (format!("{c} {}", c.name()), *n)).collect();
    out.push_str(&counts("code", named));
    let named = t.operations.iter().map(|(o, n)| (o.clone(), *n)).collect();
    out.push_str(&counts("operation", named));
    if t.models.keys().any(|m| !m.is_empty()) {
        let mut rows = vec![
            ["model", "programs", "ok", "ok %", "errors", "warnings"].map(str::to_owned).to_vec(),
        ];
        for (name, m) in &t.models {
            let share = 100.0 * m.ok as f64 / m.programs.max(1) as f64;
            rows.push(vec![
                if name.is_empty() { "(none named)".to_owned() } else { shown(name) },
                m.programs.to_string(),
                m.ok.to_string(),
                format!("{share:.1}"),
                m.errors.to_string(),
                m.warnings.to_string(),
            ]);
        }
        out.push('\n');
        out.push_str(&table(&rows));
    }
    out
}

fn counts(title: &str, mut named: Vec<(String, Count)>) -> String {
    if named.is_empty() {
        return String::new();
    }
    // Stable: what has equally many stays in its order.
    named.sort_by_key(|(_, n)| std::cmp::Reverse((n.findings, n.programs)));
    let left = named.len().saturating_sub(SHOWN);
    let mut rows = vec![vec![title.to_owned(), "findings".to_owned(), "programs".to_owned()]];
    rows.extend(
        named
            .iter()
            .take(SHOWN)
            .map(|(k, n)| vec![shown(k), n.findings.to_string(), n.programs.to_string()]),
    );
    let mut out = format!("\n{}", table(&rows));
    if left > 0 {
        out.push_str(&format!("({left} more)\n"));
    }
    out
}

/// Text from an input, in one line and without control characters.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(60).map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// Columns: the first to the left, numbers to the right.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let width = |i: usize| {
        rows.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len)).map(width).collect();
    let mut out = String::new();
    for row in rows {
        for (i, (cell, w)) in row.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(w - cell.chars().count());
            match i {
                0 => out.push_str(&format!("{cell}{pad}")),
                _ => out.push_str(&format!("  {pad}{cell}")),
            }
        }
        while out.ends_with(' ') {
            out.pop();
        }
        out.push('\n');
    }
    out
}
