//! Optimising a program, and saying what was done.

use std::sync::Arc;

use reasmory_ir::Loc;
use reasmory_span::LineIndex;

use crate::Program;

/// How far a program is optimised before it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OptLevel {
    /// Not at all: what lowering made.
    None,
    /// By every pass that no run can tell from none.
    #[default]
    Full,
}

/// Whether and how to optimise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Optimise {
    /// Level.
    pub level: OptLevel,
    /// Show an input photo in place of a render from exactly its view.
    pub reuse_photos: bool,
}

impl Optimise {
    /// Not at all.
    pub const NONE: Optimise = Optimise { level: OptLevel::None, reuse_photos: false };
}

impl Program {
    /// The program optimised, and what was done, a line each: `p.rsm:2:5: number: …`.
    pub fn optimised(&self, how: Optimise) -> (Program, Vec<String>) {
        if how.level == OptLevel::None {
            return (self.clone(), vec![]);
        }
        let options = reasmory_opt::Options { reuse_photos: how.reuse_photos };
        match reasmory_opt::optimise(&self.mir, options) {
            Ok(done) => {
                let remarks = self.describe(&done.remarks);
                (Program { mir: Arc::new(done.program), ..self.clone() }, remarks)
            }
            Err(e) => {
                // The program as it is means the same.
                debug_assert!(false, "the optimiser made MIR that does not verify: {e}");
                (self.clone(), vec![format!("not optimised, by a bug of Reasmory: {e}")])
            }
        }
    }

    fn describe(&self, remarks: &[reasmory_opt::Remark]) -> Vec<String> {
        let index = LineIndex::new(&self.source.text);
        let place = |loc: Loc| {
            let at = index.line_col(&self.source.text, self.span(loc).start);
            format!("{}:{}", at.line, at.column)
        };
        let mut out: Vec<String> = Vec::new();
        for r in remarks {
            let (name, at) = (&self.source.name, place(r.loc));
            let mut line = format!("{name}:{at}: {}: {}", r.pass.name(), r.message);
            if let Some(other) = r.other {
                line += &format!(" ({})", place(other));
            }
            // A library function has many instructions at one place of the program.
            if !out.contains(&line) {
                out.push(line);
            }
        }
        out
    }
}
