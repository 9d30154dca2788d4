//! Free answers as SQA3D compares them.

use std::sync::OnceLock;

use regex_lite::Regex;

/// Substitutions in order: what is looked for, what it becomes.
///
/// They are those of `clean_answer` in `LLM/eval_sqa3d_llm.py` of SilongYong/SQA3D (commit e4e2cec), which
/// LEO and others took over; those that can match nothing after the earlier ones are left out.
const RULES: [(&str, &str); 44] = [
    (" +$", ""),
    ("^ +", ""),
    (" {2,}", " "),
    (r"[^a-zA-Z0-9,'\s\-:]+", ""),
    (r"\bletf\b", "left"),
    (r"\blet\b", "left"),
    (r"\btehre\b", "there"),
    (r"\brigth\b", "right"),
    (r"\brght\b", "right"),
    (r"\bbehine\b", "behind"),
    (r"\btv\b", "TV"),
    (r"\bchai\b", "chair"),
    (r"\bwasing\b", "washing"),
    (r"\bwaslked\b", "walked"),
    (r"\boclock\b", "o'clock"),
    (r"\bo'[ ]+clock\b", "o'clock"),
    (r"\b0\b", "zero"),
    (r"\bnone\b", "zero"),
    (r"\b1\b", "one"),
    (r"\b2\b", "two"),
    (r"\b3\b", "three"),
    (r"\b4\b", "four"),
    (r"\b5\b", "five"),
    (r"\b6\b", "six"),
    (r"\b7\b", "seven"),
    (r"\b8\b", "eight"),
    (r"\b9\b", "nine"),
    (r"\b10\b", "ten"),
    (r"\b11\b", "eleven"),
    (r"\b12\b", "twelve"),
    (r"\b13\b", "thirteen"),
    (r"\b14\b", "fourteen"),
    (r"\b15\b", "fifteen"),
    (r"\b16\b", "sixteen"),
    (r"\b17\b", "seventeen"),
    (r"\b18\b", "eighteen"),
    (r"\b19\b", "nineteen"),
    (r"\b20\b", "twenty"),
    (r"\b23\b", "twenty-three"),
    (r"\b([a-zA-Z]+)([0-9])\b", "$1"),
    (r"\ba\b ([a-zA-Z]+)", "$1"),
    (r"\ban\b ([a-zA-Z]+)", "$1"),
    (r"\bthe\b ([a-zA-Z]+)", "$1"),
    (r"\bbackwards\b", "backward"),
];

/// A free answer in the form in which SQA3D compares it: lower case, articles away, numbers in words.
pub fn clean_answer(text: &str) -> String {
    static COMPILED: OnceLock<Vec<(Regex, &str)>> = OnceLock::new();
    let rules = COMPILED.get_or_init(|| {
        let compile = |(pattern, to): &(&str, &'static str)| {
            // The patterns are part of the program; a test compiles them.
            (Regex::new(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}")), *to)
        };
        RULES.iter().map(compile).collect()
    });
    rules.iter().fold(text.to_lowercase(), |t, (r, to)| r.replace_all(&t, *to).into_owned())
}

/// Exact match and LEO's refined exact match, which also takes an answer that contains the truth or is
/// contained in it, blanks aside (`answer_match` of embodied-generalist, `data/data_utils.py`). Both sides
/// are cleaned first. As there, the first truth that is contained ends the search.
pub fn exact_match(answer: &str, truths: &[String]) -> (bool, bool) {
    let joined = |t: &str| t.split_whitespace().collect::<String>();
    let answer = clean_answer(answer);
    for truth in truths {
        let truth = clean_answer(truth);
        if answer == truth {
            return (true, true);
        }
        let (a, t) = (joined(&answer), joined(&truth));
        if t.contains(&a) || a.contains(&t) {
            return (false, true);
        }
    }
    (false, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_cleaned_as_published() {
        for (text, want) in [
            ("  The  Chair. ", "chair"),
            ("2", "two"),
            ("none", "zero"),
            ("tv", "TV"),
            ("behind the tv", "behind TV"),
            ("to my letf", "to my left"),
            ("3 oclock", "three o'clock"),
            ("3 o' clock", "three o'clock"),
            ("mat2", "mat"),
            ("an apple", "apple"),
            ("a a table", "a table"),
            ("Backwards", "backward"),
            ("yes!", "yes"),
            ("23", "twenty-three"),
            ("21", "21"),
            ("", ""),
        ] {
            assert_eq!(clean_answer(text), want, "{text}");
        }
    }

    #[test]
    fn matches() {
        let truths = |t: &[&str]| t.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(exact_match("the chair", &truths(&["chair"])), (true, true));
        assert_eq!(exact_match("office chair", &truths(&["chair"])), (false, true));
        assert_eq!(exact_match("sofa", &truths(&["chair"])), (false, false));
        assert_eq!(exact_match("chair", &truths(&["armchair", "chair"])), (false, true));
        assert_eq!(exact_match("chair", &[]), (false, false));
    }
}
