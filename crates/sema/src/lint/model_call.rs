//! A model call: the only thing in the language whose value can differ between two runs. Off by default,
//! for those who need answers that do not.

use reasmory_diag::{Code, Diagnostic};
use reasmory_ops::Effect;

use super::{Cx, Findings};
use crate::hir::{Expr, ExprKind};

pub(super) fn expr(_: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let ExprKind::Op { op, .. } = &e.kind else { return };
    if op.def().effect != Effect::Model {
        return;
    }
    out.push(
        Diagnostic::new(
            Code::ModelCall,
            e.span,
            format!("what `{}` gives can differ from run to run", op.name()),
        )
        .label("asks a model")
        .note("every other operation gives the same value in every run")
        .help("choose by geometry, or run with recorded answers: `--model replay:FILE`"),
    );
}
