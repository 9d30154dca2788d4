//! The command-line program, built once for all tests of a test program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The `reasmory` executable beside the running test; built when first asked for.
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let test = std::env::current_exe().unwrap_or_else(|e| panic!("this test's path: {e}"));
        // target/PROFILE/deps/test-HASH
        let profile = test.parent().and_then(Path::parent).unwrap_or(Path::new("."));
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "-p", "reasmory_cli", "--bin", "reasmory"]);
        if profile.file_name().is_some_and(|n| n == "release") {
            build.arg("--release");
        }
        if let Some(target) = profile.parent() {
            build.arg("--target-dir").arg(target);
        }
        let status = build
            .current_dir(crate::corpus::root())
            .status()
            .unwrap_or_else(|e| panic!("building the command line: {e}"));
        assert!(status.success(), "the command line does not build");
        profile.join(format!("reasmory{}", std::env::consts::EXE_SUFFIX))
    })
}

/// What a call of the program gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Exit code; -1 when it was killed.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

fn call(output: Output) -> Call {
    Call {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs the program in a folder.
pub fn reasmory(dir: &Path, args: &[&str]) -> Call {
    let output = Command::new(path())
        .args(args)
        .current_dir(dir)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|e| panic!("reasmory {args:?}: {e}"));
    call(output)
}

/// Runs the program with text on standard input.
pub fn with_input(dir: &Path, args: &[&str], input: &[u8]) -> Call {
    use std::io::Write as _;
    let mut child = Command::new(path())
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("reasmory {args:?}: {e}"));
    if let Some(mut stdin) = child.stdin.take() {
        // The program may end before it has read everything.
        let _ = stdin.write_all(input);
    }
    call(child.wait_with_output().unwrap_or_else(|e| panic!("reasmory {args:?}: {e}")))
}
