//! The limits of one run: what the checker proves a program stays under where it can, and what a run
//! enforces. One place, so that both mean the same.

/// Limits of one run. Reaching one is a fault that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Loop iterations.
    pub fuel: u64,
    /// Pictures made.
    pub renders: u32,
    /// Values in the arena, list members included.
    pub values: usize,
    /// Side of a picture in pixels.
    pub picture: u32,
    /// Questions to a model.
    pub asks: u32,
    /// Side of a picture for a model in pixels.
    pub asked_picture: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            fuel: 10_000_000,
            renders: 64,
            values: 50_000_000,
            picture: 960,
            asks: 32,
            asked_picture: 768,
        }
    }
}
