//! How a run asks for a choice in words. The core asks; whoever started the run answers, with a model or
//! otherwise, and does whatever input and output that takes.

use reasmory_ir::Loc;
use reasmory_scene::Rgb8;

use crate::Fault;

/// One of the objects to choose from.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its id in the memory.
    pub id: u32,
    /// `chair #2`.
    pub name: String,
    /// Length, width and height of its box, world units.
    pub size: [f64; 3],
}

/// A choice to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What describes the one that is meant. Data: it may hold anything.
    pub phrase: String,
    /// What to choose from, in the order of the list that the program gave; numbered from 1 in pictures.
    pub candidates: Vec<Candidate>,
    /// Whether sizes are metres.
    pub metric: bool,
    /// The call in the program.
    pub loc: Loc,
}

/// A picture for whoever chooses.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Pixels.
    pub pixels: Rgb8,
    /// What it shows.
    pub caption: String,
}

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The candidate at this place of the list, from 0.
    One(usize),
    /// None of them fits.
    Nothing,
}

/// Makes choices for a run.
///
/// A run may be repeated with a doubtful decision turned: the same choice must then be made again, without
/// asking anew. Pictures are made only when they are asked for, so that a choice that is known costs none.
pub trait Chooser {
    /// Chooses, or says why not.
    fn choose(
        &self,
        asked: &Asked,
        pictures: &mut dyn FnMut() -> Result<Vec<Shown>, Fault>,
    ) -> Result<Choice, Fault>;
}
