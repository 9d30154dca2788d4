//! Writing and checking files in hashed chunks.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use crate::layout::{CHUNK_BYTES, FileEntry};
use crate::{StoreError, steps};

/// A file being written, hashed chunk by chunk.
pub(crate) struct ChunkWriter {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    in_chunk: u64,
    bytes: u64,
    chunks: Vec<String>,
}

impl ChunkWriter {
    pub(crate) fn create(path: &Path) -> io::Result<ChunkWriter> {
        steps::before("create a file");
        Ok(ChunkWriter {
            file: BufWriter::with_capacity(1 << 18, File::create_new(path)?),
            hasher: blake3::Hasher::new(),
            in_chunk: 0,
            bytes: 0,
            chunks: Vec::new(),
        })
    }

    pub(crate) fn write(&mut self, mut data: &[u8]) -> io::Result<()> {
        while !data.is_empty() {
            let n = data.len().min((CHUNK_BYTES - self.in_chunk) as usize);
            let (now, rest) = data.split_at(n);
            steps::before("write");
            self.file.write_all(now)?;
            self.hasher.update(now);
            self.in_chunk += n as u64;
            self.bytes += n as u64;
            if self.in_chunk == CHUNK_BYTES {
                self.end_chunk();
            }
            data = rest;
        }
        Ok(())
    }

    fn end_chunk(&mut self) {
        self.chunks.push(self.hasher.finalize().to_hex().to_string());
        self.hasher.reset();
        self.in_chunk = 0;
    }

    /// Flushes to the disk and describes the file under `name`.
    pub(crate) fn finish(mut self, name: &str) -> io::Result<FileEntry> {
        if self.in_chunk > 0 {
            self.end_chunk();
        }
        steps::before("write the rest");
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        steps::before("flush a file");
        file.sync_all()?;
        Ok(FileEntry { file: name.to_owned(), bytes: self.bytes, chunks: self.chunks })
    }
}

/// Calls `bad` with the index of every chunk of `entry` that does not hash to what is recorded.
pub(crate) fn check(
    path: &Path,
    entry: &FileEntry,
    mut bad: impl FnMut(u64),
) -> Result<(), StoreError> {
    let mut file = File::open(path).map_err(StoreError::io(path, "open"))?;
    let mut buffer = Vec::with_capacity(entry.bytes.min(CHUNK_BYTES) as usize);
    for (i, expected) in entry.chunks.iter().enumerate() {
        buffer.clear();
        (&mut file)
            .take(CHUNK_BYTES)
            .read_to_end(&mut buffer)
            .map_err(StoreError::io(path, "read"))?;
        if blake3::hash(&buffer).to_hex().as_str() != expected.as_str() {
            bad(i as u64);
        }
    }
    Ok(())
}
