//! The corpus of good and bad programs: what the checker finds, what it lets through, what it repairs.
//! `cargo test -p reasmory_tests --test corpus -- --nocapture` prints the figures.

mod found;
mod good;
mod names;
mod planted;
mod repaired;

use std::sync::OnceLock;

use reasmory_driver::Source;
use reasmory_driver::diag::Diagnostic;
use reasmory_driver::sema::CheckOptions;
use reasmory_tests::cases::{self, Bad, Good};
use reasmory_tests::{inventory, mutants, programs};

/// The good programs.
fn good_programs() -> &'static [Good] {
    static GOOD: OnceLock<Vec<Good>> = OnceLock::new();
    GOOD.get_or_init(cases::good)
}

/// The bad programs: those of the files, then the mutants.
fn bad_programs() -> &'static [Bad] {
    static BAD: OnceLock<Vec<Bad>> = OnceLock::new();
    BAD.get_or_init(|| {
        let mut all = cases::bad();
        let mut made = mutants::mutants(good_programs());
        // Now and then an operator makes what a person has written.
        made.retain(|m| !all.iter().any(|b| b.scene == m.scene && b.text == m.text));
        all.extend(made);
        all
    })
}

/// Calls `f` with the options to check a text on a scene: the scene, and the question of its first line.
/// `studio+model` has a model configured, `studio+model+all` runs the lints that are off by default, too; the
/// memory of `studio+pictures` keeps the pictures of its photos.
fn asked<T>(text: &str, scene: &str, f: impl FnOnce(CheckOptions<'_>) -> T) -> T {
    let question = programs::question(text);
    let question = question.as_ref().map(|q| &q.asked);
    let (scene, with) = scene.split_once('+').unwrap_or((scene, ""));
    let has = |word| with.split('+').any(|w| w == word);
    let mut options = CheckOptions {
        question,
        model: has("model"),
        all_lints: has("all"),
        ..programs::options(Some(inventory::scene(scene)))
    };
    let mut pictured = options.scene.cloned();
    if has("pictures") {
        let photos = pictured.iter_mut().flat_map(|m| &mut m.photos);
        photos.for_each(|p| p.image = Some(format!("photos/{}.png", p.number)));
        options.scene = pictured.as_ref();
    }
    f(options)
}

/// The findings about a text on a scene.
fn found(text: &str, scene: &str) -> Vec<Diagnostic> {
    let source = Source::new("corpus.rsm", text);
    asked(text, scene, |options| reasmory_driver::check(&source, options).diagnostics)
}

/// Prints past the harness, which keeps the output of passing tests to itself unless asked.
fn say(line: &str) {
    eprintln!("{line}");
}

/// A share in percent, for the report.
fn percent(part: usize, whole: usize) -> String {
    format!("{part} of {whole} ({:.2} %)", 100.0 * part as f64 / whole.max(1) as f64)
}

/// Asserts a share of at least `least` percent.
fn at_least(part: usize, whole: usize, least: f64, what: &str, missing: &str) {
    let share = 100.0 * part as f64 / whole.max(1) as f64;
    assert!(share >= least, "{what}: {}, not {least} %\n{missing}", percent(part, whole));
}
