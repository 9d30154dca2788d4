//! Frontends that are other programs, well-behaved and not: every way of failing has a clear end, and the next
//! build is none the worse for it. The children are shell scripts.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use reasmory_frontend::payload::{Data, Tensor, encode};
use reasmory_frontend::protocol::External;
use reasmory_frontend::registry::Settings;
use reasmory_frontend::{
    Built, Cancel, Fault, FrontendError, Progress, Quiet, Request, build as run,
};
use reasmory_geom::{Pinhole, Point3, View};
use reasmory_render::encode_png;
use reasmory_scene::Rgb8;
use serde_json::{Value, json};
use tempfile::TempDir;

const WIDTH: u32 = 64;
const HEIGHT: u32 = 48;

/// Says hello, reads the request, finds the folder for files.
const GREETING: &str = r#"
read hello
echo '{"type":"hello","protocol":1,"name":"child","version":"1","does":["reconstruct","ground"]}'
read request || exit 0
echo asked >> "$here/asked"
out=$(printf '%s' "$request" | sed 's/.*"out":"\([^"]*\)".*/\1/')
"#;

/// A folder with photos, what a good child answers, and the child.
struct World {
    dir: TempDir,
}

fn picture(seed: u32) -> Vec<u8> {
    let pixels = (0..WIDTH * HEIGHT)
        .map(|i| [(i * 7 + seed * 31) as u8, (i / WIDTH * 5) as u8, (seed * 60) as u8])
        .collect();
    encode_png(&Rgb8 { width: WIDTH, height: HEIGHT, pixels }).unwrap()
}

/// What a good child answers for so many photos: a wall, two metres away.
fn answer(photos: usize) -> Value {
    let lens = Pinhole::from_fov(WIDTH, HEIGHT, 60.0);
    let cameras: Vec<Value> = (0..photos)
        .map(|i| {
            let pose = View::level(Point3::new(0.0, 0.1 * i as f64, 1.5), 0.0).pose();
            json!({
                "photo": i, "lens": lens, "camera_to_world": pose, "depth": ["depths", i],
                "confidence": ["sure", i], "reprojection_px": 0.5,
            })
        })
        .collect();
    json!({
        "type": "result", "id": 1, "cameras": cameras, "points": null,
        "scale": {"kind": "metric", "source": "a test"}, "up": [0, 0, 1], "notes": ["A wall."],
        "files": ["arrays.safetensors"],
    })
}

fn arrays(photos: usize) -> Vec<u8> {
    let n = photos * (WIDTH * HEIGHT) as usize;
    let shape = vec![photos, HEIGHT as usize, WIDTH as usize];
    let depths = Tensor { shape: shape.clone(), data: Data::Floats(vec![2.0; n]) };
    let sure = Tensor { shape, data: Data::Floats(vec![0.9; n]) };
    encode([("depths", &depths), ("sure", &sure)])
}

impl World {
    fn new(photos: usize) -> World {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("photos")).unwrap();
        for i in 0..photos {
            let file = dir.path().join(format!("photos/{i}.png"));
            fs::write(file, picture(i as u32)).unwrap();
        }
        fs::write(dir.path().join("answer"), format!("{}\n", answer(photos))).unwrap();
        fs::write(dir.path().join("arrays"), arrays(photos)).unwrap();
        World { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Puts other things into the answer.
    fn change(&self, photos: usize, change: impl FnOnce(&mut Value)) {
        let mut v = answer(photos);
        change(&mut v);
        fs::write(self.path("answer"), format!("{v}\n")).unwrap();
    }

    fn request(&self, script: &str) -> Request {
        let file = self.path("child.sh");
        fs::write(&file, format!("here={}\n{script}\n", self.dir.path().display())).unwrap();
        Request {
            input: self.path("photos"),
            out: self.path("out.mem"),
            frontend: Some("child".into()),
            settings: Settings {
                external: [(
                    "child".to_owned(),
                    External::new(&format!("exec sh {}", file.display())),
                )]
                .into(),
                limit: Some(Duration::from_secs(60)),
                ..Settings::default()
            },
            ..Request::default()
        }
    }

    fn build(&self, script: &str) -> Result<Built, FrontendError> {
        run(&self.request(&format!("{GREETING}{script}")), &Quiet, &Cancel::default())
    }

    /// How often the child was asked for work.
    fn asked(&self) -> usize {
        fs::read_to_string(self.path("asked")).unwrap_or_default().lines().count()
    }

    /// There is no memory, and no half of one.
    fn nothing(&self) {
        let left: Vec<String> = fs::read_dir(self.dir.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|n| n.contains("out.mem") && n != "out.mem.build")
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

const GOOD: &str =
    "cp \"$here/arrays\" \"$out/arrays.safetensors\"; cat \"$here/answer\"; read bye";

#[test]
fn a_child_reconstructs_once() {
    let w = World::new(3);
    let built = w.build(GOOD).unwrap();
    let m = built.memory.manifest();
    assert_eq!((m.photos.len(), m.provenance.format.as_str()), (3, "child"));
    assert!(m.scale.is_metric() && m.points > 500, "{} points", m.points);
    assert!(m.provenance.notes.contains(&"A wall.".to_owned()), "{:?}", m.provenance.notes);
    assert_eq!(built.report["reprojection_px"], json!(0.5));
    assert_eq!(built.report["frontend"], json!({"name": "child", "version": "1"}));
    // The same again is not asked again, and gives the same bytes.
    let file = w.path("out.mem/points.safetensors");
    let before = fs::read(&file).unwrap();
    w.build(GOOD).unwrap();
    assert_eq!((w.asked(), fs::read(&file).unwrap() == before), (1, true));
    // Unless it shall be.
    let fresh = Request { fresh: true, ..w.request(&format!("{GREETING}{GOOD}")) };
    run(&fresh, &Quiet, &Cancel::default()).unwrap();
    assert_eq!(w.asked(), 2);
    // Another version, another photo, other parameters are other inputs.
    let newer = GREETING.replace(r#""version":"1""#, r#""version":"2""#);
    run(&w.request(&format!("{newer}{GOOD}")), &Quiet, &Cancel::default()).unwrap();
    let mut other = w.request(&format!("{GREETING}{GOOD}"));
    other.settings.options.insert("a".into(), "b".into());
    run(&other, &Quiet, &Cancel::default()).unwrap();
    fs::write(w.path("photos/2.png"), picture(9)).unwrap();
    w.build(GOOD).unwrap();
    assert_eq!(w.asked(), 5);
    // What was kept and has changed is made anew.
    for entry in fs::read_dir(w.path("out.mem.build")).unwrap() {
        let kept = entry.unwrap().path().join("result.safetensors");
        if let Ok(mut bytes) = fs::read(&kept) {
            bytes.truncate(100);
            fs::write(kept, bytes).unwrap();
        }
    }
    w.build(GOOD).unwrap();
    assert_eq!(w.asked(), 6);
}

#[test]
fn children_that_fail_are_named_with_what_they_said() {
    let w = World::new(3);
    let cases = [
        (
            "echo 'no CUDA device' >&2; exit 3",
            "ended with code 3 before it answered: no CUDA device",
        ),
        ("kill -9 $$", "was killed before it answered"),
        ("sh -c 'kill -9 $$'; exit $?", "was killed by signal 9 before it answered"),
        ("exec >&-; sleep 20", "closed its output before it answered"),
        (
            "echo 'Loading checkpoint shards: 100%'",
            "printed `Loading checkpoint shards: 100%`, which is no",
        ),
        ("head -c 300 /dev/urandom; echo; sleep 5", "printed a"),
        ("echo '{\"type\":\"result\"}'; read bye", "cannot be true: `cameras` is no list"),
        (
            "echo '{\"type\":\"error\",\"message\":\"no weights\",\"remedy\":\"fetch them\"}'",
            "says: no weights (fetch them)",
        ),
        (
            "echo '{\"type\":\"hello\",\"protocol\":1,\"name\":\"a\",\"version\":\"1\"}'",
            "said hello twice",
        ),
        ("cat \"$here/answer\"", "`arrays.safetensors` cannot be read"),
        (
            "head -c 2000 \"$here/arrays\" > \"$out/arrays.safetensors\"; cat \"$here/answer\"",
            "is cut short",
        ),
        (
            "echo hello, world, hello > \"$out/arrays.safetensors\"; cat \"$here/answer\"",
            "neither safetensors nor",
        ),
        (
            "ln -s \"$here/arrays\" \"$out/arrays.safetensors\"; cat \"$here/answer\"",
            "is no regular file",
        ),
        ("mkdir \"$out/arrays.safetensors\"; cat \"$here/answer\"", "is no regular file"),
    ];
    for (script, says) in cases {
        let e = w.build(script).unwrap_err();
        assert_eq!(e.fault, Fault::Frontend, "{script}: {e}");
        assert!(e.what.contains(says) && e.what.contains("`child`"), "{script}: {e}");
        assert!(e.remedy.contains("reconstruct.log"), "{e}");
        w.nothing();
    }
    // None of it stands in the way of a good one.
    w.build(GOOD).unwrap();
}

#[test]
fn children_that_do_not_say_hello() {
    let w = World::new(1);
    for (script, says) in [
        ("exit 7", "ended with code 7 before it said hello"),
        ("echo ready", "printed `ready`, which is no message"),
        (r#"echo '{"type":"hello","protocol":9,"name":"a","version":"1"}'"#, "speaks version 9"),
        (r#"echo '{"type":"log","text":"a"}'"#, "sent another message before `hello`"),
        ("/no/such/program", "ended with code 127"),
    ] {
        let e = run(&w.request(script), &Quiet, &Cancel::default()).unwrap_err();
        assert!(e.what.contains(says), "{script}: {e}");
    }
    let deaf = r#"echo '{"type":"hello","protocol":1,"name":"a","version":"1","does":["ground"]}'"#;
    let e = run(&w.request(deaf), &Quiet, &Cancel::default()).unwrap_err();
    assert!(e.fault == Fault::Input && e.what.contains("does not reconstruct"), "{e}");
    let mut silent = w.request("sleep 30");
    silent.settings.limit = Some(Duration::from_millis(300));
    let e = run(&silent, &Quiet, &Cancel::default()).unwrap_err();
    assert!(e.what.contains("did not say hello within"), "{e}");
}

#[test]
fn what_cannot_be_true_is_not_believed() {
    type Change = Box<dyn FnOnce(&mut Value)>;
    let w = World::new(3);
    let cases: [(Change, &str); 7] = [
        (
            Box::new(|v| v["cameras"][1]["camera_to_world"][0][0] = json!(3.0)),
            "cameras[1].camera_to_world: is not rigid",
        ),
        (Box::new(|v| v["cameras"][1]["photo"] = json!(3)), "there are 3 photos"),
        (Box::new(|v| v["cameras"][0]["depth"] = json!("depths")), "has the shape [3, 48, 64]"),
        (Box::new(|v| v["cameras"][0]["lens"]["height"] = json!(64)), "other proportions"),
        (Box::new(|v| v["files"] = json!(["../../../answer"])), "is not inside the folder"),
        (Box::new(|v| v["files"] = json!(["/etc/hostname"])), "is not inside the folder"),
        (Box::new(|v| v["scale"] = Value::Null), "scale: has no `source`"),
    ];
    for (change, says) in cases {
        w.change(3, change);
        let e = w.build(GOOD).unwrap_err();
        assert!(e.what.contains(says), "{says}: {e}");
        w.nothing();
    }
    // Registered none: not a fault of the protocol, and said so.
    w.change(3, |v| v["cameras"] = json!([]));
    let e = w.build(GOOD).unwrap_err();
    assert!(e.what.contains("registered none of 3 photos") && e.remedy.contains("overlap"), "{e}");
}

#[test]
fn children_that_hang_are_ended() {
    let w = World::new(2);
    let hang = format!("{GREETING}sleep 60 & echo $! > \"$here/pid\"; wait");
    let mut r = w.request(&hang);
    r.settings.limit = Some(Duration::from_millis(700));
    let e = run(&r, &Quiet, &Cancel::default()).unwrap_err();
    assert!(
        e.what.contains("gave no answer within") || e.what.contains("sent no message for"),
        "{e}"
    );
    gone(&w.path("pid"));
    // One that talks all the time hangs as well.
    let chatter = format!(
        "{GREETING}while :; do echo '{{\"type\":\"progress\",\"done\":1,\"total\":0,\"stage\":\"x\"}}'; sleep 0.05; done"
    );
    let mut r = w.request(&chatter);
    r.settings.limit = Some(Duration::from_millis(700));
    let e = run(&r, &Quiet, &Cancel::default()).unwrap_err();
    assert!(e.what.contains("gave no answer within 0.7 s"), "{e}");
    w.nothing();
}

/// The process whose number stands in a file has ended.
fn gone(pid: &Path) {
    let pid = fs::read_to_string(pid).unwrap();
    let stat = PathBuf::from(format!("/proc/{}/stat", pid.trim()));
    for _ in 0..200 {
        // A process that nobody waits for is a zombie: ended as well.
        match fs::read_to_string(&stat) {
            Err(_) => return,
            Ok(s) if s.rsplit(')').next().is_some_and(|r| r.trim_start().starts_with('Z')) => {
                return;
            }
            Ok(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    panic!("{} lives", pid.trim());
}

/// Stops the build when a child says how far it is.
struct StopAt<'a>(&'a Cancel, Mutex<Vec<String>>);

impl Progress for StopAt<'_> {
    fn stage(&self, name: &str, number: usize, of: usize) {
        self.1.lock().unwrap().push(format!("{number}/{of} {name}"));
    }
    fn step(&self, done: u64, total: u64, what: &str) {
        if (done, total, what) == (2, 5, "matching") {
            self.0.cancel();
        }
    }
    fn log(&self, line: &str) {
        self.1.lock().unwrap().push(line.to_owned());
    }
}

#[test]
fn a_stopped_build_goes_on() {
    let w = World::new(2);
    let script = "\
if [ -e \"$out/../matches\" ]; then echo '{\"type\":\"log\",\"text\":\"going on\"}'; cp \"$here/arrays\" \
\"$out/arrays.safetensors\"; cat \"$here/answer\"; read bye; exit; fi
echo half > \"$out/arrays.safetensors\"; echo done > \"$out/../matches\"
sleep 60 & echo $! > \"$here/pid\"
echo '{\"type\":\"progress\",\"done\":2,\"total\":5,\"stage\":\"matching\"}'
read cancel; echo \"$cancel\" > \"$here/cancelled\"; wait";
    let cancel = Cancel::default();
    let progress = StopAt(&cancel, Mutex::default());
    let request = w.request(&format!("{GREETING}{script}"));
    let e = run(&request, &progress, &cancel).unwrap_err();
    assert_eq!(e.fault, Fault::Cancelled, "{e}");
    assert!(fs::read_to_string(w.path("cancelled")).unwrap().contains("\"cancel\""));
    gone(&w.path("pid"));
    w.nothing();
    // The same command goes on where the child left its own files; the half-written one is not there any more.
    let again = StopAt(&Cancel::default(), Mutex::default());
    run(&request, &again, &Cancel::default()).unwrap();
    let said = again.1.into_inner().unwrap();
    assert!(said.contains(&"child: going on".to_owned()), "{said:?}");
    assert!(said.contains(&"2/5 reconstruct".to_owned()), "{said:?}");
    // A build that is stopped before it begins does nothing.
    let e = run(&Request { fresh: true, ..request }, &Quiet, &cancel).unwrap_err();
    assert_eq!(e.fault, Fault::Cancelled);
}

#[test]
fn floods_do_not_block() {
    let w = World::new(2);
    let flood = format!(
        "i=0; while [ $i -lt 3000 ]; do echo \"line $i of a log that nobody reads, long enough to fill a pipe\" >&2; \
         echo '{{\"type\":\"progress\",\"done\":1,\"total\":2,\"stage\":\"x\"}}'; i=$((i+1)); done; {GOOD}"
    );
    w.build(&flood).unwrap();
    let log = fs::read_to_string(w.path("out.mem.build/logs/reconstruct.log")).unwrap();
    assert_eq!(log.lines().count(), 3000);
    // One that never reads its request, which is longer than a pipe holds.
    let mut r = w.request(
        &GREETING
            .replace("read request || exit 0\n", "")
            .replace("echo asked", "sleep 60; echo asked"),
    );
    r.settings.limit = Some(Duration::from_millis(500));
    for i in 0..3000 {
        r.settings.options.insert(format!("option-{i}"), "x".repeat(100));
    }
    let e = run(&r, &Quiet, &Cancel::default()).unwrap_err();
    assert!(e.what.contains("gave no answer") || e.what.contains("no message"), "{e}");
}

#[test]
fn photos_that_cannot_be_used_are_left_out_by_name() {
    let w = World::new(3);
    let whole = picture(7);
    fs::write(w.path("photos/10.png"), &whole[..whole.len() / 2]).unwrap();
    fs::write(w.path("photos/11.jpg"), "no picture").unwrap();
    fs::write(w.path("photos/12.HEIC"), "x").unwrap();
    fs::copy(w.path("photos/1.png"), w.path("photos/copy.png")).unwrap();
    fs::write(w.path("photos/notes.txt"), "x").unwrap();
    let built = w.build(GOOD).unwrap();
    assert_eq!(built.memory.manifest().photos.len(), 3);
    let left = built.report["input"]["left_out"].as_array().unwrap();
    let names: Vec<&str> = left.iter().filter_map(|l| l["photo"].as_str()).collect();
    assert_eq!(names, ["10.png", "11.jpg", "12.HEIC", "copy.png"]);
    let warnings: Vec<&str> = built.quality.warnings.iter().map(|w| w.name).collect();
    assert_eq!(warnings, ["photos-unreadable", "photos-repeated", "instances-none"]);
    assert!(built.quality.warnings[1].what.contains("copy.png is the same picture as 1.png"));
    // All of them bad: no build.
    for i in 0..3 {
        fs::remove_file(w.path(&format!("photos/{i}.png"))).unwrap();
    }
    fs::remove_file(w.path("photos/copy.png")).unwrap();
    let e = w.build(GOOD).unwrap_err();
    assert!(e.fault == Fault::Input && e.what.contains("no photo that can be read: 10.png"), "{e}");
}

#[test]
fn one_photo_two_photos_and_some_unregistered() {
    let w = World::new(1);
    assert_eq!(w.build(GOOD).unwrap().memory.manifest().photos.len(), 1);
    let w = World::new(2);
    assert_eq!(w.build(GOOD).unwrap().memory.manifest().photos.len(), 2);
    let w = World::new(4);
    w.change(4, |v| {
        v["cameras"].as_array_mut().unwrap().remove(1);
    });
    let built = w.build(GOOD).unwrap();
    assert_eq!(built.report["registered"], json!({"photos": 3, "of": 4}));
    assert_eq!(built.quality.warnings[0].name, "photos-unregistered");
    // A photo without depth is registered and covered by what the others saw.
    let w = World::new(3);
    w.change(3, |v| {
        let c = v["cameras"][1].as_object_mut().unwrap();
        c.remove("depth");
        c.remove("confidence");
    });
    let built = w.build(GOOD).unwrap();
    let m = built.memory.manifest();
    assert_eq!((m.photos.len(), m.photos[1].pinhole.width), (3, WIDTH));
    assert!(
        built.quality.photos[1].coverage.is_some_and(|c| c > 0.5),
        "{:?}",
        built.quality.photos
    );
    // What its frontend is not sure of is left out.
    let w = World::new(3);
    let mut request = w.request(&format!("{GREETING}{GOOD}"));
    request.fusing.confidence = 0.95;
    let e = run(&request, &Quiet, &Cancel::default()).unwrap_err();
    assert!(e.what.contains("no valid depth"), "{e}");
}

#[test]
fn a_child_grounds() {
    let w = World::new(3);
    let found = json!({
        "type": "result", "id": 1, "files": [], "notes": [],
        "photos": (0..3).map(|i| json!({"photo": i, "found": [
            {"label": "Poster", "score": 0.9, "box": [20, 14, 44, 34]},
        ]})).collect::<Vec<_>>(),
    });
    fs::write(w.path("found"), format!("{found}\n")).unwrap();
    let script = "case \"$request\" in *'\"ground\"'*) case \"$request\" in *'[\"poster\"]'*) cat \"$here/found\"; read \
                  bye; exit;; esac; exit 9;; esac\n";
    let request = Request {
        ground: Some("child".into()),
        prompts: vec!["poster".into()],
        ..w.request(&format!("{GREETING}{script}{GOOD}"))
    };
    let built = run(&request, &Quiet, &Cancel::default()).unwrap();
    let m = built.memory.manifest();
    assert_eq!(m.instances.len(), 1, "{:?}", m.provenance.notes);
    assert_eq!(
        (m.instances[0].category.as_str(), &m.instances[0].seen_in[..]),
        ("poster", &[1, 2, 3][..])
    );
    run(&request, &Quiet, &Cancel::default()).unwrap();
    assert_eq!(w.asked(), 2);
    // Only the grounding is done anew for other words.
    let other = Request { prompts: vec!["sofa".into()], ..request };
    let e = run(&other, &Quiet, &Cancel::default()).unwrap_err();
    assert!(e.what.contains("ended with code 9"), "{e}");
    assert_eq!(w.asked(), 3);
}

#[test]
fn two_builds_do_not_share_a_folder() {
    let w = World::new(2);
    let inner = w.request(&format!("{GREETING}{GOOD}"));
    struct Inside<'a>(&'a Request, Mutex<Vec<String>>);
    impl Progress for Inside<'_> {
        fn stage(&self, name: &str, _: usize, _: usize) {
            if name == "write" {
                let e = run(self.0, &Quiet, &Cancel::default()).unwrap_err();
                self.1.lock().unwrap().push(e.what);
            }
        }
        fn step(&self, _: u64, _: u64, _: &str) {}
        fn log(&self, _: &str) {}
    }
    let p = Inside(&inner, Mutex::default());
    run(&inner, &p, &Cancel::default()).unwrap();
    let said = p.1.into_inner().unwrap();
    assert!(said.len() == 1 && said[0].contains("another build works here"), "{said:?}");
}
