//! Words for kinds of things: which category of a memory a wrong name may mean.

use std::sync::OnceLock;

use reasmory_diag::similar;

/// The groups that come with Reasmory.
const BUILT_IN: &str = include_str!("../data/synonyms.txt");

/// Groups of words that name one kind of thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synonyms {
    groups: Vec<Group>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    /// Folded.
    words: Vec<String>,
    /// Whether the words mean one and the same, rather than kinds that are near each other.
    same: bool,
}

impl Synonyms {
    /// Groups of a project's own; each means one and the same.
    pub fn new(groups: impl IntoIterator<Item = Vec<String>>) -> Synonyms {
        let group = |words: Vec<String>| Group {
            words: words.iter().map(|w| fold(w)).collect(),
            same: true,
        };
        Synonyms { groups: groups.into_iter().map(group).collect() }
    }

    fn built_in() -> &'static Synonyms {
        static TABLE: OnceLock<Synonyms> = OnceLock::new();
        TABLE.get_or_init(|| {
            let lines = BUILT_IN.lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
            let group = |line: &str| {
                let (same, line) = match line.strip_prefix('~') {
                    Some(rest) => (false, rest),
                    None => (true, line),
                };
                Group { words: line.split(',').map(fold).collect(), same }
            };
            Synonyms { groups: lines.map(group).collect() }
        })
    }

    /// The known names that share a group with a folded word.
    fn hits<'k>(&self, wanted: &str, known: &[&'k str], same: bool) -> Vec<&'k str> {
        let mut out: Vec<&str> = Vec::new();
        for g in self.groups.iter().filter(|g| g.same == same) {
            if g.words.iter().any(|w| w == wanted) {
                for k in known {
                    if g.words.contains(&fold(k)) && !out.contains(k) {
                        out.push(k);
                    }
                }
            }
        }
        out
    }
}

/// Categories that a wrong name may mean, best first, and whether the first is certain: the same word up to
/// case, separators and number, or the only one of its kind.
pub fn nearest<'k>(
    name: &str,
    known: &[&'k str],
    project: Option<&Synonyms>,
) -> (Vec<&'k str>, bool) {
    let wanted = fold(name);
    let same: Vec<&str> = known.iter().copied().filter(|k| fold(k) == wanted).collect();
    if !same.is_empty() {
        return (same, true);
    }
    let tables: Vec<&Synonyms> = project.into_iter().chain([Synonyms::built_in()]).collect();
    for table in &tables {
        let hits = table.hits(&wanted, known, true);
        if !hits.is_empty() {
            let certain = hits.len() == 1;
            return (hits, certain);
        }
    }
    let mut near = similar::candidates(name, known.iter().copied());
    if near.is_empty() {
        near = parts(name, known);
    }
    if near.is_empty() {
        near = tables.iter().flat_map(|t| t.hits(&wanted, known, false)).take(3).collect();
    }
    if near.is_empty() {
        near = misspelt_synonym(&wanted, known, &tables);
    }
    (near, false)
}

/// A part of a compound: `bin` for `trash bin`, `table` for `glass table`, `chair` for `armchair`.
fn parts<'k>(name: &str, known: &[&'k str]) -> Vec<&'k str> {
    let (words, whole) = (words_of(name), fold(name));
    let mut found: Vec<(bool, &str)> = known
        .iter()
        .copied()
        .filter_map(|k| {
            let own = words_of(k);
            let kind = fold(k);
            let last = words.last() == own.last()
                || (kind.len() > 3 && whole.len() > kind.len() && whole.ends_with(&kind));
            let shares = own.contains(&whole) || words.contains(&kind) || last;
            shares.then_some((!last, k))
        })
        .collect();
    // What ends alike is of one kind: a glass table is a table.
    found.sort_by_key(|f| f.0);
    found.into_iter().map(|f| f.1).take(3).collect()
}

fn words_of(name: &str) -> Vec<String> {
    name.split([' ', '_', '-']).filter(|w| !w.is_empty()).map(fold).collect()
}

/// A synonym that is itself misspelt: `coutch` for `couch` for `sofa`.
fn misspelt_synonym<'k>(wanted: &str, known: &[&'k str], tables: &[&Synonyms]) -> Vec<&'k str> {
    if wanted.len() < 4 {
        return vec![];
    }
    let all = tables.iter().flat_map(|t| t.groups.iter().filter(|g| g.same));
    let mut out: Vec<&str> = Vec::new();
    for g in all {
        if !similar::candidates(wanted, g.words.iter().map(String::as_str)).is_empty() {
            out.extend(known.iter().copied().filter(|k| g.words.contains(&fold(k))));
        }
    }
    out.dedup();
    out.truncate(3);
    out
}

/// A word without case, separators and number.
fn fold(s: &str) -> String {
    let s: String = s
        .trim()
        .chars()
        .filter(|c| !matches!(c, ' ' | '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect();
    singular(&s)
}

/// Plurals that no rule gives.
const IRREGULAR: [(&str, &str); 12] = [
    ("people", "person"),
    ("men", "man"),
    ("women", "woman"),
    ("children", "child"),
    ("mice", "mouse"),
    ("feet", "foot"),
    ("teeth", "tooth"),
    ("knives", "knife"),
    ("buses", "bus"),
    ("potatoes", "potato"),
    ("tomatoes", "tomato"),
    ("pianos", "piano"),
];

/// A word without its plural.
pub(crate) fn singular(word: &str) -> String {
    if let Some((_, one)) = IRREGULAR.iter().find(|i| i.0 == word) {
        return (*one).to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|s| s.len() > 2) {
        return format!("{stem}y");
    }
    for suffix in ["ches", "shes", "xes", "sses"] {
        if word.ends_with(suffix) {
            return word[..word.len() - 2].to_owned();
        }
    }
    for (suffix, one) in [("shelves", "shelf"), ("scarves", "scarf"), ("leaves", "leaf")] {
        if let Some(stem) = word.strip_suffix(suffix) {
            return format!("{stem}{one}");
        }
    }
    if word.ends_with('s') && !word.ends_with("ss") && word.len() > 3 {
        return word[..word.len() - 1].to_owned();
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 9] =
        ["chair", "monitor", "shelf", "sofa", "stove", "trash bin", "tv", "vase", "window"];

    fn near(name: &str) -> (Vec<&'static str>, bool) {
        nearest(name, &KNOWN, None)
    }

    #[test]
    fn spelling_plural_synonym_compound() {
        assert_eq!(near("chairs"), (vec!["chair"], true));
        assert_eq!(near("couch"), (vec!["sofa"], true));
        assert_eq!(near("couches"), (vec!["sofa"], true));
        assert_eq!(near("Trash_Bin"), (vec!["trash bin"], true));
        assert_eq!(near("garbage cans"), (vec!["trash bin"], true));
        assert_eq!(near("shelves"), (vec!["shelf"], true));
        assert_eq!(near("vases"), (vec!["vase"], true));
        assert_eq!(near("television"), (vec!["tv"], true));
        assert_eq!(near("chiar"), (vec!["chair"], false));
        assert_eq!(near("bin"), (vec!["trash bin"], true));
        assert_eq!(near("large window"), (vec!["window"], false));
        assert!(near("piano").0.is_empty());
    }

    #[test]
    fn near_kinds_and_misspelt_synonyms_are_offered_but_not_certain() {
        assert_eq!(near("workbench"), (vec![], false));
        assert_eq!(near("laptop"), (vec!["monitor"], false));
        assert_eq!(near("armchair"), (vec!["chair"], false));
        assert_eq!(near("telvision"), (vec!["tv"], false));
        assert_eq!(near("coutch"), (vec!["sofa"], false));
    }

    #[test]
    fn a_project_comes_first() {
        let own = Synonyms::new([vec!["sofa".to_owned(), "Perch".to_owned()]]);
        assert_eq!(nearest("perches", &KNOWN, Some(&own)), (vec!["sofa"], true));
        assert!(nearest("perches", &KNOWN, None).0.is_empty());
    }

    #[test]
    fn groups_are_well_formed() {
        let table = Synonyms::built_in();
        assert!(table.groups.len() > 250);
        for g in &table.groups {
            assert!(g.words.len() > 1 || !g.same, "{:?}", g.words);
            assert!(!g.words.iter().any(String::is_empty), "{:?}", g.words);
        }
    }
}
