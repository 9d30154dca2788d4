//! Evidence in which nothing is that the answer depends on.

use reasmory_diag::{Code, Diagnostic};
use reasmory_geom::View;
use reasmory_ops::OpId;
use reasmory_scene::Place;
use reasmory_types::Ty;

use super::views::{Camera, drawn, instances};
use super::{Cx, Findings, arg, op};
use crate::hir::{Expr, ExprKind, Stmt, StmtKind, Vn};

/// What the answer depends on.
#[derive(Default)]
struct Subject {
    /// Objects, by id.
    objects: Vec<u32>,
    /// Views and photos.
    views: Vec<Vn>,
    /// Something whose objects are not known: then nothing is unrelated.
    open: bool,
}

pub(super) fn program(cx: &Cx<'_>, out: &mut Findings) {
    let (Some(m), Some(known)) = (cx.scene, cx.known()) else { return };
    let mut shows = Vec::new();
    shown(&cx.program.main.stmts, &mut shows);
    if shows.is_empty() {
        return;
    }
    let mut subject = Subject::default();
    decides(cx, &cx.program.main.stmts, &mut subject);
    if subject.open || subject.objects.is_empty() {
        return;
    }
    for e in shows {
        if about(cx, e, &subject.views) {
            continue;
        }
        let Some(views) = pictured(cx, e, known) else { continue };
        // Marks say what is meant, and have a lint of their own.
        if op(e, OpId::Ego)
            .and_then(|a| arg(a, 1))
            .is_some_and(|m| !matches!(&m.kind, ExprKind::List(marks) if marks.is_empty()))
        {
            continue;
        }
        if views.iter().any(|v| super::nothing_in_view::is_empty(m, &Camera::new(v, m))) {
            continue;
        }
        let misses = |id: &u32| {
            m.instance(*id).is_none_or(|i| views.iter().all(|v| Camera::new(v, m).misses(&i.obb)))
        };
        if views.is_empty() || !subject.objects.iter().all(misses) {
            continue;
        }
        let names: Vec<String> =
            subject.objects.iter().take(3).map(|id| m.instance_name(*id)).collect();
        out.push(
            Diagnostic::new(
                Code::UnrelatedEvidence,
                e.span,
                "this picture has nothing that the answer is about",
            )
            .label("shows none of it")
            .note(format!("the answer is about {}", names.join(", ")))
            .help("look at what the answer is about, or show it from above: `top(mark=[…])`"),
        );
    }
}

fn shown<'s>(stmts: &'s [Stmt], out: &mut Vec<&'s Expr>) {
    for s in stmts {
        match &s.kind {
            StmtKind::Show(e) => out.push(e),
            StmtKind::If(_, a, b) => {
                shown(a, out);
                shown(b, out);
            }
            _ => {}
        }
    }
}

/// The views of a picture, all known; marks are drawn where they are and so count as shown.
fn pictured(cx: &Cx<'_>, e: &Expr, known: &crate::known::Known<'_>) -> Option<Vec<View>> {
    if let Some(args) = op(e, OpId::Picture) {
        return match known.place(arg(args, 0)?)? {
            Place::Photo(n) => Some(vec![cx.scene?.photo(n)?.view()]),
            _ => None,
        };
    }
    drawn(e).into_iter().map(|v| known.view(v)).collect()
}

/// Adds what answers, and the conditions and assertions on the way, depend on.
fn decides(cx: &Cx<'_>, stmts: &[Stmt], s: &mut Subject) {
    for st in stmts {
        match &st.kind {
            StmtKind::Answer(e, _) => depends(cx, e, s),
            StmtKind::Assert(c, _) => depends(cx, c, s),
            StmtKind::If(c, a, b) => {
                depends(cx, c, s);
                decides(cx, a, s);
                decides(cx, b, s);
            }
            StmtKind::For(_, list, b) => {
                depends(cx, list, s);
                decides(cx, b, s);
            }
            _ => {}
        }
    }
}

fn depends(cx: &Cx<'_>, e: &Expr, s: &mut Subject) {
    if s.open {
        return;
    }
    let open = cx.look(true, || {
        follow(cx, e, s);
        s.open
    });
    s.open |= open;
}

fn follow(cx: &Cx<'_>, e: &Expr, s: &mut Subject) {
    match &e.ty {
        Ty::View | Ty::Photo => s.views.push(e.vn),
        Ty::Object => match instances(cx, e) {
            Some(ids) => s.objects.extend(ids),
            None => s.open = true,
        },
        Ty::List(t) if **t == Ty::Object => match instances(cx, e) {
            // All there is: whatever is shown is part of it.
            Some(ids) if cx.scene.is_none_or(|m| ids.len() < m.instances.len()) => {
                s.objects.extend(ids);
            }
            _ => s.open = true,
        },
        // Categories by other ways than a list of objects.
        Ty::Category | Ty::Region | Ty::Noun => {
            let ids = match &cx.value(e).kind {
                ExprKind::Category(c) => {
                    cx.scene.and_then(|m| m.category(c)).map(|c| c.instances.clone())
                }
                _ => None,
            };
            match ids {
                Some(ids) => s.objects.extend(ids),
                None => s.open = true,
            }
        }
        _ => {}
    }
    match &e.kind {
        ExprKind::Local(id) => match cx.bound(*id) {
            Some(v) => depends(cx, v, s),
            None => s.open = true,
        },
        // What functions and choices from lists look at is not followed.
        ExprKind::Inline { lambda: Some(_), .. } | ExprKind::Comprehension { .. } => s.open = true,
        ExprKind::Call(name, _)
            if cx.function(name).is_none_or(|f| !f.std || looks_around(name)) =>
        {
            s.open = true;
        }
        ExprKind::Op { op: OpId::Objects, args, .. } if arg(args, 0).is_none() => s.open = true,
        ExprKind::Op { op: OpId::Occluders | OpId::Categories | OpId::Photos, .. } => s.open = true,
        _ => e.for_each_child(&mut |c| depends(cx, c, s)),
    }
}

/// Library functions that look at every object.
fn looks_around(name: &str) -> bool {
    matches!(name, "clearance" | "in_view" | "ahead")
}

/// Whether a picture is of one of the views; so it is where that cannot be followed.
fn about(cx: &Cx<'_>, e: &Expr, views: &[Vn]) -> bool {
    cx.look(true, || {
        let mut found = matches!(e.ty, Ty::View | Ty::Photo) && views.contains(&e.vn);
        if let ExprKind::Local(id) = &e.kind
            && let Some(v) = cx.bound(*id)
        {
            found = found || about(cx, v, views);
        }
        e.for_each_child(&mut |c| found = found || about(cx, c, views));
        found
    })
}
