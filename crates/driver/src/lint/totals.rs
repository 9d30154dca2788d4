//! Counts over a batch.

use std::collections::BTreeMap;

use reasmory_diag::Code;
use serde_json::{Map, Value, json};

use super::Row;

/// Findings of a kind, and the programs that have one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Findings.
    pub findings: usize,
    /// Programs with at least one.
    pub programs: usize,
}

/// Programs of one model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByModel {
    /// All.
    pub programs: usize,
    /// Those without an error.
    pub ok: usize,
    /// Findings at error level.
    pub errors: usize,
    /// Findings at warning level.
    pub warnings: usize,
}

/// What a batch adds up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Lines that are not blank.
    pub programs: usize,
    /// Programs without a finding.
    pub clean: usize,
    /// Programs without an error.
    pub ok: usize,
    /// Lines that could not be checked: malformed, or their scene or dialect is not there.
    pub unchecked: usize,
    /// Findings at error level.
    pub errors: usize,
    /// Findings at warning level.
    pub warnings: usize,
    /// By code.
    pub codes: BTreeMap<Code, Count>,
    /// By operation.
    pub operations: BTreeMap<String, Count>,
    /// By model; programs that name none are under the empty name.
    pub models: BTreeMap<String, ByModel>,
}

impl Totals {
    /// Counts a row.
    pub fn add(&mut self, row: &Row) {
        self.programs += 1;
        self.ok += usize::from(row.ok);
        self.unchecked += usize::from(row.problem.is_some());
        self.clean += usize::from(row.ok && row.findings.is_empty());
        let errors = row.findings.iter().filter(|f| f.error).count();
        self.errors += errors;
        self.warnings += row.findings.len() - errors;
        let model = self.models.entry(row.model.clone().unwrap_or_default()).or_default();
        model.programs += 1;
        model.ok += usize::from(row.ok);
        model.errors += errors;
        model.warnings += row.findings.len() - errors;
        count(&mut self.codes, row.findings.iter().filter_map(|f| f.code));
        count(&mut self.operations, row.findings.iter().filter_map(|f| f.operation.clone()));
    }

    /// Whether everything was checked and has no error.
    pub fn is_ok(&self) -> bool {
        self.ok == self.programs
    }

    /// The summary line.
    pub fn json(&self) -> Value {
        let codes: Map<String, Value> =
            self.codes.iter().map(|(c, n)| (c.id().to_owned(), n.findings.into())).collect();
        json!({
            "schema": 1,
            "type": "summary",
            "programs": self.programs,
            "clean": self.clean,
            "errors": self.errors,
            "warnings": self.warnings,
            "by_code": codes,
            "ok": self.ok,
            "unchecked": self.unchecked,
        })
    }
}

/// Adds the keys of one program.
fn count<K: Ord + Clone>(into: &mut BTreeMap<K, Count>, keys: impl Iterator<Item = K>) {
    let mut here: BTreeMap<K, usize> = BTreeMap::new();
    for k in keys {
        *here.entry(k).or_default() += 1;
    }
    for (k, n) in here {
        let c = into.entry(k).or_default();
        c.findings += n;
        c.programs += 1;
    }
}
