use reasmory_scene::Memory;

use crate::abi::{Object, Photo};
use crate::testing::{World, level, message, over};
use crate::{FaultKind, Operations};

/// A cupboard hides a sofa from the viewer at the origin; a lamp stands free at the left.
fn world() -> World {
    let mut w = World::metric();
    w.object("sofa", [3.0, 0.0, 0.5], [0.5, 0.5, 1.0]);
    w.object("cupboard", [1.5, 0.0, 0.75], [0.2, 1.5, 1.5]);
    w.object("lamp", [3.0, 2.0, 0.5], [0.3, 0.3, 1.0]);
    w.photo(level(0.0, 0.0, 0.5, 180.0), None);
    w.photo(level(0.0, 0.0, 0.5, 0.0), None);
    w.photo(level(5.0, 0.0, 0.5, 180.0), None);
    w
}

const SOFA: Object = Object(1);
const CUPBOARD: Object = Object(2);
const LAMP: Object = Object(3);

#[test]
fn hidden_and_free() {
    over(&world().build(), |run| {
        let v = level(0.0, 0.0, 0.5, 0.0);
        assert_eq!(run.visible_fraction(SOFA, v).unwrap(), 0.0);
        assert!(run.visible_fraction(LAMP, v).unwrap() > 0.9);
        assert!(!run.sees(v, SOFA).unwrap() && run.sees(v, CUPBOARD).unwrap());
        assert_eq!(run.occluders(SOFA, v).unwrap(), [CUPBOARD]);
        assert_eq!(run.occluders(LAMP, v).unwrap(), []);
        let away = level(0.0, 0.0, 0.5, 180.0);
        assert!(!run.sees(away, LAMP).unwrap());
        message(run.sees(v, Object(8)), FaultKind::CorruptMemory);
    });
}

#[test]
fn photos_by_geometry() {
    over(&world().build(), |run| {
        assert_eq!(run.photos_seeing(vec![SOFA]).unwrap(), [Photo(3)]);
        assert_eq!(run.photos_seeing(vec![CUPBOARD, SOFA]).unwrap(), [Photo(2), Photo(3)]);
        assert_eq!(run.first_seen(vec![LAMP]).unwrap(), Photo(2));
        assert_eq!(run.last_seen(vec![LAMP]).unwrap(), Photo(3));
        assert_eq!(run.first_seen(vec![SOFA]).unwrap(), Photo(3));
        assert_eq!(run.best_photo_of(CUPBOARD).unwrap(), Photo(2));
        assert_eq!(run.photos_seeing(vec![]).unwrap(), []);
        message(run.first_seen(vec![]), FaultKind::NoValue);
    });
}

#[test]
fn what_the_memory_says_comes_first() {
    let mut w = world();
    w.instance(1).seen_in = vec![1, 2];
    over(&w.build(), |run| {
        assert_eq!(run.photos_seeing(vec![SOFA]).unwrap(), [Photo(1), Photo(2)]);
        assert_eq!(run.first_seen(vec![SOFA, LAMP]).unwrap(), Photo(1));
        assert_eq!(run.last_seen(vec![SOFA]).unwrap(), Photo(2));
        // Neither shows any of it by geometry: the earlier of equals.
        assert_eq!(run.best_photo_of(SOFA).unwrap(), Photo(1));
    });
}

#[test]
fn never_seen_is_no_value() {
    let mut w = world();
    w.manifest.photos.truncate(1);
    over(&w.build(), |run| {
        let text = message(run.first_seen(vec![LAMP]), FaultKind::NoValue);
        assert!(text.contains("none of the 1 photos shows the lamp"), "{text}");
        message(run.last_seen(vec![LAMP, SOFA]), FaultKind::NoValue);
        message(run.best_photo_of(LAMP), FaultKind::NoValue);
    });
    let memory: Memory = World::metric().build();
    over(&memory, |run| {
        assert!(message(run.first_seen(vec![SOFA]), FaultKind::NoValue).contains("no photos"));
    });
}

#[test]
fn points_hide_points() {
    let mut w = world();
    let wall = |x: f32, y: f32, half: f32| {
        (0..1600).map(move |i| {
            let (a, b) = ((i % 40) as f32 / 39.0, (i / 40) as f32 / 39.0);
            [x, y + half * (2.0 * a - 1.0), 1.0 * b]
        })
    };
    w.points(1, wall(2.75, 0.0, 0.25));
    w.points(2, wall(1.4, 0.0, 0.75));
    w.points(3, wall(2.85, 2.0, 0.15));
    over(&w.build(), |run| {
        let v = level(0.0, 0.0, 0.5, 0.0);
        assert!(!run.sees(v, SOFA).unwrap());
        assert!(run.sees(v, LAMP).unwrap() && run.sees(v, CUPBOARD).unwrap());
        assert_eq!(run.occluders(SOFA, v).unwrap(), [CUPBOARD]);
    });
}
