//! What the whole-system tests share: scenes made in code, checking and running of texts, the corpus of
//! every program in the tree, the command-line program, and a validator of the JSON Schemas.
#![forbid(unsafe_code)]

pub mod binary;
pub mod corpus;
pub mod filetest;
pub mod programs;
pub mod real;
pub mod scenes;
pub mod schema;
pub mod vsi;
