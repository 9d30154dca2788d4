//! E0712 to E0715: moves that are missing, not asked for, in another order, or by another amount.

use reasmory_diag::{Applicability, Code, Diagnostic, Edit};
use reasmory_span::Span;
use reasmory_types::{Direction, Unit};

use crate::hir::{Expr, ExprKind};
use crate::question::Cx;
use crate::question::chain::{Chain, Move};
use crate::question::context::suggestion;
use crate::question::decomposition::{Decomposition, Motion};

/// One difference between the moves asked for and those made.
pub(super) enum Gap<'h> {
    /// A motion that is not made, and the place among the moves where it belongs.
    Missing(&'h Motion, usize),
    /// A move that is not asked for.
    Extra(Move<'h>),
    /// A move where another motion is asked for.
    Other(&'h Motion, Move<'h>),
    /// The same moves in another order.
    Order,
    /// A move by another amount.
    Amount(&'h Motion, Move<'h>),
}

/// The differences; none where the moves are realised. A last turn towards the one direction that is asked
/// about is part of answering it.
pub(super) fn compare<'h>(asked: &'h Decomposition, chain: &Chain<'h>) -> Vec<Gap<'h>> {
    let wanted: Vec<&Motion> = asked.motions.iter().collect();
    let mut made = chain.moves.as_slice();
    if let Some((last, before)) = made.split_last()
        && last.turn
        && asked.direction.is_some_and(|d| faces(d, last.to))
        && made.len() > wanted.len()
    {
        made = before;
    }
    let goes = |m: &Motion, v: &Move<'_>| v.goes(m);
    if made.len() == wanted.len() {
        if wanted.iter().zip(made).all(|(m, v)| goes(m, v)) {
            return wanted
                .into_iter()
                .zip(made)
                .filter(|(m, v)| other_amount(m, v))
                .map(|(m, v)| Gap::Amount(m, *v))
                .collect();
        }
        let mut left: Vec<&Move<'h>> = made.iter().collect();
        let same = wanted
            .iter()
            .all(|m| left.iter().position(|v| goes(m, v)).map(|i| left.swap_remove(i)).is_some());
        if same {
            return vec![Gap::Order];
        }
    }
    aligned(&wanted, made)
}

/// Whether a turn brings the direction that is asked about ahead.
fn faces(asked: Direction, turned: Direction) -> bool {
    use Direction as D;
    match asked {
        D::Back | D::Backward => turned == D::Back,
        other => turned == other,
    }
}

fn other_amount(m: &Motion, v: &Move<'_>) -> bool {
    let Some((x, unit)) = m.by else { return false };
    let wanted = unit.to_canonical(x);
    // An amount that is computed is not known, and so not wrong.
    match (v.by, v.amount()) {
        (Some(by), _) => (by - wanted).abs() > 1e-6 * wanted.abs().max(1.0),
        (None, Some(_)) => false,
        (None, None) => true,
    }
}

/// Differences along the longest common subsequence.
fn aligned<'h>(wanted: &[&'h Motion], made: &[Move<'h>]) -> Vec<Gap<'h>> {
    let (n, m) = (wanted.len(), made.len());
    let mut common = vec![vec![0usize; m + 1]; n + 1];
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            common[i][j] = if made[j].goes(wanted[i]) {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let mut out = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < n || j < m {
        if i < n && j < m && made[j].goes(wanted[i]) {
            if other_amount(wanted[i], &made[j]) {
                out.push(Gap::Amount(wanted[i], made[j]));
            }
            (i, j) = (i + 1, j + 1);
        } else if i < n && j < m && common[i + 1][j + 1] == common[i][j] {
            // Neither has a partner: one stands for the other.
            out.push(Gap::Other(wanted[i], made[j]));
            (i, j) = (i + 1, j + 1);
        } else if j < m && (i == n || common[i][j + 1] >= common[i + 1][j]) {
            out.push(Gap::Extra(made[j]));
            j += 1;
        } else {
            out.push(Gap::Missing(wanted[i], j));
            i += 1;
        }
    }
    out
}

pub(super) fn report<'h>(
    cx: &mut Cx<'h>,
    asked: &Decomposition,
    chain: &Chain<'h>,
    gaps: Vec<Gap<'h>>,
) {
    for gap in gaps {
        let d = match gap {
            Gap::Missing(m, at) => missing(cx, chain, m, at),
            Gap::Extra(v) => extra(cx, v),
            Gap::Other(m, v) => other(cx, m, v),
            Gap::Order => order(cx, asked, chain),
            Gap::Amount(m, v) => amount(cx, m, v),
        };
        let d = match asked.motions.is_empty() {
            true => d,
            false => d.note(format!("the question asks for `{}`", cx.chain(asked))),
        };
        cx.out.push(d.fact("expected", cx.chain(asked)));
    }
}

fn quoted(d: Diagnostic, m: &Motion) -> Diagnostic {
    match &m.quote {
        Some(q) => d.note(format!("in its words: “{q}”")),
        None => d,
    }
}

/// Whether something can be written behind a view of the user's.
fn open(cx: &Cx<'_>, at: (&Expr, usize)) -> bool {
    let calls = matches!(
        at.0.kind,
        ExprKind::Op { .. } | ExprKind::Call(..) | ExprKind::Local(_) | ExprKind::Index(..)
    );
    calls && !at.0.span.is_empty() && cx.flow.is_users(at)
}

fn missing<'h>(cx: &Cx<'h>, chain: &Chain<'h>, m: &Motion, at: usize) -> Diagnostic {
    // Behind the view that the next move starts from, or behind the last.
    let behind = match chain.moves.get(at) {
        Some(next) => next.receiver().map(|r| (r, next.call.1)),
        None => Some(chain.last),
    };
    let behind = behind.unwrap_or(chain.last);
    let after = match at.checked_sub(1).and_then(|i| chain.moves.get(i)) {
        Some(v) => format!("after `{}`", v.words()),
        None => "first".to_owned(),
    };
    let d = Diagnostic::new(
        Code::MissingMotion,
        cx.flow.span(behind),
        format!("the question has the viewer {} {after}, and the program does not", m.words()),
    )
    .label(format!("`{}` is missing here", m.call()));
    let d = quoted(d, m);
    if !open(cx, behind) {
        return d.help(format!("add `{}` to the view", m.call()));
    }
    d.fix(Applicability::Safe, format!("add `{}`", m.call()), Span::at(behind.0.span.end), m.call())
}

fn extra<'h>(cx: &Cx<'h>, v: Move<'h>) -> Diagnostic {
    let d = Diagnostic::new(
        Code::ExtraMotion,
        own_span(cx, v),
        format!("the question does not have the viewer {}", v.words()),
    )
    .label("not asked for");
    let Some(receiver) = v.receiver().filter(|_| cx.flow.is_users(v.call)) else {
        return d.help("leave it out");
    };
    let title = "leave it out";
    let call = v.call.0.span;
    if receiver.span.start == call.start {
        let rest = Span::new(receiver.span.end, call.end);
        return d.fix(Applicability::Safe, title, rest, "");
    }
    d.fix(Applicability::Safe, title, call, receiver.span.text(cx.text))
}

fn other<'h>(cx: &Cx<'h>, m: &Motion, v: Move<'h>) -> Diagnostic {
    let d = Diagnostic::new(
        Code::MissingMotion,
        own_span(cx, v),
        format!("the question has the viewer {} here, not {}", m.words(), v.words()),
    )
    .label(format!("`{}` is asked for", m.call()));
    let d = quoted(d, m);
    match v.direction() {
        // The same verb the other way: only the word is wrong.
        Some(to) if v.turn == m.turn && v.amount().is_none() && cx.flow.is_users(v.call) => {
            let direct = matches!(to.kind, ExprKind::Direction(_));
            let applicability = if direct { Applicability::Safe } else { Applicability::Unsafe };
            d.fix(applicability, format!("{} instead", m.words()), to.span, m.to.name())
        }
        _ => d.help(format!("write `{}`", m.call())),
    }
}

fn order<'h>(cx: &Cx<'h>, asked: &Decomposition, chain: &Chain<'h>) -> Diagnostic {
    let first = chain.moves.iter().zip(&asked.motions).find(|(v, m)| !v.goes(m));
    let (v, m) = match first {
        Some((v, m)) => (*v, m),
        None => match (chain.moves.first(), asked.motions.first()) {
            (Some(v), Some(m)) => (*v, m),
            _ => {
                return Diagnostic::new(
                    Code::MotionOrder,
                    cx.flow.span(chain.last),
                    "the moves are in another order than the question asks for",
                );
            }
        },
    };
    let d = Diagnostic::new(
        Code::MotionOrder,
        own_span(cx, v),
        format!(
            "the question has the viewer {} here, and {} at another place",
            m.words(),
            v.words()
        ),
    )
    .label("the right moves in another order");
    match rewritten(cx, asked, chain) {
        Some(edit) => {
            d.suggest(suggestion("move in the order asked for", vec![edit], Applicability::Safe))
        }
        None => d.help("a step after a turn goes another way than one before it: keep the order"),
    }
}

/// The moves in the order asked for, where they stand one behind the other in one expression.
fn rewritten<'h>(cx: &Cx<'h>, asked: &Decomposition, chain: &Chain<'h>) -> Option<Edit> {
    let made = &chain.moves[..asked.motions.len().min(chain.moves.len())];
    let (first, last) = (made.first()?, made.last()?);
    let base = first.receiver()?;
    let mut texts = Vec::new();
    for (i, v) in made.iter().enumerate() {
        let receiver = v.receiver()?;
        let before = if i == 0 { base.span } else { made[i - 1].call.0.span };
        if v.call.1 != first.call.1
            || receiver.span != before
            || receiver.span.start != base.span.start
        {
            return None;
        }
        texts.push((v, Span::new(receiver.span.end, v.call.0.span.end).text(cx.text)));
    }
    if !cx.flow.is_users(first.call) {
        return None;
    }
    let mut insert = String::new();
    for m in &asked.motions {
        let i = texts.iter().position(|(v, _)| v.goes(m))?;
        insert += texts.remove(i).1;
    }
    Some(Edit { span: Span::new(base.span.end, last.call.0.span.end), insert })
}

fn amount<'h>(cx: &Cx<'h>, m: &Motion, v: Move<'h>) -> Diagnostic {
    let (x, unit) = m.by.unwrap_or((0.0, &reasmory_types::UNITS[0]));
    let wanted = format!("{x}{}", unit.name);
    let made = v.by.map_or("its default".to_owned(), |by| {
        let shown = Unit::default_for(unit.dim).map_or("", |u| u.name);
        format!("{by}{shown}")
    });
    let given = v.amount();
    let d = Diagnostic::new(
        Code::MotionAmount,
        match given {
            Some(a) if cx.flow.is_users(v.call) => a.span,
            _ => own_span(cx, v),
        },
        format!(
            "the question has the viewer {} by {wanted}, and the program does by {made}",
            m.words()
        ),
    )
    .label(format!("by {made}"));
    let d = quoted(d, m);
    let title = format!("go by {wanted}");
    match given {
        _ if !cx.flow.is_users(v.call) => d.help(format!("write `{}`", m.call())),
        Some(a) => d.fix(Applicability::Safe, title, a.span, wanted),
        None => {
            let span = v.call.0.span;
            let text = span.text(cx.text);
            if !text.ends_with(')') || text.starts_with('(') {
                return d.help(format!("write `{}`", m.call()));
            }
            d.fix(Applicability::Safe, title, Span::at(span.end - 1), format!(", by={wanted}"))
        }
    }
}

/// Where a move stands: behind the view it moves, where it is written as a method.
fn own_span<'h>(cx: &Cx<'h>, v: Move<'h>) -> Span {
    let call = v.call.0.span;
    match v.receiver() {
        Some(r)
            if cx.flow.is_users(v.call) && r.span.start == call.start && r.span.end < call.end =>
        {
            Span::new(r.span.end, call.end)
        }
        _ => cx.flow.span(v.call),
    }
}
