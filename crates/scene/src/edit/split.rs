//! Splitting an instance into the pieces that its points form.

use std::collections::BTreeMap;

use reasmory_geom::Point3;

use super::{EditError, around, copy, finish, note};
use crate::index::Tree;
use crate::{Instance, Memory, Points};

/// Gap between pieces as a part of the longest side of the box, where none is given.
const GAP: f64 = 0.05;
/// Fewest points of a piece, and their least part of all.
const FEWEST: (usize, f64) = (8, 0.01);

/// Makes an instance into the pieces whose points are more than `gap` apart (a twentieth of its longest side, if none is
/// given). The largest keeps the id, the others follow after all ids there are, by size; specks of fewer than 8 points
/// or a hundredth of them stay with the largest. Boxes are along the old axes.
pub fn split(memory: &Memory, id: u32, gap: Option<f64>) -> Result<Memory, EditError> {
    let m = memory.manifest();
    let Some(old) = m.instance(id).cloned() else {
        let remedy = format!("ids are 1 to {}", m.instances.len());
        return Err(EditError::new(format!("there is no instance {id}"), remedy));
    };
    let gap = gap.unwrap_or_else(|| GAP * old.obb.lengths().max());
    if !(gap > 0.0 && gap.is_finite()) {
        return Err(EditError::new(format!("the gap is {gap}"), "give a positive length"));
    }
    let name = m.instance_name(id);
    let rows: Vec<u32> = memory.instance_rows(id).iter().collect();
    if rows.is_empty() {
        let remedy = "import the scene with its points";
        return Err(EditError::new(format!("{name} has no points to split by"), remedy));
    }
    let positions = &memory.points().positions;
    let pieces = pieces(&rows, |r| positions[r as usize], gap);
    let least = FEWEST.0.max((FEWEST.1 * rows.len() as f64) as usize);
    let own: Vec<&Vec<u32>> = pieces.iter().skip(1).take_while(|p| p.len() >= least).collect();
    if own.is_empty() {
        let what = format!("{name} is in one piece, its points being no more than {gap} apart");
        return Err(EditError::new(what, "give a smaller gap"));
    }
    let mut changed = copy(memory);
    let mut instance = memory.points().instance.to_vec();
    let point = |r: u32| Point3::from(positions[r as usize].map(f64::from));
    let part = |rows: &mut dyn Iterator<Item = u32>, id: u32, support: usize| {
        let obb = around(&old.obb, rows.map(point));
        let seen_in = old.seen_in.iter().copied().filter(|n| {
            let photo = m.photo(*n);
            photo.is_some_and(|p| !p.pinhole.misses(&p.camera_to_world, &obb.corners()))
        });
        Instance { id, obb, support: support as u64, seen_in: seen_in.collect(), ..old.clone() }
    };
    let mut left = rows.len();
    for piece in &own {
        let next = changed.instances.len() as u32 + 1;
        piece.iter().for_each(|r| instance[*r as usize] = next);
        left -= piece.len();
        let new = part(&mut piece.iter().copied(), next, piece.len());
        changed.instances.push(new);
    }
    let mut kept = rows.iter().copied().filter(|r| instance[*r as usize] == id);
    changed.instances[id as usize - 1] = part(&mut kept, id, left);
    changed.index_categories();
    note(&mut changed, "split", format!("{name} is {} (more than {gap} apart)", own.len() + 1));
    let points = Points { instance: instance.into(), ..memory.points().clone() };
    finish(memory, changed, Some(points))
}

/// Rows in groups that are more than `gap` apart, the largest first, of equals that with the lowest row.
fn pieces(rows: &[u32], at: impl Fn(u32) -> [f32; 3], gap: f64) -> Vec<Vec<u32>> {
    // All points of a cell are within the gap of each other; a point within the gap is at most two cells away.
    let edge = gap / 3f64.sqrt();
    let cell = |r: u32| at(r).map(|x| (f64::from(x) / edge).floor().clamp(-9e15, 9e15) as i64);
    let mut cells = BTreeMap::<[i64; 3], Vec<u32>>::new();
    for r in rows {
        cells.entry(cell(*r)).or_default().push(*r);
    }
    let keys: Vec<[i64; 3]> = cells.keys().copied().collect();
    let trees: Vec<Option<Tree>> =
        cells.values().map(|rows| Tree::new(rows.iter().map(|r| (*r, at(*r))))).collect();
    let mut head: Vec<usize> = (0..keys.len()).collect();
    fn find(head: &mut [usize], mut i: usize) -> usize {
        while head[i] != i {
            head[i] = head[head[i]];
            i = head[i];
        }
        i
    }
    for (i, key) in keys.iter().enumerate() {
        for step in 0..125i64 {
            let d = [step / 25 - 2, step / 5 % 5 - 2, step % 5 - 2];
            let other = std::array::from_fn(|k| key[k].saturating_add(d[k]));
            let Ok(j) = keys.binary_search(&other) else { continue };
            let (a, b) = (find(&mut head, i), find(&mut head, j));
            if i < j
                && a != b
                && let (Some(s), Some(t)) = (&trees[i], &trees[j])
                && s.distance(t) <= gap
            {
                head[a.max(b)] = a.min(b);
            }
        }
    }
    let mut pieces = BTreeMap::<usize, Vec<u32>>::new();
    for (i, rows) in cells.values().enumerate() {
        pieces.entry(find(&mut head, i)).or_default().extend(rows);
    }
    let mut pieces: Vec<Vec<u32>> = pieces.into_values().collect();
    pieces.iter_mut().for_each(|p| p.sort_unstable());
    pieces.sort_by_key(|p| (std::cmp::Reverse(p.len()), p[0]));
    pieces
}

#[cfg(test)]
mod tests {
    use super::super::tests::chairs_of;
    use super::*;

    #[test]
    fn pieces_that_are_apart_become_instances() {
        // Two rows of points 1 m apart, and a speck in between.
        let mut positions: Vec<[f32; 3]> = (0..40).map(|i| [0.02 * i as f32, 0.0, 0.0]).collect();
        positions.extend((0..60).map(|i| [0.02 * i as f32, 1.0, 0.5]));
        positions.push([0.0, 0.5, 0.0]);
        let memory = chairs_of(&[(positions, 1)]);
        let r = split(&memory, 1, None).unwrap();
        let m = r.manifest();
        assert_eq!(m.category("chair").unwrap().instances, [1, 2]);
        assert_eq!((m.instances[0].support, m.instances[1].support), (61, 40));
        assert_eq!(r.points().instance[..40], [2; 40]);
        assert_eq!(r.points().instance[40..], [1; 61]);
        let flat = m.instances[1].obb.lengths();
        assert!((flat.x - 0.78).abs() < 1e-6 && flat.y.abs() < 1e-6, "{flat}");
        assert_eq!(m.journal[0].action, "split");
        let e = split(&memory, 1, Some(2.0)).unwrap_err();
        assert!(e.what.contains("in one piece"), "{e}");
        assert!(split(&memory, 2, None).is_err() && split(&memory, 1, Some(-1.0)).is_err());
        let alone = chairs_of(&[(vec![], 1)]);
        assert!(split(&alone, 1, Some(0.1)).unwrap_err().what.contains("no points"));
    }
}
