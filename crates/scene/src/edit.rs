//! Changes to a memory. Each gives a new memory with an entry in its journal; the old one stays as it is.

mod crop;
mod room;
mod split;

use std::fmt;

pub use crop::crop;
use reasmory_geom::{Obb, Point3, Vec3};
pub use room::{RoomChange, set_room};
pub use split::split;

use crate::{Grounded, Instance, JournalEntry, Manifest, ManifestError, Memory, Points, Scale};

/// Why a change was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditError {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl EditError {
    fn new(what: impl Into<String>, remedy: impl Into<String>) -> EditError {
        EditError { what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.remedy)
    }
}

impl std::error::Error for EditError {}

impl From<ManifestError> for EditError {
    fn from(e: ManifestError) -> EditError {
        EditError::new(e.to_string(), "check the numbers that were given")
    }
}

/// Gives a category another name. Where the new name is a category already, the two become one: this is
/// how synonyms are put together.
pub fn rename(memory: &Memory, from: &str, to: &str) -> Result<Memory, EditError> {
    let to = to.trim().to_lowercase();
    if to.is_empty() {
        return Err(EditError::new("the new name is empty", "give a name"));
    }
    let mut m = copy(memory);
    let Some(c) = m.category(from).cloned() else {
        let known: Vec<&str> = m.categories.iter().map(|c| c.name.as_str()).collect();
        let remedy = format!("its categories are {}", known.join(", "));
        return Err(EditError::new(format!("there is no category `{from}`"), remedy));
    };
    for i in m.instances.iter_mut().filter(|i| i.category == from) {
        i.category.clone_from(&to);
    }
    // A count that a source states goes with the name, unless it would be added to another's.
    let joins = m.category(&to).is_some();
    m.categories.retain(|o| o.name != from);
    if let Some(n) = c.stated_count.filter(|_| !joins && to != from) {
        let at = m.categories.partition_point(|o| o.name < to);
        let entry =
            crate::CategoryEntry { name: to.clone(), instances: vec![], stated_count: Some(n) };
        m.categories.insert(at, entry);
    }
    m.index_categories();
    note(&mut m, "rename", format!("category `{from}` is `{to}`"));
    finish(memory, m, None)
}

/// Makes one instance of several: it has the lowest of their ids and that one's category, their points and
/// photos, the box around them along the axes of the largest, the greatest of their confidences.
pub fn merge(memory: &Memory, ids: &[u32]) -> Result<Memory, EditError> {
    let ids = known(memory, ids)?;
    let [kept, gone @ ..] = &ids[..] else { return Err(too_few()) };
    if gone.is_empty() {
        return Err(too_few());
    }
    let mut m = copy(memory);
    let members: Vec<Instance> = ids.iter().filter_map(|i| m.instance(*i).cloned()).collect();
    let names: Vec<String> = ids.iter().map(|i| m.instance_name(*i)).collect();
    let largest = members
        .iter()
        .fold(&members[0], |b, i| if i.obb.volume() > b.obb.volume() { i } else { b });
    let mut one = members[0].clone();
    one.obb = around(&largest.obb, members.iter().flat_map(|i| i.obb.corners()));
    one.support = members.iter().map(|i| i.support).sum();
    one.confidence = members.iter().map(|i| i.confidence).fold(0.0, f32::max);
    one.front = one.front.or(largest.front);
    one.seen_in = members.iter().flat_map(|i| i.seen_in.iter().copied()).collect();
    one.seen_in.sort_unstable();
    one.seen_in.dedup();
    let grounds: Vec<Grounded> =
        m.grounding.iter().filter(|g| ids.contains(&g.id)).cloned().collect();
    if let Some(first) = grounds.first() {
        let mut g = Grounded { id: *kept, ..first.clone() };
        g.masks = grounds.iter().flat_map(|g| g.masks.iter().copied()).collect();
        g.masks.sort_unstable();
        g.masks.dedup();
        m.grounding.retain(|g| !ids.contains(&g.id));
        let at = m.grounding.partition_point(|o| o.id < *kept);
        m.grounding.insert(at, g);
    }
    m.instances[*kept as usize - 1] = one;
    note(&mut m, "merge", format!("{} are one", names.join(" and ")));
    renumber(memory, m, |id| if gone.contains(&id) { Some(*kept) } else { Some(id) }, gone)
}

/// Leaves instances out; their points stay, as points of no instance.
pub fn drop(memory: &Memory, ids: &[u32]) -> Result<Memory, EditError> {
    let ids = known(memory, ids)?;
    if ids.is_empty() {
        return Err(EditError::new("no instance is named", "give the ids of instances"));
    }
    let mut m = copy(memory);
    let names: Vec<String> = ids.iter().map(|i| m.instance_name(*i)).collect();
    m.grounding.retain(|g| !ids.contains(&g.id));
    note(&mut m, "drop", format!("{} left out", names.join(", ")));
    renumber(memory, m, |id| (!ids.contains(&id)).then_some(id), &ids)
}

/// Multiplies every length by `factor` and says that they are metres, `because`.
pub fn calibrate(memory: &Memory, factor: f64, because: &str) -> Result<Memory, EditError> {
    if !(factor > 0.0 && factor.is_finite()) {
        let what = format!("the scale would be multiplied by {factor}");
        return Err(EditError::new(what, "give two positive lengths"));
    }
    let mut m = copy(memory);
    let point = |p: Point3| Point3::from(p.coords * factor);
    for i in &mut m.instances {
        i.obb.center = point(i.obb.center);
        i.obb.half *= factor;
    }
    for p in &mut m.photos {
        p.camera_to_world.center = point(p.camera_to_world.center);
    }
    for g in &mut m.grounding {
        g.covariance.iter_mut().flatten().for_each(|x| *x *= factor * factor);
    }
    if let Some(b) = &mut m.bounds {
        b.min.iter_mut().chain(&mut b.max).for_each(|x| *x *= factor);
    }
    if let Some(r) = &mut m.room {
        r.outline.iter_mut().flatten().for_each(|x| *x *= factor);
        r.floor *= factor;
        r.ceiling = r.ceiling.map(|c| c * factor);
        r.stated_area = r.stated_area.map(|a| a * factor * factor);
    }
    if let Some(l) = &mut m.layout {
        l.scale(factor);
    }
    m.uncertainty.position *= factor;
    m.scale = Scale::metric(because);
    note(&mut m, "calibrate", format!("lengths times {factor}: {because}"));
    let old = memory.points();
    let positions: Vec<[f32; 3]> =
        old.positions.iter().map(|p| p.map(|x| (f64::from(x) * factor) as f32)).collect();
    finish(memory, m, Some(Points { positions: positions.into(), ..old.clone() }))
}

fn too_few() -> EditError {
    EditError::new("fewer than two instances are named", "give the ids of two or more instances")
}

/// Ids sorted and single, all of which exist.
fn known(memory: &Memory, ids: &[u32]) -> Result<Vec<u32>, EditError> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let m = memory.manifest();
    match ids.iter().find(|i| m.instance(**i).is_none()) {
        Some(i) => {
            let remedy = format!("ids are 1 to {}", m.instances.len());
            Err(EditError::new(format!("there is no instance {i}"), remedy))
        }
        None => Ok(ids),
    }
}

fn copy(memory: &Memory) -> Manifest {
    memory.manifest().as_ref().clone()
}

fn note(m: &mut Manifest, action: &str, what: String) {
    m.journal.push(JournalEntry { action: action.to_owned(), what });
}

fn finish(memory: &Memory, m: Manifest, points: Option<Points>) -> Result<Memory, EditError> {
    let points = points.unwrap_or_else(|| memory.points().clone());
    Ok(Memory::new(m, points, memory.pixels())?)
}

/// The box along another's axes that holds points.
fn around(axes: &Obb, points: impl Iterator<Item = Point3>) -> Obb {
    let (mut lo, mut hi) = (Vec3::repeat(f64::INFINITY), Vec3::repeat(f64::NEG_INFINITY));
    for p in points {
        let l = axes.local(p);
        (lo, hi) = (lo.inf(&l), hi.sup(&l));
    }
    Obb { center: axes.center + axes.axes * ((lo + hi) * 0.5), half: (hi - lo) * 0.5, ..*axes }
}

/// Takes the instances `gone` out and closes the gaps in the ids; `to` says which old id the points of an
/// old id go to.
fn renumber(
    memory: &Memory,
    mut m: Manifest,
    to: impl Fn(u32) -> Option<u32>,
    gone: &[u32],
) -> Result<Memory, EditError> {
    m.instances.retain(|i| !gone.contains(&i.id));
    let mut new_id = vec![0u32; memory.manifest().instances.len() + 1];
    for (k, i) in (1u32..).zip(&mut m.instances) {
        new_id[i.id as usize] = k;
        i.id = k;
    }
    for g in &mut m.grounding {
        g.id = new_id[g.id as usize];
    }
    m.index_categories();
    let old = memory.points();
    let of = |id: &u32| match *id {
        0 => 0,
        id => to(id).map_or(0, |t| new_id[t as usize]),
    };
    let instance: Vec<u32> = old.instance.iter().map(of).collect();
    finish(memory, m, Some(Points { instance: instance.into(), ..old.clone() }))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{Bounds, Room};

    /// A metric room of 2 m × 3 m from (0, −1) on, with a chair for each id that points have.
    pub(super) fn chairs_of(groups: &[(Vec<[f32; 3]>, u32)]) -> Memory {
        let mut m = Manifest::empty("room", "test", Scale::metric("test"));
        m.room = Some(Room {
            outline: vec![[0.0, -1.0], [2.0, -1.0], [2.0, 2.0], [0.0, 2.0]],
            floor: 0.0,
            ceiling: Some(2.5),
            stated_area: None,
        });
        let (mut positions, mut instance) = (Vec::new(), Vec::new());
        for (points, id) in groups {
            positions.extend(points);
            instance.extend(vec![*id; points.len()]);
            if *id > 0 {
                let all = points.iter().map(|p| Point3::from(p.map(f64::from)));
                let unit = Obb::upright(Point3::origin(), Vec3::new(1.0, 1.0, 1.0), 0.0);
                m.instances.push(Instance {
                    id: *id,
                    category: "chair".into(),
                    obb: if points.is_empty() { unit } else { around(&unit, all) },
                    confidence: 1.0,
                    support: points.len() as u64,
                    front: None,
                    seen_in: vec![],
                });
            }
        }
        m.index_categories();
        m.points = positions.len() as u64;
        let rows = positions.len();
        let points = Points {
            positions: positions.into(),
            colors: vec![[0; 3]; rows].into(),
            confidence: vec![1.0; rows].into(),
            instance: instance.into(),
        };
        Memory::new(m, points, None).unwrap()
    }

    fn room() -> Memory {
        let mut m = Manifest::empty("room", "test", Scale::relative("test"));
        for (id, name, x) in [(1, "chair", 0.0), (2, "couch", 2.0), (3, "chair", 4.0)] {
            m.instances.push(Instance {
                id,
                category: name.into(),
                obb: Obb::upright(Point3::new(x, 0.0, 0.5), Vec3::new(1.0, 1.0, 1.0), 0.0),
                confidence: 0.25 * id as f32,
                support: 1,
                front: None,
                seen_in: vec![],
            });
            m.grounding.push(Grounded {
                id,
                labels: vec![(name.into(), 1.0)],
                masks: vec![],
                covariance: [[0.0; 3]; 3],
            });
        }
        m.index_categories();
        m.bounds = Some(Bounds { min: [-1.0; 3], max: [5.0; 3] });
        m.room =
            Some(Room { outline: vec![], floor: -1.0, ceiling: Some(2.0), stated_area: Some(8.0) });
        m.points = 4;
        let points = Points {
            positions: vec![[0.0; 3], [2.0, 0.0, 0.0], [4.0, 0.0, 0.0], [9.0; 3]].into(),
            colors: vec![[0; 3]; 4].into(),
            confidence: vec![1.0; 4].into(),
            instance: vec![1, 2, 3, 0].into(),
        };
        Memory::new(m, points, None).unwrap()
    }

    #[test]
    fn renaming_puts_synonyms_together() {
        let r = rename(&room(), "couch", " Sofa ").unwrap();
        assert_eq!(r.manifest().category("sofa").unwrap().instances, [2]);
        assert!(r.manifest().category("couch").is_none());
        let r = rename(&r, "sofa", "chair").unwrap();
        assert_eq!(r.manifest().category("chair").unwrap().instances, [1, 2, 3]);
        assert_eq!(r.manifest().journal.len(), 2);
        assert_eq!(r.manifest().journal[1].what, "category `sofa` is `chair`");
        assert!(rename(&r, "tv", "x").unwrap_err().remedy.contains("chair"));
        assert!(rename(&r, "chair", " ").is_err());
    }

    #[test]
    fn a_stated_count_goes_with_the_name() {
        let mut m = copy(&room());
        m.categories[1].stated_count = Some(5);
        let stated = Memory::new(m, room().points().clone(), None).unwrap();
        let r = rename(&stated, "couch", "sofa").unwrap();
        assert_eq!(r.manifest().category("sofa").unwrap().stated_count, Some(5));
        let r = rename(&stated, "couch", "chair").unwrap();
        assert_eq!(r.manifest().category("chair").unwrap().stated_count, None);
    }

    #[test]
    fn merging_keeps_points_and_closes_gaps() {
        let r = merge(&room(), &[2, 1, 2]).unwrap();
        let m = r.manifest();
        assert_eq!(m.instances.len(), 2);
        assert_eq!(
            (m.instances[0].obb.lengths(), m.instances[0].confidence),
            (Vec3::new(3.0, 1.0, 1.0), 0.5)
        );
        assert_eq!((m.instances[0].category.as_str(), m.instances[0].support), ("chair", 2));
        assert_eq!(r.points().instance[..], [1, 1, 2, 0]);
        assert_eq!(m.grounding.iter().map(|g| g.id).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(m.journal[0].action, "merge");
        assert!(merge(&room(), &[1]).is_err() && merge(&room(), &[1, 9]).is_err());
    }

    #[test]
    fn dropping_frees_the_points() {
        let r = drop(&room(), &[1, 3]).unwrap();
        assert_eq!(r.manifest().instances.len(), 1);
        assert_eq!(r.points().instance[..], [0, 1, 0, 0]);
        assert!(r.manifest().category("chair").is_none());
        assert_eq!(r.manifest().grounding.len(), 1);
        assert!(drop(&room(), &[]).is_err() && drop(&room(), &[0]).is_err());
    }

    #[test]
    fn calibration_scales_every_length() {
        let r = calibrate(&room(), 2.0, "the door is 2 m high").unwrap();
        let m = r.manifest();
        assert!(m.scale.is_metric() && m.scale.source.contains("door"));
        assert_eq!(m.instances[1].obb.center, Point3::new(4.0, 0.0, 1.0));
        assert_eq!(m.instances[1].obb.lengths(), Vec3::new(2.0, 2.0, 2.0));
        let room_ = m.room.as_ref().unwrap();
        assert_eq!((room_.height(), room_.area()), (Some(6.0), Some(32.0)));
        assert_eq!(r.points().positions[2], [8.0, 0.0, 0.0]);
        assert_eq!(m.bounds.unwrap().max, [10.0; 3]);
        assert!(
            calibrate(&room(), 0.0, "x").is_err() && calibrate(&room(), f64::NAN, "x").is_err()
        );
    }
}
