//! Right-hand sides.

/// A class of characters: ranges, or all but these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    pub negated: bool,
    pub ranges: Vec<(char, char)>,
}

impl Class {
    pub fn of(ranges: &[(char, char)]) -> Class {
        Class { negated: false, ranges: ranges.to_vec() }
    }

    pub fn holds(&self, c: char) -> bool {
        self.ranges.iter().any(|r| r.0 <= c && c <= r.1) != self.negated
    }
}

/// A right-hand side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// These characters.
    Text(String),
    /// One character.
    Class(Class),
    /// Another rule.
    Rule(String),
    /// One after the other; empty for nothing.
    Seq(Vec<Node>),
    /// One of them.
    Alt(Vec<Node>),
    /// Once or not.
    Opt(Box<Node>),
    /// Any number of times.
    Star(Box<Node>),
    /// At least once.
    Plus(Box<Node>),
}

impl Node {
    pub fn text(t: &str) -> Node {
        Node::Text(t.to_owned())
    }

    pub fn rule(name: &str) -> Node {
        Node::Rule(name.to_owned())
    }

    pub fn opt(self) -> Node {
        Node::Opt(Box::new(self))
    }

    pub fn star(self) -> Node {
        Node::Star(Box::new(self))
    }

    pub fn plus(self) -> Node {
        Node::Plus(Box::new(self))
    }

    /// The rules that it names.
    pub fn names<'n>(&'n self, out: &mut Vec<&'n str>) {
        match self {
            Node::Rule(n) => out.push(n),
            Node::Seq(l) | Node::Alt(l) => l.iter().for_each(|n| n.names(out)),
            Node::Opt(n) | Node::Star(n) | Node::Plus(n) => n.names(out),
            Node::Text(_) | Node::Class(_) => {}
        }
    }
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Lower case with underscores.
    pub name: String,
    pub body: Node,
    /// Whether it names no rule and is one token: a lexer's matter where a format has one.
    pub terminal: bool,
}
