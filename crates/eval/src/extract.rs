//! The letter of an option in a free reply, as each benchmark's own code finds it.

use std::sync::OnceLock;

use regex_lite::Regex;

use crate::metric::leading_word;

/// Whose rules find the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extraction {
    /// `fuzzy_matching` and `exact_match` of VSI-Bench: the first word, compared without case.
    FirstWord,
    /// `extract_answer` of MindCube (`src/evaluation/core/extractors.py`, commit 8650074).
    MindCube,
    /// `extract_single_choice_with_word_boundary` of MMSI-Bench (its README).
    Mmsi,
    /// `extract_option` of ViewSpatial-Bench (`evaluate.py`, commit 0e86b63): of the last line.
    ViewSpatial,
    /// What VLM4D asks its models to end with: `the final answer is: $B`. Its publication has a language
    /// model judge the replies, which cannot be repeated exactly.
    FinalAnswer,
}

fn regex(cell: &'static OnceLock<Regex>, pattern: &str) -> &'static Regex {
    // The patterns are part of the program; tests compile them.
    cell.get_or_init(|| Regex::new(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}")))
}

macro_rules! re {
    ($pattern:expr) => {{
        static CELL: OnceLock<Regex> = OnceLock::new();
        regex(&CELL, $pattern)
    }};
}

fn first(re: &Regex, text: &str) -> Option<char> {
    re.captures(text)?.get(1)?.as_str().chars().next()
}

fn last(re: &Regex, text: &str) -> Option<char> {
    re.captures_iter(text).last()?.get(1)?.as_str().chars().next()
}

/// The letter that a reply chooses, in upper case; `None` where the rules find none.
pub fn letter(reply: &str, by: Extraction) -> Option<char> {
    let found = match by {
        Extraction::FirstWord => {
            let mut chars = leading_word(reply).chars();
            chars.next().filter(|c| c.is_ascii_alphabetic() && chars.next().is_none())
        }
        Extraction::MindCube => mindcube(reply),
        Extraction::Mmsi => mmsi(reply),
        Extraction::ViewSpatial => {
            first(re!(r"(?i)\b([A-D])\b"), reply.split('\n').next_back().unwrap_or(""))
        }
        Extraction::FinalAnswer => last(re!(r"(?i)final answer is:?\s*[\$\(\*]*([A-Z])\b"), reply)
            .or_else(|| first(re!(r"^\s*\(?([A-Z])(?:[.:)]|\s*$)"), reply)),
    };
    found.map(|c| c.to_ascii_uppercase())
}

/// The cascade of MindCube. Of its rules those are left out that need a letter and a full stop, after the
/// first one has found none.
fn mindcube(reply: &str) -> Option<char> {
    if let Some(c) = last(re!(r"([A-E])\."), reply) {
        return Some(c);
    }
    if let Some((_, rest)) = reply.split_once("<Answer>") {
        let section = rest.split('<').next().unwrap_or("");
        let found = last(re!(r"[Mm]y answer is ([A-E])"), section)
            .or_else(|| last(re!(r"[Tt]he answer is ([A-E])"), section))
            .or_else(|| last(re!(r"\b([A-E])\b"), section));
        if found.is_some() {
            return found;
        }
    }
    last(re!(r"([A-E])(?:$|\s)"), reply)
        .or_else(|| last(re!(r#"[*"]([A-E])[*"]"#), reply))
        .or_else(|| last(re!(r"\bAnswer:?\s*([A-E])\b"), reply))
        .or_else(|| last(re!(r"[Mm]y answer is ([A-E])"), reply))
        .or_else(|| last(re!(r"answer is ([A-E])"), reply))
        .or_else(|| reply.split('\n').rev().find_map(|l| first(re!(r"\b([A-E])\b"), l)))
}

fn mmsi(reply: &str) -> Option<char> {
    let mut text = reply;
    for inner in [re!("``([^`]*)``"), re!("`([^`]*)`"), re!(r"\{([^}]*)\}")] {
        if let Some(m) = inner.captures(text).and_then(|c| c.get(1)) {
            text = m.as_str();
        }
    }
    // A letter alone, unless a blank and a letter follow: `A bike` is an article.
    let alone = re!(r"\b([A-D])\b");
    let article = re!(r"^\s[a-zA-Z]");
    let hit = alone.find_iter(text).find(|m| !article.is_match(&text[m.end()..]))?;
    hit.as_str().chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_by_its_own_rules() {
        use Extraction::*;
        for (by, reply, want) in [
            (FirstWord, "B. left", Some('B')),
            (FirstWord, "b", Some('B')),
            (FirstWord, "The answer is B", None),
            (FirstWord, "(B)", None),
            (MindCube, "A. sofa … so my answer is B. chair", Some('B')),
            (MindCube, "<think>C</think><Answer>My answer is D</Answer>", Some('D')),
            (MindCube, "It is E", Some('E')),
            (MindCube, "perhaps \"C\"!", Some('C')),
            (MindCube, "Answer:A!", Some('A')),
            (MindCube, "first (A)\nthen (B)!", Some('B')),
            (MindCube, "nothing", None),
            (Mmsi, "``C``", Some('C')),
            (Mmsi, "A bike stands there, so `D`", Some('D')),
            (Mmsi, "A bike stands there: B", Some('B')),
            (Mmsi, "{B}", Some('B')),
            (Mmsi, "e", None),
            (ViewSpatial, "think A\nB. right", Some('B')),
            (ViewSpatial, "answer: d", Some('D')),
            (ViewSpatial, "none", None),
            (FinalAnswer, "… Therefore, the final answer is: $C", Some('C')),
            (FinalAnswer, "B: left", Some('B')),
            (FinalAnswer, "A man walks left.", None),
        ] {
            assert_eq!(letter(reply, by), want, "{by:?} {reply:?}");
        }
    }
}
