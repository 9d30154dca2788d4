//! From what is left without floor, walls and ceiling to things: by distance, by what rests on what, by
//! concavity with colour.

use std::collections::BTreeMap;

use reasmory_geom::{Vec3, polygon};
use rustc_hash::{FxHashMap, FxHashSet};

use super::cells::{Cells, components};
use super::footing::{Footing, Plan, footing};
use super::patches::{Meeting, Patches, parts};
use super::structure::Structure;

/// Colours of this distance in CIELAB are of two materials.
const COLOUR: f64 = 14.0;
/// Part of a border that must be concave where it divides two things.
const CONCAVE: f64 = 0.55;
/// Part of the plan area of what it stands on above which a thing and that are one.
const BROAD: f64 = 0.6;
/// Part of a thing's plan area below which its foot is a post.
const POST: f64 = 0.08;
/// Fewest cells of a thing.
const FEWEST: usize = 14;
/// Deepest pile of things on things.
const DEEPEST: usize = 6;

pub(super) struct Splitter<'a> {
    pub(super) cells: &'a Cells,
    pub(super) normals: &'a [Vec3],
    pub(super) structure: &'a Structure,
    /// Cells that are no structure, for what can be seen below a surface.
    pub(super) all: &'a Plan,
    /// Distance from floor, walls and ceiling within which noise leaves pieces of them.
    pub(super) shadow: f64,
}

impl Splitter<'_> {
    /// Things of the cells `rest` (ascending): each a list of cells, ascending. Cells of `veil` join nothing,
    /// and go to the thing that is nearest.
    pub(super) fn things(&self, rest: &[u32], veil: &[u32]) -> Vec<Vec<u32>> {
        let mut out = Vec::new();
        let mut crumbs: Vec<Vec<u32>> = veil.iter().map(|m| vec![*m]).collect();
        for c in components(self.cells, rest, |_, _| true) {
            if c.len() < FEWEST {
                crumbs.push(c);
            } else {
                self.split(c, 0, &mut out);
            }
        }
        self.gather(crumbs, &mut out);
        self.join_floating(&mut out);
        out.retain(|t| t.len() >= FEWEST && self.is_thing(t));
        out.sort_by_key(|t| t[0]);
        out
    }

    fn height(&self, m: u32) -> f64 {
        self.cells.position[m as usize].z
    }

    /// The height that a part of the members lies below.
    fn quantile(&self, members: &[u32], part: f64) -> f64 {
        let mut z: Vec<f64> = members.iter().map(|m| self.height(*m)).collect();
        z.sort_unstable_by(f64::total_cmp);
        let at = ((part * z.len() as f64) as usize).min(z.len().saturating_sub(1));
        z.get(at).copied().unwrap_or(f64::INFINITY)
    }

    /// A connected group to things.
    fn split(&self, group: Vec<u32>, depth: usize, out: &mut Vec<Vec<u32>>) {
        if depth >= DEEPEST || group.len() < 2 * FEWEST {
            out.push(group);
            return;
        }
        let (rest, resting) = self.lift(group);
        for r in resting {
            self.split(r, depth + 1, out);
        }
        for piece in self.by_material(rest) {
            out.push(piece);
        }
    }

    /// Takes off what rests on the level surfaces of a group.
    fn lift(&self, group: Vec<u32>) -> (Vec<u32>, Vec<Vec<u32>>) {
        let mut left: FxHashSet<u32> = group.iter().copied().collect();
        let mut lifted = Vec::new();
        for surface in self.level_surfaces(&group) {
            let surface: Vec<u32> = surface.into_iter().filter(|m| left.contains(m)).collect();
            if surface.len() < FEWEST {
                continue;
            }
            let level = self.quantile(&surface, 0.5);
            let slab = 0.8 * self.cells.unit;
            let is_surface: FxHashSet<u32> = surface.iter().copied().collect();
            let current: Vec<u32> = group.iter().copied().filter(|m| left.contains(m)).collect();
            // Without the surface and what is level with it close by.
            let others: Vec<u32> = current
                .iter()
                .copied()
                .filter(|m| {
                    let beside = (self.height(*m) - level).abs() < slab
                        && self
                            .cells
                            .touching(*m as usize)
                            .any(|j| is_surface.contains(&(j as u32)));
                    !is_surface.contains(m) && !beside
                })
                .collect();
            let plan = Plan::new(self.cells, surface.iter().copied());
            let pieces = components(self.cells, &others, |_, _| true);
            for piece in pieces {
                let low = self.quantile(&piece, 0.02);
                if piece.len() < FEWEST / 2
                    || low < level - self.cells.unit
                    || low > level + 6.0 * self.cells.unit
                {
                    continue;
                }
                if !self.foot(&piece, level, &plan).rests()
                    || self.has_base(&piece, level, &current, false)
                {
                    continue;
                }
                // With the foot that was taken for the surface's.
                let mut whole: FxHashSet<u32> = piece.iter().copied().collect();
                for m in &piece {
                    for j in self.cells.touching(*m as usize) {
                        let j = j as u32;
                        if left.contains(&j)
                            && !is_surface.contains(&j)
                            && !whole.contains(&j)
                            && self.normals[j as usize].z < 0.85
                        {
                            whole.insert(j);
                        }
                    }
                }
                let mut whole: Vec<u32> = whole.into_iter().collect();
                whole.sort_unstable();
                whole.iter().for_each(|m| {
                    left.remove(m);
                });
                lifted.push(whole);
            }
        }
        (group.into_iter().filter(|m| left.contains(m)).collect(), lifted)
    }

    /// Whether a piece is nearly as wide as the rest of its group, or (`posts`) stands on a post: then the
    /// rest is its base, not what it was put on.
    fn has_base(&self, piece: &[u32], level: f64, group: &[u32], posts: bool) -> bool {
        let own: FxHashSet<u32> = piece.iter().copied().collect();
        let area = |members: &mut dyn Iterator<Item = u32>| {
            let hull = polygon::hull(members.map(|m| self.cells.position[m as usize].xy()));
            if hull.len() < 3 { 0.0 } else { polygon::area(&hull).abs() }
        };
        let rest = area(&mut group.iter().copied().filter(|m| !own.contains(m)));
        let whole = area(&mut piece.iter().copied());
        let low = level + 4.0 * self.cells.unit;
        let foot = area(&mut piece.iter().copied().filter(|m| self.height(*m) < low));
        whole > BROAD * rest || (posts && foot < POST * whole)
    }

    /// How a piece stands on a surface.
    fn foot(&self, piece: &[u32], level: f64, surface: &Plan) -> Footing {
        let top = self.quantile(piece, 0.98);
        let low = level + (4.0 * self.cells.unit).max(0.2 * (top - level));
        let foot = piece.iter().map(|m| self.cells.position[*m as usize]).filter(|p| p.z <= low);
        footing(self.cells, foot, level, surface, self.all)
    }

    /// Connected level surfaces of a group that face up, the largest first.
    fn level_surfaces(&self, group: &[u32]) -> Vec<Vec<u32>> {
        let up: Vec<u32> =
            group.iter().copied().filter(|m| self.normals[*m as usize].z > 0.88).collect();
        let flat = |i: usize, j: usize| {
            let d = self.cells.position[i] - self.cells.position[j];
            let n = (self.normals[i] + self.normals[j]).normalize();
            d.dot(&n).abs() < 0.5 * self.cells.unit
        };
        let mut surfaces = components(self.cells, &up, flat);
        surfaces.retain(|s| s.len() >= FEWEST);
        surfaces.sort_by_key(|s| (std::cmp::Reverse(s.len()), s[0]));
        surfaces.truncate(24);
        surfaces
    }

    /// Whether a group reaches the floor.
    fn stands(&self, members: &[u32]) -> bool {
        let Some(floor) = &self.structure.floor else { return false };
        let mut d: Vec<f64> =
            members.iter().map(|m| floor.distance(&self.cells.position[*m as usize])).collect();
        d.sort_unstable_by(f64::total_cmp);
        d.get(d.len() / 50).is_some_and(|d| *d < 5.0 * self.cells.unit)
    }

    /// Divides a group where parts of another colour meet the rest concavely, and rest on it or stand on
    /// the floor themselves.
    fn by_material(&self, group: Vec<u32>) -> Vec<Vec<u32>> {
        if group.len() < 4 * FEWEST {
            return vec![group];
        }
        let p = Patches::new(self.cells, self.normals, &group);
        let of = parts(&p);
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (patch, part) in p.patches.iter().zip(&of) {
            members.entry(*part).or_default().extend(&patch.cells);
        }
        let mut borders: BTreeMap<(u32, u32), Meeting> = BTreeMap::new();
        for ((a, b), m) in &p.meetings {
            let (a, b) = (of[*a as usize], of[*b as usize]);
            if a != b {
                let sum = borders.entry((a.min(b), a.max(b))).or_default();
                sum.length += m.length;
                sum.concave += m.concave;
            }
        }
        // From parts to things: neighbours stay together unless something speaks for two things.
        let keys: Vec<u32> = members.keys().copied().collect();
        let at: FxHashMap<u32, usize> = keys.iter().enumerate().map(|(i, k)| (*k, i)).collect();
        let parts: Vec<Vec<u32>> = members
            .into_values()
            .map(|mut m| {
                m.sort_unstable();
                m
            })
            .collect();
        let colors: Vec<Vec3> = parts.iter().map(|m| self.mean_color(m)).collect();
        let mut joined = super::cells::Joined::new(parts.len());
        let links: Vec<(usize, usize)> = borders.keys().map(|(a, b)| (at[a], at[b])).collect();
        for ((a, b), m) in &borders {
            let (a, b) = (at[a], at[b]);
            let share = m.concave / m.length;
            let colour = (colors[a] - colors[b]).norm();
            let stand = || self.stands(&parts[a]) && self.stands(&parts[b]);
            let apart = (share >= CONCAVE && colour >= COLOUR
                || share >= 0.62 && colour >= 0.4 * COLOUR && stand()
                || share >= 0.8 && stand())
                && self.are_two(&parts, &links, a, b);
            if !apart {
                joined.join(a, b);
            }
        }
        let mut out: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for (i, m) in parts.into_iter().enumerate() {
            out.entry(joined.root(i)).or_default().extend(m);
        }
        out.into_values()
            .map(|mut m| {
                m.sort_unstable();
                m
            })
            .collect()
    }

    fn mean_color(&self, members: &[u32]) -> Vec3 {
        let sum: Vec3 = members.iter().map(|m| self.cells.color[*m as usize]).sum();
        sum / members.len().max(1) as f64
    }

    /// Whether two parts could be two things: both large enough, and both on the floor, or the upper one
    /// with all that hangs on it resting on the lower.
    fn are_two(&self, parts: &[Vec<u32>], links: &[(usize, usize)], a: usize, b: usize) -> bool {
        if parts[a].len().min(parts[b].len()) < 2 * FEWEST {
            return false;
        }
        let (a_stands, b_stands) = (self.stands(&parts[a]), self.stands(&parts[b]));
        if a_stands && b_stands {
            return self.is_broad(&parts[a]) && self.is_broad(&parts[b]);
        }
        let low = |k: usize| self.quantile(&parts[k], 0.02);
        let b_is_upper = a_stands || (!b_stands && low(b) >= low(a));
        let (upper, lower) = if b_is_upper { (b, a) } else { (a, b) };
        // All that is connected with the upper one other than through the lower.
        let mut joined = super::cells::Joined::new(parts.len());
        for (p, q) in links.iter().filter(|l| l.0 != lower && l.1 != lower) {
            joined.join(*p, *q);
        }
        let root = joined.root(upper);
        let side: Vec<usize> = (0..parts.len()).filter(|k| joined.root(*k) == root).collect();
        // Where that leads around to the rest of the thing, the part alone counts.
        let hangs = side.iter().all(|k| !self.stands(&parts[*k]));
        let piece: Vec<u32> = match hangs {
            true => side.iter().flat_map(|k| parts[*k].iter().copied()).collect(),
            false => parts[upper].clone(),
        };
        let own: FxHashSet<u32> = piece.iter().copied().collect();
        let group: Vec<u32> = parts.iter().flatten().copied().collect();
        let around = Plan::new(self.cells, group.iter().copied().filter(|m| !own.contains(m)));
        let level = self.quantile(&parts[upper], 0.02);
        self.foot(&piece, level, &around).rests() && !self.has_base(&piece, level, &group, true)
    }

    /// Whether a part is more than a leg or an edge: it is wide in two directions.
    fn is_broad(&self, members: &[u32]) -> bool {
        let s = self.spread(members);
        s[1] > 4.0 * self.cells.unit
    }

    /// Widths along the principal axes, the greatest first: four standard deviations.
    fn spread(&self, members: &[u32]) -> [f64; 3] {
        let p = |m: &u32| self.cells.position[*m as usize].coords;
        let n = members.len().max(1) as f64;
        let mean: Vec3 = members.iter().map(p).sum::<Vec3>() / n;
        let c: nalgebra::Matrix3<f64> =
            members.iter().map(|m| p(m) - mean).map(|d| d * d.transpose() / n).sum();
        let mut e: Vec<f64> = nalgebra::SymmetricEigen::new(c)
            .eigenvalues
            .iter()
            .map(|x| 4.0 * x.max(0.0).sqrt())
            .collect();
        e.sort_unstable_by(|a, b| b.total_cmp(a));
        [e[0], e[1], e[2]]
    }

    /// Small left-overs go to the thing that is nearest, if one is near.
    fn gather(&self, crumbs: Vec<Vec<u32>>, things: &mut [Vec<u32>]) {
        let mut of: FxHashMap<u32, usize> = FxHashMap::default();
        for (k, t) in things.iter().enumerate() {
            t.iter().for_each(|m| {
                of.insert(*m, k);
            });
        }
        let mut moves: Vec<(usize, Vec<u32>)> = Vec::new();
        for c in crumbs {
            let mut best: Option<(f64, usize)> = None;
            for m in &c {
                for (d, j) in self.cells.nearest(*m as usize, 24) {
                    if let Some(k) = of.get(&j)
                        && d.sqrt() < 4.0 * self.cells.unit
                        && best.is_none_or(|b| (d, *k) < b)
                    {
                        best = Some((d, *k));
                    }
                }
            }
            if let Some((_, k)) = best {
                moves.push((k, c));
            }
        }
        for (k, c) in moves {
            things[k].extend(c);
        }
        things.iter_mut().for_each(|t| t.sort_unstable());
    }

    /// A thing that nothing holds (what holds it is too thin to have been seen, as the post of a lamp) goes
    /// to the thing under it or, close by, around it.
    fn join_floating(&self, things: &mut Vec<Vec<u32>>) {
        let s = &self.structure;
        let Some(floor) = &s.floor else { return };
        let reach = 6.0 * self.cells.unit;
        let mut plans: Vec<Option<Plan>> =
            things.iter().map(|t| Some(Plan::new(self.cells, t.iter().copied()))).collect();
        let mut order: Vec<usize> = (0..things.len()).collect();
        order.sort_by(|a, b| {
            self.quantile(&things[*b], 0.02).total_cmp(&self.quantile(&things[*a], 0.02))
        });
        for k in order {
            let t = &things[k];
            let low = self.quantile(t, 0.02);
            let held = |m: &u32| {
                let p = &self.cells.position[*m as usize];
                floor.distance(p) < reach
                    || s.walls.iter().chain(&s.ceiling).any(|w| w.distance(p).abs() < reach)
            };
            if t.iter().any(held) {
                continue;
            }
            // Over what part of its plan there is another thing, and how far below.
            let mut under = vec![0usize; things.len()];
            let mut touches = vec![false; things.len()];
            let places: Vec<&u32> = t.iter().step_by(t.len().div_ceil(200)).collect();
            for m in &places {
                let p = self.cells.position[**m as usize];
                for (j, plan) in plans.iter().enumerate().filter(|(j, _)| *j != k) {
                    let Some(plan) = plan else { continue };
                    under[j] += usize::from(plan.has(&p.xy(), &(f64::NEG_INFINITY..low + reach)));
                    touches[j] |= plan.has(&p.xy(), &(low - reach..low + reach));
                }
            }
            if touches.iter().any(|t| *t) {
                continue;
            }
            let best = (0..things.len()).max_by_key(|j| (under[*j], std::cmp::Reverse(*j)));
            if let Some(j) = best.filter(|j| under[*j] > 0) {
                let gone = std::mem::take(&mut things[k]);
                things[j].extend(gone);
                things[j].sort_unstable();
                plans[k] = None;
                plans[j] = Some(Plan::new(self.cells, things[j].iter().copied()));
            }
        }
        things.retain(|t| !t.is_empty());
    }

    /// Whether a group is more than what is left of a wall, the floor or the ceiling: it is not a thin
    /// sheet that lies on one of them.
    fn is_thing(&self, members: &[u32]) -> bool {
        let s = self.spread(members);
        if s[1] < 2.0 * self.cells.unit {
            return s[0] > 12.0 * self.cells.unit;
        }
        // What noise leaves of a plane hugs it, or is a narrow strip near it.
        let near = if s[1] < 8.0 * self.cells.unit { self.shadow } else { 1.2 * self.cells.unit };
        let s = &self.structure;
        let planes = s.walls.iter().chain(&s.floor).chain(&s.ceiling);
        let hugs = |m: &&u32| {
            let p = &self.cells.position[**m as usize];
            planes.clone().any(|w| w.distance(p).abs() < near)
        };
        members.iter().filter(hugs).count() * 10 < members.len() * 8
    }
}
