//! What finished stages gave, kept by content: the same input, parameters and version are not computed twice,
//! and a build that was stopped goes on behind its last finished stage.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::payload::{Arrays, Tensor, encode};
use crate::{FrontendError, Photo};

/// Version of what is kept. Another one is not read.
const SCHEMA: u64 = 1;
const DOC: &str = "result.json";
const ARRAYS: &str = "result.safetensors";

/// A stage with its folder, whose name is the address of all that the result depends on.
pub(crate) struct Kept {
    dir: PathBuf,
}

/// The lock of a folder of builds; held while a build works in it.
pub(crate) struct Lock(#[allow(dead_code)] File);

/// Locks a folder, which is made where it is absent.
pub(crate) fn lock(work: &Path) -> Result<Lock, FrontendError> {
    fs::create_dir_all(work).map_err(FrontendError::io(work, "create"))?;
    let path = work.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(FrontendError::io(&path, "open"))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(fs::TryLockError::WouldBlock) => Err(FrontendError::input(
            format!("{}: another build works here", work.display()),
            "wait for it, or give another folder with `--work`",
        )),
        Err(fs::TryLockError::Error(e)) => Err(FrontendError::io(&path, "lock")(e)),
    }
}

fn hash_file(path: &Path) -> std::io::Result<String> {
    let mut hash = blake3::Hasher::new();
    std::io::copy(&mut File::open(path)?, &mut hash)?;
    Ok(hash.finalize().to_hex().to_string())
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), FrontendError> {
    use std::io::Write as _;
    File::create(path)
        .and_then(|mut f| f.write_all(bytes).and_then(|()| f.sync_all()))
        .map_err(FrontendError::io(path, "write"))
}

impl Kept {
    /// The stage of this name whose result depends on `on` alone.
    pub(crate) fn new(work: &Path, stage: &str, on: &Value) -> Kept {
        let text = json!({"schema": SCHEMA, "stage": stage, "on": on}).to_string();
        let key = blake3::hash(text.as_bytes()).to_hex();
        Kept { dir: work.join(format!("{stage}-{}", &key[..24])) }
    }

    /// The folder of the stage's own files.
    pub(crate) fn scratch_path(&self) -> PathBuf {
        self.dir.join("scratch")
    }

    /// Makes that folder; what is in it stays.
    pub(crate) fn make_scratch(&self) -> Result<(), FrontendError> {
        let path = self.scratch_path();
        fs::create_dir_all(&path).map_err(FrontendError::io(&path, "create"))
    }

    /// The finished result, if there is one and it is whole: the document, photos and arrays. Photos are those
    /// known, where they have the same name and content; others must be where they were.
    pub(crate) fn load(
        &self,
        known: &[Photo],
    ) -> Result<Option<(Value, Vec<Photo>, Arrays)>, String> {
        let path = self.dir.join(DOC);
        let Ok(text) = fs::read_to_string(&path) else { return Ok(None) };
        let v: Value = serde_json::from_str(&text).map_err(|e| format!("{DOC}: {e}"))?;
        if v["schema"] != SCHEMA {
            return Ok(None);
        }
        let files: Vec<String> = match v["arrays"].as_str() {
            None => vec![],
            Some(digest) => {
                let found =
                    hash_file(&self.dir.join(ARRAYS)).map_err(|e| format!("{ARRAYS}: {e}"))?;
                if found != digest {
                    return Err(format!("{ARRAYS} has changed"));
                }
                vec![ARRAYS.to_owned()]
            }
        };
        let arrays = Arrays::read(&self.dir, &files)?;
        let rows = v["photos"].as_array().ok_or("`photos` is no list")?;
        let photos = rows.iter().map(|p| self.photo(p, known)).collect::<Result<Vec<_>, _>>()?;
        Ok(Some((v["result"].clone(), photos, arrays)))
    }

    fn photo(&self, v: &Value, known: &[Photo]) -> Result<Photo, String> {
        let text = |key: &str| {
            v[key].as_str().map(str::to_owned).ok_or_else(|| format!("a photo lacks `{key}`"))
        };
        let size = |key: &str| {
            v[key]
                .as_u64()
                .and_then(|n| u32::try_from(n).ok())
                .ok_or_else(|| format!("a photo lacks `{key}`"))
        };
        let (name, digest) = (text("name")?, text("digest")?);
        if let Some(p) = known.iter().find(|p| p.name == name && p.digest == digest) {
            return Ok(p.clone());
        }
        let file = PathBuf::from(text("file")?);
        let file = if file.is_relative() && v["kept"] == true { self.dir.join(file) } else { file };
        let photo = Photo {
            name,
            width: size("width")?,
            height: size("height")?,
            digest,
            time: v["time"].as_f64(),
            file,
        };
        let found = hash_file(&photo.file).map_err(|e| format!("{}: {e}", photo.file.display()))?;
        if found == photo.digest {
            Ok(photo)
        } else {
            Err(format!("the photo {} has changed", photo.name))
        }
    }

    /// Keeps a result. The scratch folder goes, unless photos lie in it.
    pub(crate) fn store(
        &self,
        result: &Value,
        photos: &mut [Photo],
        arrays: &[(String, Tensor)],
    ) -> Result<(), FrontendError> {
        fs::create_dir_all(&self.dir).map_err(FrontendError::io(&self.dir, "create"))?;
        let mut digest = Value::Null;
        if !arrays.is_empty() {
            let bytes = encode(arrays.iter().map(|(n, t)| (n.as_str(), t)));
            digest = json!(blake3::hash(&bytes).to_hex().to_string());
            write_synced(&self.dir.join(ARRAYS), &bytes)?;
        }
        let scratch = self.scratch_path();
        let dir = self.dir.canonicalize().map_err(FrontendError::io(&self.dir, "find"))?;
        let mut own = false;
        let mut rows = Vec::new();
        for p in photos {
            p.address()?;
            // However the file was named: what lies in the stage's folder is kept with it.
            let file = p.file.canonicalize().map_err(FrontendError::io(&p.file, "find"))?;
            let kept = file.strip_prefix(&dir).ok().map(Path::to_owned);
            own |= kept.is_some();
            let file = kept.clone().unwrap_or(file);
            rows.push(json!({
                "name": p.name, "file": file.to_string_lossy(), "kept": kept.is_some(),
                "width": p.width, "height": p.height, "digest": p.digest, "time": p.time,
            }));
        }
        let doc = json!({"schema": SCHEMA, "arrays": digest, "photos": rows, "result": result});
        // Last, and at once: a result is there when its document is.
        let temporary = self.dir.join("result.json.new");
        write_synced(&temporary, doc.to_string().as_bytes())?;
        let path = self.dir.join(DOC);
        fs::rename(&temporary, &path).map_err(FrontendError::io(&path, "write"))?;
        if !own && scratch.exists() {
            fs::remove_dir_all(&scratch).map_err(FrontendError::io(&scratch, "remove"))?;
        }
        Ok(())
    }

    /// Forgets a result that cannot be used.
    pub(crate) fn forget(&self) {
        let _ = fs::remove_file(self.dir.join(DOC));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Data;

    #[test]
    fn results_are_kept_by_what_they_depend_on() {
        let dir = tempfile::tempdir().unwrap();
        let kept = Kept::new(dir.path(), "reconstruct", &json!({"input": "a", "frontend": "x 1"}));
        assert!(kept.load(&[]).unwrap().is_none());
        kept.make_scratch().unwrap();
        let scratch = kept.scratch_path();
        fs::write(scratch.join("half"), "x").unwrap();
        let t = Tensor { shape: vec![2], data: Data::Floats(vec![1.0, 2.0]) };
        kept.store(&json!({"a": 1}), &mut [], &[("t".into(), t.clone())]).unwrap();
        let (doc, photos, arrays) = kept.load(&[]).unwrap().unwrap();
        assert_eq!((doc, photos, &arrays.0["t"]), (json!({"a": 1}), vec![], &t));
        assert!(!scratch.exists());
        let same = Kept::new(dir.path(), "reconstruct", &json!({"input": "a", "frontend": "x 1"}));
        assert!(same.load(&[]).unwrap().is_some());
        for other in
            [json!({"input": "b", "frontend": "x 1"}), json!({"input": "a", "frontend": "x 2"})]
        {
            assert!(Kept::new(dir.path(), "reconstruct", &other).load(&[]).unwrap().is_none());
        }
        // A byte that changed is found.
        let file = kept.dir.join(ARRAYS);
        let mut bytes = fs::read(&file).unwrap();
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
        fs::write(&file, bytes).unwrap();
        assert!(kept.load(&[]).unwrap_err().contains("has changed"));
        kept.forget();
        assert!(kept.load(&[]).unwrap().is_none());
    }

    #[test]
    fn photos_in_the_scratch_folder_stay() {
        let dir = tempfile::tempdir().unwrap();
        let kept = Kept::new(dir.path(), "reconstruct", &json!(1));
        kept.make_scratch().unwrap();
        let file = kept.scratch_path().join("a.png");
        fs::write(&file, "pixels").unwrap();
        let photo = |file: PathBuf| Photo {
            name: "a.png".into(),
            file,
            width: 1,
            height: 1,
            digest: String::new(),
            time: Some(0.5),
        };
        let mut photos = [photo(file.clone())];
        kept.store(&json!({}), &mut photos, &[]).unwrap();
        assert_eq!(kept.load(&[]).unwrap().unwrap().1, photos);
        fs::write(&file, "others").unwrap();
        assert!(kept.load(&[]).unwrap_err().contains("the photo a.png has changed"));
    }

    #[test]
    fn one_build_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let held = lock(dir.path()).unwrap();
        let e = lock(dir.path()).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(e.contains("another build works here"), "{e}");
        drop(held);
        assert!(lock(dir.path()).is_ok());
    }
}
