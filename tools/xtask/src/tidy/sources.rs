//! What may stand in source files.

use super::Finding;
use crate::repo::Repo;
use crate::scan::{code_lines, has_word, product_lines, test_modules};

/// Modules in which unsafe code may stand; their crates deny it elsewhere.
const UNSAFE: &[(&str, &[&str])] = &[
    ("crates/jit", &["code", "shims"]),
    ("crates/render", &["simd"]),
    ("crates/scene", &["simd"]),
    ("crates/store", &["map"]),
];

/// Crates that do input and output; every other product crate does none.
const IO: &[&str] = &[
    "crates/store",
    "crates/import",
    "crates/model",
    "crates/onnx",
    "crates/frontend",
    "crates/driver",
    "crates/eval",
    "crates/cli",
];

/// Longest source file.
const MAX_LINES: usize = 1500;

/// Kinds of files that people write.
const WRITTEN: &[&str] =
    &[".rs", ".rsm", ".toml", ".lalrpop", ".md", ".json", ".yml", ".sh", "/run"];

/// Unsafe code is forbidden in every crate root, but for named modules.
pub fn unsafe_code(repo: &Repo) -> Vec<Finding> {
    let mut out = Vec::new();
    for dir in repo.crate_dirs() {
        let allowed = UNSAFE.iter().find(|u| u.0 == dir).map(|u| u.1);
        let wanted =
            if allowed.is_some() { "#![deny(unsafe_code)]" } else { "#![forbid(unsafe_code)]" };
        for root in ["src/lib.rs", "src/main.rs"] {
            let path = format!("{dir}/{root}");
            let Some(text) = repo.get(&path) else { continue };
            if !text.lines().any(|l| l.trim() == wanted) {
                out.push(Finding::new(&path, 1, format!("the crate needs `{wanted}`")));
            }
        }
        let src = format!("{dir}/src/");
        for (path, text) in repo.below(&src, ".rs") {
            let lines = code_lines(text);
            for (i, (n, line)) in lines.iter().enumerate() {
                if !line.contains("allow(unsafe_code)") {
                    continue;
                }
                let next = lines.get(i + 1).map_or("", |l| l.1.trim());
                let module = next
                    .trim_start_matches("pub ")
                    .strip_prefix("mod ")
                    .map(|m| m.trim_end_matches(';'));
                let ok = path.ends_with("/src/lib.rs")
                    && module.is_some_and(|m| allowed.unwrap_or_default().contains(&m));
                if !ok {
                    let message = "unsafe code may stand only in the modules that \
                                   `cargo xtask tidy` names";
                    out.push(Finding::new(path, *n, message));
                }
            }
        }
    }
    out
}

/// What opens files, reads the environment, prints or looks at the clock.
const OUTWARD: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "SystemTime",
    "Instant",
];

/// The core does no input or output and never looks at the clock.
pub fn io_in_core(repo: &Repo) -> Vec<Finding> {
    let mut out = Vec::new();
    for dir in repo.crate_dirs() {
        if !dir.starts_with("crates/") || IO.contains(&dir) {
            continue;
        }
        let src = format!("{dir}/src/");
        // Files that only tests see, with their directories.
        let mut tests: Vec<String> = Vec::new();
        for (path, text) in repo.below(&src, ".rs") {
            let home = match path.rsplit_once('/') {
                Some((home, "lib.rs" | "main.rs" | "mod.rs")) => home.to_owned(),
                _ => path.trim_end_matches(".rs").to_owned(),
            };
            tests.extend(test_modules(text).iter().map(|m| format!("{home}/{m}")));
        }
        for (path, text) in repo.below(&src, ".rs") {
            let stem = path.trim_end_matches(".rs");
            if tests.iter().any(|t| stem == t || stem.starts_with(&format!("{t}/"))) {
                continue;
            }
            for (n, line) in product_lines(text) {
                let grouped = line.contains("std::{")
                    && ["fs", "env", "net", "process"].iter().any(|m| has_word(&line, m));
                let found = OUTWARD.iter().find(|w| has_word(&line, w)).copied();
                if let Some(what) = found.or(grouped.then_some("std::{…}")) {
                    let message = format!(
                        "`{what}` in the core; files, environment, output and clock belong to \
                         store, import, model, onnx, frontend, driver, eval and cli"
                    );
                    out.push(Finding::new(path, n, message));
                }
            }
        }
    }
    out
}

/// Files stay small enough to read.
pub fn length(repo: &Repo) -> Vec<Finding> {
    [".rs", ".rsm", ".lalrpop"]
        .into_iter()
        .flat_map(|ending| repo.below("", ending))
        .filter_map(|(path, text)| {
            let n = text.lines().count();
            (n > MAX_LINES).then(|| {
                Finding::new(path, MAX_LINES, format!("{n} lines; at most {MAX_LINES}: split it"))
            })
        })
        .collect()
}

/// Files that people write, with their text.
fn written(repo: &Repo) -> impl Iterator<Item = (&str, &str)> {
    repo.below("", "").filter(|(p, _)| WRITTEN.iter().any(|e| p.ends_with(e)))
}

/// No marks of unfinished work.
pub fn markers(repo: &Repo) -> Vec<Finding> {
    // In two parts, so that this file does not find itself.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("to", "do!"),
        concat!("unimple", "mented!"),
    ];
    let mut out = Vec::new();
    for (path, text) in written(repo) {
        for (i, line) in text.lines().enumerate() {
            if let Some(w) = words.iter().find(|w| has_word(line, w)) {
                let message = format!("`{w}`: finish it, or write an issue");
                out.push(Finding::new(path, i + 1, message));
            }
        }
    }
    out
}

/// No paths of somebody's machine.
pub fn machine_paths(repo: &Repo) -> Vec<Finding> {
    let roots = [
        concat!("/ho", "me/"),
        concat!("/ro", "ot/"),
        concat!("/Use", "rs/"),
        concat!("/wo", "rk/"),
        concat!("/wo", "rkspace/"),
        concat!("C:\\Use", "rs\\"),
    ];
    let mut out = Vec::new();
    for (path, text) in written(repo) {
        for (i, line) in text.lines().enumerate() {
            let found = roots.iter().find(|root| {
                line.match_indices(**root).any(|(at, _)| {
                    let before = line[..at].chars().next_back().unwrap_or(' ');
                    !(before.is_alphanumeric()
                        || matches!(before, '_' | '-' | '.' | '}' | '*' | '/'))
                })
            });
            if let Some(root) = found {
                let message = format!("`{root}…` is a path of one machine");
                out.push(Finding::new(path, i + 1, message));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(found: &[Finding]) -> Vec<String> {
        found.iter().map(|f| format!("{}:{}", f.file, f.line)).collect()
    }

    #[test]
    fn unsafe_code_stands_in_named_modules() {
        let repo = Repo::of(&[
            ("crates/ir/Cargo.toml", ""),
            ("crates/ir/src/lib.rs", "//! x\n#![forbid(unsafe_code)]\n"),
            ("crates/cli/Cargo.toml", ""),
            ("crates/cli/src/main.rs", "// #![forbid(unsafe_code)]\n"),
            ("crates/store/Cargo.toml", ""),
            (
                "crates/store/src/lib.rs",
                "#![deny(unsafe_code)]\n#[allow(unsafe_code)]\nmod map;\n\
                                         #[allow(unsafe_code)]\nmod open;\n",
            ),
            ("crates/store/src/open.rs", "#![allow(unsafe_code)]\n"),
        ]);
        let expected =
            ["crates/cli/src/main.rs:1", "crates/store/src/lib.rs:4", "crates/store/src/open.rs:1"];
        assert_eq!(lines(&unsafe_code(&repo)), expected);
    }

    #[test]
    fn the_core_does_no_io() {
        let repo = Repo::of(&[
            ("crates/ir/Cargo.toml", ""),
            (
                "crates/ir/src/lib.rs",
                "// std::fs\nuse std::fs;\nuse std::{fmt, env};\nfn f() { println!(\"x\") }\n\
                 #[cfg(test)]\nmod t;\n#[cfg(test)]\nmod tests { use std::fs; }\n",
            ),
            ("crates/ir/src/t.rs", "use std::fs;"),
            ("crates/ir/src/u.rs", "let s = \"std::fs\"; let i = Instantiate;"),
            ("crates/ir/tests/x.rs", "use std::fs;"),
            ("crates/store/Cargo.toml", ""),
            ("crates/store/src/lib.rs", "use std::fs;"),
        ]);
        let expected: Vec<String> = (2..=4).map(|n| format!("crates/ir/src/lib.rs:{n}")).collect();
        assert_eq!(lines(&io_in_core(&repo)), expected);
    }

    #[test]
    fn long_files_marks_and_paths() {
        let long = "x\n".repeat(MAX_LINES + 1);
        let mark = concat!("a\n// TO", "DO: b\nlet todos = 1;\n");
        let path = concat!("see /ho", "me/me/x\nfine/ho", "me/y and ~/ho", "me/\n");
        let repo = Repo::of(&[("a.rs", &long), ("b.rs", mark), ("c.md", path)]);
        assert_eq!(lines(&length(&repo)), ["a.rs:1500"]);
        assert_eq!(lines(&markers(&repo)), ["b.rs:2"]);
        assert_eq!(lines(&machine_paths(&repo)).first().map(String::as_str), Some("c.md:1"));
    }
}
