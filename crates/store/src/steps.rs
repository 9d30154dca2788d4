//! Every change to the disk, announced before it is made.
//!
//! A test can [`watch`] them and stop the program at each in turn, to see what a killed writer leaves behind.

use std::sync::OnceLock;

type Watcher = Box<dyn Fn(&'static str) + Send + Sync>;

static WATCHER: OnceLock<Watcher> = OnceLock::new();

/// Has `watcher` called before every change that this process makes to a disk, with what it will be. Once for a
/// process; later calls do nothing.
pub fn watch(watcher: impl Fn(&'static str) + Send + Sync + 'static) {
    let _ = WATCHER.set(Box::new(watcher));
}

/// Announces a change.
pub(crate) fn before(what: &'static str) {
    if let Some(watcher) = WATCHER.get() {
        watcher(what);
    }
}
