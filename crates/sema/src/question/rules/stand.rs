//! E0710 and E0711: the stand and the facing that a question spells out; its moves are in `motions`.
//!
//! A program may make many views. One that is used and does all that is asked is enough; else the findings
//! are about the one that comes closest. What is not known of a view is never held against it.

use reasmory_diag::{Applicability, Code, Diagnostic, Edit};
use reasmory_types::Ty;

use super::motions::{self, Gap};
use crate::hir::ExprKind;
use crate::question::chain::{Chain, Facing, Start, chains};
use crate::question::context::suggestion;
use crate::question::decomposition::{Anchor, Decomposition};
use crate::question::flow::Place;
use crate::question::relation::Relation;
use crate::question::uses::Uses;
use crate::question::values::{Value, members, values};
use crate::question::{Cx, words};

/// How a view compares with what is asked.
struct Fit<'h> {
    chain: Chain<'h>,
    stand: bool,
    facing: bool,
    gaps: Vec<Gap<'h>>,
}

impl Fit<'_> {
    fn cost(&self) -> usize {
        4 * usize::from(!self.stand) + 2 * usize::from(!self.facing) + self.gaps.len()
    }
}

pub(super) fn check<'h>(cx: &mut Cx<'h>, uses: &Uses<'h>) {
    let Some(asked) = cx.question.decomposition.as_ref() else { return };
    if asked.at.is_none() && asked.facing.is_none() && asked.motions.is_empty() {
        return;
    }
    let mut best: Option<Fit<'h>> = None;
    for view in &uses.views {
        for chain in chains(&cx.flow, *view) {
            let fit = compare(cx, asked, chain);
            if best.as_ref().is_none_or(|b| fit.cost() < b.cost()) {
                best = Some(fit);
            }
        }
    }
    if cx.flow.exhausted() {
        return;
    }
    let Some(fit) = best else { return without_views(cx, asked, uses) };
    let exchanged = !fit.stand && !fit.facing && exchanged(cx, asked, &fit.chain);
    if !fit.stand && !exchanged {
        wrong_stand(cx, asked, &fit.chain);
    }
    if !fit.facing && !exchanged {
        wrong_facing(cx, asked, &fit.chain);
    }
    motions::report(cx, asked, &fit.chain, fit.gaps);
}

fn compare<'h>(cx: &Cx<'h>, asked: &'h Decomposition, chain: Chain<'h>) -> Fit<'h> {
    let stand = match (&asked.at, chain.start) {
        (None, _) | (_, Start::Unknown) => true,
        (Some(Anchor::Photo(n)), Start::Photo(number, _)) => {
            number.is_none_or(|m| m == i64::from(*n))
        }
        (Some(Anchor::Photo(_)), Start::At(_)) => false,
        (Some(Anchor::Thing(_)), Start::Photo(..)) => false,
        (Some(Anchor::Thing(t)), Start::At(at)) => is_thing(cx, at, t),
    };
    let facing = match (&asked.facing, chain.facing) {
        (None, _) | (_, Facing::Unknown) => true,
        (Some(Anchor::Photo(n)), Facing::Photo) => match chain.start {
            Start::Photo(Some(m), _) => m == i64::from(*n),
            _ => true,
        },
        // A photo may well look at the thing; a thing may well lie where a photo looks.
        (Some(Anchor::Thing(_)), Facing::Photo) => true,
        (Some(Anchor::Photo(_)), Facing::Thing(_)) => true,
        (Some(Anchor::Thing(t)), Facing::Thing(at)) => is_thing(cx, at, t),
    };
    let gaps = if chain.known { motions::compare(asked, &chain) } else { vec![] };
    Fit { chain, stand, facing, gaps }
}

/// Whether a place can be the thing that a question names.
fn is_thing<'h>(cx: &Cx<'h>, at: Place<'h>, entity: &str) -> bool {
    let (mut e, frame) = at;
    while let ExprKind::Coerce(_, inner) = &e.kind {
        e = inner;
    }
    let found = match &e.ty {
        Ty::Object => values(&cx.flow, cx.scene, (e, frame)),
        Ty::List(m) if **m == Ty::Object => members(&cx.flow, cx.scene, (e, frame)),
        _ => None,
    };
    found.is_none_or(|f| {
        f.all.iter().any(|v| match v {
            Value::Noun(n) | Value::Text(n) => words::names(entity, n),
            Value::Bool(_) | Value::Direction(_) => true,
        })
    })
}

/// No view at all: fine where a thing is measured from, which needs no eyes.
fn without_views(cx: &mut Cx<'_>, asked: &Decomposition, uses: &Uses<'_>) {
    let relation = cx.question.relation();
    let needs =
        !asked.motions.is_empty() || relation.map_or(asked.facing.is_some(), Relation::needs_view);
    let used = match &asked.at {
        Some(Anchor::Thing(t)) => uses.names(t) || !cx.has_category(t),
        Some(Anchor::Photo(_)) => uses.operations.contains("photo"),
        None => true,
    };
    if !needs && used {
        return;
    }
    let d = Diagnostic::new(
        Code::StandNotRealised,
        cx.place(),
        format!("the question is asked {}, and the program takes no view", from(asked)),
    )
    .label("nobody stands there")
    .help(format!("take the view: `me = {}`", cx.chain(asked)))
    .fact("expected", cx.chain(asked));
    cx.out.push(d);
}

/// `from the sofa`.
fn from(asked: &Decomposition) -> String {
    match (&asked.at, &asked.facing) {
        (Some(a), _) => format!("from {}", named(a)),
        (None, Some(a)) => format!("facing {}", named(a)),
        (None, None) => "after moves".to_owned(),
    }
}

fn named(a: &Anchor) -> String {
    match a {
        Anchor::Photo(n) => format!("photo {n}"),
        Anchor::Thing(t) => format!("the `{}`", words::bare(t)),
    }
}

/// How a program writes a thing or photo as an argument.
fn written(cx: &Cx<'_>, a: &Anchor) -> String {
    match a {
        Anchor::Photo(n) => format!("photo({n})"),
        Anchor::Thing(t) => format!("the(\"{}\")", cx.spelled(t)),
    }
}

fn stood<'h>(chain: &Chain<'h>) -> Option<Place<'h>> {
    match chain.start {
        Start::At(p) | Start::Photo(_, p) => Some(p),
        Start::Unknown => None,
    }
}

fn faced<'h>(chain: &Chain<'h>) -> Option<Place<'h>> {
    match chain.facing {
        Facing::Thing(p) => Some(p),
        Facing::Photo | Facing::Unknown => None,
    }
}

/// The two places the wrong way round are one mistake.
fn exchanged<'h>(cx: &mut Cx<'h>, asked: &Decomposition, chain: &Chain<'h>) -> bool {
    let (Some(Anchor::Thing(at)), Some(Anchor::Thing(facing))) = (&asked.at, &asked.facing) else {
        return false;
    };
    let (Some(here), Some(there)) = (stood(chain), faced(chain)) else { return false };
    if !is_thing(cx, here, facing) || !is_thing(cx, there, at) {
        return false;
    }
    let (a, b) = (cx.flow.span(here), cx.flow.span(there));
    let (here_text, there_text) = (cx.quote(here), cx.quote(there));
    let mut d = Diagnostic::new(
        Code::StandNotRealised,
        a,
        format!(
            "the question has the viewer stand at the `{}` and face the `{}`, not the other way round",
            words::bare(at),
            words::bare(facing)
        ),
    )
    .label("stands at what is to be faced")
    .also(b, "faces where it is to stand")
    .fact("expected", cx.chain(asked));
    if cx.flow.is_users(here) && cx.flow.is_users(there) {
        let edits = vec![
            Edit { span: a, insert: there_text.to_owned() },
            Edit { span: b, insert: here_text.to_owned() },
        ];
        d = d.suggest(suggestion("exchange the two", edits, Applicability::Safe));
    }
    cx.out.push(d);
    true
}

fn wrong_stand<'h>(cx: &mut Cx<'h>, asked: &Decomposition, chain: &Chain<'h>) {
    let (Some(at), Some(here)) = (&asked.at, stood(chain)) else { return };
    let span = cx.flow.span(here);
    let mut d = Diagnostic::new(
        Code::StandNotRealised,
        span,
        format!("the question is asked from {}, and the program stands elsewhere", named(at)),
    )
    .label("stands here")
    .fact("expected", cx.chain(asked));
    d = match (at, chain.start) {
        // A photo's own view cannot become a stand by another argument.
        (Anchor::Thing(_), Start::Photo(..)) | (Anchor::Photo(_), Start::At(_)) => {
            d.help(format!("take the view: `{}`", cx.chain(asked)))
        }
        _ => replace(cx, d, here, at, "stand"),
    };
    cx.out.push(d);
}

fn wrong_facing<'h>(cx: &mut Cx<'h>, asked: &Decomposition, chain: &Chain<'h>) {
    let Some(facing) = &asked.facing else { return };
    let Some(there) = faced(chain).or_else(|| stood(chain)) else { return };
    let d = Diagnostic::new(
        Code::FacingNotRealised,
        cx.flow.span(there),
        format!(
            "the question has the viewer face {}, and the program faces elsewhere",
            named(facing)
        ),
    )
    .label("faces here")
    .fact("expected", cx.chain(asked));
    let d = match (facing, chain.facing) {
        (Anchor::Thing(_), Facing::Thing(_)) => replace(cx, d, there, facing, "face"),
        _ => d.help(format!("take the view: `{}`", cx.chain(asked))),
    };
    cx.out.push(d);
}

fn replace<'h>(
    cx: &Cx<'h>,
    d: Diagnostic,
    at: Place<'h>,
    wanted: &Anchor,
    verb: &str,
) -> Diagnostic {
    let text = written(cx, wanted);
    let verb = if verb == "stand" { "stand at" } else { verb };
    if !cx.flow.is_users(at) || matches!(at.0.kind, ExprKind::Local(_)) {
        return d.help(format!("{verb} `{text}`"));
    }
    d.fix(Applicability::Safe, format!("{verb} `{text}`"), cx.flow.span(at), text)
}
