//! Generates from the grammar at the top of the repository: the parser, and the tables of the strict
//! automaton that the prefix check drives one token at a time.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../grammar")
        .canonicalize()
        .expect("the grammar directory exists");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", dir.display());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let generate = |to: &Path, features: &[&str]| {
        lalrpop::Configuration::new()
            .emit_rerun_directives(true)
            .set_out_dir(to)
            .set_features(features.iter().map(|f| (*f).to_owned()))
            .process_dir(&dir)
            .unwrap_or_else(|e| panic!("the grammar does not build: {e}"));
    };
    generate(&out, &[]);
    let strict = out.join("strict");
    generate(&strict, &["strict"]);
    let parser = std::fs::read_to_string(strict.join("reasmory.rs")).expect("the strict parser");
    std::fs::write(out.join("automaton.rs"), automaton(&parser)).expect("OUT_DIR is writable");
}

/// The tables of the one automaton of a generated parser. LALRPOP keeps them private to a module whose
/// only entry runs to the end of the input, and the prefix check must stop between tokens; so they are
/// taken from the text, and a text of another shape ends the build.
fn automaton(parser: &str) -> String {
    let table = |name: &str| -> Vec<i16> {
        let head = format!("    const {name}: &[i16] = &[\n");
        between(parser, &head, "\n    ];")
            .lines()
            .filter(|l| !l.trim_start().starts_with("//"))
            .flat_map(|l| l.split(','))
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .map(|n| n.parse().unwrap_or_else(|_| panic!("`{n}` in {name}")))
            .collect()
    };
    let terminals: Vec<&str> = between(parser, "    const __TERMINAL: &[&str] = &[\n", "\n    ];")
        .lines()
        .map(|l| {
            l.trim()
                .strip_prefix("r###\"\"")
                .and_then(|l| l.strip_suffix("\"\"###,"))
                .unwrap_or_else(|| panic!("terminal {l}"))
        })
        .collect();
    // Each reduction: states to pop, nonterminal produced; the last one accepts.
    let reductions = between(parser, "        match __reduce_index {\n", "\n            _ =>");
    let mut reduce: Vec<(usize, usize)> = Vec::new();
    let mut accept = None;
    for line in reductions.lines().map(str::trim) {
        let number = |s: &str| s.trim_end_matches(',').parse().unwrap_or_else(|_| panic!("`{s}`"));
        if let Some(n) = line.strip_prefix("states_to_pop: ") {
            reduce.push((number(n), usize::MAX));
        } else if let Some(n) = line.strip_prefix("nonterminal_produced: ") {
            reduce.last_mut().expect("after its states_to_pop").1 = number(n);
        } else if let Some((n, _)) = line.split_once(" => __state_machine::SimulatedReduce::Accept")
        {
            assert!(accept.replace(number(n)).is_none(), "one start symbol");
            reduce.push((0, 0));
        }
    }
    let accept = accept.expect("a start symbol");
    assert!(accept + 1 == reduce.len() && reduce.iter().all(|r| r.1 != usize::MAX));
    let (action, eof) = (table("__ACTION"), table("__EOF_ACTION"));
    let width = action.len() / eof.len();
    assert!(width * eof.len() == action.len() && width == terminals.len());
    let goto = between(parser, "    fn __goto(state: i16, nt: usize) -> i16 {\n", "\n    }\n");
    let mut out = String::new();
    let _ = writeln!(out, "pub(crate) const TERMINALS: &[&str] = &{terminals:?};");
    let _ = writeln!(out, "pub(crate) const WIDTH: usize = {width};");
    let _ = writeln!(out, "pub(crate) static ACTION: &[i16] = &{action:?};");
    let _ = writeln!(out, "pub(crate) static EOF_ACTION: &[i16] = &{eof:?};");
    let _ = writeln!(out, "/// States to pop, nonterminal produced.");
    let _ = writeln!(out, "pub(crate) static REDUCE: &[(u16, u16)] = &{reduce:?};");
    let _ = writeln!(out, "pub(crate) const ACCEPT: usize = {accept};");
    let _ = writeln!(out, "pub(crate) fn goto(state: i16, nt: usize) -> i16 {{\n{goto}\n}}");
    out
}

/// What stands between the one `head` and the next `tail`.
fn between<'t>(text: &'t str, head: &str, tail: &str) -> &'t str {
    let mut parts = text.split(head);
    let (_, Some(body), None) = (parts.next(), parts.next(), parts.next()) else {
        panic!("LALRPOP's output has another shape: not one `{}`", head.trim());
    };
    body.split_once(tail).unwrap_or_else(|| panic!("no end of `{}`", head.trim())).0
}
