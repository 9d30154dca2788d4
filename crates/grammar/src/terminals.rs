//! Terminals as characters: names that are no reserved words, numbers, texts, blanks.

use reasmory_syntax::prefix::Kind;
use reasmory_syntax::{foreign_methods, foreign_names};
use reasmory_types::UNITS;

use crate::node::{Class, Node, Rule};

const START: &[(char, char)] = &[('A', 'Z'), ('_', '_'), ('a', 'z')];
const INSIDE: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

fn inside() -> Node {
    Node::Class(Class::of(INSIDE))
}

/// Ranges without some characters.
fn without(ranges: &[(char, char)], left_out: &[char]) -> Class {
    let mut out = Vec::new();
    for (a, b) in ranges {
        let mut from: Option<char> = None;
        for c in *a..=*b {
            if left_out.contains(&c) {
                if let Some(f) = from.take() {
                    out.push((f, char::from_u32(u32::from(c) - 1).unwrap_or(f)));
                }
            } else if from.is_none() {
                from = Some(c);
            }
        }
        if let Some(f) = from {
            out.push((f, *b));
        }
    }
    Class { negated: false, ranges: out }
}

/// What may follow in an identifier, so that the whole is none of the words that have these ends.
fn rest(ends: &[&str], chars: &[(char, char)], first: bool) -> Node {
    let mut heads: Vec<char> = ends.iter().filter_map(|e| e.chars().next()).collect();
    heads.sort_unstable();
    heads.dedup();
    let mut branches = vec![Node::Seq(vec![Node::Class(without(chars, &heads)), inside().star()])];
    for h in heads {
        let more: Vec<&str> = ends.iter().filter_map(|e| e.strip_prefix(h)).collect();
        branches.push(Node::Seq(vec![Node::text(&h.to_string()), rest(&more, INSIDE, false)]));
    }
    let all = Node::Alt(branches);
    // A word may end here unless it is one of those.
    if first || ends.contains(&"") { all } else { all.opt() }
}

/// Identifiers but for some words.
pub(crate) fn identifier(left_out: &[&str]) -> Node {
    if left_out.is_empty() {
        return Node::Seq(vec![Node::Class(Class::of(START)), inside().star()]);
    }
    rest(left_out, START, true)
}

/// Reserved words.
pub(crate) fn reserved() -> Vec<&'static str> {
    Kind::all().filter(|k| k.is_word()).map(Kind::text).collect()
}

/// Words that no name of a program is.
fn no_names() -> Vec<&'static str> {
    // `test` is a word only before a text.
    let mut out: Vec<&str> = reserved().into_iter().filter(|w| *w != "test").collect();
    out.extend(foreign_names());
    out.sort_unstable();
    out.dedup();
    out
}

fn digits() -> Node {
    Node::Class(Class::of(&[('0', '9')])).plus()
}

/// One of these texts, longer ones first, so that no format takes a start for the whole.
pub(crate) fn one_of(texts: &[&str]) -> Node {
    let mut all: Vec<&str> = texts.to_vec();
    all.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    all.dedup();
    Node::Alt(all.into_iter().map(Node::text).collect())
}

fn text() -> Node {
    let plain = Class {
        negated: true,
        ranges: vec![('\0', '\u{1f}'), ('"', '"'), ('\\', '\\'), ('\u{7f}', '\u{7f}')],
    };
    let hex = Node::Class(Class::of(&[('0', '9'), ('A', 'F'), ('a', 'f')]));
    let escapes = Node::Alt(vec![
        one_of(&["\\\"", "\\\\", "\\n", "\\t"]),
        // Below U+1000 every number is a character.
        Node::Seq(vec![
            Node::text("\\u{"),
            hex.clone(),
            hex.clone().opt(),
            hex.opt(),
            Node::text("}"),
        ]),
    ]);
    Node::Seq(vec![
        Node::text("\""),
        Node::Alt(vec![Node::Class(plain), escapes]).star(),
        Node::text("\""),
    ])
}

fn comment() -> Node {
    let line = Class {
        negated: true,
        ranges: vec![('\0', '\u{8}'), ('\n', '\u{1f}'), ('\u{7f}', '\u{7f}')],
    };
    Node::Seq(vec![Node::text("#"), Node::Class(line).star()])
}

fn blank() -> Node {
    Node::Class(Class::of(&[('\t', '\t'), (' ', ' ')]))
}

/// The units that fit a scene.
pub(crate) fn units(relative: bool) -> Vec<&'static str> {
    UNITS.iter().filter(|u| !relative || u.dim.length == 0).map(|u| u.name).collect()
}

/// Every terminal.
pub(crate) fn rules(relative: bool) -> Vec<Rule> {
    let terminal = |name: &str, body: Node| Rule { name: name.to_owned(), body, terminal: true };
    let fraction = || Node::Seq(vec![digits(), Node::text("."), digits()]);
    let skipped =
        Node::Alt(vec![Node::text("\n"), blank(), Node::Seq(vec![comment(), Node::text("\n")])]);
    vec![
        terminal("local", identifier(&no_names())),
        terminal("member", identifier(foreign_methods())),
        terminal("argument", identifier(&[])),
        terminal(
            "type_name",
            Node::Seq(vec![Node::Class(Class::of(&[('A', 'Z')])), inside().star()]),
        ),
        terminal("int", digits()),
        terminal("number", fraction()),
        terminal(
            "measure",
            Node::Seq(vec![
                digits(),
                Node::Seq(vec![Node::text("."), digits()]).opt(),
                one_of(&units(relative)),
            ]),
        ),
        terminal("unit", one_of(&units(relative))),
        terminal("text", text()),
        terminal("ws", blank().plus()),
        terminal(
            "nl",
            Node::Seq(vec![
                blank().star(),
                comment().opt(),
                Node::text("\n"),
                skipped.clone().star(),
            ]),
        ),
        // Before the first statement.
        terminal("head", skipped.plus()),
        terminal("remark", comment()),
    ]
}
