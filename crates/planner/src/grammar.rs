//! The grammar of questions as data: `data/families.txt`, read once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

const TEXT: &str = include_str!("../data/families.txt");

/// A pattern.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// A word, normalised.
    Word(String),
    /// One after the other.
    All(Vec<Node>),
    /// One of several.
    Any(Vec<Node>),
    /// Once or not at all.
    Maybe(Box<Node>),
    /// What a rule or a leaf matches, under a name.
    Slot(String, Rule),
    /// What the slot of this name matched, again.
    Again(String),
    /// Any words.
    Rest,
}

/// What fills a slot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    /// A rule of the grammar, by its place in [`Grammar::rules`].
    Named(usize),
    /// Something read from the words and the memory.
    Leaf(Leaf),
}

/// What is read from the words themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Leaf {
    /// A category with one instance.
    One,
    /// An instance by its number: `chair 2`.
    Numbered,
    /// All of a category, or all objects.
    Many,
    /// The same, in the plural.
    Several,
    /// Categories in a list.
    Kinds,
    /// A direction.
    Side,
    /// Several directions in a list.
    Sides,
    /// Left or right.
    Turn,
    /// Where one steps.
    Step,
    /// Number of a photo.
    Photo,
    /// A length.
    Length,
    /// An angle.
    Angle,
    /// Units of length, area, volume.
    LengthUnit,
    /// As above.
    AreaUnit,
    /// As above.
    VolumeUnit,
}

const LEAVES: [(&str, Leaf); 15] = [
    ("one", Leaf::One),
    ("numbered", Leaf::Numbered),
    ("many", Leaf::Many),
    ("several", Leaf::Several),
    ("kinds", Leaf::Kinds),
    ("side", Leaf::Side),
    ("sides", Leaf::Sides),
    ("turn", Leaf::Turn),
    ("step", Leaf::Step),
    ("photo", Leaf::Photo),
    ("length", Leaf::Length),
    ("angle", Leaf::Angle),
    ("lunit", Leaf::LengthUnit),
    ("aunit", Leaf::AreaUnit),
    ("vunit", Leaf::VolumeUnit),
];

/// A condition on an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// The options are categories of the memory.
    Kinds,
    /// The options are directions.
    Sides,
    /// The memory knows the front of the one thing in this slot.
    Front(String),
    /// The slot is filled.
    Filled(String),
}

/// A piece of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// As it stands.
    Text(String),
    /// The text of a slot; nothing where it is not filled.
    Slot(String),
    /// ` as UNIT`: the slot's, else the default where the memory is metric.
    As(String, String),
    /// `, among=[…]`: the slot's directions, else the options'.
    Among(String),
    /// The options as a list.
    Options,
}

/// What a match becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub guards: Vec<Guard>,
    pub pieces: Vec<Piece>,
    /// What the language or the memory lacks for it.
    pub missing: Option<String>,
}

/// A pattern and what it becomes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Production {
    pub node: Node,
    pub outputs: Vec<Output>,
}

/// A production of a whole question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FamilyRule {
    pub name: &'static str,
    pub example: &'static str,
    pub node: Node,
    pub outputs: Vec<Output>,
}

/// The grammar.
#[derive(Debug, Default)]
pub(crate) struct Grammar {
    /// Words and the word that stands for them.
    pub same: BTreeMap<String, String>,
    /// Words that no noun has.
    pub stop: Vec<String>,
    rule_names: Vec<String>,
    pub rules: Vec<Vec<Production>>,
    pub families: Vec<FamilyRule>,
    /// What may stand before and after a question and says nothing.
    pub asides: Vec<Node>,
}

impl Grammar {
    /// The grammar of the planner.
    pub(crate) fn get() -> &'static Grammar {
        static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
        // The text is part of the program; a test parses it.
        GRAMMAR.get_or_init(|| Grammar::parse(TEXT).unwrap_or_else(|e| panic!("families.txt: {e}")))
    }

    /// The place of a rule; the first where there is none.
    pub(crate) fn rule(&self, name: &str) -> usize {
        self.rule_names.iter().position(|r| r == name).unwrap_or(0)
    }

    /// Reads a grammar.
    pub(crate) fn parse(text: &'static str) -> Result<Grammar, String> {
        let mut g = Grammar::default();
        let lines = logical_lines(text);
        // Rules may stand in any order.
        for (_, line) in &lines {
            if let Some(name) = line.strip_prefix("rule ") {
                g.rule_names.push(name.trim().to_owned());
                g.rules.push(Vec::new());
            }
        }
        let mut lets: BTreeMap<String, String> = BTreeMap::new();
        let mut block = Block::default();
        for (n, line) in lines {
            let fail = |e: String| format!("line {n}: {e}");
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            if line.starts_with(' ') {
                let line = line.trim_start();
                match line.strip_prefix("=> ") {
                    Some(out) => block.outputs.push(output(out).map_err(fail)?),
                    None => {
                        if !block.outputs.is_empty() {
                            g.close(&mut block).map_err(fail)?;
                        }
                        let pattern = expand(line, &lets).map_err(fail)?;
                        block.patterns.push(g.pattern(&pattern).map_err(fail)?);
                    }
                }
                continue;
            }
            g.close(&mut block).map_err(fail)?;
            match word {
                "same" => {
                    let mut words = rest.split_whitespace();
                    let first = words.next().ok_or_else(|| fail("no words".into()))?;
                    g.same.extend(words.map(|w| (w.to_owned(), first.to_owned())));
                }
                "stop" => g.stop.extend(rest.split_whitespace().map(str::to_owned)),
                "let" => {
                    let (name, value) =
                        rest.split_once('=').ok_or_else(|| fail("no `=`".into()))?;
                    let value = expand(value, &lets).map_err(fail)?;
                    lets.insert(name.trim().to_owned(), value);
                }
                "rule" => {
                    let i = g.rule_names.iter().position(|r| r == rest.trim());
                    block.section = i.map(Section::Rule);
                }
                "aside" => {
                    let pattern = expand(rest, &lets).map_err(fail)?;
                    let node = g.pattern(&pattern).map_err(fail)?;
                    g.asides.push(node);
                }
                "family" => {
                    let (name, example) =
                        rest.split_once(' ').ok_or_else(|| fail("no example".into()))?;
                    block.section = Some(Section::Family(name, example.trim()));
                }
                _ => return Err(fail(format!("unknown `{word}`"))),
            }
        }
        g.close(&mut block)?;
        Ok(g)
    }

    /// Adds the patterns of a block, each with the block's outputs.
    fn close(&mut self, block: &mut Block) -> Result<(), String> {
        let outputs = std::mem::take(&mut block.outputs);
        let patterns = std::mem::take(&mut block.patterns);
        if patterns.is_empty() != outputs.is_empty() {
            return Err("patterns without an output, or an output without patterns".into());
        }
        for node in patterns {
            let outputs = outputs.clone();
            match block.section {
                Some(Section::Rule(i)) => self.rules[i].push(Production { node, outputs }),
                Some(Section::Family(name, example)) => {
                    self.families.push(FamilyRule { name, example, node, outputs });
                }
                None => return Err("a pattern outside a rule or family".into()),
            }
        }
        Ok(())
    }

    /// Reads a pattern.
    fn pattern(&self, text: &str) -> Result<Node, String> {
        let tokens = lex(text);
        let mut at = 0;
        let node = self.alternatives(&tokens, &mut at)?;
        if at < tokens.len() { Err(format!("unexpected `{}`", tokens[at])) } else { Ok(node) }
    }

    fn alternatives(&self, tokens: &[String], at: &mut usize) -> Result<Node, String> {
        let mut all = vec![Vec::new()];
        while let Some(t) = tokens.get(*at) {
            match t.as_str() {
                ")" | "]" => break,
                "|" => {
                    *at += 1;
                    all.push(Vec::new());
                    continue;
                }
                "(" | "[" => {
                    *at += 1;
                    let inner = self.alternatives(tokens, at)?;
                    let close = if t == "(" { ")" } else { "]" };
                    if tokens.get(*at).map(String::as_str) != Some(close) {
                        return Err(format!("`{t}` is not closed"));
                    }
                    let node = if t == "(" { inner } else { Node::Maybe(Box::new(inner)) };
                    all.last_mut().into_iter().for_each(|a| a.push(node.clone()));
                }
                _ => {
                    let node = self.leaf(t)?;
                    all.last_mut().into_iter().for_each(|a| a.push(node.clone()));
                }
            }
            *at += 1;
        }
        let mut all: Vec<Node> = all
            .into_iter()
            .map(|mut a| if a.len() == 1 { a.remove(0) } else { Node::All(a) })
            .collect();
        Ok(if all.len() == 1 { all.remove(0) } else { Node::Any(all) })
    }

    fn leaf(&self, token: &str) -> Result<Node, String> {
        let Some(inner) = token.strip_prefix('{').and_then(|t| t.strip_suffix('}')) else {
            let word = self.same.get(token).map_or(token, String::as_str);
            return Ok(Node::Word(word.to_owned()));
        };
        if inner == "_" {
            return Ok(Node::Rest);
        }
        if let Some(name) = inner.strip_prefix('=') {
            return Ok(Node::Again(name.to_owned()));
        }
        let (name, rule) = inner.split_once(':').ok_or_else(|| format!("`{token}` has no rule"))?;
        let rule = match LEAVES.iter().find(|l| l.0 == rule) {
            Some((_, leaf)) => Rule::Leaf(*leaf),
            None => Rule::Named(
                self.rule_names
                    .iter()
                    .position(|r| r == rule)
                    .ok_or_else(|| format!("no rule `{rule}`"))?,
            ),
        };
        Ok(Node::Slot(name.to_owned(), rule))
    }
}

/// Where patterns go.
#[derive(Clone, Copy, Debug)]
enum Section {
    Rule(usize),
    Family(&'static str, &'static str),
}

/// Patterns and outputs that belong together.
#[derive(Debug, Default)]
struct Block {
    section: Option<Section>,
    patterns: Vec<Node>,
    outputs: Vec<Output>,
}

/// Lines with their numbers, without comments and blank lines.
fn logical_lines(text: &'static str) -> Vec<(usize, &'static str)> {
    let lines = text.lines().enumerate().map(|(i, l)| (i + 1, l.trim_end()));
    lines.filter(|(_, l)| !l.is_empty() && !l.starts_with('#')).collect()
}

/// Puts in what `<name>` stands for.
fn expand(text: &str, lets: &BTreeMap<String, String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        let (name, after) = after.split_once('>').ok_or("`<` is not closed")?;
        let value = lets.get(name).ok_or_else(|| format!("nothing is called <{name}>"))?;
        out.push_str(before);
        out.push_str(&format!("({value})"));
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn lex(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut Vec<String>| {
        if !word.is_empty() {
            out.push(std::mem::take(word));
        }
    };
    for c in text.chars() {
        match c {
            ' ' => flush(&mut word, &mut out),
            '(' | ')' | '[' | ']' | '|' => {
                flush(&mut word, &mut out);
                out.push(c.to_string());
            }
            c => word.push(c),
        }
    }
    flush(&mut word, &mut out);
    out
}

/// Reads what stands after `=>`: conditions in brackets, then a program, or `!` and what is missing. Lines of
/// a program are separated by ` // `; braces of the language are doubled.
fn output(text: &str) -> Result<Output, String> {
    let mut rest = text.trim();
    let mut guards = Vec::new();
    while let Some((inner, after)) = rest.strip_prefix('?').and_then(|r| r.split_once(' ')) {
        guards.push(match inner.split_once('-') {
            None if inner == "kinds" => Guard::Kinds,
            None if inner == "sides" => Guard::Sides,
            Some(("front", slot)) => Guard::Front(slot.to_owned()),
            Some(("filled", slot)) => Guard::Filled(slot.to_owned()),
            _ => return Err(format!("no condition `{inner}`")),
        });
        rest = after.trim();
    }
    if let Some(what) = rest.strip_prefix('!') {
        return Ok(Output { guards, pieces: vec![], missing: Some(what.trim().to_owned()) });
    }
    let text = rest.replace(" // ", "\n");
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' if chars.peek() == Some(&c) => {
                chars.next();
                plain.push(c);
            }
            '{' => {
                let name: String = chars.by_ref().take_while(|c| *c != '}').collect();
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                let words: Vec<&str> = name.split_whitespace().collect();
                pieces.push(match words.as_slice() {
                    ["options"] => Piece::Options,
                    ["as", slot, unit] => Piece::As((*slot).to_owned(), (*unit).to_owned()),
                    ["among", slot] => Piece::Among((*slot).to_owned()),
                    [slot] => Piece::Slot((*slot).to_owned()),
                    _ => return Err(format!("no piece `{{{name}}}`")),
                });
            }
            '}' => return Err("`}` without `{`".into()),
            c => plain.push(c),
        }
    }
    pieces.push(Piece::Text(plain));
    Ok(Output { guards, pieces, missing: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_reads() {
        let g = Grammar::parse(TEXT).unwrap();
        assert!(g.families.len() > 50 && !g.asides.is_empty());
        for (name, productions) in g.rule_names.iter().zip(&g.rules) {
            assert!(!productions.is_empty(), "rule {name} is empty");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (text, says) in [
            ("rule a\n  (b\n  => c", "not closed"),
            ("rule a\n  {x:nothing}\n  => c", "no rule `nothing`"),
            ("rule a\n  <z>\n  => c", "nothing is called"),
            ("rule a\n  b", "without an output"),
            ("  b\n  => c", "outside a rule"),
            ("what b", "unknown `what`"),
            ("rule a\n  b\n  => ?odd x", "no condition"),
        ] {
            let e = Grammar::parse(text).unwrap_err();
            assert!(e.contains(says), "{e}");
        }
    }
}
