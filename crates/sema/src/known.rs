//! What a value is in the memory at hand, known before the run: views, places and numbers computed from the
//! manifest with the very functions that the run uses. A value that rests on points, pictures or a model is
//! not known.

use std::cell::{Cell, RefCell};

use reasmory_geom::View;
use reasmory_ops::{InlineOp, OpId};
use reasmory_scene::{Manifest, Place, Region, viewpoint};
use reasmory_types::{Direction, Ty};

use crate::hir::{Arith, Body, Expr, ExprKind, Function, Lambda, LocalId, Program, Stmt, StmtKind};

/// A value that is known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// An object, objects, a view, a photo, a point or a region.
    Place(Place),
    /// A quantity in canonical units, or an Int.
    Number(f64),
    /// A direction.
    Direction(Direction),
    /// A category of the memory.
    Category(String),
}

/// Deepest expression that is followed, calls included.
const DEPTH: usize = 48;
/// Longest list that a choice by key is computed over.
const MEMBERS: usize = 32;
/// Most expressions that are looked at for one program: what is beyond is not known.
const WORK: u32 = 50_000;

/// The evaluator of one body.
pub(crate) struct Known<'h> {
    program: &'h Program,
    manifest: &'h Manifest,
    /// Values of the locals that statements of the body bind, by id; computed once.
    bound: Vec<Option<&'h Expr>>,
    memo: RefCell<Vec<Option<Option<Value>>>>,
    work: Cell<u32>,
    /// Whether anything was asked, which may read anything of the memory.
    asked: Cell<bool>,
}

/// Locals whose values are given from outside: parameters and the members of lists.
#[derive(Clone, Default)]
struct Given {
    locals: Vec<(LocalId, Option<Value>)>,
    /// Inside a function: its locals are numbered for itself, and nothing of the caller's is seen.
    closed: bool,
}

impl<'h> Known<'h> {
    /// Of the main body or of a function's.
    pub(crate) fn new(program: &'h Program, manifest: &'h Manifest, body: &'h Body) -> Known<'h> {
        let mut bound = vec![None; body.locals.len()];
        bindings(&body.stmts, &mut bound);
        let memo = RefCell::new(vec![None; bound.len()]);
        Known { program, manifest, bound, memo, work: Cell::new(0), asked: Cell::new(false) }
    }

    /// The value of an expression of the body.
    pub(crate) fn value(&self, e: &Expr) -> Option<Value> {
        self.asked.set(true);
        self.eval(e, None, DEPTH)
    }

    /// Whether anything was asked.
    pub(crate) fn was_asked(&self) -> bool {
        self.asked.get()
    }

    /// The view that an expression is.
    pub(crate) fn view(&self, e: &Expr) -> Option<View> {
        as_view(self.value(e)?)
    }

    /// The number that an expression is.
    pub(crate) fn number(&self, e: &Expr) -> Option<f64> {
        match self.value(e)? {
            Value::Number(x) => Some(x),
            _ => None,
        }
    }

    /// The place that an expression is.
    pub(crate) fn place(&self, e: &Expr) -> Option<Place> {
        match self.value(e)? {
            Value::Place(p) => Some(p),
            _ => None,
        }
    }

    /// `given`: inside a function or a lambda, the locals that have their values from outside.
    fn eval(&self, e: &Expr, given: Option<&Given>, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        let work = self.work.get() + 1;
        self.work.set(work);
        if work > WORK {
            return None;
        }
        let inner = |x: &Expr| self.eval(x, given, depth);
        match &e.kind {
            // Beyond this an Int is no exact number.
            ExprKind::Int(i) if i.unsigned_abs() < 1 << 53 => Some(Value::Number(*i as f64)),
            ExprKind::Float(x) => Some(Value::Number(*x)),
            ExprKind::Direction(d) => Some(Value::Direction(*d)),
            ExprKind::Category(c) => {
                self.manifest.category(c)?;
                Some(Value::Category(c.clone()))
            }
            ExprKind::Local(id) => self.local(*id, given, depth),
            ExprKind::Neg(x) => number(inner(x)?).map(|x| Value::Number(-x)),
            ExprKind::Arith(op, a, b) => {
                let (a, b) = (number(inner(a)?)?, number(inner(b)?)?);
                let x = match op {
                    Arith::Add => a + b,
                    Arith::Sub => a - b,
                    Arith::Mul => a * b,
                    Arith::Div => a / b,
                };
                x.is_finite().then_some(Value::Number(x))
            }
            ExprKind::Coerce(_, x) => match (inner(x)?, &e.ty) {
                (Value::Place(Place::Object(id)), Ty::List(_)) => {
                    Some(Value::Place(Place::Objects(vec![id])))
                }
                (v, _) => Some(v),
            },
            ExprKind::List(items) if matches!(&e.ty, Ty::List(t) if **t == Ty::Object) => {
                let ids = items
                    .iter()
                    .map(|i| match inner(i)? {
                        Value::Place(Place::Object(id)) => Some(id),
                        _ => None,
                    })
                    .collect::<Option<Vec<u32>>>()?;
                Some(Value::Place(Place::Objects(ids)))
            }
            ExprKind::Index(list, i) => {
                let (ids, n) = (objects(inner(list)?)?, number(inner(i)?)?);
                let at = (n as usize).checked_sub(1).filter(|_| n >= 1.0)?;
                ids.get(at).map(|id| Value::Place(Place::Object(*id)))
            }
            ExprKind::Field(x, i) => match (&x.ty, &x.kind) {
                (Ty::Size, ExprKind::Op { op: OpId::Size, args, .. }) => {
                    let id = object(inner(args.first()?.as_ref()?)?)?;
                    let size = self.manifest.instance(id)?.obb.size();
                    size.get(*i as usize).map(|x| Value::Number(*x))
                }
                _ => None,
            },
            ExprKind::Op { op, args, .. } => self.operation(*op, args, given, depth),
            ExprKind::Inline { op, args, lambda, .. } => {
                self.inline(*op, args, lambda.as_deref(), given, depth)
            }
            ExprKind::Call(name, args) => {
                let f = self.program.functions.iter().find(|f| f.name == *name)?;
                let args = args.iter().map(inner).collect();
                self.call(f, args, depth)
            }
            ExprKind::Let(bindings, body) => {
                let mut all = given.cloned().unwrap_or_default();
                for (id, x) in bindings {
                    let v = self.eval(x, Some(&all), depth);
                    all.locals.push((*id, v));
                }
                self.eval(body, Some(&all), depth)
            }
            _ => None,
        }
    }

    fn local(&self, id: LocalId, given: Option<&Given>, depth: usize) -> Option<Value> {
        if let Some(given) = given {
            match given.locals.iter().rev().find(|g| g.0 == id) {
                Some((_, v)) => return v.clone(),
                None if given.closed => return None,
                None => {}
            }
        }
        let at = id.0 as usize;
        if let Some(known) = self.memo.borrow().get(at).and_then(Option::as_ref) {
            return known.clone();
        }
        let value = self.bound.get(at).copied().flatten().and_then(|e| self.eval(e, None, depth));
        if let Some(slot) = self.memo.borrow_mut().get_mut(at) {
            *slot = Some(value.clone());
        }
        value
    }

    /// A function whose body is bindings and a `return`.
    fn call(&self, f: &Function, args: Vec<Option<Value>>, depth: usize) -> Option<Value> {
        let locals = f.params.iter().copied().zip(args).collect();
        let mut given = Given { locals, closed: true };
        for s in &f.body.stmts {
            match &s.kind {
                StmtKind::Bind(id, e) => {
                    let v = self.eval(e, Some(&given), depth);
                    given.locals.push((*id, v));
                }
                StmtKind::Return(e) => return self.eval(e, Some(&given), depth),
                _ => return None,
            }
        }
        None
    }

    fn operation(
        &self,
        op: OpId,
        args: &[Option<Expr>],
        given: Option<&Given>,
        depth: usize,
    ) -> Option<Value> {
        let m = self.manifest;
        let arg = |i: usize| args.get(i).and_then(Option::as_ref);
        let value = |i: usize| self.eval(arg(i)?, given, depth);
        let place = |i: usize| match value(i)? {
            Value::Place(p) => Some(p),
            _ => None,
        };
        let center = |i: usize| m.center(&place(i)?).ok();
        // Absent, or known; an argument that is not known makes the whole unknown.
        let optional = |i: usize| match arg(i) {
            None => Some(None),
            Some(_) => number(value(i)?).map(Some),
        };
        let view = |i: usize| as_view(value(i)?);
        let direction = |i: usize| match value(i)? {
            Value::Direction(d) => Some(d),
            _ => None,
        };
        let here = |p: Place| Some(Value::Place(p));
        let seen = |v: View| Some(Value::Place(Place::View(v)));
        let size = |x: f64| x.is_finite().then_some(Value::Number(x));
        let instances = |i: usize| match &arg(i)?.kind {
            // As good as always.
            ExprKind::Category(c) => Some(m.category(c)?.instances.as_slice()),
            _ => match value(i)? {
                Value::Category(c) => Some(m.category(&c)?.instances.as_slice()),
                _ => None,
            },
        };
        match op {
            OpId::Objects => match arg(0) {
                None => here(Place::Objects(m.instances.iter().map(|i| i.id).collect())),
                Some(_) => here(Place::Objects(instances(0)?.to_vec())),
            },
            OpId::The => match instances(0)? {
                [id] => here(Place::Object(*id)),
                _ => None,
            },
            OpId::Best => here(Place::Object(m.most_certain(instances(0)?)?)),
            OpId::Without => {
                let (xs, out) = (objects(value(0)?)?, place(1)?);
                let out = match out {
                    Place::Object(id) => vec![id],
                    Place::Objects(ids) => ids,
                    _ => vec![],
                };
                here(Place::Objects(xs.into_iter().filter(|x| !out.contains(x)).collect()))
            }
            OpId::Photo => {
                let n = number(value(0)?)?;
                let n = (n >= 1.0 && n <= f64::from(u32::MAX)).then_some(n as u32)?;
                m.photo(n)?;
                here(Place::Photo(n))
            }
            OpId::View => match place(0)? {
                Place::Photo(n) => seen(m.photo(n)?.view()),
                _ => None,
            },
            OpId::ViewAt => seen(m.photo(m.photo_at(number(value(0)?)?)?)?.view()),
            OpId::Room => m.room.as_ref().and(here(Place::Region(Region::Room))),
            OpId::Floor => here(Place::Region(Region::Floor)),
            OpId::Center => here(Place::Point(center(0)?)),
            OpId::Eye => here(Place::Point(view(0)?.eye)),
            OpId::Stand => {
                let eye = m.standing_eye(center(0)?, optional(3)?);
                match arg(1) {
                    Some(_) => seen(m.facing(eye, center(1)?)?),
                    None => seen(View::level(eye, number(value(2)?)?)),
                }
            }
            OpId::Turn => seen(viewpoint::turn(&view(0)?, direction(1)?, optional(2)?)),
            OpId::Step => seen(m.step(&view(0)?, direction(1)?, optional(2)?)),
            OpId::LookAt => seen(m.look_at(&view(0)?, center(1)?)?),
            OpId::Orbit => seen(viewpoint::orbit(&view(0)?, center(1)?, number(value(2)?)?)),
            OpId::Midway => seen(viewpoint::midway(&view(0)?, &view(1)?)),
            OpId::Diagonal => size(m.diagonal()),
            OpId::Distance => size(m.box_distance(&place(0)?, &place(1)?)?),
            OpId::CenterDistance => size(m.center_distance(&place(0)?, &place(1)?).ok()?),
            OpId::HorizontalDistance => size(m.horizontal_distance(&place(0)?, &place(1)?).ok()?),
            OpId::HeightAbove => size(m.height_above(&place(0)?, &place(1)?).ok()?),
            OpId::TopHeight => size(m.top_height(&place(0)?).ok()?),
            OpId::Volume => size(m.instance(object(value(0)?)?)?.obb.volume()),
            OpId::Bearing => size(view(1)?.bearing(center(0)?, m.no_side())?),
            OpId::Elevation => size(view(1)?.elevation(center(0)?)),
            OpId::ViewHeading => size(view(0)?.heading()),
            _ => None,
        }
    }

    fn inline(
        &self,
        op: InlineOp,
        args: &[Expr],
        lambda: Option<&Lambda>,
        given: Option<&Given>,
        depth: usize,
    ) -> Option<Value> {
        let first = self.eval(args.first()?, given, depth)?;
        match op {
            InlineOp::Abs => number(first).map(|x| Value::Number(x.abs())),
            InlineOp::First => objects(first)?.first().map(|id| Value::Place(Place::Object(*id))),
            InlineOp::Last => objects(first)?.last().map(|id| Value::Place(Place::Object(*id))),
            InlineOp::MinBy | InlineOp::MaxBy => {
                let (ids, l) = (objects(first)?, lambda?);
                if ids.len() > MEMBERS {
                    return None;
                }
                let mut all = given.cloned().unwrap_or_default();
                let mut best: Option<(f64, u32)> = None;
                let member = all.locals.len();
                all.locals.push((l.param, None));
                for id in ids {
                    all.locals[member].1 = Some(Value::Place(Place::Object(id)));
                    let key = number(self.eval(&l.body, Some(&all), depth)?)?;
                    let better = |b: f64| if op == InlineOp::MinBy { key < b } else { key > b };
                    if best.is_none_or(|b| better(b.0)) {
                        best = Some((key, id));
                    }
                }
                best.map(|b| Value::Place(Place::Object(b.1)))
            }
            _ => None,
        }
    }
}

fn number(v: Value) -> Option<f64> {
    match v {
        Value::Number(x) => Some(x),
        _ => None,
    }
}

fn object(v: Value) -> Option<u32> {
    match v {
        Value::Place(Place::Object(id)) => Some(id),
        _ => None,
    }
}

fn objects(v: Value) -> Option<Vec<u32>> {
    match v {
        Value::Place(Place::Objects(ids)) => Some(ids),
        _ => None,
    }
}

fn as_view(v: Value) -> Option<View> {
    match v {
        Value::Place(Place::View(v)) => Some(v),
        _ => None,
    }
}

fn bindings<'h>(stmts: &'h [Stmt], out: &mut [Option<&'h Expr>]) {
    for s in stmts {
        match &s.kind {
            StmtKind::Bind(id, e) => {
                if let Some(slot) = out.get_mut(id.0 as usize) {
                    *slot = Some(e);
                }
            }
            StmtKind::If(_, a, b) => {
                bindings(a, out);
                bindings(b, out);
            }
            StmtKind::For(_, _, b) => bindings(b, out),
            _ => {}
        }
    }
}
