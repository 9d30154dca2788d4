//! Grammars as the formats of decoders.

use std::fmt::Write as _;
use std::str::FromStr;

use serde_json::json;

use crate::Grammar;
use crate::node::{Class, Node, Rule};

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lark, as llguidance and providers read it.
    Lark,
    /// llama.cpp's grammars.
    Gbnf,
    /// XGrammar's EBNF.
    Ebnf,
    /// A JSON Schema of an object that holds a program.
    JsonSchema,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        match text {
            "lark" => Ok(Format::Lark),
            "gbnf" => Ok(Format::Gbnf),
            "ebnf" => Ok(Format::Ebnf),
            "json-schema" => Ok(Format::JsonSchema),
            other => Err(format!("no format is called {other:?}: lark, gbnf, ebnf or json-schema")),
        }
    }
}

/// How tightly a form binds: alternatives, a sequence, one thing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tight {
    Alt,
    Seq,
    One,
}

fn escaped(t: &str, also: &[char]) -> String {
    let mut out = String::new();
    for c in t.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if also.contains(&c) => {
                out.push('\\');
                out.push(c);
            }
            c if u32::from(c) < 0x20 || u32::from(c) == 0x7f => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

fn class(c: &Class, also: &[char]) -> String {
    let mut out = String::from(if c.negated { "[^" } else { "[" });
    let one = |c: char| escaped(&c.to_string(), also);
    for (a, b) in &c.ranges {
        if a == b {
            out.push_str(&one(*a));
        } else {
            let _ = write!(out, "{}-{}", one(*a), one(*b));
        }
    }
    out.push(']');
    out
}

/// A right-hand side in the common form of these formats.
struct Writing<'a> {
    /// A text.
    literal: &'a dyn Fn(&str) -> String,
    class: &'a dyn Fn(&Class) -> String,
    name: &'a dyn Fn(&str) -> String,
    /// What stands for nothing.
    nothing: &'a str,
    /// Between things in a sequence.
    gap: &'a str,
    bar: &'a str,
}

impl Writing<'_> {
    fn write(&self, n: &Node, within: Tight) -> String {
        let (text, own) = match n {
            Node::Text(t) if t.is_empty() => (self.nothing.to_owned(), Tight::One),
            Node::Text(t) => {
                // In a regular expression a text of several letters is a sequence.
                let one = self.gap.is_empty() && t.chars().count() > 1;
                ((self.literal)(t), if one { Tight::Seq } else { Tight::One })
            }
            Node::Class(c) => ((self.class)(c), Tight::One),
            Node::Rule(r) => ((self.name)(r), Tight::One),
            Node::Seq(l) if l.is_empty() => (self.nothing.to_owned(), Tight::One),
            Node::Seq(l) if l.len() == 1 => return self.write(&l[0], within),
            Node::Seq(l) => {
                let parts: Vec<String> = l.iter().map(|n| self.write(n, Tight::Seq)).collect();
                (parts.join(self.gap), Tight::Seq)
            }
            Node::Alt(l) if l.len() == 1 => return self.write(&l[0], within),
            Node::Alt(l) => {
                let parts: Vec<String> = l.iter().map(|n| self.write(n, Tight::Alt)).collect();
                (parts.join(self.bar), Tight::Alt)
            }
            Node::Opt(n) => (format!("{}?", self.write(n, Tight::One)), Tight::One),
            Node::Star(n) => (format!("{}*", self.write(n, Tight::One)), Tight::One),
            Node::Plus(n) => (format!("{}+", self.write(n, Tight::One)), Tight::One),
        };
        // Alternatives inside of a sequence, and both under a repetition, need parentheses; so does what is
        // repeated already.
        let repeated = matches!(n, Node::Opt(_) | Node::Star(_) | Node::Plus(_));
        if own < within || (within == Tight::One && repeated) { format!("({text})") } else { text }
    }
}

/// Signs with a meaning in regular expressions.
const REGEX: &[char] =
    &['.', '*', '+', '?', '(', ')', '[', ']', '{', '}', '|', '^', '$', '/', '-', '"'];
/// Signs with a meaning in classes.
const CLASS: &[char] = &['[', ']', '^', '-', '/', '"'];

fn regex(n: &Node) -> String {
    let w = Writing {
        literal: &|t| escaped(t, REGEX),
        class: &|c| class(c, CLASS),
        name: &|_| String::new(),
        nothing: "()",
        gap: "",
        bar: "|",
    };
    w.write(n, Tight::Alt)
}

fn quoted(t: &str) -> String {
    format!("\"{}\"", escaped(t, &['"']))
}

const ABOUT: &str = "Programs of Reasmory in canonical form; made by `reasmory grammar`.";

/// The rules for a lexer that takes the longest token and never goes back: after `1.` it must not have decided
/// on a number, for `1..5` is a range. So a number with a fraction, and one with a unit, are rules of whole
/// numbers and signs.
fn for_a_lexer(g: &Grammar) -> Grammar {
    let whole = || Node::rule("int");
    let fraction = || Node::Seq(vec![Node::text("."), whole()]);
    let mut rules = Vec::new();
    let mut more = Vec::new();
    for r in &g.rules {
        let mut rule = r.clone();
        match (r.name.as_str(), &r.body) {
            ("number", _) => {
                rule.body = Node::Seq(vec![whole(), fraction()]);
                rule.terminal = false;
            }
            ("measure", Node::Seq(parts)) if parts.len() == 3 => {
                let suffix = "measure_unit".to_owned();
                more.push(Rule { name: suffix.clone(), body: parts[2].clone(), terminal: true });
                let parts = vec![whole(), fraction().opt(), Node::Rule(suffix)];
                rule.body = Node::Seq(parts);
                rule.terminal = false;
            }
            _ => {}
        }
        rules.push(rule);
    }
    if !rules.iter().any(|r| r.name == "int") {
        let digits = Node::Class(Class::of(&[('0', '9')])).plus();
        more.push(Rule { name: "int".into(), body: digits, terminal: true });
    }
    rules.extend(more);
    Grammar { rules }
}

fn lark(g: &Grammar) -> String {
    let g = &for_a_lexer(g);
    let name = |n: &str| {
        let terminal = g.rules.iter().any(|r| r.name == n && r.terminal);
        match n {
            "root" => "start".to_owned(),
            _ if terminal => n.to_ascii_uppercase(),
            _ => n.to_owned(),
        }
    };
    let w = Writing {
        literal: &quoted,
        // Outside of terminals there are no classes.
        class: &|c| format!("/{}/", class(c, CLASS)),
        name: &name,
        nothing: "",
        gap: " ",
        bar: " | ",
    };
    let mut out = format!("// {ABOUT}\n");
    for r in &g.rules {
        let body =
            if r.terminal { format!("/{}/", regex(&r.body)) } else { w.write(&r.body, Tight::Alt) };
        let _ = writeln!(out, "{}: {body}", name(&r.name));
    }
    out
}

/// GBNF and EBNF are one but for the names.
fn bnf(g: &Grammar, name: &dyn Fn(&str) -> String) -> String {
    let w = Writing {
        literal: &quoted,
        class: &|c| class(c, &['[', ']', '^', '-', '"']),
        name,
        nothing: "\"\"",
        gap: " ",
        bar: " | ",
    };
    let mut out = format!("# {ABOUT}\n");
    for r in &g.rules {
        let _ = writeln!(out, "{} ::= {}", name(&r.name), w.write(&r.body, Tight::Alt));
    }
    out
}

/// What JSON Schema can say of a program: an object that holds it, whose last statement begins as one that ends
/// a program. Structure within is beyond it.
fn json_schema() -> String {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A program of Reasmory",
        "description": ABOUT,
        "type": "object",
        "properties": {
            "program": {
                "type": "string",
                "description": "Statements, one a line; the last one gives the answer or shows a picture.",
                "minLength": 6,
                "maxLength": 4096,
                "pattern": "(^|\\n)(answer|show|if|for) [^\\n]+",
            },
        },
        "required": ["program"],
        "additionalProperties": false,
    });
    format!("{schema:#}\n")
}

pub(crate) fn write(g: &Grammar, format: Format) -> String {
    match format {
        Format::Lark => lark(g),
        Format::Gbnf => bnf(g, &|n| n.replace('_', "-")),
        Format::Ebnf => bnf(g, &|n| n.to_owned()),
        Format::JsonSchema => json_schema(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_where_they_are_needed() {
        let digit = || Node::Class(Class::of(&[('0', '9')]));
        let n = Node::Seq(vec![
            digit().plus(),
            Node::Seq(vec![Node::text("."), digit().plus()]).opt(),
            Node::Alt(vec![Node::text("m"), Node::text("m/s")]),
        ]);
        assert_eq!(regex(&n), r"[0-9]+(\.[0-9]+)?(m|m\/s)");
        assert_eq!(regex(&Node::text("ab").star()), "(ab)*");
        let text = bnf(
            &Grammar {
                rules: vec![crate::node::Rule { name: "a_b".into(), body: n, terminal: true }],
            },
            &|n| n.replace('_', "-"),
        );
        assert!(text.ends_with("a-b ::= [0-9]+ (\".\" [0-9]+)? (\"m\" | \"m/s\")\n"), "{text}");
    }
}
