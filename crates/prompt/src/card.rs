//! The language card: on one page, or as short as one question needs.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use reasmory_diag::{CODES, CodeInfo, page_fences};
use reasmory_ops::Effect;
use reasmory_sema::catalogue::{self, Callable};
use reasmory_syntax::prefix::Kind;
use reasmory_types::{Direction, Param, Ty, UNITS};

use crate::relevance::{self, Ranked};
use crate::variant::Slot;
use crate::{Prompts, Subject};

/// The most characters of the card of the whole language; a test holds it.
pub const CARD_CHARACTERS: usize = 6000;

/// The most characters of the card for one question.
pub const SHORT_CARD_CHARACTERS: usize = 2000;

/// A type as the card writes it: `[T]` for a list, `T=>U` for a function.
fn ty(t: &Ty) -> String {
    match t {
        Ty::List(m) => format!("[{}]", ty(m)),
        Ty::Fn(ps, r) => {
            let ps: Vec<String> = ps.iter().map(ty).collect();
            format!("{}=>{}", ps.join(", "), ty(r))
        }
        Ty::Group(k, m) => format!("Group<{}, {}>", ty(k), ty(m)),
        other => other.to_string(),
    }
}

fn param(p: &Param, bare: bool) -> String {
    let default = p.default.as_ref().map(ToString::to_string);
    match default {
        Some(d) if d != "[]" => format!("{}={d}", p.name),
        _ => {
            let maybe = if p.required() { "" } else { "?" };
            let t = ty(&p.ty);
            if bare { format!("{t}{maybe}") } else { format!("{}={t}{maybe}", p.name) }
        }
    }
}

/// The call of an operation: the subject by its type, the rest by name. Where a name says nothing (a letter,
/// the function of a list, a direction), the argument is positional here as well; a subject whose name is a
/// preposition (`stand(at=…)`) is named.
pub(crate) fn call(c: &Callable) -> String {
    let s = c.signature();
    let variadic = matches!(c, Callable::Op(o) if o.variadic);
    let params: Vec<String> = s
        .params
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let preposition = ["at", "around", "from", "of", "to"].contains(&p.name.as_str());
            let silent = p.name.len() == 1 || matches!(p.ty, Ty::Fn(..) | Ty::Direction);
            param(p, i < c.positional() && (silent || i == 0 && !preposition))
        })
        .collect();
    let more = if variadic { ", …" } else { "" };
    format!("({}{more})->{}", params.join(", "), ty(&s.result))
}

/// The call of an operation with every argument by its name.
pub(crate) fn named(c: &Callable) -> String {
    let s = c.signature();
    let params: Vec<String> = s.params.iter().map(|p| param(p, false)).collect();
    format!("({})->{}", params.join(", "), ty(&s.result))
}

/// Operations by family, those of one signature together.
pub(crate) fn listing(chosen: &[Callable]) -> String {
    let mut families: Vec<&str> = chosen.iter().map(Callable::family).collect();
    families.sort_unstable();
    families.dedup();
    let mut lines = Vec::new();
    for family in families {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for c in chosen.iter().filter(|c| c.family() == family) {
            let call = call(c);
            let name = match c.effect() {
                Effect::Model => format!("{} [asks a model]", c.name()),
                _ => c.name().to_owned(),
            };
            match groups.iter_mut().find(|g| g.0 == call) {
                Some(g) => g.1.push(name),
                None => groups.push((call, vec![name])),
            }
        }
        let rows: Vec<String> =
            groups.into_iter().map(|(call, names)| format!("{}{call}", names.join(" "))).collect();
        lines.push(format!("{family}: {}", rows.join("; ")));
    }
    lines.join("\n")
}

/// The line in which two programs differ, of each, where it is one.
fn differing<'t>(bad: &'t str, good: &'t str) -> Option<(&'t str, &'t str)> {
    if bad.lines().count() != good.lines().count() {
        return None;
    }
    let mut pairs = bad.lines().zip(good.lines()).filter(|(a, b)| a != b);
    match (pairs.next(), pairs.next()) {
        (Some((a, b)), None) => Some((a.trim(), b.trim())),
        _ => None,
    }
}

/// What a code's page teaches, in a line: its fact, a line that breaks it, the line that does not.
fn lesson(code: &CodeInfo) -> Option<String> {
    let fences = page_fences(code.page);
    let program = |section: &str| {
        fences.iter().find(|f| f.section == section && f.language() == "reasmory").map(|f| &f.text)
    };
    let (bad, good) = differing(program("Example")?, program("Fixed")?)?;
    Some(format!("- {}: not `{bad}` but `{good}`", code.summary))
}

/// The lessons of all pages that teach one, by the code's name.
fn lessons() -> &'static BTreeMap<&'static str, String> {
    static TABLE: OnceLock<BTreeMap<&'static str, String>> = OnceLock::new();
    TABLE.get_or_init(|| CODES.iter().filter_map(|c| Some((c.name, lesson(c)?))).collect())
}

fn mistakes(names: &[String]) -> String {
    let found = names.iter().filter_map(|n| lessons().get(n.as_str()));
    found.map(String::as_str).collect::<Vec<_>>().join("\n")
}

fn reserved() -> String {
    let mut words: Vec<&str> = Kind::all().filter(|k| k.is_word()).map(Kind::text).collect();
    words.sort_unstable();
    words.join(" ")
}

fn units(scene_is_relative: bool) -> String {
    use reasmory_types::Dim;
    // Without a scale no length has a unit.
    let fits = |d: Dim| !scene_is_relative || d.length == 0;
    UNITS.iter().filter(|u| fits(u.dim)).map(|u| u.name).collect::<Vec<_>>().join(" ")
}

fn directions() -> String {
    Direction::ALL.iter().map(|d| d.name()).collect::<Vec<_>>().join(" ")
}

/// The records and their fields.
fn fields() -> String {
    let rows = [Ty::Point, Ty::Vector, Ty::Local, Ty::Size].map(|t| {
        let names = t
            .record()
            .map_or(String::new(), |r| r.fields.iter().map(|f| f.0).collect::<Vec<_>>().join(" "));
        (ty(&t), names)
    });
    let mut out: Vec<String> = Vec::new();
    for (i, (name, names)) in rows.iter().enumerate() {
        if rows[..i].iter().any(|r| r.1 == *names) {
            continue;
        }
        let same: Vec<&str> = rows.iter().filter(|r| r.1 == *names).map(|r| r.0.as_str()).collect();
        debug_assert!(same.contains(&name.as_str()));
        out.push(format!("{} {names}", same.join("/")));
    }
    out.push("Group key members".to_owned());
    out.join("; ")
}

fn slot(s: &Slot, subject: Subject<'_>, operations: &str) -> String {
    match s.name {
        "units" => units(subject.scene.is_some_and(|m| !m.scale.is_metric())),
        "directions" => directions(),
        "reserved" => reserved(),
        "fields" => fields(),
        "operations" => operations.to_owned(),
        "mistakes" => mistakes(&s.arguments),
        _ => String::new(),
    }
}

impl Prompts<'_> {
    /// The card of the whole language; a scene does not matter to it.
    pub fn card(&self) -> String {
        let all = listing(&catalogue::all());
        let with = |lessons: usize| {
            self.variant.render("card", &|s| match s.name {
                "mistakes" => mistakes(&s.arguments[..lessons.min(s.arguments.len())]),
                _ => slot(s, Subject::default(), &all),
            })
        };
        // Operations come before lessons, and of these the first ones.
        let most = self.variant.slot("card", "mistakes").map_or(0, |s| s.arguments.len());
        (0..=most)
            .rev()
            .map(with)
            .find(|text| text.chars().count() <= CARD_CHARACTERS)
            .unwrap_or_else(|| with(0))
    }

    /// The card for the question: as many operations as [`SHORT_CARD_CHARACTERS`] hold, by relevance.
    pub fn short_card(&self) -> String {
        self.short_card_of(&relevance::rank(self.subject))
    }

    pub(crate) fn short_card_of(&self, ranked: &[Ranked]) -> String {
        let card = |chosen: &[Callable]| {
            let text = listing(chosen);
            self.variant.render("short_card", &|s| slot(s, self.subject, &text))
        };
        let mut chosen: Vec<Callable> = Vec::new();
        let mut best = card(&chosen);
        // What nothing calls for is left out, where there is a question.
        let asked = self.subject.question.is_some();
        for r in ranked.iter().filter(|r| r.score > 0 || !asked) {
            chosen.push(r.callable);
            let next = card(&chosen);
            if next.chars().count() > SHORT_CARD_CHARACTERS {
                chosen.pop();
                // A shorter one may still fit, but not after many that do not.
                if best.chars().count() + 60 > SHORT_CARD_CHARACTERS {
                    break;
                }
                continue;
            }
            best = next;
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> String {
        catalogue::find(name).map(|c| call(&c)).unwrap()
    }

    #[test]
    fn calls_are_short() {
        assert_eq!(of("distance"), "(Place, to=Place)->Length");
        assert_eq!(of("filter"), "([T], T=>Bool)->[T]");
        assert_eq!(of("is_on"), "(Object, Object)->Bool");
        assert_eq!(of("is_near"), "(Place, Place, within=10%)->Bool");
        assert_eq!(of("max"), "([Q], …)->Q");
        assert_eq!(of("room"), "()->Region");
        assert_eq!(of("ego"), "(View, mark=[Mark]?)->Image");
        assert_eq!(of("turn"), "(View, Direction, by=Angle?)->View");
        assert_eq!(of("stand"), "(at=Place, facing=Place?, heading=Angle?, eye=Length?)->View");
    }

    #[test]
    fn lessons_come_from_pages() {
        let code = CODES.iter().find(|c| c.name == "several-instances").unwrap();
        let text = lesson(code).unwrap();
        assert!(text.contains("not `answer distance(the(\"chair\")"), "{text}");
        assert!(text.contains("but `answer objects(\"chair\")"), "{text}");
        assert!(lessons().len() > 20, "{}", lessons().len());
    }
}
