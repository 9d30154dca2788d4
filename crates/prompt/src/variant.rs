//! Prompts as files: named sections, slots, and lines that stand only where a slot is filled.

use std::fmt;

use reasmory_diag::CODES;

/// The sections there are, each with the slots it may have.
pub const SECTIONS: &[Section] = &[
    Section { name: "card", slots: CARD },
    Section { name: "short_card", slots: CARD },
    Section { name: "system", slots: &["card", "short_card"] },
    Section {
        name: "user",
        slots: &[
            "inventory",
            "catalogue",
            "examples",
            "question",
            "options",
            "expected",
            "called",
            "decomposition",
        ],
    },
    Section { name: "repair", slots: &["program", "diagnostics"] },
    Section { name: "rerun", slots: &["program", "diagnostics"] },
    Section { name: "unreadable", slots: &["why"] },
    Section { name: "decomposer_system", slots: &["motions", "relations"] },
    Section { name: "decomposer", slots: &["inventory", "question", "options"] },
    Section { name: "decomposer_repair", slots: &["why"] },
    Section { name: "reasoner_system", slots: &["reply_form"] },
    Section {
        name: "reasoner",
        slots: &["computed", "provenance", "pictures", "question", "options", "expected"],
    },
    Section { name: "reasoner_repair", slots: &["why", "reply_form"] },
    Section { name: "tools_system", slots: &["tools", "answer_form"] },
    Section { name: "tools", slots: &["inventory", "question", "options", "expected", "called"] },
    Section { name: "tools_repair", slots: &["why", "answer_form"] },
];

const CARD: &[&str] =
    &["units", "directions", "reserved", "operations", "fields", "mistakes", "types"];

/// A section that a variant may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Name.
    pub name: &'static str,
    /// The slots that it may have.
    pub slots: &'static [&'static str],
}

/// The most examples that a slot may ask for.
const MOST_EXAMPLES: usize = 12;

/// The sections as they come with Reasmory.
const DEFAULT: &str = include_str!("../data/default.txt");

/// A slot: its name and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) name: &'static str,
    pub(crate) arguments: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Slot(Slot),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    pieces: Vec<Piece>,
    /// Stands only where this slot is filled.
    where_filled: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Body {
    name: &'static str,
    lines: Vec<Line>,
}

/// The sections of all prompts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    bodies: Vec<Body>,
}

/// What is wrong with the text of a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for VariantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for VariantError {}

impl Default for Variant {
    fn default() -> Self {
        // A test reads it; an empty one would be seen at once.
        read(DEFAULT).unwrap_or_else(|e| unreachable!("the built-in prompts: {e}"))
    }
}

impl Variant {
    /// The text of the prompts that come with Reasmory: where a variant starts.
    pub fn built_in() -> &'static str {
        DEFAULT
    }

    /// Reads a variant. Sections that it leaves out are the built-in ones.
    pub fn parse(text: &str) -> Result<Variant, VariantError> {
        let own = read(text)?;
        let mut all = Variant::default();
        for body in own.bodies {
            if let Some(place) = all.bodies.iter_mut().find(|b| b.name == body.name) {
                *place = body;
            }
        }
        Ok(all)
    }

    /// The text of a section. A slot's value is not looked at for slots of its own.
    pub(crate) fn render(&self, section: &str, value: &dyn Fn(&Slot) -> String) -> String {
        let lines = self.bodies.iter().find(|b| b.name == section).map(|b| b.lines.as_slice());
        let mut out: Vec<String> = Vec::new();
        let mut blank = true;
        for line in lines.unwrap_or_default() {
            if let Some(slot) = line.where_filled
                && self.filled(lines.unwrap_or_default(), slot, value).is_empty()
            {
                continue;
            }
            let mut text = String::new();
            let (mut written, mut slots) = (false, 0);
            for p in &line.pieces {
                match p {
                    Piece::Text(t) => {
                        written |= !t.trim().is_empty();
                        text.push_str(t);
                    }
                    Piece::Slot(s) => {
                        slots += 1;
                        let v = value(s);
                        written |= !v.is_empty();
                        text.push_str(v.trim_end_matches('\n'));
                    }
                }
            }
            // A line of nothing but empty slots is left out; of several blank lines one stays.
            if !written && (slots > 0 || blank) {
                continue;
            }
            blank = !written;
            out.push(text);
        }
        while out.last().is_some_and(|l| l.trim().is_empty()) {
            out.pop();
        }
        out.join("\n")
    }

    /// The value of a block's slot: as the slot stands in the section, with its arguments.
    fn filled(
        &self,
        lines: &[Line],
        name: &'static str,
        value: &dyn Fn(&Slot) -> String,
    ) -> String {
        let written = lines.iter().flat_map(|l| &l.pieces).find_map(|p| match p {
            Piece::Slot(s) if s.name == name => Some(s.clone()),
            _ => None,
        });
        value(&written.unwrap_or(Slot { name, arguments: vec![] }))
    }

    /// The slot of this name in a section, where it stands there.
    pub(crate) fn slot(&self, section: &str, name: &str) -> Option<&Slot> {
        let body = self.bodies.iter().find(|b| b.name == section)?;
        body.lines.iter().flat_map(|l| &l.pieces).find_map(|p| match p {
            Piece::Slot(s) if s.name == name => Some(s),
            _ => None,
        })
    }
}

fn wrong(line: usize, what: impl Into<String>, remedy: impl Into<String>) -> VariantError {
    VariantError { line, what: what.into(), remedy: remedy.into() }
}

/// A name as a message writes it.
fn shown(name: &str) -> String {
    let short: String = name.chars().take(40).collect();
    crate::quoted(&short)
}

fn read(text: &str) -> Result<Variant, VariantError> {
    let mut bodies: Vec<Body> = Vec::new();
    let mut open: Option<(&'static str, usize)> = None;
    let mut section: Option<&'static Section> = None;
    for (i, raw) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let n = i + 1;
        let raw = raw.trim_end();
        if raw.starts_with("#!") {
            continue;
        }
        if let Some(name) = raw.strip_prefix("== ") {
            unclosed(open)?;
            let name = name.trim();
            let Some(found) = SECTIONS.iter().find(|s| s.name == name) else {
                let all: Vec<&str> = SECTIONS.iter().map(|s| s.name).collect();
                return Err(wrong(
                    n,
                    format!("there is no section {}", shown(name)),
                    format!("sections are {}", all.join(", ")),
                ));
            };
            if bodies.iter().any(|b| b.name == found.name) {
                return Err(wrong(
                    n,
                    format!("the section `{name}` stands twice"),
                    "keep one of them",
                ));
            }
            section = Some(found);
            bodies.push(Body { name: found.name, lines: vec![] });
            continue;
        }
        let (Some(s), Some(body)) = (section, bodies.last_mut()) else {
            if raw.is_empty() {
                continue;
            }
            return Err(wrong(
                n,
                "a line before the first section",
                "start a section with `== NAME`, or a remark with `#!`",
            ));
        };
        if let Some(name) = raw.strip_prefix("{{#").and_then(|r| r.strip_suffix("}}")) {
            unclosed(open)?;
            open = Some((slot_name(s, name, n)?, n));
        } else if let Some(name) = raw.strip_prefix("{{/").and_then(|r| r.strip_suffix("}}")) {
            match open {
                Some((o, _)) if o == name.trim() => open = None,
                _ => {
                    return Err(wrong(
                        n,
                        format!("`{{{{/…}}}}` ends {}, which is not open", shown(name)),
                        "open it with `{{#NAME}}` on a line of its own",
                    ));
                }
            }
        } else {
            body.lines.push(Line { pieces: pieces(s, raw, n)?, where_filled: open.map(|o| o.0) });
        }
    }
    unclosed(open)?;
    Ok(Variant { bodies })
}

fn unclosed(open: Option<(&'static str, usize)>) -> Result<(), VariantError> {
    match open {
        Some((name, line)) => Err(wrong(
            line,
            format!("`{{{{#{name}}}}}` is not closed"),
            format!(
                "write `{{{{/{name}}}}}` on a line of its own, before the next block or section"
            ),
        )),
        None => Ok(()),
    }
}

fn slot_name(s: &Section, name: &str, line: usize) -> Result<&'static str, VariantError> {
    let name = name.trim();
    s.slots.iter().find(|x| **x == name).copied().ok_or_else(|| {
        wrong(
            line,
            format!("the section `{}` has no slot {}", s.name, shown(name)),
            format!("its slots are {}", s.slots.join(", ")),
        )
    })
}

fn pieces(s: &Section, raw: &str, line: usize) -> Result<Vec<Piece>, VariantError> {
    let mut out = Vec::new();
    let mut rest = raw;
    while let Some(at) = rest.find("{{") {
        if at > 0 {
            out.push(Piece::Text(rest[..at].to_owned()));
        }
        let Some(end) = rest[at..].find("}}") else {
            return Err(wrong(line, "a slot without its `}}`", "close it on the same line"));
        };
        let inside = &rest[at + 2..at + end];
        let mut parts = inside.split_whitespace();
        let name = slot_name(s, parts.next().unwrap_or(""), line)?;
        let arguments: Vec<String> = parts.map(str::to_owned).collect();
        check(name, &arguments, line)?;
        out.push(Piece::Slot(Slot { name, arguments }));
        rest = &rest[at + end + 2..];
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest.to_owned()));
    }
    Ok(out)
}

fn check(name: &str, arguments: &[String], line: usize) -> Result<(), VariantError> {
    match (name, arguments) {
        ("examples", [n]) if n.parse::<usize>().is_ok_and(|n| n <= MOST_EXAMPLES) => Ok(()),
        ("examples", [_, ..]) => Err(wrong(
            line,
            "`examples` takes how many",
            format!("write a number up to {MOST_EXAMPLES}: `{{{{examples 3}}}}`"),
        )),
        ("mistakes", names) => match names.iter().find(|n| CODES.iter().all(|c| c.name != **n)) {
            None => Ok(()),
            Some(unknown) => Err(wrong(
                line,
                format!("no diagnostic is called {}", shown(unknown)),
                "`reasmory explain` lists their names",
            )),
        },
        (_, []) => Ok(()),
        _ => Err(wrong(
            line,
            format!("`{name}` takes nothing after it"),
            format!("write `{{{{{name}}}}}`"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str, section: &str, values: &[(&str, &str)]) -> String {
        let v = Variant::parse(text).unwrap();
        v.render(section, &|s| {
            values.iter().find(|v| v.0 == s.name).map_or(String::new(), |v| v.1.to_owned())
        })
    }

    #[test]
    fn the_built_in_sections_are_all_there() {
        let v = read(DEFAULT).unwrap();
        let names: Vec<&str> = v.bodies.iter().map(|b| b.name).collect();
        assert_eq!(names, SECTIONS.iter().map(|s| s.name).collect::<Vec<_>>());
        assert_eq!(Variant::parse("").unwrap(), Variant::default());
    }

    #[test]
    fn slots_blocks_and_empty_lines() {
        let text = "#! mine\n== repair\nA {{program}} b\n{{diagnostics}}\n\n\n{{#diagnostics}}\nhead\n\
                    {{diagnostics}}\n{{/diagnostics}}\nend\n\n";
        assert_eq!(render(text, "repair", &[("program", "x")]), "A x b\n\nend");
        assert_eq!(
            render(text, "repair", &[("program", "{{why}}"), ("diagnostics", "d\n\n\ne\n")]),
            "A {{why}} b\nd\n\n\ne\n\nhead\nd\n\n\ne\nend"
        );
        // The rest is built in.
        assert!(render(text, "rerun", &[]).contains("ended without an answer"));
    }

    #[test]
    fn mistakes_are_placed() {
        for (text, line, says) in [
            ("x", 1, "before the first section"),
            ("== nothing", 1, "no section \"nothing\""),
            ("== repair\n== repair", 2, "twice"),
            ("== repair\n{{question}}", 2, "`repair` has no slot \"question\""),
            ("== repair\n{{program", 2, "without its"),
            ("== repair\n{{#program}}\n== rerun", 2, "not closed"),
            ("== repair\n{{#program}}\n{{#diagnostics}}", 2, "not closed"),
            ("== repair\n{{/program}}", 2, "not open"),
            ("== user\n{{examples many}}", 2, "how many"),
            ("== card\n{{mistakes missing-unit no-such-code}}", 2, "no-such-code"),
            ("== card\n{{units 3}}", 2, "nothing after it"),
        ] {
            let e = Variant::parse(text).unwrap_err();
            assert!(e.line == line && e.what.contains(says) && !e.remedy.is_empty(), "{e:?}");
        }
    }
}
