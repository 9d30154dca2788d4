//! What becomes of the rooms that were found when a memory is changed.

use reasmory_scene::edit::{RoomChange, calibrate, crop, set_room};
use reasmory_scene::{Bounds, Layout, Manifest, Memory, Points, Room, Scale, Space, Sure};

/// Points on the floor of an L of 4 by 3 less 2 by 1, in two rooms.
fn flat() -> Memory {
    let mut m = Manifest::empty("flat", "test", Scale::relative("test"));
    let l = vec![[0.0, 0.0], [4.0, 0.0], [4.0, 2.0], [2.0, 2.0], [2.0, 3.0], [0.0, 3.0]];
    m.room = Some(Room { outline: l, floor: 0.0, ceiling: Some(2.5), stated_area: Some(10.0) });
    let space = |x: f64, y: f64| Space {
        outline: vec![[x, 0.0], [x + 2.0, 0.0], [x + 2.0, y], [x, y]],
        area: 2.0 * y,
        walled: 0.5,
    };
    m.layout = Some(Layout {
        turn: Some(0.0),
        slope: 3.0,
        rooms: vec![space(0.0, 3.0), space(2.0, 2.0)],
        sure: Sure { up: 0.9, floor: 0.8, ceiling: 0.7, walls: 0.6 },
    });
    let positions: Vec<[f32; 3]> =
        (0..130).map(|i| [0.3 * (i % 13) as f32, 0.2 * (i / 13) as f32, 0.0]).collect();
    positions.iter().for_each(|p| m.extend_bounds(p.map(f64::from).into()));
    m.points = positions.len() as u64;
    let n = positions.len();
    let points = Points {
        positions: positions.into(),
        colors: vec![[9; 3]; n].into(),
        confidence: vec![1.0; n].into(),
        instance: vec![0; n].into(),
    };
    Memory::new(m, points, None).unwrap()
}

#[test]
fn calibration_multiplies_rooms() {
    let big = calibrate(&flat(), 2.0, "a test").unwrap();
    let m = big.manifest();
    let (before, after) = (flat().manifest().layout.clone().unwrap(), m.layout.clone().unwrap());
    assert_eq!((after.turn, after.slope, after.sure), (before.turn, before.slope, before.sure));
    for (a, b) in before.rooms.iter().zip(&after.rooms) {
        assert_eq!((b.area, b.walled), (4.0 * a.area, a.walled));
        assert_eq!(b.outline[2], a.outline[2].map(|x| 2.0 * x));
    }
    let room = m.room.as_ref().unwrap();
    assert_eq!((room.stated_area, room.ceiling), (Some(40.0), Some(5.0)));
    assert!(m.scale.is_metric() && m.validate().is_ok());
}

#[test]
fn a_room_that_is_said_goes_before_rooms_that_were_found() {
    let outline = Some(vec![[0.0, 0.0], [0.0, 3.0], [4.0, 3.0], [4.0, 0.0]]);
    let said = set_room(&flat(), &RoomChange { outline, ..RoomChange::default() }).unwrap();
    let room = said.manifest().room.clone().unwrap();
    assert_eq!((room.area(), room.ceiling), (Some(12.0), Some(2.5)));
    assert!(said.manifest().layout.is_none());
}

#[test]
fn cropping_cuts_the_outline_and_forgets_rooms_that_were_cut() {
    let part = crop(&flat(), Bounds { min: [-1.0, -1.0, -1.0], max: [3.0, 2.5, 1.0] }).unwrap();
    let m = part.manifest();
    let room = m.room.as_ref().unwrap();
    // Of the L is left 3 by 2, and 2 by half a metre.
    assert!((room.area().unwrap() - 7.0).abs() < 1e-9, "{room:?}");
    assert!(room.stated_area.is_none() && m.layout.is_none());
    let whole = crop(&flat(), Bounds { min: [-9.0; 3], max: [9.0; 3] }).unwrap();
    assert_eq!(whole.manifest().layout, flat().manifest().layout);
    assert_eq!(whole.manifest().room, flat().manifest().room);
}
