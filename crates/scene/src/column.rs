//! Columns of values that may live in memory or in a mapped file.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// An immutable, shared slice of `T`; cloning shares.
pub struct Column<T> {
    data: Arc<dyn AsRef<[T]> + Send + Sync>,
}

impl<T> Column<T> {
    /// A column over anything that lends a slice (a `Vec`, a mapped tensor).
    pub fn new(data: impl AsRef<[T]> + Send + Sync + 'static) -> Self {
        Self { data: Arc::new(data) }
    }
}

impl<T> Deref for Column<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        (*self.data).as_ref()
    }
}

impl<T> Clone for Column<T> {
    fn clone(&self) -> Self {
        Self { data: Arc::clone(&self.data) }
    }
}

impl<T: Send + Sync + 'static> Default for Column<T> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl<T: Send + Sync + 'static> From<Vec<T>> for Column<T> {
    fn from(v: Vec<T>) -> Self {
        Self::new(v)
    }
}

impl<T> fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Column({} rows)", self.len())
    }
}
