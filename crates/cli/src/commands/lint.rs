//! Many programs at once.

use std::io::{IsTerminal as _, Write as _};

use reasmory_driver::Failure;
use reasmory_driver::lint::{self, Comparison, Linter, Options, Row, Scenes, Totals};

use super::say;
use crate::Ending;
use crate::args;

/// Output is written in pieces of about this size.
const PIECE: usize = 1 << 16;

pub(super) fn lint(a: &args::Lint) -> Result<Ending, Failure> {
    if a.file == "-" && a.compare.as_deref() == Some("-") {
        return Err(Failure::new(
            "standard input cannot be both sides of a comparison",
            "name a file for one of them",
        ));
    }
    let config = super::program::project(&a.file, &a.project, Some(&a.levels))?;
    let scenes = match (&a.scene, &a.scenes) {
        (Some(dir), _) => Scenes::one(dir)?,
        (None, Some(dir)) => Scenes::folder(dir)?,
        (None, None) => Scenes::None,
    };
    let linter = Linter::new(Options {
        scenes,
        model: a.model.is_some(),
        config,
        dialect: a.dialect.into(),
        jobs: a.jobs.map(usize::from),
        operations: a.stats,
        results: a.compare.is_some(),
    })?;
    let tables = a.stats || a.compare.is_some();
    let mut comparison = Comparison::default();
    let before = match &a.compare {
        Some(other) => Some(run(&linter, other, |row| {
            comparison.before(&row);
            Ok(())
        })?),
        None => None,
    };
    let mut pending = String::new();
    let totals = run(&linter, &a.file, |row| {
        if before.is_some() {
            comparison.after(&row);
        }
        if !tables {
            pending.push_str(&row.json);
            pending.push('\n');
            if pending.len() >= PIECE {
                say(&pending)?;
                pending.clear();
            }
        }
        Ok(())
    })?;
    if a.stats {
        pending.push_str(&lint::stats(&totals));
    }
    if let Some(before) = &before {
        if a.stats {
            pending.push('\n');
        }
        pending.push_str(&comparison.text(before, &totals));
    }
    if !tables {
        pending.push_str(&format!("{}\n", totals.json()));
    }
    say(&pending)?;
    Ok(if totals.is_ok() { Ending::Clean } else { Ending::Findings })
}

/// One file through the checker, with a progress line where somebody watches.
fn run(
    linter: &Linter,
    file: &str,
    mut each: impl FnMut(Row) -> Result<(), Failure>,
) -> Result<Totals, Failure> {
    let mut input = lint::open(file)?;
    let watched = std::io::stderr().is_terminal();
    let mut n = 0usize;
    let totals = linter.run(&mut *input, file, &mut |row| {
        n += 1;
        if watched && n.is_multiple_of(1024) {
            let _ = write!(std::io::stderr(), "\r{n} programs");
        }
        each(row)
    });
    if watched && n >= 1024 {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    totals
}
