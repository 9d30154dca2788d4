//! The memories of a batch: each manifest is read once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use reasmory_scene::Manifest;

use crate::Failure;
use crate::import::store_failure;

/// A manifest, or why there is none.
type Loaded = Result<Arc<Manifest>, String>;

/// Where the memories of a batch come from.
#[derive(Debug)]
pub enum Scenes {
    /// None: what needs a scene is left out of the check.
    None,
    /// One for every program, whatever scene it names.
    One(Arc<Manifest>),
    /// `DIR/<scene>.mem`, by the scene a program names.
    Folder(Folder),
}

/// A folder of memories and what was read of it.
#[derive(Debug)]
pub struct Folder {
    dir: PathBuf,
    loaded: Mutex<BTreeMap<String, Arc<OnceLock<Loaded>>>>,
}

impl Scenes {
    /// One memory.
    pub fn one(dir: &Path) -> Result<Scenes, Failure> {
        let manifest = reasmory_store::open_manifest(dir).map_err(store_failure)?;
        Ok(Scenes::One(Arc::new(manifest)))
    }

    /// A folder of memories.
    pub fn folder(dir: &Path) -> Result<Scenes, Failure> {
        if !dir.is_dir() {
            return Err(Failure::new(
                format!("{}: is not a directory", dir.display()),
                "name the folder that `import --all` wrote",
            ));
        }
        Ok(Scenes::Folder(Folder { dir: dir.to_owned(), loaded: Mutex::default() }))
    }

    /// The memory of a program that names this scene, or why there is none. The flag says whether the
    /// name was what found it.
    pub(super) fn find(
        &self,
        scene: Option<&str>,
    ) -> Result<Option<(Arc<Manifest>, bool)>, String> {
        match (self, scene) {
            (Scenes::None, _) | (Scenes::Folder(_), None) => Ok(None),
            (Scenes::One(m), _) => Ok(Some((Arc::clone(m), false))),
            (Scenes::Folder(f), Some(name)) => f.find(name).map(|m| Some((m, true))),
        }
    }
}

impl Folder {
    fn find(&self, name: &str) -> Loaded {
        let plain = !name.is_empty()
            && !name.starts_with('.')
            && !name.contains(['/', '\\', ':'])
            && !name.contains(char::is_control);
        if !plain {
            return Err(format!("the scene {name:?} is no name of a memory"));
        }
        let cell = {
            let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(loaded.entry(name.to_owned()).or_default())
        };
        cell.get_or_init(|| {
            let dir = self.dir.join(format!("{name}.mem"));
            if !dir.is_dir() {
                return Err(format!("there is no memory `{name}.mem` in the folder of scenes"));
            }
            reasmory_store::open_manifest(&dir)
                .map(Arc::new)
                .map_err(|e| format!("the memory `{name}.mem` cannot be read: {e}"))
        })
        .clone()
    }
}
