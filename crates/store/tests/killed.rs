//! A writer that is killed at any moment leaves the old memory or the new one: never neither, never a mixture.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use reasmory_scene::{Manifest, Memory, Points, Scale};
use reasmory_store::{NoPictures, open, verify, write};

/// Where the writer of [`writes_until_it_is_killed`] writes.
const PLACE: &str = "REASMORY_TEST_WRITER";

/// One of two memories, told apart by their number of points.
fn memory(rows: usize) -> Memory {
    let mut m = Manifest::empty("kitchen", "test", Scale::metric("made up"));
    m.points = rows as u64;
    let points = Points {
        positions: (0..rows).map(|i| [i as f32, 1.0, 2.0]).collect::<Vec<_>>().into(),
        colors: vec![[1, 2, 3]; rows].into(),
        confidence: vec![0.5; rows].into(),
        instance: vec![0; rows].into(),
    };
    Memory::new(m, points, None).unwrap()
}

const SIZES: [usize; 2] = [3_000, 5_000];

/// Not a test by itself: what the other one starts and kills.
#[test]
#[ignore = "writes for ever; `whoever_writes_may_be_killed` starts it"]
fn writes_until_it_is_killed() {
    let place = std::env::var_os(PLACE).expect("the place to write to");
    let both = SIZES.map(memory);
    loop {
        for m in &both {
            write(m, &NoPictures, Path::new(&place)).unwrap();
        }
    }
}

#[test]
fn whoever_writes_may_be_killed() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("kitchen.mem");
    write(&memory(SIZES[0]), &NoPictures, &place).unwrap();
    // A file system that cannot exchange has a moment without either, as the page of the format says.
    let can = {
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::create_dir(&a).and_then(|()| std::fs::create_dir(&b)).unwrap();
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        renameat_with(CWD, &a, CWD, &b, RenameFlags::EXCHANGE).is_ok()
    };
    if !can {
        eprintln!("SKIPPED: this file system cannot exchange two directories");
        return;
    }
    let mut found = [0; 2];
    for round in 0..90u64 {
        if round >= 60 && found.iter().all(|n| *n > 0) {
            break;
        }
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writes_until_it_is_killed", "--ignored"])
            .env(PLACE, &place)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // From before the first write to after several, spread by a step that shares nothing with them; longer
        // where a busy machine has not let it write by then.
        std::thread::sleep(match round.checked_sub(59) {
            None | Some(0) => Duration::from_micros(2_000 + round * 1_237 % 30_000),
            Some(late) => Duration::from_millis(100 * late),
        });
        writer.kill().unwrap();
        writer.wait().unwrap();
        let m = open(&place).unwrap_or_else(|e| panic!("round {round}: {e}"));
        let at = SIZES.iter().position(|n| *n == m.points().len());
        found[at.unwrap_or_else(|| panic!("round {round}: {} points", m.points().len()))] += 1;
        let report = verify(&place).unwrap();
        assert!(report.damage.is_empty(), "round {round}: {:?}", report.damage);
    }
    assert!(found.iter().all(|n| *n > 0), "the writer was never killed after a write: {found:?}");
    // What the killed left behind is beside the memory, under names of its own.
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let known = ["kitchen.mem", "a", "b"].contains(&name.as_str());
        assert!(known || name.starts_with(".kitchen.mem."), "{name}");
    }
}
