//! What a long job knows of its surroundings: whom to tell, when to stop, where to put things.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::FrontendError;

/// Asks a build to stop. Clones ask for the same build.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether that was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// The flag itself, for a signal handler.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

/// Who is told how far a build is. Calls come from one thread at a time.
pub trait Progress: Sync {
    /// The `number`-th of `of` stages begins.
    fn stage(&self, name: &str, number: usize, of: usize);
    /// `done` of `total` steps are done (0 of 0 where nobody knows); `what` is being worked on.
    fn step(&self, done: u64, total: u64, what: &str);
    /// A line that a frontend wants people to see.
    fn log(&self, line: &str);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn stage(&self, _: &str, _: usize, _: usize) {}
    fn step(&self, _: u64, _: u64, _: &str) {}
    fn log(&self, _: &str) {}
}

/// A frontend's view of the build it works in.
pub struct Job<'a> {
    progress: &'a dyn Progress,
    cancel: &'a Cancel,
    scratch: PathBuf,
}

impl<'a> Job<'a> {
    /// A job whose own files go into `scratch`.
    pub fn new(progress: &'a dyn Progress, cancel: &'a Cancel, scratch: PathBuf) -> Job<'a> {
        Job { progress, cancel, scratch }
    }

    /// A folder for this stage alone, there when the job begins. It is kept when the build is stopped or fails
    /// and given again to the same stage of the same input, parameters and version; it goes when the stage is
    /// finished.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// Tells how far the job is; an error when it shall stop.
    pub fn step(&self, done: u64, total: u64, what: &str) -> Result<(), FrontendError> {
        self.progress.step(done, total, what);
        self.check()
    }

    /// An error when the job shall stop. Long loops ask often.
    pub fn check(&self) -> Result<(), FrontendError> {
        if self.cancel.is_cancelled() { Err(FrontendError::cancelled()) } else { Ok(()) }
    }

    /// Who asks to stop.
    pub fn cancel(&self) -> &Cancel {
        self.cancel
    }

    /// A line for people.
    pub fn log(&self, line: &str) {
        self.progress.log(line);
    }
}
