//! A time before the first photo, or after the last by more than photos are apart.

use reasmory_diag::{Code, Diagnostic};
use reasmory_ops::OpId;

use super::{Cx, Findings, arg, op};
use crate::hir::Expr;

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let Some(at) = op(e, OpId::ViewAt).and_then(|a| arg(a, 0)) else { return };
    let i = super::ranges::interval(cx, at);
    if i.least != i.most {
        return;
    }
    let t = i.least;
    cx.looks_closer();
    let times = cx.scene.map(|m| m.photos.iter().filter_map(|p| p.time));
    let last = times.clone().into_iter().flatten().reduce(f64::max);
    // A recording ends some way after its last photo: as far as photos are apart on average.
    let n = times.map_or(0, Iterator::count);
    let end = last.map(|l| if n > 1 { l + l / (n - 1) as f64 } else { l });
    if t >= 0.0 && end.is_none_or(|end| t <= end) {
        return;
    }
    let d = Diagnostic::new(
        Code::TimeOutOfRange,
        at.span,
        match last {
            Some(l) => format!("{t} s is outside the recording, which is {l:.2} s long"),
            None => format!("{t} s is before the first photo"),
        },
    )
    .label("no photo is taken near this time");
    out.push(match last {
        Some(l) => d.help(format!("give a time from 0s to {l:.2}s")),
        None => d.help("times count from the first photo, at 0s"),
    });
}
