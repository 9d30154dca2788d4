//! Labels: what means the same, what is stuff, and what a thing is most likely called.

use std::collections::BTreeMap;
use std::fmt;

/// Names of surfaces and materials that are not countable things (COCO's and ADE20K's structural stuff).
const STUFF: &[&str] = &[
    "wall",
    "walls",
    "floor",
    "flooring",
    "ceiling",
    "ground",
    "background",
    "wood floor",
    "tile",
    "floor-wood",
    "wall-brick",
    "wall-concrete",
    "wall-other-merged",
    "wall-tile",
    "wall-wood",
    "ceiling-merged",
    "floor-other-merged",
    "sky",
    "unknown",
    "void",
    "unlabeled",
    "unlabelled",
];

/// The label that another is a synonym of, where it is one.
pub type Canonical<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// Which labels mean the same and which name stuff.
#[derive(Clone, Copy, Default)]
pub struct Naming<'a> {
    /// The label that another is a synonym of (`couch` → `sofa`); asked with trimmed lower case.
    pub canonical: Option<Canonical<'a>>,
    /// Labels that name stuff, beyond walls, floors and ceilings.
    pub stuff: &'a [String],
}

impl fmt::Debug for Naming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Naming").field("stuff", &self.stuff).finish_non_exhaustive()
    }
}

impl Naming<'_> {
    /// The label as it is counted: trimmed, lower case, one name for synonyms.
    pub fn of(&self, label: &str) -> String {
        let label = label.trim().to_lowercase();
        self.canonical.and_then(|f| f(&label)).unwrap_or(label)
    }

    /// Whether a counted label names stuff.
    pub fn is_stuff(&self, label: &str) -> bool {
        STUFF.contains(&label) || self.stuff.iter().any(|s| s.trim().to_lowercase() == label)
    }
}

/// Votes for labels; ties go to the first by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Votes(BTreeMap<String, f64>);

impl Votes {
    pub(crate) fn one(label: &str, weight: f64) -> Votes {
        Votes(BTreeMap::from([(label.to_owned(), weight)]))
    }

    pub(crate) fn add(&mut self, o: &Votes) {
        for (l, w) in &o.0 {
            *self.0.entry(l.clone()).or_default() += w;
        }
    }

    /// The label with most votes; ties go to the first by name.
    pub(crate) fn best(&self) -> &str {
        let mut best: Option<(&String, f64)> = None;
        for (l, w) in &self.0 {
            if best.is_none_or(|b| *w > b.1) {
                best = Some((l, *w));
            }
        }
        best.map_or("", |b| b.0.as_str())
    }

    /// How alike two distributions are: the share of votes they have in common, in [0, 1].
    pub(crate) fn alike(&self, o: &Votes) -> f64 {
        let (a, b) = (self.total(), o.total());
        if a <= 0.0 || b <= 0.0 {
            return 0.0;
        }
        self.0.iter().map(|(l, w)| (w / a).min(o.0.get(l).copied().unwrap_or(0.0) / b)).sum()
    }

    fn total(&self) -> f64 {
        self.0.values().sum()
    }

    /// Shares, greatest first, equal ones by name.
    pub(crate) fn shares(&self) -> Vec<(String, f64)> {
        let total = self.total().max(f64::MIN_POSITIVE);
        let mut out: Vec<(String, f64)> =
            self.0.iter().map(|(l, w)| (l.clone(), w / total)).collect();
        out.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_and_stuff() {
        let canonical = |l: &str| (l == "couch").then(|| "sofa".to_owned());
        let stuff = ["Carpet".to_owned()];
        let n = Naming { canonical: Some(&canonical), stuff: &stuff };
        assert_eq!((n.of(" Couch "), n.of("TV")), ("sofa".into(), "tv".into()));
        assert!(n.is_stuff("carpet") && n.is_stuff("floor") && !n.is_stuff("sofa"));
    }

    #[test]
    fn votes_by_hand() {
        let mut v = Votes::one("b", 1.0);
        v.add(&Votes::one("a", 1.0));
        assert_eq!(v.best(), "a");
        v.add(&Votes::one("b", 2.0));
        assert_eq!(v.shares(), [("b".to_owned(), 0.75), ("a".to_owned(), 0.25)]);
        assert_eq!(v.alike(&Votes::one("a", 5.0)), 0.25);
        assert_eq!(Votes::default().alike(&v), 0.0);
    }
}
