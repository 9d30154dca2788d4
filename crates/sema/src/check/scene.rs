//! What the memory says: categories, cardinality, photos. Everything from the manifest alone.

use std::sync::Arc;

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_ops::{Need, OpDef};
use reasmory_span::Span;
use reasmory_types::Ty;

use super::Checker;
use crate::hir::{Expr, ExprKind};

impl<'a> Checker<'a> {
    /// Whether the memory has this category.
    pub(super) fn is_category(&self, name: &str) -> bool {
        self.category(name).flatten().is_some()
    }

    /// Whether the memory has exactly one instance of a category.
    pub(super) fn has_one(&self, name: &str) -> bool {
        self.scene().and_then(|s| s.category(name)).is_some_and(|c| c.instances.len() == 1)
    }

    /// Reports a category that the memory does not have.
    pub(super) fn known_category(&mut self, name: &str, span: Span) {
        if self.category(name).is_none_or(|c| c.is_some()) {
            return;
        }
        let Some(scene) = self.scene() else { return };
        let known: Vec<&str> = scene.categories.iter().map(|c| c.name.as_str()).collect();
        let (near, safe) = crate::vocabulary::nearest(name, &known, self.options.synonyms);
        let mut d =
            Diagnostic::new(Code::UnknownCategory, span, format!("the memory has no `{name}`"))
                .label("no such category here")
                .fact("found", name)
                .fact("candidates", near.clone());
        match near.first() {
            _ if reasmory_types::Direction::from_spoken(name).is_some() => {
                d = d.help(
                    "a direction is no thing; a thing there is for instance \
                     `ahead(of=me.turn(left)).nearest(to=me)`",
                );
            }
            Some(best) => {
                let applicability = if safe { Applicability::Safe } else { Applicability::Unsafe };
                d = d.help(format!("did you mean {}?", list_quoted(&near)));
                // A word of the question's options is not written here.
                if !span.text(self.text).starts_with("options") {
                    d = d.fix(applicability, format!("use `{best}`"), span, format!("\"{best}\""));
                }
            }
            None if known.is_empty() => {
                d = d
                    .note("it has no labelled objects at all")
                    .help("ground the memory first, or ask about its photos, room and views");
            }
            None => {
                let mut names = known.iter().take(20).copied().collect::<Vec<_>>().join(", ");
                if known.len() > 20 {
                    names.push_str(&format!(" and {} more", known.len() - 20));
                }
                d = d.help(format!("its categories are {names}"));
            }
        }
        self.report(d);
    }

    /// Ids of the instances of a category expression, where it is one known literal.
    pub(super) fn instances_of(&self, category: &Expr) -> Option<Arc<[u32]>> {
        let ExprKind::Category(name) = &category.kind else { return None };
        Some(self.category(name)??.instances.as_slice().into())
    }

    /// A category that the memory counts without a box: its list of instances is empty, and every answer
    /// taken from it but the count would be made up. Reported; gives whether it is so.
    pub(super) fn stated_only(&mut self, list: &Expr) -> bool {
        let Some(ExprKind::Category(name)) = list.facts.all_of.as_deref().map(|c| &c.kind) else {
            return false;
        };
        let Some(entry) = self.category(name).flatten() else { return false };
        if !entry.instances.is_empty() {
            return false;
        }
        let (name, n) = (name.clone(), entry.stated_count.unwrap_or(0));
        self.report(
            Diagnostic::new(
                Code::UnknownCategory,
                list.span,
                format!("the memory states {n} × `{name}`, but not where they are"),
            )
            .label("counted by the source, without a box")
            .help(format!("only `objects(\"{name}\").count()` can be asked of it")),
        );
        true
    }

    /// `the(category)`: none or several is an error that lists them.
    pub(super) fn exactly_one(&mut self, category: &Expr, span: Span) {
        for (name, at) in category.facts.nouns.clone() {
            let Some(entry) = self.category(&name).flatten() else { continue };
            let ids = entry.instances.clone();
            match ids.len() {
                1 => {}
                0 => self.report(
                    Diagnostic::new(
                        Code::UnknownCategory,
                        at,
                        format!("the memory states `{name}`, but has no instance of it"),
                    )
                    .label("counted by the source, without a box")
                    .help(format!("only `count_of(\"{name}\")` can be asked of it")),
                ),
                n => {
                    let place = if category.facts.nouns.len() == 1 { span } else { at };
                    let mut d = Diagnostic::new(
                        Code::SeveralInstances,
                        place,
                        format!("there are {n} instances of `{name}`, and one is meant"),
                    )
                    .label(format!("{n} instances"))
                    .fact("count", n as u64)
                    .fact("category", name.as_str());
                    for line in self.describe_instances(&ids) {
                        d = d.note(line);
                    }
                    d = d.help(format!(
                        "say which: `objects(\"{name}\").nearest(to=…)`, `.largest()`, \
                         `.leftmost(from=…)`, `[2]`; or mean all of them: `objects(\"{name}\")`"
                    ));
                    d = d
                        .fix(
                            Applicability::Manual,
                            "choose the nearest to something",
                            place,
                            format!("objects(\"{name}\").nearest(to=…)"),
                        )
                        .fix(
                            Applicability::Unsafe,
                            "choose the largest",
                            place,
                            format!("objects(\"{name}\").largest()"),
                        );
                    self.report(d);
                }
            }
        }
    }

    /// One line per instance, at most eight: name, size, where.
    pub(super) fn describe_instances(&self, ids: &[u32]) -> Vec<String> {
        let Some(scene) = self.scene() else { return vec![] };
        let unit = if scene.scale.is_metric() { " m" } else { "" };
        let mut lines: Vec<String> = ids
            .iter()
            .take(8)
            .filter_map(|id| {
                let i = scene.instance(*id)?;
                let [l, w, h] = i.obb.size();
                let c = i.obb.center;
                Some(format!(
                    "{}: {l:.2} × {w:.2} × {h:.2}{unit} at ({:.2}, {:.2}, {:.2})",
                    scene.instance_name(*id),
                    c.x,
                    c.y,
                    c.z
                ))
            })
            .collect();
        if ids.len() > 8 {
            lines.push(format!("and {} more", ids.len() - 8));
        }
        lines
    }

    /// What an operation reads must be there.
    pub(super) fn needs(&mut self, def: &OpDef, span: Span, whole: Span) {
        let Some(scene) = self.profile_of() else { return };
        for need in def.needs {
            let (missing, what, how) = match need {
                Need::Photos => (
                    scene.photos.is_empty(),
                    "photos",
                    "import a source with cameras (posed RGB-D, COLMAP)",
                ),
                Need::Points => {
                    (scene.points == 0, "points", "import a source with points (posed RGB-D)")
                }
                Need::Room => (
                    scene.room.is_none(),
                    "a room",
                    "import a source that knows its floor, or ask about objects",
                ),
                Need::Times => (
                    scene.photos.iter().all(|p| p.time.is_none()),
                    "times of its photos",
                    "name photos by number",
                ),
            };
            if missing {
                // One report per thing that is not there: a program without photos names many.
                if self.missing.contains(need) {
                    return;
                }
                self.missing.push(*need);
                let mut d = Diagnostic::new(
                    Code::MissingData,
                    span,
                    format!("`{}` reads {what}, and this memory has none", def.name),
                )
                .label(format!("needs {what}"))
                .help(how);
                // A view can be had without photos, and a photo without times.
                let view = matches!(def.name, "photo" | "view_at");
                let other = match need {
                    Need::Photos if view => self.stand_somewhere(""),
                    Need::Times if view => Some("photo(1)".to_owned()),
                    _ => None,
                };
                if let Some(other) = other {
                    let title = format!("take `{other}`, if that will do");
                    d = d.fix(Applicability::Unsafe, title, whole, other);
                }
                self.report(d);
                return;
            }
        }
    }

    /// A photo number that is known must exist.
    pub(super) fn photo_number(&mut self, number: &Expr) {
        let Some(n) = number.facts.int else { return };
        let count = match self.profile_of() {
            Some(s) if !s.photos.is_empty() => Some(s.photos.len() as i64),
            Some(_) => return,
            None => self.options.photos.map(i64::from),
        };
        if n >= 1 && count.is_none_or(|c| n <= c) {
            return;
        }
        let mut d = Diagnostic::new(
            Code::PhotoOutOfRange,
            number.span,
            match count {
                Some(c) => format!("there is no photo {n}; there are {c}"),
                None => format!("there is no photo {n}; the first is 1"),
            },
        )
        .label("no such photo");
        d = match (n, count) {
            (0, _) => d.help("photos count from 1, as questions count them").fix(
                Applicability::Unsafe,
                "use the first photo",
                number.span,
                "1",
            ),
            (1.., Some(c)) => d.help(format!("choose a photo from 1 to {c}")).fix(
                Applicability::Unsafe,
                "use the last photo",
                number.span,
                c.to_string(),
            ),
            (_, Some(c)) => d.help(format!("choose a photo from 1 to {c}")).fix(
                Applicability::Unsafe,
                "use the last photo",
                number.span,
                c.to_string(),
            ),
            _ => d.help("photos count from 1").fix(
                Applicability::Unsafe,
                "use the first photo",
                number.span,
                "1",
            ),
        };
        self.report(d);
    }

    /// Standing at what one faces, or looking at where one stands.
    pub(super) fn same_place(&mut self, at: &Expr, facing: &Expr, span: Span) {
        let same = at.vn == facing.vn
            || match (&at.facts.instances, &facing.facts.instances) {
                (Some(a), Some(b)) => a.len() == 1 && a == b,
                _ => false,
            };
        if same && at.ty != Ty::Error {
            let d =
                Diagnostic::new(Code::SamePlace, span, "the viewer stands at the place it faces")
                    .label("no direction to look in")
                    .also(at.span, "stands here")
                    .also(facing.span, "faces the same place")
                    .help("face another thing, or give `heading=` instead");
            let mut not = [at.span, facing.span].map(|s| s.text(self.text)).join(" ");
            // A name of the thing is the thing.
            if let Some([id]) = at.facts.instances.as_deref()
                && let Some(i) = self.scene().and_then(|s| s.instance(*id))
            {
                not.push_str(&format!(" \"{}\"", i.category));
            }
            let d = match self.guess(&Ty::Place, &not) {
                Some(g) => d.fix(
                    Applicability::Unsafe,
                    format!("face `{g}`, if that is meant"),
                    facing.span,
                    g,
                ),
                None => d,
            };
            self.report(d);
        }
    }
}

fn list_quoted(names: &[&str]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}
