//! Programs through the whole system.

mod asking;
mod defects;
mod differential;
mod filetests;
mod grammar;
mod laws;
mod pages;
mod paper;
mod pipeline;
mod prefix;
mod questions;
mod rules;
mod serve;
mod trace;
