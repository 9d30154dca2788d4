//! One session: sources and a memory in; diagnostics, stages, answers and evidence out.
//!
//! The command line is a thin layer over this crate; so are tests and benchmarks. Functions here return
//! data or write files; none prints or exits.
#![forbid(unsafe_code)]

mod allow;
pub mod answer;
pub mod ask;
pub mod asking;
pub mod bench;
mod bind;
pub mod conclude;
pub mod config;
pub mod demo;
pub mod describe;
mod dialect;
pub mod edit;
pub mod evidence;
pub mod explain;
pub mod export;
pub mod files;
pub mod fix;
pub mod fuzz;
pub mod import;
pub mod label;
mod levels;
pub mod lint;
pub mod listing;
mod optimise;
pub mod picture;
pub mod pipeline;
pub mod prefix;
pub mod prompt;
pub mod question;
pub mod record;
mod run;
pub mod serve;
pub mod session;
mod source;
mod stage;
pub mod trace;
mod watchdog;

pub use bind::{Bound, CodeCache, Prepared};
pub use config::Config;
pub use dialect::{Dialect, translate};
pub use files::Failure;
pub use levels::{Level, Levels};
pub use optimise::{OptLevel, Optimise};
pub use reasmory_diag as diag;
pub use reasmory_frontend as frontends;
pub use reasmory_geom as geom;
pub use reasmory_grammar as grammars;
pub use reasmory_import as importers;
pub use reasmory_ir as ir;
pub use reasmory_jit as jit;
pub use reasmory_model as model;
pub use reasmory_ops as ops;
pub use reasmory_opt as opt;
pub use reasmory_paper as paper;
pub use reasmory_planner as planner;
pub use reasmory_prompt as prompts;
pub use reasmory_render as render;
pub use reasmory_runtime as runtime;
pub use reasmory_scene as scene;
pub use reasmory_sema as sema;
pub use reasmory_store as store;
pub use reasmory_syntax as syntax;
pub use reasmory_synth as synth;
pub use reasmory_types as types;
pub use run::{Aids, Engine, RunOptions, RunReport, RunStatus, Scene};
pub use source::{CheckReport, Program, Source, check, compile, last_answer};
pub use stage::{Stage, emit, emit_optimised};
