//! A furnished room from its pictures, segmented by geometry and named in one photo.

use reasmory_synth::{
    FusionOptions, Room, RoomOptions, from_frames, labels, photo_set, render_all,
};

use super::*;
use crate::edit::segment;

struct Scene {
    memory: Memory,
    /// The piece of each point.
    truth: Vec<u32>,
    categories: Vec<String>,
    /// For each photo, the piece in each pixel.
    masks: Vec<Vec<u32>>,
    /// The photos as PNG.
    pictures: Vec<Vec<u8>>,
    width: usize,
}

/// The scene, made once for all tests.
fn scene() -> &'static Scene {
    static MADE: std::sync::OnceLock<Scene> = std::sync::OnceLock::new();
    MADE.get_or_init(made)
}

fn made() -> Scene {
    let room = Room::generate(2000, &RoomOptions::default());
    let cameras = photo_set(&room, 6, 256, 192);
    let frames = render_all(&room, &cameras);
    let options = FusionOptions { voxel: 0.03, ..FusionOptions::default() };
    let full = from_frames("room", &frames, &cameras, &labels(&room, false), &options).unwrap();
    let truth = full.points().instance.to_vec();
    let categories = full.manifest().instances.iter().map(|i| i.category.clone()).collect();
    let bare = regroup::replace(&full, vec![], vec![0; truth.len()], "nothing".into()).unwrap();
    Scene {
        memory: segment(&bare, false).unwrap(),
        truth,
        categories,
        pictures: frames.iter().map(|f| reasmory_render::encode_png(&f.rgb).unwrap()).collect(),
        masks: frames.into_iter().map(|f| f.instance).collect(),
        width: 256,
    }
}

impl Scene {
    /// The photo that shows most of a piece, and the box around it there.
    fn best(&self, piece: u32) -> (u32, [f64; 4]) {
        let count = |m: &Vec<u32>| m.iter().filter(|i| **i == piece).count();
        let at = (0..self.masks.len()).max_by_key(|p| count(&self.masks[*p])).unwrap();
        (at as u32 + 1, self.shown(at, piece).unwrap())
    }

    /// The box around a piece in a photo (from 0), if it shows there.
    fn shown(&self, at: usize, piece: u32) -> Option<[f64; 4]> {
        let mut b = [f64::INFINITY, f64::INFINITY, 0.0, 0.0];
        for (k, _) in self.masks[at].iter().enumerate().filter(|(_, i)| **i == piece) {
            let (x, y) = ((k % self.width) as f64, (k / self.width) as f64);
            b = [b[0].min(x), b[1].min(y), b[2].max(x + 1.0), b[3].max(y + 1.0)];
        }
        b[0].is_finite().then_some(b)
    }

    fn piece(&self, category: &str) -> u32 {
        self.categories.iter().position(|c| c == category).unwrap() as u32 + 1
    }

    /// Points in common over points of either.
    fn overlap(&self, memory: &Memory, id: u32, piece: u32) -> f64 {
        let (mut both, mut any) = (0.0, 0.0);
        for (i, t) in memory.points().instance.iter().zip(&self.truth) {
            both += f64::from(u8::from(*i == id && *t == piece));
            any += f64::from(u8::from(*i == id || *t == piece));
        }
        both / any
    }
}

fn boxed(photo: u32, sides: [f64; 4], category: &str) -> Labelling {
    let place = Place::Box { sides, alone: false, new: false };
    Labelling::Photo { photo, place, category: category.into() }
}

#[test]
fn things_are_named_by_a_box_a_click_and_a_file() {
    let s = scene();
    let mut memory = s.memory.clone();
    for category in ["refrigerator", "table", "stove"] {
        let piece = s.piece(category);
        let (photo, sides) = s.best(piece);
        memory = label(&memory, &boxed(photo, sides, category)).unwrap();
        let named = memory.manifest().category(category).unwrap().instances.clone();
        assert_eq!(named.len(), 1, "{category}");
        let o = s.overlap(&memory, named[0], piece);
        assert!(o > 0.4, "{category}: {o}");
        let last = &memory.manifest().journal.last().unwrap().what;
        assert!(last.contains(category) && last.contains("on photo"), "{last}");
        // The same box again says the same of the same.
        let again = label(&memory, &boxed(photo, sides, category)).unwrap();
        assert_eq!(again.manifest().instances, memory.manifest().instances);
    }
    let id = memory.manifest().category("refrigerator").unwrap().instances[0];
    let photo = memory.manifest().instance(id).unwrap().seen_in[0];
    let cloud = Cloud::new(&memory);
    let seen = Seen::of(&memory, &cloud, photo).unwrap();
    let at = seen.instance.iter().position(|i| *i == id).unwrap();
    let click = [(at % 256) as f64 + 0.5, (at / 256) as f64 + 0.5];
    let place = Place::Click(click);
    let by_click = Labelling::Photo { photo, place, category: "Fridge ".into() };
    let clicked = label(&memory, &by_click).unwrap();
    assert_eq!(clicked.manifest().category("fridge").unwrap().instances, [id]);

    let by_name = Labelling::Instance("table".into(), "desk".into());
    assert!(label(&memory, &by_name).unwrap().manifest().category("desk").is_some());
}

/// Says the true boxes of some categories, photo by photo; in the second photo it mistakes all for stoves.
struct Sees(std::sync::Mutex<usize>);

impl reasmory_model::Provider for Sees {
    fn name(&self) -> &str {
        "sees"
    }

    fn ask(
        &self,
        request: &reasmory_model::Request,
    ) -> Result<reasmory_model::Reply, reasmory_model::ModelError> {
        let reasmory_model::Part::Text(asked) = &request.messages[0].parts[0] else { panic!() };
        assert!(asked.contains("\"refrigerator\", \"table\""), "{asked}");
        let photo = std::mem::replace(&mut *self.0.lock().unwrap(), 0) + 1;
        *self.0.lock().unwrap() = photo;
        let s = scene();
        let mut said = Vec::new();
        for category in ["refrigerator", "table"] {
            let name = if photo == 2 { "table" } else { category };
            if let Some([l, t, r, b]) = s.shown(photo - 1, s.piece(category)) {
                let (x, y) =
                    (|v: f64| (v * 1000.0 / 256.0) as u32, |v: f64| (v * 1000.0 / 192.0) as u32);
                said.push(format!(
                    "{{\"label\": \"{name}\", \"box\": [{}, {}, {}, {}]}}",
                    x(l),
                    y(t),
                    x(r),
                    y(b)
                ));
            }
        }
        let text = format!("```json\n[{}]\n```", said.join(", "));
        Ok(reasmory_model::Reply { text, ..reasmory_model::Reply::default() })
    }
}

#[test]
fn things_are_named_by_prompt_from_recorded_answers() {
    use reasmory_frontend::{Cancel, Job, Quiet, registry::Settings};
    use reasmory_model::{Model, Prices, Recording, Replay};
    let s = scene();
    let dir = tempfile::tempdir().unwrap();
    let files = s.pictures.iter().enumerate().map(|(i, png)| {
        let file = dir.path().join(format!("{i}.png"));
        std::fs::write(&file, png).unwrap();
        (i as u32 + 1, file)
    });
    let mem = dir.path().join("room.mem");
    let pictures = reasmory_store::PictureFiles(files.collect());
    reasmory_store::write(&s.memory, &pictures, &mem).unwrap();
    let prompts = ["refrigerator".to_owned(), "table".to_owned()];
    let cancel = Cancel::default();
    let job = Job::new(&Quiet, &cancel, dir.path().join("scratch"));
    let with = |model: Model| {
        let model = Some(std::sync::Arc::new(model));
        look(&mem, "vlm-boxes", &prompts, &Settings { model, ..Settings::default() }, &job)
    };
    let transcript = dir.path().join("t.jsonl");
    let recording = Recording::open(Sees(0.into()), &transcript).unwrap();
    let first = with(Model::new(Box::new(recording), Prices::default())).unwrap();
    let replay = Replay::open(&transcript).unwrap();
    let again = with(Model::new(Box::new(replay), Prices::default())).unwrap();
    assert_eq!(first, again);
    let named = label(&s.memory, &again).unwrap();
    let m = named.manifest();
    for category in ["refrigerator", "table"] {
        let ids = &m.category(category).unwrap_or_else(|| panic!("no {category}")).instances;
        let best = ids.iter().map(|i| s.overlap(&named, *i, s.piece(category))).fold(0.0, f64::max);
        assert!(ids.len() == 1 && best > 0.4, "{category}: {ids:?} {best}");
    }
    assert!(m.category(UNLABELLED).is_some(), "the rest keeps no name");
    let last = &m.journal.last().unwrap().what;
    assert!(last.contains("by vlm-boxes, which saw"), "{last}");
    // What has a name keeps it.
    let e = label(&named, &again).unwrap_err();
    assert!(e.to_string().contains("none of which lacks a name"), "{e}");
    // A grounding of points looks at no photos.
    let e = look(&mem, "geometry", &prompts, &Settings::default(), &job).unwrap_err();
    assert!(e.to_string().contains("looks at no photos"), "{e}");
}

#[test]
fn a_new_thing_is_made_of_points_of_none_and_part_of_another() {
    let s = scene();
    // Without its instances the memory is segmented first.
    let bare =
        regroup::replace(&s.memory, vec![], vec![0; s.truth.len()], "nothing".into()).unwrap();
    let piece = s.piece("refrigerator");
    let (photo, sides) = s.best(piece);
    let named = label(&bare, &boxed(photo, sides, "refrigerator")).unwrap();
    assert!(named.manifest().journal.iter().any(|j| j.action == "segment"));
    assert_eq!(named.manifest().category("refrigerator").unwrap().instances.len(), 1);

    let free: Vec<u32> =
        s.truth.iter().map(|t| if *t == piece { 0 } else { (*t > 0).into() }).collect();
    let other = s.memory.manifest().instances[0].clone();
    let one = regroup::replace(&s.memory, vec![other], free, "one thing".into()).unwrap();
    let place = Place::Box { sides, alone: false, new: true };
    let new = Labelling::Photo { photo, place, category: "refrigerator".into() };
    let made = label(&one, &new).unwrap();
    assert_eq!(made.manifest().instances.len(), 2);
    assert!(made.manifest().instances[1].seen_in.contains(&photo));
    assert!(s.overlap(&made, 2, piece) > 0.3);

    // All in one: the box divides.
    let all = vec![1; s.truth.len()];
    let other = s.memory.manifest().instances[0].clone();
    let whole = regroup::replace(&s.memory, vec![other], all, "all one".into()).unwrap();
    let cut = label(&whole, &boxed(photo, sides, "refrigerator")).unwrap();
    assert_eq!(cut.manifest().category("refrigerator").unwrap().instances, [2]);
    assert!(cut.manifest().instances[1].support < cut.manifest().instances[0].support);
}

#[test]
fn refusals_say_what_is_there() {
    let s = scene();
    let n = s.memory.manifest().photos.len();
    let what = |l: &Labelling| label(&s.memory, l).unwrap_err().to_string();
    let e = what(&boxed(99, [0.0, 0.0, 9.0, 9.0], "chair"));
    assert!(e.contains("no photo 99") && e.contains(&format!("1 to {n}")), "{e}");
    let e = what(&boxed(1, [9.0, 0.0, 3.0, 9.0], "chair"));
    assert!(e.contains("no box"), "{e}");
    let e = what(&boxed(1, [900.0, 900.0, 990.0, 990.0], "chair"));
    assert!(e.contains("outside photo 1") && e.contains("256 × 192"), "{e}");
    let click = |x: f64, y: f64| Labelling::Photo {
        photo: 1,
        place: Place::Click([x, y]),
        category: "chair".into(),
    };
    assert!(what(&click(-1.0, 5.0)).contains("outside photo 1"));
    // The whole picture is no thing: the candidates are listed.
    let e = what(&boxed(1, [0.0, 0.0, 256.0, 12.0], "chair"));
    assert!(e.contains("--new"), "{e}");
    let e = what(&Labelling::Instance("sofa".into(), "couch".into()));
    assert!(e.contains("`sofa`"), "{e}");
    let e = what(&Labelling::Instance("1".into(), "  ".into()));
    assert!(e.contains("empty"), "{e}");
    let e = what(&Labelling::File("no/such/file.json".into()));
    assert!(e.contains("no/such/file.json"), "{e}");
}

#[test]
fn files_of_names_in_every_form() {
    let expected =
        vec![("3".to_owned(), "chair".to_owned()), ("unlabelled #2".into(), "sofa".into())];
    for text in [
        r#"{"3": "chair", "unlabelled #2": "sofa"}"#,
        r#"[{"instance": 3, "category": "chair"}, {"instance": "unlabelled #2", "category": "sofa"}]"#,
        "instance,category\n3,chair\n\n# a remark\n\"unlabelled #2\", sofa\n",
        "3;chair\r\nunlabelled #2;sofa",
    ] {
        assert_eq!(parse(text).unwrap(), expected, "{text}");
    }
    for (text, what) in [
        ("", "nothing"),
        ("{", "JSON"),
        (r#"{"3": 4}"#, "`3`"),
        (r#"[{"instance": 3}]"#, "[0]"),
        ("3 chair", "line 1"),
        ("3,", "line 1"),
    ] {
        assert!(parse(text).unwrap_err().contains(what), "{text}");
    }
}

#[test]
fn any_text_is_a_file_of_names_or_refused() {
    for seed in [
        "{\"3\": \"chair\", \"sofa #1\": \"couch\"}",
        "[{\"instance\": 3, \"category\": \"chair\"}]",
        "instance,category\n3,\"chair\"\n# no\n4;lamp",
    ] {
        for i in 0..seed.len() {
            fuzz_labels(&seed[..i]);
            for c in ["\"", "{", ",", "\n", "\u{feff}", "9", "é", "null"] {
                fuzz_labels(&format!("{}{c}{}", &seed[..i], &seed[i + 1..]));
            }
        }
    }
    fuzz_labels(&"[".repeat(50_000));
}
