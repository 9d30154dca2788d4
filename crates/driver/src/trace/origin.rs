//! What a value came from: sets of instances, photos and operations.

use std::rc::Rc;

/// A set of small numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Bits(Vec<u64>);

impl Bits {
    fn add(&mut self, n: usize) {
        if self.0.len() <= n / 64 {
            self.0.resize(n / 64 + 1, 0);
        }
        self.0[n / 64] |= 1 << (n % 64);
    }

    fn has(&self, other: &Bits) -> bool {
        other.0.iter().enumerate().all(|(i, w)| w & !self.0.get(i).copied().unwrap_or(0) == 0)
    }

    fn join(&mut self, other: &Bits) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a |= b;
        }
    }

    fn list(&self) -> Vec<u32> {
        let words = self.0.iter().enumerate();
        words
            .flat_map(|(i, w)| {
                (0..64).filter(move |b| w >> b & 1 == 1).map(move |b| (i * 64 + b) as u32)
            })
            .collect()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sets {
    instances: Bits,
    photos: Bits,
    operations: Bits,
}

/// Where a value came from. Shared: most values add nothing to what they are made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin(Option<Rc<Sets>>);

impl Origin {
    /// Both.
    pub fn and(&self, other: &Origin) -> Origin {
        match (&self.0, &other.0) {
            (_, None) => self.clone(),
            (None, _) => other.clone(),
            (Some(a), Some(b)) if Rc::ptr_eq(a, b) || a.has(b) => self.clone(),
            (Some(a), Some(b)) if b.has(a) => other.clone(),
            (Some(a), Some(b)) => {
                let mut sets = (**a).clone();
                sets.instances.join(&b.instances);
                sets.photos.join(&b.photos);
                sets.operations.join(&b.operations);
                Origin(Some(Rc::new(sets)))
            }
        }
    }

    /// All.
    pub fn all<'o>(origins: impl IntoIterator<Item = &'o Origin>) -> Origin {
        origins.into_iter().fold(Origin::default(), |a, b| a.and(b))
    }

    fn with(&self, change: impl FnOnce(&mut Sets)) -> Origin {
        let mut sets = self.0.as_deref().cloned().unwrap_or_default();
        change(&mut sets);
        Origin(Some(Rc::new(sets)))
    }

    /// With instances, by id.
    pub fn instances(&self, ids: &[u32]) -> Origin {
        self.with(|s| ids.iter().for_each(|i| s.instances.add(*i as usize)))
    }

    /// With a photo, by number.
    pub fn photo(&self, number: u32) -> Origin {
        self.with(|s| s.photos.add(number as usize))
    }

    /// With an operation, by its place in the recorder's list.
    pub fn operation(&self, index: usize) -> Origin {
        self.with(|s| s.operations.add(index))
    }

    /// Instances, photos and operations, ascending.
    pub fn lists(&self) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
        match &self.0 {
            None => Default::default(),
            Some(s) => (s.instances.list(), s.photos.list(), s.operations.list()),
        }
    }
}

impl Sets {
    fn has(&self, other: &Sets) -> bool {
        self.instances.has(&other.instances)
            && self.photos.has(&other.photos)
            && self.operations.has(&other.operations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_join() {
        let a = Origin::default().instances(&[3, 200]).operation(1);
        let b = Origin::default().photo(2).instances(&[3]);
        let both = a.and(&b);
        assert_eq!(both.lists(), (vec![3, 200], vec![2], vec![1]));
        assert_eq!(both.and(&a).lists(), both.lists());
        assert_eq!(Origin::all([&a, &Origin::default(), &b]).lists(), both.lists());
    }
}
