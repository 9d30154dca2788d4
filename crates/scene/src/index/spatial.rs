//! The trees of all groups of a memory's points, and the floor.

use reasmory_geom::{Point3, Vec3};

use super::query::{Hit, Near, Plane, Slices};
use super::tree::{Item, Tree, arrange, nodes_of};
use super::{FloorMap, LEAF};
use crate::{Column, Manifest, Points};

/// A stored index that does not fit its memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Which tensor.
    pub tensor: &'static str,
    /// What is wrong.
    pub what: String,
}

/// Trees over the points of no instance (group 0) and of each instance (group = id), and the free floor.
#[derive(Clone, Debug)]
pub struct SpatialIndex {
    /// Points in the order of groups and leaves.
    positions: Column<[f32; 3]>,
    /// Rows in the memory's columns, where they are in another order.
    order: Option<Column<u32>>,
    /// Where each group begins among the points, and where the last ends.
    groups: Column<u64>,
    /// The trees, one group after the other.
    nodes: Column<[f32; 6]>,
    /// Where each group begins among the nodes, and where the last ends.
    first: Vec<usize>,
    floor: FloorMap,
}

impl SpatialIndex {
    /// Builds the index of a memory's points, on all threads of the pool; the same whatever their number.
    pub fn build(manifest: &Manifest, points: &Points) -> SpatialIndex {
        let groups = manifest.instances.len() + 1;
        let of = |row: usize| match points.instance[row] as usize {
            id if id < groups => id,
            _ => 0,
        };
        let rows = points.len();
        let mut ends = vec![0u64; groups + 1];
        for row in 0..rows {
            ends[of(row) + 1] += 1;
        }
        for g in 1..ends.len() {
            ends[g] += ends[g - 1];
        }
        let mut next = ends.clone();
        let mut items = vec![Item { position: [0.0; 3], row: 0 }; rows];
        for (row, position) in points.positions.iter().enumerate() {
            let slot = &mut next[of(row)];
            items[*slot as usize] = Item { position: *position, row: row as u32 };
            *slot += 1;
        }
        let first = starts(&ends);
        let mut nodes = vec![[0.0; 6]; first[groups]];
        let (mut rest, mut parts) = (&mut items[..], &mut nodes[..]);
        rayon::scope(|threads| {
            for g in 0..groups {
                let (mine, more) =
                    std::mem::take(&mut rest).split_at_mut((ends[g + 1] - ends[g]) as usize);
                let (part, later) =
                    std::mem::take(&mut parts).split_at_mut(first[g + 1] - first[g]);
                (rest, parts) = (more, later);
                if mine.len() > LEAF {
                    threads.spawn(|_| arrange(mine, part));
                } else {
                    arrange(mine, part);
                }
            }
        });
        let positions: Vec<[f32; 3]> = items.iter().map(|i| i.position).collect();
        let order: Vec<u32> = items.iter().map(|i| i.row).collect();
        let floor = FloorMap::build(manifest, &positions);
        SpatialIndex {
            positions: positions.into(),
            order: Some(order.into()),
            groups: ends.into(),
            nodes: nodes.into(),
            first,
            floor,
        }
    }

    /// The index of points that stand in its order, from its stored parts. What they hold is not read beyond
    /// `groups`: boxes that are wrong give wrong answers, but no query fails or runs on.
    pub fn stored(
        manifest: &Manifest,
        positions: Column<[f32; 3]>,
        groups: Column<u64>,
        nodes: Column<[f32; 6]>,
        floor: FloorMap,
    ) -> Result<SpatialIndex, Misfit> {
        let fail = |tensor, what: String| Err(Misfit { tensor, what });
        if groups.len() != manifest.instances.len() + 2 {
            let what =
                format!("has {} rows for {} instances", groups.len(), manifest.instances.len());
            return fail("groups", what);
        }
        let ascend = groups.windows(2).all(|w| w[0] <= w[1]);
        if !ascend || groups[0] != 0 || groups.last() != Some(&(positions.len() as u64)) {
            return fail("groups", format!("do not divide {} points", positions.len()));
        }
        let first = starts(&groups);
        if first.last() != Some(&nodes.len()) {
            let what = format!("has {} rows, these groups of points need others", nodes.len());
            return fail("nodes", what);
        }
        Ok(SpatialIndex { positions, order: None, groups, nodes, first, floor })
    }

    /// Points in the order of the index.
    pub fn positions(&self) -> &Column<[f32; 3]> {
        &self.positions
    }

    /// Row in the memory's columns of each of [`positions`](Self::positions); `None` where they stand in the same
    /// order.
    pub fn order(&self) -> Option<&Column<u32>> {
        self.order.as_ref()
    }

    /// Where each group begins among the points, and where the last ends.
    pub fn groups(&self) -> &Column<u64> {
        &self.groups
    }

    /// The boxes of the trees, one group after the other.
    pub fn nodes(&self) -> &Column<[f32; 6]> {
        &self.nodes
    }

    /// Where the floor is free.
    pub fn floor(&self) -> &FloorMap {
        &self.floor
    }

    fn ranges(&self, group: usize) -> Option<(std::ops::Range<usize>, std::ops::Range<usize>)> {
        let rows = *self.groups.get(group)? as usize..*self.groups.get(group + 1)? as usize;
        Some((rows, *self.first.get(group)?..*self.first.get(group + 1)?))
    }

    /// The tree of a group; `None` where it has no points.
    pub fn tree(&self, group: u32) -> Option<Tree> {
        let ranges = self.ranges(group as usize)?;
        Tree::within(&self.positions, &self.nodes, ranges, self.order.as_ref())
    }

    /// The groups that have points, of those that `keep` names, with what their trees lie in.
    fn slices(&self, keep: impl Fn(u32) -> bool) -> impl Iterator<Item = (u32, Slices<'_>)> {
        let (points, nodes, order) = (&self.positions[..], &self.nodes[..], self.order.as_deref());
        (0..self.groups.len().saturating_sub(1)).filter(move |g| keep(*g as u32)).filter_map(
            move |g| {
                let (rows, parts) = self.ranges(g)?;
                let base = rows.start;
                let points = points.get(rows).filter(|p| !p.is_empty())?;
                Some((g as u32, Slices { points, nodes: nodes.get(parts)?, base, order }))
            },
        )
    }

    /// The point nearest to `p` in the groups that `keep` names, and its group.
    pub fn nearest(&self, p: Point3, keep: impl Fn(u32) -> bool) -> Option<(u32, Near)> {
        let mut trees: Vec<(f64, u32, Slices<'_>)> =
            self.slices(keep).map(|(g, s)| (s.least(p), g, s)).collect();
        trees.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut best: Option<(u32, Near)> = None;
        for (least, group, s) in trees {
            let limit = best.map_or(f64::INFINITY, |b| b.1.distance);
            if least > limit * limit {
                break;
            }
            if let Some(n) = s.nearest(p, limit) {
                best = Some((group, n));
            }
        }
        best
    }

    /// Rows of the points at most `radius` from `p` in the groups that `keep` names, ascending.
    pub fn within_radius(&self, p: Point3, radius: f64, keep: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut out = Vec::new();
        self.slices(keep).for_each(|(_, s)| s.within(p, radius, &mut out));
        out.sort_unstable();
        out
    }

    /// Rows of the points inside all half-spaces (of a [`frustum`](super::frustum)), ascending.
    pub fn inside(&self, planes: &[Plane], keep: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut out = Vec::new();
        self.slices(keep).for_each(|(_, s)| s.inside(planes, &mut out));
        out.sort_unstable();
        out
    }

    /// The first point, and its group, that a ray passes at most `radius` away.
    pub fn ray(
        &self,
        origin: Point3,
        direction: Vec3,
        radius: f64,
        keep: impl Fn(u32) -> bool,
    ) -> Option<(u32, Hit)> {
        let mut best: Option<(u32, Hit)> = None;
        for (group, s) in self.slices(keep) {
            let limit = best.map_or(f64::INFINITY, |b| b.1.along);
            if let Some(hit) = s.ray(origin, direction, radius, limit) {
                best = Some((group, hit));
            }
        }
        best
    }

    /// What stands between two points: the first point within `radius` of the line from `a` to `b`, leaving out the
    /// last `slack` before `b`.
    pub fn between(
        &self,
        a: Point3,
        b: Point3,
        radius: f64,
        slack: f64,
        keep: impl Fn(u32) -> bool,
    ) -> Option<(u32, Hit)> {
        let end = (b - a).norm() - slack;
        self.ray(a, b - a, radius, keep).filter(|(_, h)| h.along < end)
    }
}

/// Where each group's nodes begin, and where the last ends.
fn starts(groups: &[u64]) -> Vec<usize> {
    let mut at = 0usize;
    let mut out = vec![0];
    for w in groups.windows(2) {
        at += nodes_of(w[1].saturating_sub(w[0]) as usize);
        out.push(at);
    }
    out
}
