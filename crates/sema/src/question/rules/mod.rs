//! The rules, one file each.

mod alike;
mod entities;
mod evidence;
mod kind;
mod motions;
mod options;
mod relation;
mod sectors;
mod stand;
mod unit;

use reasmory_diag::Diagnostic;

use super::Cx;
use super::model::Question;
use crate::check::CheckOptions;
use crate::hir::Program;

/// What a question has against a program. `broken` says that a part of the program has no meaning.
pub(crate) fn check(
    question: &Question,
    program: &Program,
    text: &str,
    options: CheckOptions<'_>,
    broken: bool,
) -> Vec<Diagnostic> {
    let mut cx = Cx::new(question, program, text, options.scene, options.model, broken);
    evidence::check(&mut cx);
    for answer in cx.answers.clone() {
        // A value of another kind fits no unit and no option: that is said once.
        if kind::check(&mut cx, answer) {
            unit::check(&mut cx, answer);
        }
    }
    if cx.is_clean() {
        let decided = sectors::check(&mut cx);
        options::check(&mut cx, decided);
        alike::check(&mut cx);
    }
    if !cx.broken && (!cx.answers.is_empty() || cx.shown.is_some()) {
        // A program that answers another question is said to do so once.
        let other = !cx.is_clean();
        let uses = cx.uses();
        stand::check(&mut cx, &uses);
        entities::check(&mut cx, &uses);
        if !other && cx.is_clean() {
            relation::check(&mut cx, &uses);
        }
    }
    cx.out
}
