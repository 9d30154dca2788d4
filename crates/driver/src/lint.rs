//! `lint`: many programs, a JSON line each; a JSON line of findings for each, in the order they came.

mod compare;
mod questions;
mod row;
mod scenes;
mod tables;
mod totals;

use std::io::{BufRead, Read as _};
use std::path::PathBuf;

use rayon::prelude::*;

use crate::{Config, Dialect, Failure};

pub use compare::Comparison;
pub use row::{Finding, Row};
pub use scenes::Scenes;
pub use tables::stats;
pub use totals::{Count, Totals};

/// Lines read and checked at a time: enough to keep cores busy, and bounded memory for any input.
const CHUNK: usize = 1024;

/// The longest line that is read; the rest of a longer one is skipped and the line reported.
const MAX_LINE: u64 = 16 << 20;

/// Stack of a worker: as the main thread's, which a lone `check` has.
const STACK: usize = 16 << 20;

/// How a batch is checked.
#[derive(Debug)]
pub struct Options {
    /// Where memories come from.
    pub scenes: Scenes,
    /// Whether model calls are allowed.
    pub model: bool,
    /// What the project says.
    pub config: Config,
    /// What lines that do not say so are written in.
    pub dialect: Dialect,
    /// Threads; all cores without a number.
    pub jobs: Option<usize>,
    /// Whether findings are attributed to operations.
    pub operations: bool,
    /// Whether a line may be the result of an earlier `lint` in place of a program.
    pub results: bool,
}

/// A batch checker: its threads, and the memories met so far.
#[derive(Debug)]
pub struct Linter {
    options: Options,
    questions: questions::Questions,
    pool: rayon::ThreadPool,
}

impl Linter {
    /// A checker with its threads started.
    pub fn new(options: Options) -> Result<Linter, Failure> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(options.jobs.unwrap_or(0))
            .stack_size(STACK)
            .build()
            .map(|pool| Linter { options, questions: questions::Questions::default(), pool })
            .map_err(|e| Failure::new(format!("threads: {e}"), "ask for fewer with `--jobs`"))
    }

    /// Checks every line of `input`; `name` is what failures call it. `each` gets the rows in order.
    pub fn run(
        &self,
        input: &mut dyn BufRead,
        name: &str,
        each: &mut dyn FnMut(Row) -> Result<(), Failure>,
    ) -> Result<Totals, Failure> {
        let mut totals = Totals::default();
        let mut number = 0;
        loop {
            let lines = read_chunk(input, &mut number).map_err(|e| {
                Failure::new(format!("{name}: {e}"), "check the file and its permissions")
            })?;
            if lines.is_empty() {
                return Ok(totals);
            }
            let one = |l: &Line| row::row(l.0, &l.1, &self.options, &self.questions);
            let rows: Vec<Option<Row>> = self.pool.install(|| lines.par_iter().map(one).collect());
            for row in rows.into_iter().flatten() {
                totals.add(&row);
                each(row)?;
            }
        }
    }
}

/// A line as read: its bytes, or `None` where it is too long.
type Line = (usize, Option<Vec<u8>>);

fn read_chunk(input: &mut dyn BufRead, number: &mut usize) -> std::io::Result<Vec<Line>> {
    let mut out = Vec::new();
    let mut bytes = 0;
    while out.len() < CHUNK && bytes < MAX_LINE {
        let mut line = Vec::new();
        let n = (&mut *input).take(MAX_LINE).read_until(b'\n', &mut line)?;
        if n == 0 {
            break;
        }
        *number += 1;
        bytes += n as u64;
        if n as u64 == MAX_LINE && line.last() != Some(&b'\n') {
            skip_line(input)?;
            out.push((*number, None));
        } else if !line.trim_ascii().is_empty() {
            out.push((*number, Some(line)));
        }
    }
    Ok(out)
}

fn skip_line(input: &mut dyn BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|b| *b == b'\n');
        let n = end.map_or(buffer.len(), |i| i + 1);
        input.consume(n);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// Opens a file of lines; `-` is standard input.
pub fn open(path: &str) -> Result<Box<dyn BufRead>, Failure> {
    if path == "-" {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let fail = |e: std::io::Error| Failure::new(format!("{path}: {e}"), "check the path");
    if std::fs::metadata(path).map_err(fail)?.is_dir() {
        return Err(Failure::new(
            format!("{path}: is a directory, not a file"),
            "name a file of JSON lines",
        ));
    }
    let file = std::fs::File::open(PathBuf::from(path)).map_err(fail)?;
    Ok(Box::new(std::io::BufReader::with_capacity(1 << 16, file)))
}

#[cfg(test)]
mod tests;
