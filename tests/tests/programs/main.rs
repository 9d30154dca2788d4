//! Programs through the whole system.

mod asking;
mod defects;
mod differential;
mod filetests;
mod laws;
mod grammar;
mod pages;
mod paper;
mod pipeline;
mod prefix;
mod questions;
mod rules;
mod serve;
mod trace;
