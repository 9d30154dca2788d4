//! The families, one function each.

use reasmory_geom::Point3;

use super::geometry::{Viewer, apart, from_box, gap, nearest, place};
use super::{Asked, Maker, number, plural};
use crate::room::Piece;
use crate::truth;

/// Degrees that a direction keeps from where it changes.
pub(super) const CLEAR: f64 = 10.0;
/// Metres that compared lengths differ by at least.
pub(super) const APART: f64 = 0.1;
/// Least distance asked for, metres.
pub(super) const LEAST: f64 = 0.2;

/// Eight directions and their centres, degrees to the right of ahead.
const EIGHT: [(&str, f64); 8] = [
    ("front", 0.0),
    ("front-right", 45.0),
    ("right", 90.0),
    ("back-right", 135.0),
    ("back", 180.0),
    ("back-left", -135.0),
    ("left", -90.0),
    ("front-left", -45.0),
];

fn centre(name: &str) -> f64 {
    EIGHT.iter().find(|d| d.0 == name).map_or(0.0, |d| d.1)
}

/// The one of these whose centre is nearest to a bearing, and by how much it is nearer, halved.
fn sector<'n>(bearing: f64, among: &[&'n str]) -> Option<(&'n str, f64)> {
    let mut by: Vec<(f64, &str)> = among.iter().map(|n| (apart(bearing, centre(n)), *n)).collect();
    by.sort_by(|a, b| a.0.total_cmp(&b.0));
    let second = by.get(1).map_or(180.0, |s| s.0);
    by.first().map(|f| (f.1, (second - f.0) / 2.0))
}

/// The sector where it is clear.
pub(super) fn clear<'n>(bearing: f64, among: &[&'n str]) -> Option<&'n str> {
    sector(bearing, among).filter(|s| s.1 >= CLEAR).map(|s| s.0)
}

pub(super) fn without<'n>(all: &[&'n str], one: &str) -> Vec<&'n str> {
    all.iter().copied().filter(|n| *n != one).collect()
}

impl<'r> Maker<'r> {
    /// A question of a family; nothing where the try gives none that is clear.
    pub(super) fn ask(&mut self, family: &'static str) -> Option<Asked> {
        match family {
            "object_counting" => self.counting(),
            "object_size_estimation" => self.size(),
            "room_size_estimation" => Some(number(
                family,
                "What is the size of this room (in square meters)? If multiple rooms are shown, \
                 estimate the size of the combined space."
                    .to_owned(),
                truth::area(self.room),
                Some("m2"),
            )),
            "object_abs_distance" => self.distance(),
            "object_rel_distance" => self.closest(),
            "object_rel_direction_easy" => self.direction_easy(),
            "object_rel_direction_medium" => self.direction_medium(),
            "object_rel_direction_hard" => self.direction_hard(),
            "route_planning" => self.route(),
            "rotation" => self.rotation(),
            "around" => self.around(),
            "among" => self.among(),
            "camera_camera" => self.camera_camera(),
            "camera_object" => self.camera_object(),
            "height_above" => self.height_above(),
            "support" => self.support(),
            "comparison" => self.comparison(),
            "arithmetic" => self.arithmetic(),
            "filtered_counting" => self.filtered(),
            "presence_within" => self.existence(),
            "turn_angle" => self.turn_angle(),
            "turn_needed" => self.turn_needed(),
            "closer" => self.closer(),
            "observer_relation" => self.observer(),
            _ => self.ask_more(family),
        }
    }

    fn counting(&mut self) -> Option<Asked> {
        let category = self.room.pieces[self.rng.below(self.room.pieces.len())].category;
        let n = truth::count(self.room, category);
        let text = format!("How many {category}(s) are in this room?");
        (n > 1).then(|| number("object_counting", text, n as f64, None))
    }

    fn size(&mut self) -> Option<Asked> {
        let [a] = self.some()?;
        let x = 100.0 * truth::longest_side(self.room, a.id)?;
        let text = format!(
            "What is the length of the longest dimension (length, width, or height) of the {}, \
             measured in centimeters?",
            a.category
        );
        Some(number("object_size_estimation", text, x, Some("cm")))
    }

    fn distance(&mut self) -> Option<Asked> {
        let [a, b] = self.some()?;
        let x = gap(self.room, a, b);
        let text = format!(
            "Measuring from the closest point of each object, what is the distance between the {} \
             and the {} (in meters)?",
            a.category, b.category
        );
        (x >= LEAST).then(|| number("object_abs_distance", text, x, Some("m")))
    }

    fn closest(&mut self) -> Option<Asked> {
        let [to] = self.some()?;
        let mut kinds: Vec<&str> = self.room.pieces.iter().map(|p| p.category).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.retain(|k| *k != to.category);
        self.rng.shuffle(&mut kinds);
        kinds.truncate(4);
        let mut by: Vec<(f64, &str)> =
            kinds.iter().map(|k| (nearest(self.room, k, to), *k)).collect();
        by.sort_by(|a, b| a.0.total_cmp(&b.0));
        if by.len() < 4 || by[0].0 < LEAST || by[1].0 < by[0].0 + APART.max(0.1 * by[0].0) {
            return None;
        }
        let text = format!(
            "Measuring from the closest point of each object, which of these objects ({}) is the \
             closest to the {}?",
            kinds.join(", "),
            to.category
        );
        Some(self.choice("object_rel_distance", text, by[0].1, &without(&kinds, by[0].1)))
    }

    /// Standing at one, facing another: the third and its bearing.
    pub(super) fn three(&mut self) -> Option<([&'r Piece; 3], f64)> {
        let [a, b, c]: [&Piece; 3] = self.some()?;
        let bearing = Viewer::standing(a, b)?.bearing(place(c))?;
        Some(([a, b, c], bearing))
    }

    fn direction_easy(&mut self) -> Option<Asked> {
        let ([a, b, c], bearing) = self.three()?;
        let side = clear(bearing, &["left", "right"])?;
        let text = format!(
            "If I am standing by the {} and facing the {}, is the {} to the left or the right of \
             the {}?",
            a.category, b.category, c.category, b.category
        );
        Some(self.choice(
            "object_rel_direction_easy",
            text,
            side,
            &without(&["left", "right"], side),
        ))
    }

    fn direction_medium(&mut self) -> Option<Asked> {
        let ([a, b, c], bearing) = self.three()?;
        let all = ["left", "right", "back"];
        let side = clear(bearing, &all)?;
        let text = format!(
            "If I am standing by the {} and facing the {}, is the {} to my left, right, or back? An \
             object is to my back if I would have to turn at least 135 degrees in order to face it.",
            a.category, b.category, c.category
        );
        Some(self.choice("object_rel_direction_medium", text, side, &without(&all, side)))
    }

    fn direction_hard(&mut self) -> Option<Asked> {
        let ([a, b, c], bearing) = self.three()?;
        let all = ["front-left", "front-right", "back-left", "back-right"];
        let side = clear(bearing, &all)?;
        let text = format!(
            "If I am standing by the {} and facing the {}, is the {} to my front-left, front-right, \
             back-left, or back-right? The directions refer to the quadrants of a Cartesian plane \
             (if I am standing at the origin and facing along the positive y-axis).",
            a.category, b.category, c.category
        );
        Some(self.choice("object_rel_direction_hard", text, side, &without(&all, side)))
    }

    fn route(&mut self) -> Option<Asked> {
        let [a, b, c]: [&Piece; 3] = self.some()?;
        // Forward to b keeps the way that a was left in.
        let ahead = Viewer::standing(a, b)?.ahead;
        let bearing = Viewer { at: place(b), ahead }.bearing(place(c))?;
        let all = ["left", "right", "back"];
        let side = clear(bearing, &all)?;
        let text = format!(
            "You are a robot beginning at the {0} and facing the {1}. You want to navigate to the {2}. \
             You will perform the following actions (Note: for each [please fill in], choose either \
             'turn back,' 'turn left,' or 'turn right.'): 1. Go forward until the {1} 2. [please fill \
             in] 3. Go forward until the {2}. You have reached the final destination.",
            a.category, b.category, c.category
        );
        let turn = |s: &str| match s {
            "left" => "Turn Left",
            "right" => "Turn Right",
            _ => "Turn Back",
        };
        let wrong: Vec<&str> = without(&all, side).into_iter().map(turn).collect();
        Some(self.choice("route_planning", text, turn(side), &wrong))
    }

    /// What is on one side of a viewer, of four things: one within 20° of it, the rest beyond 40°.
    fn surroundings(
        &mut self,
        family: &'static str,
        v: Viewer,
        from: &str,
        not: &[&str],
    ) -> Option<Asked> {
        let (words, quarters) =
            [("to my left", 3), ("to my right", 1), ("behind me", 2)][self.rng.below(3)];
        let aim = v.right(quarters);
        let some: [&Piece; 4] = self.some()?;
        let mut by = Vec::new();
        for p in some {
            if not.contains(&p.category) {
                return None;
            }
            by.push((aim.bearing(place(p))?.abs(), p.category));
        }
        by.sort_by(|a, b| a.0.total_cmp(&b.0));
        if by[0].0 > 20.0 || by[1].0 < 40.0 {
            return None;
        }
        let wrong: Vec<&str> = by[1..].iter().map(|b| b.1).collect();
        let text = format!("{from} what is {words}?");
        Some(self.choice(family, text, by[0].1, &wrong))
    }

    /// The view of some photo, and its number.
    pub(super) fn photo(&mut self) -> Option<(usize, Viewer)> {
        let n = self.rng.below(self.cameras.len().max(1));
        Some((n + 1, Viewer::of_camera(self.cameras.get(n)?)?))
    }

    fn rotation(&mut self) -> Option<Asked> {
        let (n, v) = self.photo()?;
        let (turn, quarters) = [("left", 3), ("right", 1)][self.rng.below(2)];
        let from = format!("Where photo {n} was taken, if I turn {turn},");
        self.surroundings("rotation", v.right(quarters), &from, &[])
    }

    fn around(&mut self) -> Option<Asked> {
        let [a, b]: [&Piece; 2] = self.some()?;
        let v = Viewer::standing(a, b)?;
        let from = format!("If I am standing at the {} and facing the {},", a.category, b.category);
        self.surroundings("around", v, &from, &[a.category])
    }

    fn among(&mut self) -> Option<Asked> {
        let (n, v) = self.photo()?;
        let [a] = self.some()?;
        let (turn, quarters) = [("left", 3), ("right", 1)][self.rng.below(2)];
        let height = self.cameras.get(n - 1)?.pose.center.z;
        let w = v.right(quarters).forward(0.5);
        let at = |v: Viewer| from_box(a, Point3::new(v.at[0], v.at[1], height));
        let (before, after) = (at(v), at(w));
        if (before - after).abs() < APART {
            return None;
        }
        let text = format!(
            "From photo {n}, if I turn {turn} and move forward, will I get closer to the {}?",
            a.category
        );
        Some(self.yes_no("among", text, after < before))
    }

    fn camera_camera(&mut self) -> Option<Asked> {
        let ((n, v), (k, w)) = (self.photo()?, self.photo()?);
        let bearing = v.bearing(w.at)?;
        let all = EIGHT.map(|d| d.0);
        // The right one, its neighbours, and the opposite.
        let (right, margin) = sector(bearing, &all)?;
        let at = all.iter().position(|d| *d == right)?;
        let wrong = [all[(at + 1) % 8], all[(at + 7) % 8], all[(at + 4) % 8]];
        if n == k || margin < 8.0 {
            return None;
        }
        let text = format!("Where was photo {k} taken relative to photo {n}?");
        Some(self.choice("camera_camera", text, right, &wrong))
    }

    fn camera_object(&mut self) -> Option<Asked> {
        let (n, v) = self.photo()?;
        let [a] = self.some()?;
        let all = ["left", "right", "back"];
        let side = clear(v.bearing(place(a))?, &all)?;
        let text = format!("From photo {n}, is the {} to my left, right, or back?", a.category);
        Some(self.choice("camera_object", text, side, &without(&all, side)))
    }

    fn height_above(&mut self) -> Option<Asked> {
        let [a] = self.some()?;
        let x = 100.0 * a.frame.origin.z;
        let text = format!("How high above the floor is the {} in centimeters?", a.category);
        (x >= 5.0).then(|| number("height_above", text, x, Some("cm")))
    }

    fn support(&mut self) -> Option<Asked> {
        let [a, b]: [&Piece; 2] = self.some()?;
        let on = a.support == Some(b.id);
        // What lies among the arms of a seat is on it in a sense that boxes do not have.
        let top = b.frame.origin.z + 2.0 * b.half().z;
        if on && (a.frame.origin.z - top).abs() > 0.05 || !on && gap(self.room, a, b) < LEAST {
            return None;
        }
        // Half of the answers are yes.
        if !on && !self.rng.chance(0.05) {
            return None;
        }
        let text = format!("Is the {} on the {}?", a.category, b.category);
        Some(self.yes_no("support", text, on))
    }

    /// Heights of two, which differ.
    fn heights(&mut self) -> Option<([&'r Piece; 2], [f64; 2])> {
        let [a, b]: [&Piece; 2] = self.some()?;
        let h = [truth::extents(self.room, a.id)?[2], truth::extents(self.room, b.id)?[2]];
        ((h[0] - h[1]).abs() >= APART).then_some(([a, b], h))
    }

    fn comparison(&mut self) -> Option<Asked> {
        let ([a, b], h) = self.heights()?;
        let text = format!("Which is taller, the {} or the {}?", a.category, b.category);
        let (right, wrong) = if h[0] > h[1] { (a, b) } else { (b, a) };
        Some(self.choice("comparison", text, right.category, &[wrong.category]))
    }

    fn arithmetic(&mut self) -> Option<Asked> {
        let ([a, b], h) = self.heights()?;
        let (more, less) = if h[0] > h[1] { (a, b) } else { (b, a) };
        let text = format!(
            "How much taller is the {} than the {} in centimeters?",
            more.category, less.category
        );
        Some(number("arithmetic", text, 100.0 * (h[0] - h[1]).abs(), Some("cm")))
    }

    /// How many of a category, by their distances from a thing, are within a length that none is near.
    fn within(&mut self) -> Option<(&'static str, f64, &'r Piece, usize)> {
        let [to] = self.some()?;
        let category = self.room.pieces[self.rng.below(self.room.pieces.len())].category;
        let limit = [0.5, 1.0, 1.5, 2.0][self.rng.below(4)];
        let of = self.room.pieces.iter().filter(|p| p.category == category && p.id != to.id);
        let all: Vec<f64> = of.map(|p| gap(self.room, p, to)).collect();
        let fine = category != to.category && all.iter().all(|d| (d - limit).abs() >= APART);
        fine.then(|| (category, limit, to, all.iter().filter(|d| **d < limit).count()))
    }

    fn filtered(&mut self) -> Option<Asked> {
        let (category, limit, to, n) = self.within()?;
        if truth::count(self.room, category) < 2 {
            return None;
        }
        let text =
            format!("How many {} are within {limit} m of the {}?", plural(category), to.category);
        (n > 0).then(|| number("filtered_counting", text, n as f64, None))
    }

    fn existence(&mut self) -> Option<Asked> {
        let (category, limit, to, n) = self.within()?;
        let text = format!("Is there a {category} within {limit} m of the {}?", to.category);
        Some(self.yes_no("presence_within", text, n > 0))
    }

    fn turn_angle(&mut self) -> Option<Asked> {
        let ([a, b, c], bearing) = self.three()?;
        let text = format!(
            "Standing at the {} and facing the {}, by how many degrees must I turn to face the {}?",
            a.category, b.category, c.category
        );
        (bearing.abs() >= 10.0).then(|| number("turn_angle", text, bearing.abs(), Some("deg")))
    }

    fn turn_needed(&mut self) -> Option<Asked> {
        let ([a, b, c], bearing) = self.three()?;
        let all = ["left", "right", "back"];
        let side = clear(bearing, &all).filter(|_| bearing.abs() >= 25.0)?;
        let text = format!(
            "Standing at the {} and facing the {}, which way must I turn to face the {}?",
            a.category, b.category, c.category
        );
        Some(self.choice("turn_needed", text, side, &without(&all, side)))
    }

    fn closer(&mut self) -> Option<Asked> {
        let [a, b, to]: [&Piece; 3] = self.some()?;
        let (x, y) = (gap(self.room, a, to), gap(self.room, b, to));
        if (x - y).abs() < APART.max(0.1 * x.min(y)) {
            return None;
        }
        let text =
            format!("Is the {} closer to the {} than the {}?", a.category, to.category, b.category);
        Some(self.yes_no("closer", text, x < y))
    }

    /// Left of a thing as somebody has it who looks at its front: along its own right.
    fn observer(&mut self) -> Option<Asked> {
        let [a, of]: [&Piece; 2] = self.some()?;
        let front = of.front?;
        let d = [place(a)[0] - place(of)[0], place(a)[1] - place(of)[1]];
        // Its own left is a quarter turn counter-clockwise of its front; the observer's left is its right.
        let own_left = -front.y * d[0] + front.x * d[1];
        if own_left.abs() < 2.0 * APART {
            return None;
        }
        let text = format!("Is the {} to the left of the {}?", a.category, of.category);
        Some(self.yes_no("observer_relation", text, own_left < 0.0))
    }
}
