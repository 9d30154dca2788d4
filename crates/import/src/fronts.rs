//! Which way things face that stand with their back to a wall.

use reasmory_geom::{Point2, Point3, UP, Vec3, math};
use reasmory_scene::{Instance, Manifest};

/// Kinds of things that have their back along their longer side.
const LONG_BACK: &[&str] = &[
    "bookcase",
    "bookshelf",
    "cabinet",
    "chest of drawers",
    "couch",
    "dresser",
    "refrigerator",
    "sideboard",
    "sofa",
    "stove",
    "tv",
    "tv stand",
    "wardrobe",
];
/// Kinds whose back, the head, is along their shorter side.
const SHORT_BACK: &[&str] = &["bed"];
/// A side is along a wall where it is turned from it by no more than this, degrees, and apart by no more than this
/// part of the thing's depth.
const TURNED: f64 = 12.0;
const APART: f64 = 0.25;
/// Sides of nearly one length say nothing: the longer is at least this much longer.
const LONGER: f64 = 1.15;

/// Gives a front to instances that have none, where their kind and a wall behind them say it. How many got one.
pub(crate) fn infer(m: &mut Manifest) -> usize {
    let walls = m.layout.as_ref().map(|l| l.rooms.iter().map(|r| &r.outline).collect::<Vec<_>>());
    // Only outlines that were found to be walls have something behind them.
    let (Some(walls), true) = (walls, m.layout.as_ref().is_some_and(|l| l.turn.is_some())) else {
        return 0;
    };
    let sides: Vec<(Point2, Point2)> = walls
        .iter()
        .flat_map(|o| (0..o.len()).map(|i| (o[i], o[(i + 1) % o.len()])))
        .map(|(a, b)| (Point2::from(a), Point2::from(b)))
        .collect();
    let fronts: Vec<Option<[f64; 3]>> = m
        .instances
        .iter()
        .map(|i| if i.front.is_none() { front(i, &sides) } else { None })
        .collect();
    let mut found = 0;
    for (i, front) in m.instances.iter_mut().zip(fronts) {
        if front.is_some() {
            (i.front, found) = (front, found + 1);
        }
    }
    found
}

/// The front of an instance with its back to one of the sides of rooms; `None` where none or several could be its back.
fn front(i: &Instance, sides: &[(Point2, Point2)]) -> Option<[f64; 3]> {
    let category = i.category.as_str();
    let long = LONG_BACK.contains(&category);
    if !long && !SHORT_BACK.contains(&category) {
        return None;
    }
    // The two axes of the box that lie level.
    let axes: Vec<usize> = (0..3).filter(|k| i.obb.axes.column(*k).dot(&UP).abs() < 0.1).collect();
    let [u, v] = axes[..] else { return None };
    let half = i.obb.half;
    let (wide, deep) = if half[u] > half[v] { (u, v) } else { (v, u) };
    if half[wide] < LONGER * half[deep] {
        return None;
    }
    // The back faces along the shorter extent where it is the longer side, and the other way round.
    let along = if long { deep } else { wide };
    let axis = i.obb.axes.column(along).into_owned();
    let faces = [1.0, -1.0].map(|sign| (axis * sign, i.obb.center + axis * (sign * half[along])));
    let backs: Vec<Vec3> = faces
        .into_iter()
        .filter(|(way, face)| {
            sides.iter().any(|s| behind(s, *way, *face, 2.0 * APART * half[along]))
        })
        .map(|(way, _)| way)
        .collect();
    let [back] = backs[..] else { return None };
    let level = Vec3::new(-back.x, -back.y, 0.0).try_normalize(1e-9)?;
    Some([level.x, level.y, level.z])
}

/// Whether the middle of a face that looks this way has a wall before it, not further than `apart`.
fn behind(wall: &(Point2, Point2), way: Vec3, face: Point3, apart: f64) -> bool {
    let (a, b) = *wall;
    let side = b - a;
    let length = side.norm();
    if length == 0.0 {
        return false;
    }
    // Outlines go round counter-clockwise: the wall's outside is on its right.
    let out = nalgebra::Vector2::new(side.y, -side.x) / length;
    let facing = out.dot(&way.xy());
    let from = face.xy() - a;
    let (far, on) = (-out.dot(&from), side.dot(&from) / length);
    facing > math::cos_deg(TURNED) && far.abs() <= apart && (0.0..=length).contains(&on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_geom::Obb;
    use reasmory_scene::{Layout, Scale, Space};

    #[test]
    fn backs_to_walls() {
        let mut m = Manifest::empty("test", "test", Scale::metric("test"));
        let outline = vec![[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]];
        let rooms = vec![Space { outline, area: 12.0, walled: 1.0 }];
        m.layout = Some(Layout { turn: Some(0.0), rooms, ..Layout::default() });
        let mut put = |category: &str, at: [f64; 2], lengths: [f64; 2], yaw: f64| {
            let id = m.instances.len() as u32 + 1;
            let obb = Obb::upright(
                Point3::new(at[0], at[1], 0.4),
                Vec3::new(lengths[0], lengths[1], 0.8),
                yaw,
            );
            let category = category.into();
            let (confidence, support, seen_in) = (1.0, 0, vec![]);
            m.instances.push(Instance {
                id,
                category,
                obb,
                confidence,
                support,
                front: None,
                seen_in,
            });
        };
        put("sofa", [2.0, 0.45], [2.0, 0.8], 5.0); // Its back to y = 0.
        put("sofa", [0.5, 1.5], [0.8, 2.0], 0.0); // Its back to x = 0.
        put("sofa", [1.05, 1.5], [2.0, 0.8], 0.0); // Its arm to x = 0.
        put("sofa", [2.0, 1.5], [2.0, 0.8], 0.0); // In the middle.
        put("sofa", [2.0, 0.6], [2.0, 0.8], 30.0); // Aslant.
        put("bed", [3.0, 1.5], [1.95, 1.4], 0.0); // Its head to x = 4.
        put("cabinet", [0.5, 0.5], [0.9, 0.9], 0.0); // Square.
        put("table", [2.0, 0.45], [2.0, 0.8], 0.0); // Has no front.
        put("sofa", [2.0, 5.0], [2.0, 0.8], 0.0); // Outside.
        assert_eq!(infer(&mut m), 3);
        let of = |k: usize| m.instances[k].front.map(|f| f.map(|x| (x * 100.0).round() / 100.0));
        assert_eq!(of(0), Some([-0.09, 1.0, 0.0]));
        assert_eq!(of(1), Some([1.0, 0.0, 0.0]));
        assert_eq!(of(5), Some([-1.0, 0.0, 0.0]));
        let mut none = m.clone();
        none.layout = None;
        none.instances.iter_mut().for_each(|i| i.front = None);
        assert_eq!(infer(&mut none), 0);
    }
}
