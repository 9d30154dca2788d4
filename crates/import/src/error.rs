//! What is wrong with a source: the file, the place in it, what, and the remedy.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a source could not be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// The file or folder.
    pub path: PathBuf,
    /// Where in it (`41159572.object_bbox.sofa[2].axesLengths`, `line 12`); empty for all of it.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl ImportError {
    pub(crate) fn new(
        path: &Path,
        place: impl Into<String>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> ImportError {
        ImportError {
            path: path.to_owned(),
            place: place.into(),
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    pub(crate) fn io(path: &Path, doing: &str) -> impl FnOnce(std::io::Error) -> ImportError {
        let (path, what) = (path.to_owned(), format!("could not {doing}"));
        move |e| {
            let remedy = "check that the path exists and may be read";
            ImportError::new(&path, "", format!("{what}: {e}"), remedy)
        }
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        write!(f, "{}; {}", self.what, self.remedy)
    }
}

impl std::error::Error for ImportError {}
