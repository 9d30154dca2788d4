use reasmory_geom::{Point3, Vec3};
use reasmory_scene::Memory;
use reasmory_types::Direction::{self, *};

use crate::abi::Object;
use crate::testing::{World, flipped, level, message, over};
use crate::{FaultKind, Operations, Place};

fn obj(id: u32) -> Place {
    Place::Object(id)
}

fn at(x: f64, y: f64) -> Place {
    Place::Point(Point3::new(x, y, 0.0))
}

const FOUR: [Direction; 4] = [Front, Right, Back, Left];

#[test]
fn sides_of_a_view() {
    let memory = World::metric().build();
    over(&memory, |run| {
        // Looking along +Y: +X is right.
        let v = level(0.0, 0.0, 1.5, 90.0);
        let mut side = |x, y, among: &[Direction]| run.side(at(x, y), v, among.to_vec()).unwrap();
        assert_eq!(side(0.0, 2.0, &FOUR), Front);
        assert_eq!(side(2.0, 0.1, &FOUR), Right);
        assert_eq!(side(-2.0, 0.1, &FOUR), Left);
        assert_eq!(side(0.1, -2.0, &FOUR), Back);
        assert_eq!(side(0.1, 2.0, &[Left, Right]), Right);
        assert_eq!(side(1.0, -1.1, &[Left, Right, Back]), Back);
        assert_eq!(side(1.0, -0.9, &[Left, Right, Back]), Right);
        let quadrants = [FrontLeft, FrontRight, BackLeft, BackRight];
        assert_eq!(side(1.0, 0.1, &quadrants), FrontRight);
        assert_eq!(side(-1.0, -0.1, &quadrants), BackLeft);
    });
}

#[test]
fn what_is_too_near_has_no_side() {
    over(&World::metric().build(), |run| {
        let v = level(0.0, 0.0, 1.5, 90.0);
        let near = at(0.006, 0.006);
        let text = message(run.side(near.clone(), v, FOUR.to_vec()), FaultKind::NoValue);
        assert!(text.contains("`side` has no value"), "{text}");
        message(run.bearing(near.clone(), v), FaultKind::NoValue);
        message(run.turn_needed(v, near, vec![Left, None]), FaultKind::NoValue);
        let far = at(1.0, 1.0);
        let text = message(run.side(far, v, vec![Up, None]), FaultKind::NoValue);
        assert!(text.contains("no horizontal direction"), "{text}");
        let text = message(run.side(Place::Objects(vec![]), v, FOUR.to_vec()), FaultKind::NoValue);
        assert!(text.contains("empty list"), "{text}");
    });
    // 0.1 % of the diagonal of 5 is 0.005 units.
    over(&World::relative().build(), |run| {
        let v = level(0.0, 0.0, 1.5, 90.0);
        assert_eq!(run.side(at(0.006, 0.0), v, FOUR.to_vec()).unwrap(), Right);
        message(run.side(at(0.004, 0.0), v, FOUR.to_vec()), FaultKind::NoValue);
    });
}

#[test]
fn angles_and_coordinates() {
    over(&World::metric().build(), |run| {
        let v = level(1.0, 1.0, 1.0, 90.0);
        assert_eq!(run.bearing(at(2.0, 1.0), v).unwrap(), 90.0);
        assert_eq!(run.bearing(at(0.0, 2.0), v).unwrap(), -45.0);
        assert_eq!(run.bearing(at(1.0, 0.0), v).unwrap(), 180.0);
        assert_eq!(run.elevation(at(2.0, 1.0), v).unwrap(), -45.0);
        assert_eq!(run.local(at(3.0, 4.0), v).unwrap().0, Vec3::new(2.0, -1.0, 3.0));
        let here = Place::Point(Point3::new(1.0, 1.0, 1.0));
        assert_eq!(run.local(here.clone(), v).unwrap().0, Vec3::zeros());
        message(run.elevation(here, v), FaultKind::NoValue);
    });
}

/// A chair at the origin that faces -Y, a lamp at (1, 0), a sofa at (0, -1).
fn facing() -> Memory {
    let mut w = World::metric();
    let chair = w.object("chair", [0.0, 0.0, 0.5], [0.5, 0.5, 1.0]);
    w.instance(chair).front = Some([0.0, -1.0, 0.0]);
    w.object("lamp", [1.0, 0.0, 0.5], [0.2, 0.2, 1.0]);
    w.object("sofa", [0.0, -1.0, 0.5], [0.5, 0.5, 1.0]);
    w.build()
}

#[test]
fn left_and_right_have_three_readings() {
    let chair = Object(1);
    over(&facing(), |run| {
        // A viewer south of the chair looking north sees the lamp at the right.
        let v = level(0.0, -3.0, 1.5, 90.0);
        assert!(run.is_right_of(obj(2), obj(1), Some(v), Option::None, Option::None).unwrap());
        assert!(!run.is_left_of(obj(2), obj(1), Some(v), Option::None, Option::None).unwrap());
        // So does an observer who looks at the chair's front.
        assert!(run.is_right_of(obj(2), obj(1), Option::None, Some(chair), Option::None).unwrap());
        // It is at the chair's own left.
        assert!(run.is_left_of(obj(2), obj(1), Option::None, Option::None, Some(chair)).unwrap());
        // Nothing lies left or right of itself.
        assert!(!run.is_left_of(obj(1), obj(1), Some(v), Option::None, Option::None).unwrap());
        assert!(!run.is_right_of(obj(1), obj(1), Some(v), Option::None, Option::None).unwrap());
    });
}

#[test]
fn front_and_behind_have_three_readings() {
    let chair = Object(1);
    over(&facing(), |run| {
        let v = level(0.0, 3.0, 1.5, -90.0);
        // A viewer north of them has the chair in front of the sofa.
        assert!(run.is_in_front_of(obj(1), obj(3), Some(v), Option::None, Option::None).unwrap());
        assert!(run.is_behind(obj(3), obj(1), Some(v), Option::None, Option::None).unwrap());
        // The chair faces the sofa: it is in front of the chair, in both senses tied to the chair.
        for (seen, own) in [(Some(chair), Option::None), (Option::None, Some(chair))] {
            assert!(run.is_in_front_of(obj(3), obj(1), Option::None, seen, own).unwrap());
            assert!(run.is_behind(obj(1), obj(3), Option::None, seen, own).unwrap());
            assert!(!run.is_behind(obj(3), obj(1), Option::None, seen, own).unwrap());
        }
    });
}

#[test]
fn an_unknown_front_is_said() {
    over(&facing(), |run| {
        let lamp = Some(Object(2));
        let text = message(
            run.is_left_of(obj(1), obj(3), Option::None, lamp, Option::None),
            FaultKind::NoValue,
        );
        assert!(text.contains("which way the lamp faces") && text.contains("from="), "{text}");
        message(
            run.is_behind(obj(1), obj(3), Option::None, Option::None, lamp),
            FaultKind::NoValue,
        );
        let text = message(
            run.is_behind(obj(1), obj(3), Option::None, Option::None, Option::None),
            FaultKind::NoValue,
        );
        assert!(text.contains("point of view"), "{text}");
        message(run.is_facing(Object(2), obj(1)), FaultKind::NoValue);
    });
}

#[test]
fn facing_is_within_45_degrees() {
    over(&facing(), |run| {
        assert!(run.is_facing(Object(1), obj(3)).unwrap());
        assert!(!run.is_facing(Object(1), obj(2)).unwrap());
        assert!(run.is_facing(Object(1), at(0.9, -1.0)).unwrap());
        assert!(!run.is_facing(Object(1), at(1.1, -1.0)).unwrap());
        message(run.is_facing(Object(1), at(0.0, 0.0)), FaultKind::NoValue);
    });
}

/// 1 table (top at 0.8), 2 vase on it, 3 lamp high above it, 4 rug far away, 5 drawer in the table.
fn stack(w: &mut World) {
    w.object("table", [2.0, 1.5, 0.4], [1.0, 1.0, 0.8]);
    w.object("vase", [2.3, 1.5, 0.95], [0.2, 0.2, 0.3]);
    w.object("lamp", [2.0, 1.5, 2.0], [0.3, 0.3, 0.4]);
    w.object("rug", [0.5, 0.5, 0.01], [0.5, 0.5, 0.02]);
    w.object("drawer", [2.0, 1.5, 0.6], [0.4, 0.4, 0.2]);
}

#[test]
fn above_on_inside_touching() {
    let mut w = World::metric();
    stack(&mut w);
    over(&w.build(), |run| {
        let o = [1, 2, 3, 4, 5].map(Object);
        let [table, vase, lamp, rug, drawer] = o;
        assert!(run.is_above(vase, table).unwrap() && run.is_above(lamp, table).unwrap());
        assert!(run.is_below(table, lamp).unwrap() && !run.is_below(lamp, table).unwrap());
        assert!(!run.is_above(lamp, rug).unwrap(), "not over its footprint");
        assert!(!run.is_above(drawer, table).unwrap());
        assert!(run.is_on(vase, table).unwrap());
        assert!(!run.is_on(lamp, table).unwrap() && !run.is_on(table, vase).unwrap());
        assert!(run.is_inside(drawer, table).unwrap());
        assert!(!run.is_inside(table, drawer).unwrap() && !run.is_inside(vase, table).unwrap());
        assert!(run.is_touching(vase, table).unwrap() && !run.is_touching(lamp, vase).unwrap());
        for x in o {
            assert!(!run.is_above(x, x).unwrap() && !run.is_on(x, x).unwrap());
            assert!(!run.is_inside(x, x).unwrap() && run.is_touching(x, x).unwrap());
        }
    });
}

/// Borders that meet exactly meet wherever the world's origin is.
#[test]
fn borders_that_meet_do_so_at_every_height_and_place() {
    for i in 0..200 {
        let lift = -3.0 + 0.0317 * f64::from(i);
        let mut w = World::metric();
        // 2 stands on the floor that 1 stands on; 3 stands higher, flush with 1's edge at x = 2.1.
        w.object("wardrobe", [1.6, 1.5, lift + 0.7], [1.0, 1.0, 1.4]);
        w.object("shoe", [1.6, 1.5, lift + 0.06], [0.3, 0.1, 0.12]);
        w.object("shelf", [2.1 + 0.17 + lift, 1.5, lift + 2.0], [0.34, 1.0, 0.2]);
        w.object("desk", [2.1 - 0.35 + lift, 1.5, lift + 0.7], [0.7, 1.0, 1.4]);
        over(&w.build(), |run| {
            assert!(run.is_inside(Object(2), Object(1)).unwrap(), "{lift}");
            assert!(!run.is_above(Object(3), Object(4)).unwrap(), "{lift}");
        });
    }
}

#[test]
fn half_a_footprint_supports() {
    let mut w = World::metric();
    w.object("table", [2.0, 1.5, 0.4], [1.0, 1.0, 0.8]);
    // Reaching over the edge at x = 2.5 by less and by more than half.
    w.object("tray", [2.45, 1.5, 0.85], [0.4, 0.4, 0.1]);
    w.object("tray", [2.55, 1.5, 0.85], [0.4, 0.4, 0.1]);
    // 12 cm above the top.
    w.object("kite", [2.0, 1.5, 0.97], [0.4, 0.4, 0.1]);
    over(&w.build(), |run| {
        assert!(run.is_on(Object(2), Object(1)).unwrap());
        assert!(!run.is_on(Object(3), Object(1)).unwrap());
        assert!(!run.is_on(Object(4), Object(1)).unwrap());
    });
}

#[test]
fn turns() {
    over(&World::metric().build(), |run| {
        let v = level(0.0, 0.0, 1.5, 90.0);
        let all = vec![Left, Right, Back, None];
        let mut turn =
            |x, y, among: &Vec<Direction>| run.turn_needed(v, at(x, y), among.clone()).unwrap();
        assert_eq!(turn(0.1, 1.0, &all), None);
        assert_eq!(turn(0.1, 1.0, &vec![Left, Right, Back]), Right);
        assert_eq!(turn(0.3, 1.0, &all), Right);
        assert_eq!(turn(-1.0, 0.0, &all), Left);
        assert_eq!(turn(0.1, -1.0, &all), Back);
        assert_eq!(turn(0.2, 1.0, &vec![Front, Left]), Front);
        message(run.turn_needed(v, at(1.0, 1.0), vec![None]), FaultKind::NoValue);
    });
}

#[test]
fn oracle_memories_have_no_doubt() {
    let mut w = World::metric();
    stack(&mut w);
    let (_, decisions) = flipped(&w.build(), Option::None, |run| {
        run.side(at(1.0, 1.0), level(0.0, 0.0, 1.0, 0.0), FOUR.to_vec()).unwrap();
        run.is_on(Object(2), Object(1)).unwrap();
    });
    assert!(decisions.is_empty());
}

#[test]
fn a_doubtful_decision_can_be_flipped() {
    let mut w = World::metric();
    stack(&mut w);
    w.noise(0.05);
    let memory = w.build();
    let v = level(0.0, 0.0, 1.0, 0.0);
    type Ask = fn(&mut crate::Run<'_>, reasmory_geom::View) -> String;
    let asks: [Ask; 6] = [
        // 1° from the border of left and front.
        |run, v| run.side(at(1.0, 0.966), v, FOUR.to_vec()).unwrap().to_string(),
        // 14.5°: nearly a turn.
        |run, v| run.turn_needed(v, at(1.0, -0.2586), vec![Left, Right, None]).unwrap().to_string(),
        |run, v| {
            let (a, b) = (at(1.0, 0.01), at(2.0, 0.0));
            run.is_left_of(a, b, Some(v), Option::None, Option::None).unwrap().to_string()
        },
        |run, _| run.is_touching(Object(2), Object(1)).unwrap().to_string(),
        |run, _| run.is_above(Object(2), Object(1)).unwrap().to_string(),
        |run, _| run.is_on(Object(2), Object(1)).unwrap().to_string(),
    ];
    for (i, ask) in asks.iter().enumerate() {
        let (nominal, decisions) = flipped(&memory, Option::None, |run| ask(run, v));
        assert!(!decisions.is_empty(), "{i}");
        assert!(decisions.iter().all(|d| d.margin < 2.0 * d.sigma), "{i}");
        let (other, _) = flipped(&memory, Some(0), |run| ask(run, v));
        assert_ne!(nominal, other, "{i}");
        let (same, _) = flipped(&memory, Some(decisions.len()), |run| ask(run, v));
        assert_eq!(nominal, same, "{i}");
    }
    // A clear case stays clear.
    let (side, decisions) =
        flipped(&memory, Some(0), |run| run.side(at(3.0, 0.0), v, FOUR.to_vec()).unwrap());
    assert_eq!((side, decisions.len()), (Front, 0));
}
