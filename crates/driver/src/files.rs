//! Reading input and writing output, with errors that name the file and the remedy.

use std::fmt;
use std::path::Path;

/// Largest program or question file that is read at all; the parser has its own, smaller limit.
const MAX_TEXT: u64 = 64 << 20;

/// A file or usage problem: what, and what to do. The command line exits 2 on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, naming the file.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl Failure {
    /// A failure.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Failure {
        Failure { what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.remedy)
    }
}

impl std::error::Error for Failure {}

/// The text of a file; `-` is standard input.
pub fn read_text(path: &str) -> Result<String, Failure> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    if path == "-" {
        std::io::stdin()
            .lock()
            .take(MAX_TEXT)
            .read_to_end(&mut bytes)
            .map_err(|e| Failure::new(format!("standard input: {e}"), "pipe a program into it"))?;
    } else {
        let meta = std::fs::metadata(path)
            .map_err(|e| Failure::new(format!("{path}: {e}"), "check the path"))?;
        if meta.is_dir() {
            return Err(Failure::new(
                format!("{path}: is a directory, not a file"),
                "name a file in it",
            ));
        }
        let file = std::fs::File::open(path)
            .map_err(|e| Failure::new(format!("{path}: {e}"), "check the permissions"))?;
        file.take(MAX_TEXT)
            .read_to_end(&mut bytes)
            .map_err(|e| Failure::new(format!("{path}: {e}"), "check the disk"))?;
    }
    String::from_utf8(bytes).map_err(|e| {
        Failure::new(
            format!("{path}: is not UTF-8 text (byte {})", e.utf8_error().valid_up_to()),
            "save it as UTF-8",
        )
    })
}

/// What names a file by its content: half of its BLAKE3.
pub fn digest(path: &str) -> Result<String, Failure> {
    let text = read_text(path)?;
    Ok(blake3::hash(text.as_bytes()).to_hex()[..16].to_owned())
}

/// Writes a file whole or not at all: to a temporary name beside it, then renamed.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fail = |e: std::io::Error| {
        Failure::new(format!("{}: {e}", path.display()), "check the directory and the disk")
    };
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(fail)?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = parent.join(format!(".{name}.{}.tmp", std::process::id()));
    let written =
        std::fs::write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, path));
    if let Err(e) = written {
        let _ = std::fs::remove_file(&temporary);
        return Err(fail(e));
    }
    Ok(())
}
