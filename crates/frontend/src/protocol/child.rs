//! A child process: its lines as they come, its log, and its certain end.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::FrontendError;

/// Longest line of a child.
const MAX_LINE: u64 = 256 << 20;
/// Most of standard error that is kept in the log.
const MAX_LOG: u64 = 64 << 20;
/// Last lines of standard error that an error quotes.
const QUOTED: usize = 3;
/// How long a child that was asked to end may take.
const GRACE: Duration = Duration::from_secs(3);
/// How often things are looked at while waiting.
const GLANCE: Duration = Duration::from_millis(20);

/// What came from a child.
#[derive(Debug)]
pub(super) enum Came {
    /// A line.
    Line(String),
    /// A line that is too long, or no text.
    Broken(String),
    /// Its output ended.
    End,
    /// Nothing, for the time waited.
    Nothing,
}

/// A running child.
pub(super) struct Running {
    child: Child,
    /// Lines to the thread that writes them: a child that does not read must not hold us up.
    input: Option<Sender<String>>,
    lines: Receiver<Came>,
    tail: Arc<Mutex<VecDeque<String>>>,
    log: Option<JoinHandle<()>>,
}

/// Lines of standard output on a thread of its own. At most a few wait, so that a child that floods is slowed.
fn read_lines(out: impl std::io::Read, to: &SyncSender<Came>) {
    let mut reader = BufReader::new(out);
    loop {
        let mut line = Vec::new();
        let came = match reader.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => Came::End,
            Ok(n) if n as u64 > MAX_LINE => {
                Came::Broken(format!("printed a line of more than {MAX_LINE} bytes"))
            }
            Ok(_) => match String::from_utf8(line) {
                Ok(text) => Came::Line(text.trim_end_matches(['\n', '\r']).to_owned()),
                Err(_) => Came::Broken("printed a line that is not UTF-8".into()),
            },
        };
        let last = !matches!(came, Came::Line(_));
        if to.send(came).is_err() || last {
            return;
        }
    }
}

/// Writes lines until there are no more, then closes the pipe.
fn write_lines(mut pipe: ChildStdin, queue: &Receiver<String>) {
    while let Ok(line) = queue.recv() {
        if pipe.write_all(line.as_bytes()).and_then(|()| pipe.flush()).is_err() {
            return;
        }
    }
}

/// Copies standard error to the log and keeps its last lines.
fn read_log(err: impl std::io::Read, mut log: File, tail: &Mutex<VecDeque<String>>) {
    let mut reader = BufReader::new(err);
    let mut left = MAX_LOG;
    loop {
        let mut line = Vec::new();
        match reader.by_ref().take(1 << 16).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(n) => {
                // What does not fit is read all the same: a child must not block on its log.
                if left >= n as u64 && log.write_all(&line).is_ok() {
                    left -= n as u64;
                }
                let text = super::message::shown(&String::from_utf8_lossy(&line));
                if !text.is_empty() {
                    let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
                    if tail.len() == QUOTED {
                        tail.pop_front();
                    }
                    tail.push_back(text);
                }
            }
        }
    }
}

impl Running {
    /// Starts a command by the system's shell, in a process group of its own so that everything it starts ends
    /// with it. Standard error goes to `log`.
    pub(super) fn start(command: &str, log: &Path) -> Result<Running, FrontendError> {
        let file = File::create(log).map_err(FrontendError::io(log, "create"))?;
        let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
        let mut start = Command::new(shell);
        start
            .arg(flag)
            .arg(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut start, 0);
        let mut child = start.spawn().map_err(|e| {
            FrontendError::failed(format!("`{shell}` cannot be run: {e}"), "check the system")
        })?;
        let (to, lines) = sync_channel(64);
        if let Some(out) = child.stdout.take() {
            std::thread::spawn(move || read_lines(out, &to));
        }
        let tail = Arc::new(Mutex::new(VecDeque::new()));
        let kept = Arc::clone(&tail);
        let log =
            child.stderr.take().map(|err| std::thread::spawn(move || read_log(err, file, &kept)));
        let (input, queue) = channel();
        if let Some(pipe) = child.stdin.take() {
            std::thread::spawn(move || write_lines(pipe, &queue));
        }
        Ok(Running { child, input: Some(input), lines, tail, log })
    }

    /// Sends a message, without waiting until it is read.
    pub(super) fn send(&self, message: &Value) {
        if let Some(input) = &self.input {
            // Nobody listens where the child has ended, which is seen by its output.
            let _ = input.send(format!("{message}\n"));
        }
    }

    /// What comes within a time.
    pub(super) fn wait(&self, time: Duration) -> Came {
        match self.lines.recv_timeout(time) {
            Ok(came) => came,
            Err(RecvTimeoutError::Timeout) => Came::Nothing,
            Err(RecvTimeoutError::Disconnected) => Came::End,
        }
    }

    /// How it ended, and the last lines of its log. It is ended if it has not ended by itself.
    pub(super) fn end(&mut self) -> (Option<ExitStatus>, String) {
        self.input = None;
        let status = self.within(GRACE);
        if status.is_none() {
            self.kill();
        }
        // The log's thread ends when all that hold the pipe have ended; a stranger may hold it on.
        let until = Instant::now() + GRACE;
        while self.log.as_ref().is_some_and(|l| !l.is_finished()) && Instant::now() < until {
            std::thread::sleep(GLANCE);
        }
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        (status, tail.iter().cloned().collect::<Vec<_>>().join(" / "))
    }

    /// Its status if it ends within a time.
    fn within(&mut self, time: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + time;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                // What it started itself may live on.
                self.kill_group();
                return Some(status);
            }
            if Instant::now() >= until {
                return None;
            }
            // A child that still writes must not block on a full pipe.
            while self.lines.try_recv().is_ok() {}
            std::thread::sleep(GLANCE);
        }
    }

    /// Ends it and everything in its group, at once.
    pub(super) fn kill(&mut self) {
        self.kill_group();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    #[cfg(unix)]
    fn kill_group(&self) {
        use rustix::process::{Pid, Signal, kill_process_group};
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // There is none any more where everybody has ended.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    #[cfg(not(unix))]
    fn kill_group(&self) {}
}

impl Drop for Running {
    fn drop(&mut self) {
        self.input = None;
        if self.within(Duration::from_millis(200)).is_none() {
            self.kill();
        }
    }
}
