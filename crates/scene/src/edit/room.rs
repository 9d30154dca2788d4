//! Saying what the room is.

use reasmory_geom::polygon;

use super::{EditError, copy, finish, note};
use crate::{Memory, Room};

/// What is known of a room; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoomChange {
    /// Outline in the floor plane, in either sense.
    pub outline: Option<Vec<[f64; 2]>>,
    /// Height of the floor (world z).
    pub floor: Option<f64>,
    /// Height of the ceiling (world z).
    pub ceiling: Option<f64>,
    /// Floor area, where it is known better than the outline.
    pub area: Option<f64>,
}

/// Sets what is known of the room. An outline that is given takes the place of an area that the source stated.
pub fn set_room(memory: &Memory, change: &RoomChange) -> Result<Memory, EditError> {
    if *change == RoomChange::default() {
        return Err(EditError::new(
            "nothing is said of the room",
            "give its outline, floor, ceiling or area",
        ));
    }
    let mut m = copy(memory);
    let mut r = m.room.clone().unwrap_or_else(|| Room {
        outline: Vec::new(),
        floor: m.floor(),
        ceiling: None,
        stated_area: None,
    });
    let mut said = Vec::new();
    if let Some(o) = &change.outline {
        r.outline.clone_from(o);
        let area = polygon::area(&r.polygon());
        if o.len() < 3 || !(area.abs() > 0.0 && area.is_finite()) {
            let what = format!("an outline of {} corners has no area", o.len());
            return Err(EditError::new(what, "give at least three corners, in order"));
        }
        if area < 0.0 {
            r.outline.reverse();
        }
        r.stated_area = None;
        said.push(format!("outline of {} corners", o.len()));
    }
    if let Some(z) = change.floor {
        r.floor = z;
        said.push(format!("floor at {z}"));
    }
    if let Some(z) = change.ceiling {
        r.ceiling = Some(z);
        said.push(format!("ceiling at {z}"));
    }
    if let Some(a) = change.area {
        r.stated_area = Some(a);
        said.push(format!("area of {a}"));
    }
    m.room = Some(r);
    // What somebody says goes before what was found.
    m.layout = None;
    note(&mut m, "set-room", said.join(", "));
    finish(memory, m, None)
}

#[cfg(test)]
mod tests {
    use super::super::tests::chairs_of;
    use super::*;

    #[test]
    fn what_is_said_is_set() {
        let memory = chairs_of(&[(vec![[0.0; 3]], 1)]);
        let outline = Some(vec![[0.0, 0.0], [0.0, 2.0], [3.0, 2.0], [3.0, 0.0]]);
        let r =
            set_room(&memory, &RoomChange { outline, floor: Some(-0.5), ..RoomChange::default() });
        let r = r.unwrap();
        let room = r.manifest().room.as_ref().unwrap();
        assert_eq!((room.area(), room.floor, room.ceiling), (Some(6.0), -0.5, Some(2.5)));
        assert!(polygon::area(&room.polygon()) > 0.0, "counter-clockwise");
        let r = set_room(&r, &RoomChange { area: Some(5.5), ..RoomChange::default() }).unwrap();
        assert_eq!(r.manifest().room.as_ref().unwrap().area(), Some(5.5));
        assert_eq!(r.manifest().journal[1].what, "area of 5.5");
        let bad = |c: RoomChange| set_room(&memory, &c).is_err();
        assert!(bad(RoomChange::default()));
        assert!(bad(RoomChange { outline: Some(vec![[0.0; 2]; 4]), ..RoomChange::default() }));
        assert!(bad(RoomChange { ceiling: Some(-1.0), ..RoomChange::default() }));
        assert!(bad(RoomChange { floor: Some(f64::NAN), ..RoomChange::default() }));
    }
}
