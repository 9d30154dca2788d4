//! Loops over objects: what hot code reads from columns has the bits of the operations, and reaches the
//! same limits at the same place.

mod common;

use common::*;
use reasmory_geom::{Obb, Point3, Vec3};
use reasmory_ir::{CmpOp, InstKind as I, Target, TermKind, Value};
use reasmory_runtime::Limits;
use reasmory_scene::{Instance, Manifest, Memory, Points, Scale};
use reasmory_types::Ty;

/// Answers the list of what `body` makes of each object; `before` makes a value outside the loop.
fn for_each(
    member: Ty,
    before: impl FnOnce(&mut Build) -> Option<Value>,
    body: impl FnOnce(&mut Build, Value, Option<Value>) -> Value,
) -> std::sync::Arc<reasmory_ir::Verified<reasmory_ir::Program>> {
    let mut p = Build::main();
    let given = before(&mut p);
    let all = p.inst(I::Absent, Ty::Category);
    let xs = p.op("objects", vec![all]);
    let out = p.list(vec![], member);
    let n = p.inst(I::ListLen(xs), Ty::Int);
    let one = p.int(1);
    let (head, i) = p.b.block(&[Ty::Int]);
    let (inside, _) = p.b.block(&[]);
    let (end, _) = p.b.block(&[]);
    let to = |block, args| Target { block, args };
    p.end(TermKind::Jump(to(head, vec![one])));
    p.b.switch_to(head);
    p.effect(I::Fuel);
    let more = p.inst(I::ICmp(CmpOp::Le, i[0], n), Ty::Bool);
    p.end(TermKind::Branch { cond: more, then: to(inside, vec![]), otherwise: to(end, vec![]) });
    p.b.switch_to(inside);
    let o = p.inst(I::ListGet(xs, i[0]), Ty::Object);
    let value = body(&mut p, o, given);
    p.effect(I::ListPush(out, value));
    let one = p.int(1);
    let next = p.inst(I::IAdd(i[0], one), Ty::Int);
    p.end(TermKind::Jump(to(head, vec![next])));
    p.b.switch_to(end);
    p.answer(out);
    program(vec![p.finish()])
}

/// Boxes with numbers of many bits, turned and upright.
fn scattered(n: u32) -> Memory {
    let mut m = Manifest::empty("hall", "test", Scale::metric("test"));
    for id in 1..=n {
        let x = f64::from(id);
        let center = Point3::new(0.1 * x * x, 7.3 / x, 0.37 * x - 1.0);
        let size = Vec3::new(0.1 + 0.3 / x, 0.2 * x, 1.0 / (1.0 + x));
        m.instances.push(Instance {
            id,
            category: ["chair", "table", "sofa"][id as usize % 3].into(),
            obb: Obb::upright(center, size, 13.7 * x),
            confidence: 1.0 / id as f32,
            support: 0,
            front: None,
            seen_in: vec![],
        });
    }
    m.index_categories();
    Memory::new(m, Points::default(), None).unwrap()
}

/// One operation of an object, or of its place, as a program over all objects.
fn each(
    op: &'static str,
    result: Ty,
) -> std::sync::Arc<reasmory_ir::Verified<reasmory_ir::Program>> {
    let of_place = ["top_height"].contains(&op);
    for_each(
        result,
        |_| None,
        move |p, o, _| {
            let x = if of_place { p.inst(I::ToPlace(o), Ty::Place) } else { o };
            p.op(op, vec![x])
        },
    )
}

fn field(
    op: &'static str,
    index: u32,
) -> std::sync::Arc<reasmory_ir::Verified<reasmory_ir::Program>> {
    for_each(
        Ty::LENGTH,
        |_| None,
        move |p, o, _| {
            let x = if op == "center" { p.inst(I::ToPlace(o), Ty::Place) } else { o };
            let record = p.op(op, vec![x]);
            p.inst(I::Field(record, index), Ty::LENGTH)
        },
    )
}

/// A name, and what makes the value.
type Anchor = (&'static str, fn(&mut Build) -> Value);

/// What centre distances are measured to.
fn anchors() -> Vec<Anchor> {
    fn first(p: &mut Build) -> Value {
        let all = p.inst(I::Absent, Ty::Category);
        let xs = p.op("objects", vec![all]);
        let two = p.int(2);
        p.inst(I::ListGet(xs, two), Ty::Object)
    }
    vec![
        ("object", |p| {
            let o = first(p);
            p.inst(I::ToPlace(o), Ty::Place)
        }),
        ("point", |p| {
            let o = first(p);
            let at = p.inst(I::ToPlace(o), Ty::Place);
            let point = p.op("center", vec![at]);
            p.inst(I::ToPlace(point), Ty::Place)
        }),
        ("objects", |p| {
            let c = p.category(0);
            let xs = p.op("objects", vec![c]);
            p.inst(I::ToPlace(xs), Ty::Place)
        }),
        ("none", |p| {
            let c = p.category(2);
            let xs = p.op("objects", vec![c]);
            p.inst(I::ToPlace(xs), Ty::Place)
        }),
        ("floor", |p| {
            let floor = p.op("floor", vec![]);
            p.inst(I::ToPlace(floor), Ty::Place)
        }),
    ]
}

fn apart(
    op: &'static str,
    to: fn(&mut Build) -> Value,
    turned: bool,
) -> std::sync::Arc<reasmory_ir::Verified<reasmory_ir::Program>> {
    for_each(
        Ty::LENGTH,
        |p| Some(to(p)),
        move |p, o, given| {
            let at = p.inst(I::ToPlace(o), Ty::Place);
            let ends = if turned { vec![given.unwrap(), at] } else { vec![at, given.unwrap()] };
            p.op(op, ends)
        },
    )
}

fn programs() -> Vec<(String, std::sync::Arc<reasmory_ir::Verified<reasmory_ir::Program>>)> {
    let mut all = vec![];
    for (op, ty) in [
        ("volume", Ty::VOLUME),
        ("confidence", Ty::NUMBER),
        ("top_height", Ty::LENGTH),
        ("category", Ty::Category),
    ] {
        all.push((op.to_owned(), each(op, ty)));
    }
    for op in ["size", "center"] {
        for index in 0..3 {
            all.push((format!("{op}.{index}"), field(op, index)));
        }
    }
    for op in ["center_distance", "horizontal_distance"] {
        for (name, to) in anchors() {
            for turned in [false, true] {
                all.push((format!("{op} {name} {turned}"), apart(op, to, turned)));
            }
        }
    }
    all
}

#[test]
fn columns_have_the_bits_of_operations() {
    let memories = [memory(0.0), memory(0.05), scattered(40)];
    let mut answered = 0;
    for (name, program) in programs() {
        for m in &memories {
            let ended = differential(&program, m);
            let text = describe(&ended);
            assert!(!text.contains("Internal"), "{name}: {text}");
            answered += usize::from(ended.outcome.answer.is_some());
        }
    }
    // All but distances to an empty list, and to a floor that has no middle.
    assert!(answered >= 60, "{answered}");
}

#[test]
fn limits_are_reached_at_the_same_place() {
    let m = scattered(12);
    for (_, program) in programs() {
        for values in [8, 21, 31, 43] {
            let limits = Limits { values, ..Limits::default() };
            differential_with(&program, &m, limits, None);
        }
        for fuel in [0, 7, 13] {
            differential_with(&program, &m, Limits { fuel, ..Limits::default() }, None);
        }
    }
}

#[test]
fn a_memory_without_columns_asks_the_operations() {
    let mut m = scattered(4).manifest().as_ref().clone();
    // Finite boxes whose volume is not, and whose distances are not.
    m.instances[2].obb.half = Vec3::new(1e150, 1e150, 1e150);
    m.instances[3].obb.center.x = 1e200;
    let m = Memory::new(m, Points::default(), None).unwrap();
    let faults: Vec<String> = programs()
        .iter()
        .filter(|(name, _)| name == "volume" || name.starts_with("center_distance object "))
        .map(|(_, program)| describe(&differential(program, &m)))
        .collect();
    assert_eq!(faults.len(), 3);
    assert!(faults.iter().all(|f| f.starts_with("NotANumber")), "{faults:?}");
}

/// A centre is asked for anew when the place has a new value.
#[test]
fn centres_follow_their_place() {
    // For each object, the distance from the point of its own centre, moved on by a loop-carried place.
    let program = for_each(
        Ty::LENGTH,
        |_| None,
        |p, o, _| {
            let at = p.inst(I::ToPlace(o), Ty::Place);
            let point = p.op("center", vec![at]);
            let there = p.inst(I::ToPlace(point), Ty::Place);
            let c = p.category(0);
            let chairs = p.op("objects", vec![c]);
            let chairs = p.inst(I::ToPlace(chairs), Ty::Place);
            p.op("center_distance", vec![there, chairs])
        },
    );
    let ended = differential(&program, &scattered(9));
    let text = describe(&ended);
    let parts: std::collections::BTreeSet<&str> =
        text.trim_matches(['[', ']']).split(", ").collect();
    assert_eq!(parts.len(), 9, "{text}");
}
