//! What went wrong in a build: which part, what, and the remedy.

use std::fmt;
use std::path::Path;

use reasmory_import::ImportError;
use reasmory_store::StoreError;

/// Whose fault it is, so that a caller can choose an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// What was given cannot be used: the input, an option, a name.
    Input,
    /// A frontend did not do its work.
    Frontend,
    /// Somebody asked to stop; what was done is kept.
    Cancelled,
    /// Files could not be read or written.
    Io,
}

/// Why there is no memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontendError {
    /// Whose fault it is.
    pub fault: Fault,
    /// What is wrong, naming the file or the frontend.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl FrontendError {
    /// Something given cannot be used.
    pub fn input(what: impl Into<String>, remedy: impl Into<String>) -> FrontendError {
        FrontendError { fault: Fault::Input, what: what.into(), remedy: remedy.into() }
    }

    /// A frontend failed.
    pub fn failed(what: impl Into<String>, remedy: impl Into<String>) -> FrontendError {
        FrontendError { fault: Fault::Frontend, what: what.into(), remedy: remedy.into() }
    }

    /// Somebody asked to stop.
    pub fn cancelled() -> FrontendError {
        FrontendError {
            fault: Fault::Cancelled,
            what: "the build was stopped".into(),
            remedy: "give the same command to go on: finished stages are kept".into(),
        }
    }

    /// A file could not be read or written.
    pub fn io(path: &Path, doing: &str) -> impl FnOnce(std::io::Error) -> FrontendError {
        let (path, doing) = (path.display().to_string(), doing.to_owned());
        move |e| FrontendError {
            fault: Fault::Io,
            what: format!("{path}: could not {doing}: {e}"),
            remedy: match e.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                    "free some space and give the same command again: finished stages are kept"
                }
                _ => "check the path, the permissions and the disk",
            }
            .into(),
        }
    }
}

impl fmt::Display for FrontendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.remedy)
    }
}

impl std::error::Error for FrontendError {}

impl From<ImportError> for FrontendError {
    fn from(e: ImportError) -> FrontendError {
        let place = if e.place.is_empty() { String::new() } else { format!(": {}", e.place) };
        FrontendError::input(format!("{}{place}: {}", e.path.display(), e.what), e.remedy)
    }
}

impl From<StoreError> for FrontendError {
    fn from(e: StoreError) -> FrontendError {
        let text = e.to_string();
        let (what, remedy) = match text.rsplit_once("; ") {
            Some((what, remedy)) => (what.to_owned(), remedy.to_owned()),
            None => (text.clone(), "check the path and the disk, and build again".to_owned()),
        };
        FrontendError { fault: Fault::Io, what, remedy }
    }
}
