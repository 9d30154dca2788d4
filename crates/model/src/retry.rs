//! Trying again, and not asking too often.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::{Clock, Listener, ModelError, Provider, Reply, Request};

/// When to ask again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// Tries in all.
    pub tries: u32,
    /// Wait after the first failure; it doubles with each.
    pub first: Duration,
    /// The longest wait of that kind.
    pub longest: Duration,
    /// The longest wait that a server may ask for; more ends the tries.
    pub patience: Duration,
    /// Least time between the starts of two requests.
    pub spacing: Duration,
}

impl Default for Schedule {
    fn default() -> Schedule {
        Schedule {
            tries: 4,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            patience: Duration::from_secs(60),
            spacing: Duration::ZERO,
        }
    }
}

impl Schedule {
    /// The wait after failure number `n` (from 1) of a request: between half and all of the doubled wait, by
    /// a jitter that only the request and `n` decide. Many clients that ask different things do not return
    /// at once, and a test knows what to expect.
    pub fn wait(&self, key: &str, n: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << n.saturating_sub(1).min(20)).min(self.longest);
        let hash = blake3::hash(format!("{key}/{n}").as_bytes());
        let bytes = hash.as_bytes();
        let jitter = u16::from_le_bytes([bytes[0], bytes[1]]);
        doubled.mul_f64(0.5 + 0.5 * f64::from(jitter) / f64::from(u16::MAX))
    }
}

/// A provider that is asked again when it fails in passing.
pub struct Retrying<P> {
    inner: P,
    schedule: Schedule,
    clock: Arc<dyn Clock>,
    /// When the next request may start.
    free_at: Mutex<Duration>,
}

impl<P: Provider> Retrying<P> {
    /// Wraps a provider.
    pub fn new(inner: P, schedule: Schedule, clock: Arc<dyn Clock>) -> Retrying<P> {
        Retrying { inner, schedule, clock, free_at: Mutex::new(Duration::ZERO) }
    }

    /// Waits until a request may start, and reserves the time after it.
    fn wait_for_turn(&self) {
        if self.schedule.spacing.is_zero() {
            return;
        }
        let now = self.clock.now();
        let start = {
            let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
            let start = now.max(*free_at);
            *free_at = start + self.schedule.spacing;
            start
        };
        if start > now {
            self.clock.sleep(start - now);
        }
    }
}

impl<P: Provider> Provider for Retrying<P> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn grammar(&self) -> Option<crate::GrammarFormat> {
        self.inner.grammar()
    }

    fn ask(&self, request: &Request) -> Result<Reply, ModelError> {
        self.tried(request, &mut || self.inner.ask(request))
    }

    fn stream(&self, request: &Request, heard: &mut Listener<'_>) -> Result<Reply, ModelError> {
        self.tried(request, &mut || self.inner.stream(request, heard))
    }
}

impl<P: Provider> Retrying<P> {
    /// Asks until there is an answer, or no hope of one.
    fn tried(
        &self,
        request: &Request,
        ask: &mut dyn FnMut() -> Result<Reply, ModelError>,
    ) -> Result<Reply, ModelError> {
        let key = request.key();
        let tries = self.schedule.tries.max(1);
        let mut n = 1;
        loop {
            self.wait_for_turn();
            let error = match ask() {
                Ok(reply) => return Ok(Reply { retries: n - 1, ..reply }),
                Err(e) => e,
            };
            let asked = error.retry_after().unwrap_or(Duration::ZERO);
            if !error.is_transient() || n >= tries || asked > self.schedule.patience {
                return Err(if n == 1 {
                    error
                } else {
                    ModelError::GaveUp { tries: n, last: Box::new(error) }
                });
            }
            self.clock.sleep(self.schedule.wait(&key, n).max(asked));
            n += 1;
        }
    }
}
