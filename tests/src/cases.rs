//! The corpus of good and bad programs as files: `tests/corpus/good/*.txt` and `tests/corpus/bad/*.txt`.
//! The format is described in `tests/README.md`.

use std::ops::Range;
use std::path::Path;

use crate::corpus::files;

/// A program without a finding.
#[derive(Clone, Debug)]
pub struct Good {
    /// `counting:12`: the file and the line it starts on.
    pub name: String,
    /// The scene it is for.
    pub scene: String,
    /// Text.
    pub text: String,
}

/// A program with one defect.
#[derive(Clone, Debug)]
pub struct Bad {
    /// `missing-unit:12`: the file and the line it starts on; of a mutant the operator and the original.
    pub name: String,
    /// The defect class: the file, or the mutation operator.
    pub class: String,
    /// The scene it is checked on.
    pub scene: String,
    /// Code of its findings.
    pub code: String,
    /// Text, without marks.
    pub text: String,
    /// Where each of its findings is: one, but where a form needs several (the blocks of a chain of `if`).
    pub spans: Vec<Range<usize>>,
    /// The program that was meant.
    pub meant: Option<String>,
    /// Whether it stays by itself when programs with several defects are put together.
    pub alone: bool,
    /// Whether a person wrote it.
    pub by_hand: bool,
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// What stands before the first program of a file: `key: value` and bare words; a `#` comment says what the
/// file is about.
#[derive(Default)]
struct Head {
    scene: String,
    code: String,
    alone: bool,
}

impl Head {
    fn parse(text: &str, file: &str) -> Head {
        let mut head = Head::default();
        let mut about = false;
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
            match line.split_once(": ").map_or((line, ""), |(k, v)| (k, v.trim())) {
                (l, _) if l.starts_with('#') => about = true,
                ("scene", v) => head.scene = v.to_owned(),
                ("code", v) => head.code = v.to_owned(),
                ("alone", _) => head.alone = true,
                _ => panic!("{file}: `{line}` in the head"),
            }
        }
        assert!(about, "{file}: says not what it is about");
        head
    }
}

/// A program of a file: the words of the line above it, the line it starts on, its text.
struct Part {
    words: Vec<String>,
    line: usize,
    text: String,
}

/// The head of a file and its programs. `---` starts a program that goes on to the next such line; below
/// `===` every line is a program.
fn parts(path: &Path) -> (Head, Vec<Part>) {
    let (text, file) = (read(path), stem(path));
    let mut before = String::new();
    let mut words: Option<Vec<String>> = None;
    let mut listed = false;
    let mut out: Vec<Part> = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let marker = ["---", "==="].into_iter().find_map(|m| Some((m, content.strip_prefix(m)?)));
        match (marker, &words) {
            (Some((m, rest)), _) => {
                let rest: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
                listed = m == "===";
                if !listed {
                    out.push(Part { words: rest.clone(), line: line + 1, text: String::new() });
                }
                words = Some(rest);
            }
            (None, None) => before += &format!("{content}\n"),
            (None, Some(_)) if listed && content.trim().is_empty() => {}
            (None, Some(words)) if listed => {
                let text = format!("{}\n", content.replace(" +++ ", "\n+++\n"));
                out.push(Part { words: words.clone(), line, text });
            }
            (None, Some(_)) => {
                if let Some(p) = out.last_mut() {
                    p.text += &format!("{content}\n");
                }
            }
        }
    }
    for p in &mut out {
        // An empty line before the next `---` is for the eye.
        let text = p.text.trim_end_matches('\n');
        p.text = if text.is_empty() { String::new() } else { format!("{text}\n") };
    }
    (Head::parse(&before, &file), out)
}

/// The scene named by the words after `---`, else by the head.
fn scene_of(head: &Head, words: &[String], file: &str, line: usize) -> String {
    let named = words.iter().find(|w| !is_code(w));
    let scene = named.unwrap_or(&head.scene).clone();
    assert!(!scene.is_empty(), "{file}:{line}: no scene");
    scene
}

fn is_code(word: &str) -> bool {
    word.len() == 5 && word.starts_with(['E', 'W']) && word[1..].bytes().all(|b| b.is_ascii_digit())
}

/// The text without the marks `«` and `»`, and what stood between each pair.
fn unmark(text: &str, place: &str) -> (String, Vec<Range<usize>>) {
    let mut out = String::with_capacity(text.len());
    let mut spans = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for c in text.chars() {
        match c {
            '«' => open.push(out.len()),
            '»' => {
                let start = open.pop().unwrap_or_else(|| panic!("{place}: `»` without `«`"));
                spans.push(start..out.len());
            }
            c => out.push(c),
        }
    }
    assert!(open.is_empty() && !spans.is_empty(), "{place}: mark the place with «»");
    (out, spans)
}

/// The good programs, in file order.
pub fn good() -> Vec<Good> {
    let mut out = Vec::new();
    for path in files("tests/corpus/good", "txt") {
        let file = stem(&path);
        let (head, parts) = parts(&path);
        for p in parts {
            let scene = scene_of(&head, &p.words, &file, p.line);
            out.push(Good { name: format!("{file}:{}", p.line), scene, text: p.text });
        }
    }
    out
}

/// The bad programs that people wrote, in file order.
pub fn bad() -> Vec<Bad> {
    let mut out = Vec::new();
    for path in files("tests/corpus/bad", "txt") {
        let file = stem(&path);
        let (head, parts) = parts(&path);
        for Part { words, line, text: body } in parts {
            let name = format!("{file}:{line}");
            let (wrong, meant) = match body.split_once("+++\n") {
                Some((a, b)) => (a.to_owned(), Some(b.to_owned())),
                None => (body, None),
            };
            let (text, spans) = unmark(&wrong, &name);
            let code = words.iter().find(|w| is_code(w)).unwrap_or(&head.code).clone();
            assert!(is_code(&code), "{name}: no code");
            out.push(Bad {
                scene: scene_of(&head, &words, &file, line),
                class: file.clone(),
                name,
                code,
                text,
                spans,
                meant,
                alone: head.alone,
                by_hand: true,
            });
        }
    }
    out
}
