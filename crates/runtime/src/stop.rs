//! Ending a run from outside. The core never looks at the clock: whoever starts a run may keep a [`Stop`]
//! and set it, by hand or when a deadline passes. Engines and long operations look at it now and then.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use crate::{Fault, FaultKind};

const CANCELLED: u8 = 1;
const EXPIRED: u8 = 2;

/// A request to end, shared by a run and whoever may end it.
#[derive(Debug, Default)]
pub struct Stop {
    state: AtomicU8,
    /// The time that was given, for the message.
    limit: Option<Duration>,
}

impl Stop {
    /// One that says how much time a run was given.
    pub fn within(limit: Duration) -> Stop {
        Stop { state: AtomicU8::new(0), limit: Some(limit) }
    }

    /// Ends the run soon: it was cancelled.
    pub fn cancel(&self) {
        self.state.store(CANCELLED, Ordering::Relaxed);
    }

    /// Ends the run soon: its time is over.
    pub fn expire(&self) {
        self.state.store(EXPIRED, Ordering::Relaxed);
    }

    /// The fault of a run that is asked to end.
    pub fn check(&self) -> Result<(), Fault> {
        let message = match self.state.load(Ordering::Relaxed) {
            0 => return Ok(()),
            CANCELLED => "the run was cancelled".to_owned(),
            _ => match self.limit {
                Some(t) => format!("the run took longer than {} s", t.as_secs_f64()),
                None => "the run took longer than its deadline allows".to_owned(),
            },
        };
        Err(Fault::new(FaultKind::RunLimit, message))
    }
}
