//! Random well-typed programs: whatever they do, both engines do the same.

mod common;

use common::*;
use reasmory_ir::{CmpOp, InstKind as I, Rounding, Target, TermKind, Value};
use reasmory_runtime::Limits;
use reasmory_types::Ty;

/// SplitMix64: small, seeded, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

const FLOATS: [f64; 14] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.1,
    -2.5,
    360.0,
    1e-300,
    1e300,
    -1e300,
    f64::MAX,
    f64::MIN_POSITIVE,
    5e-324,
    9_007_199_254_740_993.0,
];
const INTS: [i64; 10] = [0, 1, -1, 2, 3, -7, 10, i64::MAX, i64::MIN, 1 << 33];
const CMPS: [CmpOp; 6] = [CmpOp::Eq, CmpOp::Ne, CmpOp::Lt, CmpOp::Le, CmpOp::Gt, CmpOp::Ge];

/// The values that can be used where the generator stands.
#[derive(Clone, Default)]
struct Scope {
    floats: Vec<Value>,
    ints: Vec<Value>,
    bools: Vec<Value>,
    lists: Vec<Value>,
}

struct Generator {
    r: Random,
    p: Build,
    s: Scope,
}

impl Generator {
    fn float(&mut self) -> Value {
        if self.s.floats.is_empty() || self.r.below(4) == 0 {
            let x = self.r.pick(&FLOATS);
            let v = self.p.num(x);
            self.s.floats.push(v);
        }
        self.r.pick(&self.s.floats)
    }

    fn int(&mut self) -> Value {
        if self.s.ints.is_empty() || self.r.below(4) == 0 {
            let x = self.r.pick(&INTS);
            let v = self.p.int(x);
            self.s.ints.push(v);
        }
        self.r.pick(&self.s.ints)
    }

    fn bool(&mut self) -> Value {
        if self.s.bools.is_empty() {
            let v = self.p.boolean(true);
            self.s.bools.push(v);
        }
        self.r.pick(&self.s.bools)
    }

    fn list(&mut self) -> Value {
        if self.s.lists.is_empty() || self.r.below(4) == 0 {
            let n = self.r.below(4);
            let members = (0..n).map(|_| self.float()).collect();
            let v = self.p.list(members, Ty::NUMBER);
            self.s.lists.push(v);
        }
        self.r.pick(&self.s.lists)
    }

    fn put_float(&mut self, kind: I) {
        let v = self.p.inst(kind, Ty::NUMBER);
        self.s.floats.push(v);
    }

    fn put_int(&mut self, kind: I) {
        let v = self.p.inst(kind, Ty::Int);
        self.s.ints.push(v);
    }

    fn put_bool(&mut self, kind: I) {
        let v = self.p.inst(kind, Ty::Bool);
        self.s.bools.push(v);
    }

    fn put_list(&mut self, kind: I) {
        let v = self.p.inst(kind, Ty::NUMBER.list());
        self.s.lists.push(v);
    }

    fn step(&mut self, depth: usize) {
        let (a, b, i, j) = (self.float(), self.float(), self.int(), self.int());
        match self.r.below(if depth > 0 { 42 } else { 38 }) {
            // Sums and products of the few large constants would end nearly every run early.
            0..=2 => self.put_float(I::FMin(a, b)),
            3 => self.put_float(I::FAdd(a, b)),
            4 => self.put_float(I::FSub(a, b)),
            5 => self.put_float(I::FMul(a, b)),
            6 => self.put_float(I::FDiv(a, b)),
            7 => self.put_float(I::FMod(a, b)),
            8 => self.put_float(I::FNeg(a)),
            9 => self.put_float(I::FAbs(a)),
            10..=12 => self.put_float(I::FMax(a, b)),
            13 => {
                self.put_float(I::FAbs(a));
                let a = self.s.floats[self.s.floats.len() - 1];
                self.put_float(I::FSqrt(a));
            }
            14 => self.put_int(I::FRound(Rounding::Nearest, a)),
            15 => self.put_int(I::FRound(Rounding::Floor, a)),
            16 => self.put_float(I::IntToFloat(i)),
            17 => self.put_int(I::IAdd(i, j)),
            18 => self.put_int(I::ISub(i, j)),
            19 => self.put_int(I::IMul(i, j)),
            20 => self.put_int(I::IMod(i, j)),
            21 => self.put_int(I::IMin(i, j)),
            22 => self.put_int(I::IMax(i, j)),
            23 => self.put_int(I::IAbs(i)),
            24 => self.put_int(I::INeg(i)),
            25 => {
                let op = self.r.pick(&CMPS);
                let doubt = self.r.below(2) == 0;
                self.put_bool(I::FCmp { op, a, b, doubt });
            }
            26 => {
                // Only measured quantities can be doubtful.
                let (x, y) = (self.r.pick(&FLOATS), self.r.pick(&FLOATS));
                let (a, b) = (self.p.length(x), self.p.length(y));
                let op = self.r.pick(&CMPS);
                self.put_bool(I::FCmp { op, a, b, doubt: true });
            }
            27 => {
                let op = self.r.pick(&CMPS);
                self.put_bool(I::ICmp(op, i, j));
            }
            28 => {
                let x = self.bool();
                self.put_bool(I::Not(x));
            }
            29 => self.put_bool(I::Same(a, b)),
            30 => {
                let l = self.list();
                self.put_bool(I::ListContains(l, a));
            }
            31 => {
                let l = self.list();
                self.put_list(I::ListReverse(l));
            }
            32 => {
                let (l, m) = (self.list(), self.list());
                self.put_list(I::ListConcat(l, m));
            }
            33 => {
                let l = self.list();
                let doubt = self.r.below(2) == 0;
                self.put_list(I::ListSortBy { list: l, keys: l, doubt });
            }
            34 => {
                let l = self.list();
                self.put_int(I::ListLen(l));
            }
            35 => {
                let (l, one) = (self.list(), self.p.int(1));
                self.put_float(I::ListGet(l, one));
            }
            36 => {
                let (x, y) = (self.bool(), self.bool());
                self.put_bool(I::Same(x, y));
            }
            37 => {
                let l = self.list();
                let m = self.list();
                self.put_bool(I::Same(l, m));
            }
            38 | 39 => self.branch(depth),
            _ => self.repeat(depth),
        }
    }

    /// Both arms give a float, an Int and a list.
    fn branch(&mut self, depth: usize) {
        let cond = self.bool();
        let (then, _) = self.p.b.block(&[]);
        let (otherwise, _) = self.p.b.block(&[]);
        let (join, out) = self.p.b.block(&[Ty::NUMBER, Ty::Int, Ty::NUMBER.list()]);
        let to = |block| Target { block, args: vec![] };
        self.p.end(TermKind::Branch { cond, then: to(then), otherwise: to(otherwise) });
        let outside = self.s.clone();
        for arm in [then, otherwise] {
            self.s = outside.clone();
            self.p.b.switch_to(arm);
            self.steps(depth - 1, 4);
            let args = vec![self.float(), self.int(), self.list()];
            self.p.end(TermKind::Jump(Target { block: join, args }));
        }
        self.s = outside;
        self.p.b.switch_to(join);
        self.s.floats.push(out[0]);
        self.s.ints.push(out[1]);
        self.s.lists.push(out[2]);
    }

    /// A few rounds that carry a float and push to a list.
    fn repeat(&mut self, depth: usize) {
        let rounds = self.r.below(5) as i64;
        let (zero, one, n) = (self.p.int(0), self.p.int(1), self.p.int(rounds));
        let start = self.float();
        let list = self.p.list(vec![], Ty::NUMBER);
        let (head, v) = self.p.b.block(&[Ty::Int, Ty::NUMBER]);
        let (body, _) = self.p.b.block(&[]);
        let (done, _) = self.p.b.block(&[]);
        self.p.end(TermKind::Jump(Target { block: head, args: vec![zero, start] }));
        self.p.b.switch_to(head);
        self.p.effect(I::Fuel);
        let more = self.p.inst(I::ICmp(CmpOp::Lt, v[0], n), Ty::Bool);
        self.p.end(TermKind::Branch {
            cond: more,
            then: Target { block: body, args: vec![] },
            otherwise: Target { block: done, args: vec![] },
        });
        let outside = self.s.clone();
        self.p.b.switch_to(body);
        self.s.ints.push(v[0]);
        self.s.floats.push(v[1]);
        self.steps(depth - 1, 4);
        let x = self.float();
        self.p.effect(I::ListPush(list, x));
        let next = self.p.inst(I::IAdd(v[0], one), Ty::Int);
        let carried = self.float();
        self.p.end(TermKind::Jump(Target { block: head, args: vec![next, carried] }));
        self.s = outside;
        self.p.b.switch_to(done);
        self.s.floats.push(v[1]);
        self.s.lists.push(list);
    }

    fn steps(&mut self, depth: usize, most: usize) {
        for _ in 0..=self.r.below(most) {
            self.step(depth);
        }
    }
}

/// What the programs of some seeds came to.
#[derive(Debug, Default)]
struct Total {
    programs: u64,
    answered: u64,
    decided: u64,
    shorter: u64,
}

impl Total {
    /// The program of a seed, printed, read, and run by both engines, as it is and optimised.
    fn add(&mut self, seed: u64, memories: &[reasmory_scene::Memory; 2]) {
        let mut g = Generator { r: Random(seed), p: Build::main(), s: Scope::default() };
        g.steps(3, 14);
        let keep = g.list();
        let x = g.float();
        let last = g.p.list(vec![x], Ty::NUMBER);
        let all = g.p.inst(I::ListConcat(keep, last), Ty::NUMBER.list());
        g.p.answer(all);
        let program = program(vec![g.p.finish()]);
        let text = reasmory_ir::print_with_places(&program);
        assert_eq!(reasmory_ir::parse(&text), Ok((**program).clone().canonical()), "{text}");
        let limits = Limits { fuel: 200, values: 2_000, ..Limits::default() };
        let flip = (seed % 3 == 0).then_some((seed % 5) as usize);
        let memory = &memories[(seed % 2) as usize];
        let ended = differential_with(&program, memory, limits, flip);
        // Optimised, it ends the same way, with as much fuel left.
        let done = reasmory_opt::optimise(&program, Default::default());
        let optimised = done.unwrap_or_else(|e| panic!("{e}\n{text}"));
        self.shorter += u64::from(size(&optimised.program) < size(&program));
        let optimised = std::sync::Arc::new(optimised.program);
        let same = differential_with(&optimised, memory, limits, flip);
        assert_eq!(
            format!("{same:#?}"),
            format!("{ended:#?}"),
            "seed {seed}: {text}\noptimised:\n{}",
            reasmory_ir::print(&optimised)
        );
        self.programs += 1;
        self.answered += u64::from(ended.outcome.answer.is_some());
        self.decided += u64::from(!ended.outcome.decisions.is_empty());
    }
}

/// Instructions of a program.
fn size(program: &reasmory_ir::Program) -> usize {
    program.functions.iter().flat_map(|f| &f.blocks).map(|b| b.insts.len()).sum()
}

#[test]
fn engines_agree_on_random_programs() {
    let memories = [memory(0.0), memory(0.3)];
    let mut total = Total::default();
    (0..2_000).for_each(|seed| total.add(seed, &memories));
    // The programs do more than fault at once.
    assert!(total.answered > total.programs / 4 && total.decided > 0, "{total:?}");
    assert!(total.shorter > total.programs / 2, "{total:?}");
}

/// As many programs as `REASMORY_FUZZ_PROGRAMS` says (10,000 without), from the seed `REASMORY_FUZZ_SEED`.
#[test]
#[ignore = "runs as many programs as REASMORY_FUZZ_PROGRAMS says"]
fn long_run() {
    let number =
        |name: &str, or: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(or);
    let seed = number("REASMORY_FUZZ_SEED", 1_000_000);
    let memories = [memory(0.0), memory(0.3)];
    let mut total = Total::default();
    let start = std::time::Instant::now();
    for n in 0..number("REASMORY_FUZZ_PROGRAMS", 10_000) {
        total.add(seed + n, &memories);
        if (n + 1) % 10_000 == 0 {
            eprintln!("{total:?} in {:?}", start.elapsed());
        }
    }
    eprintln!("{total:?} in {:?}", start.elapsed());
}
