use reasmory_geom::Point3;
use reasmory_types::Direction;

use crate::abi::{Region, Route};
use crate::testing::{World, flipped, level, message, over};
use crate::{FaultKind, Operations, Place};

fn obj(id: u32) -> Place {
    Place::Object(id)
}

/// The room of 4 m by 3 m with a wall of shelves from y = 0 to 1.8 across it at x = 2, things on both sides, and a
/// picture high up that nobody walks into.
fn divided() -> World {
    let mut w = World::metric();
    w.object("chair", [0.5, 0.5, 0.4], [0.4, 0.4, 0.8]);
    w.object("stool", [3.5, 0.5, 0.3], [0.4, 0.4, 0.6]);
    w.object("shelf", [2.0, 0.9, 1.0], [0.4, 1.8, 2.0]);
    w.object("beam", [2.0, 2.4, 2.2], [0.2, 1.2, 0.2]);
    w.photo(level(0.5, 0.5, 1.5, 0.0), None);
    w
}

#[test]
fn a_route_goes_round_what_is_in_the_way() {
    over(&divided().build(), |run| {
        let way = run.route(obj(1), obj(2), None).unwrap();
        // Up, across over the shelf's corners with 25 cm between, down.
        assert!(way.0.iter().any(|p| p.y > 2.0), "{way:?}");
        let length = run.path_length(way.clone()).unwrap();
        // From (0.9, 1.2), 60 cm from the chair, to the corner's circle, across 40 cm, and down again.
        assert!(length > 2.6 && length < 3.2, "{length}");
        assert_eq!(run.walking_distance(obj(1), obj(2), None).unwrap(), length);
        assert!(run.reachable(obj(2), obj(1), None).unwrap());
        assert!(run.reachable(obj(2), obj(1), Some(1.1)).unwrap());
        assert!(!run.reachable(obj(2), obj(1), Some(1.3)).unwrap());
        let wide = run.passage_width(obj(1), obj(2)).unwrap();
        assert!((wide - 1.2).abs() < 0.06, "the gap is 1.2 m: {wide}");
        let text = message(run.route(obj(1), obj(2), Some(2.0)), FaultKind::NoValue);
        assert!(text.contains("2.00 m wide") && text.contains("smaller `width=`"), "{text}");
        assert!(run.passes(way.clone(), obj(3), None).unwrap());
        assert!(!run.passes(way, obj(2), Some(0.3)).unwrap());
    });
}

#[test]
fn viewers_start_where_they_are_and_things_within_reach() {
    over(&divided().build(), |run| {
        let at = |x: f64, y: f64| Place::Point(Point3::new(x, y, 0.0));
        let straight = run.walking_distance(at(0.6, 1.5), at(1.4, 2.1), None).unwrap();
        assert!((straight - 1.0).abs() < 1e-9, "{straight}");
        // The photo was taken over the chair: that is at the chair.
        let photo = run.walking_distance(Place::Photo(1), obj(2), None).unwrap();
        assert_eq!(photo, run.walking_distance(obj(1), obj(2), None).unwrap());
        assert_eq!(run.walking_distance(obj(1), obj(1), None).unwrap(), 0.0);
        // To the nearer of two.
        let nearer = run.walking_distance(obj(1), Place::Objects(vec![2, 3]), None).unwrap();
        assert_eq!(nearer, run.walking_distance(obj(1), obj(3), None).unwrap());
        message(run.route(obj(1), Place::Objects(vec![]), None), FaultKind::NoValue);
        message(run.route(obj(1), Place::Region(Region::Floor), None), FaultKind::NoValue);
        message(run.reachable(obj(1), obj(2), Some(-1.0)), FaultKind::NoValue);
        let outside = message(run.route(obj(1), at(40.0, 40.0), None), FaultKind::NoValue);
        assert!(outside.contains("no free floor"), "{outside}");
    });
}

#[test]
fn turns_are_those_at_corners() {
    over(&divided().build(), |run| {
        let route =
            |p: &[[f64; 2]]| Route(p.iter().map(|q| Point3::new(q[0], q[1], 0.0)).collect());
        let way = route(&[[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 2.0], [1.1, 0.5]]);
        use Direction::{Back, Left, Right};
        assert_eq!(run.turns(way).unwrap(), [Right, Left, Back]);
        assert_eq!(run.turns(route(&[[0.0, 0.0]])).unwrap(), []);
        let round = run.route(obj(1), obj(2), None).unwrap();
        assert!(run.turns(round).unwrap().iter().all(|t| *t == Right));
    });
}

#[test]
fn a_passage_about_as_wide_as_the_noise_is_a_tie() {
    let mut w = divided();
    w.noise(0.05);
    let memory = w.build();
    for (width, doubtful) in [(0.3, 0), (1.1, 1)] {
        let (there, decisions) =
            flipped(&memory, None, |run| run.reachable(obj(2), obj(1), Some(width)).unwrap());
        assert!(there && decisions.len() == doubtful, "{width}: {decisions:?}");
    }
}

#[test]
fn headings_change_to_the_right() {
    over(&divided().build(), |run| {
        let change = |run: &mut crate::Run<'_>, a: f64, b: f64| {
            run.heading_change(level(0.0, 0.0, 1.5, a), level(3.0, 1.0, 1.5, b)).unwrap()
        };
        assert_eq!(change(run, 90.0, 60.0), 30.0);
        assert_eq!(change(run, -170.0, 170.0), 20.0);
        assert_eq!(change(run, 0.0, 180.0), 180.0);
    });
}
