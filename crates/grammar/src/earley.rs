//! A recogniser for any of these grammars (Earley 1970, with the treatment of empty rules by Aycock and Horspool
//! 2002), a character at a time. It is there to test what is exported, not to be fast.

use std::collections::{BTreeMap, HashSet};

use crate::Grammar;
use crate::node::{Class, Node};

#[derive(Clone, Debug)]
enum Symbol {
    Char(char),
    Class(Class),
    /// A nonterminal.
    Rule(usize),
}

/// A grammar ready to recognise.
#[derive(Clone, Debug)]
pub struct Recogniser {
    /// By nonterminal: its productions.
    of: Vec<Vec<usize>>,
    /// Nonterminal and right-hand side.
    productions: Vec<(usize, Vec<Symbol>)>,
    nullable: Vec<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Item {
    production: usize,
    dot: usize,
    origin: usize,
}

struct Set {
    items: Vec<Item>,
    known: HashSet<Item>,
    /// Items that wait for a nonterminal.
    waiting: BTreeMap<usize, Vec<Item>>,
    predicted: HashSet<usize>,
}

impl Set {
    fn new() -> Set {
        Set {
            items: vec![],
            known: HashSet::new(),
            waiting: BTreeMap::new(),
            predicted: HashSet::new(),
        }
    }

    fn add(&mut self, item: Item) {
        if self.known.insert(item) {
            self.items.push(item);
        }
    }
}

impl Recogniser {
    pub(crate) fn new(g: &Grammar) -> Recogniser {
        let mut r =
            Recogniser { of: vec![vec![]; g.rules.len()], productions: vec![], nullable: vec![] };
        let names: BTreeMap<&str, usize> =
            g.rules.iter().enumerate().map(|(i, r)| (r.name.as_str(), i)).collect();
        for (i, rule) in g.rules.iter().enumerate() {
            r.branches(i, &rule.body, &names);
        }
        r.nullable = vec![false; r.of.len()];
        loop {
            let mut changed = false;
            for (n, symbols) in &r.productions {
                let empty = symbols.iter().all(|s| matches!(s, Symbol::Rule(m) if r.nullable[*m]));
                if empty && !r.nullable[*n] {
                    r.nullable[*n] = true;
                    changed = true;
                }
            }
            if !changed {
                return r;
            }
        }
    }

    fn produce(&mut self, n: usize, symbols: Vec<Symbol>) {
        self.of[n].push(self.productions.len());
        self.productions.push((n, symbols));
    }

    fn fresh(&mut self) -> usize {
        self.of.push(vec![]);
        self.of.len() - 1
    }

    /// The productions of a nonterminal from a right-hand side.
    fn branches(&mut self, n: usize, node: &Node, names: &BTreeMap<&str, usize>) {
        match node {
            Node::Alt(branches) => {
                for b in branches {
                    let mut symbols = Vec::new();
                    self.symbols(b, names, &mut symbols);
                    self.produce(n, symbols);
                }
            }
            other => {
                let mut symbols = Vec::new();
                self.symbols(other, names, &mut symbols);
                self.produce(n, symbols);
            }
        }
    }

    fn symbols(&mut self, node: &Node, names: &BTreeMap<&str, usize>, out: &mut Vec<Symbol>) {
        match node {
            Node::Text(t) => out.extend(t.chars().map(Symbol::Char)),
            Node::Class(c) => out.push(Symbol::Class(c.clone())),
            // A rule that is not there has no text: it gets no production.
            Node::Rule(name) => match names.get(name.as_str()) {
                Some(i) => out.push(Symbol::Rule(*i)),
                None => out.push(Symbol::Rule(self.fresh())),
            },
            Node::Seq(l) => l.iter().for_each(|n| self.symbols(n, names, out)),
            Node::Alt(_) => {
                let n = self.fresh();
                self.branches(n, node, names);
                out.push(Symbol::Rule(n));
            }
            Node::Opt(inner) => {
                let n = self.fresh();
                self.produce(n, vec![]);
                self.branches(n, inner, names);
                out.push(Symbol::Rule(n));
            }
            Node::Star(inner) => {
                let n = self.fresh();
                let mut symbols = vec![Symbol::Rule(n)];
                self.symbols(inner, names, &mut symbols);
                self.produce(n, vec![]);
                self.produce(n, symbols);
                out.push(Symbol::Rule(n));
            }
            Node::Plus(inner) => {
                self.symbols(inner, names, out);
                self.symbols(&Node::Star(inner.clone()), names, out);
            }
        }
    }

    /// Whether a text is in the language.
    pub fn accepts(&self, text: &str) -> bool {
        self.reach(text).is_none()
    }

    /// The byte at which a text leaves the language, its length where it ends too early; nothing where it is
    /// in it.
    pub fn reach(&self, text: &str) -> Option<usize> {
        let mut sets = vec![Set::new()];
        for p in &self.of[0] {
            sets[0].add(Item { production: *p, dot: 0, origin: 0 });
        }
        self.close(&mut sets);
        for (at, c) in text.char_indices() {
            let mut next = Set::new();
            if let Some(last) = sets.last() {
                for item in &last.items {
                    let hit = match self.productions[item.production].1.get(item.dot) {
                        Some(Symbol::Char(x)) => *x == c,
                        Some(Symbol::Class(k)) => k.holds(c),
                        _ => false,
                    };
                    if hit {
                        next.add(Item { dot: item.dot + 1, ..*item });
                    }
                }
            }
            if next.items.is_empty() {
                return Some(at);
            }
            sets.push(next);
            self.close(&mut sets);
        }
        let done = sets.last().is_some_and(|s| {
            s.items.iter().any(|i| {
                let (n, symbols) = &self.productions[i.production];
                *n == 0 && i.origin == 0 && i.dot == symbols.len()
            })
        });
        (!done).then_some(text.len())
    }

    /// Predictions and completions of the last set.
    fn close(&self, sets: &mut [Set]) {
        let Some((last, before)) = sets.split_last_mut() else { return };
        let here = before.len();
        let mut at = 0;
        while at < last.items.len() {
            let item = last.items[at];
            at += 1;
            let (n, symbols) = &self.productions[item.production];
            match symbols.get(item.dot) {
                Some(Symbol::Rule(m)) => {
                    last.waiting.entry(*m).or_default().push(item);
                    if last.predicted.insert(*m) {
                        for p in &self.of[*m] {
                            last.add(Item { production: *p, dot: 0, origin: here });
                        }
                    }
                    if self.nullable[*m] {
                        last.add(Item { dot: item.dot + 1, ..item });
                    }
                }
                Some(_) => {}
                // What is empty was passed over above.
                None if item.origin == here => {}
                None => {
                    let waiting = before[item.origin].waiting.get(n).cloned().unwrap_or_default();
                    for w in waiting {
                        last.add(Item { dot: w.dot + 1, ..w });
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Rule;

    fn grammar(rules: &[(&str, Node)]) -> Recogniser {
        let rule = |(name, body): &(&str, Node)| Rule {
            name: (*name).to_owned(),
            body: body.clone(),
            terminal: false,
        };
        Recogniser::new(&Grammar { rules: rules.iter().map(rule).collect() })
    }

    #[test]
    fn ambiguous_recursive_and_empty_rules() {
        // e = e "+" e | "x" | ""
        let e = grammar(&[(
            "e",
            Node::Alt(vec![
                Node::Seq(vec![Node::rule("e"), Node::text("+"), Node::rule("e")]),
                Node::text("x"),
                Node::Seq(vec![]),
            ]),
        )]);
        for good in ["", "x", "+", "x+x", "++x", "x+x+x+x"] {
            assert!(e.accepts(good), "{good}");
        }
        assert_eq!(e.reach("xx"), Some(1));
        let b = grammar(&[
            ("s", Node::Seq(vec![Node::rule("a").star(), Node::text("b").opt()])),
            ("a", Node::Alt(vec![Node::text("ab"), Node::text("a")])),
        ]);
        for good in ["", "a", "ab", "aab", "abab", "abb"] {
            assert!(b.accepts(good), "{good}");
        }
        assert_eq!((b.reach("bb"), b.reach("ba")), (Some(1), Some(1)));
    }
}
