//! Which crate may depend on which.

use toml::Table;

use super::Finding;
use crate::repo::Repo;

/// Layer of each crate: a crate depends only on crates of lower layers.
const LAYERS: &[(&str, u8)] = &[
    ("span", 0),
    ("types", 0),
    ("geom", 0),
    ("stdlib", 0),
    ("onnx", 0),
    ("diag", 1),
    ("ops", 1),
    ("scene", 1),
    ("ground", 1),
    ("reconstruct", 1),
    ("syntax", 2),
    ("ir", 2),
    ("store", 2),
    ("import", 2),
    ("export", 2),
    ("render", 2),
    ("synth", 2),
    ("model", 3),
    ("runtime", 3),
    ("paper", 3),
    ("sema", 3),
    ("frontend", 4),
    ("opt", 4),
    ("planner", 4),
    ("prompt", 4),
    ("grammar", 4),
    ("interp", 4),
    ("jit", 4),
    ("driver", 5),
    ("eval", 6),
    ("cli", 7),
];

/// Layer of what stands outside the product: whole-system tests and tools.
const OUTSIDE: u8 = 8;

/// External crates that one crate alone may see, by prefix.
const CONFINED: &[(&str, &str)] = &[
    ("codespan-reporting", "diag"),
    ("logos", "syntax"),
    ("ruff_", "paper"),
    ("lalrpop-util", "syntax"),
    ("cranelift-", "jit"),
    ("memmap2", "store"),
    ("safetensors", "store"),
    ("clap", "cli"),
    ("ureq", "model"),
    ("ort", "onnx"),
];

fn layer(name: &str) -> Option<u8> {
    LAYERS.iter().find(|l| l.0 == name).map(|l| l.1)
}

/// Name of the product crate in a directory; `None` for tests and tools.
fn product(dir: &str) -> Option<&str> {
    dir.strip_prefix("crates/")
}

/// A crate's `[dependencies]` with the line each stands on. Build and dev dependencies are free.
fn dependencies(repo: &Repo, dir: &str) -> Result<Vec<(String, usize)>, Finding> {
    let path = format!("{dir}/Cargo.toml");
    let text = repo.get(&path).unwrap_or_default();
    let table: Table =
        text.parse().map_err(|e| Finding::new(&path, 1, format!("not readable: {e}")))?;
    let names = table.get("dependencies").and_then(|d| d.as_table());
    let line = |name: &str| {
        let head = text.lines().position(|l| l.trim() == "[dependencies]").unwrap_or(0);
        let at = text.lines().skip(head).position(|l| {
            l.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '.', '=']))
        });
        head + at.unwrap_or(0) + 1
    };
    Ok(names.into_iter().flat_map(|t| t.keys()).map(|n| (n.clone(), line(n))).collect())
}

/// A crate depends only on crates of lower layers.
pub fn layers(repo: &Repo) -> Vec<Finding> {
    let mut out = Vec::new();
    for dir in repo.crate_dirs() {
        let path = format!("{dir}/Cargo.toml");
        let own = match product(dir).map(layer) {
            Some(Some(own)) => own,
            Some(None) => {
                let message = "this crate has no layer: add it to the table of `cargo xtask tidy` \
                               and to spec/architecture.md";
                out.push(Finding::new(&path, 1, message));
                continue;
            }
            None => OUTSIDE,
        };
        let found = match dependencies(repo, dir) {
            Ok(found) => found,
            Err(f) => {
                out.push(f);
                continue;
            }
        };
        for (name, line) in found {
            let Some(dep) = name.strip_prefix("reasmory_") else { continue };
            if dir == "tools/xtask" {
                let message = format!("xtask checks `{name}`, so it may not depend on it");
                out.push(Finding::new(&path, line, message));
                continue;
            }
            match layer(dep) {
                Some(of) if of < own => {}
                Some(of) => out.push(Finding::new(
                    &path,
                    line,
                    format!(
                        "layer {own} depends on `{name}` of layer {of}; dependencies go to lower \
                         layers only"
                    ),
                )),
                None => out.push(Finding::new(&path, line, format!("`{name}` has no layer"))),
            }
        }
    }
    out
}

/// Some external crates are the business of one crate.
pub fn confined(repo: &Repo) -> Vec<Finding> {
    let mut out = Vec::new();
    for dir in repo.crate_dirs() {
        for (name, line) in dependencies(repo, dir).unwrap_or_default() {
            let Some((_, owner)) = CONFINED.iter().find(|c| name.starts_with(c.0)) else {
                continue;
            };
            if product(dir).is_some_and(|p| p != *owner) {
                let path = format!("{dir}/Cargo.toml");
                let message = format!("`{name}` is for `{owner}` alone");
                out.push(Finding::new(&path, line, message));
            }
        }
    }
    out
}

/// The table of `spec/architecture.md` has every crate at its layer.
pub fn documented(repo: &Repo) -> Vec<Finding> {
    let path = "spec/architecture.md";
    let Some(text) = repo.get(path) else {
        return vec![Finding::new(path, 1, "the page is missing")];
    };
    let mut seen = Vec::new();
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let (Some(Ok(stated)), Some(name)) =
            (cells.get(1).map(|c| c.parse::<u8>()), cells.get(2).map(|c| c.trim_matches('`')))
        else {
            continue;
        };
        seen.push(name.to_owned());
        if layer(name) != Some(stated) {
            let message = format!("`{name}` is not of layer {stated} in `cargo xtask tidy`");
            out.push(Finding::new(path, i + 1, message));
        }
    }
    for (name, of) in LAYERS.iter().filter(|l| !seen.iter().any(|s| s == l.0)) {
        out.push(Finding::new(path, 1, format!("no row for `{name}` of layer {of}")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_go_down() {
        let repo = Repo::of(&[
            (
                "crates/diag/Cargo.toml",
                "[dependencies]\nserde = \"1\"\nreasmory_sema.workspace = true",
            ),
            (
                "crates/sema/Cargo.toml",
                "[dependencies]\nreasmory_diag.workspace = true\n\
                                        [dev-dependencies]\nreasmory_cli.workspace = true",
            ),
            ("crates/new/Cargo.toml", "[package]"),
            ("tools/xtask/Cargo.toml", "[dependencies]\nreasmory_span.workspace = true"),
            ("tests/Cargo.toml", "[dependencies]\nreasmory_cli.workspace = true"),
        ]);
        let found: Vec<String> = layers(&repo).iter().map(Finding::to_string).collect();
        assert_eq!(found.len(), 3, "{found:#?}");
        assert!(found[0].starts_with("crates/diag/Cargo.toml:3: layer 1"), "{}", found[0]);
        assert!(found[1].starts_with("crates/new/Cargo.toml:1: this crate has no layer"));
        assert!(found[2].starts_with("tools/xtask/Cargo.toml:2: xtask checks"));
    }

    #[test]
    fn confined_crates_stay_where_they_are() {
        let repo = Repo::of(&[
            ("crates/jit/Cargo.toml", "[dependencies]\ncranelift-jit = \"1\""),
            ("crates/sema/Cargo.toml", "[dependencies]\ncranelift-jit = \"1\""),
        ]);
        let found = confined(&repo);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].file, "crates/sema/Cargo.toml");
    }

    #[test]
    fn the_page_agrees() {
        let repo =
            Repo::of(&[("spec/architecture.md", "| 0 | `span` | x | |\n| 0 | `diag` | | |")]);
        let found = documented(&repo);
        assert!(
            found.iter().any(|f| f.message == "`diag` is not of layer 0 in `cargo xtask tidy`")
        );
        assert!(found.iter().any(|f| f.message == "no row for `jit` of layer 4"));
        assert!(!found.iter().any(|f| f.message.contains("`span`")));
    }
}
