//! Benchmarks: their question files, their metrics as published, and reports that compare with the field.
//!
//! A run reads the questions of a [`Benchmark`], answers each over its memory with a [`Planner`], scores the
//! answer with the benchmark's own metric and says where the rest of the score was lost. Every row of the
//! question file counts, whatever became of it. `spec/benchmarks.md` has the formats, the metrics and their
//! sources.
#![forbid(unsafe_code)]

mod benchmark;
mod clean;
mod extract;
mod item;
mod journal;
mod metric;
mod models;
mod noise;
mod planner;
mod read;
mod report;
mod run;
mod scenes;
mod stats;
mod study;

pub use benchmark::Benchmark;
pub use clean::{clean_answer, exact_match};
pub use extract::{Extraction, letter};
pub use item::{Item, Truth};
pub use metric::{Score, leading_word, mean_relative_accuracy};
pub use models::{Models, Usage};
pub use noise::{ERRORS, Noisy, errors, noise_json, noise_markdown};
pub use planner::Planner;
pub use read::{fuzz_questions, parse, read};
pub use report::{Report, html, markdown};
pub use run::{Outcome, Pictures, Record, Settings, Stage, evaluate};
pub use scenes::Memories;
pub use stats::{Interval, bootstrap, wilson};
pub use study::{Arm, arms, study_json, study_markdown};
