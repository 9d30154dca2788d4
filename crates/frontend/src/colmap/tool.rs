//! Which COLMAP there is, and how to get one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::child::{Run, run};
use super::options::Options;
use crate::build::write_whole;
use crate::{FrontendError, Job};

/// The release of pycolmap that is set up.
pub const PYCOLMAP: &str = "4.2.1";
/// Longest that setting up may take.
const SETUP_LIMIT: Duration = Duration::from_secs(1800);

/// A way to run COLMAP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    /// A Python that has pycolmap.
    Python { program: PathBuf, version: String },
    /// The binary.
    Binary { program: PathBuf, version: String },
}

impl Tool {
    /// As in notes.
    pub(super) fn name(&self) -> String {
        match self {
            Tool::Python { version, .. } => format!("pycolmap {version}"),
            Tool::Binary { version, .. } => format!("COLMAP {version}"),
        }
    }
}

/// The folder that `--setup colmap` fills; `None` where the environment names no home.
pub fn environment() -> Option<PathBuf> {
    let var = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let data = var("REASMORY_HOME")
        .or_else(|| var("XDG_DATA_HOME").map(|d| d.join("reasmory")))
        .or_else(|| var("HOME").map(|d| d.join(".local/share/reasmory")))?;
    Some(data.join(format!("pycolmap-{PYCOLMAP}")))
}

fn python_of(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// A program of this name on the search path.
fn on_path(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|d| d.join(name)).find(|p| p.is_file())
}

/// The first line of a command's output that `find` makes something of.
fn answer(command: &mut Command, find: impl Fn(&str) -> Option<String>) -> Option<String> {
    let out = command.stdin(std::process::Stdio::null()).output().ok()?;
    let text =
        String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    text.lines().take(40).find_map(|l| find(l.trim()))
}

fn python(program: PathBuf) -> Option<Tool> {
    const ASK: &str = "import pycolmap; print('pycolmap', pycolmap.__version__)";
    let found = answer(Command::new(&program).args(["-c", ASK]), |l| {
        l.strip_prefix("pycolmap ").map(str::to_owned)
    });
    found.map(|version| Tool::Python { program, version })
}

fn binary(program: PathBuf) -> Option<Tool> {
    let mut command = Command::new(&program);
    command.arg("-h").env("QT_QPA_PLATFORM", "offscreen");
    let found = answer(&mut command, |l| {
        let (_, rest) = l.split_once("COLMAP ")?;
        rest.split_whitespace()
            .next()
            .filter(|v| v.starts_with(char::is_numeric))
            .map(str::to_owned)
    });
    found.map(|version| Tool::Binary { program, version })
}

/// The COLMAP to use: the one that was named, else the environment that was set up, else a Python on the search
/// path that has pycolmap, else the binary on the search path.
pub(super) fn find(o: &Options) -> Result<Tool, FrontendError> {
    let named = |path: &Path, is: &str, tool: Option<Tool>| {
        tool.ok_or_else(|| {
            FrontendError::input(
                format!("{}: is no {is} that runs here", path.display()),
                "give its path, or leave the option out",
            )
        })
    };
    if let Some(p) = &o.python {
        return named(p, "Python with pycolmap", python(p.clone()));
    }
    if let Some(p) = &o.colmap {
        return named(p, "COLMAP", binary(p.clone()));
    }
    let own = environment().filter(|e| e.join("ready").is_file()).map(|e| python_of(&e));
    own.and_then(python)
        .or_else(|| on_path("python3").and_then(python))
        .or_else(|| on_path("colmap").and_then(binary))
        .ok_or_else(missing)
}

fn missing() -> FrontendError {
    FrontendError::input(
        "photos need COLMAP, and there is none here",
        "let the tool set it up (`reasmory build --setup colmap`: a Python environment of its own with \
         pycolmap), install the package `colmap` (Debian, Ubuntu, Homebrew), or install `pycolmap` with pip",
    )
}

/// Makes a Python environment with pycolmap, of the tool's own; a line that says where.
pub fn setup(job: &Job<'_>) -> Result<String, FrontendError> {
    let Some(dir) = environment() else {
        return Err(FrontendError::input(
            "there is no home folder",
            "set REASMORY_HOME to a folder",
        ));
    };
    let done = dir.join("ready");
    if done.is_file() && python(python_of(&dir)).is_some() {
        return Ok(format!("pycolmap {PYCOLMAP} is set up in {}", dir.display()));
    }
    let Some(python3) = on_path("python3") else {
        let remedy = "install Python 3.10 or later (the packages `python3` and `python3-venv`)";
        return Err(FrontendError::input("there is no `python3` here", remedy));
    };
    if dir.exists() {
        // A setup that did not end.
        std::fs::remove_dir_all(&dir).map_err(FrontendError::io(&dir, "replace"))?;
    }
    std::fs::create_dir_all(&dir).map_err(FrontendError::io(&dir, "create"))?;
    let log = dir.join("setup.log");
    let step = |n: u64, what: &str, command: Command| {
        job.step(n, 2, what)?;
        let r = Run { what, command, log: &log, limit: SETUP_LIMIT };
        run(r, job, &mut |_| Ok(()))
    };
    let mut venv = Command::new(python3);
    venv.args(["-m", "venv"]).arg(&dir);
    step(0, "making a Python environment", venv)?;
    let mut pip = Command::new(python_of(&dir));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check"])
        .arg(format!("pycolmap=={PYCOLMAP}"));
    step(1, "installing pycolmap", pip)?;
    if python(python_of(&dir)).is_none() {
        return Err(FrontendError::failed(
            format!("pycolmap was installed in {} but does not load", dir.display()),
            "see setup.log there",
        ));
    }
    write_whole(&done, PYCOLMAP.as_bytes())?;
    Ok(format!("pycolmap {PYCOLMAP} is set up in {}", dir.display()))
}
