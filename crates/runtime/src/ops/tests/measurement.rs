use reasmory_geom::Point3;
use reasmory_scene::Grounded;
use reasmory_types::Dim;

use crate::abi::{Object, Region};
use crate::testing::{World, level, message, over};
use crate::{FaultKind, Operations, Place};

fn obj(id: u32) -> Place {
    Place::Object(id)
}

fn point(x: f64, y: f64, z: f64) -> Place {
    Place::Point(Point3::new(x, y, z))
}

/// Two unit boxes 1 m apart along x, and a third 2 m above the floor.
fn boxes() -> World {
    let mut w = World::metric();
    w.object("sofa", [1.0, 1.0, 0.5], [1.0; 3]);
    w.object("chair", [3.0, 1.0, 0.5], [1.0; 3]);
    w.object("lamp", [3.0, 2.5, 2.1], [0.4, 0.2, 0.2]);
    w
}

/// A grid of points on the side of a box that faces x.
fn wall(x: f32, y: f32) -> impl Iterator<Item = [f32; 3]> {
    (0..25).map(move |i| [x, y + 0.25 * (i % 5) as f32, 0.25 * (i / 5) as f32])
}

#[test]
fn distance_of_boxes_points_and_planes() {
    over(&boxes().build(), |run| {
        assert_eq!(run.distance(obj(1), obj(2)).unwrap(), 1.0);
        assert_eq!(run.distance(obj(1), obj(1)).unwrap(), 0.0);
        assert_eq!(run.distance(obj(1), point(1.0, 1.0, 0.5)).unwrap(), 0.0);
        assert_eq!(run.distance(point(1.0, 1.0, 3.0), obj(1)).unwrap(), 2.0);
        assert_eq!(run.distance(point(0.0, 0.0, 0.0), point(3.0, 4.0, 0.0)).unwrap(), 5.0);
        let view = Place::View(level(1.0, 1.0, 2.0, 0.0));
        assert_eq!(run.distance(view, obj(1)).unwrap(), 1.0);
        let floor = Place::Region(Region::Floor);
        assert_eq!(run.distance(obj(3), floor.clone()).unwrap(), 2.0);
        assert_eq!(run.distance(floor.clone(), obj(1)).unwrap(), 0.0);
        assert_eq!(run.distance(floor.clone(), point(0.0, 0.0, 1.5)).unwrap(), 1.5);
        assert_eq!(run.distance(floor.clone(), floor).unwrap(), 0.0);
    });
}

#[test]
fn a_list_is_as_near_as_its_nearest_member() {
    over(&boxes().build(), |run| {
        let list = Place::Objects(vec![3, 2]);
        assert_eq!(run.distance(list, obj(1)).unwrap(), 1.0);
        let empty = Place::Objects(vec![]);
        let text = message(run.distance(empty.clone(), obj(1)), FaultKind::NoValue);
        assert!(text.contains("`distance` of an empty list"), "{text}");
        message(run.distance(obj(1), empty), FaultKind::NoValue);
        let room = Place::Region(Region::Room);
        assert!(message(run.distance(obj(1), room), FaultKind::NoValue).contains("floor()"));
    });
}

#[test]
fn points_count_where_both_have_them() {
    let mut w = boxes();
    // Seen surfaces lie 0.25 m inside the boxes' sides, so points are 1.5 m apart and boxes 1 m.
    w.points(1, wall(1.25, 0.5));
    w.points(2, wall(2.75, 0.5));
    over(&w.build(), |run| {
        assert_eq!(run.distance(obj(1), obj(2)).unwrap(), 1.5);
        assert_eq!(run.distance(obj(1), point(2.25, 1.0, 0.5)).unwrap(), 1.0);
        // The lamp has no points: boxes on both sides.
        let boxes = 1.1 + 1e-9;
        assert!(run.distance(obj(2), obj(3)).unwrap() <= 1.7 * boxes);
    });
    let mut w = boxes();
    w.points(1, wall(1.25, 0.5));
    // Too few to say where the surface ends.
    w.points(2, wall(2.75, 0.5).take(3));
    over(&w.build(), |run| assert_eq!(run.distance(obj(1), obj(2)).unwrap(), 1.0));
}

#[test]
fn centres() {
    over(&boxes().build(), |run| {
        assert_eq!(run.center_distance(obj(1), obj(2)).unwrap(), 2.0);
        assert_eq!(
            run.horizontal_distance(point(0.0, 0.0, 7.0), point(3.0, 4.0, 0.0)).unwrap(),
            5.0
        );
        let pair = Place::Objects(vec![1, 2]);
        assert_eq!(run.center(pair).unwrap().0, Point3::new(2.0, 1.0, 0.5));
        let room = Place::Region(Region::Room);
        assert_eq!(run.center(room).unwrap().0, Point3::new(2.0, 1.5, 1.25));
        let floor = Place::Region(Region::Floor);
        assert_eq!(run.center(floor).unwrap().0, Point3::new(2.0, 1.5, 0.0));
        message(run.center(Place::Objects(vec![])), FaultKind::NoValue);
        message(run.center(Place::Photo(3)), FaultKind::IndexOutOfRange);
    });
}

#[test]
fn heights() {
    over(&boxes().build(), |run| {
        let floor = Place::Region(Region::Floor);
        assert_eq!(run.height_above(obj(3), floor.clone()).unwrap(), 2.0);
        assert_eq!(run.height_above(obj(3), obj(1)).unwrap(), 1.0);
        assert_eq!(run.height_above(obj(1), obj(3)).unwrap(), -2.2);
        let view = Place::View(level(0.0, 0.0, 1.5, 0.0));
        assert_eq!(run.height_above(view, floor).unwrap(), 1.5);
        let room = Place::Region(Region::Room);
        assert_eq!(run.height_above(obj(1), room).unwrap(), -2.5);
        assert_eq!(run.top_height(obj(1)).unwrap(), 1.0);
        assert_eq!(run.top_height(Place::Objects(vec![1, 3])).unwrap(), 2.2);
    });
}

#[test]
fn sizes() {
    let mut w = World::metric();
    w.turned("sofa", [1.0, 1.0, 0.5], [0.5, 2.0, 1.0], 30.0);
    over(&w.build(), |run| {
        assert_eq!(run.size(Object(1)).unwrap().0, [2.0, 0.5, 1.0]);
        assert_eq!(run.volume(Object(1)).unwrap(), 1.0);
        assert!((run.footprint(Object(1)).unwrap() - 1.0).abs() < 1e-12);
        message(run.size(Object(7)), FaultKind::CorruptMemory);
    });
}

#[test]
fn overlapping_footprints() {
    let mut w = World::metric();
    w.turned("table", [1.0, 1.0, 0.5], [2.0, 1.0, 1.0], 0.0);
    w.turned("lamp", [2.0, 1.0, 2.0], [1.0, 0.5, 0.2], 0.0);
    w.turned("sofa", [9.0, 1.0, 0.5], [1.0, 1.0, 1.0], 0.0);
    over(&w.build(), |run| {
        let shared = run.footprint_overlap(Object(1), Object(2)).unwrap();
        assert!((shared - 0.25).abs() < 1e-12, "{shared}");
        assert_eq!(run.footprint_overlap(Object(2), Object(1)).unwrap(), shared);
        assert_eq!(run.footprint_overlap(Object(1), Object(3)).unwrap(), 0.0);
    });
}

#[test]
fn rooms() {
    let mut w = World::metric();
    over(&World::metric().build(), |run| {
        assert_eq!(run.floor_area(Region::Room).unwrap(), 12.0);
        assert_eq!(run.room_height(Region::Room).unwrap(), 2.5);
        assert_eq!(run.diagonal().unwrap(), 5.0);
    });
    let room = w.manifest.room.as_mut().unwrap();
    room.stated_area = Some(11.5);
    room.ceiling = None;
    over(&w.build(), |run| {
        assert_eq!(run.floor_area(Region::Room).unwrap(), 11.5);
        message(run.room_height(Region::Room), FaultKind::NoValue);
        message(run.top_height(Place::Region(Region::Room)), FaultKind::NoValue);
    });
    let mut w = World::metric();
    w.manifest.room = None;
    over(&w.build(), |run| {
        message(run.floor_area(Region::Room), FaultKind::NoValue);
    });
}

#[test]
fn angles() {
    over(&boxes().build(), |run| {
        let (o, x) = (point(0.0, 0.0, 0.0), point(1.0, 0.0, 0.0));
        let angle = run.angle_at(o.clone(), x.clone(), point(0.0, 2.0, 0.0)).unwrap();
        assert_eq!(angle, 90.0);
        assert_eq!(run.angle_at(o.clone(), x.clone(), point(-3.0, 0.0, 0.0)).unwrap(), 180.0);
        assert_eq!(run.angle_at(o.clone(), x.clone(), x.clone()).unwrap(), 0.0);
        let text = message(run.angle_at(o.clone(), x, o), FaultKind::NoValue);
        assert!(text.contains("same place"), "{text}");
    });
}

/// Two boxes of which the first is known to 3 cm along x and 1 mm across, the second to 4 cm along x.
fn unsure() -> World {
    let mut w = boxes();
    w.noise(0.001);
    for (id, x) in [(1, 0.03f64), (2, 0.04)] {
        let mut covariance = [[0.0; 3]; 3];
        (covariance[0][0], covariance[1][1], covariance[2][2]) = (x * x, 1e-6, 1e-6);
        w.manifest.grounding.push(Grounded { id, labels: vec![], masks: vec![], covariance });
    }
    w
}

#[test]
fn sigma_is_propagated_from_covariances() {
    let mut w = unsure();
    for id in 1..=2u32 {
        let x = if id == 1 { 1.5 } else { 2.5 };
        w.points(id, wall(x, 0.5));
    }
    over(&w.build(), |run| {
        let near = |run: &mut crate::Run<'_>, length: f64, sigma: f64| {
            let got = run.sigma(length).unwrap();
            assert!((got - sigma).abs() < 1e-12, "{got} {sigma}");
        };
        // Along x the covariances add up: 3 and 4 cm are 5, with the noise of both surfaces.
        let d = run.distance(obj(1), obj(2)).unwrap();
        assert_eq!(d, 1.0);
        near(run, d, (0.05f64 * 0.05 + 2e-6).sqrt());
        let d = run.center_distance(obj(1), obj(2)).unwrap();
        assert_eq!(d, 2.0);
        near(run, d, 0.05);
        // Upwards both are known to a millimetre.
        let d = run.height_above(obj(1), obj(2)).unwrap();
        near(run, d, 2e-3);
        // The third has no covariance: it is known as well as a point.
        let d = run.horizontal_distance(obj(1), obj(3)).unwrap();
        let u = [2.0 / 6.25f64.sqrt(), 1.5 / 6.25f64.sqrt()];
        near(run, d, (u[0] * u[0] * 9e-4 + u[1] * u[1] * 1e-6 + 1e-6).sqrt());
        // What no operation measured has the memory's own.
        near(run, 17.25, 1e-3 * 2f64.sqrt());
    });
    over(&boxes().build(), |run| {
        let d = run.distance(obj(1), obj(2)).unwrap();
        assert_eq!(run.sigma(d).unwrap(), 0.0);
    });
}

#[test]
fn comparisons_within_propagated_noise_are_ties() {
    let memory = unsure().build();
    let decisions = |limit: f64| {
        crate::testing::flipped(&memory, None, |run| {
            let d = run.center_distance(obj(1), obj(2)).unwrap();
            run.noisy = true;
            run.sigma_of(Dim::LENGTH, d) * 2.0 > (d - limit).abs()
        })
        .0
    };
    // 5 cm: a limit 9 cm off is within two of it, one 11 cm off is not, though the points are known to 1 mm.
    assert!(decisions(2.09) && !decisions(2.11));
}
