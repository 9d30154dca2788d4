//! The repository as text, so that every rule is a pure function over it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// Directories that hold nothing written by hand.
const SKIPPED: [&str; 3] = [".git", "target", "reasmory-demo"];

/// Text files by path, with forward slashes, relative to the root.
#[derive(Default)]
pub struct Repo {
    files: BTreeMap<String, String>,
}

impl Repo {
    /// Reads every text file below `root`. Files that are not UTF-8 are no text and are left out.
    pub fn read(root: &Path) -> io::Result<Repo> {
        let mut repo = Repo::default();
        repo.walk(root, "")?;
        Ok(repo)
    }

    /// A repository of these files, for tests.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Repo {
        let files = files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect();
        Repo { files }
    }

    fn walk(&mut self, dir: &Path, prefix: &str) -> io::Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    self.walk(&entry.path(), &path)?;
                }
            } else if kind.is_file()
                && let Ok(text) = String::from_utf8(std::fs::read(entry.path())?)
            {
                self.files.insert(path, text);
            }
        }
        Ok(())
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Text of a file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Files below a directory with this ending, sorted by path.
    pub fn below<'r>(
        &'r self,
        dir: &'r str,
        ending: &'r str,
    ) -> impl Iterator<Item = (&'r str, &'r str)> {
        self.files
            .iter()
            .filter(move |(p, _)| p.starts_with(dir) && p.ends_with(ending))
            .map(|(p, t)| (p.as_str(), t.as_str()))
    }

    /// Directories of the workspace's crates: `crates/*`, `tools/*` and `tests`.
    pub fn crate_dirs(&self) -> Vec<&str> {
        self.files
            .keys()
            .filter_map(|p| p.strip_suffix("/Cargo.toml"))
            .filter(|d| {
                let depth = d.matches('/').count();
                *d == "tests"
                    || (depth == 1 && (d.starts_with("crates/") || d.starts_with("tools/")))
            })
            .collect()
    }
}
