//! Builds of generated rooms against their truth: exact results, results with known errors, boxes of a vision
//! model from a transcript.

use std::path::Path;
use std::sync::Arc;

use reasmory_frontend::frontends::{Degraded, Synthetic};
use reasmory_frontend::grounders::SyntheticMasks;
use reasmory_frontend::registry::Settings;
use reasmory_frontend::{
    Built, Cancel, Fault, FrontendError, Ground, Job, Quiet, Reconstruct, Reconstructed, Request,
    build as run, inspect,
};
use reasmory_geom::Point3;
use reasmory_geom::math::acos_deg;
use reasmory_ground::Mask;
use reasmory_model::{
    Model, ModelError, Part, Prices, Provider, Recording, Replay, Reply, Request as Asked,
};
use reasmory_scene::Manifest;
use reasmory_synth::{Room, RoomOptions};

const SEED: u64 = 11;

fn request(dir: &Path, ground: Option<&str>, options: &[(&str, &str)]) -> Request {
    let mut all = vec![("photos", "8"), ("width", "200"), ("height", "150")];
    all.extend(options);
    Request {
        input: format!("synth:{SEED}").into(),
        out: dir.join("room.mem"),
        ground: ground.map(str::to_owned),
        settings: Settings {
            options: all.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            ..Settings::default()
        },
        ..Request::default()
    }
}

fn build(r: &Request) -> Result<Built, FrontendError> {
    run(r, &Quiet, &Cancel::default())
}

/// Instances whose category and place (to 0.25 m) are those of a piece, and instances.
fn right(m: &Manifest) -> (usize, usize) {
    let room = Room::generate(SEED, &RoomOptions::default());
    let near = |p: &Point3, category: &str| {
        room.pieces.iter().any(|q| q.category == category && (q.obb.center - p).norm() < 0.25)
    };
    let right = m.instances.iter().filter(|i| near(&i.obb.center, &i.category)).count();
    (right, m.instances.len())
}

#[test]
fn an_exact_room_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let built = build(&request(dir.path(), Some("synthetic"), &[])).unwrap();
    let m = built.memory.manifest();
    let (right, all) = right(m);
    assert!(right >= 8 && right * 10 >= all * 9, "{right} of {all}");
    assert!(m.scale.is_metric() && m.uncertainty.position < 0.02, "{}", m.uncertainty.position);
    assert_eq!(built.report["frontend"]["name"], "synthetic");
    assert!(built.quality.warnings.is_empty(), "{:?}", built.quality.warnings);
    assert!(
        built.report["psnr_db"].as_f64().is_some_and(|d| d > 18.0),
        "{}",
        built.report["psnr_db"]
    );
    // From what was kept: the same bytes.
    let points = dir.path().join("room.mem/points.safetensors");
    let before = std::fs::read(&points).unwrap();
    build(&request(dir.path(), Some("synthetic"), &[])).unwrap();
    assert!(std::fs::read(&points).unwrap() == before);
}

#[test]
fn errors_are_as_large_as_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let exact = reconstruct(dir.path(), &[]);
    let noisy = reconstruct(
        dir.path(),
        &[
            ("depth-noise", "0.02"),
            ("place-noise", "0.05"),
            ("turn-noise", "1"),
            ("depth-holes", "0.3"),
        ],
    );
    assert_eq!(exact.views.len(), 8);
    let (mut place, mut turn, mut square, mut n, mut holes) = (0.0, 0.0, 0.0f64, 0.0, 0.0);
    for (a, b) in exact.views.iter().zip(&noisy.views) {
        place += (a.pose.center - b.pose.center).norm_squared() / 3.0;
        let r = a.pose.rotation.transpose() * b.pose.rotation;
        turn += acos_deg(((r.trace() - 1.0) / 2.0).clamp(-1.0, 1.0)).powi(2) / 3.0;
        for (x, y) in a.depth.iter().flatten().zip(b.depth.iter().flatten()) {
            if *y == 0.0 {
                holes += 1.0;
            } else {
                square += f64::from(y / x - 1.0).powi(2);
                n += 1.0;
            }
        }
    }
    let (place, turn) = ((place / 8.0f64).sqrt(), (turn / 8.0f64).sqrt());
    assert!((0.03..0.07).contains(&place), "{place} m");
    assert!((0.6..1.4).contains(&turn), "{turn}°");
    assert!(((square / n).sqrt() - 0.02f64).abs() < 0.001);
    assert!((holes / (holes + n) - 0.3f64).abs() < 0.01);
    // The same seed gives the same errors.
    assert_eq!(
        noisy.views,
        reconstruct(
            dir.path(),
            &[
                ("depth-noise", "0.02"),
                ("place-noise", "0.05"),
                ("turn-noise", "1"),
                ("depth-holes", "0.3")
            ],
        )
        .views
    );
}

fn reconstruct(dir: &Path, options: &[(&str, &str)]) -> reasmory_frontend::Reconstruction {
    let settings = request(dir, None, options).settings;
    let degraded = Degraded::of(&settings).unwrap();
    let cancel = Cancel::default();
    let job = Job::new(&Quiet, &cancel, dir.to_owned());
    let input = inspect(Path::new(&format!("synth:{SEED}")), &job).unwrap();
    match (Synthetic { degraded }).reconstruct(&input, &job).unwrap() {
        Reconstructed::Views(r) => r,
        Reconstructed::Memory(_) => panic!("no views"),
    }
}

#[test]
fn a_degraded_room_is_mostly_found() {
    let dir = tempfile::tempdir().unwrap();
    let options = [
        ("depth-noise", "0.01"),
        ("place-noise", "0.01"),
        ("mask-missing", "0.2"),
        ("mask-shift", "2"),
    ];
    let built = build(&request(dir.path(), Some("synthetic"), &options)).unwrap();
    let (right, all) = right(built.memory.manifest());
    assert!(right >= 7 && right * 3 >= all * 2, "{right} of {all}");
}

#[test]
fn options_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    for (options, says) in [
        (("photos", "many"), "`--set photos=many` is no number from 1 to 200"),
        (("depht-noise", "1"), "`--set depht-noise` is no option"),
        (("mask-missing", "1.5"), "from 0 to 1"),
    ] {
        let e = build(&request(dir.path(), None, &[options])).unwrap_err();
        assert!(e.fault == Fault::Input && e.what.contains(says), "{e}");
    }
    let e = build(&request(dir.path(), Some("vlm-boxes"), &[])).unwrap_err();
    assert!(e.remedy.contains("--model"), "{e}");
}

/// Answers with the true boxes of the photos in turn, wrapped as models wrap them; no answer about one photo.
struct Truthful(Vec<Vec<Mask>>, std::sync::Mutex<usize>);

impl Provider for Truthful {
    fn name(&self) -> &str {
        "truthful"
    }

    fn ask(&self, request: &Asked) -> Result<Reply, ModelError> {
        let pictures = request.messages.iter().flat_map(|m| &m.parts);
        assert_eq!(pictures.filter(|p| matches!(p, Part::Picture(_))).count(), 1);
        // A first message is about the next photo, more are a second try.
        let mut next = self.1.lock().unwrap();
        let first = request.messages.len() == 1;
        *next += usize::from(first);
        let photo = *next - 1;
        let boxes: Vec<String> = self.0[photo].iter().map(said).collect();
        let text = match photo {
            3 if first => "I am sorry, I cannot help with that.".to_owned(),
            7 => "There is a room.".to_owned(),
            p if p % 3 == 0 => format!("```json\n[{}]\n```", boxes.join(",")),
            p if p % 3 == 1 => format!("Here they are:\n[{},]", boxes.join(", ")),
            // Cut in the middle of one more.
            _ => format!("[{}, {{\"label\": \"so", boxes.join(",")),
        };
        Ok(Reply { text, ..Reply::default() })
    }
}

fn said(m: &Mask) -> String {
    let (w, h) = (m.region.width() as usize, m.region.height() as usize);
    let xs = || m.region.pixels().map(|p| p % w);
    let ys = || m.region.pixels().map(|p| p / w);
    let (x0, x1) = (xs().min().unwrap_or(0), xs().max().unwrap_or(0) + 1);
    let (y0, y1) = (ys().min().unwrap_or(0), ys().max().unwrap_or(0) + 1);
    let (t, u) = (|x: usize| x * 1000 / w, |y: usize| y * 1000 / h);
    format!("{{\"label\": {:?}, \"box\": [{}, {}, {}, {}]}}", m.label, t(x0), u(y0), t(x1), u(y1))
}

#[test]
fn boxes_of_a_vision_model_become_instances_from_a_transcript() {
    let dir = tempfile::tempdir().unwrap();
    let mut r = request(dir.path(), Some("vlm-boxes"), &[]);
    let cancel = Cancel::default();
    let truth = {
        let degraded = Degraded::of(&r.settings).unwrap();
        let photos = reconstruct(dir.path(), &[]).photos;
        let job = Job::new(&Quiet, &cancel, dir.path().to_owned());
        SyntheticMasks { seed: SEED, degraded }.ground(&photos, &[], &job).unwrap().photos
    };
    let transcript = dir.path().join("t.jsonl");
    let recording = Recording::open(Truthful(truth, Default::default()), &transcript).unwrap();
    r.settings.model = Some(Arc::new(Model::new(Box::new(recording), Prices::default())));
    let built = build(&r).unwrap();
    let m = built.memory.manifest();
    let (right, all) = right(m);
    assert!(right >= 5 && right * 2 >= all, "{right} of {all}: {:?}", m.provenance.notes);
    let says = |text: &str| m.provenance.notes.iter().any(|n| n.contains(text));
    assert!(says("boxes were named by a vision model"), "{:?}", m.provenance.notes);
    assert!(says("Of 1 photos the model's answers could not be read"), "{:?}", m.provenance.notes);
    // The transcript answers the same, in another folder.
    let there = tempfile::tempdir().unwrap();
    let mut again = request(there.path(), Some("vlm-boxes"), &[]);
    let replay = Replay::open(&transcript).unwrap();
    again.settings.model = Some(Arc::new(Model::new(Box::new(replay), Prices::default())));
    let replayed = build(&again).unwrap();
    assert_eq!(replayed.memory.manifest().instances, m.instances);
    // And is not asked at all for what was kept.
    let mut kept = request(there.path(), Some("vlm-boxes"), &[]);
    let empty = there.path().join("empty.jsonl");
    std::fs::write(&empty, "").unwrap();
    let silent = Replay::open(&empty).unwrap();
    kept.settings.model = Some(Arc::new(Model::new(Box::new(silent), Prices::default())));
    assert_eq!(build(&kept).unwrap().memory.manifest().instances, m.instances);
    // Other words are another question, which it does not hold.
    kept.prompts = vec!["sofa".into()];
    let e = build(&kept).unwrap_err();
    assert!(e.fault == Fault::Frontend && e.what.contains("the model"), "{e}");
}
