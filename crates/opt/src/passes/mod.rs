//! The passes, a module each.

pub(crate) mod dead;
pub(crate) mod fold;
pub(crate) mod hoist;
pub(crate) mod number;
pub(crate) mod peel;
pub(crate) mod photos;
pub(crate) mod tidy;
pub(crate) mod turns;
