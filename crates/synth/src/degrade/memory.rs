//! Errors of what is remembered: instances, cameras, scale.

use reasmory_geom::{Obb, Point3, Vec3, math};
use reasmory_scene::{Instance, Manifest, ManifestError, Memory, Points, Scale};

use super::Degradation;
use crate::rng::Rng;

/// How far the second of a duplicated instance is off along each axis of the floor, metres.
const TWICE: f64 = 0.1;

fn jittered(i: &Instance, d: &Degradation, rng: &mut Rng) -> Instance {
    let mut three = || Vec3::new(rng.normal(), rng.normal(), rng.normal());
    let (place, lengths) = (three() * d.position, three() * d.extent);
    let turn = rng.normal() * d.yaw;
    // Nothing is less than a fifth of itself.
    let half = Vec3::from_fn(|k, _| i.obb.half[k] * (1.0 + lengths[k]).max(0.2));
    let (c, s) = (math::cos_deg(turn), math::sin_deg(turn));
    let about = |v: Vec3| Vec3::new(c * v.x - s * v.y, s * v.x + c * v.y, v.z);
    let mut axes = i.obb.axes;
    for k in 0..3 {
        let turned = about(axes.column(k).into());
        axes.set_column(k, &turned);
    }
    let front = i.front.map(|f| about(Vec3::from(f)).into());
    Instance { obb: Obb { center: i.obb.center + place, axes, half }, front, ..i.clone() }
}

/// Multiplies all lengths.
fn scaled(m: &mut Manifest, by: f64) {
    let point = |p: Point3| Point3::from(p.coords * by);
    for i in &mut m.instances {
        i.obb = Obb { center: point(i.obb.center), half: i.obb.half * by, ..i.obb };
    }
    for p in &mut m.photos {
        p.camera_to_world.center = point(p.camera_to_world.center);
    }
    if let Some(r) = &mut m.room {
        r.outline.iter_mut().for_each(|p| *p = p.map(|x| x * by));
        r.floor *= by;
        r.ceiling = r.ceiling.map(|c| c * by);
        r.stated_area = r.stated_area.map(|a| a * by * by);
    }
    if let Some(b) = &mut m.bounds {
        b.min = b.min.map(|x| x * by);
        b.max = b.max.map(|x| x * by);
    }
    m.uncertainty.position *= by;
    m.scale = Scale::relative("the scale was taken away");
}

/// An exact memory with errors. Instances that are left get new ids, in order; what is noted says the errors. A
/// memory with points is refused: its points would contradict the boxes; its errors are those of the pictures it
/// is made from.
pub fn degraded(memory: &Memory, d: &Degradation) -> Result<Memory, ManifestError> {
    let mut m = memory.manifest().as_ref().clone();
    if m.points > 0 {
        return Err(ManifestError {
            at: "points".into(),
            what: "are there: only memories without points can be degraded".into(),
        });
    }
    let root = Rng::new(d.seed).fork(3000);
    let exact = std::mem::take(&mut m.instances);
    let categories: Vec<String> = exact.iter().map(|i| i.category.clone()).collect();
    let mut kept = Vec::new();
    let mut lengths = 0.0;
    for (n, i) in exact.iter().enumerate() {
        let rng = root.fork(n as u64);
        lengths += i.obb.half.sum() / 3.0 / exact.len() as f64;
        let mut one = jittered(i, d, &mut rng.fork(1));
        let mut draw = rng.fork(2);
        let (lost, wrong, twice) = (draw.unit(), draw.unit(), draw.unit());
        let other = draw.below(categories.len());
        if wrong < d.mislabelled {
            one.category.clone_from(&categories[other]);
        }
        let second = (twice < d.duplicated).then(|| {
            let mut again = jittered(i, d, &mut rng.fork(3));
            let mut off = rng.fork(4);
            again.obb.center += Vec3::new(off.normal(), off.normal(), 0.0) * TWICE;
            again.category.clone_from(&one.category);
            again
        });
        if lost >= d.missing {
            kept.push(one);
            kept.extend(second);
        }
    }
    for (id, i) in (1..).zip(&mut kept) {
        i.id = id;
    }
    m.instances = kept;
    for (n, p) in m.photos.iter_mut().enumerate() {
        p.camera_to_world = d.pose(&p.camera_to_world, &mut root.fork(1 << 32 | n as u64));
    }
    // A face is off by the place's error and half of the length's.
    m.uncertainty.position = d.stated * d.position.hypot(d.extent * lengths);
    if !d.to_string().is_empty() {
        m.provenance.notes.push(format!("Errors added: {d}."));
    }
    m.bounds = None;
    let room = m.room.clone();
    for p in room.iter().flat_map(|r| &r.outline) {
        m.extend_bounds(Point3::new(p[0], p[1], room.as_ref().map_or(0.0, |r| r.floor)));
    }
    if let Some((r, top)) = room.as_ref().and_then(|r| Some((r, r.ceiling?))) {
        r.outline.iter().for_each(|p| m.extend_bounds(Point3::new(p[0], p[1], top)));
    }
    if d.unscaled {
        let third = math::pow(3.0, root.fork(7).range(-1.0, 1.0));
        scaled(&mut m, third);
    }
    m.categories.clear();
    m.index_categories();
    Memory::new(m, Points::default(), memory.pixels())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Room, RoomOptions, arc, oracle};

    fn exact(seed: u64, photos: usize) -> Memory {
        let room = Room::generate(seed, &RoomOptions { full: true, ..RoomOptions::default() });
        oracle(&room, &arc(&room, photos, 0.5, 64, 48), &[]).unwrap()
    }

    fn with(text: &str, m: &Memory) -> Memory {
        degraded(m, &Degradation::parse(text).unwrap()).unwrap()
    }

    #[test]
    fn no_errors_change_nothing() {
        let m = exact(5, 3);
        assert_eq!(with("", &m).manifest(), m.manifest());
    }

    /// Errors are as large as they were asked for, and one does not change another.
    #[test]
    fn errors_have_their_size() {
        let (mut square, mut ratio, mut turn, mut n) = (0.0, 0.0, 0.0, 0.0);
        let (mut lost, mut twice, mut wrong, mut all) = (0, 0, 0, 0);
        for seed in 0..40 {
            let m = exact(seed, 0);
            let seeded = |text: &str| with(&format!("{text},noise-seed={seed}"), &m);
            let (a, b) = (m.manifest(), seeded("position=0.05,extent=0.1,yaw=8"));
            for (x, y) in a.instances.iter().zip(&b.manifest().instances) {
                square += (x.obb.center - y.obb.center).norm_squared() / 3.0;
                ratio += (0..3).map(|k| (y.obb.half[k] / x.obb.half[k] - 1.0).powi(2)).sum::<f64>()
                    / 3.0;
                let between: Vec3 = x.obb.axes.column(0).into();
                let to: Vec3 = y.obb.axes.column(0).into();
                turn += math::acos_deg(between.dot(&to).clamp(-1.0, 1.0)).powi(2);
                n += 1.0;
            }
            let stated = b.manifest().uncertainty.position;
            assert!(stated > 0.05 && stated < 0.1, "{stated}");
            // The same places, fewer of them: what is left did not move otherwise.
            let fewer = seeded("position=0.05,extent=0.1,yaw=8,missing=0.3");
            let left = &fewer.manifest().instances;
            assert!(left.iter().all(|i| b.manifest().instances.iter().any(|j| j.obb == i.obb)));
            assert!(left.iter().zip(1..).all(|(i, id)| i.id == id));
            let marked = seeded("missing=0.2");
            lost += a.instances.len() - marked.manifest().instances.len();
            twice += seeded("duplicated=0.2").manifest().instances.len() - a.instances.len();
            let other = seeded("mislabelled=0.2");
            wrong += a
                .instances
                .iter()
                .zip(&other.manifest().instances)
                .filter(|(x, y)| x.category != y.category)
                .count();
            all += a.instances.len();
        }
        let (p, e, t) = ((square / n).sqrt(), (ratio / n).sqrt(), (turn / n).sqrt());
        assert!(
            (p - 0.05).abs() < 0.004 && (e - 0.1).abs() < 0.01 && (t - 8.0).abs() < 0.8,
            "{p} {e} {t}"
        );
        let part = |k: usize| k as f64 / all as f64;
        assert!((part(lost) - 0.2).abs() < 0.04 && (part(twice) - 0.2).abs() < 0.04);
        // Another label may be the same one.
        assert!(part(wrong) > 0.14 && part(wrong) < 0.22, "{}", part(wrong));
    }

    #[test]
    fn a_memory_without_scale_keeps_its_proportions() {
        let m = exact(9, 3);
        let r = with("unscaled", &m);
        let (a, b) = (m.manifest(), r.manifest());
        let by = b.instances[0].obb.half.x / a.instances[0].obb.half.x;
        assert!((1.0 / 3.0..=3.0).contains(&by) && (by - 1.0).abs() > 0.02 && !b.scale.is_metric());
        for (x, y) in a.instances.iter().zip(&b.instances) {
            assert!((x.obb.center.coords * by - y.obb.center.coords).norm() < 1e-9);
        }
        let (p, q) = (a.bounds.unwrap(), b.bounds.unwrap());
        assert!((p.max[0] * by - q.max[0]).abs() < 1e-9);
    }
}
