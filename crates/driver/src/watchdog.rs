//! Deadlines of runs. The core never looks at the clock; a thread here does, and asks the run to stop.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use reasmory_runtime::Stop;

/// Asks a run to stop when its time is over, unless it is dropped before.
#[derive(Debug)]
pub(crate) struct Watchdog {
    stop: Arc<Stop>,
    ended: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    /// One that barks after this time.
    pub(crate) fn start(limit: Duration) -> Watchdog {
        let stop = Arc::new(Stop::within(limit));
        let ended = Arc::new((Mutex::new(false), Condvar::new()));
        let (his_stop, his_end) = (Arc::clone(&stop), Arc::clone(&ended));
        // A limit beyond what the clock can count is none.
        let thread = Instant::now().checked_add(limit).map(|deadline| {
            std::thread::spawn(move || {
                let (lock, bell) = &*his_end;
                let mut over = lock.lock().unwrap_or_else(PoisonError::into_inner);
                while !*over {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        his_stop.expire();
                        return;
                    }
                    let waited = bell.wait_timeout(over, left);
                    over = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
            })
        });
        Watchdog { stop, ended, thread }
    }

    /// What the run looks at.
    pub(crate) fn stop(&self) -> Arc<Stop> {
        Arc::clone(&self.stop)
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let (lock, bell) = &*self.ended;
        *lock.lock().unwrap_or_else(PoisonError::into_inner) = true;
        bell.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_barks_in_time_and_not_when_dropped() {
        let quick = Watchdog::start(Duration::ZERO);
        let stop = quick.stop();
        while stop.check().is_ok() {
            std::thread::yield_now();
        }
        assert_eq!(stop.check().unwrap_err().message, "the run took longer than 0 s");
        let slow = Watchdog::start(Duration::from_secs(100_000));
        let stop = slow.stop();
        drop(slow);
        assert!(stop.check().is_ok());
        drop(Watchdog::start(Duration::MAX));
    }
}
