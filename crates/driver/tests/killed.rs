//! A program that is killed at any of its writes, while it imports or changes a memory, leaves the memory that was there
//! or the new one: never neither, never a mixture.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use reasmory_driver::edit::{Change, Known, edit};
use reasmory_driver::import::{Request, import};
use reasmory_driver::scene::Bounds;
use reasmory_driver::scene::edit::RoomChange;
use reasmory_driver::store;

/// What the program that is killed does, where, and at which write it stops.
const ACTION: &str = "REASMORY_TEST_ACTION";
const FOLDER: &str = "REASMORY_TEST_FOLDER";
const STOP: &str = "REASMORY_TEST_STOP";

fn change(action: &str) -> Option<Change> {
    Some(match action {
        "rename" => Change::Rename { from: "object".into(), to: "chair".into() },
        "merge" => Change::Merge(vec!["1".into(), "2".into()]),
        "split" => Change::Split { instance: "1".into(), gap: Some(0.5) },
        "drop" => Change::Drop(vec!["1".into()]),
        "crop" => Change::Crop(Bounds { min: [-1.0; 3], max: [2.5; 3] }),
        "set-room" => Change::SetRoom(RoomChange { floor: Some(-0.25), ..RoomChange::default() }),
        "calibrate" => Change::Calibrate { known: Known::Length(1.0), metres: 2.0 },
        "upgrade" => Change::Upgrade,
        _ => return None,
    })
}

const ACTIONS: [&str; 10] = [
    "import",
    "import over",
    "rename",
    "merge",
    "split",
    "drop",
    "crop",
    "set-room",
    "calibrate",
    "upgrade",
];

fn act(action: &str, folder: &Path) {
    let place = folder.join("room.mem");
    match change(action) {
        Some(c) => {
            edit(&place, &place, &c).unwrap();
        }
        None => {
            let other = folder.join(if action == "import" { "one.ply" } else { "two.ply" });
            import(&other, &place, &Request::default()).unwrap();
        }
    }
}

/// Not a test by itself: what the other one starts and kills.
#[test]
#[ignore = "stops in the middle; `killed_at_every_write` starts it"]
fn acts_and_stops() {
    let var = |name| std::env::var(name).expect(name);
    let stop: usize = var(STOP).parse().unwrap();
    static SEEN: AtomicUsize = AtomicUsize::new(0);
    store::steps::watch(move |what| {
        if SEEN.fetch_add(1, Ordering::SeqCst) == stop {
            // Straight to the descriptor: the harness keeps what tests print.
            let _ = writeln!(fs::File::create("/dev/stderr").unwrap(), "STOPPED {what}");
            loop {
                std::thread::park();
            }
        }
    });
    act(&var(ACTION), Path::new(&var(FOLDER)));
}

/// Two heaps of points with labels, and a cluster far off; `shift` makes it another cloud.
fn ply(path: &Path, shift: f32) {
    let mut text = String::from(
        "ply\nformat ascii 1.0\nelement vertex 120\nproperty float x\nproperty float y\nproperty float z\nproperty int instance\nend_header\n",
    );
    for i in 0..120 {
        let (label, far) = (1 + i % 2, if i % 4 == 0 { 3.0 } else { 0.0 });
        let part = |k: i32| (i * k % 23) as f32 / 50.0;
        text +=
            &format!("{} {} {} {label}\n", part(7) + shift, part(5) + far, part(3) + label as f32);
    }
    fs::write(path, text).unwrap();
}

fn hash(place: &Path) -> Option<String> {
    let text = fs::read_to_string(place.join("manifest.json")).ok()?;
    let at = text.rfind("\"hash\": \"")? + 9;
    text.get(at..at + 64).map(str::to_owned)
}

/// A folder with the sources and, but for the first import, a memory.
fn prepared(action: &str) -> tempfile::TempDir {
    let tmp = tempfile::tempdir().unwrap();
    ply(&tmp.path().join("one.ply"), 0.0);
    ply(&tmp.path().join("two.ply"), 0.125);
    if action == "upgrade" {
        let old = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../store/tests/version1");
        let place = tmp.path().join("room.mem");
        fs::create_dir(&place).unwrap();
        for f in ["manifest.json", "points.safetensors"] {
            fs::copy(old.join(f), place.join(f)).unwrap();
        }
    } else if action != "import" {
        act("import", tmp.path());
    }
    tmp
}

#[test]
fn killed_at_every_write() {
    let mut kills = 0;
    for action in ACTIONS {
        // What was and what will be.
        let whole = prepared(action);
        let before = hash(&whole.path().join("room.mem"));
        act(action, whole.path());
        let after = hash(&whole.path().join("room.mem"));
        assert!(after.is_some() && before != after, "{action}");
        let mut found = [0; 2];
        for stop in 0.. {
            let folder = prepared(action);
            let place = folder.path().join("room.mem");
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "acts_and_stops", "--ignored", "--test-threads=1"])
                .env(ACTION, action)
                .env(FOLDER, folder.path())
                .env(STOP, stop.to_string())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut said = String::new();
            let mut lines = BufReader::new(child.stderr.take().unwrap());
            while !said.starts_with("STOPPED") {
                said.clear();
                if lines.read_line(&mut said).unwrap() == 0 {
                    break;
                }
            }
            if said.is_empty() {
                // It came to its end: there is no such write.
                assert!(child.wait().unwrap().success(), "{action}");
                assert_eq!(hash(&place), after, "{action}");
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
            let is = hash(&place);
            let place_is = format!("{action}, write {stop}: {}", said.trim());
            assert!(is == before || is == after, "{place_is}: another memory");
            found[usize::from(is == after)] += 1;
            if is.is_some() {
                assert!(store::verify(&place).unwrap().is_intact(), "{place_is}");
                store::open(&place).unwrap_or_else(|e| panic!("{place_is}: {e}"));
            } else {
                assert!(!place.exists(), "{place_is}: half a memory");
            }
            // Doing it again works, whatever was left behind.
            if stop % 7 == 0 && is == before {
                act(action, folder.path());
                assert_eq!(hash(&place), after, "{place_is}");
            }
        }
        assert!(found[0] > 10 && found[1] > 0, "{action}: {found:?}");
    }
    eprintln!("killed {kills} times");
}
