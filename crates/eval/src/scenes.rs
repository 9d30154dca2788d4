//! The memories of a benchmark's scenes, opened when asked for.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use reasmory_driver::import::store_failure;
use reasmory_driver::importers::{self, Format, ImportOptions};
use reasmory_driver::synth::{Degradation, degraded};
use reasmory_driver::{Failure, Scene, store};

/// Scenes kept open. Items are taken in the order of their scenes, so a few more than there are threads do.
const OPEN: usize = 32;

type Opened = Result<Arc<Scene>, String>;

#[derive(Clone, Debug)]
enum Source {
    /// Scene metadata, or any other source that is imported: path, format, scenes, hash of its files.
    Import(PathBuf, Format, Vec<String>, String),
    /// A folder of memories.
    Folder(PathBuf),
    /// One memory for every question.
    One(PathBuf),
}

/// Where memories come from.
#[derive(Debug)]
pub struct Memories {
    source: Source,
    errors: Option<Degradation>,
    open: Mutex<Vec<(String, Arc<OnceLock<Opened>>)>>,
}

fn is_memory(dir: &Path) -> bool {
    dir.join("manifest.json").is_file()
}

/// Whether a name is that of an entry of a folder, and nothing else.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && !name.contains(['/', '\\', ':'])
        && !name.contains(char::is_control)
}

fn hash_files(path: &Path) -> String {
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        files = entries.map(|e| e.path()).filter(|p| p.is_file()).collect();
        files.sort();
    }
    let mut h = blake3::Hasher::new();
    for f in files {
        h.update(f.file_name().map(|n| n.as_encoded_bytes()).unwrap_or_default());
        h.update(blake3::hash(&std::fs::read(&f).unwrap_or_default()).as_bytes());
    }
    h.finalize().to_hex()[..16].to_owned()
}

impl Memories {
    /// The memories at a path: scene metadata or a folder of it, a folder of memories `<scene>.mem`, or one
    /// memory.
    pub fn at(path: &Path) -> Result<Memories, Failure> {
        let memories = |source| Memories { source, errors: None, open: Mutex::default() };
        if path.is_dir() {
            if is_memory(path) {
                return Ok(memories(Source::One(path.to_owned())));
            }
            let entries = std::fs::read_dir(path)
                .map_err(|e| Failure::new(format!("{}: {e}", path.display()), "check the path"))?;
            if entries.flatten().any(|e| is_memory(&e.path())) {
                return Ok(memories(Source::Folder(path.to_owned())));
            }
        }
        let fail = |e: importers::ImportError| {
            Failure::new(
                format!("{}: {}", e.path.display(), e.what),
                "name scene metadata, a folder of memories, or a memory",
            )
        };
        let format = importers::detect(path).map_err(fail)?;
        let scenes = importers::scenes(path, format).map_err(fail)?;
        Ok(memories(Source::Import(path.to_owned(), format, scenes, hash_files(path))))
    }

    /// The same memories with errors: every scene has the same errors, each draws its own.
    #[must_use]
    pub fn with_errors(&self, errors: Degradation) -> Memories {
        Memories { source: self.source.clone(), errors: Some(errors), open: Mutex::default() }
    }

    /// The scene's memory, or why there is none.
    pub fn scene(&self, name: Option<&str>) -> Opened {
        let name = self.resolve(name)?;
        let cell = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            match open.iter().position(|(n, _)| *n == name) {
                Some(i) => {
                    let hit = open.remove(i);
                    open.push(hit);
                }
                None => {
                    if open.len() == OPEN {
                        open.remove(0);
                    }
                    open.push((name.clone(), Arc::default()));
                }
            }
            open.last().map(|o| Arc::clone(&o.1)).unwrap_or_default()
        };
        cell.get_or_init(|| self.read(&name)).clone()
    }

    /// What identifies the scene's memory in a journal: a memory that changed is another one.
    pub fn digest(&self, name: Option<&str>) -> String {
        let manifest = |dir: PathBuf| {
            let bytes = std::fs::read(dir.join("manifest.json")).unwrap_or_default();
            blake3::hash(&bytes).to_hex()[..16].to_owned()
        };
        let digest = match (&self.source, self.resolve(name)) {
            (_, Err(_)) => String::new(),
            (Source::Import(_, _, _, hash), _) => hash.clone(),
            (Source::One(dir), _) => manifest(dir.clone()),
            (Source::Folder(_), Ok(name)) => self.folder(&name).map(manifest).unwrap_or_default(),
        };
        match &self.errors {
            Some(e) => format!("{digest} {e}"),
            None => digest,
        }
    }

    fn resolve(&self, name: Option<&str>) -> Result<String, String> {
        match (&self.source, name) {
            (Source::One(_), _) => Ok(String::new()),
            (_, Some(name)) => Ok(name.to_owned()),
            (Source::Import(_, _, scenes, _), None) if scenes.len() == 1 => Ok(scenes[0].clone()),
            (_, None) => Err("the question names no scene".to_owned()),
        }
    }

    fn folder(&self, name: &str) -> Result<PathBuf, String> {
        let Source::Folder(dir) = &self.source else { return Err(String::new()) };
        if !is_plain(name) {
            return Err(format!("the scene {name:?} is no name of a memory"));
        }
        [dir.join(format!("{name}.mem")), dir.join(name)]
            .into_iter()
            .find(|d| is_memory(d))
            .ok_or_else(|| format!("there is no memory `{name}.mem`"))
    }

    fn read(&self, name: &str) -> Opened {
        let scene = self.exact(name)?;
        let Some(mut errors) = self.errors else { return Ok(scene) };
        let own = blake3::hash(name.as_bytes());
        let own = own.as_bytes()[..4].iter().fold(0, |a, b| a << 8 | u64::from(*b));
        errors.seed = (errors.seed + own) % 1_000_000_000;
        let memory = degraded(&scene.memory, &errors).map_err(|e| e.to_string())?;
        Ok(Arc::new(Scene::new(memory)))
    }

    fn exact(&self, name: &str) -> Opened {
        let open = |dir: &Path| {
            let memory = store::open(dir).map_err(|e| store_failure(e).what)?;
            Ok(Arc::new(Scene::new(memory)))
        };
        match &self.source {
            Source::One(dir) => open(dir),
            Source::Folder(_) => open(&self.folder(name)?),
            Source::Import(path, format, scenes, _) => {
                if !scenes.iter().any(|s| s == name) {
                    return Err(format!("there is no scene `{name}`"));
                }
                let scene = format.has_scenes().then(|| name.to_owned());
                let options =
                    ImportOptions { scene, format: Some(*format), ..ImportOptions::default() };
                let got = importers::import(path, &options).map_err(|e| e.what)?;
                Ok(Arc::new(Scene::new(got.memory)))
            }
        }
    }
}
