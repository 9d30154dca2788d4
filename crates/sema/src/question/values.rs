//! Which values an expression can have, where that can be told without running.

use std::cell::Cell;

use reasmory_ops::{InlineOp, OpId};
use reasmory_scene::Manifest;
use reasmory_types::{Direction, Ty};

use super::flow::{Flow, Origin, Place};
use crate::hir::{Coercion, Expr, ExprKind};

/// Most values that are told apart; more are as good as any.
const MOST: usize = 256;

/// Deepest that is followed through names and calls.
const DEEPEST: u32 = 200;

/// A value, as far as options are concerned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Bool(bool),
    Direction(Direction),
    /// A category, or an object of it.
    Noun(String),
    Text(String),
}

/// The values an expression can have.
#[derive(Default)]
pub(crate) struct Values<'h> {
    /// Each once, in order of appearance.
    pub(crate) all: Vec<Value>,
    /// Operations that decide among directions, where the value comes from one.
    pub(crate) deciders: Vec<Place<'h>>,
    /// Lists that the value is chosen from.
    pub(crate) lists: Vec<Place<'h>>,
}

impl<'h> Values<'h> {
    fn put(&mut self, v: Value) -> Option<()> {
        if !self.all.contains(&v) {
            self.all.push(v);
        }
        (self.all.len() <= MOST).then_some(())
    }
}

/// The values of an expression; `None` where it can have any.
pub(crate) fn values<'h>(
    flow: &Flow<'h>,
    scene: Option<&Manifest>,
    at: Place<'h>,
) -> Option<Values<'h>> {
    let mut out = Values::default();
    Search { flow, scene, depth: Cell::new(0) }.value(at, &mut out)?;
    Some(out)
}

/// The values that members of a list can have; `None` where they can have any.
pub(crate) fn members<'h>(
    flow: &Flow<'h>,
    scene: Option<&Manifest>,
    at: Place<'h>,
) -> Option<Values<'h>> {
    let mut out = Values::default();
    Search { flow, scene, depth: Cell::new(0) }.member(at, &mut out)?;
    Some(out)
}

struct Search<'s, 'h> {
    flow: &'s Flow<'h>,
    scene: Option<&'s Manifest>,
    depth: Cell<u32>,
}

impl<'h> Search<'_, 'h> {
    /// Runs a step of the search, unless it is too deep or too much.
    fn deeper(&self, step: impl FnOnce() -> Option<()>) -> Option<()> {
        if self.depth.get() >= DEEPEST || !self.flow.step() {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let found = step();
        self.depth.set(self.depth.get() - 1);
        found
    }

    fn value(&self, at: Place<'h>, out: &mut Values<'h>) -> Option<()> {
        self.deeper(|| self.value_of(at, out))
    }

    fn member(&self, at: Place<'h>, out: &mut Values<'h>) -> Option<()> {
        self.deeper(|| self.member_of(at, out))
    }

    fn value_of(&self, at: Place<'h>, out: &mut Values<'h>) -> Option<()> {
        let (e, frame) = at;
        let found = match &e.kind {
            ExprKind::Bool(b) => return out.put(Value::Bool(*b)),
            ExprKind::Direction(d) => return out.put(Value::Direction(*d)),
            ExprKind::Category(c) => return out.put(Value::Noun(c.clone())),
            ExprKind::Text(t) => {
                return out.put(match e.ty {
                    Ty::Category => Value::Noun(t.clone()),
                    _ => Value::Text(t.clone()),
                });
            }
            ExprKind::Local(id) => match self.flow.resolve(*id, frame) {
                Some((Origin::Value(x), f)) => self.value((x, f), out),
                Some((Origin::Member(x), f)) => self.member((x, f), out),
                None => None,
            },
            ExprKind::If(_, a, b) => {
                self.value((a, frame), out).and_then(|()| self.value((b, frame), out))
            }
            ExprKind::Let(_, x) => self.value((x, frame), out),
            ExprKind::Coerce(Coercion::NounToText, x) => self.value((x, frame), out),
            ExprKind::Coerce(Coercion::NounToCategory, x) => {
                let mut inner = Values::default();
                self.value((x, frame), &mut inner)?;
                out.lists.append(&mut inner.lists);
                inner.all.into_iter().try_for_each(|v| {
                    out.put(match v {
                        Value::Text(t) => Value::Noun(t),
                        other => other,
                    })
                })
            }
            ExprKind::Coerce(Coercion::NounToDirection, x) => {
                let mut inner = Values::default();
                self.value((x, frame), &mut inner)?;
                inner.all.into_iter().try_for_each(|v| match v {
                    Value::Text(t) => out.put(Value::Direction(Direction::from_spoken(&t)?)),
                    other => out.put(other),
                })
            }
            ExprKind::Op { op, args, otherwise } => {
                let arg = |i: usize| args.get(i).and_then(Option::as_ref);
                let found = match op {
                    OpId::Side | OpId::TurnNeeded => {
                        out.deciders.push(at);
                        arg(2).and_then(|among| self.member((among, frame), out))
                    }
                    OpId::The | OpId::Best => arg(0).and_then(|c| self.value((c, frame), out)),
                    OpId::Category => arg(0).and_then(|x| self.value((x, frame), out)),
                    OpId::Pick => arg(0).and_then(|xs| self.member((xs, frame), out)),
                    _ => None,
                };
                match (found, otherwise) {
                    (Some(()), Some(o)) => self.value((o, frame), out),
                    (found, _) => found,
                }
            }
            ExprKind::Inline { op, args, otherwise, .. } => {
                let chooses = matches!(
                    op,
                    InlineOp::MinBy | InlineOp::MaxBy | InlineOp::First | InlineOp::Last
                );
                let found = args
                    .first()
                    .filter(|_| chooses)
                    .and_then(|list| self.chosen((list, frame), out));
                match (found, otherwise) {
                    (Some(()), Some(o)) => self.value((o, frame), out),
                    (found, _) => found,
                }
            }
            ExprKind::Index(list, _) => self.chosen((list, frame), out),
            ExprKind::Call(..) => {
                let returns = self.flow.returns(e, frame);
                if returns.is_empty() {
                    None
                } else {
                    returns.into_iter().try_for_each(|r| self.value(r, out))
                }
            }
            _ => None,
        };
        found.or_else(|| self.fallback(e, out))
    }

    fn chosen(&self, list: Place<'h>, out: &mut Values<'h>) -> Option<()> {
        out.lists.push(list);
        self.member(list, out)
    }

    /// What the type or the memory still says of a value.
    fn fallback(&self, e: &Expr, out: &mut Values<'h>) -> Option<()> {
        if e.ty == Ty::Bool {
            out.put(Value::Bool(true))?;
            return out.put(Value::Bool(false));
        }
        if !matches!(e.ty, Ty::Object | Ty::Category) {
            return None;
        }
        let scene = self.scene?;
        match &e.facts.instances {
            Some(ids) => ids
                .iter()
                .filter_map(|id| scene.instance(*id))
                .try_for_each(|i| out.put(Value::Noun(i.category.clone()))),
            None => self.every_category(out),
        }
    }

    fn every_category(&self, out: &mut Values<'h>) -> Option<()> {
        let scene = self.scene?;
        scene.categories.iter().try_for_each(|c| out.put(Value::Noun(c.name.clone())))
    }

    fn member_of(&self, at: Place<'h>, out: &mut Values<'h>) -> Option<()> {
        let (e, frame) = at;
        match &e.kind {
            ExprKind::List(items) => items.iter().try_for_each(|i| self.value((i, frame), out)),
            ExprKind::Local(id) => match self.flow.resolve(*id, frame)? {
                (Origin::Value(x), f) => self.member((x, f), out),
                (Origin::Member(_), _) => None,
            },
            ExprKind::If(_, a, b) => {
                self.member((a, frame), out)?;
                self.member((b, frame), out)
            }
            ExprKind::Let(_, x) => self.member((x, frame), out),
            ExprKind::Coerce(Coercion::Singleton, x) => self.value((x, frame), out),
            ExprKind::Op { op: OpId::Objects, args, .. } => match args.first() {
                Some(Some(c)) => self.value((c, frame), out),
                _ => self.every_category(out),
            },
            ExprKind::Op { op: OpId::Categories, .. } => self.every_category(out),
            ExprKind::Op { op: OpId::Without, args, .. } => {
                let list = args.first().and_then(Option::as_ref)?;
                self.member((list, frame), out)
            }
            ExprKind::Inline { op, args, lambda, .. } => match op {
                InlineOp::Filter | InlineOp::SortBy | InlineOp::Reverse => {
                    self.member((args.first()?, frame), out)
                }
                InlineOp::Map => self.value((&lambda.as_ref()?.body, frame), out),
                _ => None,
            },
            ExprKind::Comprehension { element, .. } => self.value((element, frame), out),
            ExprKind::Call(..) => {
                let returns = self.flow.returns(e, frame);
                if returns.is_empty() {
                    return None;
                }
                returns.into_iter().try_for_each(|r| self.member(r, out))
            }
            _ if matches!(&e.ty, Ty::List(m) if **m == Ty::Object) => {
                let (scene, ids) = (self.scene?, e.facts.instances.as_ref()?);
                ids.iter()
                    .filter_map(|id| scene.instance(*id))
                    .try_for_each(|i| out.put(Value::Noun(i.category.clone())))
            }
            _ => None,
        }
    }
}
