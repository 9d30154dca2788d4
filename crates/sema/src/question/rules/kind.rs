//! E0702: an answer of another kind than the question asks for.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_span::Span;
use reasmory_types::{Dim, Direction, Ty, UNITS, Unit};

use crate::hir::{Arith, ExprKind};
use crate::question::context::{Answer, around, is_postfix, suggestion};
use crate::question::expected::Kind;
use crate::question::options::Met;
use crate::question::values::{Value, values};
use crate::question::{Cx, units};

/// Whether the answer is of the kind that is asked for.
pub(super) fn check<'h>(cx: &mut Cx<'h>, answer: Answer<'h>) -> bool {
    let Some(kind) = cx.question.kind else { return true };
    let x = answer.value;
    if kind.takes(&x.ty) || (x.ty == Ty::Text && words_fit(cx, kind, answer)) {
        return true;
    }
    let mut d = Diagnostic::new(
        Code::AnswerKind,
        x.span,
        format!("the question asks for {}, and the answer is `{}`", kind.asked(), x.ty),
    )
    .label(format!("this is `{}`", x.ty))
    .fact("expected", kind.asked())
    .fact("found", x.ty.to_string());
    d = match (kind, &x.ty) {
        (Kind::Count, Ty::List(_)) if is_postfix(x) => d
            .help("count the members")
            .fix(Applicability::Safe, "count the members", Span::at(x.span.end), ".count()"),
        (Kind::Count, t) if *t == Ty::NUMBER => d.help("make it whole").suggest(suggestion(
            "round it",
            around(x.span, "round(", ")"),
            Applicability::Unsafe,
        )),
        (Kind::Count, _) => d.help("count instances: `objects(\"…\").count()`"),
        (Kind::Measure(dim), Ty::Int | Ty::Quantity(Dim::NONE)) => divided(cx, d, answer, dim),
        (Kind::Measure(Dim::LENGTH), Ty::Size) if is_postfix(x) => d
            .help("read one extent: `.length`, `.width`, `.height`; `longest_side(…)` is the largest"),
        (Kind::Measure(dim), Ty::Object | Ty::Category | Ty::Text | Ty::List(_)) => {
            let d = d.help(format!("answer what is measured of it, a `{dim}`"));
            let measure = match dim {
                Dim::LENGTH => "longest_side(",
                Dim::AREA => "footprint(",
                Dim::VOLUME => "volume(",
                _ => "",
            };
            let unit = cx.question.unit.filter(|u| u.dim == dim);
            let close = unit.map_or(")".to_owned(), |u| format!(") as {}", u.name));
            if x.ty == Ty::Object && !measure.is_empty() {
                d.suggest(suggestion(
                    format!("answer its {}", measure.trim_end_matches('(').replace('_', " ")),
                    around(x.span, measure, &close),
                    Applicability::Unsafe,
                ))
            } else {
                d
            }
        }
        (Kind::Direction, t) if *t == Ty::ANGLE => {
            d.help("`side(…, from=me, among=[…])` gives the direction of an angle")
        }
        (Kind::YesNo, _) => d.help("answer a condition: a relation (`is_…`), a comparison, `sees`"),
        (Kind::Object, Ty::List(_)) => d.help(
            "choose one: `.min_by(x => …)`, `.max_by(x => …)`, `.nearest(to=…)`; `.first()` takes the first",
        ),
        (Kind::Order, _) => d.help("sort a list: `[…].sort_by(c => first_seen(c))`"),
        _ => d.help(format!("answer {}", kind.asked())),
    };
    cx.out.push(d);
    false
}

/// Whether texts are the words of the kind, or of the options.
fn words_fit<'h>(cx: &Cx<'h>, kind: Kind, answer: Answer<'h>) -> bool {
    let found = values(&cx.flow, cx.scene, (answer.value, 0));
    if !cx.question.options.is_empty() {
        // Which option a text meets is the options' rule.
        return true;
    }
    let Some(found) = found else { return false };
    found.all.iter().all(|v| {
        let Value::Text(t) = v else { return false };
        match kind {
            Kind::Direction => Direction::from_spoken(t).is_some(),
            Kind::YesNo => {
                let both = crate::question::Options::new(&["yes", "no"]);
                both.meet(&Met::Text(t)).is_some()
            }
            Kind::Count | Kind::Number => {
                units::leading_number(t).is_some_and(|(_, rest)| rest.is_empty())
            }
            _ => false,
        }
    })
}

/// `d / 1cm` is the number of centimetres: the quantity itself prints the same with its unit.
fn divided(cx: &Cx<'_>, d: Diagnostic, answer: Answer<'_>, dim: Dim) -> Diagnostic {
    let x = answer.value;
    if let ExprKind::Arith(Arith::Div, a, b) = &x.kind
        && a.ty == Ty::Quantity(dim)
        && let ExprKind::Float(by) = b.kind
        && let Some(unit) = unit_of(cx, dim, by)
        && is_postfix(a)
        && x.span.end == b.span.end
    {
        return d.help("answer the quantity, printed in its unit").fix(
            Applicability::Safe,
            format!("print it in `{}`", unit.name),
            Span::new(a.span.end, x.span.end),
            format!(" as {}", unit.name),
        );
    }
    d.help(format!("answer a `{dim}`: a bare number has no unit"))
}

fn unit_of(cx: &Cx<'_>, dim: Dim, value: f64) -> Option<&'static Unit> {
    let divisor = UNITS.iter().find(|u| u.dim == dim && u.to_canonical(1.0) == value)?;
    // The unit that is asked for, where the program divides by another.
    Some(cx.question.unit.filter(|u| u.dim == dim).unwrap_or(divisor))
}
