//! The document of a glTF file and its buffers: every offset, length and index is checked before it is used.

use std::borrow::Cow;

use base64::Engine as _;
use gltf::json::accessor::{ComponentType, Type};
use gltf::json::validation::Checked;
use gltf::json::{Accessor, Index, Root};

use super::Fault;

/// Extensions that a file may require: what they change is not read, or is read here.
const KNOWN: [&str; 3] = ["KHR_mesh_quantization", "KHR_texture_transform", "KHR_texture_basisu"];

/// Gives the bytes of a file that a document names, or says why not.
pub(super) type Fetch<'f> = &'f dyn Fn(&str) -> Result<Vec<u8>, String>;

pub(super) fn fault(place: impl Into<String>, what: impl Into<String>) -> Fault {
    (place.into(), what.into())
}

/// A document with the bytes of its buffers.
pub(super) struct Document<'a> {
    pub(super) root: Root,
    buffers: Vec<Cow<'a, [u8]>>,
}

/// Whether the bytes begin as a container does.
pub(super) fn is_container(bytes: &[u8]) -> bool {
    bytes.starts_with(b"glTF")
}

impl<'a> Document<'a> {
    /// Reads a container or a bare document.
    pub(super) fn read(bytes: &'a [u8], fetch: Fetch<'_>) -> Result<Document<'a>, Fault> {
        let (text, bin) = if is_container(bytes) {
            let word = |at: usize| {
                let b = bytes.get(at..at + 4)?;
                Some(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            };
            // The container's reader takes 12 off the stated length.
            match (word(4), word(8)) {
                (Some(2), Some(12..)) => {}
                (Some(2), _) => {
                    return Err(fault("header", "states a length below its own 12 bytes"));
                }
                (Some(v), _) => {
                    return Err(fault("header", format!("has glTF version {v}, expected 2")));
                }
                _ => return Err(fault("header", "is cut short")),
            }
            let glb = gltf::Glb::from_slice(bytes)
                .map_err(|e| fault("container", format!("cannot be read: {e}")))?;
            (glb.json, glb.bin)
        } else {
            (Cow::Borrowed(bytes), None)
        };
        let root = Root::from_slice(&text).map_err(|e| {
            let place = format!("JSON, line {}, column {}", e.line(), e.column());
            fault(place, format!("is no glTF document: {e}"))
        })?;
        if !root.asset.version.starts_with("2.") {
            let what = format!("is {:?}, expected 2.0", root.asset.version);
            return Err(fault("asset.version", what));
        }
        // Materials' extensions only change how light is reflected.
        let foreign =
            |e: &&String| !(KNOWN.contains(&e.as_str()) || e.starts_with("KHR_materials_"));
        if let Some(e) = root.extensions_required.iter().find(foreign) {
            let what = format!("has `{e}`, which is not read; export it without");
            return Err(fault("extensionsRequired", what));
        }
        let mut bin = bin;
        let mut buffers = Vec::with_capacity(root.buffers.len());
        for (i, b) in root.buffers.iter().enumerate() {
            let place = format!("buffers[{i}]");
            let data = match &b.uri {
                Some(uri) => Cow::Owned(resource(uri, fetch).map_err(|e| fault(&place, e))?),
                // Only the first buffer may be the container's.
                None => match bin.take().filter(|_| i == 0) {
                    Some(b) => b,
                    None => return Err(fault(place, "has neither `uri` nor a binary part")),
                },
            };
            if (data.len() as u64) < b.byte_length.0 {
                let what = format!("has {} bytes, but states {}", data.len(), b.byte_length.0);
                return Err(fault(format!("{place}.byteLength"), what));
            }
            buffers.push(data);
        }
        Ok(Document { root, buffers })
    }

    /// Bytes of a buffer view from an offset, and its stride.
    fn view(&self, index: usize, offset: u64) -> Result<(&[u8], Option<usize>), Fault> {
        let place = format!("bufferViews[{index}]");
        let view =
            self.root.buffer_views.get(index).ok_or_else(|| fault(&place, "does not exist"))?;
        let buffer = self.buffers.get(view.buffer.value());
        let buffer = buffer.ok_or_else(|| fault(format!("{place}.buffer"), "does not exist"))?;
        let start = view.byte_offset.map_or(0, |o| o.0);
        let range = start.checked_add(view.byte_length.0).and_then(|end| {
            let inside = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
            buffer.get(inside)?.get(usize::try_from(offset).ok()?..)
        });
        let bytes = range.ok_or_else(|| fault(&place, "does not lie inside its buffer"))?;
        Ok((bytes, view.byte_stride.map(|s| s.0)))
    }

    /// The bytes of an image: a file's, or a view's.
    pub(super) fn image(&self, index: usize, fetch: Fetch<'_>) -> Result<Vec<u8>, Fault> {
        let place = format!("images[{index}]");
        let image = self.root.images.get(index).ok_or_else(|| fault(&place, "does not exist"))?;
        match (&image.uri, image.buffer_view) {
            (Some(uri), _) => resource(uri, fetch).map_err(|e| fault(place, e)),
            (None, Some(v)) => Ok(self.view(v.value(), 0)?.0.to_vec()),
            (None, None) => Err(fault(place, "has neither `uri` nor `bufferView`")),
        }
    }

    fn accessor(&self, index: Index<Accessor>, place: &str) -> Result<&Accessor, Fault> {
        let i = index.value();
        let missing = || fault(place, format!("is accessor {i}, which does not exist"));
        self.root.accessors.get(i).ok_or_else(missing)
    }

    /// Number of rows that an accessor states.
    pub(super) fn count(&self, index: Index<Accessor>, place: &str) -> Result<u64, Fault> {
        Ok(self.accessor(index, place)?.count.0)
    }

    /// The rows of an accessor, of `N` columns; those that it lacks are 1 (the alpha of a colour). Whole
    /// numbers that are normalised become fractions.
    pub(super) fn rows<const N: usize>(
        &self,
        index: Index<Accessor>,
        place: &str,
    ) -> Result<Vec<[f32; N]>, Fault> {
        let table = self.table(index, place)?;
        let least = if N == 4 { 3 } else { N };
        if !(least..=N).contains(&table.columns) {
            let what = format!("has {} columns, expected {N}", table.columns);
            return Err(fault(place, what));
        }
        let mut out = vec![[1.0f32; N]; table.count];
        for (r, row) in out.iter_mut().enumerate() {
            for (c, x) in row.iter_mut().enumerate().take(table.columns) {
                *x = table.number(r, c);
            }
        }
        Ok(out)
    }

    /// Whole numbers of an accessor of one column.
    pub(super) fn indices(&self, index: Index<Accessor>, place: &str) -> Result<Vec<u32>, Fault> {
        let table = self.table(index, place)?;
        if table.columns != 1
            || matches!(table.kind, ComponentType::F32 | ComponentType::I8 | ComponentType::I16)
        {
            return Err(fault(place, "is no column of whole numbers"));
        }
        Ok((0..table.count).map(|r| table.whole(r)).collect())
    }

    /// An accessor's bytes, row by row without gaps.
    fn table(&self, index: Index<Accessor>, place: &str) -> Result<Table, Fault> {
        let a = self.accessor(index, place)?;
        let at = format!("accessors[{}]", index.value());
        let (Checked::Valid(kind), Checked::Valid(shape)) = (a.component_type, a.type_) else {
            return Err(fault(at, "has a type that glTF does not know"));
        };
        let columns = match shape {
            Type::Scalar => 1,
            Type::Vec2 => 2,
            Type::Vec3 => 3,
            Type::Vec4 => 4,
            _ => return Err(fault(at, "is of matrices, expected numbers or vectors")),
        };
        let kind = kind.0;
        let row = columns * kind.size();
        let long = || {
            fault(format!("{at}.count"), format!("is {}, more than there is room for", a.count.0))
        };
        let count = usize::try_from(a.count.0).map_err(|_| long())?;
        let bytes = match a.buffer_view {
            Some(v) => {
                let (view, stride) = self.view(v.value(), a.byte_offset.map_or(0, |o| o.0))?;
                packed(view, stride.unwrap_or(row), row, count).ok_or_else(long)?
            }
            // Zeros, as many as a file of this size may well ask for.
            None => {
                let have: usize = self.buffers.iter().map(|b| b.len()).sum();
                let length = count.checked_mul(row).filter(|n| *n <= 16 * have).ok_or_else(long)?;
                vec![0; length]
            }
        };
        let mut table = Table { bytes, kind, columns, count, normalized: a.normalized };
        if let Some(s) = &a.sparse {
            let at = format!("{at}.sparse");
            let long = || {
                fault(
                    format!("{at}.count"),
                    format!("is {}, more than there is room for", s.count.0),
                )
            };
            let n = usize::try_from(s.count.0).ok().filter(|n| *n <= count).ok_or_else(long)?;
            let Checked::Valid(which) = s.indices.component_type else {
                return Err(fault(format!("{at}.indices"), "has a type that glTF does not know"));
            };
            let which = which.0;
            let (view, _) = self.view(s.indices.buffer_view.value(), s.indices.byte_offset.0)?;
            let rows = packed(view, which.size(), which.size(), n).ok_or_else(long)?;
            let rows = Table { bytes: rows, kind: which, columns: 1, count: n, normalized: false };
            let (view, _) = self.view(s.values.buffer_view.value(), s.values.byte_offset.0)?;
            let values = packed(view, row, row, n).ok_or_else(long)?;
            for (k, value) in values.chunks_exact(row).enumerate() {
                let r = rows.whole(k) as usize;
                let slot = r.checked_mul(row).and_then(|b| table.bytes.get_mut(b..b + row));
                match slot {
                    Some(slot) => slot.copy_from_slice(value),
                    None => {
                        return Err(fault(
                            format!("{at}.indices"),
                            format!("names row {r} of {count}"),
                        ));
                    }
                }
            }
        }
        Ok(table)
    }
}

/// Rows without the gaps between them; `None` where they do not fit.
fn packed(view: &[u8], stride: usize, row: usize, count: usize) -> Option<Vec<u8>> {
    if count == 0 {
        return Some(Vec::new());
    }
    if stride < row {
        return None;
    }
    let need = (count - 1).checked_mul(stride)?.checked_add(row)?;
    let view = view.get(..need)?;
    if stride == row {
        return Some(view.to_vec());
    }
    let mut out = Vec::with_capacity(count * row);
    for r in 0..count {
        out.extend_from_slice(&view[r * stride..r * stride + row]);
    }
    Some(out)
}

/// Numbers as a file has them.
struct Table {
    bytes: Vec<u8>,
    kind: ComponentType,
    columns: usize,
    count: usize,
    normalized: bool,
}

impl Table {
    fn at<const N: usize>(&self, i: usize) -> [u8; N] {
        let mut out = [0; N];
        out.copy_from_slice(&self.bytes[i * N..i * N + N]);
        out
    }

    fn whole(&self, i: usize) -> u32 {
        match self.kind {
            ComponentType::U8 | ComponentType::I8 => u32::from(self.at::<1>(i)[0]),
            ComponentType::U16 | ComponentType::I16 => u32::from(u16::from_le_bytes(self.at(i))),
            _ => u32::from_le_bytes(self.at(i)),
        }
    }

    fn number(&self, row: usize, column: usize) -> f32 {
        let i = row * self.columns + column;
        let part = |x: f32, most: f32| if self.normalized { (x / most).max(-1.0) } else { x };
        match self.kind {
            ComponentType::I8 => part(f32::from(i8::from_le_bytes(self.at(i))), 127.0),
            ComponentType::U8 => part(f32::from(self.at::<1>(i)[0]), 255.0),
            ComponentType::I16 => part(f32::from(i16::from_le_bytes(self.at(i))), 32767.0),
            ComponentType::U16 => part(f32::from(u16::from_le_bytes(self.at(i))), 65535.0),
            ComponentType::U32 => u32::from_le_bytes(self.at(i)) as f32,
            ComponentType::F32 => f32::from_le_bytes(self.at(i)),
        }
    }
}

/// The bytes of a `data:` URI, or of a file beside the document.
fn resource(uri: &str, fetch: Fetch<'_>) -> Result<Vec<u8>, String> {
    let Some(rest) = uri.strip_prefix("data:") else {
        return fetch(&unescaped(uri).ok_or("has a name that is not UTF-8")?);
    };
    let (head, body) = rest.split_once(',').ok_or("has a `data:` URI without data")?;
    if !head.ends_with(";base64") {
        return Err("has a `data:` URI that is not base64".into());
    }
    let engine = base64::engine::general_purpose::STANDARD;
    engine.decode(body).map_err(|e| format!("has damaged base64: {e}"))
}

/// A URI's path with its percent escapes taken out.
fn unescaped(uri: &str) -> Option<String> {
    let (mut out, b) = (Vec::with_capacity(uri.len()), uri.as_bytes());
    let mut i = 0;
    while i < b.len() {
        let hex = |k: usize| char::from(*b.get(i + k)?).to_digit(16);
        match (b[i], hex(1), hex(2)) {
            (b'%', Some(h), Some(l)) => {
                out.push((16 * h + l) as u8);
                i += 3;
            }
            (c, ..) => {
                out.push(c);
                i += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unescaped() {
        assert_eq!(unescaped("a%20b/%C3%A4.bin").as_deref(), Some("a b/ä.bin"));
        assert_eq!(unescaped("100%.bin").as_deref(), Some("100%.bin"));
        assert_eq!(unescaped("%ff"), None);
    }

    #[test]
    fn rows_are_packed_within_the_view() {
        let view: Vec<u8> = (0..20).collect();
        assert_eq!(packed(&view, 8, 3, 3).unwrap(), [0, 1, 2, 8, 9, 10, 16, 17, 18]);
        assert_eq!(packed(&view, 8, 4, 3).unwrap().len(), 12);
        for (stride, row, count) in [(8, 5, 3), (0, 4, 2), (4, 4, 6), (usize::MAX, 4, usize::MAX)] {
            assert_eq!(packed(&view, stride, row, count), None);
        }
    }
}
