//! How photos hang together: groups tied by shared points that no matches contradict.

use std::collections::BTreeMap;

use super::checks::{Agreement, observers};
use super::{GateOptions, Reason, SparseModel};

/// Number of points that each two of the photos kept share.
pub(super) fn shared(model: &SparseModel, kept: &[bool]) -> BTreeMap<(usize, usize), usize> {
    let mut out = BTreeMap::new();
    for seen_by in observers(model, kept) {
        for (k, a) in seen_by.iter().enumerate() {
            for b in &seen_by[k + 1..] {
                *out.entry((*a as usize, *b as usize)).or_insert(0) += 1;
            }
        }
    }
    out
}

/// Groups of photos that these ties join; a photo without ties is a group of its own.
pub(super) fn groups(n: usize, ties: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
    let mut root: Vec<usize> = (0..n).collect();
    fn find(root: &mut [usize], mut i: usize) -> usize {
        while root[i] != i {
            root[i] = root[root[i]];
            i = root[i];
        }
        i
    }
    for (a, b) in ties {
        let (a, b) = (find(&mut root, a), find(&mut root, b));
        root[a.max(b)] = a.min(b);
    }
    (0..n).map(|i| find(&mut root, i)).collect()
}

/// Photos outside the largest group.
pub(super) fn apart(
    model: &SparseModel,
    agreements: &[Agreement],
    kept: &[bool],
    options: &GateOptions,
) -> Vec<(usize, Reason)> {
    let n = kept.len();
    let says: BTreeMap<(usize, usize), bool> =
        agreements.iter().map(|a| ((a.a.min(a.b), a.a.max(a.b)), a.agrees)).collect();
    let ties = shared(model, kept).into_iter().filter(|(pair, points)| {
        // Matches that contradict two poses outweigh the points that were made from them.
        *points >= options.least_shared && says.get(pair).is_none_or(|agrees| *agrees)
    });
    let group = groups(n, ties.map(|t| t.0));
    let mut sizes = vec![0usize; n];
    for i in (0..n).filter(|i| kept[*i]) {
        sizes[group[i]] += 1;
    }
    let Some(largest) = (0..n).max_by(|a, b| sizes[*a].cmp(&sizes[*b]).then(b.cmp(a))) else {
        return Vec::new();
    };
    (0..n)
        .filter(|i| kept[*i] && group[*i] != largest)
        .map(|i| (i, Reason::Apart { group: sizes[group[i]] }))
        .collect()
}
