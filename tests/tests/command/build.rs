//! `build`: from a source to a memory, with its report.

use std::fs;
use std::path::Path;

use reasmory_tests::binary::{Call, reasmory};
use reasmory_tests::schema;
use serde_json::Value;

fn report(c: &Call) -> Value {
    assert_eq!(c.code, 0, "{}{}", c.out, c.err);
    let v: Value = serde_json::from_str(&c.out).unwrap_or_else(|e| panic!("{e}: {}", c.out));
    let wrong = schema::violations(&schema::load("build.v1"), &v);
    assert!(wrong.is_empty(), "{wrong:?}");
    v
}

fn write_scene(dir: &Path) {
    let scene = r#"{"a": {"room_size": 20.5, "room_center": [0, 0, 1], "object_counts": {"chair": 1},
        "object_bbox": {"chair": [{"centroid": [1, 2, 0.5], "axesLengths": [0.4, 0.6, 1.0],
        "normalizedAxes": [1, 0, 0, 0, 1, 0, 0, 0, 1]}]}}}"#;
    fs::write(dir.join("one_meta_info_val.json"), scene).unwrap();
}

#[test]
fn what_is_imported_is_built() {
    let dir = tempfile::tempdir().unwrap();
    write_scene(dir.path());
    let args = ["build", "one_meta_info_val.json", "-o", "a.mem", "--json"];
    let c = reasmory(dir.path(), &args);
    let v = report(&c);
    assert_eq!(v["frontend"]["name"], "import");
    assert_eq!((&v["instances"], &v["input"]["kind"]), (&Value::from(1), &Value::from("scene")));
    assert!(!c.out.contains(&*dir.path().to_string_lossy()), "{}", c.out);
    let stored = fs::read_to_string(dir.path().join("a.mem.build/build.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&stored).unwrap(), v);
    let page = fs::read_to_string(dir.path().join("a.mem.build/report.html")).unwrap();
    assert!(page.contains("chair") && page.contains("data:image/png;base64,"), "{page}");
    assert!(!page.contains("src=\"http") && !page.contains("<script"));
    assert_eq!(reasmory(dir.path(), &["scene", "verify", "a.mem"]).code, 0);
    // Again, over the memory that is there: the same bytes.
    assert_eq!(reasmory(dir.path(), &args).out, c.out);
}

#[test]
fn mistakes_name_the_remedy() {
    let dir = tempfile::tempdir().unwrap();
    write_scene(dir.path());
    fs::create_dir(dir.path().join("empty")).unwrap();
    fs::create_dir(dir.path().join("phone")).unwrap();
    fs::write(dir.path().join("phone/a.HEIC"), "x").unwrap();
    let source = "one_meta_info_val.json";
    for (args, says) in [
        (&["absent", "-o", "x.mem"][..], "absent: does not exist"),
        (&["empty", "-o", "x.mem"], "holds no photos"),
        (&["phone", "-o", "x.mem"], "convert them to JPEG or PNG"),
        (&[source, "-o", "x.mem", "--frontend", "colmop"], "there is no frontend `colmop`"),
        (&[source, "-o", "x.mem", "--ground", "sam"], "there is no grounding `sam`"),
        (&[source, "-o", "x.mem", "--ground", "masks"], "give `--masks PATH`"),
        (&[source, "-o", "x.mem", "--frontend", "rgbd"], "is no posed RGB-D"),
        (&[source, "-o", "x.mem", "--masks", source], "gives no depth"),
        (&[source, "-o", "x.mem", "--set", "voxel"], "write `--set NAME=VALUE`"),
    ] {
        let c = reasmory(dir.path(), &[&["build"], args].concat());
        assert_eq!(c.code, 2, "{args:?}: {}", c.err);
        assert!(c.err.contains(says) && c.err.contains("help: "), "{args:?}: {}", c.err);
        assert!(!dir.path().join("x.mem").exists());
    }
    let c = reasmory(dir.path(), &["build", "--list-frontends"]);
    assert!(c.code == 0 && c.out.contains("rgbd") && c.out.contains("masks"), "{}", c.out);
}

/// Other programs as frontends, signals and full disks: where there is a shell.
#[cfg(unix)]
mod processes {
    use super::*;
    use reasmory_driver::frontends::payload::{Data, Tensor, encode};
    use reasmory_driver::geom::{Pinhole, Point3, View};
    use reasmory_driver::render::encode_png;
    use reasmory_driver::scene::Rgb8;
    use reasmory_tests::binary;
    use serde_json::json;
    use std::process::{Child, Command, Stdio};
    use std::time::Duration;

    const SIZE: (u32, u32) = (32, 24);
    const PHOTOS: usize = 2;

    /// Photos, and a child that shows them as a wall; it waits in the middle while there is a file `wait`.
    fn world(dir: &Path) {
        fs::create_dir(dir.join("photos")).unwrap();
        let n = (SIZE.0 * SIZE.1) as usize;
        for k in 0..PHOTOS {
            let pixels = (0..n).map(|i| [(i * 3) as u8, (k * 90) as u8, (i / 7) as u8]).collect();
            let png = encode_png(&Rgb8 { width: SIZE.0, height: SIZE.1, pixels }).unwrap();
            fs::write(dir.join(format!("photos/{k}.png")), png).unwrap();
        }
        let depths = Tensor {
            shape: vec![PHOTOS, SIZE.1 as usize, SIZE.0 as usize],
            data: Data::Floats(vec![1.5; PHOTOS * n]),
        };
        fs::write(dir.join("arrays"), encode([("d", &depths)])).unwrap();
        let cameras: Vec<Value> = (0..PHOTOS)
            .map(|k| {
                let pose = View::level(Point3::new(0.0, 0.05 * k as f64, 1.0), 0.0).pose();
                let lens = Pinhole::from_fov(SIZE.0, SIZE.1, 60.0);
                json!({"photo": k, "lens": lens, "camera_to_world": pose, "depth": ["d", k]})
            })
            .collect();
        let answer = json!({
            "type": "result", "id": 1, "cameras": cameras, "points": null, "up": [0, 0, 1],
            "scale": {"kind": "metric", "source": "a test"}, "files": ["a"], "notes": [],
        });
        fs::write(dir.join("answer"), format!("{answer}\n")).unwrap();
        let script = r#"
read -r hello; printf '%s\n' "$hello" >> requests
say() { printf '%s\n' "$1"; printf '%s\n' "$1" >> messages; }
say '{"type":"hello","protocol":1,"name":"wall","version":"1","does":["reconstruct"]}'
read -r request || exit 0
printf '%s\n' "$request" >> requests
out=$(printf '%s' "$request" | sed 's/.*"out":"\([^"]*\)".*/\1/')
say '{"type":"progress","id":1,"done":1,"total":2,"stage":"looking"}'
say '{"type":"log","text":"a wall"}'
if [ -e wait ]; then echo $$ > pid; touch waiting; read -r line; printf '%s\n' "$line" >> requests; exit 1; fi
cp arrays "$out/a"
say "$(cat answer)"
read -r line; printf '%s\n' "$line" >> requests
"#;
        fs::write(dir.join("child.sh"), script).unwrap();
        fs::write(dir.join("reasmory.toml"), "[frontends.wall]\ncommand = \"exec sh child.sh\"\n")
            .unwrap();
    }

    const ARGS: [&str; 7] = ["build", "photos", "-o", "a.mem", "--frontend", "wall", "--json"];

    fn start(dir: &Path) -> Child {
        Command::new(binary::path())
            .args(ARGS)
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn until(what: &str, holds: impl Fn() -> bool) {
        for _ in 0..1500 {
            if holds() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("waited in vain until {what}");
    }

    fn signal(name: &str, pid: u32) {
        let kill =
            Command::new("sh").arg("-c").arg(format!("kill -{name} {pid}")).status().unwrap();
        assert!(kill.success());
    }

    fn ended(dir: &Path) -> bool {
        let pid = fs::read_to_string(dir.join("pid")).unwrap();
        match fs::read_to_string(format!("/proc/{}/stat", pid.trim())) {
            Err(_) => true,
            Ok(s) => s.rsplit(')').next().is_some_and(|r| r.trim_start().starts_with('Z')),
        }
    }

    #[test]
    fn messages_are_as_the_schemas_say() {
        let dir = tempfile::tempdir().unwrap();
        world(dir.path());
        let v = report(&reasmory(dir.path(), &ARGS));
        assert_eq!(
            (&v["frontend"]["name"], &v["registered"]["photos"]),
            (&json!("wall"), &json!(2))
        );
        // The child itself may still be writing down the last line.
        let lines = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
        until("it said goodbye", || lines("requests").contains("bye"));
        for (file, schema_name, n) in
            [("requests", "frontend-request.v1", 3), ("messages", "frontend-message.v1", 4)]
        {
            let schema = schema::load(schema_name);
            let all: Vec<Value> =
                lines(file).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
            assert_eq!(all.len(), n, "{all:?}");
            for m in all {
                let wrong = schema::violations(&schema, &m);
                assert!(wrong.is_empty(), "{m}: {wrong:?}");
            }
        }
        let c = reasmory(dir.path(), &["build", "--list-frontends"]);
        assert!(c.out.contains("wall") && c.out.contains("exec sh child.sh"), "{}", c.out);
    }

    #[test]
    fn a_signal_stops_a_build_that_can_go_on() {
        let dir = tempfile::tempdir().unwrap();
        world(dir.path());
        for name in ["INT", "TERM"] {
            let file = |name: &str| dir.path().join(name);
            fs::write(file("wait"), "").unwrap();
            let child = start(dir.path());
            until("the child waits", || file("waiting").exists());
            signal(name, child.id());
            let out = child.wait_with_output().unwrap();
            let err = String::from_utf8_lossy(&out.stderr);
            assert_eq!(out.status.code(), Some(1), "{err}");
            assert!(err.contains("the build was stopped") && err.contains("same command"), "{err}");
            assert!(fs::read_to_string(file("requests")).unwrap().contains("\"cancel\""));
            until("the child has ended", || ended(dir.path()));
            assert!(!file("a.mem").exists());
            fs::remove_file(file("waiting")).unwrap();
        }
        fs::remove_file(dir.path().join("wait")).unwrap();
        report(&reasmory(dir.path(), &ARGS));
    }

    #[test]
    fn a_killed_build_leaves_nothing_in_the_way() {
        let dir = tempfile::tempdir().unwrap();
        world(dir.path());
        fs::write(dir.path().join("wait"), "").unwrap();
        let mut child = start(dir.path());
        until("the child waits", || dir.path().join("waiting").exists());
        signal("KILL", child.id());
        child.wait().unwrap();
        // Its child sees the end of its input.
        until("the child has ended", || ended(dir.path()));
        assert!(!dir.path().join("a.mem").exists());
        fs::remove_file(dir.path().join("wait")).unwrap();
        report(&reasmory(dir.path(), &ARGS));
    }

    #[test]
    fn a_full_disk_is_said_and_leaves_no_half() {
        let dir = tempfile::tempdir().unwrap();
        world(dir.path());
        // No file may grow beyond a limit: writing fails as on a full disk, first in the report, then in the memory,
        // then in what is kept.
        for blocks in [40, 8, 2] {
            let script = format!(
                "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" build photos -o {blocks}.mem --frontend wall"
            );
            let out = Command::new("sh")
                .args(["-c", &script])
                .arg(binary::path())
                .current_dir(dir.path())
                .output()
                .unwrap();
            let err = String::from_utf8_lossy(&out.stderr);
            // The limit holds for the child too, whose failure is another one.
            assert!(matches!(out.status.code(), Some(1 | 2)), "{blocks}: {err}");
            assert!(err.contains("error: ") && err.contains("help: "), "{err}");
            let half = fs::read_dir(dir.path()).unwrap().filter_map(|e| {
                let name = e.unwrap().file_name().to_string_lossy().into_owned();
                name.starts_with('.').then_some(name)
            });
            assert_eq!(half.collect::<Vec<_>>(), Vec::<String>::new());
            let memory = format!("{blocks}.mem");
            if dir.path().join(&memory).exists() {
                assert_eq!(reasmory(dir.path(), &["scene", "verify", &memory]).code, 0);
            }
            let args = ["build", "photos", "-o", &memory, "--frontend", "wall", "--json"];
            report(&reasmory(dir.path(), &args));
        }
    }
}

/// The adapters under `tools/frontends`, with a stub in place of each model.
#[cfg(unix)]
mod adapters {
    use super::*;
    use reasmory_tests::corpus;
    use std::process::Command;

    const ALL: [&str; 9] = [
        "vggt",
        "pi3",
        "flow3r",
        "depth_anything_3",
        "mapanything",
        "sam3",
        "grounded_sam2",
        "owl",
        "florence",
    ];

    /// Whether there is a Python; says so on standard error where there is none.
    fn python() -> bool {
        let there = Command::new("python3")
            .args(["-c", "import sys; sys.exit(sys.version_info < (3, 9))"])
            .status()
            .is_ok_and(|s| s.success());
        if !there {
            let line = "SKIPPED: python3 (3.9 or newer) is absent; the adapters were not tested\n";
            let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
        }
        there
    }

    #[test]
    fn each_holds_to_the_protocol() {
        if !python() {
            return;
        }
        for name in ALL {
            let out = Command::new("python3")
                .arg("-B")
                .arg(corpus::root().join(format!("tools/frontends/{name}.py")))
                .arg("--selftest")
                .output()
                .unwrap();
            let err = String::from_utf8_lossy(&out.stderr);
            assert!(out.status.success() && err.contains("NOT run"), "{name}: {err}");
        }
    }

    #[test]
    fn a_build_takes_what_they_give() {
        if !python() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("photos")).unwrap();
        for k in 0..2u8 {
            use reasmory_driver::{render::encode_png, scene::Rgb8};
            let pixels = (0..48 * 36).map(|i| [i as u8, k * 99, (i / 9) as u8]).collect();
            let png = encode_png(&Rgb8 { width: 48, height: 36, pixels }).unwrap();
            fs::write(dir.path().join(format!("photos/{k}.png")), png).unwrap();
        }
        let adapter = |name: &str| {
            let file = corpus::root().join(format!("tools/frontends/{name}.py"));
            format!("exec:python3 -B '{}' --stub", file.display())
        };
        let (vggt, sam) = (adapter("vggt"), adapter("sam3"));
        let args = [
            "build",
            "photos",
            "-o",
            "a.mem",
            "--json",
            "--frontend",
            &vggt,
            "--ground",
            &sam,
            "--prompts",
            "poster",
            "--set",
            "device=cpu",
        ];
        let v = report(&reasmory(dir.path(), &args));
        assert_eq!(v["frontend"]["name"], "vggt-stub");
        assert_eq!(
            (&v["ground"]["name"], &v["registered"]["photos"]),
            (&"sam3-stub".into(), &2.into())
        );
        assert_eq!(v["categories"][0]["name"], "poster", "{v}");
        let c = reasmory(dir.path(), &[&args[..], &["--set", "nothing=1"]].concat());
        assert!(c.code == 1 && c.err.contains("there is no option `nothing`"), "{}", c.err);
    }
}
