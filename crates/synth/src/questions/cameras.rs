//! Families about how the camera turned and moved from one photo to another.

use super::families::{CLEAR, clear, without};
use super::geometry::Viewer;
use super::{Asked, Maker, number};

impl Maker<'_> {
    /// As `Maker::ask`, of the families of this module.
    pub(super) fn ask_cameras(&mut self, family: &'static str) -> Option<Asked> {
        match family {
            "camera_rotation" => self.camera_rotation(),
            "camera_turn_angle" => self.camera_turn_angle(),
            "camera_motion" => self.camera_motion(),
            _ => None,
        }
    }

    /// Two photos, and how far to the right the second looks of the first, degrees.
    fn turned(&mut self) -> Option<([usize; 2], f64)> {
        let ((n, v), (k, w)) = (self.photo()?, self.photo()?);
        // A viewer at the first place, asked for what lies a metre ahead of the second's direction.
        let aim = [v.at[0] + w.ahead[0], v.at[1] + w.ahead[1]];
        (n != k).then_some(([n, k], v.bearing(aim)?))
    }

    /// MMSI-Bench's motion of the camera: which way it turned.
    fn camera_rotation(&mut self) -> Option<Asked> {
        let ([n, k], turn) = self.turned()?;
        let right = clear(turn, &["left", "right"])?;
        let text = format!("Which way did the camera turn from photo {n} to photo {k}?");
        Some(self.choice("camera_rotation", text, right, &without(&["left", "right"], right)))
    }

    fn camera_turn_angle(&mut self) -> Option<Asked> {
        let ([n, k], turn) = self.turned()?;
        let text = format!("By how many degrees did the camera turn from photo {n} to photo {k}?");
        (turn.abs() >= CLEAR).then(|| number("camera_turn_angle", text, turn.abs(), Some("deg")))
    }

    /// Which way it moved, as the first photo has it.
    fn camera_motion(&mut self) -> Option<Asked> {
        let ((n, v), (k, Viewer { at, .. })) = (self.photo()?, self.photo()?);
        let all = ["front", "right", "back", "left"];
        let words = |s: &str| match s {
            "front" => "forward",
            "back" => "backward",
            "left" => "left",
            _ => "right",
        };
        let side = clear(v.bearing(at)?, &all).filter(|_| n != k)?;
        let wrong: Vec<&str> = without(&all, side).into_iter().map(words).collect();
        let text = format!("In which direction did the camera move from photo {n} to photo {k}?");
        Some(self.choice("camera_motion", text, words(side), &wrong))
    }
}
