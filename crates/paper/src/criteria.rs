//! `selection_criteria`: free text in the paper. What names one of the geometric choices becomes that
//! choice; the rest is left to a model.

use std::ops::Range;

/// A criterion that geometry decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Criterion {
    /// `largest`, `smallest`, `highest`, `lowest`.
    Plain(&'static str),
    /// `leftmost`, `rightmost`: as the viewpoint has it.
    Seen(&'static str),
    /// `nearest`, `farthest`: to what.
    To(&'static str, Anchor),
}

/// What is near or far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// The viewpoint.
    Viewer,
    /// The camera of a photo; where its number stands in the criterion.
    Photo(i64, Range<usize>),
    /// Another object; where its noun stands in the criterion.
    Noun(Range<usize>),
}

/// A word and where it stands.
type Word = (String, Range<usize>);

fn words(text: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut start = None;
    for (i, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = c.is_alphanumeric() || matches!(c, '-' | '_' | '\'');
        match (inside, start) {
            (true, None) => start = Some(i),
            (false, Some(s)) => {
                out.push((text[s..i].to_lowercase(), s..i));
                start = None;
            }
            _ => {}
        }
        // Other marks may turn the meaning: a word that nothing matches.
        let full_stop = c == '.' && text[i..].trim_end() == ".";
        if !(inside || full_stop || c.is_whitespace()) {
            out.push((c.to_string(), i..i + c.len_utf8()));
        }
    }
    out
}

fn skip<'w>(words: &'w [Word], any: &[&str]) -> &'w [Word] {
    let n = words.iter().take_while(|w| any.contains(&w.0.as_str())).count();
    &words[n..]
}

/// The geometric choice that a criterion about a `category` names, word by word and with nothing left over.
pub(crate) fn parse(text: &str, category: &str) -> Option<Criterion> {
    let all = words(text);
    let category: Vec<String> = words(category).into_iter().map(|w| w.0).collect();
    // `the`, `one`, and the category itself add nothing.
    let filler = |w: &'_ [Word]| -> usize {
        let mut n = 0;
        loop {
            let rest = &w[n..];
            if rest.first().is_some_and(|w| {
                matches!(
                    w.0.as_str(),
                    "the"
                        | "one"
                        | "instance"
                        | "object"
                        | "select"
                        | "choose"
                        | "pick"
                        | "which"
                        | "that"
                        | "is"
                )
            }) {
                n += 1;
            } else if !category.is_empty()
                && rest.len() >= category.len()
                && rest.iter().zip(&category).all(|(a, b)| a.0 == *b)
            {
                n += category.len();
            } else {
                return n;
            }
        }
    };
    let rest = &all[filler(&all)..];
    let (word, rest) = rest.split_first()?;
    let rest = &rest[filler(rest)..];
    let plain = |name| rest.is_empty().then_some(Criterion::Plain(name));
    match word.0.as_str() {
        "largest" | "biggest" => plain("largest"),
        "smallest" => plain("smallest"),
        "highest" | "topmost" => plain("highest"),
        "lowest" => plain("lowest"),
        "leftmost" | "left-most" => seen(rest, "leftmost"),
        "rightmost" | "right-most" => seen(rest, "rightmost"),
        "nearest" | "closest" => to(rest, "nearest", &["to"]),
        "farthest" | "furthest" => to(rest, "farthest", &["from", "away", "to"]),
        _ => None,
    }
}

fn seen(rest: &[Word], name: &'static str) -> Option<Criterion> {
    let rest = skip(rest, &["from", "in", "seen", "as"]);
    (rest.is_empty() || anchor(rest) == Some(Anchor::Viewer)).then_some(Criterion::Seen(name))
}

fn to(rest: &[Word], name: &'static str, links: &[&str]) -> Option<Criterion> {
    if rest.is_empty() {
        return Some(Criterion::To(name, Anchor::Viewer));
    }
    let after = skip(rest, links);
    if after.len() == rest.len() || after.is_empty() {
        return None;
    }
    anchor(after).map(|a| Criterion::To(name, a))
}

fn anchor(rest: &[Word]) -> Option<Anchor> {
    let rest = skip(rest, &["the", "current", "a", "an", "my", "our"]);
    let said: Vec<&str> = rest.iter().map(|w| w.0.as_str()).collect();
    match said.as_slice() {
        ["camera" | "viewer" | "viewpoint" | "view" | "me" | "observer" | "us" | "ego"] => {
            Some(Anchor::Viewer)
        }
        ["camera", "position" | "viewpoint" | "view"] | ["point", "of", "view"] => {
            Some(Anchor::Viewer)
        }
        ["camera" | "image" | "photo" | "frame" | "view", number] => {
            Some(Anchor::Photo(number.parse().ok()?, rest[1].1.clone()))
        }
        [] => None,
        // A noun phrase without anything that relates, negates or joins.
        many if many.len() <= 3
            && many.iter().all(|w| {
                w.chars().any(char::is_alphabetic)
                    && w.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
            })
            && !many.iter().any(|w| {
                matches!(
                    *w,
                    "and"
                        | "or"
                        | "not"
                        | "of"
                        | "in"
                        | "on"
                        | "with"
                        | "from"
                        | "to"
                        | "near"
                        | "that"
                        | "which"
                        | "is"
                        | "by"
                        | "left"
                        | "right"
                        | "front"
                        | "behind"
                        | "wall"
                        | "center"
                        | "middle"
                        | "corner"
                        | "entrance"
                        | "side"
                        | "other"
                        | "question"
                        | "at"
                        | "under"
                        | "above"
                        | "it"
                )
            }) =>
        {
            Some(Anchor::Noun(rest[0].1.start..rest[rest.len() - 1].1.end))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Anchor, Criterion, parse};

    #[test]
    fn geometric_words_and_nothing_more() {
        let of = |t| parse(t, "trash bin");
        assert_eq!(of("largest"), Some(Criterion::Plain("largest")));
        assert_eq!(of("The largest trash bin."), Some(Criterion::Plain("largest")));
        assert_eq!(of("the biggest one"), Some(Criterion::Plain("largest")));
        assert_eq!(of("leftmost"), Some(Criterion::Seen("leftmost")));
        assert_eq!(of("leftmost from the viewpoint"), Some(Criterion::Seen("leftmost")));
        assert_eq!(of("nearest"), Some(Criterion::To("nearest", Anchor::Viewer)));
        assert_eq!(of("closest to the camera"), Some(Criterion::To("nearest", Anchor::Viewer)));
        assert_eq!(
            of("the one that is closest to the window"),
            Some(Criterion::To("nearest", Anchor::Noun(31..37)))
        );
        assert_eq!(
            of("farthest from tv stand"),
            Some(Criterion::To("farthest", Anchor::Noun(14..22)))
        );
        assert_eq!(
            of("nearest to camera 2"),
            Some(Criterion::To("nearest", Anchor::Photo(2, 18..19)))
        );
        for free in [
            "",
            "red",
            "the largest red one",
            "not the largest",
            "leftmost of the two",
            "leftmost, then nearest",
            "closest to the window and the door",
            "closest to the window on the left",
            "nearest nearest",
            "closest",
            "nearest to",
            "nearest to camera two",
            "the one next to the largest sofa",
            "largest?",
        ] {
            let found = of(free);
            assert_eq!(found.is_some(), free == "closest", "{free}: {found:?}");
        }
    }
}
