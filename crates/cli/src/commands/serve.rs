//! Sessions served over standard input and output.

use std::fs::OpenOptions;
use std::io::{BufRead as _, Read as _, Write as _};

use reasmory_driver::serve::{LONGEST_LINE, ServeLimits, Server, replay, transcript_line};
use reasmory_driver::{Failure, RunOptions, files};

use super::say;
use crate::Ending;
use crate::args;

pub(super) fn serve(a: &args::Serve) -> Result<Ending, Failure> {
    let scene = super::scene::open(&a.scene)?;
    let mut server = Server::new(&scene, RunOptions::default(), ServeLimits::default());
    if let Some(file) = &a.replay {
        let text = files::read_text(file)?;
        let found = replay(&mut server, &text).map_err(|e| {
            Failure::new(format!("{file}: {e}"), "a transcript is written by `serve --record FILE`")
        })?;
        return match found {
            None => {
                say(&format!("{} lines, the same bytes\n", text.lines().count()))?;
                Ok(Ending::Clean)
            }
            Some((n, then, now)) => {
                say(&format!("line {n} differs\n- {then}\n+ {now}\n"))?;
                Ok(Ending::Findings)
            }
        };
    }
    let mut record = match &a.record {
        None => None,
        Some(path) => {
            let open = OpenOptions::new().create(true).write(true).truncate(true).open(path);
            Some(open.map_err(|e| {
                Failure::new(format!("{}: {e}", path.display()), "check the folder and the disk")
            })?)
        }
    };
    let mut input = std::io::stdin().lock();
    loop {
        let mut bytes = Vec::new();
        // One byte more than a line may have: the server says that it is too long.
        let most = LONGEST_LINE as u64 + 2;
        let n = input.by_ref().take(most).read_until(b'\n', &mut bytes).map_err(|e| {
            Failure::new(format!("standard input: {e}"), "check where it comes from")
        })?;
        if n == 0 {
            return Ok(Ending::Clean);
        }
        let whole = bytes.ends_with(b"\n");
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        let answer = server.line(line);
        if let Some(text) = &answer {
            say(&format!("{text}\n"))?;
        }
        if let Some(file) = &mut record {
            let row = transcript_line(line, answer.as_deref());
            file.write_all(format!("{row}\n").as_bytes())
                .map_err(|e| Failure::new(format!("the transcript: {e}"), "check the disk"))?;
        }
        // The rest of a line that is too long is no request.
        if !whole && n as u64 == most {
            skip_line(&mut input)?;
        }
    }
}

fn skip_line(input: &mut impl std::io::BufRead) -> Result<(), Failure> {
    loop {
        let fail = |e| Failure::new(format!("standard input: {e}"), "check where it comes from");
        let buffer = input.fill_buf().map_err(fail)?;
        if buffer.is_empty() {
            return Ok(());
        }
        let (n, done) = match buffer.iter().position(|b| *b == b'\n') {
            Some(i) => (i + 1, true),
            None => (buffer.len(), false),
        };
        input.consume(n);
        if done {
            return Ok(());
        }
    }
}
