//! Did-you-mean: which of the known names a wrong one most likely meant.

/// Candidates for `wrong`, best first, at most three. A candidate qualifies when it is the same up to
/// case and separators, or within `max(len / 3, 1)` edits (Damerau–Levenshtein, so a swap is one edit).
pub fn candidates<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let folded = fold(wrong);
    let limit = (folded.chars().count() / 3).max(1);
    let mut scored: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|name| {
            let d = strsim::damerau_levenshtein(&folded, &fold(name));
            (d <= limit).then_some((d, name))
        })
        .collect();
    scored.sort();
    scored.dedup();
    // A candidate two edits worse than the best is noise.
    let best = scored.first().map_or(0, |s| s.0);
    scored.into_iter().filter(|s| s.0 <= best + 1).take(3).map(|s| s.1).collect()
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_typos_and_respelling() {
        let known = ["distance", "center_distance", "side", "sees", "size"];
        assert_eq!(candidates("distnace", known), ["distance"]);
        assert_eq!(candidates("centerDistance", known), ["center_distance"]);
        assert_eq!(candidates("sied", known)[0], "side");
        assert!(candidates("banana", known).is_empty());
    }
}
