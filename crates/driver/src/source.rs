//! Programs: text to diagnostics, and to verified MIR.

use std::sync::Arc;

use reasmory_diag::Diagnostic;
use reasmory_ir::Verified;
use reasmory_sema::{CheckOptions, Reads, hir};
use reasmory_syntax::ast;
use reasmory_types::Ty;

use crate::Dialect;
use crate::dialect;

/// A program's text and the name it is reported under.
#[derive(Clone, Debug)]
pub struct Source {
    /// File name as given, or `-`.
    pub name: String,
    /// Text.
    pub text: String,
    /// What it is written in.
    pub dialect: Dialect,
}

impl Source {
    /// A source in the language itself.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        Source { name: name.into(), text: text.into(), dialect: Dialect::Reasmory }
    }

    /// The same text, written in a dialect.
    #[must_use]
    pub fn in_dialect(self, dialect: Dialect) -> Source {
        Source { dialect, ..self }
    }

    /// Where the answer of the program stands: the place of what is said about it as a whole.
    pub fn answer_place(&self) -> reasmory_span::Span {
        match self.dialect {
            Dialect::Reasmory => last_answer(&self.text),
            Dialect::Paper => dialect::plan_result(&self.text),
        }
    }
}

impl Source {
    /// Findings about this source for people, without colours.
    pub fn render(&self, diagnostics: &[Diagnostic]) -> String {
        let files =
            [reasmory_diag::render::Source { name: &self.name, text: &self.text, diagnostics }];
        reasmory_diag::render::full::render(&reasmory_diag::render::Report { files: &files }, false)
    }
}

/// The findings about a program.
#[derive(Clone, Debug)]
pub struct CheckReport {
    /// In source order.
    pub diagnostics: Vec<Diagnostic>,
    /// The typed program; complete only without errors.
    pub hir: hir::Program,
    /// Type of the answer.
    pub answer: Option<Ty>,
    /// What was read of the memory.
    pub reads: Reads,
}

impl CheckReport {
    /// Whether the program may run.
    pub fn is_ok(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The same with the report of our own mistake.
    pub(crate) fn unverified(mut self, e: &impl std::fmt::Display) -> CheckReport {
        self.diagnostics.push(
            Diagnostic::new(
                reasmory_diag::Code::OperationPanicked,
                reasmory_span::Span::default(),
                format!("the compiler made MIR that does not verify: {e}"),
            )
            .help("this is a bug of Reasmory: report the program"),
        );
        self
    }
}

/// Parses and checks; lints that a comment allows are left out.
pub fn check(source: &Source, options: CheckOptions<'_>) -> CheckReport {
    if source.dialect == Dialect::Paper {
        return dialect::check_plan(source, options);
    }
    let parsed = reasmory_syntax::parse(&source.text);
    let mut diagnostics = parsed.diagnostics;
    let options = CheckOptions { broken: diagnostics.iter().any(Diagnostic::is_error), ..options };
    let checked = reasmory_sema::check(&parsed.program, &source.text, options);
    diagnostics.extend(checked.diagnostics);
    finish(&source.text, &parsed.program, &mut diagnostics);
    CheckReport { diagnostics, hir: checked.hir, answer: checked.answer, reads: checked.reads }
}

/// What is done with the findings about any program: order, allow comments, and the most that are given.
pub(crate) fn finish(text: &str, program: &ast::Program, diagnostics: &mut Vec<Diagnostic>) {
    reasmory_diag::sort(diagnostics);
    crate::allow::apply(text, program, diagnostics);
    cap(diagnostics);
}

/// Most findings that are given for one program; more help nobody and cost whoever reads them.
const MAX_FINDINGS: usize = 100;

/// Keeps the first findings, in source order, and says how many there are besides. An error is always among
/// them where there is one, so that a program with errors never counts as clean.
fn cap(diagnostics: &mut Vec<Diagnostic>) {
    let more = diagnostics.len().saturating_sub(MAX_FINDINGS);
    if more == 0 {
        return;
    }
    if !diagnostics[..MAX_FINDINGS].iter().any(Diagnostic::is_error)
        && let Some(first) = diagnostics.iter().position(Diagnostic::is_error)
    {
        let error = diagnostics.remove(first);
        diagnostics.insert(MAX_FINDINGS - 1, error);
    }
    diagnostics.truncate(MAX_FINDINGS);
    if let Some(last) = diagnostics.pop() {
        diagnostics.push(last.note(format!("{more} more findings are not shown")));
    }
}

/// A program that checked, lowered and verified.
#[derive(Clone, Debug)]
pub struct Program {
    /// Where it came from.
    pub source: Source,
    /// MIR.
    pub mir: Arc<Verified<reasmory_ir::Program>>,
    /// Type of the answer.
    pub answer: Option<Ty>,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// What the check read of the memory: the program is the same for every memory that reads the same.
    pub reads: Reads,
}

/// Checks, lowers and verifies; gives the findings where there are errors.
pub fn compile(source: &Source, options: CheckOptions<'_>) -> Result<Program, Box<CheckReport>> {
    compile_typed(source, options).map(|(program, _)| program)
}

/// [`compile`], and the typed program.
pub(crate) fn compile_typed(
    source: &Source,
    options: CheckOptions<'_>,
) -> Result<(Program, hir::Program), Box<CheckReport>> {
    let report = check(source, options);
    if !report.is_ok() {
        return Err(Box::new(report));
    }
    let mir = reasmory_sema::lower::lower(&report.hir);
    match reasmory_ir::verify(mir) {
        Ok(verified) => {
            let program = Program {
                source: source.clone(),
                mir: Arc::new(verified),
                answer: report.answer,
                diagnostics: report.diagnostics,
                reads: report.reads,
            };
            Ok((program, report.hir))
        }
        Err(e) => Err(Box::new(report.unverified(&e))),
    }
}

/// Where the last `answer` of a program stands: the place of what is said about the answer as a whole.
pub fn last_answer(text: &str) -> reasmory_span::Span {
    let at = text
        .lines()
        .scan(0usize, |offset, line| {
            let start = *offset;
            *offset += line.len() + 1;
            Some((start, line))
        })
        .filter(|(_, line)| line.trim_start().starts_with("answer"))
        .last();
    at.map_or_else(reasmory_span::Span::default, |(start, line)| {
        reasmory_span::Span::new(start as u32, (start + line.len()) as u32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_findings_are_cut_and_an_error_stays() {
        let lints: String = (0..300).map(|i| format!("a{i} = {i}\n")).collect();
        let clean = check(&Source::new("p", format!("{lints}answer 1\n")), Default::default());
        assert_eq!((clean.diagnostics.len(), clean.is_ok()), (MAX_FINDINGS, true));
        let wrong: String = (0..300).map(|i| format!("a{i} = {i} + true\n")).collect();
        let report = check(&Source::new("p", format!("{wrong}answer 1\n")), Default::default());
        assert_eq!((report.diagnostics.len(), report.is_ok()), (MAX_FINDINGS, false));
    }
}
