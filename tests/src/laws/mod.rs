//! Laws of the operations: what holds in every scene, and between a scene and a changed one.
//!
//! A law is a program, so it is held where the operations are used: checked, compiled, run over a memory. The
//! programs are compiled once; a case is a random scene. `spec/laws.md` is printed from these tables.

mod scenes;
mod table;
mod transforms;

use reasmory_driver::jit::Compiled;
use reasmory_driver::runtime::{AnswerValue, FaultKind, Limits};
use reasmory_driver::synth::Rng;
use reasmory_driver::types::Direction;
use reasmory_driver::{Program, Scene, compile};

pub use scenes::{Amount, Case};
pub use table::{Law, WITHIN};
pub use transforms::{Change, Mirrored, NOT_MORE, NotMore, SUBJECTS, Subject};

use crate::programs::{options, source};

/// What laws may name: each with the statement that is put before a law that does.
const NAMES: [(&str, &str); 19] = [
    ("tiny", "tiny = 0.000001m"),
    ("tiny_area", "tiny_area = 0.00001m2"),
    ("tiny_angle", "tiny_angle = 0.00001deg"),
    ("a", "a = the(\"table\")"),
    ("b", "b = the(\"bed\")"),
    ("c", "c = the(\"stove\")"),
    ("d", "d = the(\"rug\")"),
    ("s", "s = the(\"sofa\")"),
    ("upper", "upper = the(\"vase\")"),
    ("lower", "lower = the(\"table\")"),
    ("lifted", "lifted = the(\"lamp\")"),
    ("inner", "inner = the(\"book\")"),
    ("outer", "outer = the(\"shelf\")"),
    ("me", "me = stand(at=the(\"sofa\"), facing=the(\"tv\"))"),
    ("v", "v = photo(1).view()"),
    ("w", "w = photo(2).view()"),
    ("xs", "xs = objects(\"chair\")"),
    ("every", "every = objects()"),
    ("angle", "angle = angle_at(the(\"tv\"), the(\"sofa\"), the(\"rug\"))"),
];

/// The angle between two bearings, the shorter way.
const APART: &str = "fn apart(p: Angle, q: Angle) -> Angle {\n  \
                     return abs(mod(p - q + 540deg, by=360deg) - 180deg)\n}\n";

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

/// A law's program with what it names.
pub fn program(law: &str) -> String {
    let (before, last) = law.rsplit_once('\n').unwrap_or(("", law));
    let mut out = String::new();
    if words(law).any(|w| w == "apart") {
        out.push_str(APART);
    }
    // In a text, a letter is no name.
    let plain: String = law.split('"').step_by(2).collect();
    for (name, statement) in NAMES {
        let bound = law.lines().any(|l| l.starts_with(&format!("{name} = ")));
        if !bound && words(&plain).any(|w| w == name) {
            out.push_str(statement);
            out.push('\n');
        }
    }
    if !before.is_empty() {
        out.push_str(before);
        out.push('\n');
    }
    format!("{out}answer {last}\n")
}

/// A compiled law.
struct Ready {
    program: Program,
    code: Compiled,
}

impl Ready {
    fn new(law: &str, scene: &Scene) -> Result<Ready, String> {
        let source = source(&program(law));
        let program =
            compile(&source, options(Some(scene))).map_err(|r| source.render(&r.diagnostics))?;
        let code = program.jit().map_err(|d| d.message)?;
        Ok(Ready { program, code })
    }

    /// The answer; nothing where an operation has no value; anything else is a broken law.
    fn answer(&self, scene: &Scene) -> Result<Option<AnswerValue>, String> {
        let done = self.program.once(scene, Limits::default(), Some(&self.code), None);
        match (done.fault, done.answer) {
            (Some(f), _) if f.kind == FaultKind::NoValue => Ok(None),
            (Some(f), _) => Err(format!("ends with {:?}: {}", f.kind, f.message)),
            (None, answer) => Ok(answer.map(|a| a.0)),
        }
    }
}

/// How often a law was tried and how often it said something.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Its name.
    pub name: String,
    /// Cases.
    pub cases: usize,
    /// Cases in which it had a value.
    pub told: usize,
    /// Seeds of the cases in which it did not hold.
    pub broken: Vec<u64>,
    /// What was found in the first of them.
    pub first: Option<String>,
}

fn swapped(d: Direction) -> Direction {
    use Direction as D;
    match d {
        D::Left => D::Right,
        D::Right => D::Left,
        D::FrontLeft => D::FrontRight,
        D::FrontRight => D::FrontLeft,
        D::BackLeft => D::BackRight,
        D::BackRight => D::BackLeft,
        other => other,
    }
}

/// What an answer becomes under a change.
fn expected(before: &AnswerValue, s: &Subject, change: Change, by: &Amount) -> AnswerValue {
    let mirror = change == Change::Mirror && s.mirrored == Mirrored::Swapped;
    match before {
        AnswerValue::Bool(b) => AnswerValue::Bool(*b != mirror),
        AnswerValue::Quantity(x, dim) => {
            let x = if mirror { -x } else { *x };
            let k =
                if change == Change::Scale { by.scale.powi(i32::from(dim.length)) } else { 1.0 };
            AnswerValue::Quantity(k * x, *dim)
        }
        AnswerValue::Direction(d) if mirror => AnswerValue::Direction(swapped(*d)),
        other => other.clone(),
    }
}

/// Whether two answers agree. Points are stored in single precision; an angle of ±180° is one.
fn agree(a: &AnswerValue, b: &AnswerValue, points: bool) -> bool {
    match (a, b) {
        (AnswerValue::Quantity(x, dim), AnswerValue::Quantity(y, _)) => {
            let slack = if points { 1e-4 } else { 1e-7 };
            let near = |x: f64, y: f64| (x - y).abs() <= slack * (1.0 + x.abs().max(y.abs()));
            near(*x, *y) || (dim.length == 0 && near((x - y).abs(), 360.0))
        }
        (a, b) => a == b,
    }
}

/// Laws, compiled.
pub struct Laws {
    /// Which of [`Laws::names`] are tried.
    chosen: Vec<bool>,
    within: Vec<Ready>,
    between: Vec<(&'static Subject, Ready, Ready)>,
    not_more: Vec<Ready>,
}

/// Name of the law of a subject and a change.
pub fn between_name(s: &Subject, change: Change) -> String {
    format!("{}-{}", change.name(), s.name)
}

/// The changes that make a law with a subject.
pub fn changes(s: &Subject) -> impl Iterator<Item = Change> + '_ {
    Change::ALL.into_iter().filter(|c| !s.except.contains(c))
}

impl Laws {
    /// Compiles every law, to try those whose name `wanted` takes; says which do not check.
    pub fn compiled(wanted: impl Fn(&str) -> bool) -> Result<Laws, String> {
        let case = Case::random(&mut Rng::new(1));
        let scene = case.scene();
        let relative = case.relative().scene();
        let mut bad = String::new();
        let mut ready = |program: &str, scene: &Scene| {
            Ready::new(program, scene).map_err(|e| bad.push_str(&e)).ok()
        };
        let laws = Laws {
            chosen: Laws::names().iter().map(|n| wanted(n)).collect(),
            within: WITHIN.iter().filter_map(|l| ready(l.program, &scene)).collect(),
            between: SUBJECTS
                .iter()
                .filter_map(|s| Some((s, ready(s.program, &scene)?, ready(s.program, &relative)?)))
                .collect(),
            not_more: NOT_MORE.iter().filter_map(|n| ready(n.program, &scene)).collect(),
        };
        if bad.is_empty() { Ok(laws) } else { Err(bad) }
    }

    /// Names of all laws, in order.
    pub fn names() -> Vec<String> {
        let within = WITHIN.iter().map(|l| l.name.to_owned());
        let between = SUBJECTS.iter().flat_map(|s| changes(s).map(|c| between_name(s, c)));
        let not_more = NOT_MORE.iter().map(|n| n.name.to_owned());
        within.chain(between).chain(not_more).collect()
    }

    /// What each law that is tried gives in the case of a seed: nothing where it has no value, else whether it
    /// holds.
    fn case(&self, seed: u64) -> Vec<Option<Result<(), String>>> {
        let mut rng = Rng::new(seed);
        let case = Case::random(&mut rng);
        let by = Amount::random(&mut rng);
        let scene = case.scene();
        let mut out = Vec::new();
        let mut chosen = self.chosen.iter();
        let mut skip = || chosen.next() != Some(&true);
        for (law, ready) in WITHIN.iter().zip(&self.within) {
            if skip() {
                continue;
            }
            if law.boxes && case.points {
                out.push(None);
                continue;
            }
            out.push(match ready.answer(&scene) {
                Ok(None) => None,
                Ok(Some(AnswerValue::Bool(true))) => Some(Ok(())),
                Ok(Some(other)) => Some(Err(format!("answers {other:?}"))),
                Err(e) => Some(Err(e)),
            });
        }
        let relative = case.clone().relative();
        let plain = relative.scene();
        let changed: Vec<(Change, Scene)> = Change::ALL
            .into_iter()
            .map(|c| {
                (c, if c == Change::Scale { &relative } else { &case }.changed(c, &by).scene())
            })
            .collect();
        for (s, metric, scaled) in &self.between {
            for change in changes(s) {
                if skip() {
                    continue;
                }
                let (ready, base) =
                    if change == Change::Scale { (scaled, &plain) } else { (metric, &scene) };
                let Some((_, after)) = changed.iter().find(|c| c.0 == change) else { continue };
                out.push(match (ready.answer(base), ready.answer(after)) {
                    (Ok(None), Ok(None)) => None,
                    (Ok(Some(x)), Ok(Some(y))) => {
                        let want = expected(&x, s, change, &by);
                        let fine = agree(&want, &y, case.points);
                        Some(if fine { Ok(()) } else { Err(format!("{x:?} becomes {y:?}")) })
                    }
                    (x, y) => Some(Err(format!("{x:?} becomes {y:?}"))),
                });
            }
        }
        let crowded = changed.iter().find(|c| c.0 == Change::Add).map_or(&scene, |c| &c.1);
        for (law, ready) in NOT_MORE.iter().zip(&self.not_more) {
            if skip() {
                continue;
            }
            if law.boxes && case.points {
                out.push(None);
                continue;
            }
            let number = |v: AnswerValue| match v {
                AnswerValue::Quantity(x, _) => x,
                AnswerValue::Int(i) => i as f64,
                _ => f64::NAN,
            };
            out.push(match (ready.answer(&scene), ready.answer(crowded)) {
                (Ok(Some(x)), Ok(Some(y))) => {
                    let (x, y) = (number(x), number(y));
                    Some(if y <= x + 1e-9 { Ok(()) } else { Err(format!("{x} becomes {y}")) })
                }
                (Ok(None), _) => None,
                (x, y) => Some(Err(format!("{x:?} becomes {y:?}"))),
            });
        }
        out
    }

    /// Tries the laws in the cases of these seeds.
    pub fn hold(&self, seeds: impl Iterator<Item = u64>) -> Vec<Tally> {
        let mut all: Vec<Tally> = Laws::names()
            .into_iter()
            .zip(&self.chosen)
            .filter(|(_, chosen)| **chosen)
            .map(|(name, _)| Tally { name, cases: 0, told: 0, broken: Vec::new(), first: None })
            .collect();
        for seed in seeds {
            for (tally, got) in all.iter_mut().zip(self.case(seed)) {
                tally.cases += 1;
                tally.told += usize::from(got.is_some());
                if let Some(Err(e)) = got {
                    tally.broken.push(seed);
                    tally.first.get_or_insert(e);
                }
            }
        }
        all
    }
}

/// `spec/laws.md`.
pub fn page() -> String {
    let names = Laws::names();
    let mut out = format!(
        "# Laws of the operations\n\n\
         {} laws that the operations keep in every scene: {} within one scene, {} between a scene and a changed \
         one. Each is a program, so what is tried is what users run: checked, compiled to native code, run over a \
         memory. The page is printed from the tables in `tests/src/laws`.\n\n\
         A case is a random scene of eleven categories: boxes anywhere in a room and turned, some on, over and in \
         others, in a quarter of the cases with points; three photos; an observer who stands at the sofa and \
         faces the tv. A law that has no value in a case (a thing at the viewer's own place) says nothing there; \
         one that says something in fewer than one case of twenty is a broken test.\n\n    \
         cargo test -p reasmory_tests --test programs laws\n    \
         REASMORY_LAW_CASES=100000 cargo test --release -p reasmory_tests --test programs laws -- --nocapture\n\n\
         `REASMORY_LAW_NAMES=turned-distance,lifted-inside` tries these alone. A seed that has broken a law stays in \
         `FOUND` of `tests/tests/programs/laws.rs` and is tried in every run.\n\n\
         In the programs, `a`, `b`, `c` and `d` are four things, `s` is a thing with a front, `xs` are several of a \
         category, `every` is all, `upper` and `lower`, `lifted`, `inner` and `outer` are pairs that are often on, \
         above and in each other, `me`, `v` and `w` are views, `angle` is an angle, `apart(p, q)` is the shorter \
         way between two angles, and what is `tiny` is a rounding error: 1 µm, 0.1 cm², 0.00001°.\n\n\
         ## Within a scene\n\n| law | says | program |\n|---|---|---|\n",
        names.len(),
        WITHIN.len(),
        names.len() - WITHIN.len(),
    );
    let code = |p: &str| format!("`{}`", p.replace('\n', " ⏎ ").replace('|', "\\|"));
    for l in WITHIN {
        let boxes = if l.boxes { " (Boxes.)" } else { "" };
        out.push_str(&format!("| {} | {}{boxes} | {} |\n", l.name, l.says, code(l.program)));
    }
    out.push_str(
        "\n## Between a scene and a changed one\n\n\
         Each subject keeps its answer under each change, and the law is called by both: `turned-distance`. A \
         mirror swaps left and right, the sign of bearings, and *left of*; a scaling multiplies a length by its \
         factor, an area by the square, a volume by the cube. Where the scale is not known, eye height, steps and \
         thresholds are shares of the room, so they scale along.\n\n| change | |\n|---|---|\n",
    );
    for c in Change::ALL {
        out.push_str(&format!("| {} | {} |\n", c.name(), c.says()));
    }
    out.push_str("\n| subject | program | in a mirror | not under |\n|---|---|---|---|\n");
    for s in SUBJECTS {
        let mirror = if s.mirrored == Mirrored::Swapped { "swapped" } else { "the same" };
        let except: Vec<&str> = s.except.iter().map(|c| c.name()).collect();
        out.push_str(&format!(
            "| {} | {} | {mirror} | {} |\n",
            s.name,
            code(s.program),
            except.join(", ")
        ));
    }
    out.push_str(
        "\nAn added thing makes these no larger. What can be seen obeys the law of boxes only: with points, a point \
         hides what lies behind a square as wide as points near it are apart, so a thing with points close to \
         those of another makes the other's squares smaller, and what they hid can come into view.\n\n\
         | law | program |\n|---|---|\n",
    );
    for n in NOT_MORE {
        let boxes = if n.boxes { " (Boxes.)" } else { "" };
        out.push_str(&format!("| {}{boxes} | {} |\n", n.name, code(n.program)));
    }
    out
}
