//! The command line as a whole: exit codes, JSON against the schemas, and inputs nobody should write.

mod ask;
mod bad_input;
mod build;
mod cli;
mod eval;
mod eval_models;
mod model;
mod prompt;
mod serve;
mod synth;
