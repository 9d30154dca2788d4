use proptest::prelude::*;
use reasmory_geom::math::{cos_deg, sin_deg, tan_deg};
use reasmory_geom::polygon;

use super::*;

/// A scene of rectangles, sampled on a lattice.
#[derive(Default)]
struct Made {
    patches: Vec<Patch>,
    positions: Vec<[f32; 3]>,
}

impl Made {
    /// A rectangle from `at` along `u` and `v`, facing `u × v`, samples `step` apart, those that `keep` refuses left
    /// out.
    fn face(&mut self, at: [f64; 3], u: [f64; 3], v: [f64; 3], keep: impl Fn(&Point3) -> bool) {
        const STEP: f64 = 0.05;
        let (at, u, v) = (Point3::from(at), Vec3::from(u), Vec3::from(v));
        let (a, b) = ((u.norm() / STEP).round().max(1.0), (v.norm() / STEP).round().max(1.0));
        let normal = u.cross(&v).normalize();
        for i in 0..a as usize {
            for j in 0..b as usize {
                let p = at + u * ((i as f64 + 0.5) / a) + v * ((j as f64 + 0.5) / b);
                if keep(&p) {
                    self.positions.push([p.x as f32, p.y as f32, p.z as f32]);
                    if (i + j) % 2 == 0 {
                        self.patches.push(Patch {
                            point: p,
                            normal,
                            area: 2.0 * u.norm() * v.norm() / (a * b),
                        });
                    }
                }
            }
        }
    }

    /// The walls of a counter-clockwise outline, seen from inside, with openings (wall, from, to, height).
    fn walls(&mut self, outline: &[[f64; 2]], height: f64, openings: &[(usize, f64, f64, f64)]) {
        for (i, a) in outline.iter().enumerate() {
            let b = outline[(i + 1) % outline.len()];
            let u = [b[0] - a[0], b[1] - a[1], 0.0];
            let length = u[0].hypot(u[1]);
            let way = Vec3::from(u) / length;
            // Left of the way is inside: u × z faces right, so from the far end back.
            self.face([b[0], b[1], 0.0], u.map(|x| -x), [0.0, 0.0, height], |p| {
                let t = (p - Point3::new(a[0], a[1], 0.0)).dot(&way);
                !openings.iter().any(|o| o.0 == i && t > o.1 && t < o.2 && p.z < o.3)
            });
        }
    }

    fn level(&mut self, outline: &[[f64; 2]], z: f64, up: bool, keep: impl Fn(&Point3) -> bool) {
        let (mut lo, mut hi) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for p in outline {
            for k in 0..2 {
                (lo[k], hi[k]) = (lo[k].min(p[k]), hi[k].max(p[k]));
            }
        }
        let (u, v) = ([hi[0] - lo[0], 0.0, 0.0], [0.0, hi[1] - lo[1], 0.0]);
        let inside = |p: &Point3| {
            let mut odd = false;
            for (i, a) in outline.iter().enumerate() {
                let b = outline[(i + 1) % outline.len()];
                if (a[1] > p.y) != (b[1] > p.y)
                    && p.x < a[0] + (p.y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
                {
                    odd = !odd;
                }
            }
            odd
        };
        let (u, v) = if up { (u, v) } else { (v, u) };
        self.face([lo[0], lo[1], z], u, v, |p| inside(p) && keep(p));
    }

    fn room(outline: &[[f64; 2]], height: f64) -> Made {
        let mut m = Made::default();
        m.walls(outline, height, &[]);
        m.level(outline, 0.0, true, |_| true);
        m.level(outline, height, false, |_| true);
        m
    }

    /// The upper face and the sides of a box that stands on the floor.
    fn piece(&mut self, x: [f64; 2], y: [f64; 2], z: [f64; 2]) {
        let o = [[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]];
        self.level(&o, z[1], true, |_| true);
        for (i, a) in o.iter().enumerate() {
            let b = o[(i + 1) % 4];
            self.face(
                [a[0], a[1], z[0]],
                [b[0] - a[0], b[1] - a[1], 0.0],
                [0.0, 0.0, z[1] - z[0]],
                |_| true,
            );
        }
    }

    fn moved(&self, degrees: f64, scale: f64, by: [f64; 3]) -> Made {
        let (s, c) = (sin_deg(degrees), cos_deg(degrees));
        let turn = |v: Vec3| Vec3::new(c * v.x - s * v.y, s * v.x + c * v.y, v.z);
        let place = |p: Vec3| Point3::from(turn(p) * scale + Vec3::from(by));
        Made {
            patches: self
                .patches
                .iter()
                .map(|p| Patch {
                    point: place(p.point.coords),
                    normal: turn(p.normal),
                    area: p.area * scale * scale,
                })
                .collect(),
            positions: self
                .positions
                .iter()
                .map(|p| {
                    let q = place(Vec3::from(p.map(f64::from)));
                    [q.x as f32, q.y as f32, q.z as f32]
                })
                .collect(),
        }
    }

    fn find(&self) -> Layout {
        find(&Scene { patches: &self.patches, positions: &self.positions, cameras: &[] })
    }
}

const BOX: [[f64; 2]; 4] = [[0.0, 0.0], [5.0, 0.0], [5.0, 4.0], [0.0, 4.0]];
const ELL: [[f64; 2]; 6] = [[0.0, 0.0], [6.0, 0.0], [6.0, 3.0], [3.0, 3.0], [3.0, 5.0], [0.0, 5.0]];

#[test]
fn a_box_and_an_l_are_found_with_their_area() {
    for (outline, area) in [(&BOX[..], 20.0), (&ELL, 24.0)] {
        let l = Made::room(outline, 2.5).find();
        let (f, c) = (l.floor.unwrap(), l.ceiling.unwrap());
        assert!(f.z.abs() < 0.01 && (c.z - 2.5).abs() < 0.01 && c.slope == 0.0, "{f:?} {c:?}");
        assert!(f.sure > 0.8 && c.sure > 0.8 && l.turn.unwrap().share > 0.99);
        let [room] = &l.plan.rooms[..] else { panic!("{:?}", l.plan) };
        assert_eq!(room.outline.len(), outline.len(), "{room:?}");
        assert!((room.area - area).abs() < 0.05 && room.walled > 0.99, "{room:?}");
        assert!(polygon::area(&room.outline) > 0.0 && l.plan.outline == room.outline);
    }
}

#[test]
fn a_floor_in_strips_is_found_under_a_broad_table() {
    let mut m = Made::default();
    m.walls(&BOX, 2.5, &[]);
    // Of the floor 6 % is seen, around a table with ten times as much.
    m.level(&BOX, 0.0, true, |p| p.x < 0.15 || p.x > 4.85 || p.y < 0.1 && p.x > 2.0);
    m.piece([0.4, 4.6], [0.4, 3.6], [0.7, 0.74]);
    let f = m.find().floor.unwrap();
    assert!(f.z.abs() < 0.01, "{f:?}");
    // Strays below a floor are no floor.
    let mut m = Made::room(&BOX, 2.5);
    for k in 0..60 {
        let t = f64::from(k) / 60.0;
        m.face(
            [4.0 * t, 3.0 * (7.0 * t).fract(), -0.2 - t],
            [0.1, 0.0, 0.0],
            [0.0, 0.1, 0.0],
            |_| true,
        );
    }
    assert!(m.find().floor.unwrap().z.abs() < 0.01);
}

#[test]
fn a_sloping_ceiling_is_said_to_slope() {
    let slope = 18.0;
    let mut m = Made::default();
    m.level(&BOX, 0.0, true, |_| true);
    m.walls(&BOX, 4.0, &[]);
    let high = |y: f64| 2.2 + y * tan_deg(slope);
    m.patches.retain(|p| p.point.z < high(p.point.y));
    m.positions.retain(|p| f64::from(p[2]) < high(f64::from(p[1])));
    m.face([0.0, 0.0, high(0.0)], [0.0, 4.0, high(4.0) - high(0.0)], [5.0, 0.0, 0.0], |_| true);
    let l = m.find();
    let c = l.ceiling.unwrap();
    assert!((c.slope - slope).abs() < 0.5, "{c:?}");
    assert!((c.from - 2.2).abs() < 0.1 && (c.to - high(4.0)).abs() < 0.1, "{c:?}");
    assert!(l.floor.unwrap().z.abs() < 0.01);
    assert!((l.plan.rooms[0].area - 20.0).abs() < 0.3, "{:?}", l.plan.rooms);
}

#[test]
fn doors_and_openings_part_rooms() {
    // Two rooms, 0.2 m of wall between them, joined by a door; from a third, a wide opening without a lintel.
    let left = [[0.0, 0.0], [4.0, 0.0], [4.0, 5.0], [0.0, 5.0]];
    let right = [[4.2, 0.0], [8.0, 0.0], [8.0, 5.0], [4.2, 5.0]];
    let mut m = Made::default();
    // Walls 1 and 3 face each other.
    m.walls(&left, 2.5, &[(1, 2.0, 2.9, 2.0)]);
    m.walls(&right, 2.5, &[(3, 2.1, 3.0, 2.0)]);
    for o in [&left, &right] {
        m.level(o, 0.0, true, |_| true);
        m.level(o, 2.5, false, |_| true);
    }
    // The doorway's own floor.
    m.level(&[[4.0, 2.0], [4.2, 2.0], [4.2, 2.9], [4.0, 2.9]], 0.0, true, |_| true);
    // What is seen through a window: ground outside, lower, and a wall far away.
    m.face([2.0, 7.0, -1.0], [3.0, 0.0, 0.0], [0.0, 4.0, 0.0], |_| true);
    let l = m.find();
    let areas: Vec<f64> = l.plan.rooms.iter().map(|r| r.area).collect();
    assert_eq!(areas.len(), 2, "{areas:?}");
    assert!((areas[0] - 20.0).abs() < 0.4 && (areas[1] - 19.0).abs() < 0.4, "{areas:?}");
    // Around both, with the wall between.
    let whole = polygon::area(&l.plan.outline);
    assert!((whole - 40.0).abs() < 0.8, "{whole}");
}

#[test]
fn furniture_does_not_part_a_room() {
    let mut m = Made::room(&BOX, 2.5);
    m.piece([0.0, 0.6], [1.0, 3.0], [0.0, 2.0]);
    m.piece([2.0, 3.4], [1.4, 2.6], [0.0, 0.75]);
    m.piece([2.0, 4.6], [3.4, 4.0], [0.0, 0.9]);
    // The floor below is not seen.
    let covered =
        |x: f64, y: f64| x < 0.6 && (1.0..3.0).contains(&y) || (2.0..4.6).contains(&x) && y > 3.4;
    m.patches.retain(|p| p.point.z > 0.01 || !covered(p.point.x, p.point.y));
    m.positions.retain(|p| p[2] > 0.01 || !covered(p[0].into(), p[1].into()));
    let l = m.find();
    assert_eq!(l.plan.rooms.len(), 1);
    assert!((l.plan.rooms[0].area - 20.0).abs() < 0.2, "{:?}", l.plan.rooms);
}

#[test]
fn nothing_is_found_in_nothing() {
    assert_eq!(Made::default().find(), Layout::default());
    let one = Made { patches: vec![], positions: vec![[1.0, 2.0, 3.0]; 5] };
    assert_eq!(one.find(), Layout::default());
    // A wall alone has no floor.
    let mut m = Made::default();
    m.face([0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.0, 2.0], |_| true);
    let l = m.find();
    assert!(l.floor.is_none() && l.plan.rooms.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// The layout turns, moves and scales with the scene.
    #[test]
    fn a_layout_moves_with_its_scene(
        degrees in -180.0f64..180.0, scale in 0.01f64..100.0, x in -20.0f64..20.0, z in -5.0f64..5.0,
        height in 2.2f64..3.5, ell in any::<bool>(),
    ) {
        let outline = if ell { &ELL[..] } else { &BOX };
        let mut made = Made::room(outline, height);
        made.piece([1.0, 2.2], [0.5, 1.3], [0.0, 0.7]);
        let by = [x * scale, -0.5 * x * scale, z * scale];
        let l = made.moved(degrees, scale, by).find();
        let area = if ell { 24.0 } else { 20.0 };
        let f = l.floor.unwrap();
        prop_assert!((f.z / scale - z).abs() < 0.02, "{f:?}");
        let c = l.ceiling.unwrap();
        prop_assert!(((c.z - f.z) / scale - height).abs() < 0.03, "{c:?}");
        let t = l.turn.unwrap();
        let off = (t.degrees - degrees).rem_euclid(90.0);
        prop_assert!(off.min(90.0 - off) < 0.05, "{t:?}");
        prop_assert_eq!(l.plan.rooms.len(), 1);
        let got = l.plan.rooms[0].area / (scale * scale);
        prop_assert!((got - area).abs() < 0.2, "{} {}", got, area);
        prop_assert_eq!(l.plan.rooms[0].outline.len(), outline.len());
    }
}
