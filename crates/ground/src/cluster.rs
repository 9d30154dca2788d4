//! Which pieces show the same thing.
//!
//! Two pieces of different views belong together as far as the surface that both views see is owned by
//! both. The affinity of two groups is that share over all their pairs (average linkage, weighted by what
//! is seen in common), so that no single view decides. Groups are joined from the surest on; pieces of one
//! view are different things.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use crate::evidence::Evidence;
use crate::label::Votes;
use crate::prepare::Prepared;

/// Least affinity of groups with the same labels, and with different ones.
const LEAST: [f64; 2] = [0.38, 0.6];
/// Samples in common that count as one doubt: few samples weigh less.
const DOUBT: f64 = 8.0;
/// A sample where the other view has no mask counts this much against.
const BLANK: f64 = 0.35;

/// Views as bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Views(Vec<u64>);

impl Views {
    pub(crate) fn none(count: usize) -> Views {
        Views(vec![0; count.div_ceil(64)])
    }

    pub(crate) fn insert(&mut self, view: usize) {
        self.0[view / 64] |= 1 << (view % 64);
    }

    pub(crate) fn has(&self, view: usize) -> bool {
        self.0[view / 64] >> (view % 64) & 1 == 1
    }

    pub(crate) fn meet(&self, o: &Views) -> bool {
        self.0.iter().zip(&o.0).any(|(a, b)| a & b != 0)
    }

    pub(crate) fn join(&mut self, o: &Views) {
        self.0.iter_mut().zip(&o.0).for_each(|(a, b)| *a |= b);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(|w| w.count_ones() as usize).sum()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..64 * self.0.len()).filter(|v| self.has(*v))
    }
}

/// Pieces taken for one thing.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// A piece it began with: its name while groups change.
    pub(crate) id: usize,
    /// Ascending.
    pub(crate) pieces: Vec<usize>,
    pub(crate) views: Views,
    pub(crate) votes: Votes,
    /// By view: samples of its pieces that show up there, blank ones in part.
    shown: Vec<f64>,
    /// Samples in common with other groups.
    common: BTreeMap<usize, f64>,
}

impl Group {
    /// What two groups could have in common.
    fn chances(&self, o: &Group) -> f64 {
        let a: f64 = o.views.iter().map(|v| self.shown[v]).sum();
        let b: f64 = self.views.iter().map(|v| o.shown[v]).sum();
        a + b
    }

    /// Affinity in [0, 1] and how much it stands on.
    pub(crate) fn affinity(&self, o: &Group, common: f64) -> (f64, f64) {
        let chances = self.chances(o);
        if chances > 0.0 { (common / chances, chances) } else { (0.0, 0.0) }
    }

    /// The affinity that groups with these labels need.
    pub(crate) fn needed(&self, o: &Group) -> f64 {
        let alike = self.votes.alike(&o.votes);
        LEAST[0] * alike + LEAST[1] * (1.0 - alike)
    }
}

/// The group of one piece.
pub(crate) fn single(prepared: &Prepared, evidence: &Evidence, piece: usize) -> Group {
    let mut views = Views::none(prepared.views.len());
    views.insert(prepared.pieces[piece].view);
    let shown = |s: &crate::evidence::Seen| f64::from(s.owned) + BLANK * f64::from(s.blank);
    Group {
        id: piece,
        pieces: vec![piece],
        views,
        votes: prepared.pieces[piece].votes.clone(),
        shown: evidence.seen[piece].iter().map(shown).collect(),
        common: BTreeMap::new(),
    }
}

/// Samples of two sets of pieces that lie on each other.
pub(crate) fn common(prepared: &Prepared, evidence: &Evidence, a: &[usize], b: &[usize]) -> f64 {
    let mut n = 0;
    for &m in a {
        for &o in b {
            let (vm, vo) = (prepared.pieces[m].view, prepared.pieces[o].view);
            if vm != vo {
                n += evidence.seen[m][vo].on(o as u32) + evidence.seen[o][vm].on(m as u32);
            }
        }
    }
    f64::from(n)
}

/// A pair to join; `stamp` tells whether the groups have changed since.
struct Candidate {
    rank: f64,
    pair: (usize, usize),
    stamp: (u32, u32),
}

impl PartialEq for Candidate {
    fn eq(&self, o: &Self) -> bool {
        self.cmp(o).is_eq()
    }
}
impl Eq for Candidate {}
impl PartialOrd for Candidate {
    fn partial_cmp(&self, o: &Self) -> Option<Ordering> {
        Some(self.cmp(o))
    }
}
impl Ord for Candidate {
    fn cmp(&self, o: &Self) -> Ordering {
        // Equal ranks go to the first pair, in canonical order.
        self.rank.total_cmp(&o.rank).then_with(|| o.pair.cmp(&self.pair))
    }
}

/// Joins the pieces for which `take` holds into groups, in order of their first pieces.
pub(crate) fn join(
    prepared: &Prepared,
    evidence: &Evidence,
    take: impl Fn(usize) -> bool,
) -> Vec<Group> {
    let mut groups: Vec<Option<Group>> = (0..prepared.pieces.len())
        .map(|m| (take(m) && !prepared.pieces[m].stuff).then(|| single(prepared, evidence, m)))
        .collect();
    for m in 0..groups.len() {
        for s in &evidence.seen[m] {
            for &(o, n) in &s.on {
                let o = o as usize;
                if groups[m].is_none() || groups[o].is_none() {
                    continue;
                }
                for (a, b) in [(m, o), (o, m)] {
                    if let Some(g) = &mut groups[a] {
                        *g.common.entry(b).or_default() += f64::from(n);
                    }
                }
            }
        }
    }
    let mut stamps = vec![0u32; groups.len()];
    let mut heap = BinaryHeap::new();
    let offer = |groups: &[Option<Group>], stamps: &[u32], a: usize, b: usize| {
        let (a, b) = (a.min(b), a.max(b));
        let (Some(x), Some(y)) = (&groups[a], &groups[b]) else { return None };
        if x.views.meet(&y.views) {
            return None;
        }
        let common = x.common.get(&b).copied().unwrap_or(0.0);
        let (affinity, chances) = x.affinity(y, common);
        (affinity >= x.needed(y)).then(|| Candidate {
            rank: (affinity + 0.1 * x.votes.alike(&y.votes)) * chances / (chances + DOUBT),
            pair: (a, b),
            stamp: (stamps[a], stamps[b]),
        })
    };
    for a in 0..groups.len() {
        let others: Vec<usize> =
            groups[a].iter().flat_map(|g| g.common.keys().copied()).filter(|b| *b > a).collect();
        for b in others {
            heap.extend(offer(&groups, &stamps, a, b));
        }
    }
    while let Some(c) = heap.pop() {
        let (a, b) = c.pair;
        if c.stamp != (stamps[a], stamps[b]) || groups[a].is_none() {
            continue;
        }
        let Some(gone) = groups[b].take() else { continue };
        stamps[a] += 1;
        stamps[b] += 1;
        let Some(kept) = &mut groups[a] else { continue };
        kept.pieces.extend(&gone.pieces);
        kept.pieces.sort_unstable();
        kept.views.join(&gone.views);
        kept.votes.add(&gone.votes);
        kept.shown.iter_mut().zip(&gone.shown).for_each(|(x, y)| *x += y);
        kept.common.remove(&b);
        for (o, n) in &gone.common {
            if *o != a {
                *kept.common.entry(*o).or_default() += n;
            }
        }
        let others: Vec<usize> = kept.common.keys().copied().collect();
        for o in others {
            if let Some(g) = &mut groups[o] {
                let moved = g.common.remove(&b).unwrap_or(0.0);
                *g.common.entry(a).or_default() += moved;
                heap.extend(offer(&groups, &stamps, a, o));
            }
        }
    }
    groups.into_iter().flatten().collect()
}

impl Group {
    /// Takes in another group's pieces, whatever the views.
    pub(crate) fn absorb(&mut self, o: Group) {
        self.pieces.extend(o.pieces);
        self.pieces.sort_unstable();
        self.views.join(&o.views);
        self.votes.add(&o.votes);
        self.shown.iter_mut().zip(&o.shown).for_each(|(x, y)| *x += y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_by_hand() {
        let mut a = Views::none(70);
        a.insert(3);
        a.insert(69);
        let mut b = Views::none(70);
        b.insert(68);
        assert!(!a.meet(&b) && a.has(69) && !a.has(68));
        b.join(&a);
        assert!(a.meet(&b));
        assert_eq!((b.count(), b.iter().collect::<Vec<_>>()), (3, vec![3, 68, 69]));
    }
}
