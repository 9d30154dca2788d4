//! Small patches of surface, and whether neighbouring ones meet convexly (LCCP: Stein et al. 2014).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use reasmory_geom::math::{acos_deg, cos_deg};
use reasmory_geom::{Point3, Vec3};

use super::cells::{Cells, NONE};

/// Edge of the blocks that patches are seeded in, cells.
const BLOCK: f64 = 4.0;
/// Patches whose normals differ by less lie on one surface, degrees.
const SMOOTH: f64 = 12.0;

/// A patch.
pub(super) struct Patch {
    pub(super) cells: Vec<u32>,
    pub(super) center: Point3,
    pub(super) normal: Vec3,
}

/// How two groups of patches meet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meeting {
    /// Length of the border, in pairs of cells.
    pub(super) length: f64,
    /// That part of it where they meet concavely.
    pub(super) concave: f64,
}

/// Patches of some cells and how they meet.
pub(super) struct Patches {
    pub(super) patches: Vec<Patch>,
    pub(super) meetings: BTreeMap<(u32, u32), Meeting>,
}

fn bits(x: f64) -> u64 {
    // Costs are not negative, so their bits sort as they do.
    x.to_bits()
}

impl Patches {
    /// Grows patches over `members` (ascending) from seeds, by distance, normal and colour (Papon et
    /// al. 2013).
    pub(super) fn new(cells: &Cells, normals: &[Vec3], members: &[u32]) -> Patches {
        let mut of: rustc_hash::FxHashMap<u32, u32> = members.iter().map(|m| (*m, NONE)).collect();
        let edge = BLOCK * cells.unit;
        let block = |m: &u32| {
            let p = cells.position[*m as usize];
            [p.x, p.y, p.z].map(|x| (x / edge).floor() as i64)
        };
        let mut blocks: BTreeMap<[i64; 3], Vec<u32>> = BTreeMap::new();
        members.iter().for_each(|m| blocks.entry(block(m)).or_default().push(*m));
        let seeds: Vec<u32> = blocks
            .values()
            .filter_map(|b| {
                let mean = b.iter().map(|m| cells.position[*m as usize].coords).sum::<Vec3>()
                    / b.len() as f64;
                let off = |m: &u32| (cells.position[*m as usize].coords - mean).norm_squared();
                b.iter().copied().min_by(|p, q| off(p).total_cmp(&off(q)).then(p.cmp(q)))
            })
            .collect();
        let mut heap: BinaryHeap<Reverse<(u64, u32, u32)>> = BinaryHeap::new();
        for (k, s) in seeds.iter().enumerate() {
            heap.push(Reverse((0, *s, k as u32)));
        }
        let mut patches: Vec<Vec<u32>> = vec![Vec::new(); seeds.len()];
        while let Some(Reverse((_, m, k))) = heap.pop() {
            let Some(owner) = of.get_mut(&m).filter(|o| **o == NONE) else { continue };
            *owner = k;
            patches[k as usize].push(m);
            let s = seeds[k as usize] as usize;
            for j in cells.touching(m as usize) {
                if of.get(&(j as u32)) != Some(&NONE) {
                    continue;
                }
                let away = (cells.position[j] - cells.position[s]).norm() / edge;
                let turned = 1.0 - normals[j].dot(&normals[s]);
                let colour = (cells.color[j] - cells.color[s]).norm() / 60.0;
                heap.push(Reverse((bits(away + turned + colour), j as u32, k)));
            }
        }
        // What no seed reaches.
        for m in members {
            if of[m] == NONE {
                let k = patches.len() as u32;
                let mut stack = vec![*m];
                let mut grown = Vec::new();
                of.insert(*m, k);
                while let Some(i) = stack.pop() {
                    grown.push(i);
                    for j in cells.touching(i as usize) {
                        if let Some(o) = of.get_mut(&(j as u32)).filter(|o| **o == NONE) {
                            *o = k;
                            stack.push(j as u32);
                        }
                    }
                }
                patches.push(grown);
            }
        }
        let patches: Vec<Patch> = patches
            .into_iter()
            .map(|mut c| {
                c.sort_unstable();
                let n = c.len().max(1) as f64;
                let sum =
                    |f: &dyn Fn(usize) -> Vec3| c.iter().map(|i| f(*i as usize)).sum::<Vec3>() / n;
                let center = Point3::from(sum(&|i| cells.position[i].coords));
                let normal = sum(&|i| normals[i]).try_normalize(1e-9).unwrap_or(Vec3::z());
                Patch { center, normal, cells: c }
            })
            .collect();
        let mut meetings: BTreeMap<(u32, u32), Meeting> = BTreeMap::new();
        for m in members {
            for j in cells.touching(*m as usize) {
                if let (Some(a), Some(b)) = (of.get(m), of.get(&(j as u32)))
                    && a != b
                {
                    meetings.entry((*a.min(b), *a.max(b))).or_default().length += 1.0;
                }
            }
        }
        for ((a, b), m) in &mut meetings {
            m.concave = m.length * concavity(&patches[*a as usize], &patches[*b as usize]);
        }
        Patches { patches, meetings }
    }
}

/// 1 where two patches meet concavely, 0 where they meet convexly or smoothly.
fn concavity(a: &Patch, b: &Patch) -> f64 {
    let Some(d) = (a.center - b.center).try_normalize(1e-12) else { return 0.0 };
    let turn = acos_deg(a.normal.dot(&b.normal).clamp(-1.0, 1.0));
    if turn < SMOOTH {
        // On one surface, or on two steps of it: then the way from one to the other leaves the surface.
        let mean = (a.normal + b.normal).normalize();
        return if d.dot(&mean).abs() > cos_deg(55.0) { 1.0 } else { 0.0 };
    }
    f64::from(u8::from(a.normal.dot(&d) < b.normal.dot(&d)))
}

/// Parts of patches: neighbours are put together, those that meet most convexly first, as long as
/// the border between them is mostly convex. Part of each patch.
pub(super) fn parts(p: &Patches) -> Vec<u32> {
    let n = p.patches.len();
    let mut joined = super::cells::Joined::new(n);
    let mut links: Vec<BTreeMap<u32, Meeting>> = vec![BTreeMap::new(); n];
    for ((a, b), m) in &p.meetings {
        links[*a as usize].insert(*b, *m);
        links[*b as usize].insert(*a, *m);
    }
    let score = |m: &Meeting| m.concave / m.length;
    let mut heap: BinaryHeap<Reverse<(u64, u64, u32, u32)>> = BinaryHeap::new();
    let entry = |a: u32, b: u32, m: &Meeting| {
        // Of equals, the longest borders first.
        Reverse((bits(score(m)), bits(1.0 / m.length), a.min(b), a.max(b)))
    };
    for ((a, b), m) in &p.meetings {
        heap.push(entry(*a, *b, m));
    }
    while let Some(Reverse((s, l, a, b))) = heap.pop() {
        if f64::from_bits(s) > 0.4 {
            break;
        }
        let Some(m) = links[a as usize].get(&b) else { continue };
        // An entry of before a change.
        if (bits(score(m)), bits(1.0 / m.length)) != (s, l) {
            continue;
        }
        joined.join(a as usize, b as usize);
        let gone = std::mem::take(&mut links[b as usize]);
        for (c, m) in gone {
            links[c as usize].remove(&b);
            if c == a {
                continue;
            }
            let sum = links[a as usize].entry(c).or_default();
            sum.length += m.length;
            sum.concave += m.concave;
            let sum = *sum;
            links[c as usize].insert(a, sum);
            heap.push(entry(a, c, &sum));
        }
        links[a as usize].remove(&b);
    }
    (0..n).map(|i| joined.root(i) as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(center: [f64; 3], normal: [f64; 3]) -> Patch {
        Patch { cells: vec![], center: center.into(), normal: Vec3::from(normal).normalize() }
    }

    #[test]
    fn edges_of_a_box_are_convex_and_its_foot_is_not() {
        let top = patch([0.5, 0.0, 1.0], [0.0, 0.0, 1.0]);
        let side = patch([1.0, 0.0, 0.5], [1.0, 0.0, 0.0]);
        let floor = patch([1.5, 0.0, 0.0], [0.0, 0.0, 1.0]);
        assert_eq!(concavity(&top, &side), 0.0);
        assert_eq!(concavity(&side, &floor), 1.0);
        assert_eq!(concavity(&floor, &side), 1.0);
        let beside = patch([2.0, 0.0, 0.02], [0.0, 0.05, 1.0]);
        assert_eq!(concavity(&floor, &beside), 0.0);
    }
}
