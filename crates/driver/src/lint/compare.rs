//! Two batches side by side: what a change of the prompt or the model did.

use std::collections::{BTreeMap, BTreeSet};

use reasmory_diag::Code;
use serde_json::Value;

use super::tables::{shown, table};
use super::{Row, Totals};

/// Ids listed of each kind; the rest are counted.
const SHOWN: usize = 20;

/// A batch before and after, matched by id. Of an id that occurs several times, the first matches the
/// first, the second the second.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    before: BTreeMap<(String, usize), bool>,
    after: BTreeMap<(String, usize), bool>,
    order: Vec<(String, usize)>,
    occurrences: [BTreeMap<String, usize>; 2],
}

impl Comparison {
    /// Adds a row of the earlier batch.
    pub fn before(&mut self, row: &Row) {
        if let Some(key) = self.key(0, row) {
            self.before.insert(key, row.ok);
        }
    }

    /// Adds a row of the batch that is compared with it.
    pub fn after(&mut self, row: &Row) {
        if let Some(key) = self.key(1, row) {
            self.order.push(key.clone());
            self.after.insert(key, row.ok);
        }
    }

    fn key(&mut self, side: usize, row: &Row) -> Option<(String, usize)> {
        if row.id == Value::Null {
            return None;
        }
        let id = row.id.as_str().map_or_else(|| row.id.to_string(), str::to_owned);
        let n = self.occurrences[side].entry(id.clone()).or_default();
        *n += 1;
        Some((id, *n))
    }

    /// The tables of `--compare`: programs fixed, broken and unchanged, then findings by code.
    pub fn text(&self, before: &Totals, after: &Totals) -> String {
        let mut fixed = Vec::new();
        let mut broken = Vec::new();
        let (mut still_ok, mut still_wrong, mut new) = (0usize, 0usize, 0usize);
        for key in &self.order {
            match (self.before.get(key), self.after.get(key)) {
                (Some(false), Some(true)) => fixed.push(key.0.as_str()),
                (Some(true), Some(false)) => broken.push(key.0.as_str()),
                (Some(true), _) => still_ok += 1,
                (Some(false), _) => still_wrong += 1,
                (None, _) => new += 1,
            }
        }
        let gone = self.before.keys().filter(|k| !self.after.contains_key(*k)).count();
        let row = |name: &str, n: usize| vec![name.to_owned(), n.to_string()];
        let mut out = table(&[
            row("programs before", before.programs),
            row("programs after", after.programs),
            row("fixed", fixed.len()),
            row("broken", broken.len()),
            row("unchanged, ok", still_ok),
            row("unchanged, with errors", still_wrong),
            row("only before", gone),
            row("only after", new),
        ]);
        for (name, ids) in [("fixed", &fixed), ("broken", &broken)] {
            if !ids.is_empty() {
                let listed: Vec<String> = ids.iter().take(SHOWN).map(|i| shown(i)).collect();
                out.push_str(&format!("\n{name}: {}", listed.join(", ")));
                if ids.len() > SHOWN {
                    out.push_str(&format!(" ({} more)", ids.len() - SHOWN));
                }
                out.push('\n');
            }
        }
        let codes: BTreeSet<Code> =
            before.codes.keys().chain(after.codes.keys()).copied().collect();
        if codes.is_empty() {
            return out;
        }
        let mut rows = vec![["code", "before", "after", "change"].map(str::to_owned).to_vec()];
        for c in codes {
            let n = |t: &Totals| t.codes.get(&c).map_or(0, |n| n.findings);
            let (a, b) = (n(before), n(after));
            let change = match b.cmp(&a) {
                std::cmp::Ordering::Equal => "0".to_owned(),
                std::cmp::Ordering::Greater => format!("+{}", b - a),
                std::cmp::Ordering::Less => format!("-{}", a - b),
            };
            rows.push(vec![format!("{c} {}", c.name()), a.to_string(), b.to_string(), change]);
        }
        out.push('\n');
        out.push_str(&table(&rows));
        out
    }
}
