//! What the whole-system tests share: scenes made in code and from inventories, checking and running of
//! texts, the corpus of every program in the tree, the corpus of good and bad programs with its mutations,
//! the command-line program, and a validator of the JSON Schemas.
#![forbid(unsafe_code)]

pub mod binary;
pub mod cases;
pub mod corpus;
pub mod filetest;
pub mod inventory;
pub mod laws;
pub mod mutants;
pub mod programs;
pub mod real;
pub mod scenes;
pub mod schema;
pub mod spelling;
pub mod vsi;
