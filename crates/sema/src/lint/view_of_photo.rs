//! A view that reproduces an input photo: the photo itself is sharper and costs nothing.

use reasmory_diag::{Applicability, Code, Diagnostic, Edit};
use reasmory_ops::OpId;

use super::{Cx, Findings, arg, op};
use crate::hir::{Expr, ExprKind};

pub(super) fn expr(cx: &Cx<'_>, e: &Expr, out: &mut Findings) {
    let Some(args) = op(e, OpId::Ego) else { return };
    let (Some(view), Some(marks)) = (arg(args, 0), arg(args, 1)) else { return };
    // Marks are drawn on the rendered picture alone.
    if !matches!(&marks.kind, ExprKind::List(m) if m.is_empty()) {
        return;
    }
    let Some(photo) = op(cx.value(view), OpId::View).and_then(|a| arg(a, 0)) else { return };
    let number = op(cx.value(photo), OpId::Photo).and_then(|a| arg(a, 0)?.facts.int);
    // A memory that keeps no picture of the photo can only render it.
    cx.looks_closer();
    let stored = cx.scene.map(|m| {
        number.and_then(|n| m.photo(u32::try_from(n).ok()?)).is_some_and(|p| p.image.is_some())
    });
    if stored == Some(false) {
        return;
    }
    let mut d = Diagnostic::new(
        Code::ViewOfPhoto,
        e.span,
        match number {
            Some(n) => format!("this view is that of photo {n}"),
            None => "this view is that of a photo".to_owned(),
        },
    )
    .label("a rendering of what a photo shows")
    .help("show the photo itself: it is sharper, and has no gaps");
    let written = cx.quote(photo.span);
    if written.starts_with("photo(") || matches!(photo.kind, ExprKind::Local(_)) {
        // Whether the memory has the picture is known only with the memory.
        let applicability =
            if stored.is_some() { Applicability::Safe } else { Applicability::Unsafe };
        d = super::repair(
            d,
            "show the photo",
            applicability,
            Some(vec![Edit { span: e.span, insert: written.to_owned() }]),
        );
    }
    out.push(d);
}
