//! Noun phrases against the categories of a memory.

use std::cell::RefCell;
use std::collections::BTreeMap;

use reasmory_scene::Manifest;
use reasmory_sema::nearest_categories;

use crate::tokens::{Token, words};

/// Most words of a category.
pub(crate) const MAX_WORDS: usize = 8;

/// The categories of a memory by what questions call them.
pub(crate) struct Nouns<'m> {
    pub manifest: &'m Manifest,
    /// Names as questions write them: words alone.
    spoken: Vec<String>,
    /// What was looked up.
    known: RefCell<BTreeMap<String, Option<usize>>>,
}

impl<'m> Nouns<'m> {
    pub(crate) fn new(manifest: &'m Manifest) -> Nouns<'m> {
        let spoken = manifest.categories.iter().map(|c| words(&c.name).join(" ")).collect();
        Nouns { manifest, spoken, known: RefCell::default() }
    }

    /// The category that some words surely mean: the same up to case, separators, number or a synonym, and
    /// no other.
    pub(crate) fn category(&self, phrase: &str) -> Option<usize> {
        if let Some(known) = self.known.borrow().get(phrase) {
            return *known;
        }
        let names: Vec<&str> = self.spoken.iter().map(String::as_str).collect();
        // Words as short as `tvs` are too short for the likeness of words, but not for a rule.
        let several = names.iter().position(|n| {
            phrase.strip_suffix('s').is_some_and(|p| p == *n || p.strip_suffix('e') == Some(n))
        });
        let found = match nearest_categories(phrase, &names, None) {
            _ if several.is_some() => several,
            (near, true) => match near.as_slice() {
                [one] => self.spoken.iter().position(|s| s == one),
                _ => None,
            },
            _ => None,
        };
        self.known.borrow_mut().insert(phrase.to_owned(), found);
        found
    }

    /// Categories that some words may mean.
    pub(crate) fn candidates(&self, phrase: &str) -> Vec<String> {
        let names: Vec<&str> = self.spoken.iter().map(String::as_str).collect();
        let (near, _) = nearest_categories(phrase, &names, None);
        near.into_iter().map(str::to_owned).collect()
    }

    /// Name of a category.
    pub(crate) fn name(&self, category: usize) -> &'m str {
        self.manifest.categories.get(category).map_or("", |c| c.name.as_str())
    }

    /// Ids of its instances.
    pub(crate) fn instances(&self, category: usize) -> &'m [u32] {
        self.manifest.categories.get(category).map_or(&[], |c| c.instances.as_slice())
    }
}

/// The words of some tokens.
pub(crate) fn phrase(tokens: &[Token]) -> String {
    tokens.iter().map(|t| t.raw.as_str()).collect::<Vec<_>>().join(" ")
}

/// A text as a literal of the language.
pub(crate) fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{{{:x}}}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        /// Whatever a category is called, its literal is one literal that means it.
        #[test]
        fn literals_hold_anything(text in any::<String>()) {
            let program = format!("answer {}\n", literal(&text));
            prop_assert_eq!(program.matches('\n').count(), 1);
            let parsed = reasmory_syntax::parse(&program);
            prop_assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
            let tree = reasmory_syntax::print_ast_without_spans(&parsed.program);
            let same = format!("answer {}\n", literal(&text).replace('a', "\\u{61}"));
            let again = reasmory_syntax::parse(&same);
            prop_assert_eq!(tree, reasmory_syntax::print_ast_without_spans(&again.program));
        }
    }
}
