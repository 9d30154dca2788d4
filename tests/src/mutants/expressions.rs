//! Defects inside expressions.

use reasmory_driver::fuzz::Random;
use reasmory_driver::sema::catalogue::Callable;
use reasmory_driver::syntax::ast::{Arg, BinaryOp, Expr, ExprKind, UnaryOp};
use reasmory_driver::types::{Dim, Direction, Ty};

use super::Operator;
use super::site::{Call, Mutant, Site};
use crate::spelling::slip;

macro_rules! table {
    ($($name:literal $code:literal $make:expr;)*) => {
        &[$(Operator { name: $name, code: $code, make: $make }),*]
    };
}

pub(super) static OPERATORS: &[Operator] = table! {
    "misspelt operation" "E0201" misspelt_operation;
    "operation in camel case" "E0201" camel_case;
    "misspelt field or operation after a point" "E0211" misspelt_field;
    "misspelt argument" "E0204" misspelt_argument;
    "argument given twice" "E0206" argument_twice;
    "argument left out" "E0205" argument_left_out;
    "argument without its name" "E0207" argument_without_name;
    "misspelt category" "E0501" misspelt_category;
    "category in the plural" "E0501" plural_category;
    "category without quotes" "E0202" category_without_quotes;
    "several instances where one is meant" "E0503" several_instances;
    "photo after the last" "E0504" |s, _| photo_number(s, 40);
    "photo zero" "E0504" |s, _| photo_number(s, 0);
    "unit left out" "E0402" unit_left_out;
    "unit of another dimension" "E0401" other_dimension;
    "space before a unit" "E0004" space_before_unit;
    "unit spelt out" "E0004" unit_spelt_out;
    "unit of another dimension after as" "E0406" other_unit_after_as;
    "unit spelt out after as" "E0004" spelt_out_after_as;
    "measured quantities compared with ==" "E0405" measured_equality;
    "index from zero" "E0902" index_from_zero;
    "misspelt direction" "E0202" misspelt_direction;
    "misspelt name" "E0202" misspelt_name;
    "counted twice" "E0301" counted_twice;
    "number where a thing is meant" "E0301" number_for_thing;
    "measure in quotes" "E0303" measure_in_quotes;
    "lambda of Python" "E0103" |s, _| lambda(s, |p| (format!("lambda {p}:"), 0..8 + p.len()));
    "lambda with ->" "E0103" |s, _| lambda(s, |p| (format!("{p} ->"), p.len() + 1..p.len() + 3));
    "&& and ||" "E0103" logic_signs;
    "! for not" "E0103" bang;
    "True and False" "E0103" |s, _| booleans(s);
    "single quotes" "E0103" |s, _| quotes(s, "'", "'");
    "curly quotes" "E0001" |s, _| quotes(s, "“", "”");
    "comma left out" "E0101" comma_left_out;
    "= for ==" "E0101" assign_for_equals;
    "quote left open" "E0002" quote_left_open;
    "else left out" "E0106" else_left_out;
    "metres on a memory without scale" "E0404" metres_without_scale;
    "photos on a memory without photos" "E0506" |s, _| missing(s, "photos");
    "room on a memory without a room" "E0506" |s, _| missing(s, "room");
};

fn misspelt_operation(s: &Site<'_>, r: &mut Random) -> Vec<Mutant> {
    s.calls()
        .iter()
        .filter(|c| c.callable.is_some() && c.args.is_some() && c.name.name.len() > 3)
        .filter_map(|c| {
            let wrong = slip(&c.name.name, r, |n| s.is_known(n))?;
            Some(s.replace(c.name.span.range(), &wrong))
        })
        .collect()
}

fn camel_case(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    s.calls()
        .iter()
        .filter(|c| c.callable.is_some() && c.name.name.contains('_') && c.args.is_some())
        .map(|c| {
            let mut parts = c.name.name.split('_');
            let mut wrong = parts.next().unwrap_or_default().to_owned();
            for p in parts {
                wrong += &p[..1].to_uppercase();
                wrong += &p[1..];
            }
            s.replace(c.name.span.range(), &wrong)
        })
        .collect()
}

fn misspelt_field(s: &Site<'_>, r: &mut Random) -> Vec<Mutant> {
    s.calls()
        .iter()
        .filter(|c| c.args.is_none() && c.name.name.len() > 3)
        .filter_map(|c| {
            let wrong = slip(&c.name.name, r, |n| s.is_known(n))?;
            Some(s.replace(c.name.span.range(), &wrong))
        })
        .collect()
}

/// The named arguments of calls of operations.
fn named<'a>(calls: &'a [Call<'a>]) -> impl Iterator<Item = (&'a Call<'a>, Callable, &'a Arg)> {
    calls.iter().filter_map(|c| Some((c, c.callable?, c.args?))).flat_map(|(c, op, args)| {
        args.iter()
            .filter(|a| a.name.as_ref().is_some_and(|n| n.name != "else"))
            .map(move |a| (c, op, a))
    })
}

fn misspelt_argument(s: &Site<'_>, r: &mut Random) -> Vec<Mutant> {
    let calls = s.calls();
    named(&calls)
        .filter_map(|(_, op, a)| {
            let name = a.name.as_ref()?;
            let wrong = slip(&name.name, r, |n| {
                op.signature().param(n).is_some() || ["if", "in", "as", "or"].contains(&n)
            })?;
            (wrong.len() > 1).then(|| s.replace(name.span.range(), &wrong))
        })
        .collect()
}

fn argument_twice(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    let calls = s.calls();
    named(&calls)
        .filter_map(|(_, _, a)| {
            let name = a.name.as_ref()?;
            let again = format!(", {}", s.source(a.span.range()));
            let end = a.span.end as usize;
            Some(s.swap(end..end, &again, 2..2 + name.name.len()))
        })
        .collect()
}

fn argument_left_out(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    let calls = s.calls();
    named(&calls)
        .filter_map(|(c, op, a)| {
            let name = a.name.as_ref()?;
            let (_, p) = op.signature().param(&name.name)?;
            let required = match op {
                Callable::Op(o) => p.required() && !o.one_of.contains(&name.name.as_str()),
                Callable::Std(_) => p.required(),
            };
            if !required {
                return None;
            }
            let mut at = a.span.range();
            let before = s.text[..at.start].trim_end();
            if before.ends_with(',') {
                at.start = before.len() - 1;
            } else if s.text[at.end..].starts_with(',') {
                return None;
            }
            Some(s.elsewhere(at, "", c.name.span.range()))
        })
        .collect()
}

fn argument_without_name(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    let calls = s.calls();
    named(&calls)
        .filter_map(|(c, op, a)| {
            let name = a.name.as_ref()?;
            let (index, _) = op.signature().param(&name.name)?;
            let variadic = matches!(op, Callable::Op(o) if o.variadic);
            // What stands before it fills the parameters before it, so that it goes where it was.
            let args = c.args?;
            let before = args.iter().take_while(|x| x.span != a.span);
            let filled = before.clone().all(|x| {
                x.name
                    .as_ref()
                    .is_none_or(|n| op.signature().param(&n.name).is_some_and(|(i, _)| i < index))
            });
            let given = before.count() + usize::from(c.receiver.is_some());
            if variadic || !filled || given != index || index < op.positional() {
                return None;
            }
            let gap = name.span.start as usize..a.value.span.start as usize;
            Some(s.elsewhere(gap, "", a.value.span.range()))
        })
        .collect()
}

/// Text literals that are a category, as the argument of an operation that takes one.
fn categories<'a>(s: &'a Site<'_>) -> Vec<(&'a str, &'a Expr)> {
    s.calls()
        .iter()
        .filter(|c| ["objects", "the", "best", "count_of"].contains(&c.name.name.as_str()))
        .filter_map(|c| match &c.args?.first()?.value {
            e @ Expr { kind: ExprKind::Text(t), .. } => {
                s.manifest.category(t).map(|_| (t.as_str(), e))
            }
            _ => None,
        })
        .collect()
}

fn misspelt_category(s: &Site<'_>, r: &mut Random) -> Vec<Mutant> {
    categories(s)
        .into_iter()
        .filter(|(t, _)| t.len() > 3)
        .filter_map(|(t, e)| {
            let wrong = slip(t, r, |n| s.manifest.category(n).is_some())?;
            Some(s.replace(e.span.range(), &format!("\"{wrong}\"")))
        })
        .collect()
}

fn plural_category(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    categories(s)
        .into_iter()
        .filter(|(t, _)| t.len() > 2 && !t.ends_with('s'))
        .map(|(t, e)| s.replace(e.span.range(), &format!("\"{t}s\"")))
        .collect()
}

fn category_without_quotes(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    categories(s)
        .into_iter()
        .filter(|(t, _)| t.bytes().all(|b| b.is_ascii_lowercase()) && !s.is_known(t))
        .map(|(t, e)| s.replace(e.span.range(), t))
        .collect()
}

fn several_instances(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    let Some(many) = s.manifest.categories.iter().find(|c| c.instances.len() > 1) else {
        return vec![];
    };
    s.calls()
        .iter()
        .filter(|c| c.name.name == "the" && c.args.is_some_and(|a| a.len() == 1))
        .filter(|c| matches!(c.args, Some([a]) if matches!(a.value.kind, ExprKind::Text(_))))
        .map(|c| s.replace(c.expr.span.range(), &format!("the(\"{}\")", many.name)))
        .collect()
}

fn photo_number(s: &Site<'_>, number: i64) -> Vec<Mutant> {
    s.calls()
        .iter()
        .filter(|c| c.name.name == "photo")
        .filter_map(|c| {
            let first = &c.args?.first()?.value;
            matches!(first.kind, ExprKind::Int(_))
                .then(|| s.replace(first.span.range(), &number.to_string()))
        })
        .collect()
}

/// Literals with a unit that stand where their dimension is asked for: on the right of a comparison, or as
/// a named argument of that dimension. With the unit's name and the comparison's operator.
fn measures<'a>(s: &'a Site<'_>) -> Vec<(&'a Expr, &'static str, Option<std::ops::Range<usize>>)> {
    let mut out = Vec::new();
    for e in s.exprs() {
        if let ExprKind::Binary { op, op_span, right, .. } = &e.kind
            && op.is_comparison()
            && let ExprKind::Measure { unit, .. } = &right.kind
            && unit.dim != Dim::NONE
        {
            out.push((&**right, unit.name, Some(op_span.range())));
        }
    }
    for c in s.calls() {
        let (Some(op), Some(args)) = (c.callable, c.args) else { continue };
        for a in args {
            let (Some(n), ExprKind::Measure { unit, .. }) = (&a.name, &a.value.kind) else {
                continue;
            };
            let ty = op.signature().param(&n.name).map(|p| &p.1.ty);
            if unit.dim != Dim::NONE && matches!(ty, Some(Ty::Quantity(_) | Ty::Extent)) {
                out.push((&a.value, unit.name, None));
            }
        }
    }
    out
}

fn digits<'t>(s: &Site<'t>, e: &Expr, unit: &str) -> &'t str {
    let text = s.source(e.span.range());
    text.strip_suffix(unit).unwrap_or(text)
}

fn unit_left_out(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    measures(s)
        .into_iter()
        .map(|(e, unit, _)| s.replace(e.span.range(), digits(s, e, unit)))
        .collect()
}

fn other_dimension(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    measures(s)
        .into_iter()
        .filter_map(|(e, unit, op)| {
            let other = if unit == "deg" { "m" } else { "deg" };
            // Metres would be a second defect there.
            if other == "m" && !s.manifest.scale.is_metric() {
                return None;
            }
            let with = format!("{}{other}", digits(s, e, unit));
            Some(s.elsewhere(e.span.range(), &with, op?))
        })
        .collect()
}

fn space_before_unit(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    measures(s)
        .into_iter()
        .map(|(e, unit, _)| s.replace(e.span.range(), &format!("{} {unit}", digits(s, e, unit))))
        .collect()
}

fn long_unit(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "m" => "meters",
        "cm" => "centimeters",
        "deg" => "degrees",
        "s" => "seconds",
        "m2" => "sqm",
        _ => return None,
    })
}

fn unit_spelt_out(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    measures(s)
        .into_iter()
        .filter_map(|(e, unit, _)| {
            let long = long_unit(unit)?;
            Some(s.replace(e.span.range(), &format!("{}{long}", digits(s, e, unit))))
        })
        .collect()
}

fn other_unit_after_as(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    s.exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            ExprKind::As { unit, unit_span, .. } if unit.dim != Dim::NONE => {
                let other = if unit.name == "deg" { "m" } else { "deg" };
                Some(s.replace(unit_span.range(), other))
            }
            _ => None,
        })
        .collect()
}

fn spelt_out_after_as(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    s.exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            ExprKind::As { unit, unit_span, .. } => {
                Some(s.replace(unit_span.range(), long_unit(unit.name)?))
            }
            _ => None,
        })
        .collect()
}

fn measured_equality(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    measures(s)
        .into_iter()
        .filter_map(|(_, _, op)| {
            let op = op?;
            (s.source(op.clone()) != "==").then(|| s.replace(op, "=="))
        })
        .collect()
}

fn index_from_zero(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    s.exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            ExprKind::Index(_, i) if matches!(i.kind, ExprKind::Int(_)) => {
                Some(s.replace(i.span.range(), "0"))
            }
            _ => None,
        })
        .collect()
}

fn misspelt_direction(s: &Site<'_>, r: &mut Random) -> Vec<Mutant> {
    names(s)
        .into_iter()
        .filter(|(n, _)| Direction::named(n).is_some() && n.len() > 3)
        .filter_map(|(n, e)| {
            let wrong = slip(n, r, |x| s.is_known(x))?;
            Some(s.replace(e.span.range(), &wrong))
        })
        .collect()
}

fn names<'a>(s: &'a Site<'_>) -> Vec<(&'a str, &'a Expr)> {
    s.exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            ExprKind::Name(n) => Some((n.as_str(), e)),
            _ => None,
        })
        .collect()
}

fn misspelt_name(s: &Site<'_>, r: &mut Random) -> Vec<Mutant> {
    let bound = s.bound();
    names(s)
        .into_iter()
        .filter(|(n, _)| bound.contains(n) && n.len() > 3)
        .filter_map(|(n, e)| {
            let wrong = slip(n, r, |x| s.is_known(x) || s.manifest.category(x).is_some())?;
            Some(s.replace(e.span.range(), &wrong))
        })
        .collect()
}

fn counted_twice(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    s.calls()
        .iter()
        .filter(|c| c.name.name == "count" && c.receiver.is_some() && c.args.is_some())
        .map(|c| {
            let at = c.expr.span.range();
            s.elsewhere(at.end..at.end, ".count()", at)
        })
        .collect()
}

fn number_for_thing(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    let calls = s.calls();
    named(&calls)
        .filter(|(_, op, a)| {
            let name = a.name.as_ref().map_or("", |n| n.name.as_str());
            let ty = op.signature().param(name).map(|p| &p.1.ty);
            matches!(ty, Some(Ty::Place | Ty::Object | Ty::View))
        })
        .filter(|(_, _, a)| matches!(a.value.kind, ExprKind::Call { .. }))
        .map(|(_, _, a)| s.replace(a.value.span.range(), "3"))
        .collect()
}

fn measure_in_quotes(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    measures(s)
        .into_iter()
        .filter_map(|(e, _, op)| {
            let with = format!("\"{}\"", s.source(e.span.range()));
            Some(s.elsewhere(e.span.range(), &with, op?))
        })
        .collect()
}

/// `write` gives the new text of `p =>` and the place in it.
fn lambda(s: &Site<'_>, write: fn(&str) -> (String, std::ops::Range<usize>)) -> Vec<Mutant> {
    s.exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            ExprKind::Lambda { param, .. } => {
                let start = param.span.start as usize;
                let arrow = start + s.text[start..].find("=>")? + 2;
                let (with, mark) = write(&param.name);
                Some(s.swap(start..arrow, &with, mark))
            }
            _ => None,
        })
        .collect()
}

fn logic_signs(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    s.exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            ExprKind::Binary { op: BinaryOp::And, op_span, .. } => {
                Some(s.replace(op_span.range(), "&&"))
            }
            ExprKind::Binary { op: BinaryOp::Or, op_span, .. } => {
                Some(s.replace(op_span.range(), "||"))
            }
            _ => None,
        })
        .collect()
}

fn bang(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    s.exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            ExprKind::Unary(UnaryOp::Not, x) => {
                let at = s.text[..x.span.start as usize].rfind("not")?;
                Some(s.swap(at..x.span.start as usize, "!", 0..1))
            }
            _ => None,
        })
        .collect()
}

fn booleans(s: &Site<'_>) -> Vec<Mutant> {
    s.exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            ExprKind::Bool(b) => Some(s.replace(e.span.range(), if *b { "True" } else { "False" })),
            _ => None,
        })
        .collect()
}

fn quotes(s: &Site<'_>, open: &str, close: &str) -> Vec<Mutant> {
    s.exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            ExprKind::Text(t) if !t.contains(['\'', '\\', '"']) => {
                Some(s.replace(e.span.range(), &format!("{open}{t}{close}")))
            }
            _ => None,
        })
        .collect()
}

fn comma_left_out(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    let calls = s.calls();
    named(&calls)
        .filter_map(|(_, _, a)| {
            let name = a.name.as_ref()?;
            let start = name.span.start as usize;
            let before = s.text[..start].trim_end();
            before.ends_with(',').then(|| {
                s.swap(before.len() - 1..name.span.end as usize, &format!(" {}", name.name), {
                    1..1 + name.name.len()
                })
            })
        })
        .collect()
}

fn assign_for_equals(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    s.exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            // A bare name on the left would make it a named argument or a binding.
            ExprKind::Binary { op: BinaryOp::Eq, op_span, left, .. }
                if !matches!(left.kind, ExprKind::Name(_)) =>
            {
                Some(s.replace(op_span.range(), "="))
            }
            _ => None,
        })
        .collect()
}

fn quote_left_open(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    s.exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            ExprKind::Text(t) if t.chars().all(|c| c.is_alphanumeric() || " _-".contains(c)) => {
                let at = e.span.range();
                let rest = &s.text[at.end..];
                let line = rest.find('\n').unwrap_or(rest.len());
                // The quote of a later text would end this one.
                if rest[..line].contains(['"', '#']) || !rest.starts_with([')', ']', ',']) {
                    return None;
                }
                Some(s.elsewhere(at.end - 1..at.end, "", at.start..at.end - 1))
            }
            _ => None,
        })
        .collect()
}

fn else_left_out(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    s.exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            ExprKind::If { otherwise: Some(_), then, .. } => {
                let after = then.span.end as usize;
                let brace = after + s.text[after..].find('}')? + 1;
                // In parentheses the bracket goes with the value.
                if s.text.as_bytes().get(e.span.start as usize) == Some(&b'(') {
                    return None;
                }
                let start = e.span.start as usize;
                Some(s.elsewhere(brace..e.span.end as usize, "", start..brace))
            }
            _ => None,
        })
        .collect()
}

fn metres_without_scale(s: &Site<'_>, _: &mut Random) -> Vec<Mutant> {
    if !s.manifest.scale.is_metric() {
        return vec![];
    }
    let places: Vec<_> = s
        .exprs()
        .into_iter()
        .filter_map(|e| match &e.kind {
            ExprKind::Measure { unit, .. } if unit.dim.length != 0 => Some(e.span.range()),
            ExprKind::As { unit, unit_span, .. } if unit.dim.length != 0 => Some(unit_span.range()),
            _ => None,
        })
        .collect();
    let [only] = places.as_slice() else { return vec![] };
    vec![Mutant {
        text: s.text.to_owned(),
        span: only.clone(),
        scene: Some(format!("{}!scale", s.scene)),
    }]
}

fn missing(s: &Site<'_>, what: &str) -> Vec<Mutant> {
    let names: &[&str] = match what {
        "photos" => &["photo", "photos_seeing", "first_seen", "last_seen", "best_photo_of"],
        _ => &["room"],
    };
    let places: Vec<_> = s
        .calls()
        .iter()
        .filter(|c| names.contains(&c.name.name.as_str()))
        .map(|c| c.name.span.range())
        .collect();
    let others = ["view", "picture", "view_at", "photos_of_both", "appearance_order"];
    let [only] = places.as_slice() else { return vec![] };
    if s.calls().iter().any(|c| others.contains(&c.name.name.as_str())) {
        return vec![];
    }
    vec![Mutant {
        text: s.text.to_owned(),
        span: only.clone(),
        scene: Some(format!("{}!{what}", s.scene)),
    }]
}
