//! How far a build is, on standard error: one line that is written over where a person looks on, else a line
//! for each stage.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use reasmory_driver::frontends::Progress;

/// How often the line is written over.
const OFTEN: Duration = Duration::from_millis(100);

struct State {
    /// The stage, as `[2/5] reconstruct`.
    stage: String,
    began: Instant,
    written: Option<Instant>,
    /// Length of the line that stands there.
    shown: usize,
}

/// Progress of one build.
pub(super) struct Bar {
    live: bool,
    state: Mutex<State>,
}

impl Bar {
    pub(super) fn new() -> Bar {
        let state = State { stage: String::new(), began: Instant::now(), written: None, shown: 0 };
        Bar { live: std::io::stderr().is_terminal(), state: Mutex::new(state) }
    }

    /// Clears the line, so that what follows stands alone.
    pub(super) fn clear(&self) {
        let mut s = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if self.live && s.shown > 0 {
            let _ = write!(std::io::stderr(), "\r{:1$}\r", "", s.shown);
            s.shown = 0;
        }
    }

    fn over(s: &mut State, line: &str) {
        let line: String = line.chars().filter(|c| !c.is_control()).take(100).collect();
        let length = line.chars().count();
        let pad = s.shown.saturating_sub(length);
        let _ = write!(std::io::stderr(), "\r{line}{:pad$}", "");
        s.shown = length;
        s.written = Some(Instant::now());
    }
}

/// A duration for people.
fn spoken(d: Duration) -> String {
    let s = d.as_secs();
    if s < 60 {
        format!("{s} s")
    } else if s < 3600 {
        format!("{}:{:02} min", s / 60, s % 60)
    } else {
        format!("{}:{:02} h", s / 3600, s / 60 % 60)
    }
}

/// The part of a line behind the stage's name: steps, what is being done, how long it will take.
fn steps(done: u64, total: u64, what: &str, since: Duration) -> String {
    if total == 0 {
        return format!(" {what}");
    }
    let done = done.min(total);
    // The first steps say little about the rest.
    let left = (done * 20 >= total && done > 0 && done < total)
        .then(|| since.mul_f64((total - done) as f64 / done as f64));
    let left = left.map_or(String::new(), |d| format!(", about {} left", spoken(d)));
    format!(" {done} of {total} {what}{left}")
}

impl Progress for Bar {
    fn stage(&self, name: &str, number: usize, of: usize) {
        let mut s = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        s.stage = format!("[{number}/{of}] {name}");
        (s.began, s.written) = (Instant::now(), None);
        let line = s.stage.clone();
        if self.live {
            Bar::over(&mut s, &line);
        } else {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }

    fn step(&self, done: u64, total: u64, what: &str) {
        if !self.live {
            return;
        }
        let mut s = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if s.written.is_none_or(|w| w.elapsed() >= OFTEN) {
            let line = format!("{}{}", s.stage, steps(done, total, what, s.began.elapsed()));
            Bar::over(&mut s, &line);
        }
    }

    fn log(&self, line: &str) {
        self.clear();
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        let _ = writeln!(std::io::stderr(), "  {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_what_is_left() {
        let s = Duration::from_secs;
        assert_eq!(steps(0, 0, "matching", s(9)), " matching");
        assert_eq!(steps(0, 10, "photos", s(0)), " 0 of 10 photos");
        assert_eq!(steps(5, 10, "photos", s(70)), " 5 of 10 photos, about 1:10 min left");
        assert_eq!(steps(1, 100, "photos", s(1)), " 1 of 100 photos");
        assert_eq!(steps(12, 10, "photos", s(1)), " 10 of 10 photos");
        assert_eq!(spoken(s(7265)), "2:01 h");
    }
}
