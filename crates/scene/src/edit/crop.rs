//! Keeping what is inside bounds.

use reasmory_geom::{Point2, Point3, polygon};

use super::{EditError, around, copy, finish, note};
use crate::{Bounds, Column, Instance, Memory, Points};

/// Keeps the points inside `bounds` (border included). An instance stays where any of its points is inside, with the box
/// around those along its axes; one without points where the middle of its box is. The room's outline is cut;
/// photos stay.
pub fn crop(memory: &Memory, bounds: Bounds) -> Result<Memory, EditError> {
    let Bounds { min, max } = bounds;
    if !(0..3).all(|k| min[k] < max[k] && (max[k] - min[k]).is_finite()) {
        let what = format!("the bounds {min:?} to {max:?} hold nothing");
        return Err(EditError::new(what, "give a lower and a higher corner"));
    }
    let inside = |p: Point3| (0..3).all(|k| (min[k]..=max[k]).contains(&p[k]));
    let (m, old) = (memory.manifest(), memory.points());
    let at = |r: u32| Point3::from(old.positions[r as usize].map(f64::from));
    let mut changed = copy(memory);
    let mut new_id = vec![0u32; m.instances.len() + 1];
    changed.instances.clear();
    for i in &m.instances {
        let rows = memory.instance_rows(i.id);
        let kept: Vec<Point3> = rows.iter().map(at).filter(|p| inside(*p)).collect();
        let next = changed.instances.len() as u32 + 1;
        let new = match (rows.is_empty(), kept.len()) {
            (true, _) if inside(i.obb.center) => Instance { id: next, ..i.clone() },
            (true, _) | (false, 0) => continue,
            // Whole, with the box it had.
            (false, n) if n == rows.len() => Instance { id: next, ..i.clone() },
            (false, n) => {
                let obb = around(&i.obb, kept.into_iter());
                Instance { id: next, obb, support: n as u64, ..i.clone() }
            }
        };
        new_id[i.id as usize] = next;
        changed.instances.push(new);
    }
    changed.grounding.retain(|g| new_id[g.id as usize] > 0);
    changed.grounding.iter_mut().for_each(|g| g.id = new_id[g.id as usize]);
    // A count that the source states is one of all.
    changed.categories.iter_mut().for_each(|c| c.stated_count = None);
    changed.index_categories();
    let rows: Vec<u32> = (0..old.len() as u32).filter(|r| inside(at(*r))).collect();
    changed.points = rows.len() as u64;
    if changed.points == 0 && changed.instances.is_empty() {
        return Err(EditError::new("nothing is inside the bounds", "give larger ones"));
    }
    changed.bounds = None;
    rows.iter().for_each(|r| changed.extend_bounds(at(*r)));
    let corners: Vec<Point3> = changed.instances.iter().flat_map(|i| i.obb.corners()).collect();
    if rows.is_empty() {
        corners.into_iter().for_each(|c| changed.extend_bounds(c));
    }
    if let Some(r) = &mut changed.room {
        let frame = [[min[0], min[1]], [max[0], min[1]], [max[0], max[1]], [min[0], max[1]]];
        let cut = polygon::intersect(&r.polygon(), &frame.map(|c| Point2::new(c[0], c[1])));
        if cut.iter().map(|p| [p.x, p.y]).ne(r.outline.iter().copied()) {
            // The stated area is that of the whole.
            r.stated_area = None;
        }
        r.outline = cut.iter().map(|p| [p.x, p.y]).collect();
        if *r != *m.room.as_ref().unwrap_or(r) {
            // Rooms were found in what is no longer there.
            changed.layout = None;
        }
    }
    let gone = m.instances.len() - changed.instances.len();
    let what = format!(
        "kept what is between {min:?} and {max:?}: {} of {} points, all but {gone} of {} instances",
        rows.len(),
        old.len(),
        m.instances.len()
    );
    note(&mut changed, "crop", what);
    let points = Points {
        positions: take(&rows, &old.positions),
        colors: take(&rows, &old.colors),
        confidence: take(&rows, &old.confidence),
        instance: rows
            .iter()
            .map(|r| new_id.get(old.instance[*r as usize] as usize).copied().unwrap_or(0))
            .collect::<Vec<u32>>()
            .into(),
    };
    finish(memory, changed, Some(points))
}

/// These rows of a column.
fn take<T: Copy + Send + Sync + 'static>(rows: &[u32], column: &[T]) -> Column<T> {
    rows.iter().map(|r| column[*r as usize]).collect::<Vec<T>>().into()
}

#[cfg(test)]
mod tests {
    use super::super::tests::chairs_of;
    use super::*;

    #[test]
    fn what_is_outside_goes() {
        let line = |y: f32| (0..11).map(|i| [0.1 * i as f32, y, 0.0]).collect::<Vec<_>>();
        let memory = chairs_of(&[(line(5.0), 1), (line(0.0), 2), (line(1.0), 0)]);
        let r = crop(&memory, Bounds { min: [0.25, -1.0, -1.0], max: [2.0, 2.0, 1.0] }).unwrap();
        let m = r.manifest();
        assert_eq!((m.instances.len(), m.points), (1, 16));
        assert_eq!((m.instances[0].id, m.instances[0].support), (1, 8));
        assert!((m.instances[0].obb.lengths().x - 0.7).abs() < 1e-6);
        assert_eq!(r.points().instance.iter().filter(|i| **i == 1).count(), 8);
        assert!((m.bounds.unwrap().min[0] - 0.3).abs() < 1e-6);
        let area = m.room.as_ref().unwrap().area().unwrap();
        assert!((area - 1.75 * 3.0).abs() < 1e-9, "{area}");
        assert_eq!(m.journal[0].action, "crop");
        let whole = crop(&memory, Bounds { min: [-9.0; 3], max: [9.0; 3] }).unwrap();
        assert_eq!(whole.manifest().instances, memory.manifest().instances);
        assert_eq!(whole.manifest().room, memory.manifest().room);
        let none = Bounds { min: [50.0; 3], max: [60.0; 3] };
        assert!(crop(&memory, none).unwrap_err().what.contains("nothing"));
        assert!(crop(&memory, Bounds { min: [1.0; 3], max: [0.0; 3] }).is_err());
    }
}
