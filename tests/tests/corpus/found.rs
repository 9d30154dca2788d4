//! Every defect is found, with its code, at its place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rayon::prelude::*;
use reasmory_driver::sema::CheckOptions;
use reasmory_tests::cases::Bad;
use reasmory_tests::programs::{broken_promises, findings};

use super::{asked, at_least, bad_programs, found, percent, say};

/// What the checker made of a bad program.
struct Verdict {
    /// Whether the program was refused, or for a lint warned of.
    found: bool,
    /// Whether the findings are the expected ones: codes and places, all of them and no other.
    exact: bool,
    /// For a reader, where it is not exact.
    story: String,
}

fn judge(bad: &Bad) -> Verdict {
    let diagnostics = found(&bad.text, &bad.scene);
    let lint = bad.code.starts_with('W');
    let mut have: Vec<(&str, std::ops::Range<usize>)> =
        diagnostics.iter().map(|d| (d.code.id(), d.primary.span.range())).collect();
    let mut want: Vec<_> = bad.spans.iter().map(|s| (bad.code.as_str(), s.clone())).collect();
    let key = |x: &(&str, std::ops::Range<usize>)| (x.1.start, x.1.end, x.0.to_owned());
    have.sort_by_key(key);
    want.sort_by_key(key);
    let refused = diagnostics.iter().any(|d| d.is_error());
    let found = if lint { !have.is_empty() } else { refused };
    let exact = have == want;
    let mut story = String::new();
    if !exact {
        let _ = writeln!(story, "{} on {}\n{}", bad.name, bad.scene, bad.text.trim_end());
        for s in &bad.spans {
            let _ = writeln!(story, "  want {} `{}`", bad.code, bad.text[s.clone()].escape_debug());
        }
        for line in findings(&bad.text, &diagnostics).lines() {
            let _ = writeln!(story, "  have {line}");
        }
    }
    Verdict { found, exact, story }
}

#[test]
fn every_defect_is_found_at_its_place() {
    let all = bad_programs();
    let verdicts: Vec<Verdict> = all.par_iter().map(judge).collect();
    let found = verdicts.iter().filter(|v| v.found).count();
    let exact = verdicts.iter().filter(|v| v.exact).count();
    let by_hand = all.iter().filter(|b| b.by_hand).count();
    let classes: BTreeSet<&str> = all.iter().map(|b| b.class.as_str()).collect();
    let codes: BTreeSet<&str> = all.iter().map(|b| b.code.as_str()).collect();
    say(&format!(
        "bad programs: {} ({by_hand} by hand, {} by mutation), {} classes, {} codes",
        all.len(),
        all.len() - by_hand,
        classes.len(),
        codes.len()
    ));
    say(&format!("  found: {}", percent(found, all.len())));
    say(&format!("  code and place exact, and nothing else said: {}", percent(exact, all.len())));
    let stories: String = verdicts.iter().map(|v| v.story.as_str()).collect();
    at_least(found, all.len(), 98.0, "found", &stories);
    at_least(exact, all.len(), 100.0, "exact", &stories);
}

#[test]
fn there_are_enough() {
    let all = bad_programs();
    let by_hand = all.iter().filter(|b| b.by_hand).count();
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for b in all {
        *sizes.entry(b.class.as_str()).or_default() += 1;
    }
    assert!(by_hand >= 300 && all.len() - by_hand >= 300, "{by_hand} of {}", all.len());
    assert!(sizes.len() >= 60, "{} classes", sizes.len());
    let mut texts: Vec<(&str, &str)> =
        all.iter().map(|b| (b.scene.as_str(), b.text.as_str())).collect();
    texts.sort_unstable();
    let n = texts.len();
    texts.dedup();
    assert_eq!(texts.len(), n, "a bad program stands in the corpus twice");
    // An operator that finds nothing to mutate tests nothing.
    for op in reasmory_tests::mutants::operators() {
        assert!(sizes.get(op.name).copied().unwrap_or(0) >= 3, "few mutants: {}", op.name);
    }
}

/// A safe suggestion keeps its promise.
#[test]
fn safe_suggestions_repair() {
    let bad: String = bad_programs()
        .par_iter()
        .map(|b| {
            let diagnostics = found(&b.text, &b.scene);
            asked(&b.text, &b.scene, |options| broken_promises(&b.text, options, &diagnostics))
        })
        .collect();
    assert!(bad.is_empty(), "{bad}");
}

/// So do those for every other program in the tree, on every standard scene.
#[test]
fn safe_suggestions_repair_every_program_of_the_tree() {
    use reasmory_tests::{corpus, programs, scenes};
    let bad: String = corpus::all()
        .par_iter()
        .flat_map(|c| scenes::NAMES.par_iter().map(move |n| (c, *n)))
        .map(|(c, name)| {
            let question = programs::question(&c.text);
            let question = question.as_ref().map(|q| &q.asked);
            let options = CheckOptions { question, ..programs::options(Some(scenes::scene(name))) };
            let source = reasmory_driver::Source::new("corpus.rsm", c.text.clone());
            let report = reasmory_driver::check(&source, options);
            let broken = broken_promises(&c.text, options, &report.diagnostics);
            if broken.is_empty() { broken } else { format!("{} on {name}: {broken}", c.name) }
        })
        .collect();
    assert!(bad.is_empty(), "{bad}");
}
