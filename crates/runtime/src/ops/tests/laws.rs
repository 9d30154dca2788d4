//! Laws that hold whatever the scene.

use proptest::prelude::*;
use reasmory_geom::{Obb, Point3, Vec3, View, math};
use reasmory_scene::Memory;
use reasmory_types::Direction::{self, Back, Front, Left, Right};

use crate::abi::Object;
use crate::testing::{World, over};
use crate::{Operations, Place};

const FOUR: [Direction; 4] = [Front, Right, Back, Left];

/// Centre, lengths, yaw.
type Spec = ([f64; 3], [f64; 3], f64);

fn spec() -> impl Strategy<Value = Spec> {
    let center = [-5.0..5.0, -5.0..5.0, 0.0..3.0];
    (center, [0.05..2.0, 0.05..2.0, 0.05..2.0], -180.0..180.0)
}

fn view() -> impl Strategy<Value = View> {
    ((-5.0..5.0, -5.0..5.0, 0.0..3.0), -180.0..180.0)
        .prop_map(|((x, y, z), heading)| View::level(Point3::new(x, y, z), heading))
}

/// Boxes, with points on their surfaces when asked for.
fn memory(specs: &[Spec], points: bool) -> Memory {
    let mut w = World::metric();
    for (center, lengths, yaw) in specs {
        let id = w.turned("thing", *center, *lengths, *yaw);
        let obb = Obb::upright(Point3::from(*center), Vec3::from(*lengths), *yaw);
        w.instance(id).front = Some(obb.axes.column(0).into_owned().into());
        if points {
            let corners = obb.corners().map(|c| [c.x as f32, c.y as f32, c.z as f32]);
            w.points(id, corners.into_iter().chain(corners));
        }
    }
    w.build()
}

fn obj(id: u32) -> Place {
    Place::Object(id)
}

/// A turn about world up followed by a shift.
fn moved(p: Point3, yaw: f64, by: Vec3) -> Point3 {
    let (c, s) = (math::cos_deg(yaw), math::sin_deg(yaw));
    Point3::new(c * p.x - s * p.y, s * p.x + c * p.y, p.z) + by
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn distances_are_symmetric_and_below_center_distances(
        a in spec(), b in spec(), points in any::<bool>(),
    ) {
        over(&memory(&[a, b], points), |run| {
            let d = run.distance(obj(1), obj(2)).unwrap();
            prop_assert_eq!(d, run.distance(obj(2), obj(1)).unwrap());
            prop_assert!(d >= 0.0);
            if !points {
                prop_assert!(d <= run.center_distance(obj(1), obj(2)).unwrap() + 1e-9);
            }
            Ok(())
        })?;
    }

    #[test]
    fn center_distance_is_a_metric(a in spec(), b in spec(), c in spec()) {
        over(&memory(&[a, b, c], false), |run| {
            let mut d = |i, j| run.center_distance(obj(i), obj(j)).unwrap();
            prop_assert_eq!(d(1, 2), d(2, 1));
            prop_assert_eq!(d(1, 1), 0.0);
            prop_assert!(d(1, 3) <= d(1, 2) + d(2, 3) + 1e-9);
            Ok(())
        })?;
    }

    #[test]
    fn nothing_changes_under_rigid_motion(
        a in spec(), b in spec(), v in view(), points in any::<bool>(),
        yaw in -180.0..180.0f64, x in -20.0..20.0f64, y in -20.0..20.0f64,
    ) {
        let by = Vec3::new(x, y, 0.0);
        let shift = |s: &Spec| {
            let p = moved(Point3::from(s.0), yaw, by);
            ([p.x, p.y, p.z], s.1, s.2 + yaw)
        };
        let w = View::level(moved(v.eye, yaw, by), v.heading() + yaw);
        let ask = |m: &Memory, v: View| over(m, |run| {
            let bearing = run.bearing(obj(1), v).unwrap();
            [
                run.distance(obj(1), obj(2)).unwrap(),
                run.horizontal_distance(obj(1), obj(2)).unwrap(),
                run.height_above(obj(1), obj(2)).unwrap(),
                run.volume(Object(1)).unwrap(),
                run.footprint(Object(2)).unwrap(),
                math::cos_deg(bearing),
                math::sin_deg(bearing),
                run.elevation(obj(2), v).unwrap(),
            ]
        });
        let near = (Point3::from(a.0) - v.eye).xy().norm() < 0.05;
        prop_assume!(!near);
        let before = ask(&memory(&[a, b], points), v);
        let after = ask(&memory(&[shift(&a), shift(&b)], points), w);
        for (p, q) in before.iter().zip(&after) {
            // Stored points have single precision.
            prop_assert!((p - q).abs() < 2e-5, "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_mirror_swaps_left_and_right(x in -5.0..5.0f64, y in -5.0..5.0f64) {
        prop_assume!(x.abs() > 0.1 && (x.abs() - y.abs()).abs() > 1e-3);
        over(&World::metric().build(), |run| {
            // Looking along +X: left is +Y.
            let v = View::level(Point3::origin(), 0.0);
            let mut side = |y: f64| {
                run.side(Place::Point(Point3::new(x, y, 0.0)), v, FOUR.to_vec()).unwrap()
            };
            let swapped = match side(y) {
                Left => Right,
                Right => Left,
                other => other,
            };
            prop_assert_eq!(side(-y), swapped);
            Ok(())
        })?;
    }

    #[test]
    fn four_right_turns_are_the_identity(v in view()) {
        over(&World::metric().build(), |run| {
            let mut w = v;
            for _ in 0..4 {
                w = run.turn(w, Right, None).unwrap();
            }
            prop_assert_eq!(w, v);
            let back = run.turn(v, Back, None).unwrap();
            prop_assert_eq!(run.turn(back, Back, None).unwrap(), v);
            Ok(())
        })?;
    }

    #[test]
    fn a_step_forth_and_back_returns(v in view(), by in 0.01..3.0f64) {
        over(&World::metric().build(), |run| {
            let w = run.step(v, Direction::Forward, Some(by)).unwrap();
            prop_assert!(((w.eye - v.eye).norm() - by).abs() < 1e-9);
            let w = run.step(w, Direction::Backward, Some(by)).unwrap();
            prop_assert!((w.eye - v.eye).norm() < 1e-9);
            Ok(())
        })?;
    }

    #[test]
    fn relations_are_antisymmetric_and_have_converses(a in spec(), b in spec(), v in view()) {
        over(&memory(&[a, b], false), |run| {
            let frames = [
                (Some(v), None, None),
                (None, Some(Object(1)), None),
                (None, None, Some(Object(2))),
            ];
            for (from, seen, own) in frames {
                let left = run.is_left_of(obj(1), obj(2), from, seen, own).unwrap();
                prop_assert!(!left || !run.is_left_of(obj(2), obj(1), from, seen, own).unwrap());
                let right = run.is_right_of(obj(2), obj(1), from, seen, own).unwrap();
                prop_assert_eq!(left, right);
                let front = run.is_in_front_of(obj(1), obj(2), from, seen, own).unwrap();
                let behind = run.is_behind(obj(2), obj(1), from, seen, own).unwrap();
                prop_assert_eq!(front, behind);
            }
            let (a, b) = (Object(1), Object(2));
            prop_assert_eq!(run.is_above(a, b).unwrap(), run.is_below(b, a).unwrap());
            prop_assert!(!run.is_inside(a, b).unwrap() || !run.is_inside(b, a).unwrap());
            prop_assert_eq!(run.is_touching(a, b).unwrap(), run.is_touching(b, a).unwrap());
            Ok(())
        })?;
    }

    #[test]
    fn an_orbit_keeps_distance_and_bearing(a in spec(), v in view(), by in -360.0..360.0f64) {
        prop_assume!((Point3::from(a.0) - v.eye).xy().norm() > 0.1);
        over(&memory(&[a], false), |run| {
            let w = run.orbit(v, obj(1), by).unwrap();
            let mut d = |v| run.center_distance(obj(1), Place::View(v)).unwrap();
            prop_assert!((d(v) - d(w)).abs() < 1e-9);
            let turned = run.bearing(obj(1), v).unwrap() - run.bearing(obj(1), w).unwrap();
            prop_assert!(math::wrap_deg(turned).abs() < 1e-6);
            Ok(())
        })?;
    }

    #[test]
    fn looking_at_a_thing_puts_it_straight_ahead(a in spec(), v in view()) {
        prop_assume!((Point3::from(a.0) - v.eye).xy().norm() > 0.1);
        over(&memory(&[a], false), |run| {
            let w = run.look_at(v, obj(1)).unwrap();
            prop_assert!(run.bearing(obj(1), w).unwrap().abs() < 1e-6);
            prop_assert!((run.elevation(obj(1), w).unwrap() - w.pitch).abs() < 1e-9);
            Ok(())
        })?;
    }
}
