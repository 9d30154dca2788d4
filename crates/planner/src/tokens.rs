//! Questions as words.

use crate::Refusal;
use crate::grammar::Grammar;

/// Most bytes of a question.
const MAX_BYTES: usize = 4000;
/// Most tokens of a question.
const MAX_TOKENS: usize = 400;

/// A word, a number or a punctuation mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// As written, in lower case.
    pub raw: String,
    /// The word that stands for it and its like in the grammar.
    pub norm: String,
    /// Whether it may be passed over between the words of a pattern.
    pub mark: bool,
}

/// Short forms and what they stand for.
const SHORT: &[(&str, &str)] = &[
    ("i'm", "i am"),
    ("i'd", "i would"),
    ("i'll", "i will"),
    ("i've", "i have"),
    ("you're", "you are"),
    ("we're", "we are"),
    ("there's", "there is"),
    ("what's", "what is"),
    ("where's", "where is"),
    ("how's", "how is"),
    ("which's", "which is"),
    ("that's", "that is"),
    ("it's", "it is"),
];

/// The tokens of a text. Quotes and other marks become marks; `(s)` after a word is its plural.
pub(crate) fn read(text: &str, grammar: &Grammar) -> Result<Vec<Token>, Refusal> {
    if text.len() > MAX_BYTES {
        return Err(Refusal::TooLong);
    }
    let mut words: Vec<(String, bool)> = Vec::new();
    for piece in split(text) {
        match SHORT.iter().find(|s| s.0 == piece.0) {
            Some((_, long)) => words.extend(long.split(' ').map(|w| (w.to_owned(), false))),
            None => words.push(piece),
        }
    }
    if words.len() > MAX_TOKENS {
        return Err(Refusal::TooLong);
    }
    let norm = |w: &str| grammar.same.get(w).map_or(w, |n| n).to_owned();
    Ok(words.into_iter().map(|(raw, mark)| Token { norm: norm(&raw), raw, mark }).collect())
}

/// The words of a category's name or an option, for comparison with those of a question.
pub(crate) fn words(text: &str) -> Vec<String> {
    split(text).into_iter().filter(|w| !w.1).map(|w| w.0).collect()
}

fn split(text: &str) -> Vec<(String, bool)> {
    let lower: Vec<char> = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c == '’' { '\'' } else { c })
        .collect();
    let at = |i: usize| lower.get(i).copied().unwrap_or(' ');
    let mut out: Vec<(String, bool)> = Vec::new();
    let mut i = 0;
    while i < lower.len() {
        let c = at(i);
        if c.is_whitespace() || c.is_control() {
            i += 1;
        } else if c.is_ascii_digit() {
            // A number, and apart from it the unit that is glued to it.
            let start = i;
            while at(i).is_ascii_digit() || (at(i) == '.' && at(i + 1).is_ascii_digit()) {
                i += 1;
            }
            out.push((lower[start..i].iter().collect(), false));
        } else if c.is_alphanumeric() {
            let start = i;
            let inner = |i: usize| {
                at(i).is_alphanumeric()
                    || (matches!(at(i), '\'' | '-' | '_') && at(i + 1).is_alphanumeric())
            };
            while inner(i) {
                i += 1;
            }
            let mut word: String = lower[start..i].iter().collect();
            for plural in ["(s)", "(es)"] {
                let ahead: String = lower[i..].iter().take(plural.len()).collect();
                if ahead == plural {
                    word.push_str(plural.trim_matches(['(', ')']));
                    i += plural.len();
                    break;
                }
            }
            out.push((word, false));
        } else {
            // `%` and `°` are units, the rest separates.
            out.push((c.to_string(), !matches!(c, '%' | '°')));
            i += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> String {
        let tokens = read(text, Grammar::get()).unwrap_or_default();
        tokens.iter().map(|t| t.raw.as_str()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn words_numbers_marks() {
        assert_eq!(raw("How many Chair(s)?"), "how|many|chairs|?");
        assert_eq!(raw("What's 1.5m, or 2.?"), "what|is|1.5|m|,|or|2|.|?");
        assert_eq!(raw("my front-left"), "my|front-left");
        assert_eq!(raw("the \"tv\"\n"), "the|\"|tv|\"");
        assert_eq!(raw("20 m²"), "20|m²");
        assert_eq!(words("Trash_Bin #2"), ["trash_bin", "2"]);
    }
}
