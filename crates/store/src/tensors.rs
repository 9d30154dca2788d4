//! Tensor files: written with their hashes, read as mapped columns.

use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use reasmory_scene::Column;
use safetensors::SafeTensors;

use crate::StoreError;
use crate::chunks::ChunkWriter;
use crate::layout::{FileEntry, Stored, TensorEntry, TensorSpec};
use crate::map::{MappedColumn, Mapping};

/// An opened tensor file, checked against the manifest.
pub(crate) struct Tensors<'a> {
    path: &'a Path,
    map: Arc<Mapping>,
    ranges: Vec<(String, Range<usize>)>,
}

impl<'a> Tensors<'a> {
    pub(crate) fn open(path: &'a Path, stored: &Stored) -> Result<Tensors<'a>, StoreError> {
        let file = File::open(path).map_err(StoreError::io(path, "open"))?;
        let map = Arc::new(Mapping::new(&file).map_err(StoreError::io(path, "map"))?);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let ranges = check(path, &map, stored, &name)?;
        Ok(Tensors { path, map, ranges })
    }

    /// The tensor of this name, as rows of `T`.
    pub(crate) fn column<T: bytemuck::Pod + Send + Sync>(
        &self,
        name: &str,
    ) -> Result<Column<T>, StoreError> {
        let range = self.ranges.iter().find(|r| r.0 == name).map(|r| r.1.clone());
        range
            .and_then(|r| MappedColumn::<T>::new(&self.map, r))
            .map(Column::new)
            .ok_or_else(|| StoreError::invalid(self.path, name, "is misaligned or cut"))
    }
}

/// Checks the own header of the tensor file `name` against the manifest; the byte ranges of its tensors.
pub(crate) fn check(
    path: &Path,
    bytes: &[u8],
    stored: &Stored,
    name: &str,
) -> Result<Vec<(String, Range<usize>)>, StoreError> {
    let (header, metadata) = SafeTensors::read_metadata(bytes)
        .map_err(|e| StoreError::invalid(path, "header", e.to_string()))?;
    let expected: Vec<&TensorEntry> = stored.tensors.iter().filter(|t| t.file == name).collect();
    if metadata.tensors().len() != expected.len() {
        let what = format!("has {} tensors, expected {}", metadata.tensors().len(), expected.len());
        return Err(StoreError::invalid(path, "header", what));
    }
    let mut ranges = Vec::new();
    for t in expected {
        let info = metadata
            .info(&t.name)
            .ok_or_else(|| StoreError::invalid(path, "header", format!("lacks `{}`", t.name)))?;
        let shape: Vec<u64> = info.shape.iter().map(|n| *n as u64).collect();
        if info.dtype.to_string() != t.dtype || shape != t.shape {
            let what =
                format!("is {} {shape:?}, the manifest says {} {:?}", info.dtype, t.dtype, t.shape);
            return Err(StoreError::invalid(path, t.name.as_str(), what));
        }
        let (from, to) = info.data_offsets;
        let (from, to) = (from + 8 + header, to + 8 + header);
        if (from as u64, (to - from) as u64) != (t.offset, t.bytes) {
            let what = "does not lie where the manifest says";
            return Err(StoreError::invalid(path, t.name.as_str(), what));
        }
        ranges.push((t.name.clone(), from..to));
    }
    Ok(ranges)
}

/// Writes the tensor file `name` in `dir`: these tensors, and for each what gives its bytes.
pub(crate) fn write(
    dir: &Path,
    name: &str,
    tensors: &[(TensorSpec, &[u8])],
) -> Result<(FileEntry, Vec<TensorEntry>), StoreError> {
    let mut header = serde_json::Map::new();
    let mut offset = 0;
    for (t, data) in tensors {
        let end = offset + data.len();
        let info =
            serde_json::json!({"dtype": t.dtype, "shape": t.shape, "data_offsets": [offset, end]});
        header.insert(t.name.to_owned(), info);
        offset = end;
    }
    let mut header = serde_json::Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');

    let path = dir.join(name);
    let entry = ChunkWriter::create(&path).and_then(|mut w| {
        w.write(&(header.len() as u64).to_le_bytes())?;
        w.write(&header)?;
        for (_, data) in tensors {
            w.write(data)?;
        }
        w.finish(name)
    });
    let entry = entry.map_err(StoreError::io(&path, "write"))?;
    let mut offset = 8 + header.len() as u64;
    let mut entries = Vec::new();
    for (t, data) in tensors {
        let bytes = data.len() as u64;
        entries.push(TensorEntry {
            name: t.name.into(),
            file: name.into(),
            dtype: t.dtype.into(),
            shape: t.shape.clone(),
            offset,
            bytes,
        });
        offset += bytes;
    }
    Ok((entry, entries))
}
