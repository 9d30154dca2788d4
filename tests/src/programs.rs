//! Checking and running texts.

use std::fmt::Write as _;

use reasmory_driver::answer::{self, Printing};
use reasmory_driver::diag::{Applicability, Diagnostic, Level, Suggestion};
use reasmory_driver::jit;
use reasmory_driver::question::{self, Question};
use reasmory_driver::runtime::{Limits, Outcome};
use reasmory_driver::sema::CheckOptions;
use reasmory_driver::{
    CheckReport, Engine, Program, RunOptions, RunReport, Scene, Source, check as driver_check,
    compile as driver_compile,
};

/// A source of this text.
pub fn source(text: &str) -> Source {
    Source::new("test.rsm", text)
}

/// Check options for a scene, or for none.
pub fn options(scene: Option<&Scene>) -> CheckOptions<'_> {
    CheckOptions { scene: scene.map(|s| s.memory.manifest().as_ref()), ..CheckOptions::default() }
}

/// The question that a text carries in its first line, `# question: {…}`.
pub fn question(text: &str) -> Option<Question> {
    let json = text.lines().next()?.strip_prefix("# question: ")?;
    let found = question::parse("the first line", json);
    Some(found.unwrap_or_else(|e| panic!("{e}\n{text}")).remove(0))
}

/// Parses and checks, against the question of its first line where it has one; every safe suggestion is
/// applied and the program checked again.
pub fn check(text: &str, scene: Option<&Scene>) -> CheckReport {
    let asked = question(text);
    let question = asked.as_ref().map(|q| &q.asked);
    check_with(text, CheckOptions { question, ..options(scene) })
}

/// [`check`] with options of one's own.
pub fn check_with(text: &str, options: CheckOptions<'_>) -> CheckReport {
    let report = driver_check(&source(text), options);
    let bad = broken_promises(text, options, &report.diagnostics);
    assert!(bad.is_empty(), "a safe suggestion does not repair:\n{bad}");
    report
}

/// What is wrong with the safe suggestions of a program's findings: each one, applied by itself, has to take
/// its finding away, bring no other, and leave a program with fewer errors where its finding was an error.
pub fn broken_promises(text: &str, options: CheckOptions<'_>, before: &[Diagnostic]) -> String {
    // The question layer speaks once the program is sound: what it then says is nothing a repair brought.
    let asked = |d: &Diagnostic| d.code.info().level == Level::Question;
    let errors = |l: &[Diagnostic]| l.iter().filter(|d| d.is_error() && !asked(d)).count();
    let mut bad = String::new();
    for (d, s) in safe(before) {
        let repaired = applied(text, s);
        let after = driver_check(&source(&repaired), options).diagnostics;
        let first = s.edits.iter().map(|e| e.span.start).min().unwrap_or(0);
        // Before the first edit nothing has moved.
        let again = after.iter().any(|x| {
            x.code == d.code
                && x.primary.span.start == d.primary.span.start
                && x.message == d.message
                || x.code == d.code && d.primary.span.end <= first && x.primary == d.primary
        });
        let fewer = errors(&after) < errors(before);
        if again || (d.is_error() && !asked(d) && !fewer) || errors(&after) > errors(before) {
            let _ = writeln!(
                bad,
                "{text}\n  {} `{}` gives\n{repaired}\n{}",
                d.code.id(),
                s.title,
                findings(&repaired, &after)
            );
        }
    }
    bad
}

/// The program, or a panic with its findings.
pub fn compile(text: &str, scene: &Scene) -> Program {
    let asked = question(text);
    let question = asked.as_ref().map(|q| &q.asked);
    let options = CheckOptions { question, ..options(Some(scene)) };
    driver_compile(&source(text), options).unwrap_or_else(|r| {
        panic!("does not check:\n{text}\n{}", source(text).render(&r.diagnostics))
    })
}

/// Runs with native code.
pub fn run(text: &str, scene: &Scene) -> RunReport {
    let options = RunOptions { engine: Engine::Jit, limits: small(), ..RunOptions::default() };
    compile(text, scene).run(scene, options)
}

/// The answer as people read it, or the status and the first error where there is none.
pub fn answer_text(text: &str, scene: &Scene) -> String {
    let program = compile(text, scene);
    let report = program.run(scene, RunOptions::default());
    match &report.answer {
        Some((v, unit)) => answer::text(v, printing(&program, *unit, scene)),
        None => {
            let code = report.diagnostics.iter().find(|d| d.is_error()).map(|d| d.code.id());
            format!("{} {}", report.status.name(), code.unwrap_or("")).trim_end().to_owned()
        }
    }
}

/// How the answer of a program is printed.
pub fn printing<'p>(program: &'p Program, unit: Option<u32>, scene: &Scene) -> Printing<'p> {
    Printing {
        ty: program.answer.as_ref(),
        unit,
        metric: scene.memory.manifest().scale.is_metric(),
    }
}

/// Codes, places and messages, a line each.
pub fn findings(text: &str, diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().fold(String::new(), |mut out, d| {
        let quoted = d.primary.span.text(text);
        let _ = writeln!(out, "{} `{}` {}", d.code.id(), quoted.escape_debug(), d.message);
        out
    })
}

/// The usual limits with small pictures: engines that draw other pictures draw other small ones, too.
pub fn small() -> Limits {
    Limits { picture: 96, ..Limits::default() }
}

/// One run, with everything that a run can be told apart by: answer bits, faults, decisions, and a hash of
/// the pixels of each picture with its caption.
pub fn outcome(program: &Program, scene: &Scene, jit: bool) -> (Outcome, String) {
    outcome_within(program, scene, jit, small())
}

/// [`outcome`] under limits of one's own.
pub fn outcome_within(
    program: &Program,
    scene: &Scene,
    jit: bool,
    limits: Limits,
) -> (Outcome, String) {
    let options = jit.then(jit::Options::default);
    outcome_compiled(program, scene, options, limits)
}

/// [`outcome_within`] of native code compiled with these options; of the interpreter without.
pub fn outcome_compiled(
    program: &Program,
    scene: &Scene,
    options: Option<jit::Options>,
    limits: Limits,
) -> (Outcome, String) {
    let compiled = options.map(|o| {
        jit::compile(&program.mir, o).unwrap_or_else(|e| panic!("{}: {e}", program.source.text))
    });
    let o = program.once(scene, limits, compiled.as_ref(), None);
    let mut text = format!("{:?}\n{:?}\n{:?}\n", o.answer, o.fault, o.decisions);
    for e in &o.evidence {
        let i = &e.image;
        let bytes: Vec<u8> = i.pixels.pixels.iter().flatten().copied().collect();
        let hash = blake3::hash(&bytes).to_hex();
        let _ = writeln!(
            text,
            "{:?} {} {}x{} {} {:x} {:?} {:?} {:?} {hash}",
            e.loc,
            i.kind,
            i.pixels.width,
            i.pixels.height,
            i.caption,
            i.coverage.to_bits(),
            i.visible,
            i.objects,
            i.missing
        );
    }
    (o, text)
}

/// The text with a suggestion applied.
pub fn applied(text: &str, s: &Suggestion) -> String {
    let mut edits: Vec<_> = s.edits.iter().collect();
    edits.sort_by_key(|e| std::cmp::Reverse((e.span.start, e.span.end)));
    let mut out = text.to_owned();
    for e in edits {
        out.replace_range(e.span.start as usize..e.span.end as usize, &e.insert);
    }
    out
}

/// The safe suggestions of findings, with the finding.
pub fn safe(diagnostics: &[Diagnostic]) -> impl Iterator<Item = (&Diagnostic, &Suggestion)> {
    diagnostics.iter().flat_map(|d| {
        d.suggestions.iter().filter(|s| s.applicability == Applicability::Safe).map(move |s| (d, s))
    })
}
