//! Filetests: one file holds a program, the scene it is about, what to print of it, and what that is.
//!
//! ```text
//! # scene: room
//! # test: hir, mir
//! # test: run
//! answer objects("chair").count()
//!
//! # ---- hir
//! # …
//! ```
//!
//! Directives are the comments at the top; the program ends where the first expected text begins. A file
//! of MIR (`.mir`) has `;` in place of `#`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Something to print of a program: a stage and its options, `mir opt=1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// The first word.
    pub stage: String,
    /// The words after it.
    pub options: Vec<String>,
}

impl Test {
    fn parse(text: &str) -> Test {
        let mut words = text.split_whitespace().map(str::to_owned);
        Test { stage: words.next().unwrap_or_default(), options: words.collect() }
    }

    /// As it is written.
    pub fn name(&self) -> String {
        let words = std::iter::once(&self.stage).chain(&self.options);
        words.map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// The value of an option `key=value`.
    pub fn option(&self, key: &str) -> Option<&str> {
        self.options.iter().find_map(|o| o.strip_prefix(key)?.strip_prefix('='))
    }
}

/// A file of tests.
#[derive(Clone, Debug)]
pub struct FileTest {
    /// Path from `tests/filetests`, with `/`.
    pub name: String,
    path: PathBuf,
    /// `#`, or `;` in a file of MIR.
    comment: char,
    /// The scene, `room` where none is named.
    pub scene: String,
    /// What to print, in order.
    pub tests: Vec<Test>,
    /// The program with the directives above it, as it stands in the file.
    pub program: String,
    /// What is expected, by name of test.
    pub expected: Vec<(String, String)>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("filetests")
}

/// Every filetest, by name.
pub fn all() -> Vec<FileTest> {
    let mut folders = vec![root()];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for path in entries.flatten().map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.into_iter().map(|p| read(&p)).collect()
}

fn read(path: &Path) -> FileTest {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let comment = match path.extension().and_then(|e| e.to_str()) {
        Some("rsm") => '#',
        Some("mir") => ';',
        _ => panic!("{}: a filetest is a .rsm or a .mir file", path.display()),
    };
    let inside = path.strip_prefix(root()).unwrap_or(path);
    let name: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    parse(name.join("/"), path.to_owned(), comment, &text)
}

fn parse(name: String, path: PathBuf, comment: char, text: &str) -> FileTest {
    let mut file = FileTest {
        name,
        path,
        comment,
        scene: "room".into(),
        tests: Vec::new(),
        program: String::new(),
        expected: Vec::new(),
    };
    let mark = format!("{comment} ---- ");
    let mut lines = text.lines().peekable();
    for line in text.lines().map_while(|l| l.strip_prefix(comment)) {
        if let Some(scene) = line.trim().strip_prefix("scene: ") {
            file.scene = scene.trim().to_owned();
        }
        if let Some(tests) = line.trim().strip_prefix("test: ") {
            file.tests.extend(tests.split(',').map(Test::parse));
        }
    }
    while let Some(line) = lines.next_if(|l| !l.starts_with(&mark)) {
        file.program += line;
        file.program.push('\n');
    }
    file.program.truncate(file.program.trim_end().len());
    file.program.push('\n');
    for line in lines {
        if let Some(name) = line.strip_prefix(&mark) {
            file.expected.push((name.trim().to_owned(), String::new()));
        } else if let Some((_, text)) = file.expected.last_mut() {
            let line = line.strip_prefix(comment).unwrap_or(line);
            let line = line.strip_prefix(' ').unwrap_or(line);
            *text += line;
            text.push('\n');
        }
    }
    for (_, text) in &mut file.expected {
        text.truncate(text.trim_end().len());
    }
    file
}

impl FileTest {
    /// What is expected of a test.
    pub fn expected(&self, test: &Test) -> Option<&str> {
        let name = test.name();
        self.expected.iter().find(|e| e.0 == name).map(|e| e.1.as_str())
    }

    /// The file's text with these results.
    pub fn text(&self, results: &[(Test, String)]) -> String {
        let c = self.comment;
        let mut out = self.program.clone();
        for (test, text) in results {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "\n{c} ---- {}", test.name());
            for line in text.trim_end().lines() {
                let _ = writeln!(out, "{}", format!("{c} {line}").trim_end());
            }
        }
        out
    }

    /// Writes the file with these results.
    pub fn bless(&self, results: &[(Test, String)]) {
        std::fs::write(&self.path, self.text(results))
            .unwrap_or_else(|e| panic!("{}: {e}", self.path.display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# about\n# scene: noisy\n# test: hir, mir opt=1\nanswer 1\n\n# ---- hir\n\
                        # a\n#\n#   b\n\n# ---- mir opt=1\n# c\n";

    #[test]
    fn a_file_is_taken_apart_and_put_together() {
        let f = parse("x".into(), PathBuf::new(), '#', TEXT);
        assert_eq!(f.scene, "noisy");
        assert_eq!(f.program, "# about\n# scene: noisy\n# test: hir, mir opt=1\nanswer 1\n");
        assert_eq!(f.expected(&f.tests[0]), Some("a\n\n  b"));
        assert_eq!(f.expected(&f.tests[1]), Some("c"));
        assert_eq!(f.tests[1].option("opt"), Some("1"));
        assert_eq!(f.tests[0].option("opt"), None);
        let results =
            vec![(f.tests[0].clone(), "a\n\n  b\n".into()), (f.tests[1].clone(), "c".into())];
        assert_eq!(f.text(&results), TEXT);
    }

    #[test]
    fn mir_has_its_own_comments() {
        let text = "; test: verify\nfn main() {\n}\n\n; ---- verify\n; bad\n";
        let f = parse("x".into(), PathBuf::new(), ';', text);
        assert_eq!(f.expected(&f.tests[0]), Some("bad"));
        assert_eq!(f.program, "; test: verify\nfn main() {\n}\n");
    }
}
