//! Patterns against the words of a question.
//!
//! A backtracking matcher in continuation-passing style: the first way through a pattern that reaches the end
//! of the question is taken. What a rule matches at a place is found once and kept. Steps are counted, so that
//! no question takes long.

use std::collections::BTreeMap;
use std::rc::Rc;

use reasmory_scene::Manifest;
use reasmory_sema::question::spoken;
use reasmory_types::Direction;

use crate::Refusal;
use crate::fill;
use crate::grammar::{Grammar, Guard, Leaf, Node, Rule};
use crate::leaf;
use crate::noun::Nouns;
use crate::tokens::{Token, words};

/// Steps of one question.
const MAX_STEPS: usize = 400_000;
/// Rules within rules.
const MAX_DEPTH: usize = 24;

/// What a slot was filled with.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Value {
    /// What stands for it in a program.
    pub text: String,
    /// Expressions of the things in it.
    pub marks: Vec<String>,
    /// The one instance it is, where it surely is one.
    pub instance: Option<u32>,
    /// Why it has no text.
    pub issue: Option<Refusal>,
}

/// Filled slots, in the order of the question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Env(Vec<(Rc<str>, Rc<Value>)>);

impl Env {
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|s| &*s.0 == name).map(|s| &*s.1)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|v| v.text.as_str())
    }

    fn with(&self, name: &str, value: Rc<Value>) -> Env {
        let mut slots = self.0.clone();
        slots.push((name.into(), value));
        Env(slots)
    }

    pub(crate) fn issue(&self) -> Option<Refusal> {
        self.0.iter().find_map(|s| s.1.issue.clone())
    }

    pub(crate) fn slots(&self) -> Vec<(String, String)> {
        self.0.iter().map(|s| (s.0.to_string(), s.1.text.clone())).collect()
    }

    /// The marks of all slots, each once.
    pub(crate) fn marks(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for m in self.0.iter().flat_map(|s| &s.1.marks) {
            if !out.contains(m) {
                out.push(m.clone());
            }
        }
        out
    }
}

/// Ends and values of what a rule or leaf matches at one place.
pub(crate) type Found = Rc<Vec<(usize, Rc<Value>)>>;

/// Continuation of a match: true ends the search.
type Then<'k, 'q> = &'k mut dyn FnMut(&mut Matcher<'q>, usize, &Env) -> bool;

/// One question, being read.
pub(crate) struct Matcher<'q> {
    pub tokens: &'q [Token],
    pub nouns: Nouns<'q>,
    pub lenient: bool,
    /// The options as category literals, where all are categories.
    pub option_kinds: Option<Vec<String>>,
    /// The options as directions, where all are.
    pub option_sides: Option<Vec<&'static str>>,
    steps: usize,
    depth: usize,
    rules: BTreeMap<(usize, usize), Found>,
    leaves: BTreeMap<(Leaf, usize), Found>,
}

impl<'q> Matcher<'q> {
    pub(crate) fn new(
        tokens: &'q [Token],
        options: &[String],
        manifest: &'q Manifest,
        lenient: bool,
    ) -> Matcher<'q> {
        let nouns = Nouns::new(manifest);
        let kinds: Option<Vec<String>> = options
            .iter()
            .map(|o| {
                let category = nouns.category(&words(o).join(" "))?;
                (!nouns.instances(category).is_empty())
                    .then(|| crate::noun::literal(nouns.name(category)))
            })
            .collect();
        let sides: Option<Vec<&'static str>> =
            options.iter().map(|o| spoken(o).map(Direction::name)).collect();
        Matcher {
            tokens,
            nouns,
            lenient,
            option_kinds: kinds.filter(|k| !k.is_empty()),
            option_sides: sides.filter(|s| !s.is_empty()),
            steps: 0,
            depth: 0,
            rules: BTreeMap::new(),
            leaves: BTreeMap::new(),
        }
    }

    /// Whether a condition of an output holds.
    pub(crate) fn holds(&self, guard: &Guard, env: &Env) -> bool {
        match guard {
            Guard::Kinds => self.option_kinds.is_some(),
            Guard::Sides => self.option_sides.is_some(),
            Guard::Filled(slot) => env.get(slot).is_some(),
            Guard::Front(slot) => env
                .get(slot)
                .and_then(|v| v.instance)
                .and_then(|id| self.nouns.manifest.instance(id))
                .is_some_and(|i| i.front.is_some()),
        }
    }

    /// The way in which a pattern reads the whole question, with asides before and after.
    pub(crate) fn whole(&mut self, node: &'static Node) -> Result<Option<Env>, Refusal> {
        let mut result = None;
        self.asides(0, 0, &mut |m, at| {
            m.node(node, at, &Env::default(), &mut |m, end, env| {
                m.asides(end, 0, &mut |m, end| {
                    let done = m.skip(end) >= m.tokens.len();
                    if done {
                        result = Some(env.clone());
                    }
                    done
                })
            })
        });
        if self.steps > MAX_STEPS { Err(Refusal::TooLong) } else { Ok(result) }
    }

    /// Any number of asides, the fewest first.
    fn asides(
        &mut self,
        at: usize,
        n: usize,
        then: &mut dyn FnMut(&mut Matcher<'q>, usize) -> bool,
    ) -> bool {
        if then(self, at) {
            return true;
        }
        if n >= 4 {
            return false;
        }
        for aside in &Grammar::get().asides {
            let found = self.node(aside, at, &Env::default(), &mut |m, end, _| {
                end > at && m.asides(end, n + 1, then)
            });
            if found {
                return true;
            }
        }
        false
    }

    /// The next place that is no mark.
    pub(crate) fn skip(&self, mut at: usize) -> usize {
        while self.tokens.get(at).is_some_and(|t| t.mark) {
            at += 1;
        }
        at
    }

    fn node(&mut self, node: &'static Node, at: usize, env: &Env, then: Then<'_, 'q>) -> bool {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return false;
        }
        match node {
            Node::Word(w) => {
                let at = self.skip(at);
                self.tokens.get(at).is_some_and(|t| t.norm == *w) && then(self, at + 1, env)
            }
            Node::All(nodes) => self.all(nodes, at, env, then),
            Node::Any(nodes) => nodes.iter().any(|n| self.node(n, at, env, then)),
            Node::Maybe(inner) => self.node(inner, at, env, then) || then(self, at, env),
            Node::Rest => (at..=self.tokens.len()).any(|end| then(self, end, env)),
            Node::Again(name) => {
                let Some(text) = env.text(name).map(str::to_owned) else { return false };
                let one = Grammar::get().rule("thing");
                let found = self.rule(one, at);
                found.iter().any(|(end, v)| v.text == text && then(self, *end, env))
            }
            Node::Slot(name, rule) => {
                let found = match rule {
                    Rule::Named(i) => self.rule(*i, at),
                    Rule::Leaf(leaf) => self.leaf(*leaf, at),
                };
                found.iter().any(|(end, v)| then(self, *end, &env.with(name, Rc::clone(v))))
            }
        }
    }

    fn all(&mut self, nodes: &'static [Node], at: usize, env: &Env, then: Then<'_, 'q>) -> bool {
        match nodes.split_first() {
            None => then(self, at, env),
            Some((first, rest)) => {
                self.node(first, at, env, &mut |m, end, env| m.all(rest, end, env, then))
            }
        }
    }

    /// Every way in which a rule matches at a place, one for each end and text.
    fn rule(&mut self, rule: usize, at: usize) -> Found {
        let at = self.skip(at);
        if let Some(found) = self.rules.get(&(rule, at)) {
            return Rc::clone(found);
        }
        if self.depth >= MAX_DEPTH {
            return Rc::default();
        }
        // A rule that begins with itself finds nothing there.
        self.rules.insert((rule, at), Rc::default());
        self.depth += 1;
        let mut out: Vec<(usize, Rc<Value>)> = Vec::new();
        for production in &Grammar::get().rules[rule] {
            self.node(&production.node, at, &Env::default(), &mut |m, end, env| {
                let fitting =
                    production.outputs.iter().find(|o| o.guards.iter().all(|g| m.holds(g, env)));
                if let Some(output) = fitting {
                    let value = fill::value(output, env, m);
                    if out.iter().all(|o| o.0 != end || *o.1 != value) {
                        out.push((end, Rc::new(value)));
                    }
                }
                false
            });
        }
        self.depth -= 1;
        // The longest first, as they stand otherwise.
        out.sort_by_key(|o| std::cmp::Reverse(o.0));
        let found: Found = Rc::new(out);
        self.rules.insert((rule, at), Rc::clone(&found));
        found
    }

    pub(crate) fn leaf(&mut self, leaf: Leaf, at: usize) -> Found {
        let at = self.skip(at);
        if let Some(found) = self.leaves.get(&(leaf, at)) {
            return Rc::clone(found);
        }
        let found: Found = Rc::new(
            leaf::read(self, leaf, at).into_iter().map(|(end, v)| (end, Rc::new(v))).collect(),
        );
        self.leaves.insert((leaf, at), Rc::clone(&found));
        found
    }
}
