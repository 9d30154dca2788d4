//! Real data, where it is present; each test says loudly why it is skipped otherwise.

mod planner;
mod real;
mod vsi;
