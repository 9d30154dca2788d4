//! The only unsafe code of the crate: mapping a file.
//!
//! **The memory-map invariant.** A stored memory's files are never truncated or rewritten in place; a
//! memory is replaced by writing a new directory under a temporary name and renaming it. So a mapping
//! keeps the length and content it was checked with; the old files live on, unnamed, while mapped.

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::ops::{Deref, Range};
use std::sync::Arc;

use bytemuck::Pod;

/// A read-only mapping of a whole file.
#[derive(Debug)]
pub(crate) struct Mapping(memmap2::Mmap);

impl Mapping {
    pub(crate) fn new(file: &File) -> io::Result<Mapping> {
        // SAFETY: the memory-map invariant (spec/memory-format.md): nothing truncates or rewrites the
        // files of a stored memory in place, so the mapped bytes stay valid and unchanged while mapped.
        let map = unsafe { memmap2::Mmap::map(file)? };
        Ok(Mapping(map))
    }
}

impl Deref for Mapping {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// A tensor inside a mapping, as a slice of `T`.
pub(crate) struct MappedColumn<T> {
    map: Arc<Mapping>,
    bytes: Range<usize>,
    row: PhantomData<fn() -> T>,
}

impl<T: Pod> MappedColumn<T> {
    /// `None` where the range is outside the mapping, misaligned for `T`, or not a whole number of rows.
    pub(crate) fn new(map: &Arc<Mapping>, bytes: Range<usize>) -> Option<Self> {
        let slice = map.get(bytes.clone())?;
        if !slice.is_empty() {
            bytemuck::try_cast_slice::<u8, T>(slice).ok()?;
        }
        Some(Self { map: Arc::clone(map), bytes, row: PhantomData })
    }
}

impl<T: Pod> AsRef<[T]> for MappedColumn<T> {
    fn as_ref(&self) -> &[T] {
        // Both were checked by `new`; an empty column has no alignment to speak of.
        match self.map.get(self.bytes.clone()) {
            Some(slice) if !slice.is_empty() => bytemuck::try_cast_slice(slice).unwrap_or_default(),
            _ => &[],
        }
    }
}
