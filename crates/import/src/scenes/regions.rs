//! Regions (rooms) of a scene, put together to the one room that a memory has.

use reasmory_geom::{Point2, polygon};
use reasmory_scene::Room;

/// Floors further apart than this belong to different storeys, metres.
const STOREY: f64 = 1.5;
/// Most sides of regions whose exact union is computed; its cost grows with their cube.
const MOST: usize = 400;

/// A region: a polygon between two heights.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub(crate) label: String,
    /// Counter-clockwise, simple; at least three corners.
    pub(crate) outline: Vec<Point2>,
    pub(crate) floor: f64,
    pub(crate) ceiling: f64,
}

/// The room of these regions; `None` where there are none.
pub(crate) fn room(regions: &[Region], notes: &mut Vec<String>) -> Option<Room> {
    let mut order: Vec<&Region> = regions.iter().collect();
    order.sort_by(|a, b| a.floor.total_cmp(&b.floor));
    let lowest = order.first()?;
    let top = regions.iter().map(|r| r.ceiling).fold(f64::NEG_INFINITY, f64::max);
    let ceiling = (top > lowest.floor).then_some(top);
    if let [one] = regions {
        let outline = one.outline.iter().map(|p| [p.x, p.y]).collect();
        notes.push(format!("The room is the source's one region (`{}`).", one.label));
        return Some(Room { outline, floor: one.floor, ceiling, stated_area: None });
    }
    let mut storeys: Vec<Vec<&Region>> = Vec::new();
    for r in &order {
        match storeys.last_mut() {
            Some(s) if r.floor - s[0].floor <= STOREY => s.push(r),
            _ => storeys.push(vec![r]),
        }
    }
    let exact = regions.iter().map(|r| r.outline.len()).sum::<usize>() <= MOST;
    let area: f64 = if exact {
        storeys.iter().map(|s| union_area(s)).sum()
    } else {
        regions.iter().map(|r| polygon::area(&r.outline)).sum()
    };
    let hull = polygon::hull(regions.iter().flat_map(|r| r.outline.iter().copied()));
    let mut named: Vec<&str> = regions.iter().map(|r| r.label.as_str()).collect();
    named.truncate(12);
    notes.push(format!(
        "The room is made of {} regions on {} storeys ({}{}): its outline is their convex hull, its area \
         {}, floor and ceiling are the lowest and the highest of them.",
        regions.len(),
        storeys.len(),
        named.join(", "),
        if regions.len() > named.len() { ", …" } else { "" },
        if exact { "that of their union, storeys added" } else { "their sum, overlaps included" }
    ));
    Some(Room {
        outline: hull.iter().map(|p| [p.x, p.y]).collect(),
        floor: lowest.floor,
        ceiling,
        stated_area: (area > 0.0).then_some(area),
    })
}

/// Area covered by the regions' polygons: between two neighbouring x of corners and crossings, each polygon
/// is a set of trapezoids that do not cross, so the lengths covered at both ends decide.
fn union_area(regions: &[&Region]) -> f64 {
    let edges: Vec<(Point2, Point2)> =
        regions.iter().flat_map(|r| sides(&r.outline)).filter(|(a, b)| a.x != b.x).collect();
    let mut xs: Vec<f64> = edges.iter().flat_map(|(a, b)| [a.x, b.x]).collect();
    for (i, (a, b)) in edges.iter().enumerate() {
        for (c, d) in &edges[..i] {
            let (u, v) = (b - a, d - c);
            let det = u.x * v.y - u.y * v.x;
            let t = ((c.x - a.x) * v.y - (c.y - a.y) * v.x) / det;
            if (0.0..=1.0).contains(&t) {
                xs.push(a.x + t * u.x);
            }
        }
    }
    xs.retain(|x| x.is_finite());
    xs.sort_by(f64::total_cmp);
    xs.dedup();
    // Nothing crosses between two neighbouring x, so the covered length is linear there and the middle
    // tells the area.
    xs.windows(2).map(|w| covered(regions, w[0] + (w[1] - w[0]) * 0.5) * (w[1] - w[0])).sum()
}

/// Length of the vertical line at `x` that some region covers.
fn covered(regions: &[&Region], x: f64) -> f64 {
    let mut spans: Vec<(f64, f64)> = Vec::new();
    for r in regions {
        let mut ys: Vec<f64> = sides(&r.outline)
            .filter(|(a, b)| (a.x < x) != (b.x < x))
            .map(|(a, b)| a.y + (b.y - a.y) * ((x - a.x) / (b.x - a.x)))
            .collect();
        ys.sort_by(f64::total_cmp);
        spans.extend(ys.chunks_exact(2).map(|p| (p[0], p[1])));
    }
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut sum, mut reach) = (0.0, f64::NEG_INFINITY);
    for (lo, hi) in spans {
        if hi > reach {
            sum += hi - lo.max(reach);
            reach = hi;
        }
    }
    sum
}

fn sides(p: &[Point2]) -> impl Iterator<Item = (Point2, Point2)> + '_ {
    p.iter().enumerate().map(|(i, a)| (*a, p[(i + 1) % p.len()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, floor: f64) -> Region {
        let corners = [(x, y), (x + 2.0, y), (x + 2.0, y + 2.0), (x, y + 2.0)];
        let outline = corners.map(|(x, y)| Point2::new(x, y)).to_vec();
        Region { label: "room".into(), outline, floor, ceiling: floor + 2.5 }
    }

    #[test]
    fn overlaps_count_once_and_storeys_add() {
        let mut notes = Vec::new();
        let r = [square(0.0, 0.0, 0.0), square(1.0, 1.0, 0.1), square(0.0, 0.0, 3.0)];
        let room = room(&r, &mut notes).unwrap();
        assert!((room.stated_area.unwrap() - 11.0).abs() < 1e-9, "{room:?}");
        assert_eq!((room.floor, room.ceiling), (0.0, Some(5.5)));
        assert_eq!(room.outline.len(), 6);
        assert!(notes[0].contains("3 regions on 2 storeys"), "{notes:?}");
    }

    #[test]
    fn very_many_regions_are_added() {
        let many: Vec<Region> = (0..200).map(|i| square(f64::from(i), 0.0, 0.0)).collect();
        let mut notes = Vec::new();
        assert_eq!(room(&many, &mut notes).unwrap().stated_area, Some(800.0));
        assert!(notes[0].contains("overlaps included"), "{notes:?}");
    }

    #[test]
    fn a_concave_region_and_a_turned_one() {
        let l = [(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 1.0), (1.0, 2.0), (0.0, 2.0)];
        let concave =
            Region { outline: l.map(|(x, y)| Point2::new(x, y)).to_vec(), ..square(0.0, 0.0, 0.0) };
        let diamond = [(2.0, 1.0), (3.0, 2.0), (2.0, 3.0), (1.0, 2.0)];
        let turned = Region {
            outline: diamond.map(|(x, y)| Point2::new(x, y)).to_vec(),
            ..square(0.0, 0.0, 0.0)
        };
        assert!((union_area(&[&concave]) - 3.0).abs() < 1e-9);
        assert!((union_area(&[&concave, &turned]) - 5.0).abs() < 1e-9);
        assert!((union_area(&[&turned, &turned]) - 2.0).abs() < 1e-9);
    }
}
