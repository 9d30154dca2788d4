//! A child process that is watched: its lines as they come, its log in a file, an end to it when somebody asks
//! to stop or it takes too long.

use std::fs::OpenOptions;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use crate::{FrontendError, Job};

/// How often a stop is looked for.
const OFTEN: Duration = Duration::from_millis(50);
/// Longest line that is passed on; what is longer is passed over.
const MAX_LINE: usize = 1 << 16;

/// A command and what is known of it.
pub(super) struct Run<'a> {
    /// What it does, for messages.
    pub(super) what: &'a str,
    pub(super) command: Command,
    /// Where its standard error goes, after what is there.
    pub(super) log: &'a Path,
    pub(super) limit: Duration,
}

/// Kills the child on every way out.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// Runs it to its end. `line` gets each line of standard output; its error ends the child.
pub(super) fn run(
    mut r: Run<'_>,
    job: &Job<'_>,
    line: &mut dyn FnMut(&str) -> Result<(), FrontendError>,
) -> Result<(), FrontendError> {
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(r.log)
        .map_err(FrontendError::io(r.log, "write"))?;
    r.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    let child = r.command.spawn().map_err(|e| {
        let program = r.command.get_program().to_string_lossy().into_owned();
        FrontendError::failed(
            format!("colmap: {program} could not be started: {e}"),
            "check that it is a program that runs here",
        )
    })?;
    let mut guard = Guard(child);
    let (send, receive) = sync_channel::<String>(64);
    let out = guard.0.stdout.take();
    let reader = std::thread::spawn(move || {
        if let Some(out) = out {
            lines(out, &mut |l| send.send(l).is_ok());
        }
    });
    let began = Instant::now();
    let late = || {
        if began.elapsed() <= r.limit {
            return Ok(());
        }
        Err(FrontendError::failed(
            format!("colmap: {} took longer than {} s{}", r.what, r.limit.as_secs(), tail(r.log)),
            "give more time with `--set limit=SECONDS`, or fewer photos; finished steps are kept",
        ))
    };
    loop {
        job.check()?;
        late()?;
        match receive.recv_timeout(OFTEN) {
            Ok(l) => line(&l)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let _ = reader.join();
    // Its output is closed; it may still be at work.
    loop {
        let status =
            guard.0.try_wait().map_err(FrontendError::io(r.log, "wait for the program of"))?;
        match status {
            Some(s) if s.success() => return Ok(()),
            Some(s) => {
                return Err(FrontendError::failed(
                    format!("colmap: {} failed ({}){}", r.what, ended(s), tail(r.log)),
                    "see the log for more; give the same command to go on: finished steps are kept",
                ));
            }
            None => {
                job.check()?;
                late()?;
                std::thread::sleep(OFTEN);
            }
        }
    }
}

fn ended(s: ExitStatus) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(n) = s.signal() {
            return match n {
                9 => "killed: out of memory?".into(),
                n => format!("ended by signal {n}"),
            };
        }
    }
    s.code().map_or("no exit code".into(), |c| format!("exit code {c}"))
}

/// Lines of a stream, whatever its bytes; `take` says whether to go on.
fn lines(mut from: impl Read, take: &mut dyn FnMut(String) -> bool) {
    let (mut buffer, mut line, mut long) = ([0u8; 4096], Vec::new(), false);
    while let Ok(n) = from.read(&mut buffer) {
        if n == 0 {
            break;
        }
        for b in &buffer[..n] {
            if *b == b'\n' {
                if !long && !take(String::from_utf8_lossy(&line).trim_end().to_owned()) {
                    return;
                }
                line.clear();
                long = false;
            } else if line.len() < MAX_LINE {
                line.push(*b);
            } else {
                long = true;
            }
        }
    }
    if !line.is_empty() && !long {
        take(String::from_utf8_lossy(&line).trim_end().to_owned());
    }
}

/// The last lines of a log, for a message; empty where there is none.
pub(super) fn tail(log: &Path) -> String {
    use std::io::{Seek as _, SeekFrom};
    let mut text = Vec::new();
    let read = std::fs::File::open(log).and_then(|mut f| {
        let n = f.metadata()?.len();
        f.seek(SeekFrom::Start(n.saturating_sub(4096)))?;
        f.read_to_end(&mut text)
    });
    if read.is_err() {
        return String::new();
    }
    let text = String::from_utf8_lossy(&text);
    let last: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let last = &last[last.len().saturating_sub(3)..];
    if last.is_empty() { String::new() } else { format!(": {}", last.join(" / ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        lines(bytes, &mut |l| {
            out.push(l);
            true
        });
        out
    }

    #[test]
    fn lines_are_lines_whatever_the_bytes() {
        assert_eq!(read(b"a\r\nb\n\nc"), ["a", "b", "", "c"]);
        assert_eq!(read(b""), Vec::<String>::new());
        assert_eq!(read(b"\xff\n"), ["\u{fffd}"]);
        let mut long = vec![b'x'; MAX_LINE + 7];
        long.extend(b"\nshort\n");
        assert_eq!(read(&long), ["short"]);
    }
}
