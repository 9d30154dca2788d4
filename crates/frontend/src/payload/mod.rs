//! Arrays in files: safetensors, or NumPy archives. Nothing in them is believed: names, shapes and lengths are
//! checked before a value is used, and nothing is allocated on the word of a header.

mod doc;
mod regions;
mod safetensors;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use reasmory_import::Npz;
use serde_json::Value;

pub use doc::{reconstruction_doc, reconstruction_of};
pub use regions::{detections_doc, detections_of};
pub use safetensors::encode;

/// Longest payload file.
const MAX_FILE: u64 = 4 << 30;
/// Most files of one result.
const MAX_FILES: usize = 4096;

/// Values of an array.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Numbers of any type.
    Floats(Vec<f32>),
    /// Bytes (`u8`, `bool`).
    Bytes(Vec<u8>),
}

impl Data {
    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Data::Floats(v) => v.len(),
            Data::Bytes(v) => v.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values in a range as numbers.
    fn floats(&self, range: std::ops::Range<usize>) -> Vec<f32> {
        match self {
            Data::Floats(v) => v[range].to_vec(),
            Data::Bytes(v) => v[range].iter().map(|b| f32::from(*b)).collect(),
        }
    }
}

/// An array in C order.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Lengths along each axis.
    pub shape: Vec<usize>,
    /// As many values as the lengths multiply to.
    pub data: Data,
}

/// Arrays by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrays(pub BTreeMap<String, Tensor>);

/// The file of a name inside a folder; names that lead out of it, and links, are refused.
pub fn inside(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let relative = Path::new(name);
    let plain = relative.components().all(|c| matches!(c, Component::Normal(_)));
    if name.is_empty() || !plain {
        return Err(format!("the file `{name}` is not inside the folder that was given"));
    }
    let path = folder.join(relative);
    match std::fs::symlink_metadata(&path) {
        Ok(m) if m.is_file() => Ok(path),
        Ok(_) => Err(format!("`{name}` is no regular file")),
        Err(e) => Err(format!("`{name}` cannot be read: {e}")),
    }
}

impl Arrays {
    /// Reads the files that a result names, inside a folder.
    pub fn read(folder: &Path, files: &[String]) -> Result<Arrays, String> {
        if files.len() > MAX_FILES {
            return Err(format!("names {} files, more than {MAX_FILES}", files.len()));
        }
        let mut all = Arrays::default();
        let mut left = MAX_FILE;
        for name in files {
            let path = inside(folder, name)?;
            let mut bytes = Vec::new();
            File::open(&path)
                .and_then(|f| f.take(left + 1).read_to_end(&mut bytes))
                .map_err(|e| format!("`{name}` cannot be read: {e}"))?;
            left = left
                .checked_sub(bytes.len() as u64)
                .ok_or_else(|| format!("the files have more than {MAX_FILE} bytes"))?;
            all.add(Path::new(name), &bytes)?;
        }
        Ok(all)
    }

    /// Adds the arrays of a file's bytes, told apart by content.
    pub fn add(&mut self, name: &Path, bytes: &[u8]) -> Result<(), String> {
        let found = if bytes.starts_with(b"PK") {
            let mut npz = Npz::new(name, bytes).map_err(|e| e.to_string())?;
            let mut found = BTreeMap::new();
            for array in npz.names() {
                let a = npz.array(&array).map_err(|e| e.to_string())?;
                found.insert(array, Tensor { shape: a.shape, data: Data::Floats(a.values) });
            }
            found
        } else {
            safetensors::decode(bytes).map_err(|e| format!("`{}` {e}", name.display()))?
        };
        for (key, tensor) in found {
            if self.0.insert(key.clone(), tensor).is_some() {
                return Err(format!("the array `{key}` is given twice"));
            }
        }
        Ok(())
    }

    /// The values that a reference means: `"name"` for a whole array, `["name", 3]` for the third of it, counted
    /// from 0. They must have this shape.
    pub fn get(&self, reference: &Value, shape: &[usize]) -> Result<Slice<'_>, String> {
        let (name, index) = match reference {
            Value::String(name) => (name.as_str(), None),
            Value::Array(pair) => match &pair[..] {
                [Value::String(name), Value::Number(i)] => {
                    let i = i.as_u64().and_then(|i| usize::try_from(i).ok());
                    (name.as_str(), Some(i.ok_or("an index that is no whole number")?))
                }
                _ => return Err("is no reference: give \"name\" or [\"name\", index]".into()),
            },
            _ => return Err("is no reference: give \"name\" or [\"name\", index]".into()),
        };
        let tensor = self.0.get(name).ok_or_else(|| format!("there is no array `{name}`"))?;
        let own = match index {
            None => &tensor.shape[..],
            Some(_) => tensor.shape.get(1..).unwrap_or_default(),
        };
        if own != shape {
            return Err(format!("`{name}` has the shape {own:?}, expected {shape:?}"));
        }
        let n = shape.iter().product::<usize>();
        let first = match index {
            None => 0,
            Some(i) => match tensor.shape.first() {
                Some(rows) if i < *rows => i * n,
                rows => {
                    let rows = rows.copied().unwrap_or(0);
                    return Err(format!("`{name}` has {rows} rows, not row {i}"));
                }
            },
        };
        Ok(Slice { data: &tensor.data, range: first..first + n })
    }

    /// Lengths of an array's axes.
    pub fn shape(&self, reference: &Value) -> Option<&[usize]> {
        match reference {
            Value::String(name) => Some(&self.0.get(name)?.shape),
            Value::Array(pair) => self.0.get(pair.first()?.as_str()?)?.shape.get(1..),
            _ => None,
        }
    }
}

/// Part of an array.
pub struct Slice<'a> {
    data: &'a Data,
    range: std::ops::Range<usize>,
}

impl Slice<'_> {
    /// As numbers.
    pub fn floats(&self) -> Vec<f32> {
        self.data.floats(self.range.clone())
    }

    /// Whether each value is not 0.
    pub fn set(&self) -> Vec<bool> {
        match self.data {
            Data::Bytes(v) => v[self.range.clone()].iter().map(|b| *b != 0).collect(),
            Data::Floats(v) => v[self.range.clone()].iter().map(|x| *x > 0.0).collect(),
        }
    }
}

/// Reads any bytes as a payload; it must return. For fuzzing.
pub fn fuzz_payload(data: &[u8]) {
    let mut arrays = Arrays::default();
    let _ = arrays.add(Path::new("fuzz"), data);
    for (name, t) in &arrays.0 {
        assert_eq!(t.shape.iter().product::<usize>(), t.data.len(), "{name}");
        let whole = arrays.get(&Value::String(name.clone()), &t.shape);
        assert_eq!(whole.map(|s| s.floats().len()), Ok(t.data.len()));
    }
}
