//! Did-you-mean: names spelt wrong by one edit, and names that other people use.

use std::collections::BTreeMap;

use rayon::prelude::*;
use reasmory_driver::diag::Diagnostic;
use reasmory_tests::inventory;
use reasmory_tests::mutants::operations;
use reasmory_tests::spelling::slips;

use super::{at_least, found, good_programs, percent, say};

/// The name that a finding at `start` offers first: what `reasmory fix` would write.
fn offered(found: &[Diagnostic], start: usize) -> Option<String> {
    let d = found.iter().find(|d| d.primary.span.range().start == start)?;
    d.suggestions.first()?.edits.first().map(|e| e.insert.trim_matches('"').to_owned())
}

/// How often the first offer was right, and what went wrong.
#[derive(Default)]
struct Score {
    right: usize,
    all: usize,
    wrong: Vec<String>,
}

impl Score {
    fn of(results: Vec<(bool, String)>) -> Score {
        let all = results.len();
        let right = results.iter().filter(|r| r.0).count();
        Score { right, all, wrong: results.into_iter().filter(|r| !r.0).map(|r| r.1).collect() }
    }

    fn hold(&self, what: &str) {
        say(&format!("did you mean, {what}: {}", percent(self.right, self.all)));
        at_least(self.right, self.all, 95.0, what, &self.wrong.join("\n"));
    }
}

#[test]
fn misspelt_categories() {
    // Each category once, in the first scene that has it.
    let mut home: BTreeMap<&str, &str> = BTreeMap::new();
    for scene in inventory::names() {
        for c in &inventory::scene(scene).memory.manifest().categories {
            home.entry(&c.name).or_insert(scene);
        }
    }
    let cases: Vec<(&str, &str, String)> = home
        .iter()
        .flat_map(|(name, scene)| slips(name).into_iter().map(|w| (*name, *scene, w)))
        .filter(|(_, scene, w)| inventory::scene(scene).memory.manifest().category(w).is_none())
        .collect();
    let results = cases
        .par_iter()
        .map(|(name, scene, wrong)| {
            let text = format!("answer objects(\"{wrong}\").count()\n");
            let offer = offered(&found(&text, scene), "answer objects(".len());
            (offer.as_deref() == Some(name), format!("{wrong} for {name} on {scene}: {offer:?}"))
        })
        .collect();
    Score::of(results).hold("misspelt categories");
}

#[test]
fn misspelt_operations() {
    // Each operation where a good program first uses it, so that arguments say what they would in use.
    type Place = (usize, std::ops::Range<usize>);
    let mut uses: BTreeMap<String, Place> = BTreeMap::new();
    for (n, g) in good_programs().iter().enumerate() {
        for (name, at) in operations(g) {
            uses.entry(name).or_insert((n, at));
        }
    }
    assert!(uses.len() >= 100, "{}", uses.len());
    let known: Vec<&String> = uses.keys().collect();
    let cases: Vec<(&String, &Place, String)> = uses
        .iter()
        .flat_map(|(name, place)| slips(name).into_iter().map(move |w| (name, place, w)))
        .filter(|(_, _, w)| !known.contains(&w) && !reasmory_tests::mutants::is_word(w))
        .collect();
    let results = cases
        .par_iter()
        .map(|(name, (n, at), wrong)| {
            let g = &good_programs()[*n];
            let mut text = g.text.clone();
            text.replace_range(at.clone(), wrong);
            let offer = offered(&found(&text, &g.scene), at.start);
            (offer.as_ref() == Some(*name), format!("{wrong} for {name} in {}: {offer:?}", g.name))
        })
        .collect();
    Score::of(results).hold("misspelt operations");
}

/// `tests/corpus/synonyms.txt`: `scene: word = category`, and `operation = its name here`.
#[test]
fn synonyms() {
    let text = include_str!("../../corpus/synonyms.txt");
    let mut results = Vec::new();
    for line in text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
        let (left, right) = line.split_once('=').unwrap_or_else(|| panic!("`{line}`"));
        let right = right.trim();
        let offer = match left.split_once(':') {
            Some((scene, word)) => {
                let program = format!("answer objects(\"{}\").count()\n", word.trim());
                offered(&found(&program, scene.trim()), "answer objects(".len())
            }
            None => {
                let program = format!("answer {}()\n", left.trim());
                offered(&found(&program, "studio"), "answer ".len())
            }
        };
        results.push((offer.as_deref() == Some(right), format!("{line}: {offer:?}")));
    }
    assert!(results.len() >= 150, "{}", results.len());
    Score::of(results).hold("synonyms");
}
