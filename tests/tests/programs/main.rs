//! Programs through the whole system.

mod defects;
mod differential;
mod pages;
mod paper;
mod pipeline;
mod prefix;
mod questions;
mod rules;
mod trace;
