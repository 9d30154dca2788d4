//! Programs through the whole system.

mod defects;
mod differential;
mod filetests;
mod pages;
mod paper;
mod prefix;
mod questions;
mod rules;
mod trace;
