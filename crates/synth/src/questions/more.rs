//! Families about sight, order, containment, ranks and sums.

use reasmory_geom::{EYE_HEIGHT, Point3, Vec3, math};

use super::families::{APART, CLEAR, LEAST, clear, without};
use super::geometry::{Viewer, from_box, gap, nearest, place};
use super::{Asked, Maker, number, plural, sight};
use crate::room::Piece;
use crate::truth;

/// Centre of a piece's box.
fn centre(p: &Piece) -> Point3 {
    p.frame.point(Vec3::new(0.0, 0.0, p.half().z))
}

/// Degrees between two directions.
fn between_degrees(u: Vec3, v: Vec3) -> f64 {
    let cross = [u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x];
    let sine = (cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2]).sqrt();
    math::atan2_deg(sine, u.x * v.x + u.y * v.y + u.z * v.z)
}

/// Corners of a piece's box in another piece's frame.
fn corners_in(a: &Piece, of: &Piece) -> Vec<Vec3> {
    let h = a.half();
    let corner = |i: usize| {
        let sign = |k: usize| if i >> k & 1 == 1 { 1.0 } else { -1.0 };
        let z = if i >> 2 & 1 == 1 { 2.0 * h.z } else { 0.0 };
        of.frame.local(a.frame.point(Vec3::new(sign(0) * h.x, sign(1) * h.y, z)))
    };
    (0..8).map(corner).collect()
}

impl<'r> Maker<'r> {
    /// As `Maker::ask`, of the families of this module.
    pub(super) fn ask_more(&mut self, family: &'static str) -> Option<Asked> {
        match family {
            "obj_appearance_order" => self.appearance(),
            "photos_showing" => self.photos_showing(),
            "photo_shows" => self.photo_shows(),
            "visibility" => self.visibility(),
            "occlusion" => self.occlusion(),
            "between" => self.between(),
            "containment" => self.containment(),
            "above" => self.above(),
            "ranking" => self.ranking(),
            "more_than" => self.more_than(),
            "total" => self.total(),
            "translation" => self.translation(),
            "route_turns" => self.route_turns(),
            "farthest" => self.farthest(),
            "facing" => self.facing(),
            "clock" => self.clock(),
            "ceiling" => {
                let text = "How high is the ceiling in meters?".to_owned();
                Some(number("ceiling", text, self.room.height, Some("m")))
            }
            "volume" => self.volume(),
            "counting_taller" => self.counting_taller(),
            _ => self.ask_walks(family).or_else(|| self.ask_cameras(family)),
        }
    }

    /// Some different categories.
    fn kinds(&mut self, n: usize) -> Option<Vec<&'static str>> {
        let mut all: Vec<&'static str> = self.room.pieces.iter().map(|p| p.category).collect();
        all.sort_unstable();
        all.dedup();
        self.rng.shuffle(&mut all);
        all.truncate(n);
        (all.len() == n).then_some(all)
    }

    fn appearance(&mut self) -> Option<Asked> {
        let kinds = self.kinds(4)?;
        let mut by = Vec::new();
        for k in &kinds {
            by.push((self.sight.first(self.room, k)?, *k));
        }
        by.sort_unstable();
        if by.windows(2).any(|w| w[0].0 == w[1].0) {
            return None;
        }
        let order: Vec<&str> = by.iter().map(|b| b.1).collect();
        let swapped = |i: usize, j: usize| {
            let mut o = order.clone();
            o.swap(i, j);
            o.join(", ")
        };
        // The nearest wrong orders: neighbours exchanged.
        let wrong = [swapped(0, 1), swapped(1, 2), swapped(2, 3)];
        let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
        let text = format!(
            "What will be the first-time appearance order of the following categories in the video: {}?",
            kinds.join(", ")
        );
        Some(self.choice("obj_appearance_order", text, &order.join(", "), &wrong))
    }

    fn photos_showing(&mut self) -> Option<Asked> {
        let [a] = self.some()?;
        let mut n = 0;
        for photo in 1..=self.sight.photos() {
            n += usize::from(self.sight.clear(photo, a.id)?);
        }
        let text = format!("How many photos show the {}?", a.category);
        (n > 0).then(|| number("photos_showing", text, n as f64, None))
    }

    fn photo_shows(&mut self) -> Option<Asked> {
        let [a] = self.some()?;
        let photo = self.rng.below(self.sight.photos().max(1)) + 1;
        let seen = self.sight.clear(photo, a.id).filter(|_| self.sight.known(a.id))?;
        // Half of the answers are yes; more is not seen than is.
        if !seen && !self.rng.chance(0.5) {
            return None;
        }
        let text = format!("Does photo {photo} show the {}?", a.category);
        Some(self.yes_no("photo_shows", text, seen))
    }

    /// Two pieces of one room: inner walls are no things that a memory has.
    fn two_in_a_room(&mut self) -> Option<[&'r Piece; 2]> {
        let two: [&Piece; 2] = self.some()?;
        let room = |p: &Piece| {
            let l = self.room.layout.as_ref()?;
            l.rooms.iter().position(|c| (c.pieces[0]..c.pieces[1]).contains(&p.id))
        };
        (room(two[0]) == room(two[1])).then_some(two)
    }

    fn visibility(&mut self) -> Option<Asked> {
        let [at, to] = self.two_in_a_room()?;
        let seen = sight::from(self.room, at, to)?;
        let yes = seen.boxes > 0.4 && seen.parts > 0.4;
        let no = seen.boxes < 0.005 && seen.parts < 0.03;
        if !yes && !no || yes && !self.rng.chance(0.3) {
            return None;
        }
        let text = format!("Can I see the {} from the {}?", to.category, at.category);
        Some(self.yes_no("visibility", text, yes))
    }

    fn occlusion(&mut self) -> Option<Asked> {
        let [at, to] = self.two_in_a_room()?;
        let seen = sight::from(self.room, at, to)?;
        // Who stands in a thing's box (before a window, over a radiator) sees past it by its parts alone.
        let eye = Point3::new(at.frame.origin.x, at.frame.origin.y, EYE_HEIGHT);
        if self.room.pieces.iter().any(|p| from_box(p, eye) < 0.02) {
            return None;
        }
        let mut by = seen.hidden_by;
        by.sort_by(|a, b| b.1.total_cmp(&a.1));
        // One thing hides a good part, solid as it is, and all others nothing.
        if by.len() < 2 || by[0].1 < 0.3 || by[1].1 > 0.0 || seen.parts > 0.85 {
            return None;
        }
        let right = self.room.piece(by[0].0)?.category;
        let mut wrong = self.kinds(6)?;
        wrong.retain(|k| ![right, at.category, to.category].contains(k));
        wrong.truncate(3);
        let text = format!("What blocks the view of the {} from the {}?", to.category, at.category);
        (wrong.len() == 3).then(|| self.choice("occlusion", text, right, &wrong))
    }

    /// Between two things is what sees them more than 150° apart.
    fn between(&mut self) -> Option<Asked> {
        let [x, a, b]: [&Piece; 3] = self.some()?;
        let (u, v) = (centre(a) - centre(x), centre(b) - centre(x));
        if u.norm() < 0.3 || v.norm() < 0.3 {
            return None;
        }
        let angle = between_degrees(u, v);
        let clear = (angle - 150.0).abs() >= CLEAR;
        // The hard ones are a little aside.
        if !clear || angle < 150.0 && (angle < 90.0 || !self.rng.chance(0.2)) {
            return None;
        }
        let text =
            format!("Is the {} between the {} and the {}?", x.category, a.category, b.category);
        Some(self.yes_no("between", text, angle > 150.0))
    }

    fn containment(&mut self) -> Option<Asked> {
        let [a, b]: [&Piece; 2] = self.some()?;
        let h = b.half();
        let inside = |q: &Vec3| {
            q.x.abs() <= h.x + 1e-9
                && q.y.abs() <= h.y + 1e-9
                && (-1e-9..=2.0 * h.z + 1e-9).contains(&q.z)
        };
        let all = corners_in(a, b).iter().all(inside);
        // Among the arms of a seat or on a mattress is inside of a box, and of nothing else.
        if all && b.category != "basket" || !all && gap(self.room, a, b) < LEAST {
            return None;
        }
        if !all {
            // The hard ones are beside a basket.
            let beside = b.category == "basket" && self.rng.chance(0.5);
            if !beside && !self.rng.chance(0.002) {
                return None;
            }
        }
        let text = format!("Is the {} inside the {}?", a.category, b.category);
        Some(self.yes_no("containment", text, all))
    }

    fn above(&mut self) -> Option<Asked> {
        let [a, b]: [&Piece; 2] = self.some()?;
        let rise = a.frame.origin.z - (b.frame.origin.z + 2.0 * b.half().z);
        let (l, h) = (b.frame.local(centre(a)), b.half());
        let over = h.x - l.x.abs() > 0.05 && h.y - l.y.abs() > 0.05;
        let aside = {
            let c = corners_in(a, b);
            let apart = |k: usize| {
                let lo = c.iter().map(|q| q[k]).fold(f64::INFINITY, f64::min);
                let hi = c.iter().map(|q| q[k]).fold(f64::NEG_INFINITY, f64::max);
                (lo - h[k]).max(-h[k] - hi)
            };
            apart(0).max(apart(1)) > APART
        };
        let yes = over && rise > 0.01;
        let no = aside || rise < -0.15;
        if !yes && !no || no && (rise < 0.1 || !self.rng.chance(0.1)) {
            return None;
        }
        let text = format!("Is the {} above the {}?", a.category, b.category);
        Some(self.yes_no("above", text, yes))
    }

    fn ranking(&mut self) -> Option<Asked> {
        let kinds = self.kinds(4)?;
        let (word, most) = [("tallest", true), ("shortest", false)][self.rng.below(2)];
        let mut by: Vec<(f64, &str)> = Vec::new();
        for k in &kinds {
            let of = self.room.pieces.iter().filter(|p| p.category == *k);
            let heights: Vec<f64> =
                of.filter_map(|p| truth::extents(self.room, p.id)).map(|e| e[2]).collect();
            // Several of a kind count by the one that comes first.
            let first = if most {
                -heights.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            } else {
                heights.iter().copied().fold(f64::INFINITY, f64::min)
            };
            by.push((first, k));
        }
        by.sort_by(|a, b| a.0.total_cmp(&b.0));
        if by[1].0 - by[0].0 < APART {
            return None;
        }
        let text = format!("Which of these objects ({}) is the {word}?", kinds.join(", "));
        Some(self.choice("ranking", text, by[0].1, &without(&kinds, by[0].1)))
    }

    fn more_than(&mut self) -> Option<Asked> {
        let kinds = self.kinds(2)?;
        let [a, b] = [0, 1].map(|i| truth::count(self.room, kinds[i]));
        let text = format!("Are there more {} than {}?", plural(kinds[0]), plural(kinds[1]));
        (a != b && a + b > 2).then(|| self.yes_no("more_than", text, a > b))
    }

    fn total(&mut self) -> Option<Asked> {
        let kinds = self.kinds(2)?;
        let n: usize = kinds.iter().map(|k| truth::count(self.room, k)).sum();
        let text =
            format!("How many {} and {} are there together?", plural(kinds[0]), plural(kinds[1]));
        (n > 2).then(|| number("total", text, n as f64, None))
    }

    /// MindCube's translation: a step without a turn.
    fn translation(&mut self) -> Option<Asked> {
        let (n, v) = self.photo()?;
        let [a] = self.some()?;
        let height = self.cameras.get(n - 1)?.pose.center.z;
        let (word, quarters) =
            [("forward", 0), ("backward", 2), ("left", 3), ("right", 1)][self.rng.below(4)];
        let moved = v.right(quarters).forward(0.5);
        let off = |v: Viewer| from_box(a, Point3::new(v.at[0], v.at[1], height));
        let more = off(moved) - off(v);
        if more.abs() < APART {
            return None;
        }
        let text = format!(
            "From photo {n}, if I move {word}, will I get farther from the {}?",
            a.category
        );
        Some(self.yes_no("translation", text, more > 0.0))
    }

    fn route_turns(&mut self) -> Option<Asked> {
        let [a, b, p, q]: [&Piece; 4] = self.some()?;
        let all = ["left", "right", "back"];
        let first = clear(Viewer::standing(a, b)?.bearing(place(p))?, &all)?;
        let ahead = Viewer::standing(a, p)?.ahead;
        let second = clear(Viewer { at: place(p), ahead }.bearing(place(q))?, &all)?;
        let turn = |s: &str| match s {
            "left" => "Turn Left",
            "right" => "Turn Right",
            _ => "Turn Back",
        };
        let both = |x: &str, y: &str| format!("{}, {}", turn(x), turn(y));
        let other = |s: &str| if s == "left" { "right" } else { "left" };
        let wrong = [
            both(other(first), second),
            both(first, other(second)),
            both(other(first), other(second)),
        ];
        let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
        let text = format!(
            "You are a robot beginning at the {} and facing the {}. You want to navigate to the {3}. You \
             will perform the following actions (Note: for each [please fill in], choose either 'turn \
             back,' 'turn left,' or 'turn right.'): 1. [please fill in] 2. Go forward until the {2} 3. \
             [please fill in] 4. Go forward until the {3}. You have reached the final destination.",
            a.category, b.category, p.category, q.category
        );
        Some(self.choice("route_turns", text, &both(first, second), &wrong))
    }

    fn farthest(&mut self) -> Option<Asked> {
        let [to] = self.some()?;
        let mut kinds = self.kinds(5)?;
        kinds.retain(|k| *k != to.category);
        kinds.truncate(4);
        let mut by: Vec<(f64, &str)> =
            kinds.iter().map(|k| (nearest(self.room, k, to), *k)).collect();
        by.sort_by(|a, b| b.0.total_cmp(&a.0));
        if by.len() < 4 || by[0].0 < by[1].0 + APART.max(0.1 * by[1].0) {
            return None;
        }
        let text = format!(
            "Measuring from the closest point of each object, which of these objects ({}) is the \
             farthest from the {}?",
            kinds.join(", "),
            to.category
        );
        Some(self.choice("farthest", text, by[0].1, &without(&kinds, by[0].1)))
    }

    /// Facing is less than 45° between a front and where the other is.
    fn facing(&mut self) -> Option<Asked> {
        let [a, b]: [&Piece; 2] = self.some()?;
        let (front, d) = (a.front?, centre(b) - centre(a));
        if d.x.hypot(d.y) < 0.4 {
            return None;
        }
        let (flat, whole) =
            (between_degrees(front, Vec3::new(d.x, d.y, 0.0)), between_degrees(front, d));
        let (yes, no) = (flat.max(whole) < 45.0 - CLEAR, flat.min(whole) > 45.0 + CLEAR);
        if !yes && !no || no && !self.rng.chance(0.3) {
            return None;
        }
        let text = format!("Is the {} facing the {}?", a.category, b.category);
        Some(self.yes_no("facing", text, yes))
    }

    fn clock(&mut self) -> Option<Asked> {
        let ([a, b, c], bearing) = self.three()?;
        let hour = (bearing / 30.0).round();
        if (bearing - 30.0 * hour).abs() > 15.0 - CLEAR / 2.0 {
            return None;
        }
        let hour = if hour > 0.0 { hour } else { hour + 12.0 };
        let text = format!(
            "Standing at the {} and facing the {}, at what o'clock is the {}?",
            a.category, b.category, c.category
        );
        Some(number("clock", text, hour, None))
    }

    fn volume(&mut self) -> Option<Asked> {
        let [a] = self.some()?;
        let [x, y, z] = truth::extents(self.room, a.id)?;
        let text = format!("What is the volume of the {} in cubic meters?", a.category);
        (x * y * z > 0.01).then(|| number("volume", text, x * y * z, Some("m3")))
    }

    fn counting_taller(&mut self) -> Option<Asked> {
        let category = self.room.pieces[self.rng.below(self.room.pieces.len())].category;
        let limit = [40.0, 60.0, 80.0, 100.0, 150.0][self.rng.below(5)];
        let of = self.room.pieces.iter().filter(|p| p.category == category);
        let heights: Vec<f64> =
            of.filter_map(|p| truth::extents(self.room, p.id)).map(|e| 100.0 * e[2]).collect();
        if heights.len() < 2 || heights.iter().any(|h| (h - limit).abs() < 5.0) {
            return None;
        }
        let n = heights.iter().filter(|h| **h > limit).count();
        let text = format!("How many {} are taller than {limit} cm?", plural(category));
        (n > 0).then(|| number("counting_taller", text, n as f64, None))
    }
}
