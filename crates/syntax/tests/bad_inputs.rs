//! Inputs nobody writes: every one ends fast, without a panic, with few diagnostics.

mod common;
use common::codes;
use std::time::{Duration, Instant};

use reasmory_syntax::{fuzz_parse, parse};

#[track_caller]
fn quick(text: &str, code: Option<&str>) {
    let start = Instant::now();
    let got = codes(text);
    assert!(start.elapsed() < Duration::from_secs(20), "took {:?}", start.elapsed());
    if let Some(code) = code {
        assert_eq!(got, [code]);
    }
}

#[test]
fn empty_and_blank() {
    for text in ["", "\n\n", "   ", "# only\n", "\u{feff}", "\r\n\r\n"] {
        assert!(parse(text).diagnostics.is_empty(), "{text:?}");
    }
}

#[test]
fn nul_bytes_and_emoji() {
    assert_eq!(codes("x = 1\0\0\nanswer x"), ["E0001"]);
    assert_eq!(codes("🛋🛋 = 1\nanswer 2"), ["E0001"]);
    assert_eq!(codes("answer 1 🛋\u{301}"), ["E0001"]);
}

#[test]
fn sizes() {
    quick(&"x".repeat(10 << 20), Some("E0005"));
    quick(&"(".repeat(100_000), Some("E0006"));
    quick(&format!("x = {}1{}", "(".repeat(100_000), ")".repeat(100_000)), Some("E0006"));
    quick(&format!("x = {}1{}", "[".repeat(65), "]".repeat(65)), Some("E0006"));
    quick(&format!("x = {}1{}", "[".repeat(64), "]".repeat(64)), None);
    assert!(codes(&format!("x = {}1{}", "[".repeat(64), "]".repeat(64))).is_empty());
}

#[test]
fn chains() {
    for (unit, end) in [
        ("not ", "a"),
        ("- ", "a"),
        ("a.", "b"),
        ("a + ", "b"),
        ("a.b().", "c"),
        ("a and ", "b"),
        ("a..", "b"),
        ("a < ", "b"),
        ("!", "a"),
        ("f => ", "b"),
    ] {
        quick(&format!("x = {}{end}", unit.repeat(50_000)), Some("E0006"));
    }
    quick(&format!("x = a{}", " as m".repeat(50_000)), Some("E0006"));
    quick(&format!("x = a{}", "[1]".repeat(50_000)), Some("E0006"));
    let chain = format!("if a {{ show b }}{}", " else if a { show b }".repeat(20_000));
    quick(&chain, Some("E0006"));
    // At the limit every pass still works.
    for text in [
        format!("x = {}a", "not ".repeat(255)),
        format!("x = a{}", ".b".repeat(255)),
        format!("x = a{}", " + b".repeat(255)),
    ] {
        assert!(codes(&text).is_empty());
        fuzz_parse(text.as_bytes());
    }
}

#[test]
fn long_programs() {
    quick(&"x = f(1, 2)\n".repeat(20_000), None);
    assert!(codes(&"show f(1, 2)\n".repeat(20_000)).is_empty());
    for line in [
        "x = 1;\n",
        "x = a % b\n",
        "x = 'a'\n",
        "let x = (\n",
        "if a:\n",
        "x = )\n",
        "x = 2 m\n",
        "def f\n",
        "print(\n",
        "x = a if\n",
        "\"\n",
        "x = a b\n",
    ] {
        let n = codes(&line.repeat(10_000)).len();
        assert!((1..=100).contains(&n), "{line}: {n}");
    }
    for word in ["a if ", "a % ", "1 m ", "elif ", "{ ", "x = ", "& "] {
        quick(&word.repeat(20_000), None);
    }
    // One item of many broken lines.
    quick(&format!("for x in xs {{\n{}}}\n", "  y = ,\n".repeat(5_000)), None);
}

/// A small generator, so that the run is the same everywhere.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

#[test]
fn mutated_programs() {
    let manual = include_str!("../../../spec/language.md");
    let corpus: Vec<&str> = manual
        .split("```reasmory\n")
        .skip(1)
        .filter_map(|s| s.split("```").next())
        .chain([
            "fn f(a: List<Object>, b: Int = 2) -> Local in v {\n  if a { return b } else if c { return d }\n}",
            "if a:\n  x = 'b' if c else d\nelif e:\n  print(f\"x\")",
            "while x: y += 1\nlet z = 7 % 2; return z ** 2 // 3",
        ])
        .collect();
    for text in &corpus {
        fuzz_parse(text.as_bytes());
    }
    let pieces: &[&str] = &[
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "\n",
        "\"",
        "'",
        ",",
        "=",
        "=>",
        "if ",
        "else ",
        "for ",
        " in ",
        "fn ",
        "answer ",
        "show ",
        " as ",
        "m/s",
        "2 m",
        "%",
        "..",
        ".",
        "not ",
        " and ",
        "1e9",
        "é",
        "“",
        "\\",
        "\0",
        ":",
        ";",
        "//",
        "##",
        "```\n",
        "let ",
        "elif ",
        "def ",
        "return ",
        "\"\"\"",
        "x = ",
        "test \"a\" ",
        "\r\n",
    ];
    let mut rng = Rng(0x9E37_79B9_7F4A_7C15);
    for _ in 0..6_000 {
        let mut data = corpus[rng.below(corpus.len())].as_bytes().to_vec();
        for _ in 0..=rng.below(5) {
            let at = rng.below(data.len() + 1);
            match rng.below(4) {
                0 if at < data.len() => {
                    let end = (at + 1 + rng.below(6)).min(data.len());
                    data.drain(at..end);
                }
                1 if at < data.len() => data[at] = rng.below(256) as u8,
                2 => {
                    let other = corpus[rng.below(corpus.len())].as_bytes();
                    let from = rng.below(other.len());
                    let to = (from + rng.below(30)).min(other.len());
                    data.splice(at..at, other[from..to].iter().copied());
                }
                _ => {
                    let piece = pieces[rng.below(pieces.len())];
                    data.splice(at..at, piece.bytes());
                }
            }
        }
        fuzz_parse(&data);
    }
}
