//! Several independent defects in one program: all of them are reported in one pass, and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use rayon::prelude::*;
use reasmory_driver::fuzz::Random;
use reasmory_tests::programs::findings;

use super::{at_least, bad_programs, percent, say};

/// Programs of each number of defects.
const PROGRAMS: usize = 40;

/// A defect inside the value of a statement.
struct Defect {
    value: String,
    code: String,
    span: Range<usize>,
}

/// A program of several defects and where each is.
struct Planted {
    scene: String,
    text: String,
    want: Vec<(String, Range<usize>)>,
}

type Finding = (String, Range<usize>);

fn found(text: &str, scene: &str) -> (Vec<Finding>, String) {
    let d = super::found(text, scene);
    let mut out: Vec<Finding> =
        d.iter().map(|d| (d.code.id().to_owned(), d.primary.span.range())).collect();
    out.sort_by_key(|f| (f.1.start, f.1.end));
    (out, findings(text, &d))
}

fn program(defects: &[&Defect]) -> (String, Vec<Finding>) {
    let (mut text, mut want) = (String::new(), Vec::new());
    for (n, d) in (1..).zip(defects) {
        let _ = write!(text, "_value{n} = ");
        want.push((d.code.clone(), text.len() + d.span.start..text.len() + d.span.end));
        text += &d.value;
        text.push('\n');
    }
    text += "answer objects().count()\n";
    (text, want)
}

/// The defects of one-line programs whose place is inside the answered value, by scene; those that depend
/// on being an answer are left out.
fn defects() -> BTreeMap<&'static str, Vec<Defect>> {
    let mut out: BTreeMap<&str, Vec<Defect>> = BTreeMap::new();
    for b in bad_programs().iter().filter(|b| !b.alone && b.spans.len() == 1) {
        let Some(value) = b.text.strip_prefix("answer ").map(str::trim_end) else { continue };
        let span = b.spans[0].clone();
        if value.contains('\n') || span.start < 7 || b.scene.contains('!') {
            continue;
        }
        let d = Defect {
            value: value.to_owned(),
            code: b.code.clone(),
            span: span.start - 7..span.end - 7,
        };
        let (text, want) = program(&[&d]);
        if found(&text, &b.scene).0 == want {
            out.entry(&b.scene).or_default().push(d);
        }
    }
    // Enough to choose eight different ones from.
    out.retain(|_, v| v.len() >= 40);
    out
}

fn planted() -> Vec<Planted> {
    let by_scene = defects();
    let scenes: Vec<&&str> = by_scene.keys().collect();
    let mut r = Random::new(8);
    let mut out = Vec::new();
    for n in 1..=8 {
        for _ in 0..PROGRAMS {
            let Some(scene) = r.pick(&scenes) else { continue };
            let all = &by_scene[**scene];
            let mut chosen: Vec<&Defect> = Vec::new();
            while chosen.len() < n {
                let Some(d) = r.pick(all) else { break };
                let said = &d.value[d.span.clone()];
                // One name that is not known is one defect, however often it is used; what a memory lacks
                // is said once.
                let same = |c: &&Defect| {
                    c.value == d.value
                        || c.code == d.code
                            && (c.value[c.span.clone()] == *said || d.code == "E0506")
                };
                if !chosen.iter().any(same) {
                    chosen.push(d);
                }
            }
            let (text, want) = program(&chosen);
            out.push(Planted { scene: (**scene).to_owned(), text, want });
        }
    }
    out
}

#[test]
fn independent_defects_are_reported_in_one_pass() {
    let programs = planted();
    let results: Vec<(usize, usize, usize, String)> = programs
        .par_iter()
        .map(|p| {
            let (have, shown) = found(&p.text, &p.scene);
            let hit = p.want.iter().filter(|w| have.contains(w)).count();
            let more = have.iter().filter(|h| !p.want.contains(h)).count();
            let story = if hit == p.want.len() && more == 0 {
                String::new()
            } else {
                format!("on {}\n{}{shown}{hit} found, {more} more\n\n", p.scene, p.text)
            };
            (p.want.len(), hit, more, story)
        })
        .collect();
    let sum = |f: fn(&(usize, usize, usize, String)) -> usize| results.iter().map(f).sum::<usize>();
    let (all, hit, more) = (sum(|r| r.0), sum(|r| r.1), sum(|r| r.2));
    say(&format!("planted: {all} independent defects in {} programs of 1 to 8", programs.len()));
    say(&format!("  reported in one pass: {}", percent(hit, all)));
    say(&format!("  cascades: {}", percent(more, all)));
    let stories: String = results.iter().map(|r| r.3.as_str()).collect();
    assert!(programs.len() >= 300);
    at_least(hit, all, 95.0, "planted defects reported", &stories);
    at_least(all.saturating_sub(more), all, 95.0, "findings that are no cascades", &stories);
}
