//! Programs by hand, memories by hand, and both engines on them.
#![allow(dead_code)]

use std::sync::{Arc, OnceLock};

use reasmory_geom::{Obb, Point3, Vec3};
use reasmory_ir::{
    ConstText, Function, FunctionBuilder, InstKind, Loc, Program, TermKind, Value, Verified, verify,
};
use reasmory_jit::{Compiled, OptLevel, Options, compile};
use reasmory_ops::OpId;
use reasmory_runtime::{AnswerValue, Limits, Outcome, Run, Status};
use reasmory_scene::{Instance, Manifest, Memory, Points, Scale};
use reasmory_span::Span;
use reasmory_types::Ty;

/// Builds one function; every instruction gets its own source place.
pub struct Build {
    pub b: FunctionBuilder,
    loc: u32,
}

impl Build {
    pub fn new(name: &str, params: &[Ty], result: Option<Ty>) -> (Build, Vec<Value>) {
        let (b, params) = FunctionBuilder::new(name, params, result);
        (Build { b, loc: 0 }, params)
    }

    pub fn main() -> Build {
        Build::new("main", &[], None).0
    }

    pub fn loc(&mut self) -> Loc {
        self.loc += 1;
        Loc(self.loc)
    }

    pub fn inst(&mut self, kind: InstKind, ty: Ty) -> Value {
        let loc = self.loc();
        self.b.inst(kind, ty, loc)
    }

    pub fn effect(&mut self, kind: InstKind) {
        let loc = self.loc();
        self.b.effect(kind, loc);
    }

    pub fn end(&mut self, kind: TermKind) {
        let loc = self.loc();
        self.b.terminate(kind, loc);
    }

    pub fn int(&mut self, x: i64) -> Value {
        self.inst(InstKind::ConstInt(x), Ty::Int)
    }

    pub fn num(&mut self, x: f64) -> Value {
        self.inst(InstKind::ConstFloat(x), Ty::NUMBER)
    }

    pub fn length(&mut self, x: f64) -> Value {
        self.inst(InstKind::ConstFloat(x), Ty::LENGTH)
    }

    pub fn boolean(&mut self, x: bool) -> Value {
        self.inst(InstKind::ConstBool(x), Ty::Bool)
    }

    pub fn text(&mut self, index: u32) -> Value {
        self.inst(InstKind::ConstText(ConstText(index)), Ty::Text)
    }

    pub fn category(&mut self, index: u32) -> Value {
        self.inst(InstKind::ConstCategory(ConstText(index)), Ty::Category)
    }

    pub fn list(&mut self, members: Vec<Value>, member: Ty) -> Value {
        self.inst(InstKind::ListNew(members), member.list())
    }

    pub fn op(&mut self, name: &str, args: Vec<Value>) -> Value {
        let op = OpId::named(name).unwrap();
        self.inst(InstKind::Op(op, args), op.def().signature().result.clone())
    }

    pub fn answer(&mut self, value: Value) {
        self.effect(InstKind::Answer { value, unit: None });
    }

    pub fn finish(mut self) -> Function {
        self.end(TermKind::Return(None));
        self.b.finish()
    }
}

/// Constant texts of every program here.
pub const TEXTS: [&str; 4] = ["chair", "first", "spaceship", "front-left"];

pub fn program(functions: Vec<Function>) -> Arc<Verified<Program>> {
    let p = Program {
        functions,
        texts: TEXTS.map(str::to_owned).to_vec(),
        locs: (0..20_000).map(|i| Span::new(i, i + 1)).collect(),
    };
    Arc::new(verify(p).unwrap_or_else(|e| panic!("{e}")))
}

/// Two chairs a metre apart and a table, with positions known to within `noise`.
pub fn memory(noise: f64) -> Memory {
    let mut m = Manifest::empty("room", "test", Scale::metric("test"));
    m.uncertainty.position = noise;
    for (id, category) in [(1, "chair"), (2, "chair"), (3, "table")] {
        m.instances.push(Instance {
            id,
            category: category.into(),
            obb: Obb::upright(Point3::new(f64::from(id), 2.0, 0.5), Vec3::new(0.5, 0.25, 1.0), 0.0),
            confidence: 1.0,
            support: 0,
            front: None,
            seen_in: vec![],
        });
    }
    m.index_categories();
    Memory::new(m, Points::default(), None).unwrap()
}

/// What of a run must agree.
#[derive(Debug)]
pub struct Ended {
    pub status: Status,
    pub outcome: Outcome,
    pub fuel: u64,
}

pub enum Engine<'c> {
    Interpreter,
    Compiled(&'c Compiled),
}

pub fn run(
    program: &Arc<Verified<Program>>,
    memory: &Memory,
    limits: Limits,
    flip: Option<usize>,
    engine: Engine<'_>,
) -> Ended {
    let cloud = OnceLock::new();
    let mut run = Run::new(memory, program, &cloud, limits, flip);
    let status = match engine {
        Engine::Interpreter => reasmory_interp::run(program, &mut run),
        Engine::Compiled(c) => c.run(&mut run),
    };
    let fuel = run.fuel;
    Ended { status, outcome: run.finish(), fuel }
}

/// Every way to compile.
pub const LEVELS: [Options; 4] = [
    Options { opt: OptLevel::None, whole: false },
    Options { opt: OptLevel::None, whole: true },
    Options { opt: OptLevel::Speed, whole: false },
    Options { opt: OptLevel::Speed, whole: true },
];

/// Runs both engines, at every optimization level, and compares them by what they print: that shows
/// every bit of a float, the sign of zero included.
pub fn differential_with(
    program: &Arc<Verified<Program>>,
    memory: &Memory,
    limits: Limits,
    flip: Option<usize>,
) -> Ended {
    let expected = run(program, memory, limits, flip, Engine::Interpreter);
    for opt in LEVELS {
        let compiled = compile(program, opt).unwrap();
        let found = run(program, memory, limits, flip, Engine::Compiled(&compiled));
        assert_eq!(
            format!("{found:#?}"),
            format!("{expected:#?}"),
            "{opt:?}:\n{}",
            reasmory_ir::print(program)
        );
    }
    expected
}

pub fn differential(program: &Arc<Verified<Program>>, memory: &Memory) -> Ended {
    differential_with(program, memory, Limits::default(), None)
}

/// The answer of a main body that answers with the value it is given back, or the fault, as text.
pub fn check_in(memory: &Memory, body: impl FnOnce(&mut Build) -> Value) -> String {
    let mut b = Build::main();
    let value = body(&mut b);
    b.answer(value);
    let ended = differential(&program(vec![b.finish()]), memory);
    describe(&ended)
}

pub fn check(body: impl FnOnce(&mut Build) -> Value) -> String {
    check_in(&memory(0.0), body)
}

pub fn describe(ended: &Ended) -> String {
    match (&ended.outcome.fault, &ended.outcome.answer) {
        (Some(f), _) => format!("{:?} at {}: {}", f.kind, f.loc.unwrap().0, f.message),
        (None, Some((a, _))) => show(a),
        (None, None) => "no answer".into(),
    }
}

fn show(a: &AnswerValue) -> String {
    match a {
        AnswerValue::Bool(b) => b.to_string(),
        AnswerValue::Int(i) => i.to_string(),
        AnswerValue::Quantity(x, _) => format!("{x:?}"),
        AnswerValue::List(l) => format!("[{}]", l.iter().map(show).collect::<Vec<_>>().join(", ")),
        AnswerValue::Group(k, l) => {
            format!("{} => [{}]", show(k), l.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        AnswerValue::Text(t) | AnswerValue::Category(t) => t.clone(),
        AnswerValue::Direction(d) => d.to_string(),
        AnswerValue::Object { name, .. } => name.clone(),
        other => format!("{other:?}"),
    }
}

/// A program of thirty calls.
pub fn thirty_calls() -> Arc<Verified<Program>> {
    let mut p = Build::main();
    let c = p.category(0);
    let mut total = p.length(0.0);
    for _ in 0..10 {
        let chairs = p.op("objects", vec![c]);
        let place = p.inst(InstKind::ToPlace(chairs), Ty::Place);
        let d = p.op("top_height", vec![place]);
        total = p.inst(InstKind::FAdd(total, d), Ty::LENGTH);
    }
    p.answer(total);
    program(vec![p.finish()])
}
