//! One program over a folder of memories, several at once.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use reasmory_driver::model::Model;
use reasmory_driver::question::Question;
use reasmory_driver::{Config, Failure, Prepared};
use serde_json::json;

use super::program::run_once;
use super::say;
use crate::Ending;
use crate::args;

/// The line of one memory, and whether its run succeeded.
type Line = Result<(String, bool), Failure>;

/// One line of JSON for each memory of a folder, in order of their names, whatever order they are done in.
pub(super) fn run(
    a: &args::Run,
    program: &Prepared<'_>,
    config: &Config,
    asked: Option<&Question>,
    model: Option<&Model>,
    folder: &Path,
) -> Result<Ending, Failure> {
    let memories = memories(folder)?;
    if model.is_some() {
        // A model keeps one account, so it is asked by one run after the other.
        let (send, receive) = mpsc::channel();
        for (i, path) in memories.iter().enumerate() {
            let done = line(a, program, config, asked, model, path);
            let failed = done.is_err();
            let _ = send.send((i, done));
            if failed {
                break;
            }
        }
        drop(send);
        return collect(&receive, memories.len());
    }
    let jobs = a.jobs.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        usize::from,
    );
    let next = AtomicUsize::new(0);
    let over = AtomicBool::new(false);
    let (send, receive) = mpsc::channel();
    std::thread::scope(|threads| {
        for _ in 0..jobs.min(memories.len()) {
            let (send, next, over, memories) = (send.clone(), &next, &over, &memories);
            threads.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = memories.get(i) else { return };
                    // Nobody listens any more once one has failed.
                    if send.send((i, line(a, program, config, asked, None, path))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let ending = collect(&receive, memories.len());
        over.store(true, Ordering::Relaxed);
        ending
    })
}

/// Prints what is done, in order.
fn collect(receive: &mpsc::Receiver<(usize, Line)>, total: usize) -> Result<Ending, Failure> {
    let bar = Bar::new(total);
    let mut ending = Ending::Clean;
    let mut waiting = BTreeMap::new();
    let mut printed = 0;
    for (done, (i, result)) in receive.iter().enumerate() {
        waiting.insert(i, result);
        while let Some(result) = waiting.remove(&printed) {
            printed += 1;
            let (line, ok) = result?;
            if !ok {
                ending = Ending::Findings;
            }
            bar.clear();
            say(&line)?;
        }
        bar.show(done + 1);
    }
    bar.clear();
    Ok(ending)
}

fn line(
    a: &args::Run,
    program: &Prepared<'_>,
    config: &Config,
    asked: Option<&Question>,
    model: Option<&Model>,
    path: &Path,
) -> Line {
    let name = path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let scene = super::scene::open(path)?;
    let out = a.out.as_ref().map(|o| o.join(&name));
    let mut done = run_once(a, program, config, asked, model, &scene, out.as_deref())?;
    if let Some(fields) = done.document.as_object_mut() {
        fields.insert("scene".to_owned(), json!(name));
    }
    Ok((format!("{}\n", done.document), done.report.status.is_success()))
}

fn memories(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let fail = |e: std::io::Error| {
        Failure::new(format!("{}: {e}", folder.display()), "name a folder of memories")
    };
    let mut memories = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.extension().is_some_and(|e| e == "mem") {
            memories.push(path);
        }
    }
    memories.sort();
    if memories.is_empty() {
        return Err(Failure::new(
            format!("{}: holds no memories", folder.display()),
            "make some with `reasmory import SOURCE -o DIR --all`",
        ));
    }
    Ok(memories)
}

/// How far it is, on standard error where that is a terminal.
struct Bar {
    total: usize,
    shown: bool,
}

impl Bar {
    fn new(total: usize) -> Bar {
        Bar { total, shown: total > 1 && std::io::stderr().is_terminal() }
    }

    fn show(&self, done: usize) {
        if self.shown {
            const WIDTH: usize = 30;
            let full = WIDTH * done / self.total.max(1);
            let bar = format!("{}{}", "#".repeat(full), "-".repeat(WIDTH - full));
            let _ = write!(std::io::stderr(), "\r[{bar}] {done}/{} memories", self.total);
        }
    }

    fn clear(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }
}
