//! What a run gives back.

use std::sync::Arc;

use reasmory_ir::Loc;
use reasmory_scene::Rgb8;
use reasmory_types::Direction;

/// An answer as data, free of the run that made it.
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerValue {
    /// Truth value.
    Bool(bool),
    /// Int.
    Int(i64),
    /// A quantity in canonical units with its dimension.
    Quantity(f64, reasmory_types::Dim),
    /// Text.
    Text(String),
    /// A category.
    Category(String),
    /// A direction.
    Direction(Direction),
    /// An object: its id, its category, and its name among its like.
    Object {
        /// 1-based id.
        id: u32,
        /// Category.
        category: String,
        /// `chair #2`.
        name: String,
    },
    /// A photo by number.
    Photo(u32),
    /// A record: field names and lengths.
    Record(&'static str, Vec<(&'static str, f64)>),
    /// A view: eye, heading, pitch.
    View {
        /// Eye, world.
        eye: [f64; 3],
        /// Degrees.
        heading: f64,
        /// Degrees.
        pitch: f64,
    },
    /// A region's name.
    Region(String),
    /// A list.
    List(Vec<AnswerValue>),
    /// A group: key, members.
    Group(Box<AnswerValue>, Vec<AnswerValue>),
    /// A picture: index in the evidence.
    Image(usize),
}

/// A picture made by a run, with what its caption says.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceImage {
    /// `ego`, `top`, `plan`, `depth`, `photo`, `strip`, `zoom`, `marked`, `sheet`.
    pub kind: &'static str,
    /// Pixels.
    pub pixels: Rgb8,
    /// Where from, looking where, what is marked, how much is unknown.
    pub caption: String,
    /// Fraction of the picture that shows known surface; 1 for views from above and photos.
    pub coverage: f64,
    /// Names of the instances that can be seen in it.
    pub visible: Vec<String>,
    /// Where in the picture they are, the largest first; empty for photos as they are.
    pub objects: Vec<Located>,
    /// What is marked and yet cannot be seen, and why.
    pub missing: Vec<Missing>,
}

/// An instance in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Located {
    /// Its id.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The part of the picture (of the panel, where it has several) that it covers, 0 to 1.
    pub share: f64,
    /// The smallest rectangle of pixels around what is seen of it: left, top, width, height.
    pub bounds: [i32; 4],
    /// Which of the picture's panels, from 1; none where it has no panels.
    pub panel: Option<u32>,
}

/// A marked instance that cannot be seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// Its id.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// `behind the viewer`, `outside the picture` or `hidden`.
    pub why: &'static str,
}

/// A shown picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The picture.
    pub image: Arc<EvidenceImage>,
    /// The `show` that showed it.
    pub loc: Loc,
}
