//! The demonstration: a furnished room with exact truth, its memory, programs over it, and a broken
//! program with its repair. Needs nothing but the program itself.

use std::fmt::Write as _;
use std::path::Path;

use reasmory_sema::CheckOptions;
use reasmory_synth::{Room, RoomOptions, Style, truth};

use crate::answer::{Printing, number, text};
use crate::import::store_failure;
use crate::{Failure, RunOptions, RunReport, Scene, Source, check, compile, evidence, files};

/// Size of the recorded views in pixels.
const VIEW: (u32, u32) = (640, 480);
/// Smallest clearance, in degrees, of a direction question from where its answer would change.
const CLEAR_MARGIN: f64 = 15.0;

/// A question with its program and its truth.
struct Task {
    question: String,
    program: String,
    truth: Truth,
}

enum Truth {
    /// The answer's text.
    Exactly(String),
    /// The answer's number, in the printed unit, within a tolerance.
    About(f64, f64, &'static str),
    /// Nothing to compare: the pictures are the result.
    Look(&'static str),
}

/// Runs the demonstration; pictures, the memory and a transcript go to `out`. Gives the transcript.
pub fn demo(out: &Path, seed: u64) -> Result<String, Failure> {
    let mut log = String::new();
    let room =
        Room::generate(seed, &RoomOptions { style: Some(Style::Living), ..RoomOptions::default() });
    let cameras =
        reasmory_synth::photo_set(&room, reasmory_synth::cameras::DEFAULT_PHOTOS, VIEW.0, VIEW.1);
    let frames = reasmory_synth::render_all(&room, &cameras);
    let memory = reasmory_synth::from_frames(
        "demo",
        &frames,
        &cameras,
        &reasmory_synth::labels(&room, true),
        &reasmory_synth::FusionOptions::default(),
    )
    .map_err(|e| Failure::new(format!("the demo memory: {e}"), "report this"))?;
    let directory = out.join("room.mem");
    reasmory_store::write(&memory, &reasmory_store::MemoryPictures(&memory), &directory)
        .map_err(store_failure)?;
    // What was written is what is used.
    let scene = Scene::new(reasmory_store::open(&directory).map_err(store_failure)?);
    let manifest = scene.memory.manifest().clone();
    let _ = writeln!(
        log,
        "A furnished room (seed {seed}), recorded in {} RGB-D views with instance masks and fused into a \
         memory of {} points and {} instances:\n",
        frames.len(),
        manifest.points,
        manifest.instances.len()
    );
    for c in &manifest.categories {
        let _ = writeln!(log, "  {} × {}", c.instances.len(), c.name);
    }

    let cast = cast(&room, &scene)?;
    let mut correct = 0;
    let mut judged = 0;
    for (i, task) in tasks(&room, &frames, &scene, &cast).into_iter().enumerate() {
        let _ = writeln!(log, "\n── {}. {}\n", i + 1, task.question);
        for line in task.program.lines() {
            let _ = writeln!(log, "    {line}");
        }
        let source = Source::new(format!("demo-{}.rsm", i + 1), task.program.clone());
        let program =
            compile(&source, CheckOptions { scene: Some(&manifest), ..Default::default() })
                .map_err(|report| {
                    Failure::new(
                        format!(
                            "demo program {} does not check:\n{}",
                            i + 1,
                            source.render(&report.diagnostics)
                        ),
                        "report this",
                    )
                })?;
        let report = program.run(&scene, RunOptions::default());
        let p = printing(&program, &report);
        let answered = report.answer.as_ref().map(|(v, _)| text(v, p));
        let _ = writeln!(log);
        if let Some(a) = &answered {
            let _ = writeln!(log, "  answer   {a}   [{}]", report.status.name());
        } else {
            let _ = writeln!(log, "  status   {}", report.status.name());
        }
        for d in &report.diagnostics {
            let _ = writeln!(log, "  {}: {}", d.code, d.message);
        }
        match &task.truth {
            Truth::Exactly(t) => {
                judged += 1;
                let ok = answered.as_deref() == Some(t.as_str());
                correct += usize::from(ok);
                let _ = writeln!(log, "  truth    {t}   {}", if ok { "✓" } else { "✗" });
            }
            Truth::About(t, tolerance, unit) => {
                judged += 1;
                let got = answered
                    .as_deref()
                    .and_then(|a| a.split_whitespace().next()?.parse::<f64>().ok());
                let ok = got.is_some_and(|g| (g - t).abs() <= *tolerance);
                correct += usize::from(ok);
                let _ = writeln!(
                    log,
                    "  truth    {} {unit} (± {} for a memory made from pictures)   {}",
                    number(*t),
                    number(*tolerance),
                    if ok { "✓" } else { "✗" }
                );
            }
            Truth::Look(what) => {
                let _ = writeln!(log, "  {what}");
            }
        }
        let pictures = out.join(format!("question-{}", i + 1));
        for record in evidence::records(&report, Some(&pictures))? {
            let _ = writeln!(
                log,
                "  evidence question-{}/{}\n           {}",
                i + 1,
                record["file"].as_str().unwrap_or("?"),
                record["caption"].as_str().unwrap_or("")
            );
        }
    }
    let _ =
        writeln!(log, "\n{correct} of {judged} answers agree with the exact truth of the room.");
    broken(&mut log, &scene, &cast)?;
    files::write_atomic(&out.join("transcript.txt"), log.as_bytes())?;
    if correct != judged {
        return Err(Failure::new(
            format!("{log}\nthe demonstration disagrees with its truth"),
            "report this with the transcript",
        ));
    }
    Ok(log)
}

/// The things the questions are about.
struct Cast {
    /// A category with several instances.
    many: String,
    /// Unique pieces: where to stand, what to face, what to ask for.
    stand: (u32, String),
    face: (u32, String),
    target: (u32, String),
    /// A photo that shows the target.
    photo: u32,
}

fn cast(room: &Room, scene: &Scene) -> Result<Cast, Failure> {
    let manifest = scene.memory.manifest();
    let none = || Failure::new("the demo room has too little furniture", "choose another seed");
    let many = manifest
        .categories
        .iter()
        .filter(|c| c.instances.len() > 1 && truth::count(room, &c.name) == c.instances.len())
        .max_by_key(|c| (c.instances.len(), c.name == "chair"))
        .map(|c| c.name.clone())
        .ok_or_else(none)?;
    // Unique pieces that stand free in view, large ones first.
    let mut unique: Vec<(u32, String, f64)> = room
        .pieces
        .iter()
        .filter(|p| {
            truth::count(room, p.category) == 1
                && manifest.category(p.category).is_some_and(|c| c.instances.len() == 1)
                && p.support.is_none()
                && !matches!(p.category, "rug" | "door" | "window")
        })
        .filter_map(|p| Some((p.id, p.category.to_owned(), truth::longest_side(room, p.id)?)))
        .filter(|p| p.2 > 0.4)
        .collect();
    unique.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
    unique.truncate(6);
    let mut best: Option<(f64, [usize; 3])> = None;
    for a in 0..unique.len() {
        for b in 0..unique.len() {
            for c in 0..unique.len() {
                if a == b || b == c || a == c {
                    continue;
                }
                // Things a person would not call one place.
                let apart = |x: usize, y: usize| {
                    truth::center_distance(room, unique[x].0, unique[y].0).is_some_and(|d| d > 1.0)
                };
                if !(apart(a, b) && apart(b, c) && apart(a, c)) {
                    continue;
                }
                let Some(margin) = truth::side_margin(room, unique[a].0, unique[b].0, unique[c].0)
                else {
                    continue;
                };
                if best.is_none_or(|x| margin > x.0) {
                    best = Some((margin, [a, b, c]));
                }
            }
        }
    }
    let (margin, [a, b, c]) = best.ok_or_else(none)?;
    if margin < CLEAR_MARGIN {
        return Err(none());
    }
    let pick = |i: usize| (unique[i].0, unique[i].1.clone());
    let target = pick(c);
    let photo = manifest
        .category(&target.1)
        .and_then(|e| manifest.instance(*e.instances.first()?)?.seen_in.first().copied())
        .ok_or_else(none)?;
    Ok(Cast { many, stand: pick(a), face: pick(b), target, photo })
}

fn tasks(room: &Room, frames: &[reasmory_synth::Frame], scene: &Scene, cast: &Cast) -> Vec<Task> {
    let Cast { many, stand, face, target, photo } = cast;
    let cm = |m: f64| m * 100.0;
    let side = |a, b, c| match truth::side(room, a, b, c) {
        Some(truth::Side::Left) => "left",
        Some(truth::Side::Right) => "right",
        Some(truth::Side::Back) => "back",
        None => "none",
    };
    let visible = usize::try_from(*photo)
        .ok()
        .and_then(|n| frames.get(n - 1))
        .is_some_and(|f| truth::visible(f, target.0, reasmory_synth::seen_pixels(VIEW.0, VIEW.1)));
    let area = truth::area(room);
    let d = truth::surface_distance(room, stand.0, target.0).unwrap_or(0.0);
    let size = truth::longest_side(room, target.0).unwrap_or(0.0);
    // The nearest of three, judged by the exact surfaces.
    let mut others: Vec<(f64, &str)> = [stand, face]
        .iter()
        .filter_map(|p| Some((truth::surface_distance(room, p.0, target.0)?, p.1.as_str())))
        .collect();
    others.sort_by(|a, b| a.0.total_cmp(&b.0));
    let nearest = others.first().map_or("none", |o| o.1).to_owned();
    let photos = scene.memory.manifest().photos.len();
    vec![
        Task {
            question: format!("How many instances of \"{many}\" are in this room?"),
            program: format!("answer objects(\"{many}\").count()\n"),
            truth: Truth::Exactly(truth::count(room, many).to_string()),
        },
        Task {
            question: format!("How long is the longest side of the {}, in centimetres?", target.1),
            program: format!("answer the(\"{}\").longest_side() as cm\n", target.1),
            truth: Truth::About(cm(size), (0.1 * cm(size)).max(8.0), "cm"),
        },
        Task {
            question: format!(
                "Measured from the closest points, how far is the {} from the {}?",
                stand.1, target.1
            ),
            program: format!(
                "answer distance(the(\"{}\"), to=the(\"{}\")) as m\n",
                stand.1, target.1
            ),
            truth: Truth::About(d, 0.1, "m"),
        },
        Task {
            question: format!(
                "Standing at the {} and facing the {}, is the {} on my left, on my right, or behind me?",
                stand.1, face.1, target.1
            ),
            program: format!(
                "me = stand(at=the(\"{}\"), facing=the(\"{}\"))\n\
                 show top(mark=[the(\"{}\"), the(\"{}\"), the(\"{}\"), me])\n\
                 answer side(the(\"{}\"), from=me, among=[left, right, back])\n",
                stand.1, face.1, stand.1, face.1, target.1, target.1
            ),
            truth: Truth::Exactly(side(stand.0, face.0, target.0).to_owned()),
        },
        Task {
            question: format!("Is the {} visible in photo {photo}?", target.1),
            program: format!(
                "show photo({photo})\nanswer sees(photo({photo}).view(), the(\"{}\"))\n",
                target.1
            ),
            truth: Truth::Exactly(if visible { "yes" } else { "no" }.to_owned()),
        },
        Task {
            question: format!(
                "Which is nearer to the {}: the {} or the {}?",
                target.1, stand.1, face.1
            ),
            program: format!(
                "answer [\"{}\", \"{}\"].min_by(c => distance(c, to=the(\"{}\")))\n",
                stand.1, face.1, target.1
            ),
            truth: Truth::Exactly(nearest),
        },
        Task {
            question: "How large is the floor of this room, in square metres?".to_owned(),
            program: "answer room().floor_area() as m2\n".to_owned(),
            truth: Truth::About(area, 0.05 * area, "m2"),
        },
        Task {
            question:
                "Stand where photo 1 was taken, turn right by 40° and step back: what is there?"
                    .to_owned(),
            program: format!(
                "me = photo(1).view().turn(right, by=40deg).step(backward)\n\
                 show photo(1)\n\
                 show ego(me, mark=objects(\"{many}\"))\n\
                 show plan(mark=[me, photo({})])\n",
                photos.min(2)
            ),
            truth: Truth::Look("the pictures are the result"),
        },
    ]
}

/// A program as a model might write it, its diagnostics, and what `fix`-style edits and a choice make of
/// it.
fn broken(log: &mut String, scene: &Scene, cast: &Cast) -> Result<(), Failure> {
    let manifest = scene.memory.manifest();
    let Cast { many, stand, target, .. } = cast;
    let bad = format!(
        "let me = stand(at=the(\"{}\"), facing=the(\"{many}\"))\n\
         answer objects(\"{many}\").filter(c => dist(c, to=the(\"{}s\")) < 1.5).len()\n",
        stand.1, target.1
    );
    let good = format!(
        "answer objects(\"{many}\").filter(c => distance(c, to=the(\"{}\")) < 1.5m).count()\n",
        target.1
    );
    let options = CheckOptions { scene: Some(manifest), ..Default::default() };
    let source = Source::new("broken.rsm", bad);
    let report = check(&source, options);
    let _ = writeln!(log, "\n── A broken program\n");
    for line in source.text.lines() {
        let _ = writeln!(log, "    {line}");
    }
    let _ = writeln!(log, "\n{}", source.render(&report.diagnostics).trim_end());
    let source = Source::new("repaired.rsm", good);
    let program = compile(&source, options).map_err(|r| {
        Failure::new(
            format!("the repaired program does not check:\n{}", source.render(&r.diagnostics)),
            "report this",
        )
    })?;
    let run = program.run(scene, RunOptions::default());
    let _ = writeln!(log, "\n── Repaired\n");
    for line in source.text.lines() {
        let _ = writeln!(log, "    {line}");
    }
    let answered = run
        .answer
        .as_ref()
        .map_or_else(|| run.status.name().to_owned(), |(v, _)| text(v, printing(&program, &run)));
    let _ = writeln!(log, "\n  answer   {answered}   [{}]", run.status.name());
    Ok(())
}

fn printing<'p>(program: &'p crate::Program, report: &RunReport) -> Printing<'p> {
    Printing {
        ty: program.answer.as_ref(),
        unit: report.answer.as_ref().and_then(|a| a.1),
        metric: true,
    }
}
