//! Inputs made from a corpus by damage.

use reasmory_diag::{CODES, page_fences};
use reasmory_ops::OPS;
use reasmory_types::{Direction, Ty, UNITS};

use super::{Generator, Random, scenes};

const MANUAL: &str = include_str!("../../../../spec/language.md");

/// The programs that inputs are made from: the example of every operation, the fences of the manual and of
/// the pages of diagnostics, and the functions of the standard library.
pub fn corpus() -> Vec<String> {
    let mut out: Vec<String> = OPS.iter().map(|o| o.example.to_owned()).collect();
    let pages = std::iter::once(MANUAL).chain(CODES.iter().map(|c| c.page));
    for fence in pages.flat_map(page_fences) {
        if matches!(fence.language(), "reasmory" | "") {
            out.push(fence.text);
        }
    }
    out.extend(reasmory_sema::catalogue::std_functions().iter().map(|f| f.source.to_owned()));
    out
}

const QUESTIONS: [&str; 9] = [
    r#"[{"id": 1, "scene": "room", "question": "How many chairs are there?", "options": ["A. 3", "B. 4"], "answer": "B"}]"#,
    r#"{"problem_id": "x", "path": "a/b/scene.mp4", "problem": "Which way?", "options": ["A. front-left", "B. Back-Right"], "solution": "A"}"#,
    r#"{"question": "How far?", "options": ["90 cm", "1.5 m", "5.2 feet", "2.1"], "unit": "m", "type": "distance"}"#,
    r#"[{"question": "Order?", "options": ["A. bed, toilet and tv", "B. tv; bed; toilet", "C) bed > tv"], "answer": ["bed", "tv"]}]"#,
    r#"{"question": "How many?", "type": "count"}"#,
    r#"{"question": "Left or right?", "type": "object_rel_direction_easy", "options": ["A. left", "B. right"]}"#,
    r#"{"question": "Where?", "original_question_type": "object_rel_direction_hard", "unit": null}"#,
    r#"{"question": "Stand at the sofa facing the tv, turn right by 30 degrees, walk on.", "type": "direction", "decomposition": {"stand": {"at": "the sofa", "facing": "tv"}, "motions": [{"motion": "turn right", "by": "30deg", "quote": "turn right"}, "step forward"], "asked": {"relation": "direction", "direction": "left", "reference": "viewer", "targets": ["bed"]}}}"#,
    r#"{"question": "From image 1, turn around. What is to my left?", "options": ["A. bed", "B. tv"], "decomposition": {"Part1": {"position": "image 1", "orientation": "same as image 1"}, "Part2": [{"motion": "turn back", "grounding": "turn around"}], "Part3": {"final_question": "What?", "contain_direction": "left", "reference_entity": "camera", "target_object": ["bed", "tv"]}}}"#,
];

const NUMBERS: [&str; 18] = [
    "0",
    "1",
    "2",
    "64",
    "255",
    "1000000",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999999999999999999999",
    "0.0",
    "0.1",
    "1.0000000000000002",
    "999999999999999999999.5",
    "0.00000000000000000000000000000001",
    "3cm",
    "1000000km",
    "361deg",
    "100%",
];

const PIECES: [&str; 44] = [
    "(", ")", "[", "]", "{", "}", "((", "))", "=>", "=", "==", "..", ",", ".", ":", ";", "?", "\"",
    "'", "#", "##", "\n", "\r\n", "\t", " ", "\\", "\u{0}", "é", "🪑", "“", "\u{2028}", "-", "+",
    "*", "/", "%", "**", "+=", "&&", "||", "!", "```", "//", "$",
];

const KEYWORDS: [&str; 34] = [
    "answer",
    "show",
    "assert",
    "return",
    "if",
    "else",
    "for",
    "in",
    "fn",
    "and",
    "or",
    "not",
    "as",
    "true",
    "false",
    "test",
    "let",
    "def",
    "lambda",
    "while",
    "import",
    "elif",
    "None",
    "print",
    "List<Object>",
    "Int",
    "me",
    "c",
    "x",
    "xs",
    "from",
    "to",
    "by",
    "where",
];

/// A seeded source of damaged programs.
#[derive(Clone, Debug)]
pub struct Mutator {
    random: Random,
    generator: Generator,
    corpus: Vec<String>,
    words: Vec<String>,
}

impl Mutator {
    /// The stream of a seed, over [`corpus`].
    pub fn new(seed: u64) -> Mutator {
        let mut words: Vec<String> =
            reasmory_sema::catalogue::all().iter().map(|c| c.name().to_owned()).collect();
        words.extend(OPS.iter().flat_map(|o| o.foreign).map(|f| (*f).to_owned()));
        words.extend(Direction::ALL.iter().map(|d| d.name().to_owned()));
        words.extend(Ty::NAMES.iter().chain(&KEYWORDS).map(|n| (*n).to_owned()));
        words.extend(UNITS.iter().map(|u| u.name.to_owned()));
        words.extend(scenes::CATEGORIES.iter().map(|c| format!("\"{}\"", c.0)));
        Mutator {
            random: Random::new(seed),
            generator: Generator::new(seed ^ 0x5555),
            corpus: corpus(),
            words,
        }
    }

    /// The next damaged program.
    pub fn program(&mut self) -> Vec<u8> {
        let mut text = self.seed();
        if self.random.chance(50) {
            // Most of these still parse, and some check.
            for _ in 0..=self.random.below(3) {
                text = self.exchange(&text);
            }
            return text.into_bytes();
        }
        for _ in 0..=self.random.below(4) {
            text = self.damage(&text);
        }
        self.bytes(text)
    }

    /// Another word, number or text in place of one.
    fn exchange(&mut self, text: &str) -> String {
        let mut tokens: Vec<String> = tokens(text).into_iter().map(str::to_owned).collect();
        let class = |t: &str| match t.chars().next() {
            Some('"') => 1,
            Some(c) if c.is_ascii_digit() => 2,
            Some(c) if c.is_ascii_alphabetic() => 3,
            Some('+' | '-' | '*' | '/' | '<' | '>') => 4,
            _ => 0,
        };
        let places: Vec<usize> = (0..tokens.len()).filter(|i| class(&tokens[*i]) > 0).collect();
        let Some(at) = self.random.pick(&places).copied() else { return text.to_owned() };
        let wanted = class(&tokens[at]);
        let new = match wanted {
            2 => self.random.pick(&NUMBERS).map(|n| (*n).to_owned()),
            4 => self.random.pick(&["+", "-", "*", "/", "<", ">"]).map(|o| (*o).to_owned()),
            _ => {
                // A word of this program, of another, or any that is known.
                let other = if self.random.chance(50) { text.to_owned() } else { self.seed() };
                let words: Vec<String> = if self.random.chance(70) {
                    self::tokens(&other).into_iter().map(str::to_owned).collect()
                } else {
                    self.words.clone()
                };
                let fits: Vec<&String> = words.iter().filter(|w| class(w) == wanted).collect();
                self.random.pick(&fits).map(|w| (*w).clone())
            }
        };
        if let Some(new) = new {
            tokens[at] = new;
        }
        tokens.concat()
    }

    /// The next damaged question file.
    pub fn question(&mut self) -> Vec<u8> {
        let mut text = self.random.pick(&QUESTIONS).map_or(String::new(), |q| (*q).to_owned());
        for _ in 0..self.random.below(4) {
            text = self.damage(&text);
        }
        self.bytes(text)
    }

    fn seed(&mut self) -> String {
        if self.random.chance(25) {
            return self.generator.program();
        }
        self.random.pick(&self.corpus).cloned().unwrap_or_default()
    }

    fn bytes(&mut self, text: String) -> Vec<u8> {
        let mut bytes = text.into_bytes();
        if self.random.chance(10) && !bytes.is_empty() {
            for _ in 0..=self.random.below(4) {
                let at = self.random.below(bytes.len());
                match self.random.below(3) {
                    0 => bytes[at] = self.random.bits() as u8,
                    1 => bytes[at] ^= 1 << self.random.below(8),
                    _ => bytes.insert(at, self.random.bits() as u8),
                }
            }
        }
        // Nothing is learnt from texts that only grow.
        bytes.truncate(16 * 1024);
        bytes
    }

    fn damage(&mut self, text: &str) -> String {
        let mut tokens: Vec<String> = tokens(text).into_iter().map(str::to_owned).collect();
        if tokens.is_empty() {
            return self.seed();
        }
        let n = tokens.len();
        let at = self.random.below(n);
        match self.random.below(13) {
            0 => {
                tokens.remove(at);
            }
            1 => {
                let run = self.random.below(6).min(n - at);
                tokens.drain(at..at + run);
            }
            2 => tokens.insert(at, tokens[at].clone()),
            3 => {
                let run = self.random.below(12).min(n - at);
                let copy = tokens[at..at + run].to_vec();
                let to = self.random.below(n);
                tokens.splice(to..to, copy);
            }
            4 => {
                let other = self.random.below(n);
                tokens.swap(at, other);
            }
            5 => {
                // The head of one program and the tail of another.
                let other = self.seed();
                let others = self::tokens(&other);
                let from = self.random.below(others.len());
                tokens.truncate(at);
                tokens.extend(others[from..].iter().map(|t| (*t).to_owned()));
            }
            6 | 7 => {
                let names: Vec<usize> = (0..n).filter(|i| is_word(&tokens[*i])).collect();
                if let (Some(at), Some(word)) =
                    (self.random.pick(&names).copied(), self.random.pick(&self.words).cloned())
                {
                    tokens[at] = word;
                }
            }
            8 => {
                let digit = |t: &String| t.starts_with(|c: char| c.is_ascii_digit());
                let numbers: Vec<usize> = (0..n).filter(|i| digit(&tokens[*i])).collect();
                let number = self.random.pick(&NUMBERS).map_or(String::new(), |n| (*n).to_owned());
                match self.random.pick(&numbers).copied() {
                    Some(at) => tokens[at] = number,
                    None => tokens.insert(at, number),
                }
            }
            9 | 10 => {
                let piece = self.random.pick(&PIECES).map_or(String::new(), |p| (*p).to_owned());
                let times = if self.random.chance(3) { 80 } else { 1 };
                tokens.insert(at, piece.repeat(times));
            }
            11 => {
                let word = self.random.pick(&self.words).cloned().unwrap_or_default();
                tokens.insert(at, format!(" {word} "));
            }
            _ => {
                // Two programs after each other.
                let other = self.seed();
                tokens.push("\n".to_owned());
                tokens.push(other);
            }
        }
        tokens.concat()
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '"')
}

/// Words, numbers, texts, runs of blanks and single marks; joined they are the text again.
fn tokens(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let same = |f: fn(char) -> bool| rest.find(|c| !f(c)).unwrap_or(rest.len());
        let end = if c.is_ascii_alphabetic() || c == '_' {
            same(|c| c.is_ascii_alphanumeric() || c == '_')
        } else if c.is_ascii_digit() {
            same(|c| c.is_ascii_alphanumeric() || c == '.')
        } else if c == ' ' {
            same(|c| c == ' ')
        } else if c == '"' {
            rest[1..].find(['"', '\n']).map_or(rest.len(), |i| i + 2)
        } else {
            c.len_utf8()
        };
        let (token, tail) = rest.split_at(end);
        out.push(token);
        rest = tail;
    }
    out
}
