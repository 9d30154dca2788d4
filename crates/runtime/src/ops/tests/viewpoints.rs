use reasmory_geom::{Lens, Point3, Vec3, View};
use reasmory_types::Direction::{
    Back, BackRight, Backward, Down, Forward, Front, FrontLeft, FrontRight, Left, Right, Up,
};

use crate::abi::Photo;
use crate::testing::{World, level, message, over};
use crate::{FaultKind, Operations, Place};

fn close(a: Point3, b: [f64; 3]) {
    assert!((a - Point3::from(b)).norm() < 1e-12, "{a} is not {b:?}");
}

fn memory() -> reasmory_scene::Memory {
    let mut w = World::metric();
    w.object("sofa", [1.0, 1.0, 0.5], [1.0; 3]);
    w.object("tv", [1.0, 3.0, 1.0], [0.5; 3]);
    w.photo(View { pitch: 10.0, ..level(0.5, 0.5, 1.4, 30.0) }, Some(0.0));
    w.photo(level(0.5, 0.5, 1.4, -170.0), Some(2.0));
    w.photo(level(0.6, 0.5, 1.4, 150.0), Some(4.0));
    w.build()
}

#[test]
fn standing() {
    over(&memory(), |run| {
        let (sofa, tv) = (Place::Object(1), Place::Object(2));
        let v = run.stand(sofa.clone(), Some(tv), None, None).unwrap();
        close(v.eye, [1.0, 1.0, 1.5]);
        assert_eq!((v.heading(), v.pitch), (90.0, 0.0));
        let v = run.stand(sofa.clone(), None, Some(-135.0), Some(0.8)).unwrap();
        close(v.eye, [1.0, 1.0, 0.8]);
        assert_eq!(v.heading(), -135.0);
        let text =
            message(run.stand(sofa.clone(), Some(sofa.clone()), None, None), FaultKind::NoValue);
        assert!(text.contains("the sofa and the sofa are at the same place"), "{text}");
        message(run.stand(sofa.clone(), None, None, None), FaultKind::NoValue);
        message(run.stand(Place::Objects(vec![]), Some(sofa), None, None), FaultKind::NoValue);
    });
    over(&World::relative().build(), |run| {
        let here = Place::Point(Point3::new(1.0, 2.0, 9.0));
        // 0.6 of the room's height of 2.5.
        let v = run.stand(here, None, Some(0.0), None).unwrap();
        close(v.eye, [1.0, 2.0, 1.5]);
    });
}

#[test]
fn turning() {
    over(&memory(), |run| {
        let v = level(0.0, 0.0, 1.0, 90.0);
        let mut heading = |to, by| run.turn(v, to, by).unwrap().heading();
        assert_eq!(heading(Left, Option::None), 180.0);
        assert_eq!(heading(Right, Option::None), 0.0);
        assert_eq!(heading(Back, Option::None), -90.0);
        assert_eq!(heading(Backward, Option::None), -90.0);
        assert_eq!(heading(FrontLeft, Option::None), 135.0);
        assert_eq!(heading(BackRight, Option::None), -45.0);
        assert_eq!(heading(Right, Some(30.0)), 60.0);
        assert_eq!(heading(Left, Some(30.0)), 120.0);
        assert_eq!(heading(Front, Some(30.0)), 90.0);
        assert_eq!(heading(Left, Some(-30.0)), 60.0);
        for nothing in [Front, Forward, reasmory_types::Direction::None] {
            assert_eq!(run.turn(v, nothing, Option::None).unwrap(), v);
        }
        assert_eq!(run.turn(v, Up, Option::None).unwrap().pitch, 45.0);
        assert_eq!(run.turn(v, Down, Some(20.0)).unwrap().pitch, -20.0);
        assert_eq!(run.turn(v, Down, Some(200.0)).unwrap().pitch, -90.0);
    });
}

#[test]
fn stepping() {
    over(&memory(), |run| {
        // Looking along +Y, tilted: steps stay in the floor plane.
        let v = View { pitch: -40.0, ..level(0.0, 0.0, 1.0, 90.0) };
        let mut eye = |to, by| run.step(v, to, by).unwrap().eye;
        close(eye(Forward, Option::None), [0.0, 0.5, 1.0]);
        close(eye(Back, Some(2.0)), [0.0, -2.0, 1.0]);
        close(eye(Right, Some(1.0)), [1.0, 0.0, 1.0]);
        close(eye(Left, Some(1.0)), [-1.0, 0.0, 1.0]);
        close(eye(Up, Some(1.0)), [0.0, 0.0, 2.0]);
        close(eye(Down, Option::None), [0.0, 0.0, 0.5]);
        let r = 0.5f64.sqrt();
        close(eye(FrontRight, Some(1.0)), [r, r, 1.0]);
        close(eye(reasmory_types::Direction::None, Some(1.0)), [0.0, 0.0, 1.0]);
    });
    over(&World::relative().build(), |run| {
        let v = level(0.0, 0.0, 1.0, 0.0);
        close(run.step(v, Forward, Option::None).unwrap().eye, [0.5, 0.0, 1.0]);
    });
}

#[test]
fn looking() {
    over(&memory(), |run| {
        let v = View { lens: Lens::Fov(60.0), ..level(1.0, 2.0, 0.0, 30.0) };
        let w = run.look_at(v, Place::Object(2)).unwrap();
        assert_eq!((w.heading(), w.lens, w.eye), (90.0, v.lens, v.eye));
        assert!((w.pitch - 45.0).abs() < 1e-12);
        // Straight up keeps the heading.
        let above = Place::Point(Point3::new(1.0, 2.0, 5.0));
        let w = run.look_at(v, above).unwrap();
        assert_eq!((w.heading(), w.pitch), (v.heading(), 90.0));
        let here = Place::Point(v.eye);
        message(run.look_at(v, here), FaultKind::NoValue);
    });
}

#[test]
fn orbiting() {
    over(&memory(), |run| {
        let v = level(3.0, 1.0, 1.0, 180.0);
        let w = run.orbit(v, Place::Object(1), 90.0).unwrap();
        close(w.eye, [1.0, 3.0, 1.0]);
        assert_eq!(w.heading(), -90.0);
        let sofa = Place::Object(1);
        let before = run.bearing(sofa.clone(), v).unwrap();
        assert_eq!(run.bearing(sofa, w).unwrap(), before);
    });
}

#[test]
fn halfway() {
    over(&memory(), |run| {
        let a = level(0.0, 0.0, 1.0, 170.0);
        let b = View { pitch: 20.0, ..level(2.0, 0.0, 2.0, -170.0) };
        let m = run.midway(a, b).unwrap();
        close(m.eye, [1.0, 0.0, 1.5]);
        assert!((m.heading() - 180.0).abs() < 1e-12 && m.pitch == 10.0);
        assert_eq!(m.lens, a.lens);
    });
}

#[test]
fn photos_and_times() {
    over(&memory(), |run| {
        let v = run.view(Photo(1)).unwrap();
        assert!((v.heading() - 30.0).abs() < 1e-9 && (v.pitch - 10.0).abs() < 1e-9);
        assert!(matches!(v.lens, Lens::Pinhole(_)));
        message(run.view(Photo(9)), FaultKind::IndexOutOfRange);
        let third = run.view(Photo(3)).unwrap();
        assert_eq!(run.view_at(100.0).unwrap(), third);
        assert_eq!(run.view_at(3.1).unwrap(), third);
        // Halfway the earlier wins.
        let second = run.view(Photo(2)).unwrap();
        assert_eq!(run.view_at(3.0).unwrap(), second);
        assert_eq!(run.eye(third).unwrap().0, third.eye);
        assert!((run.view_heading(third).unwrap() - 150.0).abs() < 1e-9);
    });
    over(&World::metric().build(), |run| {
        message(run.view_at(0.0), FaultKind::NoValue);
    });
}

#[test]
fn directions_are_orthogonal() {
    let v = level(0.0, 0.0, 0.0, 17.0);
    assert!(v.forward_level().dot(&v.right_level()).abs() < 1e-15);
    assert!((v.right_level().cross(&v.forward_level()) - Vec3::z()).norm() < 1e-12);
}
