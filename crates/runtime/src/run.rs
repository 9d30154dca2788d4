//! The state of one run, and every instruction of MIR that is more than arithmetic. Both engines call
//! these, so they agree by construction on everything but arithmetic and control flow.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use reasmory_ir::{CmpOp, Loc, Program};
use reasmory_ops::OpId;
use reasmory_render::{Cloud, Mark};
use reasmory_scene::{Manifest, Memory, apart};
use reasmory_types::{Dim, Direction, Ty};

use crate::abi::{Category, FromSlot, Region};
use crate::arena::{place_tag, wrong};
use crate::fault::FaultKind;
use crate::history::History;
use crate::near::Index;
use crate::{
    ABSENT, AnswerValue, Arena, Chooser, Columns, Datum, Evidence, Fault, Limits, Picture, Place,
    Slot, Status, Stop, dispatch, picture,
};

/// A decision the memory's noise could have turned the other way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// Where.
    pub loc: Loc,
    /// How far the two sides are apart, in the canonical unit of what was compared.
    pub margin: f64,
    /// Standard deviation of that difference.
    pub sigma: f64,
}

/// Steps after which an engine looks whether the run is to end.
pub const FUEL_SLICE: u64 = 4096;

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The answer and the index in `types::UNITS` of the unit to print it in.
    pub answer: Option<(AnswerValue, Option<u32>)>,
    /// What was shown, in order.
    pub evidence: Vec<Evidence>,
    /// Why it ended early.
    pub fault: Option<Fault>,
    /// Doubtful decisions, in order.
    pub decisions: Vec<Decision>,
}

/// The state of one run of one program over one memory.
pub struct Run<'m> {
    memory: &'m Memory,
    program: &'m Program,
    cloud: &'m OnceLock<Cloud>,
    index: OnceLock<Arc<Index>>,
    stop: Option<Arc<Stop>>,
    /// Limits.
    pub limits: Limits,
    /// Values.
    pub arena: Arena,
    /// Fuel left that no engine has drawn.
    pub fuel: u64,
    /// Whether comparisons can be doubtful in this memory.
    pub noisy: bool,
    categories: Vec<Slot>,
    unknown_categories: Vec<Arc<str>>,
    answer: Option<(AnswerValue, Option<u32>)>,
    shown: Vec<(Arc<Picture>, Loc)>,
    /// Whether nobody wants to see what is shown.
    blind: bool,
    fault: Option<Fault>,
    decisions: Vec<Decision>,
    flip: Option<usize>,
    loc: Loc,
    renders: u32,
    asks: u32,
    chooser: Option<&'m dyn Chooser>,
    history: History,
    /// Lengths that an operation measured between things of known covariance, by their bits.
    measured: BTreeMap<u64, f64>,
}

impl<'m> Run<'m> {
    /// A run that is about to start. `cloud` caches what rendering prepares once per memory; `flip` turns
    /// the doubtful decision with that ordinal the other way.
    pub fn new(
        memory: &'m Memory,
        program: &'m Program,
        cloud: &'m OnceLock<Cloud>,
        limits: Limits,
        flip: Option<usize>,
    ) -> Run<'m> {
        let manifest = memory.manifest();
        let mut arena = Arena::new(limits.values);
        let mut unknown_categories: Vec<Arc<str>> = Vec::new();
        let mut categories = Vec::with_capacity(program.texts.len());
        for text in &program.texts {
            // Constant texts sit at the handles of their indices.
            let stored = arena.add(Datum::Text(text.as_str().into()));
            debug_assert!(stored.is_ok());
            let known = manifest.categories.binary_search_by(|c| c.name.as_str().cmp(text));
            categories.push(match known {
                Ok(i) => i as Slot,
                Err(_) => {
                    unknown_categories.push(text.as_str().into());
                    (manifest.categories.len() + unknown_categories.len() - 1) as Slot
                }
            });
        }
        Run {
            memory,
            program,
            cloud,
            index: OnceLock::new(),
            stop: None,
            limits,
            arena,
            fuel: limits.fuel,
            noisy: manifest.uncertainty.position > 0.0,
            categories,
            unknown_categories,
            answer: None,
            shown: Vec::new(),
            blind: false,
            fault: None,
            decisions: Vec::new(),
            flip,
            loc: Loc(0),
            renders: 0,
            asks: 0,
            chooser: None,
            history: History::default(),
            measured: BTreeMap::new(),
        }
    }

    /// The memory.
    pub fn memory(&self) -> &'m Memory {
        self.memory
    }

    /// Its manifest.
    pub fn manifest(&self) -> &'m Manifest {
        self.memory.manifest()
    }

    /// The program.
    pub fn program(&self) -> &'m Program {
        self.program
    }

    /// The prepared points, made on first use.
    pub fn cloud(&self) -> &'m Cloud {
        self.cloud.get_or_init(|| apart(|| Cloud::new(self.memory)))
    }

    /// The prepared points, where the memory has points.
    pub fn points(&self) -> Option<&'m Cloud> {
        (!self.memory.points().is_empty()).then(|| self.cloud())
    }

    /// The same run with a shared index of the memory's instances, so that several runs over one memory
    /// build it once. It must be of the same memory.
    #[must_use]
    pub fn with_index(mut self, index: Arc<Index>) -> Self {
        self.index = OnceLock::from(index);
        self
    }

    /// The same run with somebody who makes choices in words.
    #[must_use]
    pub fn with_chooser(mut self, chooser: Option<&'m dyn Chooser>) -> Self {
        self.chooser = chooser;
        self
    }

    /// Who makes choices in words, where somebody does.
    pub(crate) fn chooser(&self) -> Option<&'m dyn Chooser> {
        self.chooser
    }

    /// The same run, ended when asked to.
    #[must_use]
    pub fn with_stop(mut self, stop: Arc<Stop>) -> Self {
        self.stop = Some(stop);
        self
    }

    /// The fault of a run that was asked to end. Engines ask at least once in [`FUEL_SLICE`] steps, and
    /// operations that may take long ask on their way.
    pub fn poll(&self) -> Result<(), Fault> {
        self.stop.as_ref().map_or(Ok(()), |s| s.check())
    }

    /// Draws fuel for an engine to spend, at most [`FUEL_SLICE`]; 0 when none is left.
    pub fn draw_fuel(&mut self) -> u64 {
        let slice = self.fuel.min(FUEL_SLICE);
        self.fuel -= slice;
        slice
    }

    /// Slots of the categories that the constant texts name in this memory, by index of the text.
    pub fn categories(&self) -> &[Slot] {
        &self.categories
    }

    /// The index of the instances' points.
    pub fn index(&self) -> &Index {
        self.index.get_or_init(|| Arc::new(Index::new(self.memory)))
    }

    /// The numbers of the memory's instances.
    pub fn columns(&self) -> &Columns {
        self.index().columns(self.memory)
    }

    /// The centre of a place, for the operation that asks.
    pub fn place_center(&self, place: Slot, op: OpId) -> Result<[f64; 3], Fault> {
        let place = Place::from_slot(place, &self.arena)?;
        Ok(crate::place::center(self, &place, op.name())?.coords.into())
    }

    /// The components of a record.
    pub fn record(&self, record: Slot) -> Result<[f64; 3], Fault> {
        match self.arena.get(record)? {
            Datum::Record(r) => Ok(*r),
            other => Err(wrong("a record", other)),
        }
    }

    /// How the run ended.
    pub fn finish(mut self) -> Outcome {
        let shown = std::mem::take(&mut self.shown);
        let (evidence, failed) =
            if self.blind { (Vec::new(), None) } else { picture::draw(&self, &shown) };
        if let Some((fault, loc)) = failed
            && self.fault.is_none()
        {
            self.fail(fault, loc);
            self.answer = None;
        }
        Outcome { answer: self.answer, evidence, fault: self.fault, decisions: self.decisions }
    }

    /// The same run, whose pictures nobody wants to see: none is drawn.
    #[must_use]
    pub fn blind(mut self) -> Self {
        self.blind = true;
        self
    }

    /// Records a fault, at the place given, and says what the engine must return.
    pub fn fail(&mut self, mut fault: Fault, loc: Loc) -> Status {
        fault.loc.get_or_insert(loc);
        let status = fault.status();
        self.fault = Some(fault);
        status
    }

    /// Forgets a recorded *no value*: the program gave an `else`.
    pub fn forgive(&mut self) {
        self.fault = None;
    }

    /// The recorded fault.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Calls an intrinsic.
    pub fn op(&mut self, op: OpId, args: &[Slot], loc: Loc) -> Result<Slot, Fault> {
        self.op_by(op, |run, args| dispatch(run, op, args), (args, loc), true)
    }

    /// Calls an intrinsic that the caller has looked up: `call` is that of `op`, which does not give a view
    /// where `view` is false.
    #[inline]
    pub fn op_by(
        &mut self,
        op: OpId,
        call: impl FnOnce(&mut Run<'m>, &[Slot]) -> Result<Slot, Fault>,
        (args, loc): (&[Slot], Loc),
        view: bool,
    ) -> Result<Slot, Fault> {
        self.loc = loc;
        let decided = self.decisions.len();
        self.poll()?;
        let made = call(self, args)?;
        debug_assert!(
            op.def().decides || decided == self.decisions.len(),
            "`{}` takes decisions: its row needs `decides = true`",
            op.name()
        );
        debug_assert!(view || crate::history::words(self, op, args).is_none(), "{}", op.name());
        if view
            && let Some(words) = crate::history::words(self, op, args)
            && let Ok(view) = crate::abi::View::from_slot(made, &self.arena)
        {
            self.history.remember(&view, words);
        }
        Ok(made)
    }

    /// How the program got to its views.
    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    /// The place of the instruction being executed.
    pub fn loc(&self) -> Loc {
        self.loc
    }

    /// Counts a picture against the limit.
    pub fn spend_render(&mut self) -> Result<(), Fault> {
        self.poll()?;
        self.renders += 1;
        if self.renders > self.limits.renders {
            return Err(Fault::new(
                FaultKind::RunLimit,
                format!("the run made more than {} pictures", self.limits.renders),
            ));
        }
        Ok(())
    }

    /// Counts a question to a model against the limit.
    pub(crate) fn spend_ask(&mut self) -> Result<(), Fault> {
        self.asks += 1;
        if self.asks > self.limits.asks {
            return Err(Fault::new(
                FaultKind::RunLimit,
                format!("the run asked a model more than {} times", self.limits.asks),
            ));
        }
        Ok(())
    }

    /// Type of value `value` of function `function`, packed as `function << 32 | value` (so that compiled
    /// code can name a type).
    pub fn type_at(&self, packed: u64) -> Result<&'m Ty, Fault> {
        self.program
            .functions
            .get((packed >> 32) as usize)
            .and_then(|f| f.values.get(packed as u32 as usize))
            .ok_or_else(|| Fault::new(FaultKind::Internal, format!("no type {packed:#x}")))
    }

    /// The slot of a category constant.
    pub fn category(&self, text: u32) -> Result<Slot, Fault> {
        self.categories
            .get(text as usize)
            .copied()
            .ok_or_else(|| Fault::new(FaultKind::Internal, format!("no text {text}")))
    }

    /// The category that a text means; a text made at run time is looked up by its characters.
    pub fn category_of(&mut self, text: Slot) -> Result<Slot, Fault> {
        if let Some(c) = usize::try_from(text).ok().and_then(|i| self.categories.get(i)) {
            return Ok(*c);
        }
        let name = Arc::<str>::from_slot(text, &self.arena)?;
        let known = &self.manifest().categories;
        if let Ok(i) = known.binary_search_by(|c| c.name.as_str().cmp(&name)) {
            return Ok(i as Slot);
        }
        let extra = self.unknown_categories.iter().position(|c| *c == name).unwrap_or_else(|| {
            self.unknown_categories.push(name);
            self.unknown_categories.len() - 1
        });
        Ok((known.len() + extra) as Slot)
    }

    /// The direction that a text means.
    pub fn direction_of(&self, text: Slot) -> Result<Slot, Fault> {
        let word = Arc::<str>::from_slot(text, &self.arena)?;
        Direction::from_spoken(&word)
            .map(|d| d as Slot)
            .ok_or_else(|| Fault::new(FaultKind::Internal, format!("`{word}` is no direction")))
    }

    /// The name of a category, known to the memory or not.
    pub fn category_name(&self, c: Category) -> &str {
        let i = c.0 as usize;
        let known = &self.manifest().categories;
        match known.get(i) {
            Some(entry) => &entry.name,
            None => self.unknown_categories.get(i - known.len()).map_or("?", |t| t),
        }
    }

    /// Standard deviation of a measured quantity (see `Manifest::sigma`).
    pub fn sigma(&self, dim: Dim, value: f64) -> f64 {
        self.manifest().sigma(dim, value)
    }

    /// Keeps the standard deviation of a length that was measured, for as many as a run may have values.
    pub(crate) fn measured(&mut self, length: f64, sigma: f64) {
        if self.measured.len() < self.limits.values && sigma.is_finite() {
            let kept = self.measured.entry(length.to_bits()).or_insert(sigma);
            // Of two measurements with the same result the less sure speaks.
            *kept = kept.max(sigma);
        }
    }

    /// Standard deviation of a quantity: of a length just as it was measured its own, else the memory's.
    pub fn sigma_of(&self, dim: Dim, value: f64) -> f64 {
        let own = if dim == Dim::LENGTH { self.measured.get(&value.to_bits()) } else { None };
        own.copied().unwrap_or_else(|| self.sigma(dim, value))
    }

    /// Takes a decision that rests on a margin: returns `nominal`, unless the decision is doubtful
    /// (margin under 2σ) and is the one to flip.
    pub fn decide(&mut self, nominal: bool, margin: f64, sigma: f64) -> bool {
        if !(sigma > 0.0 && margin < 2.0 * sigma) {
            return nominal;
        }
        let ordinal = self.decisions.len();
        self.decisions.push(Decision { loc: self.loc, margin, sigma });
        nominal != (self.flip == Some(ordinal))
    }

    /// Compares two measured quantities of the type at `ty`.
    pub fn compare(&mut self, op: CmpOp, a: f64, b: f64, ty: u64, loc: Loc) -> Result<bool, Fault> {
        let nominal = compare_floats(op, a, b);
        if !self.noisy {
            return Ok(nominal);
        }
        self.loc = loc;
        let dim = match self.type_at(ty)? {
            Ty::Quantity(d) => *d,
            _ => Dim::NONE,
        };
        let sigma = self.sigma_of(dim, a).max(self.sigma_of(dim, b));
        Ok(self.decide(nominal, (a - b).abs(), sigma))
    }

    /// Spends again what making a value spent; an absent one was not made.
    pub fn charge(&mut self, value: Slot) -> Result<(), Fault> {
        if value == ABSENT { Ok(()) } else { self.arena.charge(value) }
    }

    /// A new list.
    pub fn list_new(&mut self, members: &[Slot]) -> Result<Slot, Fault> {
        self.arena.add(Datum::List(members.to_vec()))
    }

    /// Member at a 1-based index.
    pub fn list_get(&self, list: Slot, index: i64) -> Result<Slot, Fault> {
        let l = self.arena.list(list)?;
        usize::try_from(index)
            .ok()
            .and_then(|i| i.checked_sub(1))
            .and_then(|i| l.get(i))
            .copied()
            .ok_or_else(|| {
                let hint = if index == 0 { "; the first is 1" } else { "" };
                Fault::new(
                    FaultKind::IndexOutOfRange,
                    format!("index {index} of a list of {}{hint}", l.len()),
                )
            })
    }

    /// The Ints from a to b.
    pub fn list_range(&mut self, a: i64, b: i64) -> Result<Slot, Fault> {
        if a > b {
            return self.list_new(&[]);
        }
        let n = b.abs_diff(a).saturating_add(1);
        if n > self.limits.values as u64 {
            return Err(Fault::new(
                FaultKind::RunLimit,
                format!("a range of {n} numbers; a run may make {} values", self.limits.values),
            ));
        }
        let members: Vec<Slot> = (a..=b).map(|i| i as Slot).collect();
        self.arena.add(Datum::List(members))
    }

    /// Members in ascending, stable order of their keys; `ty` is the type of the key list.
    pub fn list_sort_by(
        &mut self,
        list: Slot,
        keys: Slot,
        doubt: bool,
        ty: u64,
        loc: Loc,
    ) -> Result<Slot, Fault> {
        let members = self.arena.list(list)?.to_vec();
        let keys = self.arena.list(keys)?.to_vec();
        let Ty::List(key) = self.type_at(ty)? else {
            return Err(Fault::new(FaultKind::Internal, "sort keys are no list"));
        };
        if members.len() != keys.len() {
            return Err(Fault::new(FaultKind::Internal, "sort keys do not match the list"));
        }
        let mut order: Vec<usize> = (0..members.len()).collect();
        if key.is_float() {
            let f = |i: usize| f64::from_bits(keys[i]);
            order.sort_by(|&i, &j| f(i).total_cmp(&f(j)));
            if doubt && self.noisy {
                self.loc = loc;
                let dim = match **key {
                    Ty::Quantity(d) => d,
                    _ => Dim::NONE,
                };
                // Neighbours are the pairs whose order the noise can turn.
                for i in 1..order.len() {
                    let (a, b) = (f(order[i - 1]), f(order[i]));
                    let sigma = self.sigma_of(dim, a).max(self.sigma_of(dim, b));
                    if !self.decide(true, b - a, sigma) {
                        order.swap(i - 1, i);
                    }
                }
            }
        } else {
            order.sort_by_key(|&i| keys[i] as i64);
        }
        let sorted: Vec<Slot> = order.iter().map(|&i| members[i]).collect();
        self.arena.add(Datum::List(sorted))
    }

    /// Whether two slots of the type `ty` mean the same.
    pub fn same(&self, a: Slot, b: Slot, ty: &Ty) -> Result<bool, Fault> {
        self.same_within(a, b, ty, &self.budget())
    }

    /// How many members a walk through nested lists may visit. Lists share their members, so a short
    /// program can nest them into a tree of any size; the walk counts what the arena does not.
    fn budget(&self) -> Cell<usize> {
        Cell::new(self.limits.values)
    }

    fn spend(&self, budget: &Cell<usize>) -> Result<(), Fault> {
        match budget.get().checked_sub(1) {
            Some(left) => {
                budget.set(left);
                Ok(())
            }
            None => Err(Fault::new(
                FaultKind::RunLimit,
                format!("a nested list has more than {} members", self.limits.values),
            )),
        }
    }

    fn same_within(&self, a: Slot, b: Slot, ty: &Ty, budget: &Cell<usize>) -> Result<bool, Fault> {
        self.spend(budget)?;
        if a == b {
            return Ok(true);
        }
        Ok(match ty {
            Ty::Text => {
                std::sync::Arc::<str>::from_slot(a, &self.arena)?
                    == std::sync::Arc::<str>::from_slot(b, &self.arena)?
            }
            // The same float may have two zeros.
            Ty::Quantity(_) => f64::from_bits(a) == f64::from_bits(b),
            Ty::List(t) => {
                let (x, y) = (self.arena.list(a)?, self.arena.list(b)?);
                x.len() == y.len() && {
                    let mut all = true;
                    for (p, q) in x.iter().zip(y) {
                        all &= self.same_within(*p, *q, t, budget)?;
                    }
                    all
                }
            }
            _ => false,
        })
    }

    /// [`Run::same`] with a packed type.
    pub fn same_at(&self, a: Slot, b: Slot, ty: u64) -> Result<bool, Fault> {
        self.same(a, b, self.type_at(ty)?)
    }

    /// Whether a member of `list` (of the type at `ty`, a list type) is the same as `x`.
    pub fn list_contains(&self, list: Slot, x: Slot, ty: u64) -> Result<bool, Fault> {
        let Ty::List(member) = self.type_at(ty)? else {
            return Err(Fault::new(FaultKind::Internal, "contains of something that is no list"));
        };
        for s in self.arena.list(list)? {
            if self.same(*s, x, member)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Members in reverse order.
    pub fn list_reverse(&mut self, list: Slot) -> Result<Slot, Fault> {
        let mut l = self.arena.list(list)?.to_vec();
        l.reverse();
        self.arena.add(Datum::List(l))
    }

    /// Two lists joined.
    pub fn list_concat(&mut self, a: Slot, b: Slot) -> Result<Slot, Fault> {
        let mut l = self.arena.list(a)?.to_vec();
        l.extend_from_slice(self.arena.list(b)?);
        self.arena.add(Datum::List(l))
    }

    /// Groups of equal keys; `ty` is the type of the key list.
    pub fn group_by(&mut self, list: Slot, keys: Slot, ty: u64) -> Result<Slot, Fault> {
        let members = self.arena.list(list)?.to_vec();
        let keys = self.arena.list(keys)?.to_vec();
        let Ty::List(key) = self.type_at(ty)? else {
            return Err(Fault::new(FaultKind::Internal, "group keys are no list"));
        };
        let mut groups: Vec<(Slot, Vec<Slot>)> = Vec::new();
        'members: for (m, k) in members.iter().zip(&keys) {
            self.poll()?;
            for g in &mut groups {
                if self.same(g.0, *k, key)? {
                    g.1.push(*m);
                    continue 'members;
                }
            }
            groups.push((*k, vec![*m]));
        }
        let mut out = Vec::with_capacity(groups.len());
        for (key, members) in groups {
            let members = self.arena.add(Datum::List(members))?;
            out.push(self.arena.add(Datum::Group { key, members })?);
        }
        self.arena.add(Datum::List(out))
    }

    /// Key (`part` 0) or members (1) of a group.
    pub fn group_part(&self, group: Slot, part: u32) -> Result<Slot, Fault> {
        match self.arena.get(group)? {
            Datum::Group { key, members } => Ok(if part == 0 { *key } else { *members }),
            other => Err(wrong("a group", other)),
        }
    }

    /// Component of a record.
    pub fn field(&self, record: Slot, index: u32) -> Result<Slot, Fault> {
        match self.arena.get(record)? {
            Datum::Record(r) => r
                .get(index as usize)
                .map(|x| x.to_bits())
                .ok_or_else(|| Fault::new(FaultKind::Internal, format!("no field {index}"))),
            other => Err(wrong("a record", other)),
        }
    }

    /// The place that a value of the type at `ty` is at.
    pub fn to_place(&self, value: Slot, ty: u64) -> Result<Slot, Fault> {
        let ty = self.type_at(ty)?;
        match place_tag(ty) {
            Some(tag) => Ok(tag | value),
            None => Err(Fault::new(FaultKind::Internal, format!("`{ty}` is no place"))),
        }
    }

    /// The marks that a value of the type at `ty` stands for.
    pub fn to_mark(&mut self, value: Slot, ty: u64) -> Result<Slot, Fault> {
        let ty = self.type_at(ty)?;
        if *ty == Ty::Mark {
            return Ok(value);
        }
        let marks = self.marks(value, ty, &self.budget())?;
        self.arena.add(Datum::Marks(marks))
    }

    fn marks(&self, value: Slot, ty: &Ty, budget: &Cell<usize>) -> Result<Vec<Mark>, Fault> {
        self.spend(budget)?;
        let a = &self.arena;
        Ok(match ty {
            Ty::Mark => crate::abi::Mark::from_slot(value, a)?.0,
            Ty::Object => vec![Mark::Instance(crate::abi::Object::from_slot(value, a)?.0)],
            Ty::Photo => vec![Mark::Photo(crate::abi::Photo::from_slot(value, a)?.0)],
            Ty::View => vec![Mark::View {
                view: crate::abi::View::from_slot(value, a)?,
                label: "viewer".into(),
            }],
            Ty::Point => {
                let at = crate::abi::Point::from_slot(value, a)?.0;
                vec![Mark::Point { at, label: "point".into() }]
            }
            Ty::Region => vec![Mark::Room],
            Ty::Route => vec![Mark::Route(crate::abi::Route::from_slot(value, a)?.0)],
            Ty::List(t) => {
                let mut out = Vec::new();
                for s in a.list(value)? {
                    out.extend(self.marks(*s, t, budget)?);
                }
                out
            }
            other => {
                return Err(Fault::new(FaultKind::Internal, format!("`{other}` is no mark")));
            }
        })
    }

    /// The fault of an `assert` that did not hold.
    pub fn assertion_failed(&self, why: Option<Slot>) -> Fault {
        let why = why.and_then(|s| Arc::<str>::from_slot(s, &self.arena).ok());
        Fault::new(
            FaultKind::AssertionFailed,
            why.map_or_else(|| "the assertion does not hold".to_owned(), |w| w.to_string()),
        )
    }

    /// Shows a picture.
    pub fn show(&mut self, image: Slot, loc: Loc) -> Result<(), Fault> {
        let image = crate::abi::Image::from_slot(image, &self.arena)?;
        self.shown.push((image, loc));
        Ok(())
    }

    /// Gives the answer: a value of the type at `ty`, printed in a unit (`u32::MAX` for the default).
    pub fn give_answer(&mut self, value: Slot, ty: u64, unit: u32) -> Result<(), Fault> {
        let value = self.read(value, self.type_at(ty)?)?;
        self.answer = Some((value, (unit != u32::MAX).then_some(unit)));
        Ok(())
    }

    /// A value as data.
    pub fn read(&self, slot: Slot, ty: &Ty) -> Result<AnswerValue, Fault> {
        self.read_within(slot, ty, &self.budget())
    }

    fn read_within(&self, slot: Slot, ty: &Ty, budget: &Cell<usize>) -> Result<AnswerValue, Fault> {
        self.spend(budget)?;
        let a = &self.arena;
        let record = |name: &'static str| -> Result<AnswerValue, Fault> {
            let fields = ty.record().map(|r| r.fields).unwrap_or_default();
            let mut out = Vec::new();
            for (i, (field, _)) in fields.iter().enumerate() {
                out.push((*field, f64::from_bits(self.field(slot, i as u32)?)));
            }
            Ok(AnswerValue::Record(name, out))
        };
        Ok(match ty {
            Ty::Bool => AnswerValue::Bool(bool::from_slot(slot, a)?),
            Ty::Int => AnswerValue::Int(slot as i64),
            Ty::Quantity(d) => AnswerValue::Quantity(f64::from_bits(slot), *d),
            Ty::Text => AnswerValue::Text(Arc::<str>::from_slot(slot, a)?.to_string()),
            Ty::Category => {
                AnswerValue::Category(self.category_name(Category::from_slot(slot, a)?).to_owned())
            }
            Ty::Direction => AnswerValue::Direction(Direction::from_slot(slot, a)?),
            Ty::Object => {
                let id = crate::abi::Object::from_slot(slot, a)?.0;
                let instance = self.manifest().instance(id).ok_or_else(|| {
                    Fault::new(FaultKind::Internal, format!("there is no instance {id}"))
                })?;
                AnswerValue::Object {
                    id,
                    category: instance.category.clone(),
                    name: self.manifest().instance_name(id),
                }
            }
            Ty::Photo => AnswerValue::Photo(crate::abi::Photo::from_slot(slot, a)?.0),
            Ty::Point => record("Point")?,
            Ty::Vector => record("Vector")?,
            Ty::Local => record("Local")?,
            Ty::Size => record("Size")?,
            Ty::View => {
                let v = crate::abi::View::from_slot(slot, a)?;
                AnswerValue::View { eye: v.eye.coords.into(), heading: v.heading(), pitch: v.pitch }
            }
            Ty::Region => AnswerValue::Region(
                match Region::from_slot(slot, a)? {
                    Region::Room => "room",
                    Region::Floor => "floor",
                }
                .to_owned(),
            ),
            Ty::List(t) => {
                let members = a.list(slot)?.to_vec();
                AnswerValue::List(
                    members
                        .iter()
                        .map(|s| self.read_within(*s, t, budget))
                        .collect::<Result<_, _>>()?,
                )
            }
            Ty::Group(k, t) => {
                let key = self.read_within(self.group_part(slot, 0)?, k, budget)?;
                let members = self.group_part(slot, 1)?;
                let AnswerValue::List(members) =
                    self.read_within(members, &t.clone().list(), budget)?
                else {
                    return Err(Fault::new(FaultKind::Internal, "a group without members"));
                };
                AnswerValue::Group(Box::new(key), members)
            }
            other => {
                return Err(Fault::new(
                    FaultKind::Internal,
                    format!("a value of type `{other}` cannot be an answer"),
                ));
            }
        })
    }
}

/// The nominal result of a float comparison.
pub fn compare_floats(op: CmpOp, a: f64, b: f64) -> bool {
    match op {
        CmpOp::Eq => a == b,
        CmpOp::Ne => a != b,
        CmpOp::Lt => a < b,
        CmpOp::Le => a <= b,
        CmpOp::Gt => a > b,
        CmpOp::Ge => a >= b,
    }
}
