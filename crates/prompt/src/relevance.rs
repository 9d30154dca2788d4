//! Which operations a question calls for. Scores are whole numbers from words, so that the order is the same
//! everywhere; what they are made of is in `data/cues.txt` and in the table.

use std::sync::OnceLock;

use reasmory_ops::{Effect, Need};
use reasmory_scene::Manifest;
use reasmory_sema::catalogue::{self, Callable};
use reasmory_sema::question::Kind;
use reasmory_types::{Dim, Ty};

use crate::words::{folded, is_stop, words};
use crate::{Subject, examples};

const CUES: &str = include_str!("../data/cues.txt");

/// What every program is likely to need.
const BASE: &[(&str, i64)] = &[
    ("the", 16),
    ("objects", 16),
    ("filter", 7),
    ("count", 6),
    ("min_by", 6),
    ("nearest", 5),
    ("distance", 4),
    ("max_by", 3),
    ("map", 3),
    ("stand", 3),
    ("without", 2),
    ("top", 2),
    ("ego", 1),
];

/// An operation and how much a question calls for it.
#[derive(Clone, Copy, Debug)]
pub struct Ranked {
    /// The operation.
    pub callable: Callable,
    /// Its score.
    pub score: i64,
}

struct Cue {
    phrases: Vec<&'static str>,
    operations: Vec<&'static str>,
}

fn cues() -> &'static [Cue] {
    static TABLE: OnceLock<Vec<Cue>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = CUES.lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
        rows.filter_map(|l| l.split_once(':'))
            .map(|(phrases, operations)| Cue {
                phrases: phrases.split(',').map(str::trim).collect(),
                operations: operations.split_whitespace().collect(),
            })
            .collect()
    })
}

/// The operations that phrases of a text call for, with their weight: 24 for the most direct one of a cue,
/// less for those after it.
fn called_for(text: &str) -> Vec<(&'static str, i64)> {
    let hits = cues().iter().filter(|c| c.phrases.iter().any(|p| text.contains(&format!(" {p} "))));
    let weigh =
        |c: &'static Cue| c.operations.iter().zip(0i64..).map(|(o, i)| (*o, (24 - 4 * i).max(6)));
    hits.flat_map(weigh).collect()
}

/// Whether a scene has what an operation reads.
fn possible(c: &Callable, scene: Option<&Manifest>) -> bool {
    let (Some(m), Callable::Op(o)) = (scene, c) else { return true };
    o.needs.iter().all(|n| match n {
        Need::Photos => !m.photos.is_empty(),
        Need::Points => m.points > 0,
        Need::Room => m.room.is_some(),
        Need::Times => m.photos.iter().any(|p| p.time.is_some()),
    })
}

/// What the kind of answer calls for.
fn of_kind(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Count => &["count", "count_of", "objects", "filter"],
        Kind::Measure(Dim::LENGTH) => &["distance", "longest_side", "height", "height_above"],
        Kind::Measure(Dim::AREA) => &["floor_area", "room", "footprint"],
        Kind::Measure(Dim::ANGLE) => &["bearing", "angle_at", "stand"],
        Kind::Direction => &["side", "stand", "turn_needed"],
        Kind::Order => &["sort_by", "first_seen"],
        Kind::Photo => &["photos_seeing", "best_photo_of", "first_seen"],
        Kind::Object => &["min_by", "max_by", "category"],
        _ => &[],
    }
}

/// The operations for a subject, the most called for first; those that the scene cannot serve are left out, and
/// so is what asks a model where none may be asked.
pub fn rank(subject: Subject<'_>) -> Vec<Ranked> {
    let all = catalogue::all();
    let mut scores: Vec<i64> = vec![0; all.len()];
    let mut add = |name: &str, points: i64| {
        if let Ok(i) = all.binary_search_by(|c| c.name().cmp(name)) {
            scores[i] += points;
        }
    };
    for (name, points) in BASE {
        add(name, *points);
    }
    if let Some(q) = subject.question {
        let mut text = q.text.clone();
        for o in q.options.iter() {
            text.push_str(" . ");
            text.push_str(&o.text);
        }
        let text = folded(&text);
        for (name, points) in called_for(&text) {
            add(name, points);
        }
        if let Some(r) = q.relation() {
            for (name, i) in r.operations().iter().zip(0i64..) {
                add(name, (40 - 4 * i).max(8));
            }
            if r.needs_view() {
                add("stand", 30);
            }
        }
        for (name, i) in q.kind.map_or(&[][..], of_kind).iter().zip(0i64..) {
            add(name, 12 - 2 * i);
        }
        if !q.options.is_empty() && q.options.directions().is_none() {
            add("options", 12);
        }
        let own = words(&q.text);
        for c in &all {
            let parts = c.name().split('_').filter(|w| !is_stop(w));
            let named = parts.filter(|w| own.iter().any(|x| x == w)).count();
            let summary = words(c.summary());
            let mut said: Vec<&String> =
                own.iter().filter(|w| !is_stop(w) && summary.contains(w)).collect();
            said.sort_unstable();
            said.dedup();
            add(c.name(), 8 * named as i64 + said.len().min(4) as i64);
        }
        for e in examples::chosen(subject, 2) {
            for name in e.operations() {
                add(name, 6);
            }
        }
    }
    // What is judged from a view needs one.
    let views = |c: &Callable| c.signature().params.iter().any(|p| p.ty == Ty::View);
    let wants_view = all.iter().zip(&scores).any(|(c, s)| *s >= 20 && views(c));
    let mut out: Vec<Ranked> = all
        .iter()
        .zip(&scores)
        .map(|(c, s)| {
            let view = i64::from(wants_view && matches!(c.name(), "stand")) * 12;
            Ranked { callable: *c, score: s + view }
        })
        .filter(|r| possible(&r.callable, subject.scene))
        .filter(|r| subject.model || r.callable.effect() != Effect::Model)
        .collect();
    out.sort_by(|a, b| {
        b.score.cmp(&a.score).then_with(|| a.callable.name().cmp(b.callable.name()))
    });
    out
}

/// How much two texts call for the same: weights of the operations that both call for.
pub(crate) fn likeness(a: &str, b: &str) -> i64 {
    let (a, b) = (called_for(&folded(a)), called_for(&folded(b)));
    let weight = |list: &[(&str, i64)], name: &str| {
        list.iter().filter(|x| x.0 == name).map(|x| x.1).max().unwrap_or(0)
    };
    let mut names: Vec<&str> = a.iter().map(|x| x.0).collect();
    names.sort_unstable();
    names.dedup();
    let shared: i64 = names.iter().map(|n| weight(&a, n).min(weight(&b, n))).sum();
    // What only the other one is about tells against it.
    let mut other: Vec<&str> = b.iter().map(|x| x.0).filter(|n| !names.contains(n)).collect();
    other.sort_unstable();
    other.dedup();
    shared - 3 * other.len() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_sema::question::Question;

    #[test]
    fn cues_name_operations_that_exist() {
        for c in cues() {
            assert!(!c.phrases.is_empty() && !c.operations.is_empty());
            for o in &c.operations {
                assert!(catalogue::find(o).is_some(), "`{o}` is no operation");
            }
            for p in &c.phrases {
                assert_eq!(folded(p).trim(), *p, "cues are written as words are folded");
            }
        }
        for (name, _) in BASE {
            assert!(catalogue::find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_right_operations_come_first() {
        for (question, wanted) in [
            ("How far is the sofa from the tv?", "distance"),
            ("Standing at the sofa and facing the tv, is the stove to my left?", "side"),
            ("What is the size of this room?", "floor_area"),
            ("How many chairs are there?", "count"),
            ("Which way must I turn to face the bed?", "turn_needed"),
            ("In what order do tv and sofa appear?", "first_seen"),
            ("Is the lamp between the bed and the door?", "is_between"),
            ("How tall is the lamp?", "height"),
        ] {
            let q = Question { text: question.into(), ..Question::default() };
            let ranked = rank(Subject { question: Some(&q), ..Subject::default() });
            let at = ranked.iter().position(|r| r.callable.name() == wanted).unwrap();
            assert!(at < 4, "{question}: `{wanted}` is number {at}");
        }
    }

    #[test]
    fn models_only_where_they_may_be_asked() {
        let has = |s: Subject<'_>| rank(s).iter().any(|r| r.callable.name() == "pick");
        assert!(!has(Subject::default()) && has(Subject { model: true, ..Subject::default() }));
    }
}
