//! What the checker says of a translation, in the words of plans.

use reasmory_diag::{Code, Diagnostic, Note};

use crate::Translation;

/// Adapts a finding of the checker about a translation to the plan: its help speaks of tools, its repairs
/// only replace literals that mean the same in both, and indices from 0 are explained. `None` for a finding
/// that the plan has by another name.
pub fn adapt(mut d: Diagnostic, plan: &Translation) -> Option<Diagnostic> {
    match d.code {
        // What the plan binds and never reads is said of the plan's own names.
        Code::UnusedBinding => return None,
        // A plan gathers evidence, and who reads it answers: the answer is not the plan's to be judged by.
        Code::OptionMismatch
        | Code::AnswerKind
        | Code::AnswerUnit
        | Code::EvidenceOnly
        | Code::AnswerOutsideOptions
        | Code::UnreachableOption
        | Code::OptionsAlike
        | Code::DirectionSectors
        | Code::RelationNotAsked => return None,
        _ => {}
    }
    let said = |x: &Diagnostic| {
        x.code == d.code
            && (x.primary.span == d.primary.span
                || matches!(d.code, Code::RenderLimit | Code::MissingData))
    };
    if plan.diagnostics.iter().any(said) {
        return None;
    }
    d.suggestions.retain(|s| s.edits.iter().all(|e| plan.literals.contains(&e.span)));
    let help = match d.code {
        Code::SeveralInstances => Some(
            "choose one: `safe_select(…, selection_criteria=\"nearest to the NAME\")[\"position\"]`; \
             `nearest`, `farthest`, `largest`, `smallest`, `highest`, `lowest`, `leftmost` and `rightmost` \
             need no model",
        ),
        Code::SamePlace => Some("look at another place, or give `forward=` a camera's direction"),
        Code::ModelUnavailable => Some(
            "choose by geometry: `nearest`, `farthest`, `largest`, `smallest`, `highest`, `lowest`, \
             `leftmost`, `rightmost` or `nearest to the NAME`; or run with a model",
        ),
        Code::IndexOutOfRange => Some("choose an instance that is there, counted from `[0]`"),
        Code::MetricRequired => Some("pass queried positions: this memory's scale is not known"),
        _ => None,
    };
    if let Some(help) = help {
        d.notes.retain(|n| matches!(n, Note::Note(_)));
        d = d.help(help);
    } else {
        // Advice in the other language's terms is no help here.
        d.notes.retain(|n| match n {
            Note::Help(h) => {
                !h.contains("(of=") && !h.contains("objects(\"") && !h.contains("count_of(")
            }
            Note::Note(n) => !n.starts_with('`'),
        });
        if !d.notes.iter().any(|n| matches!(n, Note::Help(_))) {
            d = d.help("see `reasmory translate` for the program that this plan means");
        }
    }
    if let Some(note) = plan.notes.get(&d.primary.span) {
        d = d.note(note.clone());
    }
    Some(d)
}
