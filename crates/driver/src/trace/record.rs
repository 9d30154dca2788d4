//! The observer of a traced run: follows for every value what it came from, and writes an entry where a
//! mark says that an expression is complete.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use reasmory_interp::Observer;
use reasmory_ir::{Inst, InstKind, Intrinsic, Program, Target, Value};
use reasmory_ops::Effect;
use reasmory_runtime::{Run, Slot};
use reasmory_sema::lower::{Mark, Sort};
use reasmory_types::Ty;

use super::flow::Flow;
use super::origin::Origin;
use super::print::{Printed, print};
use super::{Entry, From, Input, MAX_ENTRIES};
use crate::answer::Printing;

/// What is known of a value.
#[derive(Clone, Debug, Default)]
struct Info {
    origin: Origin,
    entry: Option<u32>,
}

#[derive(Debug)]
struct Frame {
    function: usize,
    block: usize,
    infos: Vec<Info>,
    /// Decisions that the current block depends on, and where each ends.
    control: Vec<(Option<usize>, Origin)>,
    /// By block: decisions about turns of loops that end there.
    turns: BTreeMap<usize, Origin>,
    depth: u32,
}

impl Frame {
    fn get(&self, v: Value) -> &Info {
        &self.infos[v.0 as usize]
    }

    /// Of all decisions around; each includes those before it.
    fn decided(&self) -> Origin {
        self.control.last().map(|c| c.1.clone()).unwrap_or_default()
    }

    fn of(&self, values: &[Value]) -> Origin {
        Origin::all(values.iter().map(|v| &self.get(*v).origin)).and(&self.decided())
    }
}

/// Records a run of `program`.
pub(super) struct Recorder<'p> {
    program: &'p Program,
    flows: Vec<Option<Rc<Flow>>>,
    /// Marks by function, block and number of instructions before.
    marks: HashMap<(usize, usize, usize), Vec<&'p Mark>>,
    frames: Vec<Frame>,
    /// What the members of a list came from, by its handle, where that is known singly.
    members: HashMap<Slot, Vec<Origin>>,
    operations: Vec<String>,
    metric: bool,
    pub entries: Vec<Entry>,
    pub omitted: u64,
    pub answer: Option<From>,
}

impl<'p> Recorder<'p> {
    pub fn new(program: &'p Program, marks: &'p [Mark], metric: bool) -> Self {
        let mut by_place: HashMap<_, Vec<&Mark>> = HashMap::new();
        for m in marks {
            let place = (m.function.0 as usize, m.block.0 as usize, m.at);
            by_place.entry(place).or_default().push(m);
        }
        let mut recorder = Recorder {
            program,
            flows: vec![None; program.functions.len()],
            marks: by_place,
            frames: Vec::new(),
            members: HashMap::new(),
            operations: Vec::new(),
            metric,
            entries: Vec::new(),
            omitted: 0,
            answer: None,
        };
        recorder.enter(0, Vec::new(), Origin::default(), 0);
        recorder
    }

    fn enter(&mut self, function: usize, args: Vec<Info>, decided: Origin, depth: u32) {
        let f = &self.program.functions[function];
        let mut infos = vec![Info::default(); f.values.len()];
        for (p, a) in f.blocks[0].params.iter().zip(args) {
            infos[p.0 as usize] = a;
        }
        let control = vec![(None, decided)];
        let turns = BTreeMap::new();
        self.frames.push(Frame { function, block: 0, infos, control, turns, depth });
    }

    fn flow(&mut self, function: usize) -> Rc<Flow> {
        let program = self.program;
        let slot = &mut self.flows[function];
        Rc::clone(slot.get_or_insert_with(|| Rc::new(Flow::of(&program.functions[function]))))
    }

    fn top(&mut self) -> &mut Frame {
        // A run has a frame until it ends.
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn operation(&mut self, name: &str) -> usize {
        self.operations.iter().position(|o| o == name).unwrap_or_else(|| {
            self.operations.push(name.to_owned());
            self.operations.len() - 1
        })
    }

    fn ty(&self, v: Value) -> &'p Ty {
        let function = self.frames.last().map_or(0, |f| f.function);
        &self.program.functions[function].values[v.0 as usize]
    }

    /// The result of an operation: from its arguments, and from what it found.
    fn made(&mut self, run: &Run<'_>, op: Intrinsic, args: &[Value], slot: Slot, ty: &Ty) -> Info {
        let index = self.operation(op.name());
        let origin = self.top().of(args).operation(index);
        Info { origin: named(run, &origin, slot, ty), entry: None }
    }

    fn computed(&mut self, run: &Run<'_>, inst: &Inst, values: &[Slot]) -> Info {
        let operands = inst.kind.operands();
        let whole = self.top().of(&operands);
        let slot = |v: Value| values[v.0 as usize];
        match &inst.kind {
            InstKind::ToPlace(a)
            | InstKind::ToMark(a)
            | InstKind::CategoryOf(a)
            | InstKind::DirectionOf(a)
            | InstKind::IntToFloat(a) => {
                let entry = self.top().get(*a).entry;
                Info { origin: whole, entry }
            }
            InstKind::Op(op, args) => match inst.result {
                Some(r) => self.made(run, *op, args, slot(r), self.ty(r)),
                None => Info::default(),
            },
            InstKind::ListNew(members) => {
                if let Some(r) = inst.result {
                    let of = members.iter().map(|m| self.top().get(*m).origin.clone()).collect();
                    self.members.insert(slot(r), of);
                }
                Info { origin: whole, entry: None }
            }
            InstKind::ListGet(list, i) => {
                let function = self.top().function;
                if !self.flow(function).counters.contains(i) {
                    return Info { origin: whole, entry: None };
                }
                // A turn of a loop over the list: the member alone.
                let decided = self.top().decided();
                let at = (slot(*i) as usize).wrapping_sub(1);
                let of = self.members.get(&slot(*list)).and_then(|m| m.get(at)).cloned();
                let ty = inst.result.map(|r| (slot(r), self.ty(r)));
                let origin = match (of, ty) {
                    (Some(of), _) => of.and(&decided),
                    (None, Some((s, ty @ (Ty::Object | Ty::Photo)))) => {
                        named(run, &Origin::default(), s, ty).and(&decided)
                    }
                    _ => whole,
                };
                Info { origin, entry: None }
            }
            InstKind::ListReverse(list) => {
                if let (Some(r), Some(m)) = (inst.result, self.members.get(&slot(*list))) {
                    let reversed = m.iter().rev().cloned().collect();
                    self.members.insert(slot(r), reversed);
                }
                Info { origin: whole, entry: None }
            }
            _ => Info { origin: whole, entry: None },
        }
    }

    fn record(&mut self, run: &Run<'_>, mark: &Mark, values: &[Slot]) {
        let mut info = self.top().get(mark.value).clone();
        if mark.sort != Sort::Form {
            let index = self.operation(&mark.what);
            info.origin = info.origin.operation(index);
        }
        // Of an `if`, the way that was taken.
        let taken = info.entry.take();
        if self.entries.len() >= MAX_ENTRIES {
            self.omitted += 1;
        } else {
            let id = self.entries.len() as u32 + 1;
            let printed = |v: Value, unit| {
                let p = Printing { ty: Some(self.ty(v)), unit, metric: self.metric };
                print(run, values[v.0 as usize], p)
            };
            let frame = self.frames.last().map(|f| (f.depth, &f.infos));
            let inputs = mark.inputs.iter().map(|i| Input {
                name: i.name.clone(),
                span: i.span,
                entry: frame.and_then(|f| f.1[i.value.0 as usize].entry),
                text: printed(i.value, None).text,
            });
            let mut inputs: Vec<Input> = inputs.collect();
            if let Some(entry) = taken.filter(|_| matches!(mark.what.as_str(), "if" | "and" | "or"))
            {
                let text = printed(mark.value, mark.unit).text;
                inputs.push(Input {
                    name: "value".into(),
                    span: mark.span,
                    entry: Some(entry),
                    text,
                });
            }
            let Printed { text, value } = printed(mark.value, mark.unit);
            let entry = Entry {
                id,
                depth: mark.depth + frame.map_or(0, |f| f.0),
                what: mark.what.clone(),
                span: mark.span,
                inputs,
                ty: self.ty(mark.value).to_string(),
                text,
                value,
                from: self.from(&info.origin, None),
            };
            self.entries.push(entry);
            info.entry = Some(id);
        }
        self.top().infos[mark.value.0 as usize] = info;
    }

    fn from(&self, origin: &Origin, entry: Option<u32>) -> From {
        let (instances, photos, operations) = origin.lists();
        let operations: Vec<String> =
            operations.iter().filter_map(|i| self.operations.get(*i as usize).cloned()).collect();
        let reads = reads(&operations);
        From { entry, instances, photos, operations, reads }
    }
}

/// Parts of the memory that operations read by themselves, sorted.
fn reads(operations: &[String]) -> Vec<&'static str> {
    use reasmory_ops::Need;
    let defs = || operations.iter().filter_map(|o| reasmory_ops::find(o));
    let needs = |n: Need| defs().any(|d| d.needs.contains(&n));
    [
        ("model", defs().any(|d| d.effect == Effect::Model)),
        ("photos", needs(Need::Photos)),
        ("points", needs(Need::Points)),
        ("room", needs(Need::Room)),
        ("times", needs(Need::Times)),
    ]
    .into_iter()
    .filter_map(|(name, yes)| yes.then_some(name))
    .collect()
}

/// With the instances and photos that a value is or holds.
fn named(run: &Run<'_>, origin: &Origin, slot: Slot, ty: &Ty) -> Origin {
    match ty {
        Ty::Object => {
            u32::try_from(slot).map_or_else(|_| origin.clone(), |i| origin.instances(&[i]))
        }
        Ty::Photo => u32::try_from(slot).map_or_else(|_| origin.clone(), |n| origin.photo(n)),
        Ty::List(member) if matches!(**member, Ty::Object | Ty::Photo) => {
            let members = run.arena.list(slot).unwrap_or_default();
            let ids: Vec<u32> = members.iter().filter_map(|s| u32::try_from(*s).ok()).collect();
            if **member == Ty::Object {
                origin.instances(&ids)
            } else {
                ids.iter().fold(origin.clone(), |o, n| o.photo(*n))
            }
        }
        _ => origin.clone(),
    }
}

impl Observer for Recorder<'_> {
    fn before(&mut self, run: &Run<'_>, next: usize, values: &[Slot]) {
        let (function, block) = (self.top().function, self.top().block);
        let Some(marks) = self.marks.get(&(function, block, next)) else { return };
        for mark in marks.clone() {
            self.record(run, mark, values);
        }
    }

    fn after(&mut self, run: &Run<'_>, inst: &Inst, values: &[Slot]) {
        match &inst.kind {
            InstKind::ListPush(list, x) => {
                let frame = self.top();
                let origin = frame.of(&[*x]);
                let info = &mut frame.infos[list.0 as usize];
                info.origin = info.origin.and(&origin);
                self.members.entry(values[list.0 as usize]).or_default().push(origin);
            }
            InstKind::Answer { value, .. } => {
                let origin = self.top().of(&[*value]);
                let entry = self.top().get(*value).entry;
                self.answer = Some(self.from(&origin, entry));
            }
            _ => {}
        }
        if let Some(result) = inst.result {
            let info = self.computed(run, inst, values);
            self.top().infos[result.0 as usize] = info;
        }
    }

    fn call(&mut self, function: usize, inst: &Inst) {
        let frame = self.top();
        let args = inst.kind.operands().iter().map(|v| frame.get(*v).clone()).collect();
        let (decided, depth) = (frame.decided(), frame.depth + 1);
        self.enter(function, args, decided, depth);
    }

    fn branch(&mut self, cond: Value) {
        let function = self.top().function;
        let flow = self.flow(function);
        let frame = self.top();
        let block = frame.block;
        let decided = frame.get(cond).origin.and(&frame.decided());
        for list in &flow.grows[block] {
            let info = &mut frame.infos[list.0 as usize];
            info.origin = info.origin.and(&decided);
        }
        match flow.meets[block] {
            // Whether there is another turn says nothing about what a turn computes.
            end if flow.turns[block] => {
                if let Some(end) = end {
                    let turns = frame.turns.entry(end).or_default();
                    *turns = turns.and(&decided);
                }
            }
            end => frame.control.push((end, decided)),
        }
    }

    fn refused(&mut self, op: Intrinsic, args: &[Value]) {
        let index = self.operation(op.name());
        let function = self.top().function;
        let end = self.flow(function).meets[self.top().block];
        let decided = self.top().of(args).operation(index);
        self.top().control.push((end, decided));
    }

    fn jump(
        &mut self,
        run: &Run<'_>,
        target: &Target,
        made: Option<(Intrinsic, &[Value])>,
        values: &[Slot],
    ) {
        let block = target.block.0 as usize;
        let function = self.top().function;
        let params = &self.program.functions[function].blocks[block].params;
        let decided = self.top().decided();
        let mut infos: Vec<Info> = target
            .args
            .iter()
            .map(|a| {
                let info = self.top().get(*a);
                Info { origin: info.origin.and(&decided), entry: info.entry }
            })
            .collect();
        if let (Some((op, args)), Some(p)) = (made, params.last()) {
            infos.push(self.made(run, op, args, values[p.0 as usize], self.ty(*p)));
        }
        let frame = self.top();
        let turns = frame.turns.remove(&block).unwrap_or_default();
        frame.control.retain(|c| c.0 != Some(block));
        for (p, info) in params.iter().zip(infos) {
            let origin = info.origin.and(&turns);
            frame.infos[p.0 as usize] = Info { origin, entry: info.entry };
        }
        frame.block = block;
    }

    fn leave(&mut self, returned: Option<Value>, result: Option<Value>) {
        let Some(frame) = self.frames.pop() else { return };
        let value = returned.map(|v| frame.of(&[v]));
        let entry = returned.and_then(|v| frame.get(v).entry);
        if let (Some(origin), Some(result), Some(caller)) = (value, result, self.frames.last_mut())
        {
            caller.infos[result.0 as usize] = Info { origin, entry };
        }
    }
}
