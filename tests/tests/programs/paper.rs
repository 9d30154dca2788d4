//! The paper's plans: good ones translate, check clean and run the same in both engines; bad ones give
//! exactly their finding at exactly its place.

use std::fmt::Write as _;

use reasmory_driver::diag::{CODES, Code, Level};
use reasmory_driver::runtime::Limits;
use reasmory_driver::sema::CheckOptions;
use reasmory_driver::{Dialect, Scene, Source, check, compile, paper, translate};
use reasmory_tests::corpus;
use reasmory_tests::programs::{applied, findings, options, outcome_within, safe};
use reasmory_tests::scenes::scene;

fn plan(text: &str) -> Source {
    Source::new("plan.py", text).in_dialect(Dialect::Paper)
}

/// The plans of `tests/cases/paper`, by name.
fn good() -> Vec<(String, String)> {
    corpus::files("tests/cases/paper", "py")
        .iter()
        .map(|p| {
            let name = p.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text =
                std::fs::read_to_string(p).unwrap_or_else(|e| panic!("{}: {e}", p.display()));
            (name, text)
        })
        .collect()
}

fn translated(text: &str, s: Option<&Scene>) -> String {
    translate(&plan(text), options(s))
        .unwrap_or_else(|r| panic!("{text}\n{}", plan(text).render(&r.diagnostics)))
}

#[test]
fn good_plans_have_no_findings() {
    let mut bad = String::new();
    for (name, text) in good() {
        // That there is nothing to choose between is known of the memory alone.
        let without = (name != "plain_choices").then_some(None);
        for s in without.into_iter().chain([Some(scene("room"))]) {
            let d = check(&plan(&text), options(s)).diagnostics;
            if !d.is_empty() {
                let _ = writeln!(bad, "{name}\n{}", findings(&text, &d));
            }
        }
    }
    assert!(bad.is_empty(), "\n{bad}");
    assert!(good().len() >= 15);
}

#[test]
fn translations() {
    for (name, text) in good() {
        insta::assert_snapshot!(name, translated(&text, Some(scene("room"))));
    }
}

/// The translation is a program of the language: it checks clean, and it does what the plan does, to the
/// last bit, in both engines.
#[test]
fn translations_check_and_run_as_their_plans() {
    let room = scene("room");
    for (name, text) in good() {
        let canonical = translated(&text, Some(room));
        let read = Source::new("plan.rsm", canonical.as_str());
        let mut d = check(&read, options(Some(room))).diagnostics;
        // A plan may look at nothing.
        d.retain(|d| d.code != Code::NothingInView);
        assert!(d.is_empty(), "{name}\n{canonical}\n{}", findings(&canonical, &d));
        let programs = [plan(&text), read].map(|s| {
            compile(&s, options(Some(room)))
                .unwrap_or_else(|r| panic!("{name}\n{}", s.render(&r.diagnostics)))
        });
        let mut outcomes = Vec::new();
        for p in &programs {
            for jit in [true, false] {
                let (o, text) =
                    outcome_within(p, room, jit, Limits { picture: 96, ..Limits::default() });
                assert!(o.fault.is_none(), "{name}: {:?}\n{canonical}", o.fault);
                assert!(o.answer.is_some() || !o.evidence.is_empty(), "{name} gives nothing");
                // Places are those of each text.
                let text: String = text
                    .lines()
                    .map(|l| {
                        l.strip_prefix("Loc(").map_or(l, |r| r.split_once(' ').map_or(r, |x| x.1))
                    })
                    .collect::<Vec<_>>()
                    .join("\n");
                outcomes.push(text);
            }
        }
        assert!(outcomes.windows(2).all(|w| w[0] == w[1]), "{name}: {outcomes:#?}");
    }
}

// ---- bad plans ----

/// The lines of a plan after its memory is built and `session_id` read.
fn full(lines: &str) -> String {
    let head = "def plan_to_solve_problem(input_images: List[str]):\n    \
                memory = build_static_spatial_memory(input_type=\"images\", image_paths=input_images)\n    \
                session_id = memory[\"session_id\"]\n";
    let body: String = lines.lines().map(|l| format!("    {l}\n")).collect();
    format!("{head}{}", spelled(&body))
}

/// Short forms written out; they let a row show what is wrong with it.
fn spelled(text: &str) -> String {
    text.replace("POSES(", "query_camera_pose(session_id=session_id, frame_indices=")
        .replace("OBJECTS(", "query_3d_object_position(session_id=session_id, category_names=")
        .replace("VIEW(", "set_viewpoint(session_id=session_id, ")
        .replace("SELECT(", "safe_select(session_id=session_id, obj_queried=")
        .replace("STEP(", "step_camera(session_id=session_id, direction=")
        .replace("TURN(", "turn_camera(session_id=session_id, direction=")
        .replace("EGO", "render_ego_rgb(session_id=session_id)")
        .replace("TOP", "render_rgb_bev(session_id=session_id)")
        .replace("PLAN(", "render_semantic_bev(session_id=session_id, ")
        .replace("AT_1", "p = query_camera_pose(session_id=session_id, frame_indices=[1])[0]\n    \
                 set_viewpoint(session_id=session_id, origin=p[\"position\"], forward=p[\"forward\"])")
}

/// Lines of a plan, and its only finding: code and quoted text.
type Defect = (&'static str, &'static str, &'static str);

const PYTHON: &[Defect] = &[
    ("AT_1\nreturn [EGO", "E0102", ""),
    ("AT_1\nx = 1 +\nreturn [EGO]", "E0101", ""),
    ("AT_1\nego = EGO\nreturn [ego, 'text]", "E0002", "'text]"),
    ("AT_1\nx = 5 $ 3\nreturn [EGO]", "E0001", "$"),
    ("n = 1 + 2\nreturn [TOP, n]", "E1001", "1 + 2"),
    (
        "bev = TOP\nuseful_observation = bev + [input_images[0]]\nreturn useful_observation",
        "E1001",
        "bev + [input_images[0]]",
    ),
    (
        "useful_observation = []\nuseful_observation.append(TOP)\nreturn [TOP]",
        "E1001",
        "useful_observation.append(TOP)",
    ),
    ("return [TOP, memory.session_id]", "E1001", "memory.session_id"),
    ("ps = [x for x in input_images]\nreturn [TOP, ps]", "E1001", "[x for x in input_images]"),
    ("name = f\"chair {1}\"\nreturn [TOP, name]", "E1001", "f\"chair {1}\""),
    ("f = lambda x: x\nreturn [TOP, f]", "E1001", "lambda x: x"),
    ("x = 1 if True else 2\nreturn [TOP, x]", "E1001", "1 if True else 2"),
    ("ps = POSES([1, 2])[0:1]\nreturn [TOP, ps]", "E1001", "0:1"),
    ("x = 1 == 2\nreturn [TOP, x]", "E1001", "1 == 2"),
    ("x = not True\nreturn [TOP, x]", "E1001", "not True"),
    ("return [*TOP]", "E1001", "*TOP"),
    ("x = {1, 2}\nreturn [TOP, x]", "E1001", "{1, 2}"),
    ("(y := 1)\nreturn [TOP]", "E1001", "y := 1"),
    ("n = len(input_images)\nreturn [TOP, n]", "E1001", "len"),
    ("print(1)\nreturn [TOP]", "E1001", "print"),
    ("for i in [1]:\n    x = i\nreturn [TOP]", "E1001", "for"),
    ("if True:\n    x = 1\nreturn [TOP]", "E1001", "if"),
    ("while True:\n    pass\nreturn [TOP]", "E1001", "while"),
    ("import os\nreturn [TOP]", "E1001", "import"),
    ("a, b = POSES([1, 2])\nreturn [TOP]", "E1001", "a, b"),
    ("o = [TOP]\no += [TOP]\nreturn [TOP]", "E1001", "o += [TOP]"),
    (
        "render_rgb_bev(**{\"session_id\": session_id})\nreturn [TOP]",
        "E1001",
        "**{\"session_id\": session_id}",
    ),
    ("try:\n    x = 1\nexcept Exception:\n    x = 2\nreturn [TOP]", "E1001", "try"),
    ("x = b\"a\"\nreturn [TOP, x]", "E1001", "b\"a\""),
    ("x = 99999999999999999999\nreturn [TOP, x]", "E0003", "99999999999999999999"),
    ("memory\nreturn [TOP]", "E0104", "memory"),
    ("return [TOP]\nx = 1", "E1002", "return"),
    ("bev = TOP", "E1002", "plan_to_solve_problem"),
];

const NAMES: &[Defect] = &[
    ("bev = render_rgb_bevs(session_id=session_id)\nreturn [bev]", "E0201", "render_rgb_bevs"),
    ("x = find_path(session_id=session_id)\nreturn [TOP, x]", "E0201", "find_path"),
    ("x = mask_propagation(image_index=1)\nreturn [TOP, x]", "E0201", "mask_propagation"),
    (
        "m = build_dynamic_spatial_memory(input_type=\"video\")\nreturn [TOP]",
        "E0210",
        "build_dynamic_spatial_memory",
    ),
    ("return [TOP, egos]", "E0202", "egos"),
    ("return [TOP, render_ego_rgb]", "E0301", "render_ego_rgb"),
    (
        "AT_1\nturn_camera(session_id=session_id, direction=\"left\", degrees=30)\nreturn [EGO]",
        "E0204",
        "degrees",
    ),
    (
        "AT_1\nturn_camera(session_id=session_id, directon=\"left\")\nreturn [EGO]",
        "E0204",
        "directon",
    ),
    ("AT_1\nstep_camera(session_id=session_id)\nreturn [EGO]", "E0205", "step_camera"),
    (
        "AT_1\nreturn [render_ego_rgb(session_id=session_id, session_id=session_id)]",
        "E0206",
        "session_id",
    ),
    ("return [render_rgb_bev(session_id)]", "E0207", "session_id"),
    ("p = POSES([1])[0]\nVIEW(origin=p[\"position\"])\nreturn [EGO]", "E0208", "set_viewpoint"),
    (
        "p = POSES([1])[0]\no = OBJECTS([\"tv\"])\nVIEW(origin=p[\"position\"], forward=p[\"forward\"], look_at=o[\"tv\"][0])\nreturn [EGO]",
        "E0208",
        "look_at",
    ),
    ("AT_1\nTURN(\"back\", angle=90)\nreturn [EGO]", "E0208", "angle"),
    ("turn_camera = 1\nreturn [TOP]", "E0209", "turn_camera"),
    ("o = OBJECTS([\"chair\"])\np = o[\"sofa\"][0]\nreturn [TOP, p]", "E0211", "\"sofa\""),
    ("p = POSES([1])[0][\"positon\"]\nreturn [TOP, p]", "E0211", "\"positon\""),
    ("s = PLAN(camera_indices=[1])\nreturn [s[\"meta\"]]", "E0211", "\"meta\""),
    (
        "o = OBJECTS([\"chair\"])\ns = SELECT(o, obj_name=\"tv\", selection_criteria=\"largest\")\nreturn [TOP, s]",
        "E0211",
        "\"tv\"",
    ),
    (
        "p = POSES([1])[0]\ns = PLAN(objects=[{\"name\": \"c\", \"pos\": p[\"position\"], \"position\": p[\"position\"]}])\nreturn [s]",
        "E0211",
        "\"pos\"",
    ),
    (
        "p = POSES([1])[0]\ns = PLAN(objects=[{\"position\": p[\"position\"]}])\nreturn [s]",
        "E0205",
        "{\"position\": p[\"position\"]}",
    ),
    (
        "m = build_static_spatial_memory(input_type=\"images\", image_paths=input_images)\nreturn [TOP]",
        "E1009",
        "build_static_spatial_memory",
    ),
    ("ego = EGO\nreturn [ego]", "E1005", "render_ego_rgb"),
    ("TURN(\"left\")\nreturn [EGO]", "E1005", "turn_camera"),
    (
        "o = OBJECTS([\"chair\"])\ns = SELECT(o, obj_name=\"chair\", selection_criteria=\"leftmost\")\nreturn [TOP, s]",
        "E1005",
        "\"leftmost\"",
    ),
    ("VIEW(origin=[0, 0, 0], forward=[0, 0, 1])\nreturn [EGO]", "E1005", "[0, 0, 0]"),
    ("p = POSES([])\nreturn [TOP, p]", "E1010", "[]"),
    ("o = OBJECTS([])\nreturn [TOP, o]", "E1010", "[]"),
    ("return []", "E1007", "[]"),
    (
        "useful_observation = [input_images[0], input_images]\nreturn useful_observation",
        "E1007",
        "useful_observation",
    ),
];

const TYPES: &[Defect] = &[
    ("return 7", "E0301", "7"),
    ("return \"done\"", "E0301", "\"done\""),
    ("AT_1\nuseful_observation = EGO\nreturn useful_observation", "E0301", "useful_observation"),
    ("return [TOP, 3]", "E0301", "3"),
    ("return [TOP, session_id]", "E0301", "session_id"),
    ("bev = render_rgb_bev(session_id=\"session_1\")\nreturn [bev]", "E0301", "\"session_1\""),
    ("bev = render_rgb_bev(session_id=memory)\nreturn [bev]", "E0301", "memory"),
    ("bev = render_rgb_bev(session_id=input_images[0])\nreturn [bev]", "E0301", "input_images[0]"),
    ("p = POSES([\"first\"])\nreturn [TOP, p]", "E0301", "\"first\""),
    ("p = POSES([True])\nreturn [TOP, p]", "E0301", "True"),
    ("p = POSES([2.0])\nreturn [TOP, p]", "E0301", "2.0"),
    ("p = POSES(1)\nreturn [TOP, p]", "E0301", "1"),
    ("o = OBJECTS(\"chair\")\nreturn [TOP, o]", "E0301", "\"chair\""),
    ("o = OBJECTS([\"chair\", 3])\nreturn [TOP, o]", "E0301", "3"),
    ("o = OBJECTS([\"chair\"])\nreturn [TOP, o[0]]", "E0301", "0"),
    ("p = POSES([1])\nreturn [TOP, p[\"position\"]]", "E0301", "\"position\""),
    ("p = POSES([1])\nVIEW(origin=p, forward=p[0][\"forward\"])\nreturn [EGO]", "E0301", "p"),
    ("p = POSES([1])\nVIEW(origin=p[0], forward=p[0][\"forward\"])\nreturn [EGO]", "E0301", "p[0]"),
    (
        "p = POSES([1])[0]\nVIEW(origin=input_images, forward=p[\"forward\"])\nreturn [EGO]",
        "E0301",
        "input_images",
    ),
    (
        "p = POSES([1])[0]\no = OBJECTS([\"tv\"])\nVIEW(origin=o[\"tv\"], forward=p[\"forward\"])\nreturn [EGO]",
        "E0301",
        "o[\"tv\"]",
    ),
    (
        "p = POSES([1])[0]\nVIEW(origin=p[\"forward\"], forward=p[\"forward\"])\nreturn [EGO]",
        "E0301",
        "p[\"forward\"]",
    ),
    (
        "p = POSES([1])[0]\no = OBJECTS([\"tv\"])\nVIEW(origin=p[\"position\"], forward=o[\"tv\"][0])\nreturn [EGO]",
        "E0301",
        "o[\"tv\"][0]",
    ),
    (
        "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], look_at=p[\"forward\"])\nreturn [EGO]",
        "E0301",
        "p[\"forward\"]",
    ),
    (
        "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], forward=[\"x\", 0, 1])\nreturn [EGO]",
        "E0301",
        "\"x\"",
    ),
    ("AT_1\nVIEW(origin=[0, 0], forward=[0, 0, 1])\nreturn [EGO]", "E0301", "[0, 0]"),
    (
        "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], forward=-p[\"forward\"])\nreturn [EGO]",
        "E0301",
        "-p[\"forward\"]",
    ),
    (
        "o = OBJECTS([\"tv\"])\ns = SELECT(o[\"tv\"], obj_name=\"tv\", selection_criteria=\"largest\")\nreturn [TOP, s]",
        "E0301",
        "o[\"tv\"]",
    ),
    ("s = PLAN(queried_objects=[1])\nreturn [s]", "E0301", "[1]"),
    ("s = PLAN(objects=[\"chair\"])\nreturn [s]", "E0301", "\"chair\""),
    ("return [render_rgb_bev(session_id=session_id, ego_marker_size=\"big\")]", "E0301", "\"big\""),
    ("AT_1\nTURN(\"left\", angle=\"30\")\nreturn [EGO]", "E0301", "\"30\""),
    ("AT_1\nTURN(\"lefft\")\nreturn [EGO]", "E0304", "\"lefft\""),
    ("AT_1\nSTEP(\"ahead\")\nreturn [EGO]", "E0304", "\"ahead\""),
];

const FRAMES: &[Defect] = &[
    // Stale: queried before a move, used after it.
    (
        "o = OBJECTS([\"sofa\", \"tv\"])\nAT_1\nego = EGO\nVIEW(origin=o[\"sofa\"][0], look_at=[0, 0, 1])\nreturn [ego, EGO]",
        "E1003",
        "o[\"sofa\"][0]",
    ),
    (
        "AT_1\nq = p[\"position\"]\nTURN(\"left\")\ns = PLAN(objects=[{\"name\": \"c\", \"position\": q}])\nreturn [s]",
        "E1003",
        "q",
    ),
    ("o = OBJECTS([\"tv\"])\nAT_1\ns = PLAN(queried_objects=o)\nreturn [s]", "E1003", "o"),
    ("o = OBJECTS([\"tv\"])\nAT_1\nreturn [EGO, o]", "E1003", "o"),
    (
        "o = OBJECTS([\"chair\"])\nAT_1\ns = SELECT(o, obj_name=\"chair\", selection_criteria=\"nearest\")\nreturn [EGO, s]",
        "E1003",
        "o",
    ),
    (
        "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], forward=[0, 0, 0])\nreturn [EGO]",
        "E1004",
        "[0, 0, 0]",
    ),
    (
        "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], forward=[0, 1, 0])\nreturn [EGO]",
        "E1004",
        "[0, 1, 0]",
    ),
    (
        "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], forward=p[\"up\"])\nreturn [EGO]",
        "E1004",
        "p[\"up\"]",
    ),
    (
        "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], forward=p[\"forward\"], up=p[\"forward\"])\nreturn [EGO]",
        "E1004",
        "p[\"forward\"]",
    ),
    (
        "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], forward=p[\"forward\"], up=[0, 1, 0])\nreturn [EGO]",
        "E1004",
        "[0, 1, 0]",
    ),
    ("AT_1\nTURN(\"left\", angle=7200)\nreturn [EGO]", "E1008", "7200"),
    ("AT_1\nTURN(\"left\", angle=-9999)\nreturn [EGO]", "E1008", "-9999"),
    ("AT_1\nTURN(\"left\", angle=0)\nreturn [EGO]", "E1008", "0"),
    ("AT_1\nTURN(\"up\", angle=120)\nreturn [EGO]", "E1008", "120"),
    ("AT_1\nego = EGO\nTURN(\"left\")\nreturn [ego]", "E1006", "turn_camera"),
    ("bev = TOP\nAT_1\nreturn [bev]", "E1006", "set_viewpoint"),
    ("AT_1\nego = EGO\n_x = [TURN(\"left\")]\nreturn [ego]", "E1006", "turn_camera"),
];

const SCENE: &[Defect] = &[
    ("p = POSES([0])\nreturn [TOP, p]", "E0504", "0"),
    ("p = POSES([-3])\nreturn [TOP, p]", "E0504", "-3"),
    ("p = POSES([1, 9])\nreturn [TOP, p]", "E0504", "9"),
    ("p = POSES(list(range(1, 9)))\nreturn [TOP, p]", "E0504", "list(range(1, 9))"),
    ("return [TOP, input_images[99]]", "E0504", "99"),
    ("return [TOP, input_images[-1]]", "E0504", "-1"),
    ("s = PLAN(camera_indices=[7])\nreturn [s]", "E0504", "7"),
    (
        "p = POSES(list(range(1, 3000000000)))\nreturn [TOP, p]",
        "E0603",
        "list(range(1, 3000000000))",
    ),
    ("p = POSES([1, 2])[2]\nreturn [TOP, p]", "E0902", "2"),
    ("o = OBJECTS([\"chair\"])\nreturn [TOP, o[\"chair\"][4]]", "E0902", "4"),
    (
        "o = OBJECTS([\"tv\", \"sofa\"])\nVIEW(origin=o[\"tv\"][1], look_at=o[\"sofa\"][0])\nreturn [EGO]",
        "E0902",
        "1",
    ),
    ("o = OBJECTS([\"chairs\"])\nreturn [TOP, o]", "E0501", "\"chairs\""),
    ("o = OBJECTS([\"piano\", \"tv\"])\nreturn [TOP, o[\"tv\"]]", "E0501", "\"piano\""),
    (
        "o = OBJECTS([\"chair\"])\ns = SELECT(o, obj_name=\"chair\", selection_criteria=\"closest to the window\")\nreturn [TOP, s]",
        "E0501",
        "window",
    ),
    (
        "o = OBJECTS([\"chair\", \"tv\"])\nVIEW(origin=o[\"chair\"][0], look_at=o[\"tv\"][0])\nreturn [EGO]",
        "E0503",
        "o[\"chair\"][0]",
    ),
    (
        "o = OBJECTS([\"chair\"])\ns = SELECT(o, obj_name=\"chair\")\nreturn [TOP, s]",
        "E0503",
        "safe_select(session_id=session_id, obj_queried=o, obj_name=\"chair\")",
    ),
    (
        "o = OBJECTS([\"chair\"])\ns = SELECT(o, obj_name=\"chair\", selection_criteria=\"the red one\")\nreturn [TOP, s]",
        "E0602",
        "\"the red one\"",
    ),
    (
        "o = OBJECTS([\"tv\"])\nVIEW(origin=o[\"tv\"][0], look_at=o[\"tv\"][0])\nreturn [EGO]",
        "E0505",
        "set_viewpoint(session_id=session_id, origin=o[\"tv\"][0], look_at=o[\"tv\"][0])",
    ),
    (
        "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], look_at=p[\"position\"])\nreturn [EGO]",
        "E0505",
        "set_viewpoint(session_id=session_id, origin=p[\"position\"], look_at=p[\"position\"])",
    ),
    ("AT_1\nVIEW(origin=[1, 0, 0], look_at=[1, 0, 0])\nreturn [EGO]", "E0505", "[1, 0, 0]"),
];

const LINTS: &[Defect] = &[
    ("o = OBJECTS([\"tv\"])\nreturn [TOP]", "W0801", "o"),
    ("bev = TOP\nbev = TOP\nreturn [bev]", "W0801", "bev"),
    (
        "bev = render_rgb_bev(session_id=session_id, annotations=[\"tv\"])\nreturn [bev]",
        "W1011",
        "[\"tv\"]",
    ),
    ("OBJECTS([\"tv\"])\nreturn [TOP]", "W1012", "query_3d_object_position"),
    ("AT_1\nrender_ego_rgb(session_id=session_id)\nreturn [TOP]", "W1012", "render_ego_rgb"),
];

fn all() -> impl Iterator<Item = &'static Defect> {
    [PYTHON, NAMES, TYPES, FRAMES, SCENE, LINTS].into_iter().flatten()
}

fn expect(defects: &[Defect]) {
    let room = scene("room");
    let mut bad = String::new();
    for (lines, code, quoted) in defects {
        let text = full(lines);
        let d = check(&plan(&text), options(Some(room))).diagnostics;
        let fits = d.len() == 1
            && d[0].code.id() == *code
            && d[0].primary.span.text(&text) == spelled(quoted);
        if !fits {
            let _ = writeln!(bad, "{lines}\n  want {code} `{quoted}`\n{}", findings(&text, &d));
        }
    }
    assert!(bad.is_empty(), "\n{bad}");
}

#[test]
fn python() {
    expect(PYTHON);
}

#[test]
fn names() {
    expect(NAMES);
}

#[test]
fn types() {
    expect(TYPES);
}

#[test]
fn frames() {
    expect(FRAMES);
}

#[test]
fn scenes() {
    expect(SCENE);
}

#[test]
fn lints() {
    expect(LINTS);
}

#[test]
fn every_code_of_the_dialect_has_a_defect() {
    assert!(all().count() >= 40);
    for c in CODES.iter().filter(|c| c.id[1..].starts_with("10")) {
        assert!(all().any(|d| d.1 == c.id) || c.level == Level::Run, "{} has no defect", c.id);
    }
}

/// The planted defects that the paper's own verifier accepts, by its measurement's names.
const PLANTED: &[(&str, &str, &str)] = &[
    ("D10 category never queried", "o = OBJECTS([\"chair\"])\nreturn [TOP, o[\"table\"]]", "E0211"),
    (
        "D12 frame 0",
        "p = POSES([0])[0]\nVIEW(origin=p[\"position\"], forward=p[\"forward\"])\nreturn [EGO]",
        "E0504",
    ),
    (
        "D12 frame -3",
        "p = POSES([-3])[0]\nVIEW(origin=p[\"position\"], forward=p[\"forward\"])\nreturn [EGO]",
        "E0504",
    ),
    ("D13 angle 7200", "AT_1\nTURN(\"left\", angle=7200)\nreturn [EGO]", "E1008"),
    ("D16 unused query", "o = OBJECTS([\"sofa\"])\nAT_1\nreturn [EGO]", "W0801"),
    ("D17 render before viewpoint", "ego = EGO\nAT_1\nreturn [ego, EGO]", "E1005"),
    (
        "D19 one of two",
        "o = OBJECTS([\"lamp\", \"tv\"])\nVIEW(origin=o[\"lamp\"][0], look_at=o[\"tv\"][0])\nreturn [EGO]",
        "E0503",
    ),
    (
        "D20 look_at is origin",
        "o = OBJECTS([\"sofa\"])\nVIEW(origin=o[\"sofa\"][0], look_at=o[\"sofa\"][0])\nreturn [EGO]",
        "E0505",
    ),
    (
        "D20b zero forward",
        "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], forward=[0, 0, 0])\nreturn [EGO]",
        "E1004",
    ),
    (
        "D20d up along forward",
        "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], forward=p[\"forward\"], up=p[\"forward\"])\nreturn [EGO]",
        "E1004",
    ),
    (
        "D26 index past the list",
        "p = POSES([1, 2])\nVIEW(origin=p[5][\"position\"], forward=p[0][\"forward\"])\nreturn [EGO]",
        "E0902",
    ),
    ("D27 no categories", "o = OBJECTS([])\nreturn [TOP, o]", "E1010"),
    ("D28 text for a frame", "p = POSES([\"1\"])\nreturn [TOP, p]", "E0301"),
    (
        "D29 position as direction",
        "p = POSES([1])[0]\no = OBJECTS([\"tv\"])\nVIEW(origin=p[\"position\"], forward=o[\"tv\"][0])\nreturn [EGO]",
        "E0301",
    ),
];

/// One plan against each live rule of the paper's verifier, by the rule's number, and what it gets here; an
/// empty code where it is no mistake. A plan that starts with `def` is whole.
const VERIFIER_RULES: &[(u8, &str, &str)] = &[
    (1, "x = (\nreturn [TOP]", "E0101"),
    (
        2,
        "def plan_to_solve_problem(input_images):\n    return BODY\n\ndef other():\n    pass\n",
        "E1002",
    ),
    (3, "def plan(input_images):\n    return BODY\n", "E1002"),
    (4, "@d\ndef plan_to_solve_problem(input_images):\n    return BODY\n", "E1001"),
    (5, "def plan_to_solve_problem[T](input_images):\n    return BODY\n", "E1001"),
    (6, "def plan_to_solve_problem(input_images) -> list:\n    return BODY\n", ""),
    (7, "def plan_to_solve_problem(input_images, x):\n    return BODY\n", "E1002"),
    (8, "def plan_to_solve_problem(input_images=None):\n    return BODY\n", "E1002"),
    (9, "def plan_to_solve_problem(input_images, **k):\n    return BODY\n", "E1002"),
    (10, "def plan_to_solve_problem(input_images: dict):\n    return BODY\n", ""),
    (11, "useful_observation = [TOP]", "E1002"),
    (12, "return [TOP]", ""),
    (13, "for i in [1]:\n    pass\nreturn [TOP]", "E1001"),
    (14, "session_id\nreturn [TOP]", "E0104"),
    (15, "a, b = 1, 2\nreturn [TOP]", "E1001"),
    (16, "safe_select = 1\nreturn [TOP]", "E0209"),
    (17, "x = 1 < 2\nreturn [TOP, x]", "E1001"),
    (18, "return [TOP, unknown]", "E0202"),
    (19, "x = memory.get(1)\nreturn [TOP, x]", "E1001"),
    (20, "x = find(1)\nreturn [TOP, x]", "E0201"),
    (21, "x = render_rgb_bev(**memory)\nreturn [x]", "E1001"),
    (22, "return [render_rgb_bev(session_id, [], 10, 4)]", "E0207"),
    (23, "return [render_rgb_bev(session_id=session_id, zoom=2)]", "E0204"),
    (24, "return [render_rgb_bev(session_id=session_id, annotations=[], annotations=[])]", "E0206"),
    (25, "return [TOP, query_camera_pose(session_id=session_id)]", "E0205"),
    (26, "return [render_rgb_bev(session_id=3)]", "E0301"),
    (
        27,
        "def plan_to_solve_problem(input_images):\n    m = build_static_spatial_memory(input_type=\"photo\", image_paths=input_images)\n    return [render_rgb_bev(session_id=m[\"session_id\"])]\n",
        "E0304",
    ),
    (
        28,
        "def plan_to_solve_problem(input_images):\n    m = build_static_spatial_memory(input_type=\"images\", image_paths=input_images, fps=\"x\")\n    return [render_rgb_bev(session_id=m[\"session_id\"])]\n",
        "E0301",
    ),
    (
        29,
        "def plan_to_solve_problem(input_video):\n    m = build_static_spatial_memory(input_type=\"video\", video_path=3)\n    return [render_rgb_bev(session_id=m[\"session_id\"])]\n",
        "E0301",
    ),
    (
        30,
        "def plan_to_solve_problem(input_images):\n    m = build_static_spatial_memory(input_type=\"images\", image_paths=3)\n    return [render_rgb_bev(session_id=m[\"session_id\"])]\n",
        "E0301",
    ),
    (
        31,
        "def plan_to_solve_problem(input_video):\n    m = build_static_spatial_memory(input_type=\"video\")\n    return [render_rgb_bev(session_id=m[\"session_id\"])]\n",
        "E0205",
    ),
    (
        32,
        "def plan_to_solve_problem(input_images):\n    m = build_static_spatial_memory(input_type=\"images\")\n    return [render_rgb_bev(session_id=m[\"session_id\"])]\n",
        "E0205",
    ),
    (33, "p = POSES(\"all\")\nreturn [TOP, p]", "E0301"),
    (34, "p = POSES([9])\nreturn [TOP, p]", "E0504"),
    (35, "o = OBJECTS(\"tv\")\nreturn [TOP, o]", "E0301"),
    (36, "AT_1\nego = EGO\nVIEW(origin=[1, 2], forward=[0, 0, 1])\nreturn [ego, EGO]", "E0301"),
    (37, "p = POSES([1])[0]\nVIEW(origin=p[\"position\"])\nreturn [EGO]", "E0208"),
    (38, "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], forward=[1])\nreturn [EGO]", "E0301"),
    (39, "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], look_at=\"tv\")\nreturn [EGO]", "E0301"),
    (
        40,
        "p = POSES([1])[0]\nVIEW(origin=p[\"position\"], forward=p[\"forward\"], up=\"y\")\nreturn [EGO]",
        "E0301",
    ),
    (
        41,
        "p = POSES([1])\ns = SELECT(p, obj_name=\"tv\", selection_criteria=\"largest\")\nreturn [TOP, s]",
        "E0301",
    ),
    (
        42,
        "o = OBJECTS([\"tv\"])\ns = SELECT(o, obj_name=1, selection_criteria=\"largest\")\nreturn [TOP, s]",
        "E0301",
    ),
    (
        43,
        "o = OBJECTS([\"tv\"])\ns = SELECT(o, obj_name=\"tv\", selection_criteria=1)\nreturn [TOP, s]",
        "E0301",
    ),
    (44, "AT_1\nSTEP(\"north\")\nreturn [EGO]", "E0304"),
    (45, "AT_1\nTURN(\"around\")\nreturn [EGO]", "E0304"),
    (46, "AT_1\nTURN(\"left\", angle=[30])\nreturn [EGO]", "E0301"),
    (47, "AT_1\nTURN(\"back\", angle=180)\nreturn [EGO]", "E0208"),
    (48, "return [render_rgb_bev(session_id=session_id, annotations=1)]", "E0301"),
    (49, "return [render_rgb_bev(session_id=session_id, ego_marker_size=1.5)]", "E0301"),
    (50, "s = PLAN(camera_indices=\"all\")\nreturn [s]", "E0301"),
    (51, "s = PLAN(camera_indices=[1, 8])\nreturn [s]", "E0504"),
    (52, "s = PLAN(objects=\"tv\")\nreturn [s]", "E0301"),
    (53, "s = PLAN(objects=[1])\nreturn [s]", "E0301"),
    (
        54,
        "s = PLAN(objects=[{1: \"a\", \"name\": \"a\", \"position\": POSES([1])[0][\"position\"]}])\nreturn [s]",
        "E0301",
    ),
    (
        55,
        "s = PLAN(objects=[{\"colour\": \"a\", \"name\": \"a\", \"position\": POSES([1])[0][\"position\"]}])\nreturn [s]",
        "E0211",
    ),
    (56, "s = PLAN(objects=[{\"name\": \"a\"}])\nreturn [s]", "E0205"),
    (
        57,
        "s = PLAN(objects=[{\"name\": 1, \"position\": POSES([1])[0][\"position\"]}])\nreturn [s]",
        "E0301",
    ),
    (58, "s = PLAN(queried_objects=POSES([1]))\nreturn [s]", "E0301"),
    (59, "return [TOP, POSES([1])[0][\"heading\"]]", "E0211"),
    (60, "o = OBJECTS([\"tv\"])\nreturn [TOP, o[0]]", "E0301"),
    (61, "p = POSES([1])\nreturn [TOP, p[\"0\"]]", "E0301"),
    (62, "VIEW(origin=[0, 0, 0], forward=[0, 0, 1])\nreturn [EGO]", "E1005"),
    (64, "o = OBJECTS([\"tv\"])\nAT_1\nreturn [EGO, o[\"tv\"]]", "E1003"),
    (65, "AT_1\nego = EGO\nSTEP(\"forward\")\nreturn [ego]", "E1006"),
];

/// `spec/paper-dialect.md` states what these two tables hold.
#[test]
fn the_papers_own_verifier() {
    let room = scene("room");
    let mut bad = String::new();
    let mut expect = |name: &str, text: &str, code: &str| {
        let d = check(&plan(text), options(Some(room))).diagnostics;
        let fits = d.iter().all(|d| d.code.id() == code) && d.is_empty() == code.is_empty();
        if !fits {
            let _ = writeln!(bad, "{name}\n{text}\n  want {code}\n{}", findings(text, &d));
        }
    };
    for (name, lines, code) in PLANTED {
        expect(name, &full(lines), code);
    }
    let body = "[render_rgb_bev(session_id=build_static_spatial_memory(input_type=\"images\", image_paths=input_images)[\"session_id\"])]";
    for (rule, lines, code) in VERIFIER_RULES {
        let whole = lines.starts_with("def") || lines.starts_with('@');
        let text = if whole { lines.replace("BODY", body) } else { full(lines) };
        expect(&format!("rule {rule}"), &text, code);
    }
    assert!(bad.is_empty(), "\n{bad}");
    assert_eq!((PLANTED.len(), VERIFIER_RULES.len()), (14, 64));
}

/// Forms of the function itself, which [`full`] has right.
#[test]
fn shapes() {
    let body = "    memory = build_static_spatial_memory(input_type=\"images\", image_paths=input_images)\n    \
                return [render_rgb_bev(session_id=memory[\"session_id\"])]\n";
    let mut bad = String::new();
    for (text, code, quoted) in [
        (format!("def plan(input_images: List[str]):\n{body}"), "E1002", "plan"),
        (format!("def plan_to_solve_problem():\n{body}"), "E1002", "()"),
        (format!("def plan_to_solve_problem(input_images, extra):\n{body}"), "E1002", "extra"),
        (format!("def plan_to_solve_problem(input_images=None):\n{body}"), "E1002", "None"),
        (format!("def plan_to_solve_problem(input_images, *rest):\n{body}"), "E1002", "*rest"),
        (format!("def plan_to_solve_problem(input_images, *, k):\n{body}"), "E1002", "k"),
        (
            format!("def plan_to_solve_problem(images):\n{}", body.replace("input_images", "images")),
            "E1002",
            "images",
        ),
        (format!("@cached\ndef plan_to_solve_problem(input_images):\n{body}"), "E1001", "@cached"),
        (format!("async def plan_to_solve_problem(input_images):\n{body}"), "E1001", "async"),
        (format!("def plan_to_solve_problem(input_images):\n{body}\ndef help():\n    pass\n"), "E1002", "help"),
        (format!("import os\ndef plan_to_solve_problem(input_images):\n{body}"), "E1002", "import"),
        (format!("def plan_to_solve_problem(input_images):\n{body}\nplan_to_solve_problem([])\n"), "E1002", "plan_to_solve_problem"),
        (
            "memory = build_static_spatial_memory(input_type=\"images\", image_paths=input_images)\n\
             bev = render_rgb_bev(session_id=memory[\"session_id\"])\nreturn [bev]\n"
                .to_owned(),
            "E1002",
            "memory",
        ),
        (
            body.replace("\"images\"", "\"image\"").replace("    memory", "def plan_to_solve_problem(input_images):\n    memory"),
            "E0304",
            "\"image\"",
        ),
        (
            body.replace(", image_paths=input_images", "").replace("    memory", "def plan_to_solve_problem(input_images):\n    memory"),
            "E0205",
            "build_static_spatial_memory",
        ),
        ("def plan_to_solve_problem(input_images):\n    return [render_rgb_bev(session_id=\"s\")]\n".to_owned(), "E0301", "\"s\""),
    ] {
        let d = check(&plan(&text), options(None)).diagnostics;
        let fits = d.len() == 1 && d[0].code.id() == code && d[0].primary.span.text(&text) == quoted;
        if !fits {
            let _ = writeln!(bad, "{text}\n  want {code} `{quoted}`\n{}", findings(&text, &d));
        }
    }
    assert!(bad.is_empty(), "\n{bad}");
}

/// Several independent errors are all reported in one pass, and nothing else.
#[test]
fn planted_errors_are_all_found() {
    let room = scene("room");
    let mut bad = String::new();
    for (lines, want) in [
        (
            "p = POSES([0, 1])\no = OBJECTS([\"chairs\", \"tv\"])\nVIEW(origin=p[1][\"position\"], forward=p[1][\"forward\"])\n\
             TURN(\"lefft\")\nego = render_ego(session_id=session_id)\ns = PLAN(queried_objects=o)\nreturn [ego, s]",
            &["E0504", "E0501", "E0304", "E0201", "E1003"][..],
        ),
        (
            "p = POSES([\"x\"])\nq = POSES([1])[0]\nVIEW(origin=q[\"position\"], forward=q[\"position\"])\nx = 1 + 2\n\
             TURN(\"left\", angel=30)\nreturn [EGO, x, nowhere]",
            &["E0301", "E0301", "E1001", "E0204", "E0202"],
        ),
        (
            "AT_1\nego = EGO(\nx = render_ego_rgb(session_id=memory)\no = OBJECTS([])\nreturn [ego, x, o]",
            &["E0101"],
        ),
        (
            "o = OBJECTS([\"sofa\", \"tv\"])\nVIEW(origin=o[\"sofa\"][0], look_at=o[\"tv\"][0])\nTURN(\"left\")\nego = EGO\n\
             STEP(\"forward\")\nVIEW(origin=o[\"tv\"][0], look_at=o[\"sofa\"][0])\nreturn [ego, 7]",
            &["E1003", "E1006", "E0301"],
        ),
    ] {
        let text = full(&lines.replace("EGO(", "render_ego_rgb(session_id=session_id"));
        let d = check(&plan(&text), options(Some(room))).diagnostics;
        let mut found: Vec<&str> = d.iter().filter(|d| d.is_error()).map(|d| d.code.id()).collect();
        let mut want = want.to_vec();
        found.sort_unstable();
        want.sort_unstable();
        if found != want {
            let _ = writeln!(bad, "{lines}\n  want {want:?}\n{}", findings(&text, &d));
        }
    }
    assert!(bad.is_empty(), "\n{bad}");
}

/// A safe repair takes its error away and brings none.
#[test]
fn safe_repairs_repair() {
    let room = scene("room");
    let (mut bad, mut tried) = (String::new(), 0);
    for (lines, ..) in all() {
        let text = full(lines);
        let before = check(&plan(&text), options(Some(room))).diagnostics;
        for (d, s) in safe(&before) {
            tried += 1;
            let repaired = applied(&text, s);
            let after = check(&plan(&repaired), options(Some(room))).diagnostics;
            if after.iter().any(|x| x.is_error()) {
                let _ = writeln!(
                    bad,
                    "{lines}\n  {} `{}`\n{}",
                    d.code,
                    s.title,
                    findings(&repaired, &after)
                );
            }
        }
    }
    assert!(bad.is_empty(), "\n{bad}");
    assert!(tried >= 12, "{tried}");
}

/// The stale-coordinate report says which move, where the query was, and how to ask again.
#[test]
fn stale_coordinates_are_told_with_their_move() {
    let text = full(
        "AT_1\no = OBJECTS([\"tv\"])\nTURN(\"left\")\nSTEP(\"forward\")\ns = PLAN(queried_objects=o)\nreturn [s]",
    );
    let d = check(&plan(&text), options(Some(scene("room")))).diagnostics;
    let [d] = d.as_slice() else { panic!("{}", findings(&text, &d)) };
    assert_eq!(d.message, "`o` is in the frame before `turn_camera` moved the viewpoint");
    let said: Vec<(&str, &str)> =
        d.secondary.iter().map(|l| (l.span.text(&text), l.message.as_str())).collect();
    assert_eq!(
        said,
        [
            (
                "query_3d_object_position(session_id=session_id, category_names=[\"tv\"])",
                "queried here"
            ),
            ("turn_camera", "the viewpoint moves here, and once more after it"),
        ]
    );
    let [s] = d.suggestions.as_slice() else { panic!("{:?}", d.suggestions) };
    let repaired = applied(&text, s);
    let again = check(&plan(&repaired), options(Some(scene("room")))).diagnostics;
    // The first query is of no use any more, which is said.
    let again: Vec<_> = again.into_iter().filter(|d| d.code.id() != "W0801").collect();
    assert!(again.is_empty(), "{repaired}\n{}", findings(&repaired, &again));
}

/// What a run may cost is bounded before it.
#[test]
fn pictures_are_counted() {
    let renders: String = (0..400).map(|i| format!("r{i} = TOP\n")).collect();
    let names: Vec<String> = (0..400).map(|i| format!("r{i}")).collect();
    let text = full(&format!("{renders}return [{}]", names.join(", ")));
    let d = check(&plan(&text), options(None)).diagnostics;
    assert_eq!(d.iter().map(|d| d.code.id()).collect::<Vec<_>>(), ["E0601"]);
    assert_eq!(d[0].message, "the plan makes 400 pictures; a run may make 64");
}

#[test]
fn photo_numbers_without_a_memory() {
    let text = full("p = POSES([5])\nreturn [TOP, p]");
    let checked = |photos| {
        let o = CheckOptions { photos, ..CheckOptions::default() };
        check(&plan(&text), o).diagnostics.iter().map(|d| d.code.id()).collect::<Vec<_>>()
    };
    assert_eq!(checked(Some(4)), ["E0504"]);
    assert!(checked(Some(5)).is_empty());
    assert!(checked(None).is_empty());
}

/// Places count from the start of the whole text, and findings in prose are none.
#[test]
fn plans_are_found_in_what_models_write() {
    let inner = full("AT_1\nTURN(\"lefft\")\nreturn [EGO]");
    let text = format!("Ich plane das so (größer):\n\n```python\n{inner}```\nDone: 1 + 1.\n");
    let d = check(&plan(&text), options(None)).diagnostics;
    assert_eq!(findings(&text, &d).lines().count(), 1);
    assert_eq!(d[0].primary.span.text(&text), "\"lefft\"");
    let prose = "I would look around first.\n";
    let d = check(&plan(prose), options(None)).diagnostics;
    assert!(!d.is_empty() && d.iter().all(|d| d.is_error()), "{}", findings(prose, &d));
    assert!(!check(&plan(""), options(None)).is_ok());
}

#[test]
fn a_lint_can_be_allowed() {
    let text = full(
        "# reasmory: allow(unused-binding): kept for the reader\no = OBJECTS([\"tv\"])\nreturn [TOP]",
    );
    let d = check(&plan(&text), options(None)).diagnostics;
    assert!(d.is_empty(), "{}", findings(&text, &d));
}

/// Arbitrary bytes, damaged plans and deep nesting: an answer, never a panic.
#[test]
fn hostile_plans_are_read() {
    let mut corpus: Vec<String> = good().into_iter().map(|g| g.1).collect();
    corpus.extend(all().map(|d| full(d.0)));
    for text in &corpus {
        paper::fuzz_paper(text.as_bytes());
    }
    for text in [
        "-".repeat(100_000),
        "(".repeat(100_000),
        format!("x = y{}", "[0]".repeat(2000)),
        "not ".repeat(50_000),
        "f'{".repeat(5000),
        "if 1:\n ".repeat(500),
        "\u{feff}def plan_to_solve_problem(input_images):\r\n\treturn [1]\r\n".to_owned(),
        "```python".to_owned(),
        "def plan_to_solve_problem(input_images):\n    return x[\u{2028}".to_owned(),
        "\0".to_owned(),
    ] {
        paper::fuzz_paper(text.as_bytes());
        let d = check(&plan(&text), options(None)).diagnostics;
        assert!(d.iter().any(|d| d.is_error()), "{}", text.chars().take(40).collect::<String>());
    }
    // Seeded damage: lines, words and bytes of the plans, lost, repeated and exchanged.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n.max(1) as u64) as usize
    };
    for _ in 0..1500 {
        let mut bytes = corpus[next(corpus.len())].clone().into_bytes();
        for _ in 0..=next(4) {
            let (at, len) = (next(bytes.len()), next(30));
            let end = (at + len).min(bytes.len());
            match next(4) {
                0 => drop(bytes.drain(at..end)),
                1 => {
                    let piece = bytes[at..end].to_vec();
                    let to = next(bytes.len());
                    bytes.splice(to..to, piece);
                }
                2 => {
                    let other = corpus[next(corpus.len())].as_bytes();
                    let from = next(other.len());
                    let piece = other[from..(from + 40).min(other.len())].to_vec();
                    bytes.splice(at..end, piece);
                }
                _ => {
                    const MARKS: &[u8] = b"()[]{}:,.=+-*'\"#\n\t \\@0f";
                    bytes.insert(at, MARKS[next(MARKS.len())]);
                }
            }
        }
        paper::fuzz_paper(&bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let report = check(&plan(&text), options(Some(scene("room"))));
        for d in &report.diagnostics {
            assert!(text.get(d.primary.span.range()).is_some(), "{text}");
            assert_ne!(d.code.id(), "E9901", "{text}");
        }
        if report.is_ok() {
            let compiled = compile(&plan(&text), options(Some(scene("room"))));
            assert!(compiled.is_ok(), "{text}");
        }
    }
}
