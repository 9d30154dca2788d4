//! Tables and the pages that belong to their rows.

use toml::{Table, Value};

use super::Finding;
use crate::repo::Repo;
use crate::scan::has_word;

const CODES: &str = "crates/diag/src/codes.rs";
const PAGES: &str = "spec/diagnostics/";

/// Every code has its page, and every page its code.
pub fn pages(repo: &Repo) -> Vec<Finding> {
    let Some(text) = repo.get(CODES) else {
        return vec![Finding::new(CODES, 1, "the registry of codes is missing")];
    };
    let mut out = Vec::new();
    let mut known = Vec::new();
    for (i, line) in text.lines().enumerate() {
        // `Variant "E0201" "unknown-operation" Error Names "…";`
        let parts: Vec<&str> = line.split('"').collect();
        let (Some(id), Some(name)) = (parts.get(1), parts.get(3)) else { continue };
        let digits = id.strip_prefix(['E', 'W']).unwrap_or("");
        if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) || parts.len() != 7 {
            continue;
        }
        let path = format!("{PAGES}{name}.md");
        let title = format!("# {id} {name}");
        match repo.get(&path) {
            None => out.push(Finding::new(CODES, i + 1, format!("`{name}` has no page {path}"))),
            Some(page) if page.lines().next() != Some(title.as_str()) => {
                out.push(Finding::new(&path, 1, format!("the title must be `{title}`")));
            }
            Some(_) => {}
        }
        known.push(path);
    }
    for (path, _) in repo.below(PAGES, ".md") {
        if !known.iter().any(|k| k == path) {
            out.push(Finding::new(path, 1, "no code has this page: a page keeps its code forever"));
        }
    }
    out
}

/// Every operation is shown by an example of its own, or used by some test.
pub fn operations(repo: &Repo) -> Vec<Finding> {
    let mut out = Vec::new();
    for (path, text) in repo.below("crates/ops/table/", ".toml") {
        let table: Table = match text.parse() {
            Ok(t) => t,
            Err(e) => {
                out.push(Finding::new(path, 1, format!("not readable: {e}")));
                continue;
            }
        };
        let rows = table.get("op").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for row in rows {
            let field = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or("");
            let name = field("name");
            let head = format!("name = \"{name}\"");
            let line = text.lines().position(|l| l.trim() == head).unwrap_or(0) + 1;
            if field("summary").is_empty() {
                out.push(Finding::new(path, line, format!("`{name}` has no summary")));
            }
            let call = format!("{name}(");
            let used = has_word(field("example"), &call)
                || repo
                    .below("", ".rs")
                    .filter(|(p, _)| p.contains("tests/"))
                    .chain(repo.below("tests/", ".rsm"))
                    .any(|(_, t)| has_word(t, &call));
            if !used {
                let message = format!("`{name}` has no example that calls it, and no test does");
                out.push(Finding::new(path, line, message));
            }
        }
    }
    out
}

/// Library files say what they hold.
pub fn library(repo: &Repo) -> Vec<Finding> {
    let mut out: Vec<Finding> = repo
        .below("stdlib/", ".rsm")
        .filter(|(_, text)| !text.starts_with("# "))
        .map(|(path, _)| Finding::new(path, 1, "starts with a `# ` line that says what it holds"))
        .collect();
    for (path, _) in repo.below("stdlib/", "").filter(|(p, _)| !p.ends_with(".rsm")) {
        out.push(Finding::new(path, 1, "only `.rsm` files belong here; nothing else is built in"));
    }
    out
}

/// The changelog has a place for what is not released.
pub fn changelog(repo: &Repo) -> Vec<Finding> {
    let path = "CHANGELOG.md";
    match repo.get(path) {
        None => vec![Finding::new(path, 1, "the changelog is missing")],
        Some(t) if !t.lines().any(|l| l.trim() == "## Unreleased") => {
            vec![Finding::new(path, 1, "the changelog has no `## Unreleased`")]
        }
        Some(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_pages_pair() {
        let repo = Repo::of(&[
            (
                CODES,
                "A \"E0001\" \"one\" Error Lexical \"x\";\nB \"W0002\" \"two\" Warning Lint \"x\";\n\
                 C \"E0003\" \"three\" Error Lexical \"x\";",
            ),
            ("spec/diagnostics/one.md", "# E0001 one\n"),
            ("spec/diagnostics/three.md", "# E0004 three\n"),
            ("spec/diagnostics/four.md", "# E0004 four\n"),
        ]);
        let found: Vec<String> = pages(&repo).iter().map(|f| f.to_string()).collect();
        assert_eq!(found.len(), 3, "{found:#?}");
        assert!(found[0].starts_with("crates/diag/src/codes.rs:2: `two` has no page"));
        assert!(found[1].starts_with("spec/diagnostics/three.md:1: the title"));
        assert!(found[2].starts_with("spec/diagnostics/four.md:1: no code"));
    }

    #[test]
    fn operations_are_shown() {
        let repo = Repo::of(&[
            (
                "crates/ops/table/a.toml",
                "[[op]]\nname = \"near\"\nsummary = \"s\"\nexample = \"answer near(a)\"\n\n\
                 [[op]]\nname = \"far\"\nsummary = \"s\"\nexample = \"answer farther(a)\"\n\n\
                 [[op]]\nname = \"up\"\nexample = \"\"\n",
            ),
            ("crates/sema/tests/a.rs", "answer up(x)"),
        ]);
        let found: Vec<String> = operations(&repo).iter().map(|f| f.to_string()).collect();
        assert_eq!(
            found,
            [
                "crates/ops/table/a.toml:7: `far` has no example that calls it, and no test does",
                "crates/ops/table/a.toml:12: `up` has no summary",
            ]
        );
    }

    #[test]
    fn library_and_changelog() {
        let repo =
            Repo::of(&[("stdlib/a.rsm", "# A.\n"), ("stdlib/b.rsm", "fn"), ("stdlib/c", "")]);
        assert_eq!(library(&repo).len(), 2);
        assert_eq!(changelog(&repo).len(), 1);
        assert!(changelog(&Repo::of(&[("CHANGELOG.md", "# C\n\n## Unreleased\n")])).is_empty());
    }
}
