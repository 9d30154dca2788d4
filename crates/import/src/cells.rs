//! Cells of a grid, numbered as they are met.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// Numbers for keys, from 0 in the order in which they are first met. Neighbours in a cloud often share a cell, so
/// the last one is looked at first.
pub(crate) struct Cells<K> {
    numbers: FxHashMap<K, u32>,
    keys: Vec<K>,
    last: Option<(K, u32)>,
}

impl<K: Copy + Eq + Hash + Ord> Cells<K> {
    pub(crate) fn new() -> Cells<K> {
        Cells { numbers: FxHashMap::default(), keys: Vec::new(), last: None }
    }

    /// The number of a key, and whether it is new.
    pub(crate) fn number(&mut self, key: K) -> (usize, bool) {
        if let Some((k, n)) = self.last
            && k == key
        {
            return (n as usize, false);
        }
        let next = self.keys.len() as u32;
        let n = *self.numbers.entry(key).or_insert(next);
        self.last = Some((key, n));
        if n == next {
            self.keys.push(key);
        }
        (n as usize, n == next)
    }

    /// The keys by number.
    pub(crate) fn keys(&self) -> &[K] {
        &self.keys
    }

    /// Numbers in ascending order of their keys.
    pub(crate) fn ascending(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.keys.len()).collect();
        order.sort_unstable_by_key(|i| self.keys[*i]);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_numbered_as_they_come() {
        let mut c = Cells::new();
        let met: Vec<_> = [7, 7, 3, 7, 9, 3].iter().map(|k| c.number(*k)).collect();
        assert_eq!(met, [(0, true), (0, false), (1, true), (0, false), (2, true), (1, false)]);
        assert_eq!((c.keys(), c.ascending()), (&[7, 3, 9][..], vec![1, 0, 2]));
    }
}
