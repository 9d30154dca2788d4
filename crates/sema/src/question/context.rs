//! What every rule reads, and where it reports.

use reasmory_diag::{Diagnostic, Edit, Suggestion};
use reasmory_scene::Manifest;
use reasmory_span::Span;
use reasmory_types::Unit;

use super::decomposition::Decomposition;
use super::flow::{Flow, Place};
use super::model::Question;
use super::uses::Uses;
use crate::hir::{Expr, ExprKind, Program, Stmt, StmtKind};

/// An `answer` of the program.
#[derive(Clone, Copy)]
pub(crate) struct Answer<'h> {
    /// The value.
    pub(crate) value: &'h Expr,
    /// The unit that the program asks to print it in.
    pub(crate) unit: Option<&'static Unit>,
}

/// What a rule reads and writes.
pub(crate) struct Cx<'h> {
    pub(crate) question: &'h Question,
    pub(crate) scene: Option<&'h Manifest>,
    pub(crate) text: &'h str,
    /// Whether a model reads what is shown.
    pub(crate) model: bool,
    /// Whether a part of the program has no meaning, so that what is not found may still be meant.
    pub(crate) broken: bool,
    pub(crate) flow: Flow<'h>,
    pub(crate) answers: Vec<Answer<'h>>,
    /// The last `show`.
    pub(crate) shown: Option<Span>,
    pub(crate) out: Vec<Diagnostic>,
}

impl<'h> Cx<'h> {
    pub(crate) fn new(
        question: &'h Question,
        program: &'h Program,
        text: &'h str,
        scene: Option<&'h Manifest>,
        model: bool,
        broken: bool,
    ) -> Cx<'h> {
        let mut cx = Cx {
            question,
            scene,
            text,
            model,
            broken,
            flow: Flow::new(program),
            answers: Vec::new(),
            shown: None,
            out: Vec::new(),
        };
        cx.collect(&program.main.stmts);
        cx
    }

    fn collect(&mut self, stmts: &'h [Stmt]) {
        for s in stmts {
            match &s.kind {
                StmtKind::Answer(value, unit) if value.ty.has_error() => {
                    let _ = unit;
                    self.broken = true;
                }
                StmtKind::Answer(value, unit) => self.answers.push(Answer { value, unit: *unit }),
                StmtKind::Show(_) => self.shown = Some(s.span),
                StmtKind::If(_, a, b) => {
                    self.collect(a);
                    self.collect(b);
                }
                StmtKind::For(_, _, b) => self.collect(b),
                _ => {}
            }
        }
    }

    /// Where a finding about the whole program stands: its answer, else what it shows last.
    pub(crate) fn place(&self) -> Span {
        self.answers.first().map(|a| a.value.span).or(self.shown).unwrap_or_default()
    }

    /// What the answer is computed from; what is shown, where there is no answer.
    pub(crate) fn uses(&self) -> Uses<'h> {
        let roots = if self.answers.is_empty() { self.flow.shown() } else { self.flow.answering() };
        Uses::of(&self.flow, roots)
    }

    /// Whether nothing at error level was reported yet.
    pub(crate) fn is_clean(&self) -> bool {
        !self.out.iter().any(Diagnostic::is_error)
    }

    /// How the memory spells a thing of the question, where it surely has it; else the words themselves.
    pub(crate) fn spelled(&self, entity: &str) -> String {
        let known: Vec<&str> = self
            .scene
            .map(|s| s.categories.iter().map(|c| c.name.as_str()).collect())
            .unwrap_or_default();
        let bare = super::words::bare(entity);
        super::words::category_of(bare, &known).unwrap_or(bare).to_owned()
    }

    /// The chain of views that a question asks for, as a program writes it.
    pub(crate) fn chain(&self, asked: &Decomposition) -> String {
        asked.chain(&|t| self.spelled(t))
    }

    /// Whether the memory, where there is one, has a category that a phrase can mean.
    pub(crate) fn has_category(&self, entity: &str) -> bool {
        self.scene.is_none_or(|s| s.categories.iter().any(|c| super::words::names(entity, &c.name)))
    }

    /// The text of an expression of the user's.
    pub(crate) fn quote(&self, at: Place<'_>) -> &'h str {
        self.flow.span(at).text(self.text)
    }
}

/// An edit that puts `before` and `after` around a span.
pub(crate) fn around(span: Span, before: &str, after: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    if !before.is_empty() {
        edits.push(Edit { span: Span::at(span.start), insert: before.to_owned() });
    }
    edits.push(Edit { span: Span::at(span.end), insert: after.to_owned() });
    edits
}

/// Whether something can be written right behind an expression, without parentheses around it.
pub(crate) fn is_postfix(e: &Expr) -> bool {
    !matches!(
        e.kind,
        ExprKind::Arith(..)
            | ExprKind::Neg(_)
            | ExprKind::If(..)
            | ExprKind::Compare(..)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Not(_)
            | ExprKind::Range(..)
    )
}

/// A repair of several edits.
pub(crate) fn suggestion(
    title: impl Into<String>,
    edits: Vec<Edit>,
    applicability: reasmory_diag::Applicability,
) -> Suggestion {
    Suggestion { title: title.into(), edits, applicability }
}
