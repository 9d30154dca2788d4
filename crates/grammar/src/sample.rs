//! Random texts of a grammar.

use std::collections::BTreeMap;

use crate::Grammar;
use crate::node::{Class, Node};

/// Small generator (xorshift64*, Vigna 2016): the same texts everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

struct Sampler<'g> {
    rules: BTreeMap<&'g str, &'g Node>,
    /// The least number of rules that a rule's text needs below it.
    heights: BTreeMap<&'g str, usize>,
    random: Random,
    left: usize,
    out: String,
}

const ENDLESS: usize = usize::MAX / 4;

fn height(n: &Node, of: &BTreeMap<&str, usize>) -> usize {
    match n {
        Node::Text(_) | Node::Class(_) | Node::Opt(_) | Node::Star(_) => 0,
        Node::Rule(r) => of.get(r.as_str()).copied().unwrap_or(ENDLESS).saturating_add(1),
        Node::Seq(l) => l.iter().map(|n| height(n, of)).max().unwrap_or(0),
        Node::Alt(l) => l.iter().map(|n| height(n, of)).min().unwrap_or(0),
        Node::Plus(n) => height(n, of),
    }
}

pub(crate) fn sample(g: &Grammar, seed: u64, size: usize) -> String {
    let rules: BTreeMap<&str, &Node> = g.rules.iter().map(|r| (r.name.as_str(), &r.body)).collect();
    let mut heights: BTreeMap<&str, usize> = rules.keys().map(|n| (*n, ENDLESS)).collect();
    loop {
        let next: BTreeMap<&str, usize> =
            rules.iter().map(|(n, b)| (*n, height(b, &heights).min(ENDLESS))).collect();
        if next == heights {
            break;
        }
        heights = next;
    }
    let random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut s = Sampler { rules, heights, random, left: size, out: String::new() };
    for _ in 0..8 {
        s.random.next();
    }
    s.node(&Node::rule("root"));
    s.out
}

impl Sampler<'_> {
    fn spend(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }

    fn class(&mut self, c: &Class) {
        let pick = if c.negated {
            let ordinary = [(' ', '~'), ('à', 'ü')];
            let all: Vec<char> =
                ordinary.iter().flat_map(|r| r.0..=r.1).filter(|x| c.holds(*x)).collect();
            all[self.random.below(all.len())]
        } else {
            let (a, b) = c.ranges[self.random.below(c.ranges.len())];
            let n = u32::from(b) - u32::from(a) + 1;
            char::from_u32(u32::from(a) + self.random.below(n as usize) as u32).unwrap_or(a)
        };
        self.out.push(pick);
    }

    fn node(&mut self, n: &Node) {
        match n {
            Node::Text(t) => self.out.push_str(t),
            Node::Class(c) => self.class(c),
            Node::Rule(r) => {
                self.spend();
                if let Some(body) = self.rules.get(r.as_str()).copied() {
                    self.node(body);
                }
            }
            Node::Seq(l) => l.iter().for_each(|n| self.node(n)),
            Node::Alt(l) => {
                let pick = if self.spend() {
                    self.random.below(l.len())
                } else {
                    // The shortest way out.
                    let heights = &self.heights;
                    (0..l.len()).min_by_key(|i| height(&l[*i], heights)).unwrap_or(0)
                };
                self.node(&l[pick]);
            }
            Node::Opt(n) => {
                if self.spend() && self.random.chance(2) {
                    self.node(n);
                }
            }
            Node::Star(n) => self.repeat(n),
            Node::Plus(n) => {
                self.node(n);
                self.repeat(n);
            }
        }
    }

    fn repeat(&mut self, n: &Node) {
        while self.spend() && self.random.chance(2) {
            self.node(n);
        }
    }
}
