//! Questions about a room, with truths from the generator's own geometry.
//!
//! The wording is that of benchmarks where they have one. A question whose answer a small error would turn is
//! not asked: directions keep 10° from where they change, comparisons 10 cm or a tenth, distances are 0.2 m or
//! more. Options hold the nearest wrong answers. Nothing here calls an operation, a renderer, or a method of
//! boxes: distances come from [`crate::truth`], angles from cross and dot products.

mod cameras;
mod families;
mod geometry;
mod more;
mod paths;
mod sight;
mod walks;

use crate::cameras::Camera;
use crate::rng::Rng;
use crate::room::{Piece, Room};
pub use sight::Sight;

/// A question with its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The family.
    pub family: &'static str,
    /// The question.
    pub text: String,
    /// `A. …`; empty where it is open.
    pub options: Vec<String>,
    /// What is right.
    pub answer: Answer,
    /// The unit of a number.
    pub unit: Option<&'static str>,
}

/// What is right.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A number in the question's unit.
    Number(f64),
    /// The letter of an option.
    Letter(char),
}

/// Families of questions, in order.
pub const FAMILIES: [&str; 50] = [
    "object_counting",
    "object_size_estimation",
    "room_size_estimation",
    "object_abs_distance",
    "object_rel_distance",
    "object_rel_direction_easy",
    "object_rel_direction_medium",
    "object_rel_direction_hard",
    "route_planning",
    "rotation",
    "around",
    "among",
    "camera_camera",
    "camera_object",
    "height_above",
    "support",
    "comparison",
    "arithmetic",
    "filtered_counting",
    "presence_within",
    "turn_angle",
    "turn_needed",
    "closer",
    "observer_relation",
    "obj_appearance_order",
    "photos_showing",
    "photo_shows",
    "visibility",
    "occlusion",
    "between",
    "containment",
    "above",
    "ranking",
    "more_than",
    "total",
    "translation",
    "route_turns",
    "farthest",
    "facing",
    "clock",
    "ceiling",
    "volume",
    "counting_taller",
    "path_length",
    "reachable",
    "reachable_width",
    "walk_closest",
    "camera_rotation",
    "camera_turn_angle",
    "camera_motion",
];

/// What questions are made from.
pub(crate) struct Maker<'r> {
    room: &'r Room,
    cameras: &'r [Camera],
    /// Pieces that are the only ones of their category.
    single: Vec<&'r Piece>,
    sight: &'r Sight,
    rng: Rng,
    floors: walks::Floors<'r>,
}

impl<'r> Maker<'r> {
    /// Some pieces, different ones, of the only ones of their category.
    fn some<const N: usize>(&mut self) -> Option<[&'r Piece; N]> {
        let mut all = self.single.clone();
        self.rng.shuffle(&mut all);
        all.truncate(N);
        all.try_into().ok()
    }

    fn choice(&mut self, family: &'static str, text: String, right: &str, wrong: &[&str]) -> Asked {
        let mut all: Vec<&str> = wrong.iter().copied().chain([right]).collect();
        self.rng.shuffle(&mut all);
        let at = all.iter().position(|o| *o == right).unwrap_or(0);
        let options = all.iter().zip('A'..).map(|(o, l)| format!("{l}. {o}")).collect();
        let letter = ('A'..).nth(at).unwrap_or('A');
        Asked { family, text, options, answer: Answer::Letter(letter), unit: None }
    }

    fn yes_no(&mut self, family: &'static str, text: String, right: bool) -> Asked {
        let (yes, no) = if right { ("Yes", "No") } else { ("No", "Yes") };
        self.choice(family, text, yes, &[no])
    }
}

fn number(family: &'static str, text: String, x: f64, unit: Option<&'static str>) -> Asked {
    Asked { family, text, options: vec![], answer: Answer::Number(x), unit }
}

/// Several of a category.
fn plural(category: &str) -> String {
    match category {
        c if c.ends_with("shelf") => format!("{}ves", &c[..c.len() - 1]),
        c if ["x", "ch", "sh", "s"].iter().any(|e| c.ends_with(e)) => format!("{c}es"),
        c => format!("{c}s"),
    }
}

/// At most `each` questions of every family about a room; `cameras` are its photos, in order, and `sight` is what
/// they see. The same for the same room and seed. Families that a room has no clear question of are left out.
pub fn questions(
    room: &Room,
    cameras: &[Camera],
    sight: &Sight,
    seed: u64,
    each: usize,
) -> Vec<Asked> {
    let only = |p: &&Piece| room.pieces.iter().filter(|q| q.category == p.category).count() == 1;
    let single = room.pieces.iter().filter(only).collect();
    let root = Rng::new(seed).fork(room.seed);
    let floors = walks::Floors::default();
    let mut maker = Maker { room, cameras, single, sight, rng: root.clone(), floors };
    let mut out: Vec<Asked> = Vec::new();
    for family in FAMILIES {
        let start = out.len();
        // Rare answers take more tries.
        let tries = if matches!(family, "visibility" | "occlusion") { 25 } else { 40 };
        for _ in 0..tries * each {
            if out.len() == start + each {
                break;
            }
            if let Some(q) = maker.ask(family)
                && out[start..].iter().all(|o| o.text != q.text)
            {
                out.push(q);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cameras::photo_set;
    use crate::room::RoomOptions;

    #[test]
    fn many_clear_questions_of_many_families() {
        let mut families = BTreeSet::new();
        let mut n = 0;
        for seed in 0..6 {
            let room = Room::generate(seed, &RoomOptions::default());
            let cameras = photo_set(&room, 4, 64, 48);
            let sight = Sight::of(&room, &cameras);
            let all = questions(&room, &cameras, &sight, 1, 3);
            assert_eq!(all, questions(&room, &cameras, &sight, 1, 3));
            for q in &all {
                families.insert(q.family);
                match &q.answer {
                    Answer::Letter(l) => {
                        let right = q.options.iter().filter(|o| o.starts_with(*l)).count();
                        assert!(right == 1 && q.options.len() >= 2, "{q:?}");
                        let texts: BTreeSet<&str> = q.options.iter().map(|o| &o[3..]).collect();
                        assert_eq!(texts.len(), q.options.len(), "{q:?}");
                    }
                    Answer::Number(x) => assert!(x.is_finite() && *x >= 0.0, "{q:?}"),
                }
            }
            n += all.len();
        }
        assert!(families.len() >= 42, "{families:?}");
        assert!(n > 450, "{n}");
    }
}
