//! Whether two phrases name one kind of thing.

use crate::vocabulary::{nearest, singular};

/// A phrase without the article or possessive before it.
pub fn bare(phrase: &str) -> &str {
    let mut rest = phrase.trim();
    loop {
        let Some((first, after)) = rest.split_once(char::is_whitespace) else { return rest };
        let dropped = ["the", "a", "an", "my", "your", "this", "that", "its", "their", "one"];
        if !dropped.iter().any(|d| first.eq_ignore_ascii_case(d)) {
            return rest;
        }
        rest = after.trim_start();
    }
}

fn words(phrase: &str) -> Vec<String> {
    bare(phrase)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(|w| singular(&w.to_lowercase()))
        .collect()
}

/// Whether an entity of a question and a category of a program name one kind: the same word up to case,
/// separators, number and synonym, or one phrase inside the other (`red office chair`, `chair`).
pub(super) fn names(entity: &str, category: &str) -> bool {
    if same(entity, category) {
        return true;
    }
    let (a, b) = (words(entity), words(category));
    let within = |long: &[String], short: &[String]| {
        !short.is_empty() && long.windows(short.len()).any(|w| w == short)
    };
    within(&a, &b) || within(&b, &a)
}

/// Whether two phrases are the same word up to case, separators, number and synonym.
pub(super) fn same(a: &str, b: &str) -> bool {
    let (a, b) = (bare(a), bare(b));
    !a.is_empty() && nearest(a, &[b], None).1
}

/// The one of some categories that a phrase surely names.
pub(super) fn category_of<'k>(phrase: &str, known: &[&'k str]) -> Option<&'k str> {
    match nearest(bare(phrase), known, None) {
        (hits, true) => hits.first().copied(),
        _ => {
            let mut hits = known.iter().copied().filter(|k| names(phrase, k));
            hits.next().filter(|_| hits.next().is_none())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_plurals_synonyms_and_phrases() {
        assert_eq!(bare("the TV"), "TV");
        assert_eq!(bare("a "), "a");
        assert!(names("the couch", "sofa"));
        assert!(names("chairs", "chair"));
        assert!(names("the red office chair", "chair"));
        assert!(names("lamp", "table lamp"));
        assert!(names("Trash_Bin", "trash bin"));
        assert!(!names("table", "tablet"));
        assert!(!names("sofa", "bed"));
        assert!(!names("", "bed"));
        assert_eq!(category_of("the couch", &["bed", "sofa"]), Some("sofa"));
        assert_eq!(category_of("chair", &["desk chair", "arm chair"]), None);
    }
}
