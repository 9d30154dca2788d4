//! The prefix check against the parser.

use reasmory_syntax::check_prefixes;
use reasmory_syntax::prefix::{Prefix, Status};

fn manual() -> Vec<&'static str> {
    include_str!("../../../spec/language.md")
        .split("```reasmory\n")
        .skip(1)
        .filter_map(|s| s.split("```").next())
        .collect()
}

#[test]
fn every_prefix_of_the_manual_agrees_with_the_parser() {
    for text in manual() {
        check_prefixes(text, 5);
        assert_eq!(Prefix::of(text).status(), Status::Complete, "{text}");
    }
}

/// Texts at which what the parser decides by looking ahead meets what the prefix check decides at once.
#[test]
fn odd_texts_agree_with_the_parser() {
    for text in ODD {
        check_prefixes(text, 2);
    }
}

const ODD: &[&str] = &[
    "",
    "\u{FEFF}x = 1",
    " \u{FEFF}x = 1",
    "answer 1..4",
    "answer 2.count()",
    "answer 99999999999999999999.5 + 99999999999999999999m + 99999999999999999999",
    "answer 2m/s + 2m/speed + 2 as m/s + d as m/2 + d as m2/s",
    "answer x.as and y.in.else.test",
    "answer f(else=1, in=2, test=3, if=4)(not a, if x { 1 } else { 2 })",
    "answer f(\nelse=1,\nanswer=3,\n not x)",
    "x = None\n(3)",
    "x = None + 1",
    "None = 3\nfor None in x {}",
    "x = y.None\nx = None(1)",
    "import\n(1)\nimport.x\nimport = 3\nimport",
    "while = 3",
    "x = [\nfrom => 1]",
    "f(\nfrom=1)",
    "def\nfoo = 3",
    "def\ntest \"a\" {}",
    "x = 3\ntest\n\"a\" { assert true }\ntest = 4\ntest.x",
    "elif = 3",
    "if a { b } elif",
    "print\n(3)",
    "xs\n.append\n(3)",
    "x = a +\nb.append(3)",
    "return 3",
    "fn f(a: Int = if c { 1 } else { 2 }) -> Int { return 3 }",
    "fn f(\nx: Length = 3m,\ny: List<List<Int>>= 2\n) -> fn(Int) -> Local in if { return 1 }",
    "fn f(g:\nfn(Int) -> Int) -> Int { return 1 }",
    "fn f() -> List<> {}",
    "fn f() -> List< > {}",
    "answer a--b",
    "answer a - -b",
    "answer a <-b",
    "answer a < b < c",
    "answer a..b..c",
    "answer x => 1",
    "x = y = 2",
    "assert a = b",
    "answer \"\"\"x\"\"\"",
    "answer \"a\\u{D800}\"",
    "answer \"a\\u{0D8}\\u{10FFFF}\\'\\x\"",
    "answer 5%[1] + 5 % 2",
    "answer [e for x in xs if if c { a } else { b }]",
    "answer # c\n 1",
    "answer f(# c\n1 # d\n)",
    "x = # c\n# d\n 1 # e",
    "if\n x { }",
    "if x\n{\nanswer 1\n}\nelse\n{ }",
    "if x { answer 1 }\n\nelse { answer 2 }",
    "answer a\n.b\nand c\nor d",
    "answer a and\nanswer b",
    "for Point in not xs {}",
    "for Point in as and x {}",
    "for x in xs { show x\nshow y } for",
    "fn f(a) -> Int {}",
    "fn f(a: Int) {}",
    "{ x }",
    "answer (a]",
    "answer a b",
    "answer d as foo",
    "answer d as %",
    "answer d as %== 5%==x",
    "answer 1e5 + 0x10 + 1_000 + .5",
    "x = f(a,\nanswer 3",
    "x = f(a,\nfn",
    "answer a // b",
    "let x = 1",
    "answer 'a'",
    "answer x;",
    "```\nanswer 1\n```",
    "# ```\nanswer 1",
    "answer \"a\nb\"",
    "answer f\"x\"",
];

#[test]
fn limits_are_where_the_parser_has_them() {
    let deep = |n: usize| format!("answer {}1", "(".repeat(n));
    assert_eq!(Prefix::of(&deep(64)).status(), Status::Live);
    assert_eq!(Prefix::of(&deep(65)).at(), "answer ".len() + 64);
    let long = |n: usize| format!("answer 1{}", "+1".repeat(n));
    assert_eq!(Prefix::of(&long(256)).status(), Status::Complete);
    assert_eq!(Prefix::of(&long(257)).at(), long(256).len());
    let wide = format!("#{}", "x".repeat(reasmory_syntax::limits::MAX_BYTES));
    assert_eq!(Prefix::of(&wide).at(), reasmory_syntax::limits::MAX_BYTES);
    assert_eq!(Prefix::of(&wide).status(), Status::Dead);
}

#[test]
fn feeding_in_pieces_changes_nothing() {
    for text in manual() {
        let mut by_character = Prefix::new();
        for c in text.chars() {
            by_character.feed(&c.to_string());
        }
        let mut by_seven = Prefix::new();
        let chars: Vec<char> = text.chars().collect();
        for piece in chars.chunks(7) {
            by_seven.feed(&piece.iter().collect::<String>());
        }
        let whole = Prefix::of(text);
        for other in [by_character, by_seven] {
            assert_eq!((other.status(), other.at()), (whole.status(), whole.at()));
            assert_eq!(other.next(), whole.next());
        }
    }
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

    fn of<'t>(&mut self, list: &[&'t str]) -> &'t str {
        list[self.below(list.len())]
    }
}

/// Names that some pass of the parser looks at, and plain ones.
const NAMES: &[&str] = &[
    "x", "objects", "None", "True", "import", "from", "while", "def", "function", "print",
    "append", "add", "elif", "test", "Point", "Local", "List", "lambda", "let", "m", "s", "left",
    "try", "f",
];

/// A text of tokens that may follow each other, with some that may not.
fn walk(rng: &mut Rng) -> String {
    let mut prefix = Prefix::new();
    let mut text = String::new();
    for _ in 0..4 + rng.below(24) {
        let next = prefix.next();
        let (kinds, gap) = match rng.below(4) {
            0 if !next.line.is_empty() => (next.line, rng.of(&["\n", "\n  ", " # c\n\n", "\r\n"])),
            1 => (next.here, ""),
            _ => (next.here, rng.of(&[" ", " ", "\t"])),
        };
        let words = [kinds.own, kinds.as_names].concat();
        let mut piece = match words.get(rng.below(words.len())) {
            Some(k) => match k.text() {
                "name" => rng.of(NAMES),
                "text" => rng.of(&["\"\"", "\"a\\n\\u{41}\"", "\"é\"", "\"it's\""]),
                "int" => rng.of(&["0", "7", "99999999999999999999"]),
                "measure" => rng.of(&["2m", "2.5m/s", "3%", "1km/h", "2in", "4m2"]),
                "unit" => rng.of(&["m", "m/s", "%", "in", "cm2"]),
                _ => k.sample(),
            },
            None => " ",
        };
        if rng.below(40) == 0 {
            let odd = [
                "%",
                ";",
                "--",
                "<>",
                "!",
                "//",
                "'",
                ".5",
                ":=",
                "\"",
                "+=",
                "fn ",
                "(",
                ")",
                "[",
                "]",
                "{",
                "}",
                "=",
                "=>",
                "as",
                "return ",
                "é",
                "\n",
                ", if",
                "test \"a\"",
            ];
            piece = rng.of(&odd);
        }
        text.push_str(gap);
        text.push_str(piece);
        prefix.feed(gap);
        prefix.feed(piece);
        if prefix.status() == Status::Dead {
            // A few more words, so that what is dead stays dead.
            text.push_str(rng.of(&["", " x = 1", "\nanswer 1", ")", "\""]));
            break;
        }
    }
    text
}

#[test]
fn random_walks_agree_with_the_parser() {
    let rounds = std::env::var("REASMORY_PREFIX_ROUNDS").ok().and_then(|r| r.parse().ok());
    let mut rng = Rng(0x9E37_79B9_7F4A_7C15);
    let (mut whole, mut dead) = (0, 0);
    for round in 0..rounds.unwrap_or(300) {
        let text = walk(&mut rng);
        // What may follow is tried token by token at few places: it takes most of the time.
        check_prefixes(&text, 41 + round % 10);
        match Prefix::of(&text).status() {
            Status::Complete => whole += 1,
            Status::Dead => dead += 1,
            Status::Live => {}
        }
    }
    assert!(whole > 10 && dead > 100, "{whole} whole, {dead} dead");
}

/// Prints what the prefix check costs, for `spec/performance.md`. Use an optimised build.
#[test]
#[ignore = "measures; run alone"]
fn cost() {
    let text = manual().into_iter().max_by_key(|t| t.len()).unwrap();
    let time = |what: &str, per: f64, f: &mut dyn FnMut()| {
        let start = std::time::Instant::now();
        let mut n = 0u32;
        while start.elapsed().as_millis() < 300 {
            f();
            n += 1;
        }
        let each = start.elapsed().as_nanos() as f64 / f64::from(n) / per;
        eprintln!("{what}: {each:.0} ns");
    };
    let chars = text.chars().count() as f64;
    eprintln!("{chars} characters");
    time("feed, per character", chars, &mut || {
        std::hint::black_box(Prefix::of(text));
    });
    time("parse from the start", 1.0, &mut || {
        std::hint::black_box(reasmory_syntax::parse(text));
    });
    let half = Prefix::of(&text[..text.len() / 2]);
    time("clone", 1.0, &mut || {
        std::hint::black_box(half.clone());
    });
    time("status", 1.0, &mut || {
        std::hint::black_box(half.status());
    });
    time("admits a token of 4 characters", 1.0, &mut || {
        std::hint::black_box(half.admits("(the"));
    });
    time("next", 1.0, &mut || {
        std::hint::black_box(half.next());
    });
    time("finish", 1.0, &mut || {
        std::hint::black_box(half.finish());
    });
}
